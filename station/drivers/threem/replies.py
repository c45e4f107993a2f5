"""What a 3M reader can answer, as frozen values, and how each is read from what follows ERR.

Every parser takes exactly all bytes or raises `Misshapen`; nothing else. Multi-byte numbers and UIDs travel most
significant byte first. Layouts: 3M RFID Reader Model 210 Protocol Specification 1.0.0, the section of each command.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.domain.snapshot import TagSeen
from station.domain.tag_image import Uid
from station.drivers.line.cursor import Cursor, Misshapen

BLOCK_SIZE: Final = 4
"""Bytes; the manual's block commands know "32bit Data" and nothing else."""

WITH_UID: Final = 0x01
WITH_DSFID: Final = 0x02
"""Response options of Read Block UID."""
NEW_STYLE: Final = 0x04
NO_LOCK: Final = 0x08
"""Response options of Read Multiblock."""
INFO_DSFID: Final = 0x01
INFO_AFI: Final = 0x02
INFO_MEMORY: Final = 0x04
INFO_IC: Final = 0x08
"""Bits of Tag Info."""
LAST_LOCK: Final = 0x03
"""LOCK byte: 0 open, 1 locked by the user, 2 by the factory, 3 by both; above it is an error code for this block."""


class Done(msgspec.Struct, frozen=True):
    """Done; nothing to tell."""


class Version(msgspec.Struct, frozen=True):
    """Answer to Reader Version and to the probe: family (0A = 3M), major, minor, build."""

    family: int
    major: int
    minor: int
    build: int


class ExtendedInfo(msgspec.Struct, frozen=True):
    """Answer to Extended Info (13), whose meaning no public source gives."""

    data: bytes


class InventoryAnswer(msgspec.Struct, frozen=True):
    """Answer to Read Block UID. `foreign`: a Tag-it transponder answered, which is no ISO 15693 tag."""

    tags: tuple[TagSeen, ...] = ()
    foreign: bool = False


class Blocks(msgspec.Struct, frozen=True):
    """Answer to Read Multiblock: data in memory order; without `NO_LOCK` one lock state a block."""

    data: bytes
    locked: tuple[bool, ...]


class Number(msgspec.Struct, frozen=True):
    """An AFI, a DSFID or an EAS bit."""

    value: int


class TagInformation(msgspec.Struct, frozen=True):
    """Answer to Tag Info, sizes as plain bytes and blocks. None: the tag does not have it, or the reader cannot tell."""

    dsfid: int | None = None
    afi: int | None = None
    block_size: int | None = None
    block_count: int | None = None
    ic_reference: int | None = None


class AirAnswer(msgspec.Struct, frozen=True):
    """Answer to ISO Pass thru: the reader's result flags, and the tag's answer from its flags on, without CRC."""

    flags: int
    data: bytes


class Refused(msgspec.Struct, frozen=True):
    """It was not done: the error code, and the block in error where the reply has one."""

    error: int
    block: int | None = None


Event = Done | Version | ExtendedInfo | InventoryAnswer | Blocks | Number | TagInformation | AirAnswer | Refused


def version(data: bytes) -> Version:
    """Family, major, minor, build."""
    cursor = Cursor(data)
    found = Version(*cursor.take(4))
    cursor.end()
    return found


def extended_info(data: bytes) -> ExtendedInfo:
    """Whatever there is."""
    return ExtendedInfo(data)


_FOREIGN: Final = bytes(4)
"""How the serial number of a Tag-it transponder begins: 32 bits, filled up to 64 (manual, "Serial Numbers")."""


def inventory(asked: bytes, data: bytes) -> InventoryAnswer:
    """AFI OPT N, then N times [DSFID] UID. AFI and OPT repeat the request. The same tag may stand there twice."""
    cursor = Cursor(data)
    cursor.expect(asked, "AFI and options")
    count = cursor.number()
    found: dict[Uid, TagSeen] = {}
    foreign = False
    for _ in range(count):
        dsfid = cursor.number() if asked[1] & WITH_DSFID else 0
        raw = cursor.take(8)
        if raw[:4] == _FOREIGN:
            foreign = True
            continue
        uid = Uid(raw.hex().upper())
        found.setdefault(uid, TagSeen(uid, dsfid))
    cursor.end()
    return InventoryAnswer(tuple(found.values()), foreign)


def blocks(first: int, count: int, options: int, data: bytes) -> Blocks | Refused:
    """Both shapes, whichever was asked for, told apart by length (they mean the same where the lengths are the same: one
    block); what is too short for both, because a block is in error, has the shape that was asked for.

    Old: COUNT {BLK LOCK DATA}. New: FIRST COUNT {LOCK DATA}. Without LOCK if `NO_LOCK` was asked for. A LOCK byte
    above 3 is an error code; whether data follow it the manual leaves open, so that the first one ends the walk.
    """
    cursor = Cursor(data)
    has_lock = not options & NO_LOCK
    record = BLOCK_SIZE + has_lock
    old, new = 1 + count * (1 + record), 2 + count * record
    new_style = bytes((first, count)) == data[:2] and (len(data) == new or (options & NEW_STYLE and len(data) != old))
    if new_style:
        cursor.expect(bytes((first,)), "first block")
    cursor.expect(bytes((count,)), "number of blocks")
    memory = bytearray()
    locked = []
    for number in range(first, first + count):
        if not new_style:
            cursor.expect(bytes((number,)), "block")
        lock = cursor.number() if has_lock else 0
        if lock > LAST_LOCK:
            return Refused(lock, number)
        locked.append(bool(lock))
        memory += cursor.take(BLOCK_SIZE)
    cursor.end()
    return Blocks(bytes(memory), tuple(locked) if has_lock else ())


def done(data: bytes) -> Done:
    """Nothing."""
    Cursor(data).end()
    return Done()


def written(data: bytes) -> Done:
    """[BLK]: the manual's text says "last written + 1" and its example shows another number, so it proves nothing."""
    cursor = Cursor(data)
    if cursor.left:
        cursor.number()
    cursor.end()
    return Done()


def number(data: bytes) -> Number:
    """One byte."""
    cursor = Cursor(data)
    value = Number(cursor.number())
    cursor.end()
    return value


def tag_information(asked: int, data: bytes) -> TagInformation:
    """AVAIL, then the fields whose bits are set, in order; the memory's sizes travel as size - 1 and number - 1."""
    cursor = Cursor(data)
    available = cursor.number()
    if available & ~asked & 0x0F:
        raise Misshapen(f"fields {available:02X} although {asked:02X} were asked for")
    dsfid = cursor.number() if available & INFO_DSFID else None
    afi = cursor.number() if available & INFO_AFI else None
    size = count = None
    if available & INFO_MEMORY:
        size, count = cursor.number() + 1, cursor.number() + 1
        if size > 32:
            raise Misshapen(f"block size {size}")
    reference = cursor.number(2) if available & INFO_IC else None
    cursor.end()
    return TagInformation(dsfid, afi, size, count, reference)


def air_answer(data: bytes) -> AirAnswer:
    """RESFLAGS LEN(2), then so many bytes."""
    cursor = Cursor(data)
    flags = cursor.number()
    answer = AirAnswer(flags, cursor.take(cursor.number(2)))
    cursor.end()
    return answer
