"""The conversation with a reader that answers each request with one frame, without any I/O (after h11).

    send(request) -> bytes      what to write to the port
    receive_data(bytes)         what was read; b"" means that the line stayed quiet until the deadline
    next_event()                the answer, or None while it is not whole
    reset()                     give the exchange up

A frame is the answer when the reader's `Dialect` reads it as one. Other frames are late answers to older requests and are
passed over. When the line falls quiet with nothing but such frames or garbage, `next_event` raises `RemoteProtocolError`
with the bytes, and it raises nothing else.
"""

from __future__ import annotations

from typing import Final, Generic, Protocol, TypeVar

from station.base.errors import LocalProtocolError, RemoteProtocolError
from station.drivers.line.cursor import Misshapen
from station.drivers.line.framing import FrameBuffer, Framing

_KEPT: Final = 300
"""Bytes of an exchange that are kept for the error."""


class Stray(Exception):
    """This frame answers another request, or comes from another reader; says which."""


class Row(Protocol):
    """A command of the manual."""

    @property
    def name(self) -> str: ...


class Asked(Protocol):
    """A request: a command with its data."""

    @property
    def row(self) -> Row: ...

    @property
    def data(self) -> bytes: ...


R = TypeVar("R", bound=Asked)
F = TypeVar("F")
E = TypeVar("E")
R_contra = TypeVar("R_contra", bound=Asked, contravariant=True)
E_co = TypeVar("E_co", covariant=True)


class Dialect(Framing[F], Protocol[R_contra, F, E_co]):
    """What one family of readers says in a way of its own."""

    @property
    def longest(self) -> int:
        """Bytes of the longest frame."""
        ...

    def encode(self, request: R_contra, /) -> bytes:
        """The request's frame. Raises `LocalProtocolError`."""
        ...

    def answer(self, request: R_contra, frame: F, /) -> E_co:
        """What `frame` says in answer to `request`. Raises `Stray` or `Misshapen` if it is no answer to it."""
        ...


class Conversation(Generic[R, F, E]):
    """State of one line."""

    def __init__(self, dialect: Dialect[R, F, E]) -> None:
        self._dialect = dialect
        self._babble = 4 * dialect.longest
        """So many bytes without an answer are no line noise."""
        self._request: R | None = None
        self._answer: F | None = None
        self._clear()

    def _clear(self) -> None:
        self._frames: FrameBuffer[F] = FrameBuffer(self._dialect)
        self._received = 0
        self._seen = b""
        self._quiet = False
        self._passed_over = 0
        self._reason = ""

    @property
    def settled(self) -> bool:
        """True when nothing has arrived beside the answers to what was asked: no answer can be under way."""
        return self._request is None and not (self._passed_over or self._frames.skipped or len(self._frames))

    def mistakable(self, request: R) -> bool:
        """True when the last answer, sent once more, would be taken for the answer to `request`; and when the last request has
        no answer, or there was none: what may still be under way is unknown then.

        Every other frame is passed over and raises a doubt (`settled`), so that no silence is needed before `request`.
        """
        return self._answer is None or self._read(request, self._answer) is not None

    def send(self, request: R) -> bytes:
        """The request's frame; raises `LocalProtocolError` while another one is unanswered."""
        if self._request is not None:
            raise LocalProtocolError(f"{request.row.name} before the answer to {self._request.row.name}")
        frame = self._dialect.encode(request)
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

    def next_event(self) -> E | None:
        """The answer to the request, None while there is none; raises `RemoteProtocolError`."""
        request = self._request
        if request is None:
            return None
        while (frame := self._frames.next(final=self._quiet)) is not None:
            event = self._read(request, frame)
            if event is not None:
                self._request = None
                self._answer = frame
                return event
            self._passed_over += 1
        if self._received > self._babble:
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

    def _read(self, request: R, frame: F) -> E | None:
        """None, with the reason noted, if the frame is no answer to `request`."""
        try:
            return self._dialect.answer(request, frame)
        except Stray as error:
            self._reason = str(error)
        except Misshapen as error:
            self._reason = f"an answer of another shape ({error})"
        return None
