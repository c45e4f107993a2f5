"""Request rate: a share of somebody else's limit, kept on an injected clock."""

from __future__ import annotations

import threading
from typing import Final

from station.clock import Clock

BURST: Final = 2.0
"""Requests that may follow each other at once, so that nothing comes between a read and the write that rests on it."""


class TokenBucket:
    """At most `rate` requests a second in the long run, and `rate` + `BURST` in any one second. Thread-safe."""

    def __init__(self, rate: float, clock: Clock) -> None:
        if rate <= 0:
            raise ValueError("rate must be above 0")
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = BURST
        self._at = clock.monotonic()

    def take(self, count: int = 1) -> None:
        """Wait until `count` more requests are within the share."""
        with self._lock:
            now = self._clock.monotonic()
            self._tokens = min(BURST, self._tokens + (now - self._at) * self._rate) - count
            self._at = now
            wait = max(0.0, -self._tokens / self._rate)
        if wait > 0:
            self._clock.pause(wait)

    def give(self, count: int = 1) -> None:
        """Hand back what was taken and not used."""
        with self._lock:
            self._tokens = min(BURST, self._tokens + count)
