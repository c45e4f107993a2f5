"""The lock between processes: flock(2) on `<data>/station.lock` and on the directory itself, so that a second process
is kept out even if the file was moved away.

The kernel releases the lock when the process ends in any way, so a killed station never blocks the next one. The file
holds the process id and the start time, for the message; a second start that finds a living process there gives up
soon. The file is never removed: removing a locked file would let two processes lock two files of the same name.
"""

from __future__ import annotations

import fcntl
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from station.base.clock import Clock, SystemClock
from station.base.errors import SettingsMissing, StationBusy, StoreError, StoreReadOnly
from station.base.files import open_own
from station.base.sentence import Sentence
from station.store.database.disk import disk_error

LOCK_NAME: Final = "station.lock"
_ATTEMPTS: Final = 3
_PAUSE_S: Final = 0.03
"""Seconds between attempts. A probe (`holder`) holds the lock for microseconds, so a refused lock is tried again."""
_UNSIGNED: Final = 100
"""Number of attempts if the file names no living process: a probe may be waiting for the processor, or another process
may just have taken the lock or be about to release it."""


class Holder(msgspec.Struct, frozen=True):
    """The process that holds the lock, as it identified itself."""

    pid: int = 0
    since: str = ""

    def describe(self) -> Sentence:
        """Return a description for a message."""
        if not self.pid:
            return Sentence("control.unknown-process")
        if self.since:
            return Sentence("control.process-since", pid=self.pid, since=self.since)
        return Sentence("control.process", pid=self.pid)


class Held:
    """Proof that this process holds the lock on `data`; functions that need the lock require it."""

    def __init__(self, data: Path, descriptor: int, directory: int) -> None:
        self.data = data
        self._descriptor = descriptor
        self._directory = directory

    @property
    def valid(self) -> bool:
        """Whether the lock has not been released yet."""
        return self._descriptor >= 0

    def release(self) -> None:
        """Release the lock. May be called twice."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            try:
                os.ftruncate(descriptor, 0)
            finally:
                os.close(descriptor)
                os.close(self._directory)


@contextmanager
def hold(data: Path, clock: Clock | None = None) -> Iterator[Held]:
    """Hold the lock on the directory `data` for the length of a `with` block.

    Raises `StationBusy` with the process that holds it, `SettingsMissing` if the directory does not exist, and
    `StoreReadOnly`, `StoreFull` or `StoreIo` if the lock file cannot be written there.
    """
    held = _acquire(data, clock or SystemClock())
    try:
        yield held
    finally:
        held.release()


def holder(data: Path) -> Holder | None:
    """Return the present holder of the lock, or None. Changes nothing, and raises only `StoreReadOnly`."""
    return _holder(data / LOCK_NAME) or _holder(data)


def _holder(path: Path) -> Holder | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreReadOnly(str(error)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return Holder() if path.is_dir() else _read(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _acquire(data: Path, clock: Clock) -> Held:
    try:
        descriptor = open_own(data / LOCK_NAME, os.O_RDWR)
    except FileNotFoundError as error:
        raise SettingsMissing(Sentence("control.no-data", data=str(data))) from error
    except OSError as error:
        raise _refused(error, data / LOCK_NAME) from error
    directory = -1
    try:
        _lock(descriptor, descriptor, clock)
        directory = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        _lock(directory, descriptor, clock)
        account = msgspec.json.encode(Holder(os.getpid(), clock.now()))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, account, 0)
    except BaseException as error:
        os.close(descriptor)
        if directory >= 0:
            os.close(directory)
        if isinstance(error, OSError):
            raise _refused(error, data / LOCK_NAME) from error
        raise
    return Held(data, descriptor, directory)


def _refused(error: OSError, path: Path) -> StoreError:
    return disk_error(error, path) or StoreReadOnly(f"{path}: {error}")


def _lock(descriptor: int, account: int, clock: Clock) -> None:
    """Lock a file or directory. `account`: the open lock file, which names the process that holds it."""
    for attempt in itertools.count(1):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _read(account)
            if attempt >= (_ATTEMPTS if _lives(holder.pid) else _UNSIGNED):
                raise StationBusy(Sentence("control.held", holder=holder.describe())) from error
            clock.pause(_PAUSE_S)
        else:
            return


def _lives(pid: int) -> bool:
    """Return whether there is such a process. A process in another container is not seen; the start then only takes
    longer."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return pid > 0


def _read(descriptor: int) -> Holder:
    try:
        return msgspec.json.decode(os.pread(descriptor, 1000, 0), type=Holder)
    except msgspec.MsgspecError:
        return Holder()
