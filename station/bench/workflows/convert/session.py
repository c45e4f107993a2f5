"""State of a conversion session: barcode, place, next, without a tap on the screen. Counts, rate and stack. No I/O.

`MOVES` lists every possible move of a session. Between two moves an item goes through the item flow of process
(`item_flow`, `tag_writer`), so tags are written and verified exactly as there. A session is stored only in the journal:
its begin and end are journaled, each verdict carries its id, and `restored` rebuilds it from there after a restart.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from station.bench.moves import moved
from station.domain.events import (
    ConvertBegan,
    ItemJudged,
    ItemScanned,
    ItemSetAside,
    SetClosed,
    StackChecked,
    TagUndoStarted,
)
from station.domain.verdict import Verdict
from station.domain.workflows import ConvertState, ConvertView, DoneItem, StackReport, StackState

if TYPE_CHECKING:
    from station.domain.ports import Logged

PAUSE_SECONDS: Final = 120.0
"""A longer time between two items counts as a pause, not as work."""
RATE_ITEMS: Final = 20
"""Number of most recent items that the rate covers."""
RATE_LEAST: Final = 3
"""Minimum number of items for a rate."""
_SHOWN: Final = 5


class Trigger(StrEnum):
    """Triggers of a session's moves."""

    OPENED = "opened"
    """The operator entered the workflow."""
    DONE = "done"
    """An item passed."""
    DOUBT = "doubt"
    """The line stopped."""
    SETTLED = "settled"
    """The operator settled a stop, or the check of the stack ended."""
    ASKED = "asked"
    """A check of the stack is to begin."""
    LAID = "laid"
    """All tags of the stack were read and compared."""
    ENDED = "ended"
    """The operator ended the session."""


_S, _H = ConvertState, Trigger
MOVES: Final[dict[tuple[ConvertState, Trigger], ConvertState]] = {
    (_S.CLOSED, _H.OPENED): _S.LINE,
    (_S.LINE, _H.DONE): _S.LINE,
    (_S.LINE, _H.DOUBT): _S.STOPPED,
    (_S.LINE, _H.ASKED): _S.LAY_STACK,
    (_S.LINE, _H.ENDED): _S.CLOSED,
    (_S.STOPPED, _H.DOUBT): _S.STOPPED,
    (_S.STOPPED, _H.SETTLED): _S.LINE,
    (_S.LAY_STACK, _H.LAID): _S.STACK,
    (_S.LAY_STACK, _H.DOUBT): _S.STOPPED,
    (_S.LAY_STACK, _H.SETTLED): _S.LINE,
    (_S.STACK, _H.LAID): _S.STACK,
    (_S.STACK, _H.DOUBT): _S.STOPPED,
    (_S.STACK, _H.SETTLED): _S.LINE,
}
"""All moves of a session; no other move is possible."""


class ConvertSession:
    """One session at a time. Times are in monotonic seconds."""

    def __init__(self, stack_size: int) -> None:
        self._stack_size = stack_size
        self.state = ConvertState.CLOSED
        self._forget("")

    def _forget(self, session: str) -> None:
        self.session = session
        self._done: dict[tuple[str, int], DoneItem] = {}
        self._not_good: set[tuple[str, int]] = set()
        self._stack: dict[tuple[str, int], DoneItem] = {}
        self._right: dict[tuple[str, int], DoneItem] = {}
        """Items found right in the current check of the stack."""
        self._times: deque[float] = deque(maxlen=RATE_ITEMS + 1)
        self.report: StackReport | None = None

    # --- moves -----------------------------------------------------------------------------------------------------------

    def move(self, trigger: Trigger) -> None:
        self.state = moved(MOVES, self.state, trigger)

    def can(self, trigger: Trigger) -> bool:
        """Return True if this move is possible now."""
        return (self.state, trigger) in MOVES

    def open(self, session: str) -> None:
        """Open a new session that was already journaled."""
        self.move(Trigger.OPENED)
        self._forget(session)

    def end(self) -> None:
        """Close the session; its end was already journaled."""
        self.move(Trigger.ENDED)
        self._forget("")

    # --- items -----------------------------------------------------------------------------------------------------------

    def judged(self, item: DoneItem, *, good: bool, now: float | None = None) -> None:
        """Count a verdict of this session. Only the newest verdict on a part counts, and only once."""
        key = (item.barcode, item.part)
        if good:
            self._not_good.discard(key)
            self._done[key] = self._stack[key] = item
        else:
            self._not_good.add(key)
            self._done.pop(key, None)
            self._stack.pop(key, None)
        if now is not None:
            self._times.append(now)

    def undone(self, barcode: str, part: int) -> None:
        """Remove a part whose last write is being undone. It may be converted again."""
        for kept in (self._done, self._stack, self._right):
            kept.pop((barcode, part), None)

    def has(self, barcode: str, parts: int) -> bool:
        """Return True if every part of the item was finished in this session."""
        return all((barcode, part) in self._done for part in range(1, parts + 1))

    def holds(self, barcode: str, part: int) -> bool:
        """Return True if this part was finished in this session."""
        return (barcode, part) in self._done

    @property
    def done(self) -> int:
        """Number of parts that passed."""
        return len(self._done)

    @property
    def not_good(self) -> int:
        """Number of parts whose newest verdict in this session is a fail."""
        return len(self._not_good)

    @property
    def items(self) -> tuple[DoneItem, ...]:
        """All parts that passed, in the order of work."""
        return tuple(self._done.values())

    @property
    def full(self) -> bool:
        """True if the stack has reached its full size."""
        return len(self._stack) >= self._stack_size

    # --- the stack -------------------------------------------------------------------------------------------------------

    @property
    def stack(self) -> tuple[DoneItem, ...]:
        """Finished items not yet found right in a checked stack, in the order of work."""
        return tuple(self._stack.values())

    def expected(self, lying: Iterable[tuple[str, int]]) -> tuple[DoneItem, ...]:
        """Return the items that may be on the pad now: the stack, its items found right since the check began, and
        finished items of this session among those on the pad (`lying`: item and part). A stack that was verified may be
        put on the pad again."""
        wanted = {**self._right, **self._stack}
        again = [self._done[key] for key in lying if key in self._done and key not in wanted]
        return (*again, *wanted.values())

    def looked(self, report: StackReport) -> None:
        """Take the result of a check of the stack. Items found right leave the stack."""
        self.move(Trigger.LAID)
        self._take(report)
        self.report = report

    def _take(self, report: StackReport) -> None:
        for line in report.of(StackState.RIGHT):
            item = self._stack.pop((line.barcode, line.part), None)
            if item is not None:
                self._right[line.barcode, line.part] = item

    def settle(self) -> None:
        """Leave a stop, or end the check of the stack."""
        self.move(Trigger.SETTLED)
        self.report = None
        self._right.clear()

    # --- display ---------------------------------------------------------------------------------------------------------

    @property
    def per_hour(self) -> int | None:
        """Items per hour over the last `RATE_ITEMS` items, without pauses; None = too few items."""
        times = tuple(self._times)
        gaps = [later - sooner for sooner, later in pairwise(times)]
        worked = [gap for gap in gaps if gap <= PAUSE_SECONDS]
        if len(worked) < RATE_LEAST - 1 or sum(worked) <= 0:
            return None
        return round(3600 * len(worked) / sum(worked))

    def view(self) -> ConvertView:
        """Return the view for the screen."""
        return ConvertView(
            state=self.state,
            session=self.session,
            done=self.done,
            not_good=self.not_good,
            per_hour=self.per_hour,
            newest=tuple(reversed(self.items))[:_SHOWN],
            stack=self.stack,
            stack_size=self._stack_size,
            report=self.report,
        )

    # --- restart of the station --------------------------------------------------------------------------------------------

    def restored(self, logged: Iterable[Logged]) -> ItemScanned | None:
        """Restore the open session from the events journaled since it began. Return the scan of the item that was in
        hand when the station ended, also in another workflow; None = there was none."""
        in_hand: ItemScanned | None = None
        for entry in logged:
            match entry.event:
                case ConvertBegan(session=session):
                    self.state = ConvertState.CLOSED
                    self.open(session)
                case ItemScanned() as event:
                    in_hand = event
                case ItemSetAside(barcode=barcode) | SetClosed(barcode=barcode):
                    in_hand = None if in_hand is not None and in_hand.barcode == barcode else in_hand
                case ItemJudged() as event:
                    in_hand = None if in_hand is not None and in_hand.barcode == event.barcode else in_hand
                    if event.session == self.session:
                        self.judged(done_item(event), good=event.verdict is Verdict.PASS)
                case TagUndoStarted(barcode=barcode, part=part):
                    self.undone(barcode, part)
                case StackChecked(session=session, lines=lines) if session == self.session:
                    self._take(StackReport(lines))
        self._right.clear()
        return in_hand


def done_item(event: ItemJudged) -> DoneItem:
    """Return the item and part of a verdict."""
    return DoneItem(event.barcode, event.part, event.parts, event.item.title)
