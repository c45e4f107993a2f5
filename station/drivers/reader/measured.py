"""Counts what a reader does, without changing it: a reader around the reader, for every driver.

The line's own counters (`connection.LineCounters`) are the driver's, if it has any; operations, tags and times are counted
here. What is counted can be asked for from any thread. A session's figures are kept in a file: at its end, and meanwhile
behind an operation, no more often than every `KEEP_S` seconds, so that a station that is killed leaves them, too.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from station.base.clock import Clock
from station.base.errors import PortLost, StationError
from station.base.settings import Reader
from station.domain.ports import ReaderCapabilities, Signal
from station.domain.reader_health import LineHealth, OperationHealth, ReaderHealth
from station.domain.snapshot import BlocksRead, Inventory, SystemInformation
from station.domain.tag_image import Uid
from station.drivers.reader.owner import ManagedReader, learn

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

KEPT: Final = "reader-health.json"
"""The figures of the session that ended last, in the data directory."""
KEEP_S: Final = 10.0
"""What a killed station may lose of its figures, and how seldom the file is written: some 2 kB, renamed over the old one
and not synced, since it is the kill of the program that they shall outlive and not the machine's power."""


class Recorder:
    """The figures of one session. Safe to be asked by any thread."""

    def __init__(self, clock: Clock, settings: Reader, keep: Callable[[ReaderHealth], None] | None = None) -> None:
        """`keep` puts the figures down; it is called in the reader's thread, between two operations."""
        self.clock = clock
        self._keep = keep
        self._next_keep = clock.monotonic()
        self._lock = threading.Lock()
        self._line: Callable[[], LineHealth] = LineHealth
        self._health = ReaderHealth(since=clock.now(), until=clock.now(), driver=settings.driver, port=settings.port)
        self._operations: dict[str, OperationHealth] = {}

    def attach(self, line: Callable[[], LineHealth]) -> None:
        """Where the line's figures come from."""
        self._line = line

    @property
    def health(self) -> ReaderHealth:
        """The figures as they are now."""
        with self._lock:
            return msgspec.structs.replace(
                self._health,
                until=self.clock.now(),
                line=self._line(),
                operations=tuple(self._operations[name] for name in sorted(self._operations)),
            )

    def ended(self, name: str, seconds: float, error: StationError | None) -> None:
        """An operation ended."""
        with self._lock:
            one = self._operations.get(name, OperationHealth(name=name))
            if error is None:
                one = msgspec.structs.replace(one, done=one.done + 1, seconds=one.seconds.with_value(seconds))
            else:
                errors = {**one.errors, error.code: one.errors.get(error.code, 0) + 1}
                one = msgspec.structs.replace(one, errors=errors)
            self._operations[name] = one
            if isinstance(error, PortLost) and self._health.connected:
                self._health = msgspec.structs.replace(self._health, connected=False, lost=self._health.lost + 1)

    def keep_now_and_then(self) -> None:
        """Have the figures put down if that was not done in the last `KEEP_S` seconds."""
        now = self.clock.monotonic()
        if self._keep is not None and self._operations and now >= self._next_keep:
            self._next_keep = now + KEEP_S
            self._keep(msgspec.structs.replace(self.health, cut_off=True))

    def greeted(self, can: ReaderCapabilities) -> None:
        """The reader was reached."""
        with self._lock:
            self._health = msgspec.structs.replace(
                self._health,
                connected=True,
                connections=self._health.connections + 1,
                name=can.name,
                firmware=can.firmware,
            )

    def looked(self, inventory: Inventory) -> None:
        """An inventory was made."""
        with self._lock:
            self._health = msgspec.structs.replace(
                self._health,
                tags=self._health.tags.with_value(len(inventory.tags)),
                collisions=self._health.collisions + inventory.collision,
            )

    def wrote(self, blocks: int, seconds: float) -> None:
        """So many blocks were written in this time."""
        with self._lock:
            histogram = self._health.write_seconds
            for _ in range(blocks):
                histogram = histogram.with_value(seconds / blocks)
            self._health = msgspec.structs.replace(self._health, write_seconds=histogram)


class Measured:
    """`owner.ManagedReader` around another one."""

    def __init__(self, reader: ManagedReader, recorder: Recorder) -> None:
        self._reader = reader
        self._recorder = recorder
        self._clock = recorder.clock
        line: Callable[[], LineHealth] | None = getattr(reader, "line_health", None)
        if line is not None:
            recorder.attach(line)

    def _timed(self, name: str, act: Callable[[], T]) -> tuple[T, float]:
        self._recorder.keep_now_and_then()
        began = self._clock.monotonic()
        try:
            result = act()
        except StationError as error:
            self._recorder.ended(name, self._clock.monotonic() - began, error)
            raise
        seconds = self._clock.monotonic() - began
        self._recorder.ended(name, seconds, None)
        return result, seconds

    @property
    def capabilities(self) -> ReaderCapabilities:
        return self._reader.capabilities

    def inventory(self) -> Inventory:
        found, _ = self._timed("inventory", self._reader.inventory)
        self._recorder.looked(found)
        return found

    def system_information(self, uid: Uid) -> SystemInformation:
        return self._timed("system_information", lambda: self._reader.system_information(uid))[0]

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        return self._timed("read_blocks", lambda: self._reader.read_blocks(uid, first, count))[0]

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        _, seconds = self._timed("write_blocks", lambda: self._reader.write_blocks(uid, first, data, block_size))
        self._recorder.wrote(len(data) // block_size, seconds)

    def write_afi(self, uid: Uid, afi: int) -> None:
        self._timed("write_afi", lambda: self._reader.write_afi(uid, afi))

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self._timed("write_dsfid", lambda: self._reader.write_dsfid(uid, dsfid))

    def lock_block(self, uid: Uid, block: int) -> None:
        self._timed("lock_block", lambda: self._reader.lock_block(uid, block))

    def read_eas(self, uid: Uid) -> bool:
        return self._timed("read_eas", lambda: self._reader.read_eas(uid))[0]

    def write_eas(self, uid: Uid, on: bool) -> None:
        self._timed("write_eas", lambda: self._reader.write_eas(uid, on))

    def reset_field(self) -> None:
        self._timed("reset_field", self._reader.reset_field)

    def signal(self, signal: Signal) -> None:
        self._timed("signal", lambda: self._reader.signal(signal))

    def reconnect(self) -> None:
        self._timed("reconnect", self._reader.reconnect)
        self._recorder.greeted(self._reader.capabilities)

    def learn(self) -> None:
        learn(self._reader)

    def close(self) -> None:
        self._reader.close()


def keep(data: Path, health: ReaderHealth | None) -> None:
    """Put the figures down for `station reader health`; a disk that does not take them is no reason to stop."""
    if health is None:
        return
    beside = data / f"{KEPT}.new"
    try:
        beside.write_bytes(msgspec.json.encode(health))
        beside.replace(data / KEPT)
    except OSError as error:
        _LOG.warning("the reader's figures were not kept: %s", error)


def kept(data: Path) -> ReaderHealth | None:
    """The figures of the session that ended last; None where there are none that can be read."""
    try:
        return msgspec.json.decode((data / KEPT).read_bytes(), type=ReaderHealth)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
