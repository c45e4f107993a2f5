"""Requests of the EVM: hex digits without spaces: "01", length in bytes (its second byte is ignored), 03 04, a command,
parameters, 0000 (TRF7970AEVM user guide; firmware uart.c). The ring buffer holds 100 characters: a longer request
overwrites itself and is dropped here.
"""

from __future__ import annotations

from dataclasses import dataclass

BUFFER = 100
SHORTEST = 8  # bytes of a request without parameters
_HEX = b"0123456789abcdefABCDEF"


@dataclass(frozen=True)
class Request:
    """Command byte, and the data between it and the last two bytes."""

    command: int
    data: bytes
    size: int  # characters on the wire

    @property
    def code(self) -> str:
        return f"{self.command:02x}"


class Framer:
    def __init__(self) -> None:
        self._buffer = b""
        self.dropped = 0  # fragments and requests that were dropped

    @property
    def waiting(self) -> bool:
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Request]:
        self._buffer += bytes(char for char in data if char in _HEX)  # other characters are skipped (uart.c)
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
        while True:
            at = self._buffer.find(b"01")
            if at < 0:
                self._buffer = self._buffer[-1:] if self._buffer.endswith(b"0") else b""
                return None
            self._buffer = self._buffer[at:]
            if len(self._buffer) < 4:
                return None
            length = int(self._buffer[2:4], 16)
            if length < SHORTEST:
                self.dropped += 1
                self._buffer = self._buffer[2:]
                continue
            size = 2 * length
            if len(self._buffer) < size:
                return None
            body = bytes.fromhex(self._buffer[:size].decode("ascii"))
            self._buffer = self._buffer[size:]
            if size > BUFFER:
                self.dropped += 1
                continue
            return Request(body[5], body[6:-2], size)
