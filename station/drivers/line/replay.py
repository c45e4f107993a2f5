"""A capture replayed as a transport: the driver communicates with a recorded reader.

In order: each request must equal the recorded one, byte for byte, and every event of the line happens again: silence,
discarded bytes, a lost cable, a port that could not be opened. Out of order: each request gets the answer that the same
request got; the search starts where the last one ended. A request that was never recorded gets no answer, or that of
`otherwise`. So a driver can be tried on the requests of another program. The only waiting that is replayed is silence,
which ends at the caller's deadline.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

from station.base.clock import Clock, Deadline
from station.base.errors import (
    PortBusy,
    PortDenied,
    PortLost,
    PortMissing,
    ReaderSilent,
    ReplayDiverged,
    TransportError,
)
from station.drivers.line.capture import FROM_READER, TO_READER, Capture, Line
from station.drivers.line.serial import Transport

_OPENING: Final = ("opened", "not-opened")
_OPENING_ERRORS: Final[dict[str, type[TransportError]]] = {
    error.code: error for error in (PortMissing, PortBusy, PortDenied, PortLost, ReaderSilent)
}


class Replay:
    """A capture and the position in it. `connect` opens (or reopens) the line: a factory of transports."""

    def __init__(
        self,
        capture: Capture,
        clock: Clock,
        *,
        in_order: bool = True,
        otherwise: Callable[[bytes], bytes] = lambda _: b"",
    ) -> None:
        """`otherwise`: if out of order, returns the answer to a request that was never recorded; empty for none."""
        self._lines = capture.lines
        self._otherwise = otherwise
        self.unknown = 0
        """Out of order: number of requests that were never recorded and were answered by `otherwise`."""
        self.last_unknown = False
        """Whether the last request was one of them."""
        self._clock = clock
        self._in_order = in_order
        self._foreign = not any(line.event in _OPENING for line in capture.lines)
        """Whether the capture is a trace of another program, without events."""
        self._at = 0
        self._vain = 0
        """Number of empty discards since the last line."""
        self._left: list[bytes] = []
        """Out of order: pieces of the answer that have not been read."""

    @property
    def done(self) -> bool:
        """Whether only events of the end of a capture are left."""
        return all(line.event in ("closed", "full") for line in self._lines[self._at :])

    def connect(self) -> Transport:
        """Open the line. In order: as recorded, or with the recorded error."""
        self._left, self._vain = [], 0
        if self._in_order:
            if self._foreign and self._at == 0:
                return _Player(self)  # the trace begins with the first request
            while (line := self._next()) is not None and line.event not in _OPENING:
                if line.dir == TO_READER:
                    raise ReplayDiverged(f"the line is opened again, but {line.hex} was recorded")
                self._at += 1
            if line is None:
                raise PortMissing("the recording is over")
            self._at += 1
            if line.event == "not-opened":
                raise _error(line.code)
        return _Player(self)

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Send as the host."""
        if not self._in_order:
            self._find(data)
            return
        self._skip_unread()
        got = b""
        while got != data:
            line = self._next()
            if line is not None and line.event == "lost":
                self._took()
                raise PortLost("as recorded")
            if line is None or line.dir != TO_READER or not data.startswith(got + line.data):
                then = "nothing" if line is None else line.hex or line.event
                raise ReplayDiverged(f"{then} was recorded here, but {data.hex()} is sent")
            got += line.data
            self._took()
        line = self._next()
        if line is not None and line.during == "write":
            self._took()
            if line.event == "lost":
                raise PortLost("as recorded, during the write")
            self._be_silent(deadline)

    def read(self, deadline: Deadline) -> bytes:
        """Read the next piece as the host."""
        if not self._in_order:
            if self._left:
                return self._left.pop(0)
            self._be_silent(deadline)
        line = self._next()
        if line is None or line.dir == TO_READER:
            self._be_silent(deadline)
        self._took()
        if line.dir == FROM_READER:
            return line.data
        if line.event == "lost":
            raise PortLost("as recorded")
        if line.event == "silent":
            self._be_silent(deadline)
        if line.event == "discarded":
            return self.read(deadline)
        raise PortLost(f"as recorded: {line.event}")

    def discard_input(self) -> int:
        """Discard the received bytes as the host."""
        if not self._in_order:
            count, self._left = sum(map(len, self._left)), []
            return count
        line, count = self._next(), 0
        if line is None:
            return 0
        if self._foreign:
            while (line := self._next()) is not None and line.dir == FROM_READER:
                count += len(line.data)
                self._at += 1
            return count
        lost = line.event == "lost" and line.during == "discard"
        if not (lost or line.event == "discarded") or self._vain < line.after:
            self._vain += 1
            return 0
        self._took()
        if lost:
            raise PortLost("as recorded")
        return line.count

    def _took(self) -> None:
        self._at += 1
        self._vain = 0

    def _next(self) -> Line | None:
        return self._lines[self._at] if self._at < len(self._lines) else None

    def _skip_unread(self) -> None:
        """Skip bytes that the driver did not read before it wrote again, and silence that it did not wait for."""
        while (line := self._next()) is not None and (line.dir == FROM_READER or line.event in ("silent", "discarded")):
            self._at += 1

    def _find(self, data: bytes) -> None:
        self._left = []
        self.last_unknown = False
        count = len(self._lines)
        for step in range(count):
            at = (self._at + step) % count
            sent = self._sent(at, data)
            if sent:
                self._at = at + sent
                while (line := self._next()) is not None and line.dir != TO_READER:
                    self._left += [line.data] * (line.dir == FROM_READER)
                    self._at += 1
                return
        answer = self._otherwise(data)
        if answer:
            self.unknown += 1
            self.last_unknown = True
            self._left = [answer]

    def _sent(self, at: int, data: bytes) -> int:
        """Return how many lines from `at` on hold this request, which may have been recorded in pieces; 0 = none."""
        got = b""
        for number, line in enumerate(self._lines[at:], 1):
            if line.dir != TO_READER or not data.startswith(got + line.data):
                return 0
            got += line.data
            if got == data:
                return number
        return 0

    def _be_silent(self, deadline: Deadline) -> NoReturn:
        self._clock.pause(deadline.remaining)
        raise ReaderSilent("as recorded")


class _Player:
    """One opening of the line."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._closed = False

    def write(self, data: bytes, deadline: Deadline) -> None:
        """See `Transport.write`. Raises `ReplayDiverged` for bytes that were not recorded."""
        self._open().write(data, deadline)

    def read(self, deadline: Deadline) -> bytes:
        return self._open().read(deadline)

    def discard_input(self) -> int:
        return self._open().discard_input()

    def close(self) -> None:
        self._closed = True

    def _open(self) -> Replay:
        if self._closed:
            raise PortLost("closed")
        return self._replay


def _error(code: str) -> TransportError:
    """Return the recorded error of opening the port."""
    return _OPENING_ERRORS.get(code, PortMissing)("as recorded")
