"""Request rate: a share of the institution's limit, counted for each request at the moment of sending.

The share is a number of requests in any one second, and is never exceeded. A request may go if, with it, no more than
that many were sent in the second before it, by this process or any other with the same ledger. So a full share can go
at once, which keeps a read and the dependent write close together, and a backlog still uses `1 / (1 + MARGIN_S)` of the
share.

Urgent requests (an operator waits for the answer) go before all others.
"""

from __future__ import annotations

import threading
from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice
from typing import Final

from station.base.clock import Clock, Deadline
from station.base.errors import Unreachable
from station.base.sentence import Sentence
from station.sync.courier.shared_quota import OwnQuota, Quota

MARGIN_S: Final = 0.04
"""Added to the second, because requests travel at different speeds: two that were sent a second apart may arrive a
little closer together."""
SOON_S: Final = 0.2
"""A held request need not be within the share at once, but must be after this time: the answer to the request before it
takes about as long."""
_POLL_S: Final = 0.005


class RateLimit:
    """At most `rate` requests in any one second; a fraction above 1 is rounded down, below 1 it is one request in `1 /
    rate` seconds. Thread-safe; with a `SharedQuota` all processes together keep it. A held request counts only against
    the threads of its own process: another process may send first. Then the held request goes a moment later, never
    above the share."""

    def __init__(self, rate: float, clock: Clock, quota: Quota | None = None) -> None:
        if rate <= 0:
            raise ValueError("rate must be above 0")
        self._most = max(1, int(rate))
        self._window = max(1.0, 1.0 / rate) + MARGIN_S
        self._clock = clock
        self._lock = threading.Lock()
        self._quota = quota if quota is not None else OwnQuota()
        self._waiting: list[tuple[int, int]] = []
        self._numbers = count()
        self._mine = threading.local()
        self._held = 0

    def take(self, count: int = 1) -> None:
        """Wait until `count` requests are within the share, all but the first at most `SOON_S` later. The first is to
        be sent now. The others are held for this thread until it calls `spend` or `give`. A share smaller than `count`
        holds what it has."""
        self.give(self._holding)  # left over after an error
        wanted = min(count, self._most)
        self._wait_for(wanted, 1 if getattr(self._mine, "urgent", False) else 2)
        self._mine.holding = wanted - 1

    def _wait_for(self, wanted: int, rank: int) -> None:
        until: Deadline | None = getattr(self._mine, "until", None)
        with self._lock:
            ticket = (rank, next(self._numbers))
            insort(self._waiting, ticket)
        try:
            while (wait := self._try(ticket, wanted)) > 0:
                if until is not None and wait > until.remaining:
                    raise Unreachable(Sentence("http.share-late"))
                self._clock.pause(wait)
        finally:
            with self._lock:
                self._waiting.remove(ticket)

    def spend(self) -> None:
        """Wait until one more request may be sent: one that this thread holds, which goes before all others, or as in
        `take`."""
        if self._holding == 0:
            self.take()
            return
        self._wait_for(0, 0)
        self._mine.holding -= 1

    def give(self, count: int = 1) -> None:
        """Return held requests that will not be sent."""
        count = min(count, self._holding)
        if count > 0:
            self._mine.holding -= count
            with self._lock:
                self._held -= count

    @contextmanager
    def urgent(self, until: Deadline | None = None) -> Iterator[None]:
        """Let requests of this thread in the block go before all that are not urgent. A request that could not be sent
        before `until` raises `Unreachable` at once."""
        before = getattr(self._mine, "urgent", False), getattr(self._mine, "until", None)
        self._mine.urgent, self._mine.until = True, until
        try:
            yield
        finally:
            self._mine.urgent, self._mine.until = before

    @property
    def _holding(self) -> int:
        return getattr(self._mine, "holding", 0)

    def _try(self, ticket: tuple[int, int], wanted: int) -> float:
        """Return 0.0 if the request may go (it is then counted), else the seconds until the next try is useful.
        `wanted` is 0 for a held request."""
        with self._lock:
            if self._waiting[0] != ticket:
                return _POLL_S  # another request goes first
            with self._quota.opened() as sent:
                wait = _POLL_S if sent is None else self._look(sent, wanted)
            if wait == 0:
                self._held += wanted - 1  # the first one is in the ledger now
            return wait

    def _look(self, times: deque[float], wanted: int) -> float:
        now = self._clock.monotonic()
        sent = list(islice(times, bisect_right(times, now, key=lambda at: at + self._window), None))
        free = self._most - len(sent) - (self._held if wanted else 0)
        later = wanted - free
        soon = later <= 0 or (later <= len(sent) and sent[later - 1] + self._window - now <= SOON_S)
        if free >= 1 and soon:
            times.append(now)
            return 0.0
        first, last = max(1, 1 - free), max(1, wanted) - free
        if last > len(sent):
            return _POLL_S  # other threads hold the requests that we need
        begins = sent[first - 1] + self._window if free < 1 else now
        ends = sent[last - 1] + self._window - (SOON_S if wanted > 1 else 0.0)
        return max(0.001, begins - now, ends - now)
