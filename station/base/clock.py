"""Time comes in by constructor. `SystemClock` is the real one; tests bring a clock they turn by hand."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_UNKNOWN_BOOT = secrets.token_hex(16)


def boot() -> str:
    """What tells this boot of the machine from every other one: monotonic times of one boot can be compared, also between
    processes. Where the system does not say (it is no Linux), each process is a boot of its own."""
    try:
        return _BOOT.read_text(encoding="ascii").strip() or _UNKNOWN_BOOT
    except (OSError, UnicodeDecodeError):
        return _UNKNOWN_BOOT


class Clock(Protocol):
    """The times a program needs, and the only way to wait."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; for deadlines and intervals only."""
        ...

    def now(self) -> str:
        """Wall-clock time as ISO 8601 UTC with microseconds; for the journal only, never for order."""
        ...

    def day(self, ahead: int = 0) -> str:
        """The date here (ISO 8601, the machine's own time zone) so many days from now; for due dates."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait that long."""
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
    """A point in monotonic time. Pass deadlines, not time-outs: they survive being handed on."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._at = clock.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._at - self._clock.monotonic())

    @property
    def expired(self) -> bool:
        """True once no time is left."""
        return self.remaining == 0.0
