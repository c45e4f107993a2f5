"""ISO 28560-3 and the Danish model: fixed basic block with CRC, then extension blocks. Read only; its encoder comes
later.

    0 version 1 (high nibble), usage class (low) | 1 parts | 2 part | 3-18 identifier | 19-20 CRC, low byte first | 21-33 owner

The owner is an ISIL without its first hyphen (older: two-letter country and library). On a 32-byte tag it is cut to
11 bytes and the CRC counts two zero bytes for the missing ones. Source: tag-data-models.md section 3 (Doc 067 p. 51
for the CRC).

A memory is accepted by its CRC alone; named deviants that pass it are read with a remark: bytes reversed in each
block, swapped nibbles of byte 0, parts and part number swapped, country repeated in the library field. A wrong CRC is
never accepted. Extension blocks are read as far as they are sound; they never cost a tag its basic block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from station.encoding.content import (
    Decoding,
    ElementValue,
    Part,
    Range,
    Remark,
    RemarkKind,
    Severity,
    TagContent,
)
from station.encoding.cursor import Cursor
from station.encoding.oids import element
from station.errors import Undecodable
from station.image import TagImage
from station.text import clean

MODEL: Final = "28560-3"
DSFID: Final = 0x3E
VERSION: Final = 1
BASIC: Final = 34
SHORT: Final = 32
EXTENSIONS_AT: Final = 34
_ID: Final = slice(3, 19)
_OWNER_AT: Final = 21


REVERSED: Final = RemarkKind(
    "reversed-blocks",
    Severity.MAJOR,
    "The bytes of each block are reversed (an older writer's habit).",
    "Write the tag again when it is convenient.",
)
SWAPPED_NIBBLES: Final = RemarkKind(
    "swapped-nibbles",
    Severity.MINOR,
    "The nibbles of the first byte are swapped (an older writer's habit).",
    "Write the tag again when it is convenient.",
)
NO_ITEM: Final = RemarkKind(
    "names-no-item",
    Severity.INFO,
    "It names no item.",
    "Write the tag again when it is convenient.",
)
OWNER_FULL: Final = RemarkKind(
    "owner-field-full",
    Severity.INFO,
    "The owner field is full: the owner's ISIL may be longer than what is stored.",
    "Write the tag again when it is convenient.",
)
SWAPPED_PARTS: Final = RemarkKind(
    "swapped-parts",
    Severity.MAJOR,
    "Number of parts and part number are swapped (a known writer's habit).",
    "Write the tag again when it is convenient.",
)
COUNTRY_TWICE: Final = RemarkKind(
    "country-twice",
    Severity.MINOR,
    "The country stands twice in the owner field.",
    "Write the tag again when it is convenient.",
)
NO_BLOCK: Final = RemarkKind(
    "no-extension-block",
    Severity.MINOR,
    "Something stands behind the basic block that is no extension block; it was not read.",
    "Write the tag again when it is convenient.",
)
BLOCK_XOR: Final = RemarkKind(
    "extension-checksum",
    Severity.MAJOR,
    "The checksum of an extension block is wrong; it and the rest were not read.",
    "Write the tag again when it is convenient.",
)
KINDS: Final = (REVERSED, SWAPPED_NIBBLES, NO_ITEM, OWNER_FULL, SWAPPED_PARTS, COUNTRY_TWICE, NO_BLOCK, BLOCK_XOR)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A basic block whose CRC is right."""

    content: TagContent
    stored_owner: str
    """The owner field as stored, without its hyphen."""
    remarks: tuple[Remark, ...] = ()

    def owner_is(self, isil: str) -> bool:
        """True if the stored owner is this ISIL; one that is too long for the field of a 32-byte tag never is."""
        return bool(isil) and (self.stored_owner == isil.replace("-", "", 1) or self.content.owner_institution == isil)


def _crc_row(byte: int) -> int:
    crc = byte << 8
    for _ in range(8):
        crc = (crc << 1 ^ POLYNOMIAL if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


POLYNOMIAL: Final = 0x1021
_CRC_TABLE: Final = tuple(_crc_row(byte) for byte in range(256))


def crc16(data: bytes) -> int:
    """CRC-16, polynomial 1021, initial FFFF, most significant bit first, not reflected ("RFID tag data model" = 1AEE)."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc << 8 & 0xFFFF) ^ _CRC_TABLE[crc >> 8 ^ byte]
    return crc


def crc_of(memory: bytes) -> int:
    """The CRC that a memory should have: bytes 0-18 and 21-33; what a 32-byte tag lacks counts as zero."""
    return crc16(memory[:19] + memory[21:BASIC].ljust(BASIC - 21, b"\0"))


def decode(memory: bytes, block_size: int = 4) -> Decoded:
    """Read a user memory. Raises `Undecodable` if the CRC fits neither forward, nor block-reversed, nor as 32 bytes."""
    if len(memory) < SHORT:
        raise Undecodable(len(memory), f"the model needs {SHORT} bytes")
    reversed_memory = b"".join(memory[at : at + block_size][::-1] for at in range(0, len(memory), max(block_size, 1)))
    tries: list[tuple[bytes, bool, bool]] = [
        (memory, False, len(memory) < BASIC),
        (reversed_memory, True, len(memory) < BASIC),
    ]
    if len(memory) >= BASIC:
        tries += [(memory, False, True), (reversed_memory, True, True)]
    first: Undecodable | None = None
    for candidate, turned, short in tries:
        basic = candidate[:SHORT] if short else candidate[:BASIC]
        if crc_of(basic) != basic[19] | basic[20] << 8:
            first = first or Undecodable(19, "the CRC is wrong")
            continue
        try:
            return _decode_basic(candidate, basic, turned, short)
        except Undecodable as error:
            first = error
    raise first or Undecodable(19, "the CRC is wrong")


def _decode_basic(memory: bytes, basic: bytes, turned: bool, short: bool) -> Decoded:
    remarks: list[Remark] = []
    if turned:
        remarks.append(REVERSED.remark())
    version, usage = basic[0] >> 4, basic[0] & 0x0F
    if version != VERSION and usage == VERSION:
        version, usage = usage, version
        remarks.append(SWAPPED_NIBBLES.remark())
    if version != VERSION:
        raise Undecodable(0, f"version {version} of the model is not known")
    parts, part = _parts(basic[1], basic[2], remarks)
    stored_owner = _field(basic[_OWNER_AT:], _OWNER_AT)
    owner = _restore_hyphen(stored_owner, remarks)
    identifier = _field(basic[_ID], _ID.start)
    found = [
        ElementValue(5, element(5).name, f"{usage:X}0", 0, 1),
        ElementValue(4, element(4).name, f"part {part} of {parts}", 1, 2),
        ElementValue(1, element(1).name, identifier, 3, 16),
        ElementValue(3, element(3).name, owner, _OWNER_AT, len(basic) - _OWNER_AT),
    ]
    if not short:
        blocks, stopped = frames(memory)
        found += [value for frame in blocks for value in _fields(frame)]
        remarks += [stopped] if stopped else []
    extended = {item.oid: item.value for item in found[4:] if item.oid}
    identifier = identifier or extended.get(22, "")
    if not identifier:
        remarks.append(NO_ITEM.remark())
    content = TagContent(
        primary_item_identifier=identifier,
        owner_institution=extended.get(3) or owner,
        part=part,
        parts=parts,
        type_of_usage=usage << 4,
        shelf_location=extended.get(6, ""),
        elements=tuple(found),
    )
    if short and len(stored_owner) == SHORT - _OWNER_AT:
        remarks.append(OWNER_FULL.remark())
    return Decoded(content=content, stored_owner=stored_owner, remarks=tuple(remarks))


def _parts(parts: int, part: int, remarks: list[Remark]) -> tuple[int, int]:
    if part > parts > 0:
        remarks.append(SWAPPED_PARTS.remark())
        parts, part = part, parts
    # 0 of 1 is how some writers say "the only one".
    return max(parts, 1), max(part, 1)


def _field(data: bytes, offset: int) -> str:
    """A left-aligned field filled with zeros. Raises `Undecodable` for anything that is not printable text followed by zeros."""
    text, _, rest = data.partition(b"\0")
    if any(rest):
        raise Undecodable(offset + len(text), "there is something behind the end of a text")
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        decoded = text.decode("latin-1")
    if clean(decoded) != decoded.strip():
        raise Undecodable(offset, "a text is not printable")
    return clean(decoded)


def _restore_hyphen(stored: str, remarks: list[Remark]) -> str:
    """The ISIL: a hyphen behind a two-letter country. An ISIL with another kind of prefix cannot be told apart."""
    country, library = stored[:2], stored[2:]
    if not (len(country) == 2 and country.isascii() and country.isalpha() and library):
        return stored
    if library.startswith(f"{country}-"):
        remarks.append(COUNTRY_TWICE.remark())
        return library
    return stored if library.startswith("-") else f"{country}-{library}"


# --- extension blocks -----------------------------------------------------------------------------------------------

_BLOCKS: Final[dict[int, tuple[int, ...]]] = {
    1: (19, 22, 3),
    2: (9, 18, 10, 21, 13, 20),
    3: (6, 8, 7, 24),
    4: (17,),
    5: (11, 12, 25),
}
"""Block id -> its fields in order, as relative OIDs of ISO 28560-1 (names of section 3.3)."""
_BYTE_FIRST: Final = {1}
"""Blocks whose first field is one byte, not text."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One extension block as it stands in memory."""

    offset: int
    length: int
    """The whole frame."""
    block: int
    """Block id; FFxx for a 24-bit id, whose layout we have not seen exercised."""
    payload: bytes


def frames(memory: bytes) -> tuple[tuple[Frame, ...], Remark | None]:
    """Frames `length | id, low byte first | XOR | payload` up to a length of 0, and why reading stopped before that."""
    found: list[Frame] = []
    cursor = Cursor(memory, min(EXTENSIONS_AT, len(memory)))
    while cursor.remaining and cursor.peek():
        start = cursor.offset
        length = cursor.peek()
        if length == 1:
            cursor.byte()
            continue
        if length < 4 or length > cursor.remaining:
            return tuple(found), NO_BLOCK.remark(start)
        data = cursor.take(length)
        check = 0
        for byte in data:
            check ^= byte
        if check:
            return tuple(found), BLOCK_XOR.remark(start, length)
        found.append(Frame(start, length, data[1] | data[2] << 8, data[4:]))
    return tuple(found), None


def _fields(frame: Frame) -> list[ElementValue]:
    payload, at = frame.payload, frame.offset + 4
    oids = _BLOCKS.get(frame.block)
    if oids is None:
        name = f"Extension block {frame.block}"
        return [ElementValue(0, name, clean(payload.hex(" ").upper()), frame.offset, frame.length)]
    found: list[ElementValue] = []
    if frame.block in _BYTE_FIRST and payload:
        found.append(ElementValue(oids[0], element(oids[0]).name, f"{payload[0]:02X}", at, 1))
        payload, at, oids = payload[1:], at + 1, oids[1:]
    for oid, data in zip(oids, payload.split(b"\0"), strict=False):
        if data:
            found.append(ElementValue(oid, element(oid).name, clean(data.decode("utf-8", "replace")), at, len(data)))
        at += len(data) + 1
    return found


# --- as a data model ------------------------------------------------------------------------------------------------


class Iso28560Part3:
    """ISO 28560-3 and the Danish model, by the CRC, for the registry."""

    name = MODEL
    title = "ISO 28560-3 (Danish model)"
    kinds: tuple[RemarkKind, ...] = KINDS
    marks_completion = True

    def read(self, image: TagImage, memory: bytes) -> Decoding:
        """A basic block whose CRC is right."""
        decoded = decode(memory, image.block_size)
        return Decoding(
            model=MODEL,
            content=decoded.content,
            confidence=0.98,
            reason="The memory is an ISO 28560-3 (Danish model) block and its CRC is right.",
            remarks=decoded.remarks,
            end=len(memory),
            stored_owner=decoded.stored_owner,
        )

    def annotate(self, memory: bytes, decoding: Decoding) -> tuple[Range, ...]:  # noqa: ARG002
        """The whole memory as one range."""
        return (Range(0, len(memory), Part.DATA, self.title),)

    def owned(self, decoding: Decoding, isil: str) -> bool:
        """The stored owner is this ISIL; one that is too long for the field of a 32-byte tag never is."""
        stored = decoding.stored_owner
        return bool(isil) and (stored == isil.replace("-", "", 1) or decoding.content.owner_institution == isil)
