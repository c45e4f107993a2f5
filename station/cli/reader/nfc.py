"""`station reader badge|label`: staff badges and NTAG labels, through nfcpy."""

from __future__ import annotations

import sys
from contextlib import closing

import click
import msgspec

from station.base.extras import extra
from station.base.settings import Badge, Reader
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, confirm, data_option, json_option, pass_app
from station.drivers.registry import badge_reader, make_reader
from station.runtime.data_directory import SETTINGS_NAME

_PAUSE_S = 0.2

port_option = click.option(
    "--port",
    default="",
    help='Serial port of a PN532, "usb", "usb:VVVV:PPPP" or "udp:HOST:PORT", instead of the one in the settings.',
)


@click.command()
@data_option
@json_option
@port_option
@click.option("--wait", type=click.FloatRange(0, 600), default=10.0, help="Seconds to wait for a badge.")
@pass_app
def badge(app: App, port: str, wait: float) -> int:
    """Read a staff badge: its UID and its text. Exit code 1 if no badge is shown in time.

    Uses the reader of [badge] in the settings. A UID that changes each time (phones) is reported as such, since it
    identifies no one.
    """
    known = Badge() if port and not (app.data / SETTINGS_NAME).exists() else app.settings().badge
    settings = msgspec.structs.replace(known, port=port or known.port)
    with closing(badge_reader(settings, app.clock)) as badges:
        until = app.clock.monotonic() + wait
        seen = badges.look()
        while seen is None and app.clock.monotonic() < until:
            app.clock.pause(_PAUSE_S)
            seen = badges.look()
    if seen is None:
        app.report({"badge": None}, [tell("reader.no-badge")])
        return NOT_GOOD
    uid = tell("reader.uid-changing" if seen.changing else "reader.uid", uid=seen.uid)
    app.report({"badge": seen}, [uid, tell("reader.text", text=seen.text or "-")])
    return 0


@click.command()
@data_option
@json_option
@port_option
@click.option("--text", default="", help="Write this text.")
@click.option("--uri", default="", help="Write this address.")
@click.option("--yes", is_flag=True, help="Do not ask before overwriting a message.")
@pass_app
def label(app: App, port: str, text: str, uri: str, yes: bool) -> int:
    """Read an NTAG (Type 2) label, or write one text or address to it and read it back. Not for library labels (ISO
    15693).

    The new message replaces the present one. During the write, the label is whole or empty, never half written.
    """
    with extra("badges"):
        from station.drivers.nfcpy.notes import read_label, write_label

    if text and uri:
        raise click.UsageError("Give either --text or --uri.")
    settings = app.settings() if (app.data / SETTINGS_NAME).exists() else None
    usual = settings.badge.port if settings is not None else ""
    if settings is not None and settings.reader.driver == "nfcpy":
        usual = settings.reader.port
    if not port and not usual:
        raise click.UsageError("Give --port, or set badge.port in the settings.")
    reader = make_reader(Reader(driver="nfcpy", port=port or usual), app.clock)
    with closing(reader):
        reader.reconnect()
        seen = read_label(reader)
        if text or uri:
            if seen.texts and not yes and not _agreed(seen.texts):
                app.report({"label": seen, "written": False}, [tell("reader.nothing-written")])
                return NOT_GOOD
            seen = write_label(reader, seen.uid, text=text, uri=uri)
    pages = tell("reader.pages", count=seen.pages, locked=seen.locked)
    texts = [tell("reader.text", text=line) for line in seen.texts or ("-",)]
    lines = [tell("reader.uid", uid=seen.uid), pages, *texts]
    app.report({"label": seen, "written": bool(text or uri)}, lines)
    return 0


def _agreed(texts: tuple[str, ...]) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("the label is not empty, and no one can be asked here: add --yes")
    return confirm(tell("reader.replace", text=texts[0]))
