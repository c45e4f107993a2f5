"""Carries intents from the outbox to the library systems. Sole owner of retries.

Absolute statements are delivered at least once. If an outcome is unknown, `confirm` looks it up before anything is sent
again, so that the effect happens once. A delivery whose outcome re-reading cannot show is sent at most once, and then
parked for a person. Per (system, lane) first in, first out. Lanes run in parallel, as many as the system allows.
`back_off` decides when the next one is due.

`begin` and `finish` are for one thread, the courier's; `carry` runs in any. `status` and `retry_now` may be called from
any thread.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Final

import msgspec

from station.base.clock import Clock
from station.base.errors import (
    Conflict,
    InDoubt,
    Rejected,
    StationClosed,
    StationError,
    StoreError,
    SyncError,
    Throttled,
)
from station.base.sentence import EMPTY, Sentence
from station.base.settings import LONGEST_TAKE_BACK_S
from station.base.text import clean, clean_sentence
from station.domain.deliveries.delivery import NO_REASON, Confirmation, Delivery, DeliveryState, Why, system_word
from station.domain.deliveries.intents import Side
from station.domain.ports import DeliverySystem, Outbox
from station.sync.courier.back_off import BackOff
from station.sync.courier.holds import Holds, NotKept

IDLE_S: Final = 10.0
"""Longest time between two reads of the outbox, seconds."""
COUNT_S: Final = 1.0
"""Minimum interval between counts of the waiting deliveries, and maximum age of rows read from the outbox, seconds."""
DETAIL_LENGTH: Final = 2000
"""Longest detail kept with a delivery, characters."""
BODY_LENGTH: Final = 4000
"""Longest answer kept with a parked delivery, characters."""
SIDES: Final = 20
"""Most fields of a conflict that are kept."""
_PAGE: Final = 50
"""Lanes of a system that are read at once, besides those that are known to wait."""

_log = logging.getLogger("station.sync.courier.courier")


class SystemStatus(msgspec.Struct, frozen=True):
    """State of one library system, for display."""

    name: str
    ok: bool = True
    sentence: Sentence = EMPTY
    """Empty while the system works."""
    waiting: int = 0
    under_way: int = 0
    carried: int = 0
    """Deliveries that ended since the courier started, including parked ones."""


class CourierStatus(msgspec.Struct, frozen=True):
    """State of the courier, for display."""

    depth: int = 0
    """Deliveries that wait or are under way."""
    parked: int = 0
    """Deliveries that wait for a person."""
    systems: tuple[SystemStatus, ...] = ()

    @property
    def note(self) -> Sentence:
        """The sentences of all systems with problems, in one line."""
        return Sentence.joined(
            (
                Sentence.joined((system_word(system.name), system.sentence), ": ")
                for system in self.systems
                if system.sentence
            ),
            " ",
        )


class Attempt(msgspec.Struct, frozen=True):
    """A leased delivery. `doubtful`: it may have landed before. `told`: the number of `retry_now` calls at its
    start."""

    delivery: Delivery
    doubtful: bool
    told: int = 0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Result of an attempt."""

    attempt: Attempt
    detail: Sentence = EMPTY
    error: Exception | None = None
    sent: bool = False
    """True if `sending` was called in this attempt."""
    cannot_tell: bool = False
    looking: bool = False
    """True if the look-up of an earlier attempt failed; nothing was sent in this attempt."""


class _Settled(msgspec.Struct, frozen=True):
    state: DeliveryState
    detail: Sentence
    why: Why


class _Line:
    """The courier's state of one system."""

    def __init__(self, random: Random) -> None:
        self.health = BackOff(random)
        self.heads: deque[Delivery] = deque()
        self.asked_at = 0.0
        self.under_way = 0
        self.carried = 0


class Courier:
    def __init__(
        self,
        outbox: Outbox,
        systems: Mapping[str, DeliverySystem],
        clock: Clock,
        random: Random,
        holds: Holds | None = None,
    ) -> None:
        self._outbox = outbox
        self._holds = holds if holds is not None else NotKept()
        self._systems = dict(systems)
        self._clock = clock
        self._lines = {name: _Line(random) for name in self._systems}
        for name, line in self._lines.items():
            line.health.remembered(self._holds.until(name), clock.monotonic())
        self._turn = deque(self._systems)
        self._unsettled: dict[str, _Settled] = {}
        self._busy: set[tuple[str, str]] = set()
        """System and lane of each delivery under way."""
        self._waiting: dict[str, int] = {}
        self._parked = 0
        self._counted_at: float | None = None
        self._forget_waits = False
        self._told = 0
        self._status = CourierStatus(systems=tuple(SystemStatus(name) for name in self._systems))

    def step(self) -> float:
        """Carry out at most one delivery that is due. Return the seconds until the next look (0.0: look again at
        once)."""
        attempt, wait = self.begin()
        if attempt is None:
            return wait
        self.finish(self.carry(attempt))
        return 0.0

    def begin(self) -> tuple[Attempt | None, float]:
        """Lease the next delivery that is due. Without one, return the seconds until there may be one.

        Raises only `StoreError` and `StationClosed` from the outbox. An outcome that could not be stored is kept, and
        stored first the next time.
        """
        if self._forget_waits:
            self._forget_waits = False
            self._told += 1
            for name, line in self._lines.items():
                line.health.forget_waits()
                self._holds.keep(name, 0.0)
        self._flush()
        now = self._clock.monotonic()
        wait = IDLE_S
        for name in tuple(self._turn):
            attempt, rest = self._next_of(name, now)
            if attempt is not None:
                self._turn.remove(name)
                self._turn.append(name)  # the other systems come first next time
                self._count(now, always=False)
                self._publish()
                return attempt, 0.0
            wait = min(wait, rest)
        self._count(now, always=not any(line.under_way for line in self._lines.values()))
        self._publish()
        return None, wait

    def carry(self, attempt: Attempt) -> Outcome:
        """Look up, send, and read back: all communication with the library system. Raises only exceptions that end
        threads."""
        delivery, system = attempt.delivery, self._systems[attempt.delivery.system]
        sent = False
        looking = attempt.doubtful

        def sending(witness: str) -> None:
            nonlocal sent
            self._outbox.sending(delivery.id, witness)
            sent = True

        try:
            if attempt.doubtful:
                seen = system.confirm(delivery)
                if seen is Confirmation.LANDED:
                    return Outcome(attempt=attempt, detail=Sentence("delivery.confirmed"))
                if seen is Confirmation.CANNOT_TELL:
                    return Outcome(attempt=attempt, cannot_tell=True)
                looking = False
            return Outcome(attempt=attempt, detail=system.deliver(delivery, sending).detail, sent=sent)
        except Exception as error:
            if not isinstance(error, StationError):
                _log.exception("delivery %s to %s: defect", delivery.id, delivery.system)
            return Outcome(attempt=attempt, error=error, sent=sent, looking=looking)

    def finish(self, outcome: Outcome) -> None:
        """Store the result of an attempt. Raises the errors of `begin`."""
        delivery = outcome.attempt.delivery
        line = self._lines[delivery.system]
        line.under_way -= 1
        self._busy.remove((delivery.system, delivery.lane))
        try:
            self._decide(outcome, delivery, line)
            self._holds.keep(delivery.system, line.health.asked_until)
            self._flush()
        finally:
            self._publish()
        if isinstance(outcome.error, StoreError | StationClosed):
            raise outcome.error

    def status(self) -> CourierStatus:
        """Return the status after the newest step."""
        return self._status

    def retry_now(self) -> None:
        """End all waits before the next step, after staff reported that the cause is gone. An attempt that began
        earlier and fails later causes no wait, since its failure describes the old state."""
        self._forget_waits = True

    # --- choosing the next --------------------------------------------------------------------------------------

    def _next_of(self, name: str, now: float) -> tuple[Attempt | None, float]:
        line, health = self._lines[name], self._lines[name].health
        allowed = 1 if health.is_open else self._systems[name].side_by_side
        if line.under_way >= allowed:
            return None, IDLE_S  # the attempt that ends will wake the courier
        rest = health.rests(now)
        if rest > 0:
            line.heads.clear()
            return None, rest
        fresh = not line.heads or now - line.asked_at >= COUNT_S
        while True:
            if fresh:
                line.heads.clear()
                line.asked_at = now
                heads = self._outbox.heads(_PAGE + len(health.lanes) + line.under_way, name)
                # While the breaker is open, the lane with the fewest failures is the probe, so that one bad item cannot
                # keep it open.
                line.heads.extend(sorted(heads, key=health.troubles) if health.is_open else heads)
            wait = IDLE_S
            while line.heads:
                head = line.heads.popleft()
                if head.id in self._unsettled or (name, head.lane) in self._busy:
                    continue
                rest = max(health.lane_rests(head.lane, now), self._holds_back(head))
                if rest > 0:
                    wait = min(wait, rest)
                    continue
                leased = self._outbox.lease(head.id)
                if leased is not None:
                    line.under_way += 1
                    self._busy.add((name, head.lane))
                    return Attempt(leased, leased.sent, self._told), 0.0
            if fresh:
                return None, wait
            fresh = True

    def _holds_back(self, head: Delivery) -> float:
        """Return the seconds until a delivery may be sent. If they are more than the longest time to take a verdict
        back, the clock was set back, and the delivery is due."""
        if not head.not_before:
            return 0.0
        left = (datetime.fromisoformat(head.not_before) - datetime.fromisoformat(self._clock.now())).total_seconds()
        return left if 0 < left <= LONGEST_TAKE_BACK_S else 0.0

    # --- results ------------------------------------------------------------------------------------------------

    def _decide(self, outcome: Outcome, delivery: Delivery, line: _Line) -> None:
        error, health, now = outcome.error, line.health, self._clock.monotonic()
        doubtful = outcome.attempt.doubtful and outcome.looking
        if outcome.cannot_tell:
            health.answered(delivery.lane, now)
            self._park(delivery, line, Sentence("delivery.cannot-tell"), Why(reason="cannot-tell", doubtful=True))
        elif error is None:
            health.answered(delivery.lane, now)
            line.carried += 1
            self._settle(delivery, DeliveryState.DELIVERED, outcome.detail)
        elif isinstance(error, StoreError | StationClosed):
            state = DeliveryState.IN_DOUBT if doubtful or outcome.sent else DeliveryState.DEFERRED
            self._settle(delivery, state, Sentence("delivery.not-recorded"))
        elif isinstance(error, SyncError) and not isinstance(error, Rejected | Conflict):
            self._failed(outcome.attempt, line, error, doubtful or isinstance(error, InDoubt))
        elif isinstance(error, StationError):
            health.answered(delivery.lane, now)
            self._park(delivery, line, _detail_of(error), _why(error, doubtful))
        else:
            health.forget(delivery.lane)
            defect = Sentence("delivery.defect", error=f"{type(error).__name__}: {error}")
            self._park(delivery, line, defect, Why(reason="defect", doubtful=doubtful or outcome.sent))

    def _failed(self, attempt: Attempt, line: _Line, error: SyncError, doubtful: bool) -> None:
        delivery, pause = attempt.delivery, 0.0
        # The newest requested wait of a system that throttles always applies, even if its attempt began before
        # `retry_now`.
        if attempt.told == self._told or isinstance(error, Throttled):
            pause = line.health.failed(delivery.lane, error, self._clock.monotonic())
        detail = _detail_of(error)
        if line.health.is_poison(delivery.lane):
            line.health.forget(delivery.lane)
            why = msgspec.structs.replace(_why(error, doubtful), reason="again-and-again")
            self._park(delivery, line, Sentence("delivery.again-and-again", error=detail or error.sentence), why)
            return
        _log.info("delivery %s to %s failed, next try in %.1f s: %s", delivery.id, delivery.system, pause, error)
        state = DeliveryState.IN_DOUBT if doubtful else DeliveryState.DEFERRED
        self._settle(delivery, state, detail, Why(reason=error.code))

    def _park(self, delivery: Delivery, line: _Line, detail: Sentence, why: Why) -> None:
        _log.warning("delivery %s to %s parked, %s: %s", delivery.id, delivery.system, why.reason, detail)
        line.carried += 1
        self._settle(delivery, DeliveryState.PARKED, detail, why)

    # --- writing to the store -------------------------------------------------------------------------------------

    def _settle(self, delivery: Delivery, state: DeliveryState, detail: Sentence, why: Why = NO_REASON) -> None:
        self._unsettled[delivery.id] = _Settled(state, clean_sentence(detail, DETAIL_LENGTH), why)

    def _flush(self) -> None:
        for key, end in list(self._unsettled.items()):
            self._outbox.settle(key, end.state, end.detail, why=end.why)
            del self._unsettled[key]

    def _count(self, now: float, *, always: bool) -> None:
        if always or self._counted_at is None or now - self._counted_at >= COUNT_S:
            self._waiting = self._outbox.waiting()
            self._parked = self._outbox.parked()
            self._counted_at = now

    def _publish(self) -> None:
        known = tuple(
            SystemStatus(
                name,
                ok=not line.health.sentence,
                sentence=line.health.sentence,
                waiting=self._waiting.get(name, 0),
                under_way=line.under_way,
                carried=line.carried,
            )
            for name, line in self._lines.items()
        )
        unknown = tuple(
            SystemStatus(name, False, Sentence("delivery.not-configured"), waiting=count)
            for name, count in sorted(self._waiting.items())
            if name not in self._lines
        )
        self._status = CourierStatus(sum(self._waiting.values()), self._parked, known + unknown)


def _why(error: StationError, doubtful: bool) -> Why:
    sides = error.sides if isinstance(error, Conflict) else ()
    return Why(
        reason=error.code,
        body=clean(error.body, BODY_LENGTH) if isinstance(error, SyncError) else "",
        sides=tuple(Side(*(clean(text, DETAIL_LENGTH) for text in side)) for side in sides[:SIDES]),
        doubtful=doubtful,
    )


def _detail_of(error: StationError) -> Sentence:
    """Return the detail of an error, for staff; its code is the reason."""
    return clean_sentence(error.detail, DETAIL_LENGTH)
