"""Answers of a 3M reader as frozen values, and the parsers that read them from the data after ERR.

Every parser uses exactly all bytes or raises `Misshapen`, and raises nothing else. Multi-byte numbers and UIDs travel
most significant byte first. Layouts: 3M RFID Reader Model 210 Protocol Specification 1.0.0, the section of each
command.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.domain.inventory import TagSeen
from station.domain.tag_image import Uid
from station.drivers.line.cursor import Cursor, Misshapen

BLOCK_SIZE: Final = 4
"""Bytes per block; the manual's block commands define only "32bit Data"."""

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
"""Largest lock state of a LOCK byte: 0 unlocked, 1 locked by the user, 2 by the factory, 3 by both. A higher value is
an error code for this block."""


class Done(msgspec.Struct, frozen=True):
    """Done, without data."""


class Version(msgspec.Struct, frozen=True):
    """Answer to Reader Version and to the probe: family (0A = 3M), major, minor, build."""

    family: int
    major: int
    minor: int
    build: int


class ExtendedInfo(msgspec.Struct, frozen=True):
    """Answer to Extended Info (13); no public source explains its content."""

    data: bytes


class InventoryAnswer(msgspec.Struct, frozen=True):
    """Answer to Read Block UID. `foreign`: a Tag-it transponder answered, which is not an ISO 15693 tag. `bare`: DSFIDs
    were requested, and the answer has none."""

    tags: tuple[TagSeen, ...] = ()
    foreign: bool = False
    bare: bool = False


class Blocks(msgspec.Struct, frozen=True):
    """Answer to Read Multiblock: data in memory order and, without `NO_LOCK`, one lock state for each block."""

    data: bytes
    locked: tuple[bool, ...]


class Number(msgspec.Struct, frozen=True):
    """An AFI, a DSFID or an EAS bit."""

    value: int


class TagInformation(msgspec.Struct, frozen=True):
    """Answer to Tag Info, with sizes as plain bytes and blocks. None: the tag does not have the value, or the reader
    cannot report it."""

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
    """A refusal: the error code, and the block in error if the reply has one."""

    error: int
    block: int | None = None


Event = Done | Version | ExtendedInfo | InventoryAnswer | Blocks | Number | TagInformation | AirAnswer | Refused


def version(data: bytes) -> Version:
    """Family, major, minor, build."""
    cursor = Cursor(data)
    answer = Version(*cursor.take(4))
    cursor.end()
    return answer


def extended_info(data: bytes) -> ExtendedInfo:
    """All bytes, not interpreted."""
    return ExtendedInfo(data)


_FOREIGN: Final = bytes(4)
"""First bytes of a Tag-it transponder's serial number: 32 bits, padded to 64 (manual, "Serial Numbers")."""


def inventory(asked: bytes, data: bytes) -> InventoryAnswer:
    """AFI OPT N, then N times [DSFID] UID. AFI and OPT repeat the request. The same tag may be listed twice.

    A reader may ignore the option for DSFIDs. N times 8 bytes can be nothing but UIDs.
    """
    cursor = Cursor(data)
    cursor.expect(asked, "AFI and options")
    count = cursor.number()
    with_dsfid = bool(asked[1] & WITH_DSFID)
    bare = with_dsfid and count > 0 and cursor.left == 8 * count
    tags: dict[Uid, TagSeen] = {}
    foreign = False
    for _ in range(count):
        dsfid = cursor.number() if with_dsfid and not bare else 0
        raw = cursor.take(8)
        if raw[:4] == _FOREIGN:
            foreign = True
            continue
        uid = Uid(raw.hex().upper())
        tags.setdefault(uid, TagSeen(uid, dsfid))
    cursor.end()
    return InventoryAnswer(tuple(tags.values()), foreign, bare)


def blocks(first: int, count: int, options: int, data: bytes) -> Blocks | Refused:
    """Both forms, whichever was requested, distinguished by length. If the lengths are equal (one block), the forms
    mean the same. Data too short for both, because a block is in error, has the requested form.

    Old: COUNT {BLK LOCK DATA}. New: FIRST COUNT {LOCK DATA}. Without LOCK if `NO_LOCK` was requested. A LOCK byte above
    3 is an error code; the manual does not state whether data follows it, so parsing ends at the first one.
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
    """[BLK], ignored: the manual's text says "last written + 1", but its example shows another number."""
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
        raise Misshapen(f"fields {available:02X} although {asked:02X} were requested")
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
    """RESFLAGS LEN(2), then LEN bytes."""
    cursor = Cursor(data)
    flags = cursor.number()
    answer = AirAnswer(flags, cursor.take(cursor.number(2)))
    cursor.end()
    return answer
