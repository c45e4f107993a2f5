"""3M `D6` frames, both directions:

    host -> reader   D6 LENhi LENlo CMD [..] CRChi CRClo
    reader -> host   D6 LENhi LENlo CMD ERR [UID] [..] CRChi CRClo

LEN counts the bytes after it, including the CRC. The CRC covers everything but the start byte. The probe that every
known client sends first has the start byte D5, and so has its answer; it is not in the manual, but in a capture of a
real 810.

Sources: 3M RFID Reader Model 210 Protocol Specification 1.0.0 (2009), "Overview of the Protocol", "BCC" and Appendix C;
capture of a real 810 (tests/vectors/3m810-live-capture.jsonl).
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import LocalProtocolError

START: Final = 0xD6
PROBE_START: Final = 0xD5
PROBE_COMMAND: Final = 0x04

LONGEST: Final = 4096
"""Limit on LEN in bytes, in both directions: 255 blocks take 1541 bytes, 255 inventory records with DSFID take 2302."""

_HEADER: Final = 3
_SHORTEST_REPLY: Final = 4
"""LEN of a reply with only CMD and ERR."""


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        crc = value << 8
        for _ in range(8):
            crc = (crc << 1) ^ (0x1021 if crc & 0x8000 else 0)
        table.append(crc & 0xFFFF)
    return tuple(table)


_CRC_TABLE: Final = _crc_table()


def crc16(data: bytes) -> int:
    """Appendix C: polynomial 1021, preset FFFF, most significant bit first, inverted at the end (CRC-16/GENIBUS)."""
    crc = 0xFFFF
    for byte in data:
        crc = ((crc << 8) & 0xFFFF) ^ _CRC_TABLE[(crc >> 8) ^ byte]
    return crc ^ 0xFFFF


class Frame(msgspec.Struct, frozen=True):
    """One reply whose length and CRC are right. `data`: the bytes after CMD, beginning with ERR."""

    start: int
    command: int
    data: bytes
    raw: bytes


def encode(command: int, data: bytes, start: int = START) -> bytes:
    """Return a request frame. Raises `LocalProtocolError` if it would be longer than `LONGEST`."""
    length = len(data) + 3
    if length > LONGEST:
        raise LocalProtocolError(f"a frame of {length} bytes is too long")
    body = length.to_bytes(2, "big") + bytes((command,)) + data
    return bytes((start,)) + body + crc16(body).to_bytes(2, "big")


def announced(waiting: bytearray, commands: frozenset[int]) -> int | None:
    """See `line.framing.Framing`. A reply begins with a start byte, a length in range and one of `commands`."""
    if waiting[0] not in (START, PROBE_START):
        return 0
    if len(waiting) < _HEADER:
        return None
    length = int.from_bytes(waiting[1:_HEADER], "big")
    if not _SHORTEST_REPLY <= length <= LONGEST:
        return 0
    if len(waiting) > _HEADER:
        command = waiting[_HEADER]
        known = command in commands if waiting[0] == START else command == PROBE_COMMAND
        if not known:
            return 0
    return _HEADER + length


def parse(raw: bytes) -> Frame | None:
    """Return the reply that consists of exactly these bytes; None if its CRC is wrong."""
    if crc16(raw[1:-2]) != int.from_bytes(raw[-2:], "big"):
        return None
    return Frame(start=raw[0], command=raw[_HEADER], data=raw[_HEADER + 1 : -2], raw=raw)
