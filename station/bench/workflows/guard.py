"""What workflows that write tags share: errors that come back to the workflow, choices, and a pad at rest."""

from __future__ import annotations

from collections.abc import Callable

from station.base.errors import ProtocolError, StationError, TransportError
from station.base.words import tell
from station.bench.desk import Desk
from station.bench.item.unfinished import give_up
from station.bench.snapshot import Shown
from station.bench.workflows.workflow import stopped_by
from station.domain.events import ChoiceMade
from station.domain.snapshot import Fault, Inventory, Light, Phase
from station.domain.tag_image import Uid


class Guard:
    """Runs the steps of one workflow. A `StationError` goes to `broke`, so that the fault is shown where it happened and a
    half written tag is finished there. A defect, or a journal that cannot be written, hides the workflow until the next step."""

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
        """What `BenchWorkflow.failed` gets."""
        self._fault = stopped_by(self._desk, error)

    def over(self, shown: Shown) -> Shown:
        """The defect instead of what the workflow shows, if there is one."""
        if self._fault is None:
            return shown
        return Shown(
            view=shown.view, phase=Phase.STOPPED, prompt=tell("state.stopped"), light=Light.BAD, fault=self._fault
        )


def made_choice(desk: Desk, code: str, choice: str) -> None:
    desk.journal.record(ChoiceMade(code=code, choice=choice, operator=desk.worker.id))


def thrown_away(desk: Desk, uid: Uid) -> None:
    """Journal that a tag that failed too often is thrown away."""
    give_up(desk.journal, uid, tell("detail.too-often"), desk.worker.id)
    desk.refresh_unfinished()


class PadAtRest:
    """Tells when the pad has come to rest: the same tags answered at two looks in a row, and were not dealt with yet."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Take whatever lies there for new."""
        self._before: frozenset[Uid] | None = None
        self._done: frozenset[Uid] | None = None

    def done(self, uids: frozenset[Uid]) -> None:
        """These were dealt with; the next change counts."""
        self._before = self._done = uids

    def steady(self, seen: Inventory) -> bool:
        """True when what lies there should be looked at."""
        at_rest = not seen.collision and seen.uids == self._before and seen.uids != self._done
        if at_rest:
            self._done = None  # the same tags again are something new
        self._before = None if seen.collision else seen.uids
        return at_rest
