"""Time is injected by constructor. `SystemClock` is the real clock; tests pass a clock that they set themselves."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_UNKNOWN_BOOT = secrets.token_hex(16)


def boot() -> str:
    """Return an id of the machine's current boot. Monotonic times of one boot can be compared, even between processes.
    If the system gives no id (it is not Linux), each process counts as its own boot."""
    try:
        return _BOOT.read_text(encoding="ascii").strip() or _UNKNOWN_BOOT
    except (OSError, UnicodeDecodeError):
        return _UNKNOWN_BOOT


class Clock(Protocol):
    """The times that a program needs, and the only way to wait."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back; for deadlines and intervals only."""
        ...

    def now(self) -> str:
        """Return wall-clock time as ISO 8601 UTC with microseconds; for the journal only, never for ordering."""
        ...

    def day(self, ahead: int = 0) -> str:
        """Return the local date (ISO 8601, the machine's own time zone) `ahead` days from today; for due dates."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        ...


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> str:
        return datetime.now(UTC).isoformat(timespec="microseconds")

    def day(self, ahead: int = 0) -> str:
        return (datetime.now(UTC).astimezone().date() + timedelta(days=ahead)).isoformat()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)


class Deadline:
    """A point in monotonic time. Pass deadlines instead of timeouts: a deadline stays correct when passed on."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._at = clock.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Return the seconds left, never below 0."""
        return max(0.0, self._at - self._clock.monotonic())

    @property
    def expired(self) -> bool:
        """Return True once no time is left."""
        return self.remaining == 0.0
