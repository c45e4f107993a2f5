"""`station reader capture`: another command of the station, with the reader recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from station.base.errors import CaptureUnreadable
from station.base.words import tell
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.drivers.line.capture import load

USUAL: Final = ("tag", "read")
"""Default command: connects to the reader, looks at the pad and reads every tag on it. Writes nothing."""


@click.command(context_settings={"ignore_unknown_options": True})
@data_option
@json_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@pass_app
def capture(app: App, file: Path, command: tuple[str, ...]) -> int:
    """Run COMMAND of the station (by default, tag read), and record in FILE all data to and from the reader.

    FILE must not exist yet. It will contain UIDs and contents of tags; see docs/readers/captures.md before you share
    it. Put a COMMAND with options after "--": station reader capture FILE -- process BARCODE --pass-all. The exit code
    is that of COMMAND.
    """
    from station.cli import station

    if file.exists():
        raise click.UsageError(f"{file} exists already; a capture never replaces another")
    app.capture = file
    words = command or USUAL
    context = station.make_context("station", list(words), obj=app)
    try:
        with context:
            result = station.invoke(context)
    finally:
        app.capture = None
        _told(app, file)
    return result if isinstance(result, int) else 0


def _told(app: App, file: Path) -> None:
    if not file.exists():
        app.note(f"Nothing was recorded in {file}: the command did not use the reader here.")
        return
    try:
        made = load(file)
    except CaptureUnreadable as error:
        app.note(tell(error.sentence))
        return
    app.note(f"{file}: {made.exchanges} requests in {made.seconds:.1f} s. It contains what was on the tags.")
