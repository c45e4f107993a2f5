"""What all commands share: where the data is, how they report, and how an error becomes an exit code.

Data goes to stdout, everything said to a person goes to stderr. With --json stdout holds exactly one JSON value, also
when the command fails. Nothing printed can act on a terminal.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import click
import msgspec
import platformdirs
from click.core import ParameterSource

from station import settings as settings_module
from station.clock import Clock, SystemClock
from station.errors import StationError
from station.settings import Settings
from station.text import clean

SETTINGS_NAME: Final = "station.toml"
DONE: Final = 0
NOT_GOOD: Final = 1
USAGE: Final = 2
DEFECT: Final = 70


class App:
    """One invocation: options that every command has, and the two ways out."""

    def __init__(self) -> None:
        self.data = platformdirs.user_data_path("rfid-processing-station", appauthor=False)
        self.data_said = False
        """--data was given, before or after the command's name: the environment no longer counts."""
        self.json = False
        self.capture: Path | None = None
        """Record the reader in this file, whatever the settings say (`station reader capture`)."""
        self.clock: Clock = SystemClock()

    def settings(self) -> Settings:
        """station.toml of the data directory; raises `SettingsError`."""
        settings = settings_module.load(self.data / SETTINGS_NAME)
        if self.capture is not None:
            reader = msgspec.structs.replace(settings.reader, capture=str(self.capture.absolute()))
            settings = msgspec.structs.replace(settings, reader=reader)
        return settings

    def report(self, value: object, lines: Iterable[str]) -> None:
        """The command's result: `value` with --json, else `lines`."""
        if self.json:
            click.echo(as_json(value))
        else:
            for line in lines:
                click.echo(safe(line))

    def note(self, line: str) -> None:
        """Something a person wants to know, on stderr; nothing with --json."""
        if not self.json:
            click.echo(safe(line), err=True)


pass_app = click.make_pass_decorator(App, ensure=True)


def safe(text: str) -> str:
    """Keep what a terminal only shows; spaces stay as they are, so that columns do."""
    return "".join(char for char in text if char.isprintable())


def as_json(value: object) -> str:
    """One line of pure ASCII JSON; bytes become hexadecimal."""
    plain = msgspec.to_builtins(value, builtin_types=(bytes,), str_keys=True)
    return json.dumps(plain, ensure_ascii=True, default=_hex)


def _hex(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex().upper()
    raise TypeError(f"no JSON for {type(value).__name__}")


def table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Rows of cells as lines with aligned columns."""
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


# --- options --------------------------------------------------------------------------------------------------------


def _set_data(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    app = context.ensure_object(App)
    said = context.get_parameter_source("data") is not ParameterSource.ENVIRONMENT
    if value is not None and (said or not app.data_said):
        app.data, app.data_said = value, said


def _set_json(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(App).json = True


data_option: Final[Callable[[Any], Any]] = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="STATION_DATA",
    expose_value=False,
    is_eager=True,
    callback=_set_data,
    help="Data directory with station.toml, journal and catalog. Also $STATION_DATA.",
)

part_option: Final[Callable[[Any], Any]] = click.option(
    "--part", type=click.IntRange(0), default=0, help="Part of the set that is in hand; 0 = the next one without a tag."
)

json_option: Final[Callable[[Any], Any]] = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_set_json,
    help="Report as one JSON value on stdout.",
)


# --- errors ---------------------------------------------------------------------------------------------------------


def exit_code(error: BaseException) -> int:
    """The one mapping of what went wrong to an exit code (all are in `errors.EXIT_CODES`)."""
    match error:
        case StationError():
            return error.exit_code
        case click.ClickException():
            return USAGE
        case click.Abort() | KeyboardInterrupt():
            return NOT_GOOD
        case _:
            return DEFECT


def complain(app: App, error: BaseException) -> None:
    """Say what went wrong: sentence and detail on stderr, or an object `error` on stdout with --json."""
    code = exit_code(error)
    match error:
        case StationError():
            kind, sentence, detail = error.code, error.message, clean(error.detail, 2000)
        case click.ClickException():
            kind, sentence, detail = "usage", clean(error.format_message(), 2000), ""
        case click.Abort() | KeyboardInterrupt():
            kind, sentence, detail = "stopped", "Stopped.", ""
        case _:
            kind, sentence = "defect", "The program has a defect. Please report what follows."
            detail = clean(f"{type(error).__name__}: {error}", 2000)
    if app.json:
        fields = {"code": kind, "sentence": sentence, "detail": detail, "exit_code": code}
        click.echo(as_json({"error": fields}))
        return
    click.echo(safe(sentence), err=True)
    if detail and detail not in sentence:
        click.echo(safe(f"  {detail}"), err=True)
    if code == DEFECT:
        for entry in traceback.format_exception(error):
            for line in entry.splitlines():
                click.echo(safe(line), err=True)


class Guarded(click.Group):
    """A group that ends every command with the exit code of its result or its error."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader of our output that went away (head, less) is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # What is still buffered must go somewhere, or the interpreter complains at its end (Python docs, SIGPIPE).
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **extra: Any) -> NoReturn:
        """Run, report, exit. A command returns nothing (done) or an exit code."""
        app = App()
        extra = {**extra, "standalone_mode": False, "obj": app}
        try:
            result = super().main(args, prog_name, **extra)
            code = result if isinstance(result, int) else DONE
        except (Exception, KeyboardInterrupt) as error:
            if isinstance(error, click.UsageError) and error.ctx is not None and not app.json:
                click.echo(error.ctx.get_usage(), err=True)
            complain(app, error)
            code = exit_code(error)
        sys.exit(code)
