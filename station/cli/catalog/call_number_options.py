"""What the library does its own way with call numbers, for commands that also run without settings."""

from __future__ import annotations

from station.catalog.callnumber import STANDARD, Options
from station.catalog.callnumber.settings import options
from station.cli.shared.app import SETTINGS_NAME, App


def site_ways(app: App) -> Options:
    """`catalog.numbers` of the data directory; without settings what is usual. Raises `SettingsError` for settings that are
    wrong."""
    if not (app.data / SETTINGS_NAME).exists():
        return STANDARD
    return options(app.settings().catalog.numbers)
