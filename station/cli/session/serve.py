"""`station serve`: a station without screen and reader."""

from __future__ import annotations

import signal
import threading

import click

from station.base import logs
from station.base.words import station_session, tell
from station.cli.shared.app import App, data_option, pass_app
from station.cli.shared.interrupt import stoppable
from station.runtime.data_directory import LOG
from station.runtime.lock import hold

_LOOK_S = 0.2


@click.command()
@data_option
@pass_app
def serve(app: App) -> None:
    """Run the station without screen and reader until Ctrl-C: it holds the data directory, sends deliveries, and does
    what commands and the office ask for. Only one process can hold a data directory; a second one is refused."""
    from station.runtime.serving import serving
    from station.runtime.station import Station

    settings = app.settings()
    with stoppable(signal.SIGTERM) as stopped, hold(app.data, app.clock) as held:
        logs.configure(app.data / LOG)
        station = Station(settings, app.data, station_session(), has_reader=False)
        station.start()
        try:
            asked = threading.Event()
            server = serving(held, station, asked.set, settings)
            server.start()
            try:
                app.note(tell("serve.runs", data=str(app.data)))
                while not stopped() and not asked.wait(_LOOK_S):
                    pass
            finally:
                server.stop()
        finally:
            station.stop()
