"""`station settings`: each setting, its default, and the line that sets it."""

from __future__ import annotations

import click

from station.base.cells import table
from station.base.errors import SettingsError
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.reports.tables.cells import texts
from station.reports.tables.settings import MEANING
from station.reports.tables.settings import changed as changed_only
from station.reports.tables.settings import settings as settings_table
from station.runtime.data_directory import SETTINGS_NAME


@click.command("settings")
@data_option
@json_option
@click.option("--changed", is_flag=True, help="Only the settings that are not at their default.")
@pass_app
def settings_command(app: App, changed: bool) -> None:
    """Show each setting: its value, its default, and the line of station.toml that sets it. Keys and passwords are no
    settings, and are never shown. --json has what each setting means."""
    values = app.settings()
    path = app.data / SETTINGS_NAME
    try:
        shown = settings_table(values, path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise SettingsError(f"{path}: {error}") from error
    if changed:
        shown = changed_only(shown)
    app.report(shown.values(), table(texts(shown.without((MEANING,)), {})))
