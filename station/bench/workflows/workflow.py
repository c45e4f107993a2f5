"""What a workflow is to the bench: one object that gets scans, taps and looks at the pad, and says what to show.

To add one: write its table of moves and its class, name it in `station.domain.workflows.Workflow`, and add it to
`Bench`, `tui.app.WORK` and `tui.pages.menu.ENTRIES`.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from station.base.errors import StationError
from station.bench.desk import Desk
from station.bench.item.in_hand import fault_of
from station.bench.snapshot import Shown
from station.domain.commands import Act, Answer
from station.domain.snapshot import Fault, Sound
from station.domain.tag_image import Uid


class BenchWorkflow(Protocol):
    """A workflow. A method that has a body here may be left out. Each may raise `StationError`: the bench then calls
    `failed`. A tap that does not fit is late or doubled: it must change nothing."""

    def scan(self, text: str, part: int = 0) -> None:
        """A scanner's burst, whatever it is. `part`: the part of a set, where the sender knows it; 0 = unknown."""
        ...

    def failed(self, error: StationError) -> None:
        """Something failed: show it until it is answered or settled, and journal the stop."""
        ...

    def shown(self) -> Shown: ...

    def enter(self) -> None:
        """The workflow has the bench now; what it knew before may have changed."""
        return

    def look(self) -> None:
        """The pad was looked at (`Desk.pad.inventory`)."""
        return

    def act(self, act: Act) -> None:
        """A tap on one of its actions."""
        return

    def choose(self, choice: str) -> None:
        """A tap on a choice of its fault or question."""
        return

    def answer(self, answer: Answer) -> None:
        """An answer to the open check."""
        return

    def reopen(self) -> None:
        """Go back to the check before."""
        return

    def leave(self) -> None:
        """Set aside what is in hand."""
        return

    def select_part(self, part: int) -> None:
        """The thing in hand is this part of its set."""
        return

    def undone(self, uid: Uid) -> None:
        """The last write to this tag was undone."""
        return

    def job_ended(self, job: str) -> str:
        """The terminal that sent this job has gone: put down what the job began. Returns its name; "" = there is nothing."""
        return ""

    def restored(self) -> bool:
        """Take up what was in hand when the station ended; True if there was something."""
        return False

    @property
    def busy(self) -> str:
        """Why the pad is not free for another program; "" = it is."""
        return ""


def stopped_by(desk: Desk, error: StationError) -> Fault:
    """Play and journal a stop of a workflow. Returns the fault, without choices: the next step answers it."""
    fault = msgspec.structs.replace(fault_of(error), choices=())
    desk.line_stopped(fault, Sound.BAD)
    return fault
