"""The optional commands that a reader has, as learned from its refusals and its silence.

The commands that inventory and read need are sent directly. Every other command is sent through `Optional`. A
reader that twice answers "unknown command", or is twice silent while it answers other commands, does not have the
command. Silence never disproves a command that was once answered for a tag. A refused command is tried again after the next
greeting. A command without an answer is not, because silence costs the longest time that a command may take.

No tag is written to in order to learn. A command that changes tags is tried with the UID `tag_image.NOBODY`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from station.base.errors import NotPossible, ReaderSilent

_LOG = logging.getLogger(__name__)

T = TypeVar("T")

_TIMES: Final = 2
"""Number of refusals, or of silences, after which a command is considered missing."""


def missing(name: str) -> NotPossible:
    """Return the error of an operation that needs a command that this reader does not have."""
    return NotPossible(f"this reader does not have the command {name}")


class Optional:
    """The optional commands of one reader. `unknown`: returns whether an answer means that the command is unknown.
    `alive`: if the last request had no clear answer, sends a request that every reader answers; raises `ReaderSilent`
    if it gets no answer."""

    def __init__(self, unknown: Callable[[object], bool], alive: Callable[[], None]) -> None:
        self._unknown = unknown
        self._alive = alive
        self._who = ""
        self._forget()

    def _forget(self) -> None:
        self._known: set[str] = set()
        self._told: set[str] = set()
        """Commands that were answered for no tag, and perhaps for no tag only."""
        self._refused: set[str] = set()
        self._silent: dict[str, int] = {}
        self._doubted: set[str] = set()

    def greeted(self, who: str) -> None:
        """Note the identity of a greeted reader. If it is another reader than before, forget everything."""
        if who != self._who:
            self._forget()
            self._who = who
        self._refused.clear()

    def lacks(self, *names: str) -> bool:
        """Return whether the reader has none of these commands."""
        return all(name in self._refused or self._silent.get(name, 0) >= _TIMES for name in names)

    def ask(self, name: str, question: Callable[[], T], unknown: Callable[[object], bool] | None = None) -> T | None:
        """Return the answer to `question`, which changes no tag; None if the reader does not have the command.
        `unknown`: replaces the general test; its first positive result decides. Raises what `question` raises."""
        if self.lacks(name):
            return None
        refused = 0
        while not self.lacks(name):
            if name not in self._known:
                self._alive()  # so that silence can only be due to the command
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

    def knows(self, name: str) -> bool:
        """Return whether this command was answered."""
        return name in self._known

    def disproved(self, name: str) -> None:
        """Note that an answer shows that the reader does not have this form of a command, until the next greeting."""
        self._known.discard(name)
        self._told.discard(name)
        self._refused.add(name)

    def find_out(
        self, name: str, question: Callable[[], object], unknown: Callable[[object], bool] | None = None
    ) -> bool:
        """Return whether the reader has this command. It is asked unless the answer is known. Raises what `question`
        raises."""
        if name not in self._known | self._told:
            self.ask(name, question, unknown)
        return not self.lacks(name)

    def ask_again(self, name: str, question: Callable[[], object]) -> None:
        """Ask for no tag whether the reader has this command, even if it was answered before. Then two refusals disprove
        it, but silence does not. Raises what `question` raises."""
        if name not in self._known | self._told:
            self.ask(name, question)
            if name in self._known:
                self._known.remove(name)
                self._told.add(name)
            return
        try:
            if all(self._unknown(question()) for _ in range(_TIMES)):
                self.disproved(name)
        except ReaderSilent:
            self._alive()

    def change(self, name: str, write: Callable[[], T], nobody: Callable[[], object]) -> T | None:
        """Return the answer to `write`, which changes a tag and is sent once; None, with nothing sent, if the reader is
        known not to have the command. `nobody`: sends the same command with the UID of no tag. It is used when the
        reader reports the command as unknown, and before a command that was never answered is sent again. Raises what
        `write` raises."""
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
        if self._unknown(said):
            self.ask_again(name, nobody)
        else:
            self._answered(name)
        return said

    def _answered(self, name: str) -> None:
        self._known.add(name)
        self._silent.pop(name, None)
        self._doubted.discard(name)
