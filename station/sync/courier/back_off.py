"""State of one library system, and thus when its next delivery is due: back-off, throttling, breaker, poison.

Rules and figures: docs/reference/systems.md#delivery. Capped exponential back-off with full jitter per lane. Equal
jitter for the whole system when it throttles (full jitter can give waits near zero), and never less than its
Retry-After. A breaker that opens after 5 consecutive failures and then lets one delivery through every 30 s. All times
are monotonic: a jump of the wall clock changes nothing. They are kept in memory, and a restart tries at once; only the
requested wait of a system that throttles is stored (`holds`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

from station.base.errors import CredentialsRefused, SyncError, Throttled
from station.base.sentence import EMPTY, Sentence
from station.domain.deliveries.delivery import Delivery

BASE_S: Final = 1.0
"""First back-off, seconds."""
CAP_S: Final = 300.0
"""Longest back-off, seconds."""
BREAKER_FAILURES: Final = 5
"""Consecutive failures of one system that open its breaker."""
PROBE_S: Final = 30.0
"""Interval of single deliveries while a breaker is open, seconds."""
CREDENTIALS_HOLD_S: Final = 300.0
"""Wait before the next probe of a system that refuses the key, seconds."""
POISON_FAILURES: Final = 8
"""Failures of a delivery, with other deliveries served in between, after which it is parked for a person."""


@dataclass
class _Lane:
    failures: int = 0
    due: float = 0.0
    own: int = 0
    """Failures with other deliveries served since the previous failure."""
    served: int = -1
    """Number of deliveries the system had served at the newest failure."""


@dataclass
class BackOff:
    """State of one system. Not thread-safe: for the courier's thread."""

    random: Random
    failures: int = 0
    throttles: int = 0
    hold_until: float = 0.0
    probe_at: float = 0.0
    asked_until: float = 0.0
    """End of the wait that the system itself requested: the part of `hold_until` that survives a restart."""
    served: int = 0
    sentence: Sentence = EMPTY
    """Empty while the system works."""
    lanes: dict[str, _Lane] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """True while the breaker is open: one delivery at a time, every `PROBE_S`."""
        return self.failures >= BREAKER_FAILURES

    def rests(self, now: float) -> float:
        """Return the seconds until anything may be sent to this system."""
        return max(0.0, self.hold_until - now, (self.probe_at - now) if self.is_open else 0.0)

    def lane_rests(self, lane: str, now: float) -> float:
        """Return the seconds until this lane's next try. With an open breaker any lane may be the probe."""
        known = self.lanes.get(lane)
        return 0.0 if known is None or self.is_open else max(0.0, known.due - now)

    def troubles(self, head: Delivery) -> int:
        """Return the number of failures of this lane's first delivery."""
        known = self.lanes.get(head.lane)
        return 0 if known is None else known.failures

    def answered(self, lane: str, now: float) -> None:
        """Record an answer (yes or no): close the breaker, and end waits that are no longer needed. A wait that the
        system requested stays, since this answer may be to a request from before."""
        self.lanes.pop(lane, None)
        if self.is_open:
            for other in self.lanes.values():
                other.due = 0.0
        self.failures = 0
        self.probe_at = 0.0
        self.served += 1
        if now < self.asked_until:
            self.hold_until = self.asked_until
            return
        self.throttles = 0
        self.hold_until = self.asked_until = 0.0
        self.sentence = EMPTY

    def failed(self, lane: str, error: SyncError, now: float) -> float:
        """Record that the system did not serve this delivery. Return the wait in seconds."""
        self.sentence = error.sentence
        if isinstance(error, Throttled):
            return self._throttled(error, now)
        self.failures += 1
        if self.is_open:
            self.probe_at = now + PROBE_S
        if isinstance(error, CredentialsRefused):
            self.hold_until = max(self.hold_until, now + CREDENTIALS_HOLD_S)
            return CREDENTIALS_HOLD_S
        known = self.lanes.setdefault(lane, _Lane())
        known.failures += 1
        if known.served != self.served:
            known.own += 1
            known.served = self.served
        pause = self.random.uniform(0, _capped(known.failures))
        known.due = now + pause
        return pause

    def is_poison(self, lane: str) -> bool:
        """Return True if this lane's delivery fails repeatedly while others are served."""
        known = self.lanes.get(lane)
        return known is not None and known.own >= POISON_FAILURES

    def forget_waits(self) -> None:
        """End all waits, after staff reported that the cause is gone."""
        self.lanes.clear()
        self.hold_until = self.probe_at = self.asked_until = 0.0

    def forget(self, lane: str) -> None:
        """Forget this lane's failures, after its first delivery ended."""
        self.lanes.pop(lane, None)

    def _throttled(self, error: Throttled, now: float) -> float:
        """Make the whole system wait, since the limit is the institution's. Parallel throttled requests count once."""
        if now >= self.hold_until:
            self.throttles += 1
        half = _capped(max(1, self.throttles)) / 2
        pause = max(half + self.random.uniform(0, half), error.retry_after or 0.0)
        self.hold_until = max(self.hold_until, now + pause)
        self.asked_until = max(self.asked_until, now + pause)
        return pause

    def remembered(self, until: float, now: float) -> None:
        """Restore the wait that the system requested before the restart."""
        if until > now:
            self.hold_until = self.asked_until = until
            self.throttles = 1
            self.sentence = Throttled().sentence


def _capped(failures: int) -> float:
    return min(CAP_S, BASE_S * 2.0 ** min(failures - 1, 30))
