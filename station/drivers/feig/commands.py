"""FEIG OBID ISO-Host commands to tags (B0), as data: one row and one function for each command.

Source: FEIG H20800-16e 7.1 and 7.2; Annex F (each block travels byte-reversed). A UID travels most significant byte first.
DB-N is a plain count. Every command to a tag is addressed to one UID; the manual's other modes are not used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from station.base.errors import LocalProtocolError
from station.domain.tag_image import Uid
from station.drivers.feig import replies
from station.drivers.feig.replies import (
    Acknowledged,
    Blocks,
    Event,
    InventoryAnswer,
    MemorySize,
    SecurityStatus,
    TagInformation,
)
from station.drivers.feig.request import Request, Row
from station.drivers.reader.operands import byte_values, uid_bytes

E = TypeVar("E", bound=Event)

MAX_DATA: Final = 128
"""Bytes of tag memory one command may carry: 32 blocks of 4, 16 of 8 (H20800-16e 7.1)."""
MAX_BLOCKS: Final = 32

INVENTORY: Final = Row("Inventory", 0xB0, 0x01, answers=(0x00, 0x01, 0x0B, 0x83, 0x84, 0x93, 0x94))
STAY_QUIET: Final = Row("Stay Quiet", 0xB0, 0x02)
LOCK_BLOCKS: Final = Row("Lock Multiple Blocks", 0xB0, 0x22, changes_tag=True)
READ_BLOCKS: Final = Row("Read Multiple Blocks", 0xB0, 0x23)
WRITE_BLOCKS: Final = Row("Write Multiple Blocks", 0xB0, 0x24, changes_tag=True)
SELECT: Final = Row("Select", 0xB0, 0x25)
RESET_TO_READY: Final = Row("Reset to Ready", 0xB0, 0x26)
WRITE_AFI: Final = Row("Write AFI", 0xB0, 0x27, changes_tag=True)
LOCK_AFI: Final = Row("Lock AFI", 0xB0, 0x28, changes_tag=True)
WRITE_DSFID: Final = Row("Write DSFID", 0xB0, 0x29, changes_tag=True)
LOCK_DSFID: Final = Row("Lock DSFID", 0xB0, 0x2A, changes_tag=True)
SYSTEM_INFORMATION: Final = Row("Get System Information", 0xB0, 0x2B)
SECURITY_STATUS: Final = Row("Get Multiple Block Security Status", 0xB0, 0x2C)

COMMANDS: Final = (
    INVENTORY,
    STAY_QUIET,
    LOCK_BLOCKS,
    READ_BLOCKS,
    WRITE_BLOCKS,
    SELECT,
    RESET_TO_READY,
    WRITE_AFI,
    LOCK_AFI,
    WRITE_DSFID,
    LOCK_DSFID,
    SYSTEM_INFORMATION,
    SECURITY_STATUS,
)


def inventory(
    *, more: bool = False, presence: bool = False, wait_tenths: int | None = None
) -> Request[InventoryAnswer]:
    """B0 01: start a new inventory, or (`more`, MODE 80) fetch the records that the reader still holds after a status
    94.

    `presence` (PRESC, only while ONT and anticollision are on): report also the tags that were reported before.
    `wait_tenths` (NTFC): how long the reader may wait for a first tag, in tenths of a second; it replaces
    TR-RESPONSE-TIME (7.1.1).
    """
    mode = (0x80 if more else 0) | (0x20 if presence else 0) | (0 if wait_tenths is None else 0x40)
    if more and mode != 0x80:
        raise LocalProtocolError("the rest of an inventory takes no options")
    wait = b"" if wait_tenths is None else byte_values(wait=wait_tenths)
    return Request(INVENTORY, bytes((0x01, mode)) + wait, replies.inventory)


def stay_quiet(uid: Uid) -> Request[Acknowledged]:
    """B0 02."""
    return _addressed(STAY_QUIET, uid, b"")


def lock_blocks(uid: Uid, first: int, count: int) -> Request[Acknowledged]:
    """B0 22: DB-ADR DB-N. Irreversible."""
    return _addressed(LOCK_BLOCKS, uid, _range(first, count))


def read_blocks(uid: Uid, first: int, count: int, *, security: bool) -> Request[Blocks]:
    """B0 23: DB-ADR DB-N. MODE bit 3 requests the block security status; without it every SEC byte is 00."""
    mode = 0x09 if security else 0x01
    data = bytes((0x23, mode)) + uid_bytes(uid) + _range(first, count)
    return Request(READ_BLOCKS, data, _ok(replies.blocks, count))


def write_blocks(uid: Uid, first: int, content: bytes, block_size: int) -> Request[Acknowledged]:
    """B0 24: DB-ADR DB-N DB-SIZE, then the blocks, each byte-reversed. `content` is in memory order."""
    if not 1 <= block_size <= 32 or not content or len(content) % block_size or len(content) > MAX_DATA:
        raise LocalProtocolError(f"{len(content)} bytes are not 1 to 128 bytes of whole blocks of {block_size}")
    wire = b"".join(content[at : at + block_size][::-1] for at in range(0, len(content), block_size))
    params = _range(first, len(content) // block_size) + bytes((block_size,)) + wire
    return _addressed(WRITE_BLOCKS, uid, params)


def select(uid: Uid) -> Request[Acknowledged]:
    """B0 25: the tag then answers in selected mode, which this driver never uses."""
    return _addressed(SELECT, uid, b"")


def reset_to_ready(uid: Uid) -> Request[Acknowledged]:
    """B0 26."""
    return _addressed(RESET_TO_READY, uid, b"")


def write_afi(uid: Uid, afi: int) -> Request[Acknowledged]:
    """B0 27."""
    return _addressed(WRITE_AFI, uid, byte_values(afi=afi))


def lock_afi(uid: Uid) -> Request[Acknowledged]:
    """B0 28. Irreversible."""
    return _addressed(LOCK_AFI, uid, b"")


def write_dsfid(uid: Uid, dsfid: int) -> Request[Acknowledged]:
    """B0 29."""
    return _addressed(WRITE_DSFID, uid, byte_values(dsfid=dsfid))


def lock_dsfid(uid: Uid) -> Request[Acknowledged]:
    """B0 2A. Irreversible."""
    return _addressed(LOCK_DSFID, uid, b"")


def system_information(uid: Uid, size: MemorySize = MemorySize.AUTO) -> Request[TagInformation]:
    """B0 2B. `size`: how MEM-SIZE is interpreted."""
    raw = uid_bytes(uid)
    return Request(SYSTEM_INFORMATION, b"\x2b\x01" + raw, _ok(replies.tag_information, (raw, size)))


def security_status(uid: Uid, first: int, count: int) -> Request[SecurityStatus]:
    """B0 2C: DB-ADR DB-N."""
    data = b"\x2c\x01" + uid_bytes(uid) + _range(first, count)
    return Request(SECURITY_STATUS, data, _ok(replies.security_status, count))


A = TypeVar("A")


def _ok(parse: Callable[[A, bytes], E], asked: A) -> Callable[[int, bytes], E]:
    return partial(_parse_ok, parse, asked)


def _parse_ok(parse: Callable[[A, bytes], E], asked: A, _status: int, data: bytes) -> E:
    return parse(asked, data)


def _addressed(row: Row, uid: Uid, params: bytes) -> Request[Acknowledged]:
    if row.sub is None:
        raise LocalProtocolError(f"{row.name} addresses no tag")
    return Request(row, bytes((row.sub, 0x01)) + uid_bytes(uid) + params, replies.acknowledged)


def _range(first: int, count: int) -> bytes:
    if not (0 <= first <= 0xFF and 1 <= count <= MAX_BLOCKS and first + count <= 0x100):
        raise LocalProtocolError(f"{count} blocks from block {first} cannot be requested at once")
    return bytes((first, count))
