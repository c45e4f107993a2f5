"""Interface of a workflow: an object that receives scans, taps and looks at the pad, and returns its display.

To add one: write its row in `station/domain/workflows/manifest.py`, its table of moves and its class, and add the class to
`Bench`.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from station.base.errors import StationError
from station.base.sentence import EMPTY, Sentence
from station.bench.desk import Desk
from station.bench.item.in_hand import fault_of
from station.bench.snapshot import Shown
from station.domain.commands import Act, AllGood, Answer
from station.domain.events import TagChangeStarted
from station.domain.snapshot import Fault, Sound


class BenchWorkflow(Protocol):
    """A workflow. A method with a body here is optional. Each may raise `StationError`; the bench then calls `failed`.
    A tap that does not fit is late or doubled and must change nothing."""

    def scan(self, text: str, part: int = 0) -> None:
        """Handle any text from the scanner. `part`: the part of a set, if the sender knows it; 0 = unknown."""
        ...

    def failed(self, error: StationError) -> None:
        """Show the error until it is answered or settled, and journal the stop."""
        ...

    def shown(self) -> Shown: ...

    def enter(self) -> None:
        """Become the active workflow. Earlier knowledge may be out of date."""
        return

    def look(self) -> None:
        """React to a look at the pad (`Desk.pad.inventory`)."""
        return

    @property
    def reading(self) -> bool:
        """True while the workflow reads a tag in steps. Until it is read, `read_on` takes the place of a look."""
        return False

    def read_on(self) -> None:
        """Make the next exchange of that reading."""
        return

    def look_without_reader(self) -> None:
        """React to time that passes while the reader does not answer."""
        return

    def act(self, act: Act) -> None:
        """Handle a tap on one of the workflow's actions."""
        return

    def choose(self, choice: str) -> None:
        """Handle a tap on a choice of the fault or question."""
        return

    def answer(self, answer: Answer) -> None:
        """Take an answer to an open check of the current page."""
        return

    def answer_all(self, all_good: AllGood) -> None:
        """Pass every open check of the current page."""
        return

    def reopen(self) -> None:
        """Take the last answer back."""
        return

    def leave(self) -> None:
        """Set aside the work in hand."""
        return

    def select_part(self, part: int) -> None:
        """Set the part of its set that is in hand."""
        return

    def tag_changes(self, event: TagChangeStarted) -> None:
        """React to a change of a tag that begins, in any workflow or for another program."""
        return

    def job_ended(self, job: str) -> Sentence:
        """Drop the work that this job began, since its terminal is gone. Return the work's name; empty = there is none."""
        return EMPTY

    def restored(self) -> bool:
        """Restore the work that was in hand when the station ended. Return True if there was any."""
        return False

    @property
    def busy(self) -> Sentence:
        """Reason why the pad is not free for another program; empty = it is free."""
        return EMPTY


def stopped_by(desk: Desk, error: StationError) -> Fault:
    """Play and journal a stop of a workflow. Return the fault without choices; the next step of the workflow clears
    it."""
    fault = msgspec.structs.replace(fault_of(error), choices=())
    desk.line_stopped(fault, Sound.BAD)
    return fault
