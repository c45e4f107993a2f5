"""Person at `station harness`: is asked to move tags and to agree. The tag is saved here, too."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click

from station.cli.shared.app import App, safe
from station.cli.shared.interrupt import interruptible
from station.drivers.harness import scratch
from station.drivers.harness.hands import Wish
from station.drivers.harness.results import Restored, Result, TagFacts
from station.drivers.harness.scratch import Image
from station.drivers.harness.words import MARKS, tag_lines


def at_terminal() -> bool:
    """Return True if a person can be asked."""
    return sys.stdin.isatty()


def _tell(line: str) -> None:
    """Print a line for a person on stderr, also with --json. A terminal that was closed does not end the run."""
    with contextlib.suppress(OSError):
        click.echo(safe(line), err=True)


def _asked(question: str) -> str:
    """Return the line that was typed; "n" at the end of input or if the terminal was closed. Raises
    `KeyboardInterrupt`."""
    with interruptible():  # before the question is printed: a person may answer it with Ctrl-C
        with contextlib.suppress(OSError):
            click.echo(safe(question), err=True, nl=False)
        try:
            line = sys.stdin.readline(200)
        except (OSError, UnicodeDecodeError):
            line = ""
    return line.strip() if line else "n"


class TerminalHands:
    """`Hands` of the person at the terminal: asks for each wish, and trusts the answer."""

    def __init__(self, app: App) -> None:
        self._app = app

    def do(self, wish: Wish) -> bool:
        """Ask for the wish. Deafening the reader needs an emulator, so it is never asked for."""
        if wish in (Wish.DEAFEN, Wish.HEAR):
            return False
        return _asked(f"Please {wish.value}, then press Enter (n = no, skip it): ").lower() not in ("n", "no")


class AbsentHands:
    """`Hands` without a person: assumes that the scratch tag is on the pad, and does nothing else."""

    def __init__(self, app: App) -> None:
        self._app = app

    def do(self, wish: Wish) -> bool:
        """Do as `hands.NoHands` does, and print that no one can be asked."""
        if wish is not Wish.SCRATCH:
            self._app.note(f"No one can be asked here to {wish.value}.")
        return wish is Wish.SCRATCH


class TerminalOperator:
    """`suite.HarnessOperator` at the terminal: prints to stderr, and reads answers from stdin."""

    def __init__(self, app: App, folder: Path, *, read_only: bool, scratch: str, yes: bool) -> None:
        self._app = app
        self._folder = folder
        self._read_only = read_only
        self._scratch = scratch.upper()
        self._yes = yes
        self.path: Path | None = None
        """File in which the tag is saved."""

    def result(self, result: Result) -> None:
        if not self._app.json:
            _tell(f"  {MARKS[result.outcome]} {result.case}")

    def say(self, sentence: str) -> None:
        _tell(sentence)

    def may_write(self, tag: TagFacts) -> bool:
        if self._read_only:
            return False
        for line in tag_lines(tag):
            _tell(line)
        if self._scratch and self._scratch != tag.uid:
            _tell(f"--scratch names {self._scratch}, and this is {tag.uid}: it is not written.")
            return False
        if not tag.blank and not self._scratch:
            _tell(f"This tag is not blank: it is not written. If it may be: --scratch {tag.uid}")
            return False
        if self._yes:
            return True
        if not at_terminal():
            _tell("No one can be asked here: add --yes.")
            return False
        answer = _asked(f"Write to the tag {tag.uid} and put it back as it is? [y/N] ")
        return answer.lower() in ("y", "yes")

    def keep(self, image: Image) -> Path:
        self.path = scratch.save(image, self._folder)
        return self.path

    def end(self, restored: Restored | None) -> None:
        """Delete the saved tag once the tag is proven to be as it was."""
        if self.path is not None and restored is not None and restored.exact:
            self.path.unlink(missing_ok=True)
