"""`station reader scan`: who is at which port, and the settings for it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
import msgspec

from station.cli.app import NOT_GOOD, SETTINGS_NAME, App, data_option, json_option, pass_app, table
from station.cli.init import replace_file
from station.cli.settings_file import changed
from station.drivers.discovery import Found, Outcome, in_order, scan
from station.drivers.lines import REPLAY
from station.drivers.transport import serial_ports
from station.errors import StoreReadOnly
from station.settings import Reader

REMEMBERED: Final = "reader-found.json"
"""The port where a scan last found a reader, in the data directory."""


class _Last(msgspec.Struct, frozen=True):
    port: str = ""


@click.command(name="scan")
@data_option
@json_option
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@click.option("--write", is_flag=True, help="Write the reader that was found into station.toml; asks first.")
@click.option("--yes", is_flag=True, help="With --write: do not ask.")
@pass_app
def scan_ports(app: App, ports: tuple[str, ...], write: bool, yes: bool) -> int:
    """Look for readers at PORT, or at every serial port, and name what answers. Exit code 1 if none does.

    Only questions that read are asked: version and kind of reader, at each speed that it can be set to. Ports that are in
    use are left alone. With --write driver, port, speed and parity go into station.toml, all else in it stays.
    """
    known = _settings(app)
    usual = "" if "CHANGE-ME" in known.port or known.port.startswith(REPLAY) else known.port
    listed = tuple(port for port in serial_ports() if not ports or {port.name, port.device} & set(ports))
    before = ports or (usual, _remembered(app))
    found = scan(in_order(listed, before), known, app.clock)
    readers = [one for one in found if one.outcome is Outcome.READER]
    if readers and app.data.is_dir():
        _remember(app, readers[0].port)
    if not write:
        app.report({"ports": found}, _lines(found))
        if len(readers) == 1:
            app.note(f"To use it: station reader scan --write {readers[0].port}")
        return 0 if readers else NOT_GOOD
    written = _write(app, readers, _lines(found), yes=yes)
    app.report({"ports": found, "written": written}, ())
    return 0 if written else NOT_GOOD


def _settings(app: App) -> Reader:
    """Those of station.toml, or the defaults where there is none yet."""
    return app.settings().reader if (app.data / SETTINGS_NAME).exists() else Reader()


def _lines(found: tuple[Found, ...]) -> list[str]:
    if not found:
        return ["There is no serial port. Is the reader plugged in?"]
    rows = [[one.port, one.words, one.usb] for one in found]
    detailed = [f"  {one.port} {detail}" for one in found for detail in one.details]
    return [*table(rows), *detailed]


def _write(app: App, readers: list[Found], lines: list[str], *, yes: bool) -> bool:
    for line in lines:
        app.note(line)
    if len(readers) != 1:
        app.note("Nothing was written: " + ("name the PORT that is meant." if readers else "no reader was found."))
        return False
    reader = readers[0]
    path = app.data / SETTINGS_NAME
    settings = app.settings()
    values = {"driver": reader.driver, "port": reader.port, "baud": reader.baud, "parity": reader.parity}
    text = changed(path.read_text(encoding="utf-8"), settings, "reader", values)
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("nobody can be asked here: add --yes")
        app.note("; ".join(f"reader.{name} = {value}" for name, value in values.items()))
        if not click.confirm(f"Write this into {path}?", err=True):
            app.note("Nothing was written.")
            return False
    try:
        replace_file(path, text)
    except OSError as error:
        raise StoreReadOnly(f"{path}: {error}") from error
    app.note(f"Written into {path}. A station that runs takes it at its next start.")
    return True


def _remembered(app: App) -> str:
    try:
        return msgspec.json.decode((app.data / REMEMBERED).read_bytes(), type=_Last).port
    except (OSError, msgspec.MsgspecError):
        return ""


def _remember(app: App, port: str) -> None:
    try:
        replace_file(Path(app.data / REMEMBERED), msgspec.json.encode(_Last(port)).decode())
    except OSError as error:
        app.note(f"The port could not be remembered: {error}")
