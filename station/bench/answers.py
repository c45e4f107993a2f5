"""Answers to commands: the code and sentence that each ticket gets when its command has finished
(`Snapshot.answered`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from station.base.errors import StationError
from station.domain.notices import BEGUN, DONE, NONE, Answered, Notice, notice

ANSWERS_KEPT: Final = 16
"""Answers in each snapshot: a client that misses a snapshot finds its answer in the next one."""


class Answers:
    """Collects the notices of a running command and gives the last one to the command's ticket."""

    def __init__(self) -> None:
        self.kept: tuple[Answered, ...] = ()
        self._ticket = ""
        self._outcome = NONE

    @contextmanager
    def carrying_out(self, ticket: str) -> Iterator[None]:
        """Run a command and answer its `ticket`; "" asks for no answer. A `StationError` becomes the answer and is
        raised again."""
        outer = self._ticket, self._outcome
        self._ticket, self._outcome = ticket, Notice(DONE)
        try:
            yield
        except StationError as error:
            self.comes_to(notice(error))
            raise
        finally:
            self.give(self._ticket, self._outcome)
            self._ticket, self._outcome = outer

    def comes_to(self, outcome: Notice) -> None:
        """Set the answer to the current command. If an item was begun, that stays the answer to its scan."""
        if self._outcome.code != BEGUN:
            self._outcome = outcome

    def put_off(self) -> str:
        """Take the ticket of the current command in order to answer it later. Return "" if beginning an item already
        answered it."""
        if self._outcome.code == BEGUN:
            return ""
        ticket, self._ticket = self._ticket, ""
        return ticket

    def give(self, ticket: str, outcome: Notice) -> None:
        if ticket:
            self.kept = (*self.kept, Answered(ticket, outcome.code, outcome.sentence))[-ANSWERS_KEPT:]
