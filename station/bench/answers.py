"""Answers to commands: the code and sentence that each ticket gets when its command is over (`Snapshot.answered`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from station.base.errors import StationError
from station.domain.notices import BEGUN, DONE, NONE, Answered, Notice, notice

ANSWERS_KEPT: Final = 16
"""Answers in each snapshot: a client that misses a snapshot finds its answer in the next one."""


class Answers:
    """Collects what is said while a command is carried out, and gives the last of it to the command's ticket."""

    def __init__(self) -> None:
        self.kept: tuple[Answered, ...] = ()
        self._ticket = ""
        self._outcome = NONE

    @contextmanager
    def carrying_out(self, ticket: str) -> Iterator[None]:
        """Carry out a command. `ticket` "" asks for no answer. An error answers it, too, and goes on."""
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
        """Take what was said for the answer. Once an item was begun, that stays the answer to its scan."""
        if self._outcome.code != BEGUN:
            self._outcome = outcome

    def put_off(self) -> str:
        """Take the ticket of the present command, to answer it later; "" if it is answered already: an item was begun."""
        if self._outcome.code == BEGUN:
            return ""
        ticket, self._ticket = self._ticket, ""
        return ticket

    def give(self, ticket: str, outcome: Notice) -> None:
        if ticket:
            self.kept = (*self.kept, Answered(ticket, outcome.code, outcome.sentence))[-ANSWERS_KEPT:]
