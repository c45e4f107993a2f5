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
"""Longest frame sent or accepted, in bytes. The manuals allow 65535, but 400 inventory records exceed what a pad
holds."""

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
    """Return a request frame. Raises `LocalProtocolError` if it exceeds the limit of its kind of frame."""
    length = len(data) + (7 if advanced else 5)
    longest = LONGEST_ADVANCED if advanced else LONGEST_STANDARD
    if length > longest:
        raise LocalProtocolError(f"a frame of {length} bytes is too long")
    head = bytes((_STX,)) + length.to_bytes(2, "big") if advanced else bytes((length,))
    body = head + bytes((address, command)) + data
    return body + crc16(body).to_bytes(2, "little")


def announced(waiting: bytearray, commands: frozenset[int]) -> int | None:
    """See `line.framing.Framing`. A reply begins with a length in range, an address below 255 and one of `commands`."""
    if waiting[0] == _STX:
        if len(waiting) < 3:
            return None
        length = int.from_bytes(waiting[1:3], "big")
        header, in_range = 3, _SHORTEST_ADVANCED_REPLY <= length <= LONGEST_ADVANCED
    else:
        length = waiting[0]
        header, in_range = 1, length >= _SHORTEST_REPLY
    if not in_range:
        return 0
    if len(waiting) > header and waiting[header] == BROADCAST:
        return 0
    if len(waiting) > header + 1 and waiting[header + 1] not in commands:
        return 0
    return length


def parse(raw: bytes) -> Frame | None:
    """Return the reply that consists of exactly these bytes; None if its CRC is wrong."""
    if crc16(raw):
        return None
    advanced = raw[0] == _STX
    at = 3 if advanced else 1
    return Frame(
        address=raw[at], command=raw[at + 1], status=raw[at + 2], data=raw[at + 3 : -2], raw=raw, advanced=advanced
    )
