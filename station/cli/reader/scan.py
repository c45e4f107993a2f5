"""`station reader scan`: which reader is at which port, and the settings for it."""

from __future__ import annotations

import sys
from typing import Final

import click
import msgspec

from station.base.cells import table
from station.base.errors import StoreReadOnly
from station.base.files import replace_own
from station.base.settings import Reader, Settings, parse
from station.base.words import tell
from station.cli.admin.settings_file import changed
from station.cli.reader.slow_search import search_slowly
from station.cli.shared.app import NOT_GOOD, App, confirm, data_option, json_option, pass_app
from station.drivers.line.opening import REPLAY
from station.drivers.line.serial import serial_ports
from station.drivers.search.discovery import Found, Outcome, in_order, scan, unanswered
from station.runtime.data_directory import SETTINGS_NAME

BADGES: Final = "nfcpy"
"""Driver of readers that read badges, but no library labels."""

REMEMBERED: Final = "reader-found.json"
"""File in the data directory with the port where a scan last found a reader."""


class _Last(msgspec.Struct, frozen=True):
    port: str = ""


@click.command(name="scan")
@data_option
@json_option
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@click.option(
    "--patient",
    "always",
    is_flag=True,
    help="Ask silent ports again, with a longer timeout, even if a reader was found.",
)
@click.option("--write", is_flag=True, help="Write the reader that was found to station.toml; asks first.")
@click.option("--yes", is_flag=True, help="With --write: do not ask.")
@pass_app
def scan_ports(app: App, ports: tuple[str, ...], always: bool, write: bool, yes: bool) -> int:
    """Look for readers at PORT, or at every serial port and every host of reader.hosts, and show what answers. Exit
    code 1 if none does. A PORT "tcp://HOST:PORT" is a reader in the network.

    Only requests that read are sent: version and type of reader, at each speed that it can be set to. Ports that are in
    use are left alone. If no reader answers, silent ports are asked again with a timeout of one second per answer. This
    takes about fifteen seconds, with progress; Ctrl-C ends it, and nothing is written then.

    With --write, driver, port, speed and parity are written to station.toml ([badge] for a reader of badges); all else
    in it stays.
    """
    known = _settings(app)
    unset = "CHANGE-ME" in known.port  # not for people
    usual = "" if unset or known.port.startswith(REPLAY) else known.port
    listed = tuple(port for port in serial_ports() if not ports or {port.name, port.device} & set(ports))
    before = ports or (usual, _remembered(app), *known.hosts)
    results = scan(in_order(listed, before), known, app.clock)
    stopped = False
    if unanswered(results) and (always or not _readers(results)):
        results, stopped = search_slowly(app, results, known)
    readers = _readers(results)
    if readers and app.data.is_dir():
        _remember(app, readers[0].port)
    if stopped:
        app.report({"ports": results}, _lines(results))
        return NOT_GOOD
    if not write:
        app.report({"ports": results}, _lines(results))
        if len(readers) == 1:
            app.note(tell("reader.use", port=readers[0].port))
        return 0 if readers else NOT_GOOD
    written = _write(app, readers, _lines(results), yes=yes)
    app.report({"ports": results, "written": written}, ())
    return 0 if written else NOT_GOOD


def _readers(results: tuple[Found, ...]) -> list[Found]:
    return [result for result in results if result.outcome is Outcome.READER]


def _settings(app: App) -> Reader:
    """Return the reader settings of station.toml; the defaults if there is no such file yet."""
    return app.settings().reader if (app.data / SETTINGS_NAME).exists() else Reader()


def _lines(results: tuple[Found, ...]) -> list[str]:
    if not results:
        return [tell("reader.no-port")]
    rows = [[result.port, tell(result.sentence), result.usb] for result in results]
    detailed = [f"  {result.port} {tell(detail)}" for result in results for detail in result.details]
    return [*table(rows), *detailed]


def _write(app: App, readers: list[Found], lines: list[str], *, yes: bool) -> bool:
    """Write a reader of labels to [reader], one of badges to [badge]. Return True if station.toml was written."""
    for line in lines:
        app.note(line)
    badges = [reader for reader in readers if reader.driver == BADGES]
    labels = [reader for reader in readers if reader.driver != BADGES]
    if not readers or len(labels) > 1 or len(badges) > 1:
        app.note(tell("reader.which" if readers else "reader.none"))
        return False
    path = app.data / SETTINGS_NAME
    settings = app.settings()
    text = path.read_text(encoding="utf-8")
    changes = []
    for section, values in [*_label_values(labels, settings), *_badge_values(badges)]:
        text = changed(text, settings, section, values)
        settings = parse(text)
        changes += [f"{section}.{name} = {value}" for name, value in values.items()]
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("no one can be asked here: add --yes")
        app.note("; ".join(changes))
        if not confirm(tell("reader.write", path=path)):
            app.note(tell("reader.nothing-written"))
            return False
    try:
        replace_own(path, text.encode(), sync=True)
    except OSError as error:
        raise StoreReadOnly(f"{path}: {error}") from error
    app.note(tell("reader.written", path=path))
    return True


def _label_values(readers: list[Found], settings: Settings) -> list[tuple[str, dict[str, object]]]:
    sections: list[tuple[str, dict[str, object]]] = []
    for reader in readers:
        values: dict[str, object] = {"driver": reader.driver, "port": reader.port}
        if not reader.in_network:
            values |= {"baud": reader.baud, "parity": reader.parity}
        if reader.frames == "advanced" or settings.reader.frames != "auto":
            values |= {"frames": reader.frames or "auto"}
        sections.append(("reader", values))
    return sections


def _badge_values(readers: list[Found]) -> list[tuple[str, dict[str, object]]]:
    return [("badge", {"port": reader.port}) for reader in readers]


def _remembered(app: App) -> str:
    try:
        return msgspec.json.decode((app.data / REMEMBERED).read_bytes(), type=_Last).port
    except (OSError, msgspec.MsgspecError):
        return ""


def _remember(app: App, port: str) -> None:
    try:
        replace_own(app.data / REMEMBERED, msgspec.json.encode(_Last(port)), sync=True)
    except OSError as error:
        app.note(tell("reader.not-remembered", why=error))
