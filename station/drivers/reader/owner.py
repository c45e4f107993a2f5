"""The reader's own thread, and a reader for everybody else that asks through it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from station.base.mailbox import Owner
from station.domain.ports import Reader, ReaderCapabilities, Signal
from station.domain.reader_health import ReaderHealth
from station.domain.snapshot import BlocksRead, Inventory, SystemInformation
from station.domain.tag_image import Uid


class ManagedReader(Reader, Protocol):
    """A reader that can be let go."""

    def close(self) -> None: ...


def learn(reader: object) -> None:
    """Let the reader's driver find out what the reader lacks, if it can: `capabilities.lacks` is complete then. Asks the reader
    many questions; each is an operation of its own. Raises what the line raises."""
    ask: Callable[[], None] | None = getattr(reader, "learn", None)
    if ask is not None:
        ask()


class OwnedReader:
    """`ports.Reader` for any thread: posts each operation to the owner and waits for it. Raises what the reader
    raises, and `StationClosed` after `ReaderOwner.stop`."""

    def __init__(self, owner: Owner[ManagedReader]) -> None:
        self._owner = owner

    @property
    def capabilities(self) -> ReaderCapabilities:
        return self._owner.call(lambda reader: reader.capabilities)

    def inventory(self) -> Inventory:
        return self._owner.call(lambda reader: reader.inventory())

    def system_information(self, uid: Uid) -> SystemInformation:
        return self._owner.call(lambda reader: reader.system_information(uid))

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        return self._owner.call(lambda reader: reader.read_blocks(uid, first, count))

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        self._owner.call(lambda reader: reader.write_blocks(uid, first, data, block_size))

    def write_afi(self, uid: Uid, afi: int) -> None:
        self._owner.call(lambda reader: reader.write_afi(uid, afi))

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self._owner.call(lambda reader: reader.write_dsfid(uid, dsfid))

    def lock_block(self, uid: Uid, block: int) -> None:
        self._owner.call(lambda reader: reader.lock_block(uid, block))

    def read_eas(self, uid: Uid) -> bool:
        return self._owner.call(lambda reader: reader.read_eas(uid))

    def write_eas(self, uid: Uid, on: bool) -> None:
        self._owner.call(lambda reader: reader.write_eas(uid, on))

    def reset_field(self) -> None:
        self._owner.call(lambda reader: reader.reset_field())

    def signal(self, signal: Signal) -> None:
        self._owner.call(lambda reader: reader.signal(signal))

    def reconnect(self) -> None:
        self._owner.call(lambda reader: reader.reconnect())

    def learn(self) -> None:
        self._owner.call(learn)


def _let_go(reader: ManagedReader, at_end: Callable[[], None]) -> None:
    try:
        reader.close()
    finally:
        at_end()


class ReaderOwner:
    """Starts and ends the thread that owns one reader and its port.

    `start` does not touch the port: a reader that is not there must not keep the station from starting. Operations
    raise `PortMissing` until `reader.reconnect()` has succeeded. `stop` takes no more operations, lets the one in
    flight finish (a write ends with its answer) and closes the port.
    """

    def __init__(
        self,
        build: Callable[[], ManagedReader],
        name: str = "reader-1",
        *,
        at_end: Callable[[], None] = lambda: None,
        health: Callable[[], ReaderHealth | None] = lambda: None,
    ) -> None:
        """`at_end` is called in the thread once the reader was let go; `health` tells how the reader does."""
        self.reader_health = health
        self._owner: Owner[ManagedReader] = Owner(name, build, partial(_let_go, at_end=at_end))
        self._reader = OwnedReader(self._owner)

    @property
    def reader(self) -> OwnedReader:
        """The reader for other threads."""
        return self._reader

    def start(self) -> None:
        """Start the thread."""
        self._owner.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """End it in order; False if an operation did not end within `timeout` seconds. May be called twice."""
        return self._owner.stop(timeout)
