"""The conversation with one FEIG reader over its line: frames found out, exchanges fenced, refusals as errors.

Two exchanges must never be mistaken for each other, and all tag commands share one command byte: after an exchange that
ended without its own answer (or with bytes beside it) the software version is asked first. Its answer has a command byte
of its own and comes after everything that was still under way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, TypeVar, cast

from station.base.clock import Clock
from station.base.errors import ProtocolError, ReaderSilent, RemoteProtocolError, TransportError
from station.base.settings import Reader
from station.drivers.feig import control
from station.drivers.feig.protocol import FeigProtocol
from station.drivers.feig.replies import Event, Refused, SoftwareVersion
from station.drivers.feig.request import Request
from station.drivers.feig.statuses import error_for
from station.drivers.line.connection import Connection
from station.drivers.line.serial import Transport
from station.drivers.reader.optional import Optional

_LOG = logging.getLogger(__name__)

E = TypeVar("E", bound=Event)

PSST_S: Final = 0.005
"""Silence before a new frame (H20800-16e 3.1)."""
_MARGIN_S: Final = 0.25
"""Allowed on top of TR-RESPONSE-TIME and wire time: USB latency, a busy machine."""
_BITS_PER_BYTE: Final = 11
UNKNOWN_COMMAND: Final = (0x80, 0x81, 0x82)
"""Statuses of a reader that does not have this command (in this form)."""


def refuses(answer: object) -> bool:
    """The reader says that it does not have this command, or not now (82)."""
    return isinstance(answer, Refused) and answer.status in UNKNOWN_COMMAND


def _has_none(answer: object) -> bool:
    """The reader says that it does not have this command."""
    return isinstance(answer, Refused) and answer.status in UNKNOWN_COMMAND[:2]


class FeigLine:
    """Closed until `open` and `greet` have succeeded."""

    def __init__(self, transport_factory: Callable[[], Transport], clock: Clock, settings: Reader) -> None:
        self._settings = settings
        self.connection = Connection(
            transport_factory, clock, silence_s=PSST_S, operation_s=settings.operation_ms / 1000
        )
        self._protocol = FeigProtocol(settings.bus_address)
        self.optional = Optional(_has_none, self._alive)
        """Which commands it has, beside what is required."""
        self.advanced: bool | None = None
        """Which frames the reader was found to understand; None = not known yet."""

    def operation(self) -> AbstractContextManager[None]:
        return self.connection.operation()

    def connect(self, greet: Callable[[], None]) -> None:
        """Open the port and do what is to be done first; the port is given back when that fails."""
        self.connection.open()
        try:
            greet()
        except TransportError as error:
            self.connection.drop(error)
            raise
        except ProtocolError as error:
            self.connection.drop(ReaderSilent(f"the greeting failed: {error}"))
            raise

    def greet(self) -> SoftwareVersion:
        """The software version, by whatever frames the reader understands. A first failure may be the rest of a
        conversation with somebody else, so that what is most likely is tried twice."""
        failure: ReaderSilent | RemoteProtocolError | None = None
        for advanced in self._frames():
            self._protocol = FeigProtocol(self._settings.bus_address, advanced=advanced)
            self.connection.doubtful = False
            try:
                version = self.ask(control.software_version())
            except (ReaderSilent, RemoteProtocolError) as error:
                _LOG.info("greeting again: %s", error)
                failure = failure or error
            else:
                self.advanced = advanced
                return version
        self.advanced = None
        raise failure or ReaderSilent("no greeting")

    def _frames(self) -> tuple[bool, ...]:
        """In which order standard (False) and advanced frames are tried: CPR.M02 understands standard ones only, MR102
        advanced ones only. Whatever the line, so that a recording can be played with it."""
        if self._settings.frames != "auto":
            return (self._settings.frames == "advanced",) * 2
        likely = bool(self.advanced)
        return (likely, likely, not likely)

    def ask(self, request: Request[E]) -> E:
        """The answer; a refusal is raised as the error it stands for."""
        event = self.exchange(request)
        if isinstance(event, Refused):
            raise error_for(event, request.row.name)
        return event

    def ask_if_known(self, request: Request[E]) -> E | None:
        """As `ask`, but None from a reader that does not have this command; its first word is believed."""
        event = self.optional.ask(request.row.name, lambda: self.exchange(request), refuses)
        if isinstance(event, Refused):
            raise error_for(event, request.row.name)
        return event

    def exchange(self, request: Request[E]) -> E | Refused:
        """One question and its answer, behind a fence where one is needed."""
        self._alive()
        return self._once(request)

    def _alive(self) -> None:
        """Behind this no answer is under way."""
        self.connection.settle()
        if self.connection.doubtful:
            self.connection.counters.fences += 1
            self._once(control.software_version())
            self.connection.doubtful = False

    def _once(self, request: Request[E]) -> E | Refused:
        wire = (len(request.data) + 255) * _BITS_PER_BYTE / self._settings.baud
        seconds = self._settings.answer_ms / 1000 + wire + _MARGIN_S
        # The protocol returns what this request's own parser made, or a refusal.
        return cast("E | Refused", self.connection.ask(self._protocol, request, seconds, request.row.name))
