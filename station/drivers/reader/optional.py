"""Which optional commands a reader has: learned from its refusals and from its silence.

What inventory, read and write need is asked plainly. Every other command is asked through `Optional`: a reader that says
twice "unknown command", or is twice silent to it while it answers others, does not have it. A command that was once answered
is never called missing again. What was refused is asked again after the next greeting; what was not answered is not, because
silence costs the longest time that a command may take.

A tag is never written to in order to learn. Where a command changes a tag, `NOBODY` is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from station.base.errors import NotPossible, ReaderSilent
from station.domain.tag_image import Uid

_LOG = logging.getLogger(__name__)

T = TypeVar("T")

NOBODY: Final = Uid("E004000000000000")
"""A UID that no tag has: its serial number is zero."""
_TIMES: Final = 2
"""Refusals, or silences, that are believed."""


def missing(name: str) -> NotPossible:
    """The error of an operation that needs a command which this reader does not have."""
    return NotPossible(f"this reader does not have the command {name}")


class Optional:
    """Of one reader. `unknown`: does this answer say that the command is not known? `alive`: where the
    last question had no clear answer, asks something that every reader answers; raises `ReaderSilent` when it does not."""

    def __init__(self, unknown: Callable[[object], bool], alive: Callable[[], None]) -> None:
        self._unknown = unknown
        self._alive = alive
        self._who = ""
        self._forget()

    def _forget(self) -> None:
        self._known: set[str] = set()
        self._refused: set[str] = set()
        self._silent: dict[str, int] = {}
        self._doubted: set[str] = set()

    def greeted(self, who: str) -> None:
        """A reader has said who it is. Another one than before has everything to tell anew."""
        if who != self._who:
            self._forget()
            self._who = who
        self._refused.clear()

    def lacks(self, *names: str) -> bool:
        """True if the reader has none of these commands."""
        return all(name in self._refused or self._silent.get(name, 0) >= _TIMES for name in names)

    def ask(self, name: str, question: Callable[[], T], unknown: Callable[[object], bool] | None = None) -> T | None:
        """The answer to `question`, which changes no tag; None where the reader does not have the command. `unknown`: another
        judge of an answer, whose first word is believed. Raises what `question` raises."""
        if self.lacks(name):
            return None
        refused = 0
        while not self.lacks(name):
            if name not in self._known:
                self._alive()  # so that a silence is the command's
            try:
                said = question()
            except ReaderSilent:
                if name in self._known:
                    raise
                self._alive()
                self._silent[name] = self._silent.get(name, 0) + 1
                continue
            if name in self._known or not (unknown or self._unknown)(said):
                self._answered(name)
                return said
            refused += 1
            if refused == _TIMES or unknown is not None:
                self._refused.add(name)
        _LOG.info("this reader does not have: %s", name)
        return None

    def find_out(
        self, name: str, question: Callable[[], object], unknown: Callable[[object], bool] | None = None
    ) -> bool:
        """Has the reader this command? Asked unless it is known. Raises what `question` raises."""
        if name not in self._known:
            self.ask(name, question, unknown)
        return not self.lacks(name)

    def change(self, name: str, write: Callable[[], T], nobody: Callable[[], object]) -> T | None:
        """The answer to `write`, which changes a tag and is sent once; None, with nothing sent, where the reader is known not
        to have the command. `nobody`: the same command to a tag that is not there. It is asked when the reader calls the
        command unknown, and before a command is sent again that was never answered. Raises what `write` raises."""
        if name in self._doubted:
            self.ask(name, nobody)
        if self.lacks(name):
            return None
        try:
            said = write()
        except ReaderSilent:
            if name not in self._known:
                self._doubted.add(name)
            raise
        if name not in self._known and self._unknown(said):
            self.ask(name, nobody)
        else:
            self._answered(name)
        return said

    def _answered(self, name: str) -> None:
        self._known.add(name)
        self._silent.pop(name, None)
        self._doubted.discard(name)
