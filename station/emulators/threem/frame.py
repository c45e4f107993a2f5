"""Frames of the 3M reader protocol (Model 210 Protocol Specification 1.0.0): start, length, command, data, CRC.

The start byte D5 is not in the specification; a capture of a real 810 shows one request and its answer with it.
"""

from __future__ import annotations

from dataclasses import dataclass

START = 0xD6
PROBE_START = 0xD5
SHORTEST = 3  # LEN of a frame with only a command
LONGEST = 4096  # the specification gives no limit


def crc16(data: bytes) -> bytes:
    """Appendix C: 1021, preset FFFF, most significant bit first, complemented; high byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1) ^ 0x1021 if value & 0x8000 else value << 1
        value &= 0xFFFF
    value ^= 0xFFFF
    return bytes((value >> 8, value & 0xFF))


@dataclass(frozen=True)
class Request:
    """A request of the host: start byte, command byte, data."""

    start: int
    command: int
    data: bytes
    size: int  # bytes on the wire

    @property
    def code(self) -> str:
        """Command in hex; "d5" for the probe, whose command byte is that of another command."""
        return "d5" if self.start == PROBE_START else f"{self.command:02x}"


def encode(start: int, payload: bytes) -> bytes:
    """Return a frame around the command and its data."""
    body = (len(payload) + 2).to_bytes(2, "big") + payload
    return bytes((start,)) + body + crc16(body)


class Framer:
    """Turns bytes from the host into requests. A wrong length or CRC drops the whole buffer and is never answered.
    Bytes before a start byte are skipped (specification: the reader waits until it receives a valid command)."""

    def __init__(self) -> None:
        self._buffer = b""
        self.dropped = 0  # frames and fragments that were dropped

    @property
    def waiting(self) -> bool:
        """True in the middle of a frame."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Request]:
        self._buffer += data
        requests = []
        while (request := self._next()) is not None:
            requests.append(request)
        return requests

    def drop(self) -> None:
        """Drop the fragment."""
        if self._buffer:
            self.dropped += 1
        self._buffer = b""

    def _next(self) -> Request | None:
        starts = [at for at in (self._buffer.find(START), self._buffer.find(PROBE_START)) if at >= 0]
        if not starts:
            self._buffer = b""
            return None
        self._buffer = self._buffer[min(starts) :]
        if len(self._buffer) < 3:
            return None
        length = int.from_bytes(self._buffer[1:3], "big")
        if not SHORTEST <= length <= LONGEST:
            self.drop()
            return None
        if len(self._buffer) < 3 + length:
            return None
        frame = self._buffer[: 3 + length]
        if crc16(frame[1:-2]) != frame[-2:]:
            self.drop()
            return None
        self._buffer = self._buffer[3 + length :]
        return Request(frame[0], frame[3], frame[4:-2], len(frame))
