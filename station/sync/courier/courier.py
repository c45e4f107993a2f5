"""Carries intents from the outbox to the library systems: the one owner of retry.

At-least-once delivery of absolute statements, and a look (`confirm`) before anything is sent again whose outcome is not
known, so that the effect happens once. What re-reading cannot tell is sent at most once, and then parked for a person.
Per (system, lane) first in, first out; lanes run side by side, as many as the system allows. When the next one is due
is `back_off`'s business.

`begin` and `finish` are for one thread, the courier's; `carry` runs in any. `status` and `retry_now` may be called from
any thread.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Mapping
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
from station.base.text import clean
from station.domain.deliveries.delivery import NO_REASON, Confirmation, Delivery, DeliveryState, Why
from station.domain.deliveries.intents import Side
from station.domain.ports import CirculationSystem, Outbox
from station.sync.courier.back_off import BackOff
from station.sync.courier.holds import Holds, NotKept

IDLE_S: Final = 10.0
"""Longest time between two looks into the outbox, seconds."""
COUNT_S: Final = 1.0
"""The waiting deliveries are counted no more often than that, and what was read of the outbox is used no longer,
seconds."""
DETAIL_LENGTH: Final = 2000
"""Longest detail kept with a delivery, characters."""
BODY_LENGTH: Final = 4000
"""Longest answer kept with a parked delivery, characters."""
SIDES: Final = 20
"""Most fields kept of a conflict."""
_PAGE: Final = 50
"""So many lanes of a system are looked at at once, beside those that are known to wait."""

_log = logging.getLogger("station.sync.courier.courier")


class SystemStatus(msgspec.Struct, frozen=True):
    """How one library system stands, for people."""

    name: str
    ok: bool = True
    sentence: str = ""
    """Empty while all is well."""
    last_error: str = ""
    """The newest error in an engineer's words; stays until the system takes something again."""
    waiting: int = 0
    under_way: int = 0
    carried: int = 0
    """Ended since the courier started, also those that were parked."""


class CourierStatus(msgspec.Struct, frozen=True):
    """What the courier shows."""

    depth: int = 0
    """Deliveries that wait or are under way."""
    parked: int = 0
    """Deliveries that wait for a person."""
    systems: tuple[SystemStatus, ...] = ()
    last_error: str = ""
    """The newest error of any system, also one that parked a delivery."""

    @property
    def note(self) -> str:
        """The sentences of all systems that are not well, in one line."""
        return " ".join(f"{system.name}: {system.sentence}" for system in self.systems if system.sentence)


class Attempt(msgspec.Struct, frozen=True):
    """A leased delivery. `doubtful`: it may have landed before. `told`: how often staff had said that the cause is gone
    when it began."""

    delivery: Delivery
    doubtful: bool
    told: int = 0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a job."""

    attempt: Attempt
    detail: str = ""
    error: Exception | None = None
    sent: bool = False
    """`sending` was called in this try."""
    cannot_tell: bool = False
    looking: bool = False
    """It failed while it was looked up; nothing was sent in this try."""


class _Settled(msgspec.Struct, frozen=True):
    state: DeliveryState
    detail: str
    why: Why


class _Line:
    """What the courier knows of one system."""

    def __init__(self, random: Random) -> None:
        self.health = BackOff(random)
        self.heads: deque[Delivery] = deque()
        self.asked_at = 0.0
        self.under_way = 0
        self.carried = 0
        self.last_error = ""


class Courier:
    def __init__(
        self,
        outbox: Outbox,
        systems: Mapping[str, CirculationSystem],
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
        self._busy: Counter[tuple[str, str]] = Counter()
        self._waiting: dict[str, int] = {}
        self._parked = 0
        self._counted_at: float | None = None
        self._last_error = ""
        self._forget_waits = False
        self._told = 0
        self._status = CourierStatus(systems=tuple(SystemStatus(name) for name in self._systems))

    def step(self) -> float:
        """Do at most one delivery that is due; return the seconds until the next look (0.0: look again at once)."""
        attempt, wait = self.begin()
        if attempt is None:
            return wait
        self.finish(self.carry(attempt))
        return 0.0

    def begin(self) -> tuple[Attempt | None, float]:
        """Lease the next delivery that is due; without one, the seconds until there may be one.

        Raises `StoreError` and `StationClosed` from the outbox and nothing else; an outcome that could not be written
        down is kept and written first thing.
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
                self._turn.append(name)  # the others come first next time
                self._count(now, always=False)
                self._publish()
                return attempt, 0.0
            wait = min(wait, rest)
        self._count(now, always=not any(line.under_way for line in self._lines.values()))
        self._publish()
        return None, wait

    def carry(self, attempt: Attempt) -> Outcome:
        """Look, send, look again: everything that talks to the library system. Raises nothing but what ends threads."""
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
                    return Outcome(attempt=attempt, detail="confirmed by re-reading")
                if seen is Confirmation.CANNOT_TELL:
                    return Outcome(attempt=attempt, cannot_tell=True)
                looking = False
            return Outcome(attempt=attempt, detail=system.deliver(delivery, sending).detail, sent=sent)
        except Exception as error:
            if not isinstance(error, StationError):
                _log.exception("delivery %s to %s: defect", delivery.id, delivery.system)
            return Outcome(attempt=attempt, error=error, sent=sent, looking=looking)

    def finish(self, outcome: Outcome) -> None:
        """Write down what became of a job. Raises as `begin`."""
        delivery = outcome.attempt.delivery
        line = self._lines[delivery.system]
        line.under_way -= 1
        self._busy[delivery.system, delivery.lane] -= 1
        try:
            self._decide(outcome, delivery, line)
            self._holds.keep(delivery.system, line.health.asked_until)
            self._flush()
        finally:
            self._publish()
        if isinstance(outcome.error, StoreError | StationClosed):
            raise outcome.error

    def status(self) -> CourierStatus:
        """How it stood after the newest step."""
        return self._status

    def retry_now(self) -> None:
        """Forget all waiting times before the next step (staff say that the cause is gone). What began before that and
        fails after it makes nobody wait: it says how things were."""
        self._forget_waits = True

    # --- which one ----------------------------------------------------------------------------------------------

    def _next_of(self, name: str, now: float) -> tuple[Attempt | None, float]:
        line, health = self._lines[name], self._lines[name].health
        allowed = 1 if health.is_open else self._systems[name].side_by_side
        if line.under_way >= allowed:
            return None, IDLE_S  # the one that ends will wake us
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
                # While the breaker is open the least troubled lane is the probe: one bad item must not keep it open.
                line.heads.extend(sorted(heads, key=health.troubles) if health.is_open else heads)
            wait = IDLE_S
            while line.heads:
                head = line.heads.popleft()
                if head.id in self._unsettled or self._busy[name, head.lane] > 0:
                    continue
                rest = health.lane_rests(head.lane, now)
                if rest > 0:
                    wait = min(wait, rest)
                    continue
                leased = self._outbox.lease(head.id)
                if leased is not None:
                    line.under_way += 1
                    self._busy[name, head.lane] += 1
                    return Attempt(leased, leased.sent, self._told), 0.0
            if fresh:
                return None, wait
            fresh = True

    # --- what became of it --------------------------------------------------------------------------------------

    def _decide(self, outcome: Outcome, delivery: Delivery, line: _Line) -> None:
        error, health, now = outcome.error, line.health, self._clock.monotonic()
        doubtful = outcome.attempt.doubtful and outcome.looking
        if outcome.cannot_tell:
            health.answered(delivery.lane, now)
            line.last_error = ""
            detail = "it may have been sent, and re-reading cannot tell whether it took effect; not sent again"
            self._park(delivery, line, detail, Why(reason="cannot-tell", doubtful=True))
        elif error is None:
            health.answered(delivery.lane, now)
            line.last_error = ""
            line.carried += 1
            self._settle(delivery, DeliveryState.DELIVERED, outcome.detail)
        elif isinstance(error, StoreError | StationClosed):
            state = DeliveryState.IN_DOUBT if doubtful or outcome.sent else DeliveryState.DEFERRED
            self._settle(delivery, state, "the station could not write down what it was about to send")
        elif isinstance(error, SyncError) and not isinstance(error, Rejected | Conflict):
            self._failed(outcome.attempt, line, error, doubtful or isinstance(error, InDoubt))
        elif isinstance(error, StationError):
            health.answered(delivery.lane, now)
            self._park(delivery, line, _words(error), _why(error, doubtful))
        else:
            health.forget(delivery.lane)
            what = f"defect: {type(error).__name__}: {error}"
            self._park(delivery, line, what, Why(reason="defect", doubtful=doubtful or outcome.sent))

    def _failed(self, attempt: Attempt, line: _Line, error: SyncError, doubtful: bool) -> None:
        delivery, pause = attempt.delivery, 0.0
        # How long to wait for a system that throttles is its own newest word, whenever it was asked.
        if attempt.told == self._told or isinstance(error, Throttled):
            pause = line.health.failed(delivery.lane, error, self._clock.monotonic())
        line.last_error = self._last_error = _words(error)
        if line.health.is_poison(delivery.lane):
            line.health.forget(delivery.lane)
            why = msgspec.structs.replace(_why(error, doubtful), reason="again-and-again")
            self._park(delivery, line, f"tried again and again while others were served: {_words(error)}", why)
            return
        _log.info(
            "delivery %s to %s not done, again in %.1f s: %s", delivery.id, delivery.system, pause, line.last_error
        )
        self._settle(delivery, DeliveryState.IN_DOUBT if doubtful else DeliveryState.DEFERRED, line.last_error)

    def _park(self, delivery: Delivery, line: _Line, detail: str, why: Why) -> None:
        _log.warning("delivery %s to %s parked: %s", delivery.id, delivery.system, clean(detail, DETAIL_LENGTH))
        self._last_error = clean(detail, DETAIL_LENGTH)
        line.carried += 1
        self._settle(delivery, DeliveryState.PARKED, detail, why)

    # --- what the store is told -----------------------------------------------------------------------------------

    def _settle(self, delivery: Delivery, state: DeliveryState, detail: str, why: Why = NO_REASON) -> None:
        self._unsettled[delivery.id] = _Settled(state, clean(detail, DETAIL_LENGTH), why)

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
                last_error=line.last_error,
                waiting=self._waiting.get(name, 0),
                under_way=line.under_way,
                carried=line.carried,
            )
            for name, line in self._lines.items()
        )
        unknown = tuple(
            SystemStatus(name, False, "This system is not set up any more; its results are kept.", "", count)
            for name, count in sorted(self._waiting.items())
            if name not in self._lines
        )
        self._status = CourierStatus(sum(self._waiting.values()), self._parked, known + unknown, self._last_error)


def _why(error: StationError, doubtful: bool) -> Why:
    sides = error.sides if isinstance(error, Conflict) else ()
    return Why(
        reason=error.code,
        body=clean(error.body, BODY_LENGTH) if isinstance(error, SyncError) else "",
        sides=tuple(Side(*(clean(text, DETAIL_LENGTH) for text in side)) for side in sides[:SIDES]),
        doubtful=doubtful,
    )


def _words(error: StationError) -> str:
    return clean(str(error), DETAIL_LENGTH)
