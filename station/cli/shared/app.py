"""What all commands share: where the data is, how they report, and how an error becomes an exit code.

Data goes to stdout, everything said to a person goes to stderr. With --json stdout holds exactly one JSON value, also
when the command fails. Nothing printed can act on a terminal.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, NoReturn, ParamSpec, TypeVar

import click
import msgspec
import platformdirs
from click.core import ParameterSource
from click.exceptions import NoArgsIsHelpError

from station.base import settings as settings_module
from station.base import words
from station.base.cells import wrapped
from station.base.clock import Clock, SystemClock
from station.base.errors import ScreensEnded, SettingsError, StationError, StoreFull, StoreIo
from station.base.settings import Settings
from station.base.text import as_drawn, clean
from station.store.database.disk import disk_error

if TYPE_CHECKING:  # a command that proves nothing does not load it
    from station.runtime.identity.claims import Claims

P = ParamSpec("P")
R = TypeVar("R")

SETTINGS_NAME: Final = "station.toml"
WORDS: Final = "words"
"""Folder of the data directory with the site's message catalogues."""
PAGE: Final = 80
"""Width of a page of running text, cells."""
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
        self.claims: Claims | None = None
        """The proofs of this invocation (`prove_identity.claims`); None until one is needed."""

    def settings(self) -> Settings:
        """station.toml of the data directory; from here on the station speaks its language. Raises `SettingsError`."""
        settings = settings_module.load(self.data / SETTINGS_NAME)
        speak_in(settings.screen.language, self.data)
        if self.capture is not None:
            reader = msgspec.structs.replace(settings.reader, capture=str(self.capture.absolute()))
            settings = msgspec.structs.replace(settings, reader=reader)
        return settings

    def speak(self) -> None:
        """Choose the language before anything is said: a command that asks a running station may never need the settings
        itself. Where they cannot be read, it is whoever needs them that says so."""
        with contextlib.suppress(SettingsError):
            self.settings()

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


def speak_in(language: str, data: Path) -> None:
    """Speak it from here on, with the words that the data directory has. Raises `SettingsError`."""
    try:
        words.use(language, data / WORDS)
    except words.WordsError as error:
        raise SettingsError(f"screen.language: {error}") from error


_with_app = click.make_pass_decorator(App, ensure=True)


def pass_app(command: Callable[Concatenate[App, P], R]) -> Callable[P, R]:
    """Give a command its `App`, which speaks the station's language from then on."""

    @functools.wraps(command)
    def spoken(app: App, /, *args: P.args, **options: P.kwargs) -> R:
        app.speak()
        return command(app, *args, **options)

    return _with_app(spoken)


def safe(text: str) -> str:
    """Keep what a terminal only shows; spaces stay as they are, so that columns do."""
    return as_drawn(text)


def as_json(value: object) -> str:
    """One line of pure ASCII JSON (RFC 8259); bytes become hexadecimal, half characters U+FFFD."""
    plain = msgspec.to_builtins(value, builtin_types=(bytes,), str_keys=True)
    text = json.dumps(plain, ensure_ascii=True, default=_hex)
    return json.dumps(_whole(plain), ensure_ascii=True, default=_hex) if "\\ud" in text else text


def _whole(value: Any) -> Any:
    """Without halves of characters: JSON can write them, and what reads it then cannot (RFC 8259 8.2)."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(one) for key, one in value.items()}
    return [_whole(one) for one in value] if isinstance(value, list | tuple) else value


def _hex(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex().upper()
    raise TypeError(f"no JSON for {type(value).__name__}")


def confirm(question: str, *, abort: bool = False) -> bool:
    """A person's yes at the terminal; with `abort`, a no ends the command."""
    return click.confirm(safe(question), abort=abort, err=True)


def prompt(question: str, choices: Sequence[str] = (), *, hidden: bool = False, empty: bool = False) -> str:
    """What a person types at the terminal: one of `choices`, else anything; with `empty` also nothing."""
    shown = {safe(choice): choice for choice in choices}
    kind = click.Choice(list(shown)) if shown else click.STRING
    default = "" if empty else None
    answer: str = click.prompt(
        safe(question), type=kind, default=default, show_default=False, hide_input=hidden, err=True
    )
    return shown.get(answer, answer)


def under(text: str, indent: int = 0, hanging: int | None = None) -> Iterable[str]:
    """`text` in lines of a page of 80 cells; all but the first stand at `hanging` (None = at `indent` too). Words stay whole."""
    room = PAGE - max(indent, hanging or 0)
    for number, line in enumerate(wrapped(text, room, whole=True)):
        yield " " * (indent if number == 0 or hanging is None else hanging) + line


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


def timeout_said(help: str) -> Callable[[Any], Any]:
    """--timeout, with these words about it."""
    return click.option("--timeout", type=click.FloatRange(0.1), default=60.0, show_default=True, help=help)


def operator_said(help: str) -> Callable[[Any], Any]:
    """--operator, with these words about it."""
    return click.option("--operator", default="", metavar="LOGIN", help=help)


timeout_option: Final = timeout_said("Give up when nothing changes for so long, in seconds.")
operator_option: Final = operator_said("Who asks; by default the operator of the settings.")
stands_option: Final = operator_said("Who stands at the bench, from now on; else as it is or as set.")
yes_option: Final[Callable[[Any], Any]] = click.option("--yes", is_flag=True, help="Do not ask.")

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
            kind, sentence, detail = "stopped", words.tell("command.stopped"), ""
        case _:
            kind, sentence = "defect", words.tell("command.defect")
            detail = clean(f"{type(error).__name__}: {error}", 2000)
    if app.json:
        fields = {"code": kind, "sentence": sentence, "detail": detail, "exit_code": code}
        click.echo(as_json({"error": fields}))
        return
    click.echo(safe(sentence), err=True)
    if detail and detail not in sentence:
        click.echo(safe(f"  {detail}"), err=True)
    if code == DEFECT and not isinstance(error, ScreensEnded):  # of those the log has the report
        for entry in traceback.format_exception(error):
            for line in entry.splitlines():
                click.echo(safe(line), err=True)


def part_ended(part: str) -> None:
    """Say that a thread of this process ended because of a defect; the log says which."""
    click.echo(safe(words.tell("dialog.part-ended-what", part=part)), err=True)


def _told(error: BaseException, args: Sequence[str] | None) -> BaseException:
    """The error as it is told. A disk that is full or fails is no defect of the program, whatever file it fails under. A word
    of the command line that is not UTF-8 (Python gives its bytes as halves, PEP 383) is a mistake of the caller."""
    if isinstance(error, OSError) and isinstance(failed := disk_error(error), StoreFull | StoreIo):
        return failed
    words = sys.argv[1:] if args is None else args
    if isinstance(error, UnicodeEncodeError) and any("\ud800" <= char <= "\udfff" for word in words for char in word):
        return click.UsageError("A word of this command is not UTF-8.")
    return error


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
        except NoArgsIsHelpError as alone:  # a group without a command
            click.echo(alone.format_message())
            code = DONE
        except (Exception, KeyboardInterrupt) as raised:
            error = _told(raised, args)
            if isinstance(error, click.UsageError) and error.ctx is not None and not app.json:
                click.echo(error.ctx.get_usage(), err=True)
            complain(app, error)
            code = exit_code(error)
        sys.exit(code)
