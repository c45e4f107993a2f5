"""A reader's line as every driver needs it: open and close the port, and run one exchange after the other.

The answers of two exchanges must never be confused. `doubtful` is set when the last exchange ended without its own
answer, or with extra bytes. The driver must then send a request whose answer is unmistakable (a fence) before it
continues.

An operation (an inventory with all its fetches, a write of forty blocks) consists of many exchanges. They share one
deadline. After it nothing more is sent, and the operation ends as one that got no answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from station.base.clock import Clock, Deadline
from station.base.errors import PortMissing, ProtocolError, ReaderSilent, RemoteProtocolError, TransportError
from station.domain.reader_health import SECONDS, Histogram, LineHealth, empty
from station.drivers.line.exchange import SansIo, exchange
from station.drivers.line.serial import Transport

_LOG = logging.getLogger(__name__)

C = TypeVar("C", contravariant=True)
E = TypeVar("E", covariant=True)
Command = TypeVar("Command")
Answer = TypeVar("Answer")


class Settling(SansIo[C, E], Protocol[C, E]):
    """A reader's protocol that knows whether an answer may still be on its way."""

    @property
    def settled(self) -> bool: ...


class LineCounters:
    """Statistics of a line since the driver was created. One thread writes them. Each value is replaced at once, so
    that other threads may read them."""

    def __init__(self) -> None:
        self.exchanges = self.silent = self.garbled = self.stray = self.fences = 0
        self.seconds: Histogram = empty(SECONDS)

    @property
    def health(self) -> LineHealth:
        """The counters as a value."""
        return LineHealth(
            exchanges=self.exchanges,
            silent=self.silent,
            garbled=self.garbled,
            stray=self.stray,
            fences=self.fences,
            seconds=self.seconds,
        )


class Connection:
    """The line to one reader. Not thread-safe. Closed until `open` succeeds; until then exchanges raise the reason."""

    def __init__(
        self,
        transport_factory: Callable[[], Transport],
        clock: Clock,
        *,
        silence_s: float = 0.0,
        operation_s: float = 20.0,
    ) -> None:
        """`silence_s`: seconds between an answer and the next request, unless the driver declares that none are needed.
        `operation_s`: longest operation in seconds."""
        self._factory = transport_factory
        self._clock = clock
        self._silence_s = silence_s
        self._operation_s = operation_s
        self._until: Deadline | None = None
        self._transport: Transport | None = None
        self._down: TransportError = PortMissing("the port was not opened yet")
        self._last_reply: float | None = None
        self.doubtful = False
        self.counters = LineCounters()

    def open(self) -> None:
        """Reopen the port. Raises `TransportError`."""
        self.close()
        try:
            self._transport = self._factory()
        except TransportError as error:
            self.drop(error)
            raise
        self._last_reply = self._clock.monotonic()
        self.doubtful = False

    def connect(self, greet: Callable[[], None]) -> None:
        """Reopen the port and greet the reader. If that fails, the port is released. Raises what `greet` raises."""
        self.open()
        try:
            greet()
        except TransportError as error:
            self.drop(error)
            raise
        except ProtocolError as error:
            self.drop(ReaderSilent(f"the greeting failed: {error}"))
            raise

    def close(self) -> None:
        """Release the port."""
        self.drop(PortMissing("the port is closed"))

    def drop(self, why: TransportError) -> None:
        """Release the port. Every later exchange raises `why`."""
        self._down = why
        transport, self._transport = self._transport, None
        if transport is not None:
            try:
                transport.close()
            except TransportError as error:
                _LOG.info("closing: %s", error)

    @contextmanager
    def operation(self) -> Iterator[None]:
        """Give all exchanges in the context one deadline; a nested operation shares the outer one's."""
        if self._until is not None:
            yield
            return
        self._until = Deadline(self._clock, self._operation_s)
        try:
            yield
        finally:
            self._until = None

    def settle(self, *, silence: bool = True) -> None:
        """Keep the silence (if `silence`), and discard the input on the line: it answers no present request, and more
        may follow (`doubtful`). Raises the reason if the line is down."""
        transport = self._standing()
        self._keep_silence(wished=silence)
        try:
            waiting = transport.discard_input()
        except TransportError as error:
            self.drop(error)
            raise
        if waiting:
            _LOG.warning("%d unexpected bytes", waiting)
            self.counters.stray += waiting
            self.doubtful = True

    def ask(
        self, protocol: Settling[Command, Answer], command: Command, seconds: float, name: str, *, silence: bool = True
    ) -> Answer:
        """Run one exchange that ends within `seconds` and within its operation, with silence before it if `silence`.
        Raises what `exchange` raises, and the reason if the line is down."""
        transport = self._standing()
        self._keep_silence(wished=silence)
        if self._until is not None:
            seconds = min(seconds, self._until.remaining)
        counters = self.counters
        counters.exchanges += 1
        began = self._clock.monotonic()
        try:
            answer, stale = exchange(protocol, transport, command, Deadline(self._clock, seconds))
        except ReaderSilent:
            counters.silent += 1
            self.doubtful = True
            raise
        except RemoteProtocolError:
            counters.garbled += 1
            self.doubtful = True
            raise
        except TransportError as error:
            self.drop(error)
            raise
        finally:
            self._last_reply = self._clock.monotonic()
        counters.seconds = counters.seconds.with_value(self._last_reply - began)
        counters.stray += stale
        if stale or not protocol.settled:
            _LOG.warning("extra bytes with the answer to %s", name)
            self.doubtful = True
        return answer

    def _standing(self) -> Transport:
        if self._transport is None:
            raise type(self._down)(self._down.detail)
        return self._transport

    def _keep_silence(self, *, wished: bool) -> None:
        if wished and self._last_reply is not None:
            wait = self._last_reply + self._silence_s - self._clock.monotonic()
            if wait > 0:
                self._clock.pause(wait if self._until is None else min(wait, self._until.remaining))
        if self._until is not None and self._until.expired:
            raise ReaderSilent(f"{self._operation_s:g} s have passed; nothing more was sent")


Method = TypeVar("Method", bound=Callable[..., Any])


def operation(method: Method) -> Method:
    """Make all exchanges of a method share one deadline. The method's object must have a `_line`."""

    @wraps(method)
    def within(owner: Any, *args: Any, **kwargs: Any) -> Any:
        line: Connection = owner._line
        with line.operation():
            return method(owner, *args, **kwargs)

    return cast("Method", within)
