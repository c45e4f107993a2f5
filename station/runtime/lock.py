"""The lock between processes: flock(2) on `<data>/station.lock`.

The kernel drops the lock when the process ends, however it ends, so a killed station never blocks the next one. The
file holds the process id and the start time for the message, and a start that reads a living one's there waits no longer.
It is never removed: removing a locked file would let two processes lock two files of one name.
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
from station.base.errors import SettingsError, StationBusy, StoreReadOnly
from station.base.words import tell

LOCK_NAME: Final = "station.lock"
_ATTEMPTS: Final = 3
_PAUSE_S: Final = 0.03
"""A probe (`holder`) holds the lock for microseconds; so a refused lock is tried again before it is believed."""
_UNSIGNED: Final = 100
"""So many attempts where no living process has put its name into the file: a probe that was not given the processor, or
whoever has just taken the lock or is about to give it back."""


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock, by its own account."""

    pid: int = 0
    since: str = ""

    def describe(self) -> str:
        """In words, for a message."""
        if not self.pid:
            return tell("control.unknown-process")
        if self.since:
            return tell("control.process-since", pid=self.pid, since=self.since)
        return tell("control.process", pid=self.pid)


class Held:
    """Proof that this process holds the lock on `data`; what must only happen under the lock asks for it."""

    def __init__(self, data: Path, descriptor: int) -> None:
        self.data = data
        self._descriptor = descriptor

    @property
    def valid(self) -> bool:
        """False once the lock was given back."""
        return self._descriptor >= 0

    def release(self) -> None:
        """Give the lock back; harmless when done twice."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            try:
                os.ftruncate(descriptor, 0)
            finally:
                os.close(descriptor)


@contextmanager
def hold(data: Path, clock: Clock | None = None) -> Iterator[Held]:
    """Hold the lock on the directory `data` for the length of a `with` block.

    Raises `StationBusy` naming the process that holds it, `SettingsError` when the directory does not exist and
    `StoreReadOnly` when the lock file cannot be written there.
    """
    held = _acquire(data, clock or SystemClock())
    try:
        yield held
    finally:
        held.release()


def holder(data: Path) -> Holder | None:
    """Who holds the lock now, or None; changes nothing and raises nothing but `StoreReadOnly`."""
    try:
        descriptor = os.open(data / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreReadOnly(str(error)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _acquire(data: Path, clock: Clock) -> Held:
    try:
        descriptor = os.open(data / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError as error:
        raise SettingsError(tell("control.no-data", data=data)) from error
    except OSError as error:
        raise StoreReadOnly(str(error)) from error
    try:
        _lock(descriptor, clock)
        account = msgspec.json.encode(Holder(os.getpid(), clock.now()))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, account, 0)
    except OSError as error:
        os.close(descriptor)
        raise StoreReadOnly(f"{data / LOCK_NAME}: {error}") from error
    except BaseException:
        os.close(descriptor)
        raise
    return Held(data, descriptor)


def _lock(descriptor: int, clock: Clock) -> None:
    for attempt in itertools.count(1):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            found = _read(descriptor)
            if attempt >= (_ATTEMPTS if _lives(found.pid) else _UNSIGNED):
                raise StationBusy(found.describe()) from error
            clock.pause(_PAUSE_S)
        else:
            return


def _lives(pid: int) -> bool:
    """Is there such a process? (From another container that cannot be seen: then it only takes longer.)"""
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
