"""Frames of the PN532 (user manual UM0701-02 6.2.1): preamble, start code, length, data, checksums; ACK, NACK, error.

A sleeping chip receives nothing before the fifth rising edge on its line (HSU wake-up, 7.2.11). So clients send 55 55
and zeros, or ten zeros, before their first frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

START = bytes.fromhex("00ff")
ACK = bytes.fromhex("0000ff00ff00")
NACK = bytes.fromhex("0000ffff0000")
SYNTAX_ERROR = bytes.fromhex("0000ff01ff7f8100")
HOST, CHIP = 0xD4, 0xD5
LONGEST = 265  # TFI and data, 6.2.1.2
WAKING_EDGES = 5


@dataclass(frozen=True)
class Request:
    """A request. kind: "command" (command byte and data), "ack" (the host gives up) or "nack" (send the answer
    again)."""

    kind: str
    command: int
    data: bytes
    size: int

    @property
    def code(self) -> str:
        return f"{self.command:02x}" if self.kind == "command" else self.kind


def encode(body: bytes) -> bytes:
    """Return a frame of the chip around D5, command + 1 and data; extended if the length does not fit one byte."""
    if len(body) > 255:
        head = len(body).to_bytes(2, "big")
        head = b"\xff\xff" + head + bytes((-sum(head) & 0xFF,))
    else:
        head = bytes((len(body), -len(body) & 0xFF))
    return b"\0" + START + head + body + bytes((-sum(body) & 0xFF, 0))


def rising_edges(byte: int) -> int:
    """Return the rising edges of one byte on the line, least significant bit first, start bit 0 and stop bit 1."""
    bits = [0, *(byte >> index & 1 for index in range(8)), 1]
    return sum(1 for before, after in pairwise(bits) if after > before)


class Framer:
    """Turns bytes from the host into requests. A wrong checksum is not answered; bytes before a start code are
    skipped."""

    def __init__(self) -> None:
        self._buffer = b""
        self._edges = 0
        self.asleep = False
        self.dropped = 0

    @property
    def waiting(self) -> bool:
        """True in the middle of a frame."""
        return bool(self._buffer.strip(b"\0"))

    def sleep(self) -> None:
        """Ignore the line until enough edges have arrived."""
        self.asleep = True
        self._edges = 0
        self._buffer = b""

    def feed(self, data: bytes) -> list[Request]:
        for at, byte in enumerate(data):
            if not self.asleep:
                self._buffer += data[at:]
                break
            self._edges += rising_edges(byte)
            self.asleep = self._edges < WAKING_EDGES
        requests = []
        while (request := self._next()) is not None:
            requests.append(request)
        return requests

    def drop(self) -> None:
        """Drop the fragment."""
        if self.waiting:
            self.dropped += 1
        self._buffer = b""

    def _next(self) -> Request | None:
        while True:
            at = self._buffer.find(START)
            if at < 0:
                self._buffer = self._buffer[-1:] if self._buffer.endswith(b"\0") else b""
                return None
            head = self._buffer[at + 2 :]
            if len(head) < 2:
                return None
            if head[:2] == b"\x00\xff":
                return self._short("ack", at + 4)
            if head[:2] == b"\xff\x00":
                return self._short("nack", at + 4)
            if head[:2] == b"\xff\xff":
                if len(head) < 5:
                    return None
                length, offset, good = int.from_bytes(head[2:4], "big"), 5, sum(head[2:5]) & 0xFF == 0
            else:
                length, offset, good = head[0], 2, sum(head[:2]) & 0xFF == 0
            if not good or not 0 < length <= LONGEST:
                self._skip(at + 2)
                continue
            if len(head) < offset + length + 1:
                return None
            body, check = head[offset : offset + length], head[offset + length]
            if sum(body) + check & 0xFF:
                self._skip(at + 2)
                continue
            size = at + 2 + offset + length + 1
            self._buffer = self._buffer[size:]
            if body[0] != HOST or length < 2:
                return Request("command", -1 & 0xFF, b"", size)  # a wrong TFI is a syntax error
            return Request("command", body[1], body[2:], size)

    def _short(self, kind: str, size: int) -> Request:
        self._buffer = self._buffer[size:]
        return Request(kind, 0, b"", size)

    def _skip(self, count: int) -> None:
        self.dropped += 1
        self._buffer = self._buffer[count:]
