"""Answers of a FEIG reader as frozen values, and the parsers that read them from a reply's DATA.

Every parser uses exactly all bytes or raises `Misshapen`, and raises nothing else. Multi-byte numbers travel most
significant byte first, UIDs too (H20800-16e ch. 7). Source of the layouts: H20800-16e ch. 5 to 7.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.domain.inventory import TagSeen
from station.domain.tag_image import Uid
from station.drivers.line.cursor import Cursor, Misshapen


class Acknowledged(msgspec.Struct, frozen=True):
    """Done, without data."""


class SoftwareVersion(msgspec.Struct, frozen=True):
    """Answer to 65, and first part of the answer to 66 mode 00 (Annex B)."""

    software: int
    development: int
    hardware_type: int
    software_type: int
    transponder_types: int


class ReaderInfo(msgspec.Struct, frozen=True):
    """Answer to 66 mode 00: version and the reader's buffers in bytes."""

    version: SoftwareVersion
    receive_buffer: int
    send_buffer: int


class Functions(msgspec.Struct, frozen=True):
    """Answer to 66 mode 04. None: a template that the manual does not define."""

    mifare_directory: bool | None
    t_cl: bool | None


class DeviceId(msgspec.Struct, frozen=True):
    """Answer to 66 mode 80: the device number and the licenses."""

    number: int
    customer: int
    firmware: int
    drivers: int
    functions: int


class Opaque(msgspec.Struct, frozen=True):
    """Bytes for the maker's service, which the manual does not describe."""

    data: bytes


class Inputs(msgspec.Struct, frozen=True):
    """Answer to 74: whether inputs 1 to 3 are on, and whether they changed since the last request."""

    on: tuple[bool, bool, bool]
    changed: tuple[bool, bool, bool]


class Antenna(msgspec.Struct, frozen=True):
    """Answer to 75: a number that grows with the antenna's voltage."""

    value: int


class Configuration(msgspec.Struct, frozen=True):
    """Answer to 80: the 14 bytes of one configuration block."""

    data: bytes


class InventoryAnswer(msgspec.Struct, frozen=True):
    """Answer to B0 01 (7.1.1). `more`: the reader holds further records. `unresolved`: a tag answered, but the reader
    or this driver could not determine its UID."""

    tags: tuple[TagSeen, ...] = ()
    more: bool = False
    unresolved: bool = False


class Blocks(msgspec.Struct, frozen=True):
    """Answer to B0 23: data in memory order (the wire has each block reversed, Annex F)."""

    block_size: int
    data: bytes
    locked: tuple[bool, ...]


class TagInformation(msgspec.Struct, frozen=True):
    """Answer to B0 2B, with sizes converted to plain bytes and blocks."""

    dsfid: int
    uid: Uid
    afi: int
    block_size: int
    block_count: int
    ic_reference: int


class SecurityStatus(msgspec.Struct, frozen=True):
    """Answer to B0 2C."""

    locked: tuple[bool, ...]


class AirAnswer(msgspec.Struct, frozen=True):
    """Answer to BF: the tag's answer from its flags on, without CRC."""

    data: bytes


class AirInventory(msgspec.Struct, frozen=True):
    """Answer to BF in mode 4: the tags that answered, slot by slot."""

    tags: tuple[TagSeen, ...] = ()


class Refused(msgspec.Struct, frozen=True):
    """A refusal: the reader's status and, if the reply has them, the tag's ISO error code and the block in error."""

    status: int
    iso_error: int | None = None
    block: int | None = None


Event = (
    Acknowledged
    | SoftwareVersion
    | ReaderInfo
    | Functions
    | DeviceId
    | Opaque
    | Inputs
    | Antenna
    | Configuration
    | InventoryAnswer
    | Blocks
    | TagInformation
    | SecurityStatus
    | AirAnswer
    | AirInventory
    | Refused
)


def uid_of(data: bytes) -> Uid:
    """Return the UID as it is printed: most significant byte first, upper case."""
    return Uid(data.hex().upper())


def acknowledged(_status: int, data: bytes) -> Acknowledged:
    """No DATA."""
    Cursor(data).end()
    return Acknowledged()


def software_version(_status: int, data: bytes) -> SoftwareVersion:
    """65: SW-REV(2) D-REV HW-TYPE SW-TYPE TR-TYPE(2)."""
    cursor = Cursor(data)
    version = _version(cursor)
    cursor.end()
    return version


def reader_info(_status: int, data: bytes) -> ReaderInfo:
    """66 mode 00: as 65, then RX-BUF(2) TX-BUF(2)."""
    cursor = Cursor(data)
    info = ReaderInfo(_version(cursor), cursor.number(2), cursor.number(2))
    cursor.end()
    return info


def _version(cursor: Cursor) -> SoftwareVersion:
    return SoftwareVersion(cursor.number(2), cursor.number(), cursor.number(), cursor.number(), cursor.number(2))


_CPR_TEMPLATE = 0x01


def functions(_status: int, data: bytes) -> Functions:
    """66 mode 04: TEMPLATE FNC-LST0 and nine bytes. In template 01, bit 1 is MAD and bit 0 is T=CL (6.5)."""
    cursor = Cursor(data)
    template, bits = cursor.number(), cursor.number()
    cursor.take(9)
    cursor.end()
    if template != _CPR_TEMPLATE:
        return Functions(None, None)
    return Functions(bool(bits & 2), bool(bits & 1))


def device_id(_status: int, data: bytes) -> DeviceId:
    """66 mode 80: DEV-ID(4) CUSTOM-L(4) FW-L(2) TR-DRV-L(2) FNC-L(2) and two bytes (6.5)."""
    cursor = Cursor(data)
    device = DeviceId(cursor.number(4), cursor.number(4), cursor.number(2), cursor.number(2), cursor.number(2))
    cursor.take(2)
    cursor.end()
    return device


def opaque(length: int, _status: int, data: bytes) -> Opaque:
    """`length` bytes, not interpreted."""
    cursor = Cursor(data)
    content = Opaque(cursor.take(length))
    cursor.end()
    return content


def inputs(_status: int, data: bytes) -> Inputs:
    """74: bits 2 to 0 are the inputs, bits 6 to 4 are set if they have changed (6.9)."""
    cursor = Cursor(data)
    byte = cursor.number()
    cursor.end()
    return Inputs((bool(byte & 1), bool(byte & 2), bool(byte & 4)), (bool(byte & 16), bool(byte & 32), bool(byte & 64)))


def antenna(_status: int, data: bytes) -> Antenna:
    """75: ANT-VALUE."""
    cursor = Cursor(data)
    value = Antenna(cursor.number())
    cursor.end()
    return value


def configuration(_status: int, data: bytes) -> Configuration:
    """80: 14 bytes."""
    cursor = Cursor(data)
    block = Configuration(cursor.take(14))
    cursor.end()
    return block


_ISO_15693 = 0x03
"""TR-TYPE of an ISO 15693 record in an inventory (7.1.1)."""


def inventory(status: int, data: bytes) -> InventoryAnswer:
    """B0 01: N, then N records `03 DSFID UID(8)` (7.1.1).

    Status 01 has no DATA; 0B, 83, 84 and 93 may have the records that were found before the error. A record of another
    transponder type (ISO 14443, ...) has an unknown length: parsing ends there, and `unresolved` is set.
    """
    troubled = status in (0x0B, 0x83, 0x84, 0x93)
    cursor = Cursor(data)
    if status == 0x01 or (troubled and not data):
        cursor.end()
        return InventoryAnswer(unresolved=troubled)
    count = cursor.number()
    tags: list[TagSeen] = []
    for _ in range(count):
        if cursor.number() != _ISO_15693:
            return InventoryAnswer(tuple(tags), more=status == 0x94, unresolved=True)
        dsfid = cursor.number()
        tags.append(TagSeen(uid_of(cursor.take(8)), dsfid))
    cursor.end()
    return InventoryAnswer(tuple(tags), more=status == 0x94, unresolved=troubled)


def blocks(count: int, data: bytes) -> Blocks:
    """B0 23: DB-N DB-SIZE, then N times SEC and a reversed block; DB-N must be the requested count (Annex F)."""
    cursor = Cursor(data)
    if (number := cursor.number()) != count:
        raise Misshapen(f"{count} blocks were requested, {number} came")
    size = cursor.number()
    if not 1 <= size <= 32:
        raise Misshapen(f"block size {size}")
    memory = bytearray()
    locked = []
    for _ in range(count):
        locked.append(bool(cursor.number() & 1))
        memory += cursor.take(size)[::-1]
    cursor.end()
    return Blocks(size, bytes(memory), tuple(locked))


class MemorySize(StrEnum):
    """Interpretations of MEM-SIZE, chosen by the setting `reader.memory_size`."""

    AUTO = "auto"
    MANUAL = "manual"
    AIR = "air"


def tag_information(asked: tuple[bytes, MemorySize], data: bytes) -> TagInformation:
    """B0 2B: DSFID UID(8) AFI MEM-SIZE(2) IC-REF.

    The low 32 bits of the UID must echo the requested one: the manual guarantees no more than these.
    """
    uid, reading = asked
    cursor = Cursor(data)
    dsfid = cursor.number()
    echo = cursor.take(8)
    if echo[4:] != uid[4:]:
        raise Misshapen(f"{uid.hex()} was asked, {echo.hex()} answered")
    afi = cursor.number()
    block_size, block_count = memory_size(cursor.number(), cursor.number(), reading)
    information = TagInformation(dsfid, uid_of(uid), afi, block_size, block_count, cursor.number())
    cursor.end()
    return information


def memory_size(size: int, count: int, reading: MemorySize = MemorySize.AUTO) -> tuple[int, int]:
    """Return MEM-SIZE as (bytes per block, number of blocks) (7.2.8).

    The manual says "block size in bytes, number of blocks"; the air interface carries size - 1 and number - 1, and whether
    the firmware adds one is not known. `AUTO` understands both. Block sizes are powers of two, so 4 means 4 and 3 means
    4. Every tag with blocks of 2 bytes or more that answers this command has an even number of blocks, so 28 means 28
    and 27 means 28. With 1-byte blocks (LRI64: 15 of them) the size byte decides for both.
    """
    if reading is MemorySize.MANUAL:
        plain_size, plain_count = size, count or 256
    elif reading is MemorySize.AIR:
        plain_size, plain_count = size + 1, count + 1
    elif size in (0, 1):
        plain_size, plain_count = 1, count + 1 - size
    else:
        plain_size = size + 1 if size % 2 else size
        plain_count = count + 1 if count % 2 else count
    if not 0 < plain_size <= 32 or plain_size & (plain_size - 1) or plain_count == 0:
        raise Misshapen(f"MEM-SIZE {size:02X} {count:02X} read as {reading}")
    return plain_size, plain_count


def security_status(count: int, data: bytes) -> SecurityStatus:
    """B0 2C: DB-N, then N status bytes."""
    cursor = Cursor(data)
    if (number := cursor.number()) != count:
        raise Misshapen(f"{count} blocks were requested, {number} came")
    locked = tuple(bool(byte & 1) for byte in cursor.take(count))
    cursor.end()
    return SecurityStatus(locked)
