"""A reader's line as every driver needs it: opened and given back, one exchange after the other, doubt remembered.

Two exchanges must never be mistaken for each other. `doubtful` says that the last one ended without its own answer, or
with bytes beside it; the driver then has to ask something whose answer is recognised (a fence) before it goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from station.clock import Clock, Deadline
from station.drivers.exchange import SansIo, exchange
from station.drivers.transport import Transport
from station.errors import PortMissing, ReaderSilent, RemoteProtocolError, TransportError

_LOG = logging.getLogger(__name__)

C = TypeVar("C", contravariant=True)
E = TypeVar("E", covariant=True)
Command = TypeVar("Command")
Answer = TypeVar("Answer")


class Settling(SansIo[C, E], Protocol[C, E]):
    """A reader's language that knows whether anything may still be under way."""

    @property
    def settled(self) -> bool: ...


class Connection:
    """Not thread-safe. Closed until `open` succeeds; until then exchanges raise why the line is down."""

    def __init__(self, transport_factory: Callable[[], Transport], clock: Clock, *, silence_s: float = 0.0) -> None:
        """`silence_s`: seconds that must lie between an answer and the next question."""
        self._factory = transport_factory
        self._clock = clock
        self._silence_s = silence_s
        self._transport: Transport | None = None
        self._down: TransportError = PortMissing("the port was not opened yet")
        self._last_reply: float | None = None
        self.doubtful = False

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

    def settle(self) -> None:
        """Keep the silence and throw away what stands on the line: it answers nothing that is asked now, and more may
        follow it (`doubtful`). Raises why the line is down."""
        transport = self._standing()
        self._keep_silence()
        try:
            waiting = transport.discard_input()
        except TransportError as error:
            self.drop(error)
            raise
        if waiting:
            _LOG.warning("%d bytes that nobody asked for", waiting)
            self.doubtful = True

    def ask(self, protocol: Settling[Command, Answer], command: Command, seconds: float, name: str) -> Answer:
        """One exchange that ends within `seconds`. Raises what `exchange` raises, and why the line is down."""
        transport = self._standing()
        self._keep_silence()
        try:
            answer, stale = exchange(protocol, transport, command, Deadline(self._clock, seconds))
        except (ReaderSilent, RemoteProtocolError):
            self.doubtful = True
            raise
        except TransportError as error:
            self.drop(error)
            raise
        finally:
            self._last_reply = self._clock.monotonic()
        if stale or not protocol.settled:
            _LOG.warning("bytes beside the answer to %s", name)
            self.doubtful = True
        return answer

    def _standing(self) -> Transport:
        if self._transport is None:
            raise type(self._down)(self._down.detail)
        return self._transport

    def _keep_silence(self) -> None:
        if self._last_reply is not None:
            wait = self._last_reply + self._silence_s - self._clock.monotonic()
            if wait > 0:
                self._clock.pause(wait)
