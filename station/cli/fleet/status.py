"""`station fleet status`."""

from __future__ import annotations

from contextlib import closing

import click
import msgspec

from station.base.cells import table
from station.base.errors import SettingsError
from station.base.extras import extra
from station.base.sentence import Sentence
from station.base.words import tell
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.fleet.link import unsent
from station.runtime.data_directory import JOURNAL

_HEADINGS = (
    "bench",
    "name",
    "site",
    "state",
    "last batch",
    "journal",
    "events",
    "lost",
    "quarantine",
    "in tables",
    "refused",
)


@click.command()
@data_option
@json_option
@pass_app
def status(app: App) -> None:
    """Show what the center has of each bench, or at a bench what the center has not yet."""
    fleet = app.settings().fleet
    if fleet.database:
        _center(app, fleet.database)
    elif fleet.center:
        left = unsent(app.data / JOURNAL)
        since = f", the oldest of {left.oldest}" if left.oldest else ""
        app.report(left, [f"Events that the center has not acknowledged: {left.count}{since}."])
    else:
        raise SettingsError(Sentence("fleet.no-center"))


def _center(app: App, database: str) -> None:
    with extra("fleet"):
        from station.store.postgres.benches import benches
        from station.store.postgres.connection import connect
        from station.store.postgres.viewed import Center

    with connect(database) as connection, closing(Center(database)) as center:
        known = benches(connection)
        states = {bench.id: bench.state for bench in center.standings(None, [bench.bench for bench in known])}
    rows = [
        (
            *(bench.bench, bench.name, bench.site, tell(f"fleet.bench.{states[bench.bench]}")),
            *(bench.seen or "none", bench.journal),
            *(str(bench.events), str(bench.lost), str(bench.quarantine), str(bench.projected)),
            str(bench.refused),
        )
        for bench in known
    ]
    stopped = [
        f"Event {bench.stopped} of {bench.bench} stopped the tables of this bench: {bench.why}"
        for bench in known
        if bench.stopped
    ]
    value = [{**msgspec.structs.asdict(bench), "state": states[bench.bench]} for bench in known]
    app.report(value, [*table([_HEADINGS, *rows]), *stopped])
