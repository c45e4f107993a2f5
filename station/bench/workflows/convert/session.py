"""A conversion session: barcode, place, next, without a touch of the screen; counts, rate and the stack. No I/O.

`MOVES` is the law of a session: what is no key of it cannot happen. What one item goes through between two moves is the
main job's own way (`item_flow`, `tag_writer`), so that a tag is written and proven here exactly as there. Nothing of a session is
kept but in the journal: it is opened and ended there, each verdict carries its id, and `restored` makes it anew from
there after any end of the station.
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
    StackChecked,
    TagUndoStarted,
    TagUndoVerified,
)
from station.domain.snapshot import Verdict
from station.domain.workflows import ConvertState, ConvertView, DoneItem, StackReport, StackState

if TYPE_CHECKING:
    from station.domain.ports import Logged

PAUSE_SECONDS: Final = 120.0
"""A longer time between two items is a pause and no work."""
RATE_ITEMS: Final = 20
"""The rate is that of the last so many items."""
RATE_LEAST: Final = 3
"""Fewer items than this have no rate."""
_SHOWN: Final = 5


class Trigger(StrEnum):
    """What moves a session."""

    OPENED = "opened"
    """The workflow was entered."""
    DONE = "done"
    """An item is finished and good."""
    DOUBT = "doubt"
    """The line was stopped."""
    SETTLED = "settled"
    """A stop was answered, or the look at the stack is over."""
    ASKED = "asked"
    """The stack shall be looked at."""
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
"""Where a session goes; nothing else can happen."""


class ConvertSession:
    """One session at a time. Times are monotonic seconds."""

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
        """Seen right in the present look at the stack."""
        self._times: deque[float] = deque(maxlen=RATE_ITEMS + 1)
        self.report: StackReport | None = None

    # --- moves -----------------------------------------------------------------------------------------------------------

    def move(self, trigger: Trigger) -> None:
        self.state = moved(MOVES, self.state, trigger)

    def can(self, trigger: Trigger) -> bool:
        """True for what can happen now."""
        return (self.state, trigger) in MOVES

    def open(self, session: str) -> None:
        """A new session; it was journaled."""
        self.move(Trigger.OPENED)
        self._forget(session)

    def end(self) -> None:
        """The session is over; its end was journaled."""
        self.move(Trigger.ENDED)
        self._forget("")

    # --- items -----------------------------------------------------------------------------------------------------------

    def judged(self, item: DoneItem, *, good: bool, now: float | None = None) -> None:
        """A verdict of this session; the newest of a part counts, and counts once."""
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
        """The tag of this part was taken back: it is not done any more, and may be converted again."""
        for kept in (self._done, self._stack, self._right):
            kept.pop((barcode, part), None)

    def has(self, barcode: str, parts: int) -> bool:
        """True when every part of the item was finished in this session."""
        return all((barcode, part) in self._done for part in range(1, parts + 1))

    def holds(self, barcode: str, part: int) -> bool:
        """True when this part was finished in this session."""
        return (barcode, part) in self._done

    @property
    def done(self) -> int:
        """Parts finished and good."""
        return len(self._done)

    @property
    def not_good(self) -> int:
        """Parts whose newest verdict of this session is a fail."""
        return len(self._not_good)

    @property
    def items(self) -> tuple[DoneItem, ...]:
        """All that is finished and good, in the order of work."""
        return tuple(self._done.values())

    @property
    def full(self) -> bool:
        """The stack has as many items as a stack has."""
        return len(self._stack) >= self._stack_size

    # --- the stack -------------------------------------------------------------------------------------------------------

    @property
    def stack(self) -> tuple[DoneItem, ...]:
        """Finished, and in no stack yet that was seen right; in the order of work."""
        return tuple(self._stack.values())

    def expected(self, lying: Iterable[tuple[str, int]]) -> tuple[DoneItem, ...]:
        """What may lie there now: the stack, what was seen right of it since the look began, and of what lies there
        (`lying`: item and part) whatever this session has finished. A stack that was verified may be laid down again."""
        wanted = {**self._right, **self._stack}
        again = [self._done[key] for key in lying if key in self._done and key not in wanted]
        return (*again, *wanted.values())

    def looked(self, report: StackReport) -> None:
        """The tags on the pad were read: what is right has left the stack."""
        self.move(Trigger.LAID)
        self._take(report)
        self.report = report

    def _take(self, report: StackReport) -> None:
        for line in report.of(StackState.RIGHT):
            item = self._stack.pop((line.barcode, line.part), None)
            if item is not None:
                self._right[line.barcode, line.part] = item

    def settle(self) -> None:
        """A stop, or the look at the stack, is over."""
        self.move(Trigger.SETTLED)
        self.report = None
        self._right.clear()

    # --- what is shown ---------------------------------------------------------------------------------------------------

    @property
    def per_hour(self) -> int | None:
        """Items an hour over the last `RATE_ITEMS`, pauses left out."""
        times = tuple(self._times)
        gaps = [later - sooner for sooner, later in pairwise(times)]
        worked = [gap for gap in gaps if gap <= PAUSE_SECONDS]
        if len(worked) < RATE_LEAST - 1 or sum(worked) <= 0:
            return None
        return round(3600 * len(worked) / sum(worked))

    def view(self) -> ConvertView:
        """For the screen."""
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

    # --- after the end of the station --------------------------------------------------------------------------------------

    def restored(self, told: Iterable[Logged]) -> str:
        """Take the open session up from what was journaled since it began. Returns the barcode that was in hand when the
        station ended; "" = none was."""
        in_hand = ""
        undos: dict[str, tuple[str, int]] = {}
        for one in told:
            match one.event:
                case ConvertBegan(session=session):
                    self.state = ConvertState.CLOSED
                    self.open(session)
                case ItemScanned(barcode=barcode):
                    in_hand = barcode
                case ItemSetAside(barcode=barcode) if barcode == in_hand:
                    in_hand = ""
                case ItemJudged() as event:
                    in_hand = "" if event.barcode == in_hand else in_hand
                    if event.session == self.session:
                        self.judged(done_item(event), good=event.verdict is Verdict.PASS)
                case TagUndoStarted(attempt=attempt, barcode=barcode, part=part):
                    undos[attempt] = barcode, part
                case TagUndoVerified(attempt=attempt) if attempt in undos:
                    self.undone(*undos[attempt])
                case StackChecked(session=session, lines=lines) if session == self.session:
                    self._take(StackReport(lines))
        self._right.clear()
        return in_hand


def done_item(event: ItemJudged) -> DoneItem:
    """What a verdict was about."""
    return DoneItem(event.barcode, event.part, event.parts, event.item.title)
