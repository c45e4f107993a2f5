"""Shared parts of the workflows that write tags: error handling, choices, and detection of a pad at rest."""

from __future__ import annotations

from collections.abc import Callable

from station.base.errors import ProtocolError, StationError, TransportError
from station.base.sentence import Sentence
from station.bench.desk import Desk
from station.bench.item.unfinished import give_up
from station.bench.snapshot import Shown
from station.bench.workflows.workflow import stopped_by
from station.domain.events import ChoiceMade
from station.domain.inventory import Inventory
from station.domain.snapshot import Fault, Light, Phase
from station.domain.tag_image import Uid


class Guard:
    """Runs the steps of one workflow. A `StationError` goes to `broke`, so that the workflow shows the fault and
    finishes a half-written tag. A defect, or a journal that cannot be written, hides the workflow until the next
    step."""

    def __init__(self, desk: Desk, broke: Callable[[StationError], None]) -> None:
        self._desk = desk
        self._broke = broke
        self._fault: Fault | None = None

    @property
    def failed(self) -> bool:
        return self._fault is not None

    def run(self, step: Callable[[], None]) -> None:
        self._fault = None
        try:
            step()
        except StationError as error:
            if isinstance(error, TransportError | ProtocolError):
                self._desk.pad.lost(error)
            self._desk.refresh_unfinished()
            self._broke(error)

    def fail(self, error: StationError) -> None:
        """Stop for an error that came through `BenchWorkflow.failed`."""
        self._fault = stopped_by(self._desk, error)

    def over(self, shown: Shown) -> Shown:
        """Return the defect's display, if there is a defect; otherwise `shown`."""
        if self._fault is None:
            return shown
        return Shown(
            view=shown.view, phase=Phase.STOPPED, prompt=Sentence("state.stopped"), light=Light.BAD, fault=self._fault
        )


def made_choice(desk: Desk, code: str, choice: str) -> None:
    desk.journal.record(ChoiceMade(code=code, choice=choice, operator=desk.worker.id))


def thrown_away(desk: Desk, uid: Uid) -> None:
    """Journal that a tag that failed too often is thrown away."""
    give_up(desk.journal, uid, Sentence("detail.too-often"), desk.worker.id)
    desk.refresh_unfinished()


class PadAtRest:
    """Detects a pad at rest: the same tags answered in two consecutive looks, and were not handled yet."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Treat all tags on the pad as new."""
        self._before: frozenset[Uid] | None = None
        self._done: frozenset[Uid] | None = None

    def done(self, uids: frozenset[Uid]) -> None:
        """Mark these tags as handled; the next change counts."""
        self._before = self._done = uids

    def steady(self, seen: Inventory) -> bool:
        """Return True if the tags on the pad should be handled now."""
        at_rest = not seen.collision and seen.uids == self._before and seen.uids != self._done
        if at_rest:
            self._done = None  # the same tags, if seen again later, count as new
        self._before = None if seen.collision else seen.uids
        return at_rest
