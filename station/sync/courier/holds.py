"""Waits requested by systems that throttle (Retry-After, a used-up day), stored so that they survive a kill of the
station.

Stored as times of the machine's monotonic clock with the id of its boot: a jump of the wall clock changes nothing, and
after a restart of the machine everything is tried at once. A file that is damaged or cannot be written costs one
request too early, never a delivery.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

import msgspec

from station.base.clock import Clock
from station.base.files import replace_own
from station.sync.courier.shared_quota import this_boot

HOLDS: Final = "courier.holds"
"""File name, in the data directory."""
LONGEST_S: Final = 86_400.0
"""Longest wait for any system, whatever the file contains, seconds."""
_log = logging.getLogger("station.sync.courier.holds")


class Holds(Protocol):
    """Ends of requested waits, by system; monotonic seconds."""

    def until(self, system: str) -> float:
        """Return the end of the system's wait; 0.0 = none known."""
        ...

    def keep(self, system: str, until: float) -> None:
        """Store the end of a wait before returning; 0.0 = no wait. Never raises."""
        ...


class NotKept:
    """Waits of one process, not stored."""

    def until(self, system: str) -> float:  # noqa: ARG002
        return 0.0

    def keep(self, system: str, until: float) -> None: ...


class _Kept(msgspec.Struct, frozen=True):
    boot: str
    until: dict[str, float]


class KeptHolds:
    """Waits in a file of the data directory. Only the process that holds the directory uses it. `boot` identifies one
    boot of the machine."""

    def __init__(self, path: Path, clock: Clock, boot: str | None = None) -> None:
        self._path = path
        self._clock = clock
        self._boot = this_boot() if boot is None else boot
        self._until = dict(self._read())

    def until(self, system: str) -> float:
        found, most = self._until.get(system, 0.0), self._clock.monotonic() + LONGEST_S
        return min(found, most) if math.isfinite(found) else 0.0

    def keep(self, system: str, until: float) -> None:
        if self._until.get(system, 0.0) == until:
            return
        self._until[system] = until
        try:
            replace_own(self._path, msgspec.json.encode(_Kept(self._boot, self._until)))
        except OSError as error:
            _log.warning("%s: %s", self._path, error.strerror)

    def _read(self) -> Mapping[str, float]:
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            _log.warning("%s: %s; every system is asked at once", self._path, type(error).__name__)
            return {}
        return found.until if found.boot == self._boot and self._boot else {}
