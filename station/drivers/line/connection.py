"""A reader's line as every driver needs it: opened and given back, one exchange after the other, doubt remembered.

Two exchanges must never be mistaken for each other. `doubtful` says that the last one ended without its own answer, or
with bytes beside it; the driver then has to ask something whose answer is recognised (a fence) before it goes on.

An operation (an inventory with all its fetches, a write of forty blocks) is many exchanges. They share one deadline: when
it is over nothing more is sent, and the operation ends as one that got no answer.
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
    """A reader's language that knows whether anything may still be under way."""

    @property
    def settled(self) -> bool: ...


class LineCounters:
    """What happened on a line since the driver was made. Written by the line's one thread; whole numbers and values that are
    replaced at once, so that others may read."""

    def __init__(self) -> None:
        self.exchanges = self.silent = self.garbled = self.stray = self.fences = 0
        self.seconds: Histogram = empty(SECONDS)

    @property
    def health(self) -> LineHealth:
        """As a value."""
        return LineHealth(
            exchanges=self.exchanges,
            silent=self.silent,
            garbled=self.garbled,
            stray=self.stray,
            fences=self.fences,
            seconds=self.seconds,
        )


class Connection:
    """Not thread-safe. Closed until `open` succeeds; until then exchanges raise why the line is down."""

    def __init__(
        self,
        transport_factory: Callable[[], Transport],
        clock: Clock,
        *,
        silence_s: float = 0.0,
        operation_s: float = 20.0,
    ) -> None:
        """`silence_s`: seconds that lie between an answer and the next question (a driver may say where none is needed);
        `operation_s`: the longest operation."""
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
        """Open the port anew; raises `TransportError`."""
        self.close()
        try:
            self._transport = self._factory()
        except TransportError as error:
            self.drop(error)
            raise
        self._last_reply = self._clock.monotonic()
        self.doubtful = False

    def connect(self, greet: Callable[[], None]) -> None:
        """Open the port anew and greet the reader; the port is given back when that fails. Raises what `greet` raises."""
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
        """Give the port back."""
        self.drop(PortMissing("the port is closed"))

    def drop(self, why: TransportError) -> None:
        """Give the port back; `why` is what every later exchange raises."""
        self._down = why
        transport, self._transport = self._transport, None
        if transport is not None:
            try:
                transport.close()
            except TransportError as error:
                _LOG.info("closing: %s", error)

    @contextmanager
    def operation(self) -> Iterator[None]:
        """Everything that is asked within shares one deadline; an operation within another one has the outer one's."""
        if self._until is not None:
            yield
            return
        self._until = Deadline(self._clock, self._operation_s)
        try:
            yield
        finally:
            self._until = None

    def settle(self, *, silence: bool = True) -> None:
        """Keep the silence, if so wished, and throw away what stands on the line: it answers nothing that is asked now,
        and more may follow it (`doubtful`). Raises why the line is down."""
        transport = self._standing()
        self._keep_silence(wished=silence)
        try:
            waiting = transport.discard_input()
        except TransportError as error:
            self.drop(error)
            raise
        if waiting:
            _LOG.warning("%d bytes that nobody asked for", waiting)
            self.counters.stray += waiting
            self.doubtful = True

    def ask(
        self, protocol: Settling[Command, Answer], command: Command, seconds: float, name: str, *, silence: bool = True
    ) -> Answer:
        """One exchange that ends within `seconds`, and within its operation; `silence` before it, if so wished. Raises what
        `exchange` raises, and why the line is down."""
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
            _LOG.warning("bytes beside the answer to %s", name)
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
            raise ReaderSilent(f"{self._operation_s:g} s are over; nothing more was sent")


Method = TypeVar("Method", bound=Callable[..., Any])


def operation(method: Method) -> Method:
    """A method of an object with a `_line`, all of whose exchanges share one deadline."""

    @wraps(method)
    def within(owner: Any, *args: Any, **kwargs: Any) -> Any:
        line: Connection = owner._line
        with line.operation():
            return method(owner, *args, **kwargs)

    return cast("Method", within)
