"""ISO 28560-2: the library data model in ISO/IEC 15962 elements. Reads and writes a whole memory.

`data_elements` has the elements of ISO 28560-1; `elements` and `compaction` have the rules of ISO/IEC 15962; `layout`
has the order and the alignment of locked elements; `remarks` has the remarks on tags that follow the rules loosely;
`annotate` describes the bytes. This module converts values to elements and elements to values.

System bytes: DSFID 06 = access method 00 (bits 8-7), no extension (bit 6), data format 6 (bits 5-1); the split is that
of ISO/IEC 15962:2004, 7.2.5, as cited in menucha-de/Middleware.TDT (UserMemoryDecode.java).

Choices that the sources leave open: set information (element 4) is always written, also for a single part ("11"). Type
of usage is one octet, by default in compaction 110, as dp2 writes it (`UsageScheme`; 110, 010 and 000 are read). Text
consists of graphic characters only, by WG11's clarifications of ISO 28560 (2011). An unknown element is read as text of
its scheme.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from station.base.errors import DoesNotFit, ElementInvalid, Undecodable
from station.base.text import clean, printable_hex
from station.domain.tag_image import TagImage
from station.encoding.content import Decoding, ElementValue, Encoded, Range, Remark, RemarkKind, TagContent, TagProfile
from station.encoding.iso15962 import compaction, elements, isil
from station.encoding.iso15962.compaction import Scheme
from station.encoding.iso15962.data_elements import (
    CONTENT_PARAMETER,
    OWNER_INSTITUTION,
    PRIMARY_ITEM_IDENTIFIER,
    SET_INFORMATION,
    SHELF_LOCATION,
    TITLE,
    TYPE_OF_USAGE,
    Form,
    element,
    is_digits,
)
from station.encoding.iso15962.elements import LengthForm, PaddedOrder, RawElement
from station.encoding.iso28560_2 import remarks as odd
from station.encoding.iso28560_2.annotate import annotate
from station.encoding.iso28560_2.layout import (
    CHOICES,
    RESERVE_MAX,
    Choices,
    Layout,
    Packed,
    TitleScheme,
    UsageScheme,
    lay_out,
)
from station.encoding.iso28560_2.remarks import KINDS

MODEL: Final = "28560-2"
DSFID: Final = 0x06
BITMAP_BYTES: Final = 16
"""Bytes of a content parameter that names every element from 3 to 127."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A memory that follows the model."""

    content: TagContent
    raw: tuple[RawElement, ...]
    end: int
    """Offset of the terminator, or the size of the memory."""
    remarks: tuple[Remark, ...] = ()
    """Irregularities that do not prevent reading."""


# --- encoding -------------------------------------------------------------------------------------------------------


def encode(
    content: TagContent,
    block_size: int = 4,
    locked: frozenset[int] = frozenset(),
    *,
    reserve: int = 0,
    choices: Choices = CHOICES,
) -> bytes:
    """Return the elements of `content` as bytes, without terminator. Raises `ElementInvalid`.

    An empty owner, an empty shelf location or an absent usage is not written. `locked` holds the relative OIDs whose
    blocks must be lockable, so they are aligned to blocks. `reserve` bytes of room are kept in the content parameter.
    """
    return place(content, block_size, locked, reserve=reserve, choices=choices).data


def encode_elements(
    values: Sequence[tuple[int, str]],
    block_size: int = 4,
    locked: frozenset[int] = frozenset(),
    *,
    reserve: int = 0,
    choices: Choices = CHOICES,
) -> bytes:
    """Return any elements, given as (relative OID, value), with a content parameter made from them. Raises
    `ElementInvalid`."""
    return place_elements(values, block_size, locked, reserve=reserve, choices=choices).data


def place(
    content: TagContent, block_size: int, locked: frozenset[int], *, reserve: int = 0, choices: Choices = CHOICES
) -> Layout:
    """Return the result of `encode` with the ranges to lock."""
    return place_elements(_values(content), block_size, locked, reserve=reserve, choices=choices)


def place_elements(
    values: Sequence[tuple[int, str]],
    block_size: int,
    locked: frozenset[int],
    *,
    reserve: int = 0,
    choices: Choices = CHOICES,
) -> Layout:
    """Return the result of `encode_elements` with the ranges to lock."""
    return lay_out(_packed(values, reserve, choices), block_size, locked, choices)


def _values(content: TagContent) -> list[tuple[int, str]]:
    values = [(PRIMARY_ITEM_IDENTIFIER, content.primary_item_identifier)]
    if content.owner_institution:
        values.append((OWNER_INSTITUTION, content.owner_institution))
    values.append((SET_INFORMATION, set_information(content.parts, content.part)))
    if content.type_of_usage is not None:
        if not 0 <= content.type_of_usage <= 0xFF:
            raise ElementInvalid(f"type of usage {content.type_of_usage} is not one byte")
        values.append((TYPE_OF_USAGE, f"{content.type_of_usage:02X}"))
    if content.shelf_location:
        values.append((SHELF_LOCATION, content.shelf_location))
    for oid, value in sorted(content.further):
        if oid <= SHELF_LOCATION:
            raise ElementInvalid(f"element {oid} has its own field in the content")
        values.append((oid, value))
    return values


def set_information(parts: int, part: int) -> str:
    """Return element 4: total and ordinal number with the same number of digits, 1 to 3 each ("1203" = part 3 of
    12)."""
    if not 1 <= part <= parts <= 999:
        raise ElementInvalid(f"part {part} of {parts} cannot be written")
    width = len(str(parts))
    return f"{parts:0{width}d}{part:0{width}d}"


def content_parameter(oids: Iterable[int]) -> bytes:
    """Return element 2: a bitmap whose first bit is element 3; trailing zero bytes are trimmed."""
    bits = 0
    top = 0
    for oid in oids:
        if not OWNER_INSTITUTION <= oid <= elements.MAX_OID:
            raise ElementInvalid(f"element {oid} has no bit in the content parameter")
        bits |= 1 << (8 * BITMAP_BYTES - 1 - (oid - OWNER_INSTITUTION))
        top = max(top, (oid - OWNER_INSTITUTION) // 8 + 1)
    return bits.to_bytes(BITMAP_BYTES, "big")[:top]


def _packed(values: Sequence[tuple[int, str]], reserve: int, choices: Choices) -> list[Packed]:
    """Return every element packed, including the content parameter."""
    oids = [oid for oid, _ in values]
    if len(set(oids)) != len(oids):
        raise ElementInvalid("an element is given twice")
    if PRIMARY_ITEM_IDENTIFIER not in oids:
        raise ElementInvalid("the primary item identifier is missing")
    if CONTENT_PARAMETER in oids:
        raise ElementInvalid("the content parameter is made from the other elements")
    if not 0 <= reserve <= RESERVE_MAX:
        raise ElementInvalid(f"{reserve} bytes cannot be reserved; {RESERVE_MAX} at most")
    packed = [_pack(oid, value, choices) for oid, value in values]
    bitmap = content_parameter(oid for oid in oids if oid != PRIMARY_ITEM_IDENTIFIER) + bytes(reserve)
    if bitmap:
        packed.append(Packed(CONTENT_PARAMETER, Scheme.APPLICATION, bitmap))
    return packed


def _pack(oid: int, value: str, choices: Choices) -> Packed:
    row = element(oid)
    if not value:
        raise ElementInvalid(f"{row.name} is empty")
    if clean(value) != value:
        raise ElementInvalid(f"{row.name} holds characters that cannot be stored on a tag")
    if row.digits is not None and not is_digits(value, row.digits):
        raise ElementInvalid(f"{row.name} must be {row.digits} digits, not {value!r}")
    if row.form is Form.ISIL:
        return Packed(oid, Scheme.APPLICATION, isil.encode(value))
    if row.form is Form.OCTET:
        if len(value) != 2 or not _HEX.issuperset(value):
            raise ElementInvalid(f"{row.name} must be two hexadecimal digits, not {value!r}")
        if oid == TYPE_OF_USAGE and choices.usage is UsageScheme.NUMERIC and not value.isdecimal():
            raise ElementInvalid(f"{row.name} {value} has no place in the numeric scheme: decimal digits only")
        return Packed(oid, choices.usage.scheme if oid == TYPE_OF_USAGE else Scheme.OCTETS, bytes.fromhex(value))
    utf8 = oid == TITLE and choices.title is TitleScheme.UTF8
    scheme = Scheme.UTF8 if utf8 else compaction.choose(value, choices.short_texts.minimum)
    return Packed(oid, scheme, compaction.encode(value, scheme))


_HEX: Final = frozenset("0123456789ABCDEF")


# --- decoding -------------------------------------------------------------------------------------------------------


def decode(
    memory: bytes,
    *,
    order: PaddedOrder = PaddedOrder.NEVER,
    length_form: LengthForm = LengthForm.ONE_BYTE_TO_255,
) -> Decoded:
    """Read a whole user memory.

    Raises `Undecodable` unless all elements up to the terminator are sound and exactly one of them is the identifier. A
    repeated owner is refused too; of any other repeated element, the first one counts.
    """
    raw, end = elements.decode(memory, order=order, length_form=length_form)
    octets = tuple(_octet(item) for item in raw)
    values = tuple(_value(item, octet) for item, octet in zip(raw, octets, strict=True))
    found: dict[int, str] = {}
    for item, value in zip(raw, values, strict=True):
        if item.oid not in found:
            found[item.oid] = value if _counts(item) else ""
        elif item.oid in (PRIMARY_ITEM_IDENTIFIER, OWNER_INSTITUTION):
            raise Undecodable(item.offset, f"element {item.oid} occurs twice")
    identifier = found.get(PRIMARY_ITEM_IDENTIFIER, "")
    if not identifier:
        raise Undecodable(0, "there is no primary item identifier")
    if clean(identifier) != identifier:
        at = next(item.offset for item in raw if item.oid == PRIMARY_ITEM_IDENTIFIER)
        raise Undecodable(at, "the identifier holds characters that no barcode has")
    shown = tuple(map(clean, values))
    remarks = [*odd.of_elements(raw, values, octets), *odd.of_order(raw, _announced(raw))]
    parts, part = _parse_set(raw, found, remarks)
    remarks += odd.of_rest(memory, end)
    usage = found.get(TYPE_OF_USAGE, "")
    content = TagContent(
        primary_item_identifier=identifier,
        owner_institution=clean(found.get(OWNER_INSTITUTION, "")),
        part=part,
        parts=parts,
        type_of_usage=int(usage, 16) if usage else None,
        shelf_location=clean(found.get(SHELF_LOCATION, "")),
        further=tuple((oid, text) for oid in sorted(found) if oid > SHELF_LOCATION and (text := clean(found[oid]))),
        elements=tuple(
            ElementValue(item.oid, element(item.oid).name, value, item.offset, item.length, int(item.scheme))
            for item, value in zip(raw, shown, strict=True)
        ),
    )
    return Decoded(content, raw, end, tuple(remarks))


def content_parameter_oids(data: bytes) -> tuple[int, ...]:
    """Return the elements that a content parameter announces; extra zero bytes are allowed."""
    return tuple(
        OWNER_INSTITUTION + place * 8 + bit
        for place, byte in enumerate(data)
        if byte
        for bit in range(8)
        if byte & (0x80 >> bit)
    )


def _octet(item: RawElement) -> int | None:
    """Return the byte of a one-octet element, in the three encodings in use: octet string, numeric, application
    defined."""
    if element(item.oid).form is not Form.OCTET or len(item.data) != 1:
        return None
    byte = item.data[0]
    match item.scheme:
        case Scheme.OCTETS | Scheme.APPLICATION:
            return byte
        case Scheme.NUMERIC if byte & 0x0F <= 9 and byte >> 4 <= 9:
            return byte
        case _:
            return None


def _value(item: RawElement, octet: int | None) -> str:
    """Return an element's value as raw text. Raises `Undecodable`."""
    if octet is not None:
        return f"{octet:02X}"
    form = element(item.oid).form
    if form is Form.BITMAP:
        return ", ".join(map(str, content_parameter_oids(item.data)))
    if item.scheme is Scheme.APPLICATION:
        return isil.decode(item.data, item.data_offset) if form is Form.ISIL else printable_hex(item.data)
    return compaction.decode(item.data, item.scheme, item.data_offset)


def _counts(item: RawElement) -> bool:
    """Return False for values that are shown but not used: no octet where one belongs, application defined data in
    place of text."""
    match element(item.oid).form:
        case Form.OCTET:
            return _octet(item) is not None
        case Form.TEXT:
            return item.scheme is not Scheme.APPLICATION
        case _:
            return True


def _announced(raw: Sequence[RawElement]) -> frozenset[int] | None:
    parameter = next((item for item in raw if item.oid == CONTENT_PARAMETER), None)
    return None if parameter is None else frozenset(content_parameter_oids(parameter.data))


def _parse_set(raw: Sequence[RawElement], found: dict[int, str], remarks: list[Remark]) -> tuple[int, int]:
    """Return (parts, part); a single digit or nonsense reads as one part, with a remark."""
    text = found.get(SET_INFORMATION)
    if text is None:
        return 1, 1
    half = len(text) // 2
    if half and is_digits(text, 2 * half) and half <= 3 and 1 <= int(text[half:]) <= int(text[:half]):
        return int(text[:half]), int(text[half:])
    if text:
        item = next(item for item in raw if item.oid == SET_INFORMATION)
        remarks.append(odd.SET_NONSENSE.remark(item.offset, item.length, text=clean(text)))
    return 1, 1


# --- as a data model ------------------------------------------------------------------------------------------------


class Iso28560Part2:
    """ISO 28560-2 for the registry. An object with other `choices` reads what it writes."""

    name = MODEL
    title = "ISO 28560-2"
    kinds: tuple[RemarkKind, ...] = KINDS
    marks_completion = True

    def __init__(self, choices: Choices = CHOICES) -> None:
        self.choices = choices

    def read(self, image: TagImage, memory: bytes) -> Decoding:  # noqa: ARG002
        """Read a complete sequence of elements that includes an identifier."""
        decoded = decode(memory, order=self.choices.padded_order, length_form=self.choices.read_length_form)
        return Decoding(
            model=MODEL,
            content=decoded.content,
            confidence=max(0.95 - 0.1 * odd.doubts(decoded.remarks), 0.5),
            reason="Valid ISO 28560-2 data.",
            remarks=decoded.remarks,
            end=decoded.end,
        )

    def annotate(self, memory: bytes, decoding: Decoding) -> tuple[Range, ...]:
        """Return one range per element, its padding, the terminator, and the rest."""
        return annotate(memory, decoding, self.choices.padded_order, self.choices.read_length_form)

    def owned(self, decoding: Decoding, isil: str) -> bool:
        """Return True if element 3 is this ISIL."""
        return bool(isil) and decoding.content.owner_institution == isil

    def encode(self, content: TagContent, profile: TagProfile, block_size: int, size: int) -> Encoded:
        """Return elements and a terminator, aligned and with room for the profile's lock policy."""
        layout = place(content, block_size, profile.lock, reserve=profile.reserve, choices=self.choices)
        data = layout.data
        if len(data) > size:
            raise DoesNotFit(len(data), size)
        return Encoded(data + b"\0" if len(data) < size else data, len(data), layout.locks)
