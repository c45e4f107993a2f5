"""`station fleet leave`."""

from __future__ import annotations

from contextlib import closing

import click

from station.base.errors import CredentialsRefused, Unreachable
from station.base.extras import extra
from station.base.sentence import Sentence
from station.cli.fleet.bench import center_of
from station.cli.fleet.center import center_settings
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.domain.heartbeat import Move
from station.fleet.center import CREDENTIAL, Center
from station.fleet.link import Link, unsent
from station.fleet.machine import machine_digest
from station.runtime.data_directory import JOURNAL


@click.command()
@data_option
@json_option
@click.option("--bench", metavar="ID", help="At the center: end the key of this bench, because it was stolen or lost.")
@pass_app
def leave(app: App, bench: str | None) -> None:
    """Leave the center: send the rest of the journal, end this bench's key, and remove its file. The center keeps the
    copy. If the center does not accept the key any more, only the file is removed.

    With --bench, at the center: end the key of a bench at once. Its copy stays.
    """
    if bench is not None:
        with extra("fleet"):
            from station.store.postgres.benches import end_key
            from station.store.postgres.connection import connect

        with connect(center_settings(app).database) as connection:
            end_key(connection, bench)
        again = f"A new one for the same bench: station fleet invite --bench {bench}"
        app.report({"bench": bench}, [f"The key of {bench} no longer works.", again])
        return
    with closing(center_of(app)) as center:
        try:
            _end(app, center)
        except CredentialsRefused:
            app.note("The center does not accept the key of this bench.")
    (app.data / "credentials" / CREDENTIAL).unlink(missing_ok=True)
    left = unsent(app.data / JOURNAL).count
    app.report(
        {"unsent": left}, [f"This bench left. Events not sent: {left}.", "Next: remove fleet.center from station.toml."]
    )


def _end(app: App, center: Center) -> None:
    """Send the rest, and end the key. Raises `Unreachable` if the center does not take the rest."""
    center.path()  # raises what `step` only names
    link = Link(app.data / JOURNAL, center, app.clock)
    while (status := link.step()).state == "sent":
        pass
    if status.state == "current":
        heard = center.leave(Move(machine_digest(app.data / JOURNAL)))
        if heard.outcome == "taken":
            return
    raise Unreachable(Sentence("fleet.rest-not-taken", state=status.state, why=status.why))
