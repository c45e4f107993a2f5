"""`station init`: create the data directory with a commented station.toml."""

from __future__ import annotations

import re
import sys

import click
import stdnum.isil
from stdnum.exceptions import ValidationError

from station.base.errors import SettingsError, StoreReadOnly
from station.base.files import replace_own
from station.base.settings import parse
from station.cli.admin.settings_file import template
from station.cli.shared.app import App, data_option, json_option, pass_app, prompt
from station.runtime.data_directory import SETTINGS_NAME
from station.web.origins import Origins

_ISIL = re.compile(r"[A-Za-z0-9]{1,4}-[A-Za-z0-9:/-]{1,11}")
"""ISO 15511: a prefix of one to four characters, a hyphen, at most 11 letters, digits, hyphens, colons and slashes."""


@click.command()
@data_option
@json_option
@click.option("--isil", help="The library's ISIL, e.g. US-TxDa; asked for if missing. It may be set later.")
@click.option("--name", help="The library's name; asked for if missing.")
@click.option(
    "--alma",
    "origin",
    metavar="ORIGIN",
    help="Where your Alma is in the browser, e.g. https://example.alma.exlibrisgroup.com: only its page may then use "
    "the pad. Asked for if missing.",
)
@click.option("--force", is_flag=True, help="Replace an existing station.toml.")
@pass_app
def init(app: App, isil: str | None, name: str | None, origin: str | None, force: bool) -> None:
    """Create the data directory, and write a commented station.toml."""
    path = app.data / SETTINGS_NAME
    if path.exists() and not force:
        raise SettingsError(f"{path} already exists; change it with an editor, or replace it with --force")
    if isil is None:
        isil = _ask(app, "ISIL of the library (empty = set it later)")
    if name is None:
        name = _ask(app, "Name of the library")
    if origin is None:
        origin = _ask(app, "Alma's address in the browser, as https://example.alma.exlibrisgroup.com (empty = no Alma)")
    warning = judge_isil(isil)
    values: dict[str, object] = {"library.isil": isil, "library.name": name}
    if origin:
        Origins((origin,))  # raises an error for a text that is not an origin
        values["web.origins"] = (origin,)
    text = template(**values)
    parse(text, str(path))
    try:
        app.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_own(path, text.encode(), sync=True)
    except OSError as error:
        raise StoreReadOnly(f"{path}: {error}") from error
    if warning:
        app.note(f"Warning: {warning}")
    app.report({"settings": str(path), "isil": isil, "warning": warning}, [str(path)])
    app.note("Next: set reader.port in it, import a catalog (station catalog import FILE), then: station doctor")


def _ask(app: App, question: str) -> str:
    if app.json or not sys.stdin.isatty():
        return ""
    return prompt(question, empty=True)


def judge_isil(isil: str) -> str:
    """Return a warning for a doubtful ISIL, "" for a good one. Raises `SettingsError` for text that is not an ISIL."""
    if not isil:
        return "no ISIL yet: library.isil must be set before the first tag is written"
    if not _ISIL.fullmatch(isil):
        raise SettingsError(
            f"library.isil: {isil!r} is not an ISIL (ISO 15511: a prefix, a hyphen, 1 to 11 characters)"
        )
    try:
        stdnum.isil.validate(isil)
    except ValidationError:
        prefix = isil.partition("-")[0]
        return f"{prefix!r} is not a known country or agency; look up the ISIL before tags are written"
    return ""
