"""How often the center looks at what is sent to it: limits for the last minute, so that one sender cannot keep it busy."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

MOST: Final = 1200
"""Requests of one bench in a minute: 10,000 events a second in whole batches."""
MOST_UNREADABLE: Final = 20
"""Requests of one bench in a minute that were refused because of their size or content."""
_MINUTE_S: Final = 60.0


class TooMany(Exception):
    """The sender must wait."""

    def __init__(self, *, reported: bool = True) -> None:
        """`reported`: that the sender sends too much was logged within the last minute, or need not be logged."""
        super().__init__()
        self.reported = reported


class LastMinute:
    """Counts what happened in the last minute, up to a limit."""

    def __init__(self, most: int, seconds: Callable[[], float]) -> None:
        """`seconds`: a clock that only goes forward."""
        self._most = most
        self._seconds = seconds
        self._times: deque[float] = deque()

    @property
    def full(self) -> bool:
        while self._times and self._times[0] <= self._seconds() - _MINUTE_S:
            self._times.popleft()
        return len(self._times) >= self._most

    def add(self) -> None:
        self._times.append(self._seconds())


class _Sender:
    """What one bench sent."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.requests = LastMinute(MOST, seconds)
        self.unreadable = LastMinute(MOST_UNREADABLE, seconds)
        self.reports = LastMinute(1, seconds)
        self.busy = False


class Turns:
    """Requests of each bench: one at a time, and a limited number in a minute. For one thread."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._senders: dict[str, _Sender] = {}

    @contextmanager
    def turn(self, bench: str) -> Iterator[None]:
        """Carry out a request of this bench in the block. Raises `TooMany`."""
        sender = self._of(bench)
        if sender.requests.full or sender.unreadable.full:
            reported = sender.reports.full
            if not reported:
                sender.reports.add()
            raise TooMany(reported=reported)
        sender.requests.add()
        if sender.busy:
            raise TooMany
        sender.busy = True
        try:
            yield
        finally:
            sender.busy = False

    def unreadable(self, bench: str) -> None:
        """Count a request that was refused because of its size or content."""
        self._of(bench).unreadable.add()

    def _of(self, bench: str) -> _Sender:
        return self._senders.setdefault(bench, _Sender(self._seconds))
