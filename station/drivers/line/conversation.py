"""The conversation with a reader that answers each request with one frame, without any I/O (after h11).

    send(request) -> bytes      what to write to the port
    receive_data(bytes)         what was read; b"" means that the line stayed quiet until the deadline
    next_event()                the answer, or None while it is incomplete
    reset()                     abandon the exchange

A frame is the answer if the reader's `Dialect` accepts it. Other frames are late answers to older requests and are
skipped. If the line falls quiet after only such frames or garbage, `next_event` raises `RemoteProtocolError` with the
bytes. It raises nothing else.
"""

from __future__ import annotations

from typing import Final, Generic, Protocol, TypeVar

from station.base.errors import LocalProtocolError, RemoteProtocolError
from station.drivers.line.cursor import Misshapen
from station.drivers.line.framing import FrameBuffer, Framing

_KEPT: Final = 300
"""Bytes of an exchange that are kept for the error."""


class Stray(Exception):
    """The frame answers another request, or comes from another reader. The text states which."""


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
    """The encoding of one family of readers."""

    @property
    def longest(self) -> int:
        """Bytes of the longest frame."""
        ...

    def encode(self, request: R_contra, /) -> bytes:
        """The request's frame. Raises `LocalProtocolError`."""
        ...

    def answer(self, request: R_contra, frame: F, /) -> E_co:
        """Return the answer in `frame` to `request`. Raises `Stray` or `Misshapen` if the frame does not answer it."""
        ...


class Conversation(Generic[R, F, E]):
    """State of the conversation on one line."""

    def __init__(self, dialect: Dialect[R, F, E]) -> None:
        self._dialect = dialect
        self._babble = 4 * dialect.longest
        """Number of bytes without an answer above which the exchange fails: more than line noise."""
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
        """Whether nothing but the requested answers has arrived, so that no answer can still be on its way."""
        return self._request is None and not (self._passed_over or self._frames.skipped or len(self._frames))

    def mistakable(self, request: R) -> bool:
        """Return whether a late frame could be taken for the answer to `request`: if the last answer, sent again, would
        be accepted; or if there is no last answer, so that it is unknown what may still arrive.

        Every other frame is skipped and makes `settled` False, so that no silence is needed before `request`.
        """
        return self._answer is None or self._read(request, self._answer) is not None

    def send(self, request: R) -> bytes:
        """Return the request's frame. Raises `LocalProtocolError` while another request is unanswered."""
        if self._request is not None:
            raise LocalProtocolError(f"{request.row.name} before the answer to {self._request.row.name}")
        frame = self._dialect.encode(request)
        self._clear()
        self._answer = None
        self._request = request
        return frame

    def receive_data(self, data: bytes) -> None:
        """Take in what was read; b"" = nothing more will arrive."""
        if not data:
            self._quiet = True
            return
        self._received += len(data)
        self._seen = (self._seen + data)[:_KEPT]
        self._frames.feed(data)

    def next_event(self) -> E | None:
        """Return the answer to the request; None while there is none. Raises `RemoteProtocolError`."""
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
        """Abandon the exchange, and discard what has arrived."""
        self._request = None
        self._clear()

    def _fail(self, reason: str) -> None:
        self._request = None
        self._passed_over += 1
        raise RemoteProtocolError(reason, self._seen)

    def _read(self, request: R, frame: F) -> E | None:
        """Return the answer; None, with the reason noted, if the frame does not answer `request`."""
        try:
            return self._dialect.answer(request, frame)
        except Stray as error:
            self._reason = str(error)
        except Misshapen as error:
            self._reason = f"an answer of another shape ({error})"
        return None
