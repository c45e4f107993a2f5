"""Ledger of recent requests, shared by all processes of one data directory, so that all of them together keep to one
share.

A running station, `station sync check` beside it, a look-up from the command line: each reads the same small file
before each request. It holds the newest times by the machine's monotonic clock, which all processes of one boot of the
machine share. A file from before the last boot counts as empty (a second has passed since). The kernel releases the
lock of a process that dies, and the file is changed by one write of less than a page, so `kill -9` at any moment leaves
it intact. A damaged file counts as a used-up share: it costs a second, and never exceeds the limit. If the file cannot
be used at all, nothing is sent.
"""

from __future__ import annotations

import fcntl
import math
import os
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol

from station.base.clock import Clock
from station.base.errors import Unreachable
from station.base.files import open_own
from station.base.sentence import Sentence

ENTRIES: Final = 400
"""Number of newest times that are kept: more than any share has in its window."""
KEPT_S: Final = 600.0
"""Maximum age of kept times, seconds; no share needs older ones."""
BUSY_S: Final = 10.0
"""Longest time that another process may hold the file, seconds. A look takes less than a millisecond, so a longer hold
means that the process was stopped in the middle."""
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_HEAD: Final = struct.Struct("<8s36sI")
_MAGIC: Final = b"share-1\n"
_SIZE: Final = _HEAD.size + 8 * ENTRIES
"""Less than a page (4096), so that a signal never cuts a write in two."""


class Quota(Protocol):
    """Storage of the times of the newest requests."""

    def opened(self) -> AbstractContextManager[deque[float] | None]:
        """Open the ledger for a look: yield the times, oldest first, to which one may be added; None while another
        process looks. Raises `Unreachable` if the times cannot be stored."""
        ...


class OwnQuota:
    """Times of one process, in memory."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=ENTRIES)

    @contextmanager
    def opened(self) -> Iterator[deque[float] | None]:
        yield self._times


class SharedQuota:
    """Times of all processes that use the same file. `boot` identifies one boot of the machine."""

    def __init__(self, path: Path, clock: Clock, boot: str | None = None) -> None:
        self._path = path
        self._clock = clock
        self._busy_since: float | None = None
        self._boot = (boot if boot is not None else this_boot()).encode("ascii", "replace")[:36].ljust(36, b"\0")

    @contextmanager
    def opened(self) -> Iterator[deque[float] | None]:
        try:
            file = open_own(self._path, os.O_RDWR)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._is_busy()
                yield None
                return
            except OSError as error:
                raise self._unusable(error) from error
            self._busy_since = None
            times, damaged = self._read(file)
            before = tuple(times)
            yield times
            if damaged or tuple(times) != before:
                self._write(file, times)
        finally:
            os.close(file)  # this also releases the lock

    def _is_busy(self) -> None:
        now = self._clock.monotonic()
        self._busy_since = now if self._busy_since is None else self._busy_since
        if now - self._busy_since > BUSY_S:
            raise Unreachable(Sentence("http.ledger.held", path=str(self._path)))

    def _read(self, file: int) -> tuple[deque[float], bool]:
        """Return the times, and whether the file was damaged."""
        now = self._clock.monotonic()
        try:
            data = os.pread(file, _SIZE + 1, 0)
        except OSError as error:
            raise self._unusable(error) from error
        if not data:
            return deque(maxlen=ENTRIES), False
        used_up = deque([now] * ENTRIES, maxlen=ENTRIES), True
        if len(data) != _SIZE:
            return used_up
        magic, boot, count = _HEAD.unpack_from(data)
        if magic != _MAGIC or count > ENTRIES:
            return used_up
        if boot != self._boot:
            return deque(maxlen=ENTRIES), False
        times = struct.unpack_from(f"<{count}d", data, _HEAD.size)
        if not all(math.isfinite(at) and at <= now for at in times) or list(times) != sorted(times):
            return used_up
        return deque((at for at in times if at > now - KEPT_S), maxlen=ENTRIES), False

    def _write(self, file: int, times: deque[float]) -> None:
        data = _HEAD.pack(_MAGIC, self._boot, len(times)) + struct.pack(f"<{len(times)}d", *times)
        try:
            if os.fstat(file).st_size > _SIZE:
                os.ftruncate(file, _SIZE)  # bytes after our data would count as damage forever
            written = os.pwrite(file, data.ljust(_SIZE, b"\0"), 0)
        except OSError as error:
            raise self._unusable(error) from error
        if written != _SIZE:
            raise Unreachable(Sentence("http.ledger.disk", path=str(self._path), written=written, bytes=_SIZE))

    def _unusable(self, error: OSError) -> Unreachable:
        return Unreachable(Sentence("http.ledger.unusable", path=str(self._path), why=error.strerror or str(error)))


def this_boot() -> str:
    """Return the kernel's id of this boot of the machine; "" if it is unknown."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
