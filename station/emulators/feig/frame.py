"""Frames of the ISO Host Mode (H20800-16e chapter 3): length, address, command, data, CRC16."""

from __future__ import annotations

from dataclasses import dataclass

STX = 0x02
SHORTEST = 5
SHORTEST_ADVANCED = 7


def crc16(data: bytes) -> bytes:
    """CRC16 of H20800-16e 3.2: reflected 1021, init FFFF, not complemented, low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0x8408 if value & 1 else value >> 1
    return bytes((value & 0xFF, value >> 8))


@dataclass(frozen=True)
class Request:
    """A request of the host: address, command byte, data. advanced: kind of frame in which it arrived."""

    address: int
    command: int
    data: bytes
    advanced: bool
    size: int  # bytes on the wire

    @property
    def code(self) -> str:
        """Command in hex; for B0, with its sub-command: "65", "b024"."""
        sub = self.data[:1] if self.command == 0xB0 else b""
        return (bytes((self.command,)) + sub).hex()


@dataclass(frozen=True)
class Answer:
    status: int
    data: bytes = b""


def encode(address: int, command: int, answer: Answer, *, advanced: bool) -> bytes:
    """Return the reply frame. A reply longer than 255 bytes becomes an advanced frame."""
    body = bytes((address, command, answer.status)) + answer.data
    length = 1 + len(body) + 2
    if advanced or length > 0xFF:
        head = bytes((STX,)) + (length + 2).to_bytes(2, "big")
    else:
        head = bytes((length,))
    return head + body + crc16(head + body)


class Framer:
    """Turns bytes from the host into requests. A wrong length or CRC drops the whole buffer and is never answered."""

    def __init__(self, *, standard: bool, advanced: bool) -> None:
        self._standard = standard
        self._advanced = advanced
        self._buffer = b""
        self.dropped = 0  # frames and fragments that were dropped

    @property
    def waiting(self) -> bool:
        """True in the middle of a frame."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Request]:
        self._buffer += data
        requests = []
        while self._buffer:
            request = self._next()
            if request is None:
                break
            requests.append(request)
        return requests

    def drop(self) -> None:
        """Drop the fragment (12 ms without a byte)."""
        if self._buffer:
            self.dropped += 1
        self._buffer = b""

    def _next(self) -> Request | None:
        advanced = self._buffer[0] == STX
        if not (self._advanced if advanced else self._standard):
            self.drop()
            return None
        if advanced and len(self._buffer) < 3:
            return None
        length = int.from_bytes(self._buffer[1:3], "big") if advanced else self._buffer[0]
        if length < (SHORTEST_ADVANCED if advanced else SHORTEST):
            self.drop()
            return None
        if len(self._buffer) < length:
            return None
        frame = self._buffer[:length]
        if crc16(frame[:-2]) != frame[-2:]:
            self.drop()
            return None
        self._buffer = self._buffer[length:]
        body = frame[3:-2] if advanced else frame[1:-2]
        return Request(body[0], body[1], body[2:], advanced, length)
