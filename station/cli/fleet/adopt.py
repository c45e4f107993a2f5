"""`station fleet adopt`."""

from __future__ import annotations

from contextlib import closing

import click

from station.cli.fleet.bench import center_of, joined
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.fleet.link import acknowledged_file
from station.runtime.data_directory import JOURNAL
from station.store.database.database import open_reader
from station.store.journal import tail


@click.command()
@data_option
@json_option
@click.argument("code")
@pass_app
def adopt(app: App, code: str) -> None:
    """Let the center take this machine as a bench of its own, although its journal is a copy of another's.
    First give `station journal continue --restored`. CODE: of `station fleet invite --site` at the center.

    The station then sends its whole journal under the new bench. A key of the other bench in this data directory is
    replaced.
    """
    with closing(open_reader(app.data / JOURNAL)) as sql:
        path = tail.path(sql)
    with closing(center_of(app)) as center:
        bench = joined(app, center, code, path[-1].journal, path[0].journal)
    acknowledged_file(app.data / JOURNAL).unlink(missing_ok=True)  # it is of the other bench
    app.report({"bench": bench}, [f"The center took this machine as the bench {bench}. Restart the station."])
