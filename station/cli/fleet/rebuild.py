"""`station fleet rebuild`."""

from __future__ import annotations

import click

from station.base.extras import extra
from station.cli.fleet.center import center_settings
from station.cli.shared.app import App, data_option, json_option, pass_app


@click.command()
@data_option
@json_option
@click.option("--bench", metavar="ID", help="Only the tables of this bench, and not the ledger.")
@pass_app
def rebuild(app: App, bench: str | None) -> None:
    """Make the tables of a bench, or all tables and the ledger, again from the copies of the events. `station fleet
    project` does so, and may run meanwhile; until it is done, the pages show a part."""
    with extra("fleet"):
        from station.store.postgres.benches import rebuild as make_again
        from station.store.postgres.connection import connect

    with connect(center_settings(app).database) as connection:
        make_again(connection, bench)
    app.report({"bench": bench}, ["station fleet project makes the tables again. How far it is: station fleet status"])
