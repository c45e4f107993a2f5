"""`station run`: the station with its screens."""

from __future__ import annotations

import contextlib

import click
import msgspec

from station.base import logs, words
from station.base.settings import Settings
from station.base.words import station_session
from station.cli.shared.app import App, data_option, pass_app
from station.runtime.data_directory import LOG, SETTINGS_NAME
from station.runtime.lock import hold


@click.command()
@data_option
@click.option(
    "--safe",
    is_flag=True,
    help="Only look: no tag is written, no item judged, nothing sent; the site's own files are left out.",
)
@pass_app
def run(app: App, safe: bool) -> None:
    """Open the station at this bench. Only one process can hold a data directory; a second one is refused."""
    from station.cli.session.screens import show
    from station.runtime.station import Station

    settings = _safe(app) if safe else app.settings()
    with hold(app.data, app.clock) as held:
        logs.configure(app.data / LOG)
        station = Station(settings, app.data, station_session(), only_looks=safe)
        station.start()
        try:
            show(held, station, settings)
        finally:
            station.stop("the screen was closed")


def _safe(app: App) -> Settings:
    """Return the safe settings of station.toml, and speak without the site's message catalogs: English if its language
    is not shipped. The title line says that the station only looks. Raises `SettingsError`."""
    from station.base import settings as settings_module
    from station.runtime.only_looks import safe_settings

    settings = safe_settings(settings_module.load(app.data / SETTINGS_NAME))
    words.use()
    with contextlib.suppress(words.WordsError):
        words.use(settings.screen.language)
    library = msgspec.structs.replace(settings.library, name=words.tell("control.only-looks"))
    return msgspec.structs.replace(settings, library=library)
