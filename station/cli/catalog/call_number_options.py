"""The site's rules for call numbers, for commands that also run without settings."""

from __future__ import annotations

from station.catalog.callnumber import STANDARD, Options
from station.catalog.callnumber.settings import options
from station.cli.shared.app import App
from station.runtime.data_directory import SETTINGS_NAME


def site_ways(app: App) -> Options:
    """Return `catalog.numbers` of the settings, or the defaults if there is no station.toml. Raises `SettingsError`."""
    if not (app.data / SETTINGS_NAME).exists():
        return STANDARD
    return options(app.settings().catalog.numbers)
