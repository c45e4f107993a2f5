"""Shared base of all commands: data directory, options, output, exit codes.

Results go to stdout, messages for a person to stderr. With --json, stdout holds exactly one JSON value, even if the
command fails. No output can control a terminal.
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
from station.base.errors import DataNotNamed, ScreensEnded, SettingsError, StationError, StoreFull, StoreIo
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.text import as_drawn, clean
from station.base.words import tell
from station.base.words.telling import command_message
from station.runtime.data_directory import SETTINGS_NAME
from station.store.database.disk import disk_error

if TYPE_CHECKING:  # loaded only by a command that needs a proof of identity
    from station.runtime.acts import Acts
    from station.runtime.identity.claims import Claims

P = ParamSpec("P")
R = TypeVar("R")

WORDS: Final = "words"
"""Folder of the data directory with the site's message catalogs."""
PAGE: Final = 80
"""Width of running text, in terminal cells."""
DONE: Final = 0
NOT_GOOD: Final = 1
USAGE: Final = 2
DEFECT: Final = 70


class App:
    """One invocation of the program: its common options, and its ways to report."""

    def __init__(self) -> None:
        self._data: Path | None = None
        self.data_said = False
        """True if --data was given, before or after the command's name; the environment variable is then ignored."""
        self.json = False
        self.capture: Path | None = None
        """File in which to record the reader, whatever the settings say (`station reader capture`)."""
        self.clock: Clock = SystemClock()
        self.acts: Acts | None = None
        """What this invocation does in the journal (`prove_identity.acts`); None until it is needed."""
        self.claims: Claims | None = None
        """Proofs of identity given in this invocation (`prove_identity.claims`); None until one is needed."""

    @property
    def data(self) -> Path:
        """The data directory: --data, else $STATION_DATA, else the account's own. Raises `SettingsError` for an account
        without a home directory (its uid has no entry in passwd, and $HOME is not set)."""
        if self._data is None:
            try:
                self._data = platformdirs.user_data_path("rfid-processing-station", appauthor=False)
            except RuntimeError as error:
                raise DataNotNamed() from error
        return self._data

    @data.setter
    def data(self, directory: Path) -> None:
        self._data = directory

    def settings(self) -> Settings:
        """Read station.toml of the data directory, and switch to its language. Raises `SettingsError`."""
        settings = settings_module.load(self.data / SETTINGS_NAME)
        speak_in(settings.screen.language, self.data)
        if self.capture is not None:
            reader = msgspec.structs.replace(settings.reader, capture=str(self.capture.absolute()))
            settings = msgspec.structs.replace(settings, reader=reader)
        return settings

    def speak(self) -> None:
        """Switch to the language of the settings, if they can be read.

        A command that asks a running station may never read the settings itself. A command that needs them reports the
        error.
        """
        with contextlib.suppress(SettingsError):
            self.settings()

    def report(self, value: object, lines: Iterable[str]) -> None:
        """Print the result of the command: `value` with --json, else `lines`."""
        if self.json:
            click.echo(as_json(value))
        else:
            for line in lines:
                click.echo(safe(line))

    def note(self, line: str) -> None:
        """Print a message for a person on stderr; print nothing with --json."""
        if not self.json:
            click.echo(safe(line), err=True)


def speak_in(language: str, data: Path) -> None:
    """Switch to `language`, with the site's message catalogs in `data`. Raises `SettingsError`."""
    try:
        words.use(language, data / WORDS)
    except words.WordsError as error:
        raise SettingsError(f"screen.language: {error}") from error


_with_app = click.make_pass_decorator(App, ensure=True)


def pass_app(command: Callable[Concatenate[App, P], R]) -> Callable[P, R]:
    """Pass the `App` to a command, after switching to the station's language."""

    @functools.wraps(command)
    def spoken(app: App, /, *args: P.args, **options: P.kwargs) -> R:
        app.speak()
        return command(app, *args, **options)

    return _with_app(spoken)


def safe(text: str) -> str:
    """Remove what a terminal would act on. Keep spaces, so that columns stay aligned."""
    return as_drawn(text)


def as_json(value: object) -> str:
    """Return one line of ASCII JSON (RFC 8259), with bytes in hexadecimal and lone surrogates as U+FFFD."""
    plain = msgspec.to_builtins(value, builtin_types=(bytes,), enc_hook=_as_told, str_keys=True)
    text = json.dumps(plain, ensure_ascii=True, default=_hex)
    return json.dumps(_whole(plain), ensure_ascii=True, default=_hex) if "\\ud" in text else text


def _whole(value: Any) -> Any:
    """Replace lone surrogates: JSON can contain them, but its readers may fail on them (RFC 8259 8.2)."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(member) for key, member in value.items()}
    return [_whole(element) for element in value] if isinstance(value, list | tuple) else value


def _as_told(value: object) -> str:
    if isinstance(value, Sentence):
        text = words.tell(value)
        return clean(text) if value.key.startswith("journal.") else text  # values of an old journal may not be clean
    raise TypeError(f"no JSON for {type(value).__name__}")


def _hex(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex().upper()
    raise TypeError(f"no JSON for {type(value).__name__}")


def confirm(question: str, *, abort: bool = False) -> bool:
    """Ask a person for a yes at the terminal. With `abort`, a no ends the command."""
    return click.confirm(safe(question), abort=abort, err=True)


def prompt(question: str, choices: Sequence[str] = (), *, hidden: bool = False, empty: bool = False) -> str:
    """Ask a person for a line at the terminal: one of `choices`, else any text. With `empty`, the line may be empty."""
    shown = {safe(choice): choice for choice in choices}
    kind = click.Choice(list(shown)) if shown else click.STRING
    default = "" if empty else None
    answer: str = click.prompt(
        safe(question), type=kind, default=default, show_default=False, hide_input=hidden, err=True
    )
    return shown.get(answer, answer)


def under(text: str, indent: int = 0, hanging: int | None = None) -> Iterable[str]:
    """Wrap `text` to 80 cells, without breaking words.

    The first line is indented by `indent`, the others by `hanging` (None = `indent`).
    """
    room = PAGE - max(indent, hanging or 0)
    for number, line in enumerate(wrapped(text, room, whole=True)):
        yield " " * (indent if number == 0 or hanging is None else hanging) + line


# --- options --------------------------------------------------------------------------------------------------------


def _set_data(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    app = context.ensure_object(App)
    explicit = context.get_parameter_source("data") is not ParameterSource.ENVIRONMENT
    if value is not None and (explicit or not app.data_said):
        app.data, app.data_said = value, explicit


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
    "--part", type=click.IntRange(0), default=0, help="Part number within the set; 0 = the next part without a tag."
)


def timeout_said(help: str) -> Callable[[Any], Any]:
    """Return the option --timeout with this help text."""
    return click.option("--timeout", type=click.FloatRange(0.1), default=60.0, show_default=True, help=help)


def operator_said(help: str) -> Callable[[Any], Any]:
    """Return the option --operator with this help text."""
    return click.option("--operator", default="", metavar="LOGIN", help=help)


timeout_option: Final = timeout_said("Seconds without any change after which to give up.")
operator_option: Final = operator_said("Login of the person who asks; by default, station.operator in the settings.")
stands_option: Final = operator_said("Login of the operator from now on; by default, the present or configured one.")
yes_option: Final[Callable[[Any], Any]] = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")

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
    """Return the exit code of an error (`errors.EXIT_CODES` lists all codes)."""
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
    """Report an error: message and detail on stderr, or an object `error` on stdout with --json."""
    code = exit_code(error)
    match error:
        case StationError():
            kind, sentence, detail = error.code, command_message(error), clean(tell(error.detail), 2000)
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
    if detail and words.alone(detail) not in sentence and detail not in sentence:
        click.echo(safe(f"  {detail}"), err=True)
    if code == DEFECT and not isinstance(error, ScreensEnded):  # their report is in the log
        for entry in traceback.format_exception(error):
            for line in entry.splitlines():
                click.echo(safe(line), err=True)


def part_ended(part: str) -> None:
    """Report that a thread of this process ended because of a defect. The log names the defect."""
    click.echo(safe(words.tell("dialog.part-ended-what", part=part)), err=True)


def _told(error: BaseException, args: Sequence[str] | None) -> BaseException:
    """Return the error that is reported in place of `error`.

    A full or failing disk is not a defect of the program, whatever file is affected. An argument that is not UTF-8
    is a usage error (Python decodes its bytes to lone surrogates, PEP 383).
    """
    if isinstance(error, OSError) and isinstance(failed := disk_error(error), StoreFull | StoreIo):
        return failed
    words = sys.argv[1:] if args is None else args
    if isinstance(error, UnicodeEncodeError) and any("\ud800" <= char <= "\udfff" for word in words for char in word):
        return click.UsageError("An argument of this command is not UTF-8.")
    return error


class Guarded(click.Group):
    """A group that ends every command with the exit code of its result or its error."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. If the reader of stdout closed the pipe (head, less), that is not an error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Buffered output must go somewhere, or the interpreter complains when it exits (Python docs, SIGPIPE).
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **extra: Any) -> NoReturn:
        """Run the command, report an error, and exit. A command returns None (done) or an exit code."""
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
