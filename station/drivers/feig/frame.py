"""FEIG OBID ISO-Host frames, standard and advanced; either may be sent, both are received.

    standard   host -> reader   LEN ADR CMD [DATA] CRClo CRChi
               reader -> host   LEN ADR CMD STATUS [DATA] CRClo CRChi
    advanced   host -> reader   02 LENhi LENlo ADR CMD [DATA] CRClo CRChi
               reader -> host   02 LENhi LENlo ADR CMD STATUS [DATA] CRClo CRChi

LEN counts the whole frame. A standard frame is never 2 bytes long, so a first byte 02 always means advanced.
Sources: FEIG H20800-16e 3.1 and 3.2 (standard frame, CRC); H60301-3e p. 17 and H01113-4e 3.2 (advanced frame).
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import LocalProtocolError

BROADCAST: Final = 0xFF
"""Address that reaches every reader; a reply never carries it (H20800-16e 3.1)."""

LONGEST_STANDARD: Final = 255
LONGEST_ADVANCED: Final = 4096
"""Bound on what is waited for, in bytes: the manuals allow 65535, but 400 inventory records are more than a pad holds."""

_STX: Final = 0x02
_SHORTEST_REPLY: Final = 6
_SHORTEST_ADVANCED_REPLY: Final = 8


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x8408 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC_TABLE: Final = _crc_table()


def crc16(data: bytes) -> int:
    """CRC-16 of H20800-16e 3.2: reflected polynomial 8408, initial value FFFF, no final inversion (CRC-16/MCRF4XX)."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


class Frame(msgspec.Struct, frozen=True):
    """One reply whose length and CRC are right."""

    address: int
    command: int
    status: int
    data: bytes
    raw: bytes
    advanced: bool = False


def encode(address: int, command: int, data: bytes, *, advanced: bool = False) -> bytes:
    """A request frame; raises `LocalProtocolError` when it would be longer than its kind of frame can be."""
    length = len(data) + (7 if advanced else 5)
    longest = LONGEST_ADVANCED if advanced else LONGEST_STANDARD
    if length > longest:
        raise LocalProtocolError(f"a frame of {length} bytes cannot be said")
    head = bytes((_STX,)) + length.to_bytes(2, "big") if advanced else bytes((length,))
    body = head + bytes((address, command)) + data
    return body + crc16(body).to_bytes(2, "little")


class FrameBuffer:
    """Bytes in, reply frames out; finds its way back after garbage.

    Law of resynchronisation: the earliest byte that can begin a reply (length in range, command known, address below
    255) is believed until its frame is complete. A right CRC takes the whole frame away in one piece, so that nothing
    a tag holds is ever read as a frame of its own; a wrong one takes away that first byte only.
    """

    def __init__(self, commands: frozenset[int]) -> None:
        self._commands = commands
        self._bytes = bytearray()
        self._skipped = 0

    def __len__(self) -> int:
        return len(self._bytes)

    @property
    def skipped(self) -> int:
        """How many bytes belonged to no frame."""
        return self._skipped

    def feed(self, data: bytes) -> None:
        """Append what has arrived."""
        self._bytes += data

    def next(self, *, final: bool = False) -> Frame | None:
        """The next whole frame, or None. `final`: nothing more will arrive, so what is incomplete is garbage."""
        while self._bytes:
            length = self._announced()
            if length is None or length > len(self._bytes):
                if not final:
                    return None
            elif length:
                raw = bytes(self._bytes[:length])  # a copy: what is looked at through a view cannot be taken away
                if crc16(raw) == 0:
                    del self._bytes[:length]
                    return _parse(raw)
            del self._bytes[0]
            self._skipped += 1
        return None

    def rest(self) -> bytes:
        """What is here and not taken yet."""
        return bytes(self._bytes)

    def _announced(self) -> int | None:
        """Length of the frame that may begin here; 0 when none can, None when too few bytes are here to say."""
        buffer = self._bytes
        if buffer[0] == _STX:
            if len(buffer) < 3:
                return None
            length = int.from_bytes(buffer[1:3], "big")
            header, in_range = 3, _SHORTEST_ADVANCED_REPLY <= length <= LONGEST_ADVANCED
        else:
            length = buffer[0]
            header, in_range = 1, length >= _SHORTEST_REPLY
        if not in_range:
            return 0
        if len(buffer) > header and buffer[header] == BROADCAST:
            return 0
        if len(buffer) > header + 1 and buffer[header + 1] not in self._commands:
            return 0
        return length


def _parse(raw: bytes) -> Frame:
    advanced = raw[0] == _STX
    at = 3 if advanced else 1
    return Frame(
        address=raw[at], command=raw[at + 1], status=raw[at + 2], data=raw[at + 3 : -2], raw=raw, advanced=advanced
    )
