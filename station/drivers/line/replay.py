"""A capture played as a transport: the driver talks to what a reader said once.

Played in order, a request must be the one that was recorded, byte for byte, and everything that happened to the line
happens again: silence, bytes thrown away, a lost cable, a port that could not be opened. Played out of order, each request
gets the answer that the same request got, the next one from where the last one stood, and a request that was never
recorded gets none (or what `otherwise` says): so a driver can be tried on what another program once asked. No waiting is
replayed but that for silence, which ends at the caller's deadline.
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
    """A capture and how far it was played. `connect` opens the line (again): a factory of transports."""

    def __init__(
        self,
        capture: Capture,
        clock: Clock,
        *,
        in_order: bool = True,
        otherwise: Callable[[bytes], bytes] = lambda _: b"",
    ) -> None:
        """`otherwise`: out of order, the answer to a request that was never recorded; empty for none."""
        self._lines = capture.lines
        self._otherwise = otherwise
        self.unknown = 0
        """Out of order: requests that were never recorded and were answered otherwise."""
        self.last_unknown = False
        """Was the last one of them?"""
        self._clock = clock
        self._in_order = in_order
        self._foreign = not any(line.event in _OPENING for line in capture.lines)
        """A trace of somebody else's program: bytes only."""
        self._at = 0
        self._vain = 0
        """Times that nothing was thrown away since the last line."""
        self._left: list[bytes] = []
        """Out of order: pieces of the answer that are still to be read."""

    @property
    def done(self) -> bool:
        """True when nothing is left but the end of the line."""
        return all(line.event in ("closed", "full") for line in self._lines[self._at :])

    def connect(self) -> Transport:
        """Open the line. In order: as it was opened then, or with the error that it met."""
        self._left, self._vain = [], 0
        if self._in_order:
            if self._foreign and self._at == 0:
                return _Player(self)  # it begins with the first request
            while (line := self._next()) is not None and line.event not in _OPENING:
                if line.dir == TO_READER:
                    raise ReplayDiverged(f"the line is opened again, but {line.hex} was sent then")
                self._at += 1
            if line is None:
                raise PortMissing("the recording is over")
            self._at += 1
            if line.event == "not-opened":
                raise _error(line.code)
        return _Player(self)

    def write(self, data: bytes, deadline: Deadline) -> None:
        """The host sends."""
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
                raise ReplayDiverged(f"{then} was recorded here, and {data.hex()} is sent")
            got += line.data
            self._took()
        line = self._next()
        if line is not None and line.during == "write":
            self._took()
            if line.event == "lost":
                raise PortLost("as recorded, while it was written")
            self._be_silent(deadline)

    def read(self, deadline: Deadline) -> bytes:
        """The host reads the next piece."""
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
        """The host throws away what has come."""
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
        """Bytes that the driver did not read before it wrote again, and silence that it did not wait for."""
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
        """How many lines from there on hold this request, which may have been recorded in pieces; 0 = none."""
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
        """See `Transport.write`; raises `ReplayDiverged` for what was not sent then."""
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
    """What the port could not be opened for."""
    return _OPENING_ERRORS.get(code, PortMissing)("as recorded")
