"""A transport that plays a script of literal bytes: `>` must be written next, `<` is then to be read."""

from __future__ import annotations

from crccheck.crc import Crc16Mcrf4XX

from station.base.clock import Deadline
from station.base.errors import PortLost, ReaderSilent
from tests.conftest import FakeClock

VERSION = ("05FF65E5CB", "0D00650002050030500138396C")
INFO = ("06FF6600CDBF", "11006600020500305001 3800FF00FF2C09")


def frame(text: str) -> str:
    """Return the hex of a standard frame around `ADR CMD ...`, with the oracle's CRC."""
    body = bytes.fromhex(text)
    body = bytes((len(body) + 3,)) + body
    return (body + Crc16Mcrf4XX.calc(body).to_bytes(2, "little")).hex()


CFG4 = "00000000 09 000000000000000000"
CFG5_ONT = "0000000000000000000000 05 0000"
CFG5 = "0000000000000000000000 04 0000"
GREETING: tuple[tuple[str, str], ...] = (
    VERSION,
    INFO,
    ("06FF8004A044", frame("00 80 00" + CFG4)),
    (frame("FF 80 05"), frame("00 80 00" + CFG5)),
)
"""Greeting of a reader whose configuration is already as the station needs it."""


class Scripted:
    """Transport with a script of (host frame, bytes that the reader then sends).

    It delivers byte by byte; silence moves the clock to the deadline. `lost_after`: bytes that may still be read before
    the cable is pulled.
    """

    def __init__(self, clock: FakeClock, *lines: tuple[str, str], lost_after: int | None = None) -> None:
        self._clock = clock
        self._lines = [(bytes.fromhex(sent), bytes.fromhex(answered)) for sent, answered in lines]
        self._waiting = b""
        self._lost_after = lost_after
        self.written: list[bytes] = []
        self.at: list[float] = []
        self.closed = False

    @property
    def done(self) -> bool:
        return not self._lines

    def arrive(self, data: str) -> None:
        """Let unsolicited bytes arrive."""
        self._waiting += bytes.fromhex(data)

    def write(self, data: bytes, deadline: Deadline) -> None:
        assert not self.closed
        if self._lost_after == 0:
            raise PortLost("script")
        assert self._lines, f"the script has ended, but the driver writes {data.hex()}"
        expected, answer = self._lines.pop(0)
        assert data == expected, f"expected {expected.hex()}, got {data.hex()}"
        self.written.append(data)
        self.at.append(self._clock.monotonic())
        self._waiting += answer

    def read(self, deadline: Deadline) -> bytes:
        assert not self.closed
        if self._lost_after == 0:
            raise PortLost("script")
        if not self._waiting:
            self._clock.pause(deadline.remaining)
            raise ReaderSilent("script")
        data, self._waiting = self._waiting[:1], self._waiting[1:]
        if self._lost_after is not None:
            self._lost_after -= 1
        return data

    def discard_input(self) -> int:
        if self._lost_after == 0:
            raise PortLost("script")
        count, self._waiting = len(self._waiting), b""
        return count

    def close(self) -> None:
        self.closed = True
