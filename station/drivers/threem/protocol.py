"""The conversation with a 3M reader, without any I/O: one request, one reply (after h11).

    mistakable(request)         could the last answer, coming once more, be taken for the answer to this request?
    send(request) -> bytes      what to write to the port
    receive_data(bytes)         what was read; b"" means that the line stayed quiet until the deadline
    next_event()                the reply, or None while it is not whole
    reset()                     give the exchange up

A reply is ours when length and CRC are right, start byte and command echo the request, the error code is one of the
manual, and the rest has the layout this request asks for: the UID where one was sent, AFI and options of an inventory,
block numbers of a read. Other frames are late answers to older questions and are passed over. When the line falls quiet
with nothing but such frames or garbage, `next_event` raises `RemoteProtocolError` with the bytes, and nothing else.
"""

from __future__ import annotations

from typing import Any, Final

from station.base.errors import LocalProtocolError, RemoteProtocolError
from station.drivers.threem.commands import CODES, ERRORS, PROBE, PROBE_DATA, Request, refusal
from station.drivers.threem.frame import LONGEST, Frame, FrameBuffer, encode
from station.drivers.threem.replies import Cursor, Event, Misshapen

_BABBLE: Final = 4 * LONGEST
"""So many bytes without a reply of ours are no line noise any more."""
_KEPT: Final = 300
"""So many of an exchange's bytes are kept for the error."""


class ThreemProtocol:
    """State of one line."""

    def __init__(self) -> None:
        self._request: Request[Any] | None = None
        self._answer: Frame | None = None
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

    def mistakable(self, request: Request[Any]) -> bool:
        """True when the last answer, if it came once more, would be taken for the answer to `request`; and when the last
        question has no answer, or there was none: nothing is known of what may still be under way then.

        Every other frame is passed over and raises a doubt (`settled`), so that no silence is needed before `request`:
        after a complete answer the reader is ready (manual, 1.1).
        """
        return self._answer is None or self._match(request, self._answer) is not None

    def send(self, request: Request[Any]) -> bytes:
        """The request's frame; raises `LocalProtocolError` while another one is unanswered."""
        if self._request is not None:
            raise LocalProtocolError(f"{request.row.name} before the answer to {self._request.row.name}")
        frame = encode(request.row.code, request.data, request.row.start)
        self._clear()
        self._answer = None
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
                self._answer = frame
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
        if (frame.start, frame.command) != (request.row.start, request.row.code):
            self._reason = f"an answer to {frame.command:02X}"
            return None
        try:
            return _read(request, frame.data)
        except Misshapen as error:
            self._reason = f"an answer of another shape ({error})"
            return None


def _read(request: Request[Any], data: bytes) -> Event:
    """What a reply says; raises `Misshapen` when it is none to this request."""
    if request.row is PROBE:  # its answer repeats the question where others have ERR
        cursor = Cursor(data)
        cursor.expect(PROBE_DATA, "probe")
        probed: Event = request.parse(cursor.take(cursor.left))
        return probed
    error, rest = data[0], data[1:]
    if error in ERRORS:
        return refusal(request, error, rest)
    if error:
        raise Misshapen(f"unknown error {error:02X}")
    if rest[: len(request.uid)] != request.uid:
        raise Misshapen(f"{request.uid.hex()} was asked, {rest[:8].hex()} answers")
    event: Event = request.parse(rest[len(request.uid) :])
    return event
