"""The reader's own thread, and a proxy of the reader for other threads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from station.base.forward import forward
from station.base.mailbox import Owner
from station.domain.ports import Reader
from station.domain.reader_health import ReaderHealth


class ManagedReader(Reader, Protocol):
    """A reader that can be closed."""

    def close(self) -> None: ...


def learn(reader: object) -> None:
    """Have the driver determine what the reader lacks, if it can; `capabilities.lacks` is then complete. The driver
    sends many requests, each in a separate operation. Raises what the line raises."""
    ask: Callable[[], None] | None = getattr(reader, "learn", None)
    if ask is not None:
        ask()


def _let_go(reader: ManagedReader, at_end: Callable[[], None]) -> None:
    try:
        reader.close()
    finally:
        at_end()


class ReaderOwner:
    """Starts and ends the thread that owns one reader and its port.

    `start` does not touch the port, because a missing reader must not prevent the station from starting. Operations
    raise `PortMissing` until `reader.reconnect()` has succeeded. `stop` accepts no more operations, lets the current
    one finish (a write ends with its answer) and closes the port.
    """

    def __init__(
        self,
        build: Callable[[], ManagedReader],
        name: str = "reader-1",
        *,
        at_end: Callable[[], None] = lambda: None,
        health: Callable[[], ReaderHealth | None] = lambda: None,
    ) -> None:
        """`at_end`: called in the thread after the reader was closed. `health`: returns the reader's figures."""
        self.reader_health = health
        self._owner: Owner[ManagedReader] = Owner(name, build, partial(_let_go, at_end=at_end))
        self.reader = forward(Reader, self._owner.call)
        """The reader, for any thread. Raises what the reader raises, and `StationClosed` after `stop`."""

    def start(self) -> None:
        """Start the thread."""
        self._owner.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """End the thread in order. Return False if an operation did not end within `timeout` seconds. May be called
        twice."""
        return self._owner.stop(timeout)
