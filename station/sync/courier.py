"""Carries results from the outbox to the library systems: the one owner of retry.

At-least-once delivery of absolute values, and a look (`confirm`) before anything is sent again whose outcome is not
known, so that the effect happens once. The rules and figures are those of the reliability reference, section 3: per
(system, lane) first in, first out; capped exponential back-off with full jitter (equal jitter when throttled, since
full jitter can give waits near zero); a breaker after 5 failures in a row, then one probe in 30 s.

Waiting times are monotonic and live here in memory: a restart tries at once, and a jump of the wall clock changes
nothing. `step` is for one thread; `status` and `retry_now` may be called from any.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

import msgspec

from station.clock import Clock
from station.deliveries import NO_REASON, Confirmation, Delivery, DeliveryState, Why
from station.errors import Conflict, CredentialsRefused, InDoubt, Rejected, SyncError, Throttled
from station.intents import Side
from station.ports import CirculationSystem, Outbox
from station.text import clean

BASE_S: Final = 1.0
"""First back-off, seconds."""
CAP_S: Final = 300.0
"""Longest back-off, seconds."""
BREAKER_FAILURES: Final = 5
"""So many failures of one system in a row open its breaker."""
PROBE_S: Final = 30.0
"""While a breaker is open, one delivery is tried in this time, seconds."""
CREDENTIALS_HOLD_S: Final = 300.0
"""How long a system that refuses the key is left alone before the next probe, seconds."""
IDLE_S: Final = 10.0
"""Longest time between two looks into the outbox, seconds."""
DETAIL_LENGTH: Final = 2000
"""Longest detail kept with a delivery, characters."""
BODY_LENGTH: Final = 4000
"""Longest answer kept with a parked delivery, characters."""
SIDES: Final = 20
"""Most fields kept of a conflict."""
_PAGE: Final = 100

_log = logging.getLogger("station.sync.courier")


class SystemStatus(msgspec.Struct, frozen=True):
    """How one library system stands, for people."""

    name: str
    ok: bool = True
    sentence: str = ""
    """Empty while all is well."""
    last_error: str = ""
    """The newest error in an engineer's words; stays until the system takes something again."""


class CourierStatus(msgspec.Struct, frozen=True):
    """What the courier shows."""

    depth: int = 0
    """Deliveries that wait; without a `depth` function: lanes that wait."""
    systems: tuple[SystemStatus, ...] = ()
    last_error: str = ""
    """The newest error of any system, also one that parked a delivery."""

    @property
    def note(self) -> str:
        """The sentences of all systems that are not well, in one line."""
        return " ".join(f"{system.name}: {system.sentence}" for system in self.systems if system.sentence)


@dataclass
class _System:
    failures: int = 0
    hold_until: float = 0.0
    probe_at: float = 0.0
    sentence: str = ""
    last_error: str = ""

    @property
    def is_open(self) -> bool:
        return self.failures >= BREAKER_FAILURES


@dataclass
class _Lane:
    failures: int = 0
    due: float = 0.0


class Courier:
    """Delivers what is due, one delivery a step. `depth` counts the waiting deliveries, if somebody can."""

    def __init__(
        self,
        outbox: Outbox,
        systems: Mapping[str, CirculationSystem],
        clock: Clock,
        random: Random,
        depth: Callable[[], int] | None = None,
    ) -> None:
        self._outbox = outbox
        self._systems = dict(systems)
        self._clock = clock
        self._random = random
        self._depth = depth
        self._states = {name: _System() for name in self._systems}
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._unsettled: dict[str, tuple[Delivery, DeliveryState, str, Why]] = {}
        self._unknown: frozenset[str] = frozenset()
        self._last_error = ""
        self._forget_waits = False
        self._status = CourierStatus(systems=tuple(SystemStatus(name) for name in self._systems))

    def step(self) -> float:
        """Do at most one delivery that is due; return the seconds until the next look (0.0: look again at once).

        Raises `StoreError` and `StationClosed` from the outbox and nothing else; an outcome that could not be written
        down is kept and written first thing in the next step.
        """
        if self._forget_waits:
            self._forget_waits = False
            self._lanes.clear()
            for state in self._states.values():
                state.hold_until = state.probe_at = 0.0
        try:
            self._flush()
            head, wait, waiting = self._choose()
            if head is not None:
                self._carry(head)
                wait = 0.0
        finally:
            self._publish()
        self._publish(waiting)
        return wait

    def status(self) -> CourierStatus:
        """How it stood after the newest step."""
        return self._status

    def retry_now(self) -> None:
        """Forget all waiting times before the next step (staff say that the cause is gone)."""
        self._forget_waits = True

    # --- which one ----------------------------------------------------------------------------------------------

    def _choose(self) -> tuple[Delivery | None, float, int]:
        """The oldest delivery that is due, else the seconds until one is; and how many lanes wait."""
        limit = _PAGE + len(self._lanes)
        while True:
            heads = self._outbox.heads(limit)
            now = self._clock.monotonic()
            self._unknown = frozenset(head.system for head in heads if head.system not in self._systems)
            wait = IDLE_S
            for head in heads:
                if head.system not in self._systems or self._is_unsettled(head):
                    continue
                remaining = self._due(head) - now
                if remaining <= 0:
                    return head, 0.0, len(heads)
                wait = min(wait, remaining)
            if len(heads) < limit:
                return None, wait, len(heads)
            limit *= 2  # all of these wait; one behind them may not

    def _is_unsettled(self, head: Delivery) -> bool:
        return any(held.system == head.system and held.lane == head.lane for held, _, _, _ in self._unsettled.values())

    def _due(self, head: Delivery) -> float:
        state = self._states[head.system]
        if state.is_open:
            return max(state.hold_until, state.probe_at)
        lane = self._lanes.get((head.system, head.lane))
        return max(state.hold_until, lane.due if lane else 0.0)

    # --- one delivery -------------------------------------------------------------------------------------------

    def _carry(self, head: Delivery) -> None:
        system = self._systems[head.system]
        doubtful = head.state is DeliveryState.IN_DOUBT
        delivery = self._outbox.lease(head.id)
        try:
            seen = system.confirm(delivery) if doubtful else Confirmation.NOT_LANDED
            if seen is Confirmation.CANNOT_TELL:
                self._answered(delivery.system)
                why = Why(reason="cannot-tell", doubtful=True)
                self._end(delivery, DeliveryState.PARKED, "sent once without an answer; re-reading cannot tell", why)
                return
            if seen is Confirmation.LANDED:
                detail = "confirmed by re-reading"
            else:
                doubtful = False
                detail = system.deliver(delivery, lambda witness: self._outbox.sending(delivery.id, witness)).detail
        except SyncError as error:
            self._failed(delivery, error, doubtful)
        except Exception as error:
            _log.exception("delivery %s to %s: defect", delivery.id, delivery.system)
            why = Why(reason="defect", doubtful=True)
            self._end(delivery, DeliveryState.PARKED, f"defect: {type(error).__name__}: {error}", why)
        else:
            # Outside the try: what the store raises here is not the library system's doing.
            self._succeeded(delivery, detail)

    def _succeeded(self, delivery: Delivery, detail: str) -> None:
        self._answered(delivery.system)
        self._lanes.pop((delivery.system, delivery.lane), None)
        self._settle(delivery, DeliveryState.DELIVERED, detail)

    def _answered(self, name: str) -> None:
        """The system answers: close its breaker, and let nobody wait for what is over."""
        state = self._states[name]
        if state.is_open:
            for (system, _), lane in self._lanes.items():
                if system == name:
                    lane.due = 0.0
        self._states[name] = _System()

    def _failed(self, delivery: Delivery, error: SyncError, doubtful: bool) -> None:
        if isinstance(error, Rejected | Conflict):
            self._answered(delivery.system)
            _log.warning("delivery %s to %s parked: %s", delivery.id, delivery.system, _words(error))
            self._end(delivery, DeliveryState.PARKED, _words(error), _why(error))
            return
        now = self._clock.monotonic()
        state = self._states[delivery.system]
        lane = self._lanes.setdefault((delivery.system, delivery.lane), _Lane())
        lane.failures += 1
        state.failures += 1
        state.sentence = error.message
        state.last_error = self._last_error = _words(error)
        pause = min(CAP_S, BASE_S * 2.0 ** min(lane.failures - 1, 30))
        if isinstance(error, CredentialsRefused):
            state.hold_until = now + CREDENTIALS_HOLD_S
        elif isinstance(error, Throttled):
            # The limit is the institution's, so the whole system waits, not one lane.
            pause = pause / 2 + self._random.uniform(0, pause / 2)
            pause = max(pause, error.retry_after or 0.0)
            state.hold_until = max(state.hold_until, now + pause)
        else:
            pause = self._random.uniform(0, pause)
        lane.due = now + pause
        if state.is_open:
            state.probe_at = now + PROBE_S
        in_doubt = doubtful or isinstance(error, InDoubt)
        _log.info("delivery %s to %s not done, again in %.1f s: %s", delivery.id, delivery.system, pause, _words(error))
        self._settle(delivery, DeliveryState.IN_DOUBT if in_doubt else DeliveryState.DEFERRED, _words(error))

    def _end(self, delivery: Delivery, state: DeliveryState, detail: str, why: Why) -> None:
        self._last_error = clean(detail, DETAIL_LENGTH)
        self._lanes.pop((delivery.system, delivery.lane), None)
        self._settle(delivery, state, detail, why)

    # --- what the store is told -----------------------------------------------------------------------------------

    def _settle(self, delivery: Delivery, state: DeliveryState, detail: str, why: Why = NO_REASON) -> None:
        self._unsettled[delivery.id] = (delivery, state, clean(detail, DETAIL_LENGTH), why)
        self._flush()

    def _flush(self) -> None:
        for key, (_, state, detail, why) in list(self._unsettled.items()):
            self._outbox.settle(key, state, detail, why=why)
            del self._unsettled[key]

    def _publish(self, lanes: int | None = None) -> None:
        depth = self._status.depth
        if lanes is not None:
            depth = lanes if self._depth is None else self._depth()
        known = tuple(
            SystemStatus(name, ok=state.failures == 0, sentence=state.sentence, last_error=state.last_error)
            for name, state in self._states.items()
        )
        unknown = tuple(
            SystemStatus(name, ok=False, sentence="This system is not set up any more; its results are kept.")
            for name in sorted(self._unknown)
        )
        self._status = CourierStatus(depth=depth, systems=known + unknown, last_error=self._last_error)


def _why(error: SyncError) -> Why:
    sides = error.sides if isinstance(error, Conflict) else ()
    return Why(
        reason=error.code,
        body=clean(error.body, BODY_LENGTH),
        sides=tuple(Side(*(clean(text, DETAIL_LENGTH) for text in side)) for side in sides[:SIDES]),
    )


def _words(error: SyncError) -> str:
    return clean(str(error), DETAIL_LENGTH)
