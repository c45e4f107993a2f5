"""Statistics of a reader: a wrapper that counts the operations of any driver's reader without changing them.

The driver itself keeps the line's counters (`connection.LineCounters`), if it has any; operations, tags and times are
counted here. Any thread may read the figures. The figures of a session are saved to a file: at its end and, at most
every `KEEP_S` seconds, between operations, so that they are also available after the station was killed.
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
from station.base.files import replace_own
from station.base.settings import Reader
from station.domain.inventory import BlocksRead, Inventory, SystemInformation
from station.domain.ports import ReaderCapabilities, Signal
from station.domain.reader_health import LineHealth, OperationHealth, ReaderHealth
from station.domain.tag_image import Uid
from station.drivers.reader.owner import ManagedReader

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

KEPT: Final = "reader-health.json"
"""File with the figures of the last session, in the data directory."""
KEEP_S: Final = 10.0
"""Seconds between two writes of the file, and so the figures that a killed station may lose. About 2 kB are written,
renamed over the old file and not synced: the figures must survive a kill of the program, not a power failure."""


class Recorder:
    """The figures of one session. Any thread may read them."""

    def __init__(self, clock: Clock, settings: Reader, keep: Callable[[ReaderHealth], None] | None = None) -> None:
        """`keep` saves the figures. It is called in the reader's thread, between two operations."""
        self.clock = clock
        self._keep = keep
        self._next_keep = clock.monotonic()
        self._lock = threading.Lock()
        self._line: Callable[[], LineHealth] = LineHealth
        self._health = ReaderHealth(since=clock.now(), until=clock.now(), driver=settings.driver, port=settings.port)
        self._operations: dict[str, OperationHealth] = {}

    def attach(self, line: Callable[[], LineHealth]) -> None:
        """Set the source of the line's figures."""
        self._line = line

    @property
    def health(self) -> ReaderHealth:
        """The current figures."""
        with self._lock:
            return msgspec.structs.replace(
                self._health,
                until=self.clock.now(),
                line=self._line(),
                operations=tuple(self._operations[name] for name in sorted(self._operations)),
            )

    def ended(self, name: str, seconds: float, error: StationError | None) -> None:
        """Count an operation that ended."""
        with self._lock:
            health = self._operations.get(name, OperationHealth(name=name))
            if error is None:
                health = msgspec.structs.replace(
                    health, done=health.done + 1, seconds=health.seconds.with_value(seconds)
                )
            else:
                errors = {**health.errors, error.code: health.errors.get(error.code, 0) + 1}
                health = msgspec.structs.replace(health, errors=errors)
            self._operations[name] = health
            if isinstance(error, PortLost) and self._health.connected:
                self._health = msgspec.structs.replace(self._health, connected=False, lost=self._health.lost + 1)

    def keep_now_and_then(self) -> None:
        """Save the figures if that was not done in the last `KEEP_S` seconds."""
        now = self.clock.monotonic()
        if self._keep is not None and self._operations and now >= self._next_keep:
            self._next_keep = now + KEEP_S
            self._keep(msgspec.structs.replace(self.health, cut_off=True))

    def greeted(self, can: ReaderCapabilities) -> None:
        """Note that the reader was greeted."""
        with self._lock:
            self._health = msgspec.structs.replace(
                self._health,
                connected=True,
                connections=self._health.connections + 1,
                name=can.name,
                firmware=can.firmware,
            )

    def knows(self, can: ReaderCapabilities) -> None:
        """Note what the reader was found to lack so far."""
        with self._lock:
            self._health = msgspec.structs.replace(self._health, iso15693=can.iso15693, lacks=can.lacks)

    def looked(self, inventory: Inventory) -> None:
        """Count an inventory."""
        with self._lock:
            self._health = msgspec.structs.replace(
                self._health,
                tags=self._health.tags.with_value(len(inventory.tags)),
                collisions=self._health.collisions + inventory.collision,
            )

    def wrote(self, blocks: int, seconds: float) -> None:
        """Count blocks that were written, and the time they took together."""
        with self._lock:
            histogram = self._health.write_seconds
            for _ in range(blocks):
                histogram = histogram.with_value(seconds / blocks)
            self._health = msgspec.structs.replace(self._health, write_seconds=histogram)


class Measured:
    """An `owner.ManagedReader` that wraps and measures another one."""

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
        else:
            seconds = self._clock.monotonic() - began
            self._recorder.ended(name, seconds, None)
            return result, seconds
        finally:
            self._recorder.knows(self._reader.capabilities)

    @property
    def capabilities(self) -> ReaderCapabilities:
        return self._reader.capabilities

    def inventory(self) -> Inventory:
        inventory, _ = self._timed("inventory", self._reader.inventory)
        self._recorder.looked(inventory)
        return inventory

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

    def close(self) -> None:
        self._reader.close()


def keep(data: Path, health: ReaderHealth | None) -> None:
    """Save the figures for `station reader health`. A disk error is logged, not raised."""
    if health is None:
        return
    try:
        replace_own(data / KEPT, msgspec.json.encode(health))
    except OSError as error:
        _LOG.warning("the reader's figures were not kept: %s", error)


def kept(data: Path) -> ReaderHealth | None:
    """Return the figures of the last session; None if there are none that can be read."""
    try:
        return msgspec.json.decode((data / KEPT).read_bytes(), type=ReaderHealth)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
