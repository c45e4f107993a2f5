"""The reader's own thread, and the reader for other threads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from station.base.forward import forward
from station.base.mailbox import Owner
from station.domain.ports import Reader
from station.domain.reader_health import ReaderHealth


class ManagedReader(Reader, Protocol):
    """A reader that can be let go."""

    def close(self) -> None: ...


def learn(reader: object) -> None:
    """Let the reader's driver find out what the reader lacks, if it can: `capabilities.lacks` is complete then. Asks the reader
    many questions; each is an operation of its own. Raises what the line raises."""
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
        self.reader = forward(Reader, self._owner.call)
        """For any thread. Raises what the reader raises, and `StationClosed` after `stop`."""

    def start(self) -> None:
        """Start the thread."""
        self._owner.start()

    def learn(self) -> None:
        self._owner.call(learn)

    def stop(self, timeout: float = 10.0) -> bool:
        """End it in order; False if an operation did not end within `timeout` seconds. May be called twice."""
        return self._owner.stop(timeout)
