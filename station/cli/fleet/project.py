"""`station fleet project`."""

from __future__ import annotations

import signal
import time
from contextlib import suppress

import click

from station.base import logs
from station.base.errors import StoreReadOnly
from station.base.extras import extra
from station.cli.fleet.center import center_settings
from station.cli.shared.app import App, data_option, pass_app
from station.cli.shared.interrupt import stoppable
from station.runtime.data_directory import LOG

_LOOK_S = 1.0


@click.command()
@data_option
@pass_app
def project(app: App) -> None:
    """Make the tables of each bench from the copies of its events until Ctrl-C. One process works at a time; another one
    waits for its end. It goes on where the last one ended."""
    with extra("fleet"):
        from station.fleet.projector import PROJECTOR, Projector
        from station.store.postgres.connection import connect

    database = center_settings(app).database
    with suppress(StoreReadOnly):
        logs.configure(app.data / LOG)
    with stoppable(signal.SIGTERM) as stopped, connect(f"{database} user={PROJECTOR}") as connection:
        projector = Projector(connection)
        if not projector.is_alone():
            app.note("Another process makes the tables. This one waits for its end.")
            while not projector.is_alone() and not stopped():
                time.sleep(_LOOK_S)
        app.note("The tables follow the copies. Ctrl-C ends it.")
        while not stopped():
            if not projector.run(stopped):
                time.sleep(_LOOK_S)
