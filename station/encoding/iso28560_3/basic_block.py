"""The basic block of ISO 28560-3 and the Danish model, in both directions, and the decoding of a whole memory.

    0 version 1 (high nibble), usage class (low) | 1 parts | 2 part | 3-18 identifier | 19-20 CRC, low byte first | 21-33 owner

The owner is an ISIL without its first hyphen (older: two-letter country and library, which gives the same bytes). A tag
of 32 bytes has no extension blocks; its owner field has 11 bytes, and the CRC counts two zero bytes for the missing
ones. Extension blocks follow at 34 (`extensions`). An identifier longer than 16 bytes is stored in the library block,
and its own field holds 01. Source: docs/reference/tag-data.md#iso-28560-3 (Doc 067 p. 51 for the CRC; TH Wildau,
libdanrfid and rfidgeek for the layout); WG11's clarification of ISO 28560-3:2011, entry 1 (biblstandard.dk
clarification_28560-3) for the long identifier.

A memory is accepted by its CRC alone. Errors of writers that keep the CRC right are corrected and named by a remark
(`deviants`). A wrong CRC is never accepted here; `without_crc` reads what such a memory may hold. Extension blocks are
read as far as they are sound; an error in them never invalidates the basic block. If their sequence is broken, no
identifier and no owner is taken from them.
"""

from __future__ import annotations

from binascii import crc_hqx
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple

from station.base.errors import Undecodable
from station.base.text import clean
from station.encoding.content import ElementValue, Remark, RemarkKind, TagContent
from station.encoding.iso15962.data_elements import element
from station.encoding.iso28560_3 import deviants, extensions
from station.encoding.iso28560_3.deviants import VERSION
from station.encoding.iso28560_3.extensions import EXTENSIONS_AT, Frame, Walk, walk

MODEL: Final = "28560-3"
DSFID: Final = 0x3E
BASIC: Final = 34
SHORT: Final = 32
ID_AT: Final = 3
ID_SIZE: Final = 16
CRC_AT: Final = 19
OWNER_AT: Final = 21
OWNER_SIZE: Final = BASIC - OWNER_AT
ELSEWHERE: Final = b"\x01"
"""Content of the identifier's field if the identifier is in the library block. The owner's field is read the same way:
an inference."""
SHORT_OWNER_SIZE: Final = SHORT - OWNER_AT
"""Bytes of the owner field on a tag of 32 bytes."""

# --- CRC -------------------------------------------------------------------------------------------------------------


def crc16(data: bytes) -> int:
    """Return the CRC-16, polynomial 1021, initial FFFF, most significant bit first, not reflected ("RFID tag data
    model" = 1AEE)."""
    return crc_hqx(data, 0xFFFF)


def crc_of(memory: bytes) -> int:
    """Return the CRC that a memory should have: bytes 0-18 and 21-33; bytes missing on a 32-byte tag count as zero."""
    return crc_hqx(memory[:CRC_AT] + memory[OWNER_AT:BASIC].ljust(OWNER_SIZE, b"\0"), 0xFFFF)


# --- writing ---------------------------------------------------------------------------------------------------------


def basic_block(usage: int, parts: int, part: int, identifier: bytes, owner: bytes) -> bytes:
    """Return 34 bytes with their CRC; `usage` is the class, `owner` is in stored form. Raises `ValueError` for a value
    that is too long.

    A 32-byte tag gets the first 32 bytes: the CRC is the same if `owner` has at most 11 bytes.
    """
    if len(identifier) > ID_SIZE or len(owner) > OWNER_SIZE or not 0 <= usage <= 0xF:
        raise ValueError("a field of the basic block is too long")
    head = bytes((VERSION << 4 | usage, parts, part)) + identifier.ljust(ID_SIZE, b"\0")
    tail = owner.ljust(OWNER_SIZE, b"\0")
    return head + crc_hqx(head + tail, 0xFFFF).to_bytes(2, "little") + tail


def stored_owner(isil: str) -> str:
    """Return an ISIL as the owner field holds it: without its first hyphen."""
    return isil.replace("-", "", 1)


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decoded:
    """A memory with a correct CRC."""

    content: TagContent
    stored_owner: str
    """The owner field as stored, without its hyphen."""
    remarks: tuple[Remark, ...] = ()
    end: int = 0
    """First byte after the content; with reversed blocks, the end of the block that holds it."""


class Way(NamedTuple):
    """One possible layout of a memory."""

    turned: bool
    """True if the bytes of each block are reversed."""
    short: bool
    """True for an owner of 11 bytes and no extension blocks."""
    kinds: tuple[RemarkKind, ...] = ()
    """Remarks to make about it."""

    def remarks(self, block_size: int) -> list[Remark]:
        """Return the remarks. `deviants.REVERSED` covers the first block, so that `ranges` learns the block size."""
        return [kind.remark(0, block_size) if kind is deviants.REVERSED else kind.remark() for kind in self.kinds]


WAYS: Final = (
    Way(False, False),
    Way(True, False, (deviants.REVERSED,)),
    Way(False, True, (deviants.SHORT_LAYOUT,)),
    Way(True, True, (deviants.REVERSED, deviants.SHORT_LAYOUT)),
)
"""The layouts in the order in which they are tried; the CRC decides."""
SHORT_WAYS: Final = WAYS[:2]
"""The layouts for a memory without room for a long owner."""


def decode(memory: bytes, block_size: int = 4) -> Decoded:
    """Read a user memory. Raises `Undecodable` if its CRC fits none of the known layouts."""
    if len(memory) < SHORT:
        raise Undecodable(len(memory), f"the model needs {SHORT} bytes")
    refused: Undecodable | None = None
    for way in WAYS if len(memory) >= BASIC else SHORT_WAYS:
        laid = deviants.turned(memory, block_size) if way.turned else memory
        basic = basic_of(laid, way.short)
        if not crc_fits(basic):
            continue
        try:
            return read(laid, basic, way.remarks(block_size) if way.kinds else [], EXTENSIONS_AT, way, block_size)
        except Undecodable as error:
            refused = error
    if refused is None and len(memory) >= BASIC and (found := _blocks_in_owner(memory)):
        return read(memory, *found, WAYS[0], block_size)
    raise refused or Undecodable(CRC_AT, "the CRC is wrong")


def basic_of(memory: bytes, short: bool) -> bytes:
    """Return the 34 bytes of a basic block; bytes missing on a 32-byte tag are zero."""
    return memory[:BASIC] if len(memory) >= BASIC and not short else memory[:SHORT] + b"\0\0"


def crc_fits(basic: bytes) -> bool:
    """Return True if the CRC of a basic block of 34 bytes is right."""
    return crc_hqx(basic[OWNER_AT:], crc_hqx(basic[:CRC_AT], 0xFFFF)) == basic[CRC_AT] | basic[CRC_AT + 1] << 8


def stored_crc(basic: bytes) -> int:
    """Return the stored CRC."""
    return basic[CRC_AT] | basic[CRC_AT + 1] << 8


def _blocks_in_owner(memory: bytes) -> tuple[bytes, list[Remark], int] | None:
    """Return basic block, remark, and start of the blocks for `deviants.BLOCKS_IN_OWNER`; None if it does not apply."""
    at = OWNER_AT
    while at < BASIC and 0x20 <= memory[at] < 0x7F:
        at += 1
    basic = memory[:at].ljust(BASIC, b"\0")
    if at >= BASIC or not crc_fits(basic):
        return None
    found = walk(memory, at, xor_last=True)
    if not found.frames or found.stopped:
        return None
    return basic, [deviants.BLOCKS_IN_OWNER.remark(at, found.end - at)], at


def read(memory: bytes, basic: bytes, remarks: list[Remark], blocks_at: int, way: Way, block_size: int) -> Decoded:
    """Read a memory of known layout, with its blocks already turned; the CRC is not checked. Raises `Undecodable`."""
    usage, parts, part, head, odd = _head(basic[:ID_AT])
    remarks += odd
    identifier = text_of(basic[ID_AT:CRC_AT], ID_AT, remarks)
    short = way.short or len(memory) < BASIC
    end = SHORT if short else BASIC if blocks_at >= BASIC else blocks_at
    stored, owner, tail, odd = _owner(basic[OWNER_AT:BASIC], end - OWNER_AT)
    remarks += odd
    fields = (*head, ElementValue(1, _ID_NAME, identifier, ID_AT, ID_SIZE), tail)
    if not memory[end:].strip(b"\0"):
        # Nothing after the basic block, as on most tags in use.
        if not identifier:
            remarks.append(deviants.NO_ITEM.remark(ID_AT, ID_SIZE))
        content = TagContent(identifier, owner, part, parts, usage << 4, "", (), fields)
        return Decoded(content, stored, tuple(remarks), _end(end, block_size, len(memory)) if way.turned else end)
    further: list[ElementValue] = []
    broken = False
    if short:
        _marker(memory, end, remarks)
    else:
        blocks = _walk(memory, blocks_at, remarks)
        end, broken = blocks.end, blocks.stopped is not None
        further = _elements(blocks, bool(identifier), remarks)
    by_oid: dict[int, str] = {}
    for item in further:
        by_oid.setdefault(item.oid, item.value)
    if broken:
        # A frame's checksum has eight bits only: a wrong length may pass it, but hardly with a sound sequence of blocks
        # after it.
        by_oid.pop(1, None)
        by_oid.pop(3, None)
    if not identifier and 1 in by_oid:
        identifier = by_oid[1]
        remarks.append((deviants.LONG_IDENTIFIER if basic[ID_AT] else deviants.ITEM_IN_BLOCK).remark(ID_AT, ID_SIZE))
    if not identifier:
        remarks.append(deviants.NO_ITEM.remark(ID_AT, ID_SIZE))
    if owner and by_oid.get(3, owner) != owner:
        remarks.append(deviants.OWNER_TWICE.remark(basic=owner, block=by_oid[3]))
    content = TagContent(
        primary_item_identifier=identifier,
        owner_institution=by_oid.get(3, owner),
        part=part,
        parts=parts,
        type_of_usage=usage << 4,
        shelf_location=by_oid.get(6, ""),
        further=tuple(sorted((oid, value) for oid, value in by_oid.items() if oid > 6)),
        elements=(*fields, *further),
    )
    return Decoded(content, stored, tuple(remarks), _end(end, block_size, len(memory)) if way.turned else end)


_ID_NAME: Final = element(1).name
_OWNER_NAME: Final = element(3).name


# A collection has few heads and few owners, so equal ones are decoded once.


@lru_cache(maxsize=1024)
def _head(head: bytes) -> tuple[int, int, int, tuple[ElementValue, ElementValue], tuple[Remark, ...]]:
    """Return usage class, parts, part, the two elements, and remarks for bytes 0 to 2. Raises `Undecodable`."""
    remarks: list[Remark] = []
    version, usage = deviants.version_and_usage(head[0], remarks)
    if version != VERSION:
        raise Undecodable(0, f"version {version} of the model is not known")
    parts, part = deviants.parts_and_part(head[1], head[2], remarks)
    elements = (
        ElementValue(5, element(5).name, f"{usage:X}0", 0, 1),
        ElementValue(4, element(4).name, f"part {part} of {parts}", 1, 2),
    )
    return usage, parts, part, elements, tuple(remarks)


@lru_cache(maxsize=256)
def _owner(field: bytes, size: int) -> tuple[str, str, ElementValue, tuple[Remark, ...]]:
    """Return the stored owner, the ISIL, the element, and remarks for the owner field (13 bytes, `size` of them
    used)."""
    remarks: list[Remark] = []
    stored = text_of(field, OWNER_AT, remarks)
    isil = deviants.isil_of(stored, OWNER_AT, remarks)
    if size in (OWNER_SIZE, SHORT_OWNER_SIZE) and field[size - 1]:
        remarks.append(deviants.OWNER_FULL.remark(OWNER_AT, size))
    return stored, isil, ElementValue(3, _OWNER_NAME, isil, OWNER_AT, size), tuple(remarks)


def text_of(data: bytes, offset: int, remarks: list[Remark]) -> str:
    """Return a left-aligned field filled with zeros, cleaned. Raises `Undecodable` if anything but printable text
    precedes them."""
    raw = data.rstrip(b"\0")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
        remarks.append(deviants.LATIN_1.remark(offset, len(raw)))
    value = clean(text)
    if value == text:
        return value
    if raw == ELSEWHERE:
        return ""
    if b"\0" in raw:
        raise Undecodable(offset + raw.index(0), "there are data after the end of a text")
    if value != text.strip(" "):
        raise Undecodable(offset, "a text is not printable")
    remarks.append(deviants.SPACE_FILLED.remark(offset, len(data)))
    return value


def _end(end: int, block_size: int, size: int) -> int:
    """Return the end of the block that holds byte `end - 1`, or of a memory that ends within it."""
    return min(-(-end // block_size) * block_size, size) if block_size > 0 else end


# --- data after the basic block --------------------------------------------------------------------------------------


def frames(memory: bytes) -> tuple[tuple[Frame, ...], Remark | None]:
    """Return the frames from byte 34 on, and the reason if reading stopped before a length of 0."""
    found = walk(memory)
    return found.frames, found.stopped


def _walk(memory: bytes, start: int, remarks: list[Remark]) -> Walk:
    """Walk the extension blocks from `start`, or from one byte later if only that finds any
    (`deviants.LATE_BLOCKS`)."""
    blocks = walk(memory, start, xor_last=start != EXTENSIONS_AT)
    if start == EXTENSIONS_AT and not blocks.frames and (not memory[start] or memory[start - 1]):
        # je4's library text has one byte more than the field: byte 34 is zero or the last byte of a full text.
        late = walk(memory, start + 1, xor_last=True)
        if late.frames and not late.stopped:
            remarks.append(deviants.LATE_BLOCKS.remark(start + 1, late.end - start - 1))
            return late
    if _marker(memory, blocks.end, remarks):
        return replace(blocks, stopped=None)
    if blocks.stopped:
        remarks.append(blocks.stopped)
    return blocks


def _elements(blocks: Walk, has_identifier: bool, remarks: list[Remark]) -> list[ElementValue]:
    found: list[ElementValue] = []
    seen: set[int] = set()
    for frame in blocks.frames:
        if frame.block in seen and frame.block in extensions.BLOCKS:
            remarks.append(deviants.BLOCK_TWICE.remark(frame.offset, frame.length, block=frame.block))
        seen.add(frame.block)
        found += extensions.values(frame, has_identifier, remarks)
    return found


def _marker(memory: bytes, end: int, remarks: list[Remark]) -> bool:
    marker = deviants.end_marker(memory, end)
    if marker is not None:
        remarks.append(marker)
    return marker is not None
