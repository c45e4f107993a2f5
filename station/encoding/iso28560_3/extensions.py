"""Extension blocks of ISO 28560-3 and the Danish model, which follow the basic block.

    length (1, the whole frame) | block id (2, low byte first) | XOR (1) | payload

A length of 0 ends the blocks; a length of 1 is a filler of one byte. All bytes of a frame XOR to 0. An id whose high
byte is FF is wider: low byte, FF, middle byte, high byte; the XOR follows it (Doc 067 p. 31 has the id in four bytes;
the position of the XOR after it is inferred from its order there). A frame may be shorter than its layout: missing
fields at the end are empty. A block may occur more than once. Fields are separated by 00, and the last one need not be
terminated; the media format and the supply chain stage are one byte. Sources:
docs/reference/tag-data.md#extension-blocks (Doc 067 pp. 25 and 31; TH Wildau's ISO28560 for the order of fields; a tag
of Bibliotheca's for the place of the XOR); GOST R ISO 28560-3-2016, 7.4.1 and 7.4.2 (ajdocs.ru 40264 p. 14: frame of
four bytes, repeated blocks); WG11's clarification of ISO 28560-1:2011, 4.2.20 (biblstandard.dk: part 3 has the supply
chain stage as an 8-bit integer).

Named choices that no source settles:

- The library block's item identifier is element 1 if the basic block has none, otherwise element 22; its owner is
  element 3 if it has the form of an ISIL, otherwise element 23 (a comment in TH Wildau's ISO28560 gives both pairs).
- A media format of 00 ("undefined") in a block with further fields counts as not given (TH Wildau's JavaScript).
- A supply chain stage written as text, as TH Wildau's programs do, is shown with a remark but not used.
- Texts are UTF-8 (TH Wildau's JavaScript); text that is not UTF-8 is read as ISO 8859-1, with a remark.
- The edition of 2024 is said to correct identifiers of extension blocks of 2023 (tnlab.org); neither was seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from station.base.errors import ElementInvalid
from station.base.text import clean
from station.encoding.content import ElementValue, Remark
from station.encoding.iso15962.data_elements import element
from station.encoding.iso28560_3 import deviants

EXTENSIONS_AT: Final = 34
FILLER: Final = 1
LONGEST: Final = 255
UNSTRUCTURED_FROM: Final = 101
WIDE: Final = 0xFF
"""High byte of a block id that marks a wider one."""
WIDEST: Final = 0xFFFFFF

LIBRARY: Final = 1
MEDIA_FORMAT: Final = 19
SUPPLY_CHAIN_STAGE: Final = 20
ALTERNATIVE_ITEM: Final = 22
ALTERNATIVE_OWNER: Final = 23
GS1: Final = 13

TITLES: Final = {1: "Library", 2: "Acquisition", 3: "Library supplement", 4: "Title", 5: "ILL"}
BLOCKS: Final[dict[int, tuple[int, ...]]] = {
    1: (19, 22, 23),
    2: (9, 18, 10, 21, 13, 20),
    3: (6, 8, 7, 24),
    4: (17,),
    5: (11, 12, 25),
}
"""Block id -> its fields in order, as relative OIDs of ISO 28560-1. 22 and 23 of block 1 also carry 1 and 3."""
PLACE: Final = {oid: block for block, oids in BLOCKS.items() for oid in oids} | {1: LIBRARY, 3: LIBRARY}
"""Relative OID -> the block that carries it."""
_OCTETS: Final = (MEDIA_FORMAT, SUPPLY_CHAIN_STAGE)

_ISIL: Final = re.compile(r"(?=.{3,16}$)[A-Za-z0-9]{1,4}-[A-Za-z0-9/:\-]+")
"""ISO 15511: a prefix of one to four characters, a hyphen, the unit; at most 16 characters (biblstandard.dk
isil/structure)."""


def looks_like_isil(text: str) -> bool:
    """Return True for the form of an ISIL."""
    return _ISIL.fullmatch(text) is not None


def title_of(block: int) -> str:
    """Return the title of a block."""
    name = TITLES.get(block)
    if name is not None:
        return f"{name} block"
    return f"Unstructured block {block}" if block >= UNSTRUCTURED_FROM else f"Block {block}"


# --- frames ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """One extension block as stored in memory."""

    offset: int
    length: int
    """Bytes of the whole frame."""
    block: int
    """Block id, 16 or 24 bits."""
    payload: bytes
    payload_at: int = 0
    xor_at: int = 0

    @property
    def xor_last(self) -> bool:
        """True if the checksum is at the end (`deviants.XOR_LAST`)."""
        return self.xor_at > self.payload_at


@dataclass(frozen=True, slots=True)
class Walk:
    """The extension blocks found from `start` on."""

    start: int
    frames: tuple[Frame, ...]
    fillers: tuple[int, ...]
    """Offsets of fillers."""
    end: int
    """Offset of the length 0, of data that are not a block, or the size of the memory."""
    stopped: Remark | None
    """Reason why reading ended before a length of 0."""


def xor_of(data: bytes) -> int:
    """Return the XOR of all bytes of a frame: 0 for a sound one."""
    value = 0
    for byte in data:
        value ^= byte
    return value


def walk(memory: bytes, start: int = EXTENSIONS_AT, *, xor_last: bool = False) -> Walk:
    """Read frames from `start` up to a length of 0; `xor_last` gives the expected place of the XOR. Never raises."""
    at = min(start, len(memory))
    frames: list[Frame] = []
    fillers: list[int] = []
    stopped: Remark | None = None
    while at < len(memory) and memory[at]:
        length = memory[at]
        if length == FILLER:
            fillers.append(at)
            at += 1
            continue
        data = memory[at : at + length]
        frame = _frame(at, data, xor_last) if len(data) == length else None
        if frame is None:
            stopped = deviants.NO_BLOCK.remark(at)
            break
        if xor_of(data):
            stopped = deviants.BLOCK_XOR.remark(at, length)
            break
        frames.append(frame)
        at += length
    return Walk(min(start, len(memory)), tuple(frames), tuple(fillers), at, stopped)


def _frame(at: int, data: bytes, xor_last: bool) -> Frame | None:
    """Return the frame's parts; None if it is too short for its head.

    The XOR is correct in either place, so the place at which the payload reads as text is taken; if both do, `xor_last`
    decides.
    """
    if len(data) < 4:
        return None
    block, head = data[1] | data[2] << 8, 3
    if data[2] == WIDE:
        if len(data) < 6:
            return None
        block, head = data[1] | data[3] << 8 | data[4] << 16, 5
    first, last = data[head + 1 :], data[head:-1]
    if xor_last:
        use_last = _reads(block, last) or not _reads(block, first)
    else:
        use_last = not _reads(block, first) and _reads(block, last)
    if use_last:
        return Frame(at, len(data), block, last, at + head, at + len(data) - 1)
    return Frame(at, len(data), block, first, at + head + 1, at + head)


def _reads(block: int, payload: bytes) -> bool:
    """Return True if all fields of a known block are printable; always True for other blocks."""
    return all(
        oid in _OCTETS or ((text := _text(data)) is not None and text.isprintable())
        for oid, data, _ in _split(block, payload)
    )


def encode_frame(block: int, payload: bytes) -> bytes:
    """Return a frame with its XOR. Raises `ElementInvalid` for an id or a payload that no frame can have."""
    if not 1 <= block <= WIDEST:
        raise ElementInvalid(f"there is no extension block {block}")
    if block >> 8 < WIDE:
        head = bytes((block & 0xFF, block >> 8))
    else:
        head = bytes((block & 0xFF, WIDE, block >> 8 & 0xFF, block >> 16))
    length = 2 + len(head) + len(payload)
    if length > LONGEST:
        raise ElementInvalid(f"extension block {block} would be {length} bytes long, of at most {LONGEST}")
    return bytes((length, *head, length ^ xor_of(head) ^ xor_of(payload))) + payload


# --- fields of the blocks --------------------------------------------------------------------------------------------


def _split(block: int, payload: bytes) -> list[tuple[int, bytes, int]]:
    """Return the nonempty fields of a known block: (relative OID, bytes, offset in the payload)."""
    oids = BLOCKS.get(block, ())
    found: list[tuple[int, bytes, int]] = []
    at = 0
    if oids and oids[0] == MEDIA_FORMAT and payload:
        if payload[0] or len(payload) == 1:
            found.append((MEDIA_FORMAT, payload[:1], 0))
        payload, at, oids = payload[1:], 1, oids[1:]
    for oid, data in zip(oids, payload.split(b"\0"), strict=False):
        if data:
            found.append((oid, data, at))
        at += len(data) + 1
    return found


def _text(data: bytes) -> str | None:
    """Return UTF-8 text, or None."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def values(frame: Frame, has_identifier: bool, remarks: list[Remark]) -> list[ElementValue]:
    """Return the data elements of a frame, in its order; OID 0 for a field that ISO 28560-1 does not define.

    `has_identifier`: True if the basic block names the item.
    """
    block, payload = frame.block, frame.payload
    if frame.xor_last:
        remarks.append(deviants.XOR_LAST.remark(frame.xor_at))
    if block not in BLOCKS:
        kind = deviants.UNSTRUCTURED if block >= UNSTRUCTURED_FROM else deviants.UNKNOWN_BLOCK
        remarks.append(kind.remark(frame.offset, frame.length, block=block))
        return [ElementValue(0, title_of(block), payload.hex(" ").upper(), frame.payload_at, len(payload))]
    found: list[ElementValue] = []
    for oid, data, at in _split(block, payload):
        offset = frame.payload_at + at
        if oid in _OCTETS and len(data) == 1:
            found.append(ElementValue(oid, element(oid).name, f"{data[0]:02X}", offset, 1))
            continue
        text = _text(data)
        if text is None:
            text = data.decode("latin-1")
            remarks.append(deviants.LATIN_1.remark(offset, len(data)))
        value = clean(text)
        if not (value and text.isprintable()):
            remarks.append(deviants.FIELD_UNREADABLE.remark(offset, len(data), block=block))
            continue
        number, name = _element_of(oid, value, has_identifier)
        if oid == SUPPLY_CHAIN_STAGE:
            remarks.append(deviants.STAGE_TEXT.remark(offset, len(data)))
        elif oid == GS1 and not number:
            remarks.append(deviants.DANISH_OTHER.remark(offset, len(data)))
        found.append(ElementValue(number, name, value, offset, len(data)))
    texts = payload[1:] if block == LIBRARY else payload
    if any(texts.split(b"\0")[len(BLOCKS[block]) - (block == LIBRARY) :]):
        remarks.append(deviants.FIELD_TOO_MANY.remark(frame.offset, frame.length, block=block))
    return found


def _element_of(oid: int, value: str, has_identifier: bool) -> tuple[int, str]:
    """Return the element of a text, if one field serves two elements; (0, name) for a text that is not an element."""
    if oid == ALTERNATIVE_ITEM and not has_identifier:
        oid = 1
    elif oid == ALTERNATIVE_OWNER and looks_like_isil(value):
        oid = 3
    elif oid == GS1 and not is_gs1(value):
        return 0, "Other (Danish model)"
    elif oid == SUPPLY_CHAIN_STAGE:
        return 0, element(oid).name
    return oid, element(oid).name


def is_gs1(value: str) -> bool:
    """Return True for a GS1 product identifier: exactly 13 digits (docs/reference/tag-data.md#data-elements)."""
    return len(value) == 13 and value.isascii() and value.isdigit()


def payload_of(block: int, fields: Mapping[int, str]) -> bytes:
    """Return the payload of a known block from its fields by relative OID (1 and 3 in block 1 for 22 and 23), cut after
    the last.

    Raises `ElementInvalid` for a field that cannot be stored there.
    """
    out = b""
    texts: list[bytes] = []
    for oid in BLOCKS[block]:
        same = {ALTERNATIVE_ITEM: 1, ALTERNATIVE_OWNER: 3}.get(oid, oid)
        value = fields.get(oid) or fields.get(same) or ""
        if oid == MEDIA_FORMAT:
            out = _octet(oid, value) if value else b"\0"
        elif oid in _OCTETS:
            texts.append(_octet(oid, value) if value else b"")
        else:
            texts.append(value.encode("utf-8"))
    while texts and not texts[-1]:
        texts.pop()
    return out + b"\0".join(texts)


def _octet(oid: int, value: str) -> bytes:
    if len(value) != 2 or value.strip("0123456789ABCDEFabcdef"):
        raise ElementInvalid(f"{element(oid).name} must be two hexadecimal digits, not {value!r}")
    return bytes.fromhex(value)


def objection(oid: int, value: str, fields: Mapping[int, str]) -> str:
    """Return why a further element cannot be stored in an extension block beside `fields`; "" if it can.

    Reading must return exactly the given value, so every value that reading would change is refused.
    """
    block = PLACE.get(oid)
    if block is None or oid in (1, 3):
        return "ISO 28560-3 has no place for it"
    if oid in _OCTETS:
        if len(value) != 2 or value.strip("0123456789ABCDEF"):
            return f"it must be two hexadecimal digits, not {clean(value)!r}"
        if oid == SUPPLY_CHAIN_STAGE and value == "00":
            return "a supply chain stage of 00 is indistinguishable from none"
        if oid == MEDIA_FORMAT and value == "00" and any(other in fields for other in (1, 3, 22, 23)):
            return "a media format of 00 beside other fields of the library block is indistinguishable from none"
        return ""
    if not value:
        return "it is empty"
    if clean(value) != value:
        return "it holds characters that cannot be stored on a tag"
    if oid == GS1 and not is_gs1(value):
        return "it must have 13 digits"
    if oid == ALTERNATIVE_OWNER and looks_like_isil(value):
        return "in the form of an ISIL it would be read as the owner institution"
    if oid == ALTERNATIVE_OWNER and 3 in fields:
        return "its field in the library block is taken by the owner institution"
    if oid == ALTERNATIVE_ITEM and 1 in fields:
        return "its field in the library block is taken by the item's identifier"
    return ""
