"""The conversation with a FEIG reader, without any I/O: one request, one reply (after h11).

    send(request) -> bytes      what to write to the port
    receive_data(bytes)         what was read; b"" means that the line stayed quiet until the deadline
    next_event()                the reply, or None while it is not whole
    reset()                     give the exchange up

A reply is ours when length and CRC are right, address and command echo the request, the status is one of the manual,
and DATA has the layout this request asks for (with the UID or the number of blocks where the reply repeats them).
Other frames are late answers to older questions and are passed over. When the line falls quiet with nothing but
such frames or garbage, `next_event` raises `RemoteProtocolError` with the bytes, and it raises nothing else.
"""

from __future__ import annotations

from typing import Any, Final

from station.base.errors import LocalProtocolError, RemoteProtocolError
from station.drivers.feig.frame import BROADCAST, LONGEST_ADVANCED, Frame, FrameBuffer, encode
from station.drivers.feig.replies import Event, Misshapen
from station.drivers.feig.request import Request
from station.drivers.feig.statuses import STATUSES, refusal
from station.drivers.feig.table import CODES

_BABBLE: Final = 4 * LONGEST_ADVANCED
"""So many bytes without a reply of ours are no line noise any more."""
_KEPT: Final = 300
"""So many of an exchange's bytes are kept for the error."""


class FeigProtocol:
    """State of one line. With bus address 255 any reader may answer first; from then on only that one."""

    def __init__(self, bus_address: int = BROADCAST, *, advanced: bool = False) -> None:
        """`advanced`: requests go in advanced frames; replies of both kinds are understood either way."""
        self._bus_address = bus_address
        self._advanced = advanced
        self._answering = None if bus_address == BROADCAST else bus_address
        self._request: Request[Any] | None = None
        self._clear()

    def _clear(self) -> None:
        self._frames = FrameBuffer(CODES)
        self._received = 0
        self._seen = b""
        self._quiet = False
        self._passed_over = 0
        self._reason = ""

    @property
    def settled(self) -> bool:
        """True when nothing has arrived beside the replies that were asked for: no answer can be under way."""
        return self._request is None and not (self._passed_over or self._frames.skipped or len(self._frames))

    def send(self, request: Request[Any]) -> bytes:
        """The request's frame; raises `LocalProtocolError` while another one is unanswered."""
        if self._request is not None:
            raise LocalProtocolError(f"{request.row.name} before the answer to {self._request.row.name}")
        frame = encode(self._bus_address, request.row.code, request.data, advanced=self._advanced)
        self._clear()
        self._request = request
        return frame

    def receive_data(self, data: bytes) -> None:
        """Take in what was read; b"" = nothing more will come."""
        if not data:
            self._quiet = True
            return
        self._received += len(data)
        self._seen = (self._seen + data)[:_KEPT]
        self._frames.feed(data)

    def next_event(self) -> Event | None:
        """The reply to the request, None while there is none; raises `RemoteProtocolError`."""
        request = self._request
        if request is None:
            return None
        while (frame := self._frames.next(final=self._quiet)) is not None:
            event = self._match(request, frame)
            if event is not None:
                self._request = None
                self._answering = frame.address
                return event
            self._passed_over += 1
        if self._received > _BABBLE:
            self._fail(f"{self._received} bytes without an answer to {request.row.name}")
        if self._quiet and self._received:
            self._fail(f"no answer to {request.row.name} but {self._reason or 'incomplete or garbled bytes'}")
        return None

    def reset(self) -> None:
        """Forget the exchange and what has arrived."""
        self._request = None
        self._clear()

    def _fail(self, reason: str) -> None:
        self._request = None
        self._passed_over += 1
        raise RemoteProtocolError(reason, self._seen)

    def _match(self, request: Request[Any], frame: Frame) -> Event | None:
        """The frame as the answer to `request`, or None with the reason noted."""
        if frame.command != request.row.code:
            self._reason = f"an answer to {frame.command:02X}"
        elif self._answering not in (None, frame.address):
            self._reason = f"an answer from address {frame.address:02X}"
        elif frame.status not in STATUSES:
            self._reason = f"unknown status {frame.status:02X}"
        else:
            try:
                if frame.status in request.row.answers:
                    event: Event = request.parse(frame.status, frame.data)
                    return event
                return refusal(frame.status, frame.data)
            except Misshapen as error:
                self._reason = f"an answer of another shape ({error})"
        return None
