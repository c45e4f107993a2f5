"""`station run`: the station with its screens."""

from __future__ import annotations

import click

from station.base import logs
from station.base.words import station_session
from station.cli.shared.app import App, data_option, pass_app
from station.runtime.data_directory import LOG
from station.runtime.lock import hold


@click.command()
@data_option
@pass_app
def run(app: App) -> None:
    """Open the station at this bench. Only one process can hold a data directory; a second one is refused."""
    from station.cli.session.screens import show
    from station.runtime.station import Station

    settings = app.settings()
    with hold(app.data, app.clock) as held:
        logs.configure(app.data / LOG)
        station = Station(settings, app.data, station_session())
        station.start()
        try:
            show(held, station, settings)
        finally:
            station.stop("the screen was closed")
