"""One request and its answer: the loop that all readers share."""

from __future__ import annotations

import logging
from typing import Protocol, TypeVar

from station.base.clock import Deadline
from station.base.errors import ReaderSilent
from station.drivers.line.serial import Transport

_LOG = logging.getLogger(__name__)

C = TypeVar("C", contravariant=True)
E = TypeVar("E", covariant=True)


class SansIo(Protocol[C, E]):
    """A reader's protocol without I/O (after h11)."""

    def send(self, command: C, /) -> bytes: ...

    def receive_data(self, data: bytes, /) -> None:
        """Take in bytes; b"" = the line stayed quiet until the deadline."""
        ...

    def next_event(self) -> E | None: ...

    def reset(self) -> None: ...


Command = TypeVar("Command")
Answer = TypeVar("Answer")


def exchange(
    protocol: SansIo[Command, Answer], transport: Transport, command: Command, deadline: Deadline
) -> tuple[Answer, int]:
    """Send `command` and wait for its answer. Return it with the number of stale bytes that were on the line before.

    Raises `ReaderSilent` if nothing at all arrived before the deadline, `RemoteProtocolError` if something arrived that
    is not an answer, `LocalProtocolError` (nothing was sent), `PortLost`.
    """
    protocol.reset()
    request = protocol.send(command)
    stale = transport.discard_input()
    _LOG.debug("> %s", request.hex())
    transport.write(request, deadline)
    while True:
        if deadline.expired:
            data = b""
        else:
            try:
                data = transport.read(deadline)
            except ReaderSilent:
                data = b""
        _LOG.debug("< %s", data.hex())
        protocol.receive_data(data)
        event = protocol.next_event()
        if event is not None:
            return event, stale
        if not data:
            raise ReaderSilent(f"no answer to {request.hex()}")
