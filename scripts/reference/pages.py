"""Generator of the reference pages: docs/settings.md, docs/errors.md, docs/cli.md, docs/tag-formats.md,
docs/quality-rules.md, docs/readers/chips.md, docs/moves.md.

`python -m scripts.reference.pages DIRECTORY` writes them, runs the examples of docs/tags.md again, and writes the acts of
docs/people.md, the tree and the layers of docs/architecture.md, the list of docs/decisions and the steps of CONTRIBUTING.md;
tests compare them.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from scripts.reference import acts, contributing, decisions, rooms, sessions
from scripts.reference.chips import chips_page
from scripts.reference.markdown import first, row
from scripts.reference.moves import moves_page
from scripts.reference.rules import rules_page
from scripts.reference.tags import tags_page
from station.base.errors import EXIT_CODES, Recovery, StationError, walk
from station.base.words import tell
from station.base.words.telling import what_to_do
from station.cli import station
from station.cli.admin.settings_file import document as settings_page
from station.cli.shared.deferred import loaded

_ACTS: Final = {
    Recovery.RETRY_SELF: "the station tries again automatically",
    Recovery.REPLACE_ITEM: "the operator acts on the item or its tag",
    Recovery.ASK_OPERATOR: "the operator decides",
    Recovery.ASK_STAFF: "technician or systems librarian",
    Recovery.STOP_LINE: "work stops until a person has checked",
}


def errors_page() -> str:
    """Return docs/errors.md."""
    lines = [
        "# Errors",
        "",
        "Every error has a code that never changes, a sentence for the operator, a person or program that acts next, and an exit",
        "code for the command line. The codes are in the journal, in `--json` and on the staff line of the screen.",
        "",
        "This page is made from `station/base/errors/` by `python -m scripts.reference.pages docs`; a test compares them.",
        "",
        "| code | what happened | what the operator reads | who acts next | exit |",
        "|---|---|---|---|---|",
    ]
    for error in walk(StationError):
        meaning = first(inspect.getdoc(error) or "")
        acts = _ACTS[error.recovery]
        said = f"{tell(f'error.{error.code}')} {what_to_do(error.code)}".rstrip()
        lines.append(row(f"`{error.code}`", meaning, said, acts, str(error.exit_code)))
    return "\n".join(lines) + "\n"


def commands(command: click.Command, path: str, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Yield every command below `command` with its full name, depth first; groups themselves are left out."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        if child is not None:
            child = loaded(child)
            yield from commands(child, f"{path} {name}", click.Context(child, info_name=name, parent=context))


@functools.cache
def all_commands() -> tuple[tuple[str, click.Command], ...]:
    """Return every command of the program."""
    return tuple(commands(station, "station", click.Context(station, info_name="station")))


def cli_page() -> str:
    """Return docs/cli.md."""
    lines = [
        "# The command line",
        "",
        "Every function of the touch screen has a command here. Data goes to stdout, sentences for people to stderr. With",
        '`--json`, stdout has exactly one JSON value, even if the command fails: `{"error": {"code", "sentence",',
        '"detail", "exit_code"}}`. The codes are in [errors.md](errors.md).',
        "",
        "One process locks a data directory. Commands that only read also work while a station runs. Commands that change",
        "data go through the running station (`station.sock` in the data directory), or take the lock themselves.",
        "`--data DIR` (or `$STATION_DATA`) names the data directory, before or after the command's name.",
        "`station` alone, and a group alone such as `station tag`, show their help.",
        "",
        "This page is made from the program by `python -m scripts.reference.pages docs`; a test compares them.",
        "",
        "## Exit codes",
        "",
        "| code | meaning |",
        "|---|---|",
        *(row(str(code), meaning) for code, meaning in sorted(EXIT_CODES.items())),
    ]
    for path, command in all_commands():
        help_text = inspect.cleandoc(command.help or "")
        arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
        options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
        usage = " ".join([path, *(argument.make_metavar(click.Context(command)) for argument in arguments)])
        lines += ["", f"## `{usage}`", "", help_text]
        if options:
            lines += ["", "| option | meaning |", "|---|---|"]
            for option in options:
                record = option.get_help_record(click.Context(command))
                if record is not None:
                    lines.append(row(f"`{record[0]}`", record[1]))
    return "\n".join(lines) + "\n"


PAGES: Final = {
    "settings.md": settings_page,
    "errors.md": errors_page,
    "cli.md": cli_page,
    "tag-formats.md": tags_page,
    "readers/chips.md": chips_page,
    "quality-rules.md": rules_page,
    "moves.md": moves_page,
}


def write(directory: Path) -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (directory / name).write_text(page(), encoding="utf-8")
    sessions.refresh(directory)
    acts.refresh(directory)
    rooms.refresh(directory)
    decisions.refresh(directory)
    contributing.refresh(directory.resolve().parent)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
