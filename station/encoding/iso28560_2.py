"""ISO 28560-2: the library data model in ISO/IEC 15962 elements. Whole memory, both directions.

Order (tag-data-models.md 2.3): primary item identifier, content parameter, unlocked elements, locked elements. A
locked group starts and ends on block boundaries, which padding of the element before it and of its own last element
brings about.

Choices where the sources leave it open: set information (element 4) is always written, also for a single part ("11");
type of usage is one octet by compaction 110, as dp2 writes it (110, 010 and 000 are read); an element we do not know
is read as text of its scheme.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from station.encoding import compaction, elements, isil
from station.encoding.compaction import Scheme
from station.encoding.content import (
    Decoding,
    ElementValue,
    Encoded,
    Part,
    Range,
    Remark,
    RemarkKind,
    Severity,
    TagContent,
    TagProfile,
)
from station.encoding.elements import RawElement
from station.encoding.oids import (
    CONTENT_PARAMETER,
    OWNER_INSTITUTION,
    PRIMARY_ITEM_IDENTIFIER,
    SET_INFORMATION,
    SHELF_LOCATION,
    TYPE_OF_USAGE,
    Form,
    element,
)
from station.errors import DoesNotFit, ElementInvalid, Undecodable
from station.image import TagImage
from station.text import clean, printable_hex

MODEL: Final = "28560-2"
DSFID: Final = 0x06


@dataclass(frozen=True, slots=True)
class Decoded:
    """A memory that follows the model."""

    content: TagContent
    raw: tuple[RawElement, ...]
    end: int
    """Offset of the terminator, or the size of the memory."""
    remarks: tuple[Remark, ...] = ()
    """What is odd but readable."""


USAGE_ODD: Final = RemarkKind(
    "usage-encoding",
    Severity.MINOR,
    "The type of usage is not written the way the standard has it.",
    "Write the tag again when it is convenient.",
)
SET_NONSENSE: Final = RemarkKind(
    "set-nonsense",
    Severity.MAJOR,
    "The set information {text!r} makes no sense; read as a single part.",
    "Count the parts and write the tag again.",
)
PARAMETER_DIFFERS: Final = RemarkKind(
    "content-parameter-differs",
    Severity.MINOR,
    "The content parameter names other elements than the tag holds.",
    "Write the tag again when it is convenient.",
)
IDENTIFIER_NOT_FIRST: Final = RemarkKind(
    "identifier-not-first",
    Severity.MINOR,
    "The identifier is not the first element.",
    "Write the tag again when it is convenient.",
)
KINDS: Final = (USAGE_ODD, SET_NONSENSE, PARAMETER_DIFFERS, IDENTIFIER_NOT_FIRST)


# --- encoding -------------------------------------------------------------------------------------------------------


def encode(content: TagContent, block_size: int = 4, locked: frozenset[int] = frozenset()) -> bytes:
    """The elements of `content` as bytes, without terminator. Raises `ElementInvalid`.

    An empty owner, shelf location or an absent usage is not written. `locked` names the relative OIDs whose blocks shall be
    lockable: they are aligned to blocks.
    """
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
    values += content.further
    return encode_elements(values, block_size, locked)


def encode_elements(
    values: Sequence[tuple[int, str]], block_size: int = 4, locked: frozenset[int] = frozenset()
) -> bytes:
    """Any elements as (relative OID, value), the content parameter made from them. Raises `ElementInvalid`."""
    oids = [oid for oid, _ in values]
    if len(set(oids)) != len(oids):
        raise ElementInvalid("an element is given twice")
    if PRIMARY_ITEM_IDENTIFIER not in oids:
        raise ElementInvalid("the primary item identifier is missing")
    if CONTENT_PARAMETER in oids:
        raise ElementInvalid("the content parameter is made from the other elements")
    packed = {oid: _pack(oid, value) for oid, value in values}
    others = [oid for oid in oids if oid != PRIMARY_ITEM_IDENTIFIER]
    if others:
        packed[CONTENT_PARAMETER] = (Scheme.APPLICATION, content_parameter(others))
        others.insert(0, CONTENT_PARAMETER)
    # Stable: the content parameter stays first of the unlocked ones.
    order = [PRIMARY_ITEM_IDENTIFIER, *sorted(others, key=lambda oid: oid in locked)]
    return _lay_out(order, packed, block_size, locked)


def set_information(parts: int, part: int) -> str:
    """Element 4: total and ordinal number with the same number of digits, 1 to 3 each ("1203" = part 3 of 12)."""
    if not 1 <= part <= parts <= 999:
        raise ElementInvalid(f"part {part} of {parts} cannot be written")
    width = len(str(parts))
    return f"{parts:0{width}d}{part:0{width}d}"


def content_parameter(oids: Iterable[int]) -> bytes:
    """Element 2: a bitmap whose first bit stands for element 3; trailing zero bytes trimmed."""
    bits = 0
    top = 0
    for oid in oids:
        if not OWNER_INSTITUTION <= oid <= elements.MAX_OID:
            raise ElementInvalid(f"element {oid} has no bit in the content parameter")
        bits |= 1 << (127 - (oid - OWNER_INSTITUTION))
        top = max(top, (oid - OWNER_INSTITUTION) // 8 + 1)
    return bits.to_bytes(16, "big")[:top]


def content_parameter_oids(data: bytes) -> tuple[int, ...]:
    """The elements that a content parameter announces; extra zero bytes are allowed."""
    return tuple(
        OWNER_INSTITUTION + place * 8 + bit
        for place, byte in enumerate(data)
        for bit in range(8)
        if byte & (0x80 >> bit)
    )


def _pack(oid: int, value: str) -> tuple[Scheme, bytes]:
    if not value:
        raise ElementInvalid(f"{element(oid).name} is empty")
    match element(oid).form:
        case Form.ISIL:
            return Scheme.APPLICATION, isil.encode(value)
        case Form.OCTET:
            try:
                data = bytes.fromhex(value)
            except ValueError as error:
                raise ElementInvalid(f"{element(oid).name} must be two hexadecimal digits, not {value!r}") from error
            if len(data) != 1:
                raise ElementInvalid(f"{element(oid).name} must be two hexadecimal digits, not {value!r}")
            return Scheme.OCTETS, data
        case _:
            scheme = compaction.choose(value)
            return scheme, compaction.encode(value, scheme)


def _lay_out(
    order: list[int], packed: dict[int, tuple[Scheme, bytes]], block_size: int, locked: frozenset[int]
) -> bytes:
    """Groups of locked and unlocked elements; every border beside a locked group falls on a block border."""
    groups: list[list[int]] = []
    for oid in order:
        if groups and (groups[-1][0] in locked) == (oid in locked):
            groups[-1].append(oid)
        else:
            groups.append([oid])
    memory = b""
    for number, group in enumerate(groups):
        needs_border = group[0] in locked or number + 1 < len(groups)
        length = sum(elements.size(oid, packed[oid][1]) for oid in group)
        pad = -(len(memory) + length) % block_size if needs_border else 0
        absorber = next((oid for oid in reversed(group) if oid < elements.EXTENDED), None)
        if pad and absorber is None:
            raise ElementInvalid("a locked group needs an element below relative OID 15 that can be padded")
        for oid in group:
            scheme, data = packed[oid]
            memory += elements.encode(oid, scheme, data, pad if oid == absorber else 0)
    return memory


# --- decoding -------------------------------------------------------------------------------------------------------


def decode(memory: bytes) -> Decoded:
    """Read a whole user memory.

    Raises `Undecodable` unless all elements up to the terminator are sound and one is the identifier.
    """
    raw, end = elements.decode(memory)
    values = tuple(_value(item) for item in raw)
    found = {item.oid: item for item in raw}
    text = {item.oid: value for item, value in zip(raw, values, strict=True)}
    identifier = text.get(PRIMARY_ITEM_IDENTIFIER, "")
    if not identifier:
        raise Undecodable(0, "there is no primary item identifier")
    if clean(identifier) != identifier:
        raise Undecodable(found[PRIMARY_ITEM_IDENTIFIER].offset, "the identifier holds characters that no barcode has")
    remarks: list[Remark] = []
    parts, part = 1, 1
    if SET_INFORMATION in text:
        parts, part = _parse_set(text[SET_INFORMATION], remarks)
    usage: int | None = None
    if TYPE_OF_USAGE in found:
        usage_raw = found[TYPE_OF_USAGE]
        if len(usage_raw.data) == 1 and usage_raw.scheme in _USAGE_SCHEMES:
            usage = usage_raw.data[0]
        else:
            remarks.append(USAGE_ODD.remark(usage_raw.offset, usage_raw.length))
    if CONTENT_PARAMETER in found:
        announced = set(content_parameter_oids(found[CONTENT_PARAMETER].data))
        if announced != set(found) - {PRIMARY_ITEM_IDENTIFIER, CONTENT_PARAMETER}:
            parameter = found[CONTENT_PARAMETER]
            remarks.append(PARAMETER_DIFFERS.remark(parameter.offset, parameter.length))
    if raw[0].oid != PRIMARY_ITEM_IDENTIFIER:
        remarks.append(IDENTIFIER_NOT_FIRST.remark(found[PRIMARY_ITEM_IDENTIFIER].offset))
    content = TagContent(
        primary_item_identifier=identifier,
        owner_institution=clean(text.get(OWNER_INSTITUTION, "")),
        part=part,
        parts=parts,
        type_of_usage=usage,
        shelf_location=clean(text.get(SHELF_LOCATION, "")),
        further=tuple(sorted((oid, clean(value)) for oid, value in text.items() if oid > SHELF_LOCATION)),
        elements=tuple(
            ElementValue(
                oid=item.oid,
                name=element(item.oid).name,
                value=clean(value),
                offset=item.offset,
                length=item.length,
                compaction=int(item.scheme),
            )
            for item, value in zip(raw, values, strict=True)
        ),
    )
    return Decoded(content=content, raw=raw, end=end, remarks=tuple(remarks))


_USAGE_SCHEMES: Final = (Scheme.OCTETS, Scheme.NUMERIC, Scheme.APPLICATION)


def _value(item: RawElement) -> str:
    """An element's value as text, raw. Raises `Undecodable`."""
    form = element(item.oid).form
    if form is Form.BITMAP:
        return ", ".join(map(str, content_parameter_oids(item.data)))
    if form is Form.OCTET and len(item.data) == 1 and item.scheme in _USAGE_SCHEMES:
        return f"{item.data[0]:02X}"
    if item.scheme is Scheme.APPLICATION:
        return isil.decode(item.data, item.data_offset) if form is Form.ISIL else printable_hex(item.data)
    return compaction.decode(item.data, item.scheme, item.data_offset)


def _parse_set(text: str, remarks: list[Remark]) -> tuple[int, int]:
    """(parts, part); a single digit or nonsense reads as one part, with a remark."""
    if text.isascii() and text.isdigit() and len(text) in (2, 4, 6):
        half = len(text) // 2
        parts, part = int(text[:half]), int(text[half:])
        if 1 <= part <= parts:
            return parts, part
    remarks.append(SET_NONSENSE.remark(text=clean(text)))
    return 1, 1


# --- as a data model ------------------------------------------------------------------------------------------------


class Iso28560Part2:
    """ISO 28560-2 for the registry."""

    name = MODEL
    title = "ISO 28560-2"
    kinds: tuple[RemarkKind, ...] = KINDS
    marks_completion = True

    def read(self, image: TagImage, memory: bytes) -> Decoding:  # noqa: ARG002
        """A complete walk over the elements with an identifier among them."""
        decoded = decode(memory)
        return Decoding(
            model=MODEL,
            content=decoded.content,
            confidence=max(0.95 - 0.1 * len(decoded.remarks), 0.5),
            reason="The memory is a sound row of ISO 28560-2 elements.",
            remarks=decoded.remarks,
            end=decoded.end,
        )

    def annotate(self, memory: bytes, decoding: Decoding) -> tuple[Range, ...]:
        """One range an element, the terminator, and what is behind it."""
        found = [
            Range(item.offset, item.length, _PARTS.get(item.oid, Part.DATA), item.name, item.value)
            for item in decoding.content.elements
        ]
        end = decoding.end
        if end < len(memory):
            found.append(Range(end, 1, Part.STRUCTURE, "terminator"))
            rest = memory[end + 1 :]
            if rest:
                found.append(Range(end + 1, len(rest), Part.LEFTOVER if any(rest) else Part.FREE, "behind the end"))
        return tuple(found)

    def owned(self, decoding: Decoding, isil: str) -> bool:
        """Element 3 is this ISIL."""
        return bool(isil) and decoding.content.owner_institution == isil

    def encode(self, content: TagContent, profile: TagProfile, block_size: int, size: int) -> Encoded:
        """Elements and a terminator, aligned for the profile's lock policy."""
        data = encode(content, block_size, profile.lock)
        if len(data) > size:
            raise DoesNotFit(len(data), size)
        return Encoded(data + b"\0" if len(data) < size else data, len(data))


_PARTS: Final = {PRIMARY_ITEM_IDENTIFIER: Part.IDENTIFIER, OWNER_INSTITUTION: Part.OWNER}
