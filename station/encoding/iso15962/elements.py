"""The element layout of ISO/IEC 15962 without a directory: one element after the other, then a terminator.

    precursor | OID - 15 | pad count | length | data | padding
                if the low   if the                    00 x pad count
                nibble is F  offset bit is set

Precursor: bit 8 offset, bits 7-5 compaction, bits 4-1 relative OID (docs/reference/tag-data.md#element-layout). A
precursor of 00 ends the elements; the rest of the memory (stale bytes, marks such as "W_OK") is not read. Padding by
one byte sets the offset bit and adds a pad count of 0; by k bytes, a pad count of k-1 and k-1 zero bytes at the end.

The standard's text was not available. The choices that this leaves open have names here: `PaddedOrder`, `LengthForm`.
The defaults write only what every reader understands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from station.base.errors import ElementInvalid, Undecodable
from station.encoding.iso15962.compaction import Scheme

EXTENDED: Final = 15
"""Low nibble of a precursor whose OID, minus 15, is in the next byte."""
MAX_OID: Final = 127
MAX_LENGTH: Final = 127
"""Maximum data bytes written by default."""
MAX_PAD: Final = 256
TERMINATOR: Final = 0x00
_SCHEMES: Final = tuple(Scheme)
_PADDED_EXTENDED: Final = re.compile(b"[\x8f\x9f\xaf\xbf\xcf\xdf\xef\xff]")
"""A byte that may be the precursor of a padded element with relative OID 15 or above."""


class PaddedOrder(StrEnum):
    """Order of OID and pad count in a padded element with relative OID 15 or above. No test vector contains one.

    OID first: dp2's parser and encoder (Element.cs), and a second maker's layout comment (OidDataModel.java of
    com.tuodi.tagandcardreader). Pad count first: dp2's own comment and its length helper (AdjustPaddingBytes).
    """

    NEVER = "never padded"
    """Writing: such an element is never padded; another one is padded instead. The default. Reading: as OID_FIRST."""
    OID_FIRST = "OID, then pad count"
    """Reading: if the memory is not readable in this order, the other order is tried."""
    PAD_FIRST = "pad count, then OID"
    """Reading: if the memory is not readable in this order, the other order is tried."""


class LengthForm(StrEnum):
    """Encoding of a length. Every known source has one byte; none covers lengths above 127.

    A two-byte form by groups of seven bits is remembered for elements, without a source. The same notation is used for
    the byte count of a DSFID 03 message of ISO/IEC 15962 by menucha-de/Middleware.TDT (DataFormat3MessageDecoder.java).
    """

    ONE_BYTE_TO_127 = "one byte, 127 at most"
    """Every reader understands it the same way; longer data is refused in both directions. The default of the
    encoder."""
    ONE_BYTE_TO_255 = "one byte, 255 at most"
    """The behavior of one-byte readers. The default of the decoder: on a tag of 128 bytes or less both forms give the
    same."""
    SEVEN_BIT_GROUPS = "groups of seven bits, bit 8 = more follows"
    """128 = 81 00. Two bytes at most: 16383."""


_LONGEST: Final = {
    LengthForm.ONE_BYTE_TO_127: 0x7F,
    LengthForm.ONE_BYTE_TO_255: 0xFF,
    LengthForm.SEVEN_BIT_GROUPS: 0x3FFF,
}


@dataclass(frozen=True, slots=True)
class RawElement:
    """One element as stored in memory, not yet interpreted."""

    oid: int
    scheme: Scheme
    data: bytes
    offset: int = 0
    """First byte in memory."""
    length: int = 0
    """Bytes in memory, including everything."""
    offset_bit: bool = False
    pad_bytes: int = 0
    """Zero bytes at the end."""
    data_offset: int = 0
    """First byte of the data in memory."""
    order: PaddedOrder = PaddedOrder.NEVER
    """Order in which OID and pad count were read, if both occur."""


# --- writing ----------------------------------------------------------------------------------------------------------


def encode(
    oid: int,
    scheme: Scheme,
    data: bytes,
    pad: int = 0,
    *,
    order: PaddedOrder = PaddedOrder.NEVER,
    length_form: LengthForm = LengthForm.ONE_BYTE_TO_127,
) -> bytes:
    """Return the element's bytes, lengthened by exactly `pad` (0 to 256). Raises `ElementInvalid`."""
    if not 1 <= oid <= MAX_OID:
        raise ElementInvalid(f"relative OID {oid} is out of range")
    if not 0 <= pad <= MAX_PAD:
        raise ElementInvalid(f"padding by {pad} bytes is out of range")
    head = [(0x80 if pad else 0) | (scheme << 4) | min(oid, EXTENDED)]
    if pad:
        head.append(pad - 1)
    if oid >= EXTENDED:
        if pad and order is PaddedOrder.NEVER:
            raise ElementInvalid(f"element {oid} cannot be padded: the order of OID and pad count is not settled")
        head.insert(2 if order is PaddedOrder.PAD_FIRST else 1, oid - EXTENDED)
    return bytes(head) + _length(oid, len(data), length_form) + data + bytes(pad - 1 if pad else 0)


def size(oid: int, data: bytes, length_form: LengthForm = LengthForm.ONE_BYTE_TO_127) -> int:
    """Return the bytes of an unpadded element."""
    two_bytes = length_form is LengthForm.SEVEN_BIT_GROUPS and len(data) > 0x7F
    return len(data) + (3 if oid >= EXTENDED else 2) + two_bytes


def paddable(oid: int, order: PaddedOrder = PaddedOrder.NEVER) -> bool:
    """Return True if padding may lengthen the element."""
    return oid < EXTENDED or order is not PaddedOrder.NEVER


def _length(oid: int, count: int, form: LengthForm) -> bytes:
    longest = _LONGEST[form]
    if count > longest:
        raise ElementInvalid(f"element {oid} has {count} bytes; the longest that can be written is {longest}")
    if form is LengthForm.SEVEN_BIT_GROUPS and count > 0x7F:
        return bytes([0x80 | count >> 7, count & 0x7F])
    return bytes([count])


# --- reading ----------------------------------------------------------------------------------------------------------


def decode(
    memory: bytes,
    *,
    order: PaddedOrder = PaddedOrder.NEVER,
    length_form: LengthForm = LengthForm.ONE_BYTE_TO_255,
) -> tuple[tuple[RawElement, ...], int]:
    """Return all elements up to the terminator or the end of memory, and the offset after them (that of the
    terminator).

    Elements may repeat here, because layout does not define the meaning of a second one. Raises `Undecodable` for an
    element that does not fit, for padding that is not zero, and for an OID out of range.
    """
    oid_first = order is not PaddedOrder.PAD_FIRST
    try:
        return _walk(memory, oid_first, length_form)
    except Undecodable:
        if not _PADDED_EXTENDED.search(memory):
            raise
        # A writer uses one order, so the other order is tried for the whole memory, not for a single element.
        try:
            found, end = _walk(memory, not oid_first, length_form)
        except Undecodable:
            found, end = (), 0
        if not any(item.order is not PaddedOrder.NEVER for item in found):
            raise
        return found, end


def _walk(memory: bytes, oid_first: bool, form: LengthForm) -> tuple[tuple[RawElement, ...], int]:
    found: list[RawElement] = []
    at, end = 0, len(memory)
    try:
        while at < end and memory[at] != TERMINATOR:
            item = _one(memory, at, end, oid_first, form)
            found.append(item)
            at += item.length
    except IndexError:
        raise Undecodable(end, "the memory ends in the middle of an element") from None
    return tuple(found), at


def _one(memory: bytes, start: int, end: int, oid_first: bool, form: LengthForm) -> RawElement:
    """Return the element at `start`. An `IndexError` means that the memory ends within its head."""
    precursor = memory[start]
    oid, padded, pad = precursor & 0x0F, precursor >= 0x80, 0
    order = PaddedOrder.NEVER
    at = start + 1
    if oid == EXTENDED:
        if padded:
            order = PaddedOrder.OID_FIRST if oid_first else PaddedOrder.PAD_FIRST
            first, second = memory[at], memory[at + 1]
            extra, pad = (first, second) if oid_first else (second, first)
            at += 2
        else:
            extra = memory[at]
            at += 1
        oid += extra
    elif padded:
        pad = memory[at]
        at += 1
    if not 1 <= oid <= MAX_OID:
        raise Undecodable(start, f"relative OID {oid} is out of range")
    count = memory[at]
    at += 1
    if count > 0x7F and form is not LengthForm.ONE_BYTE_TO_255:
        if form is LengthForm.ONE_BYTE_TO_127 or memory[at] > 0x7F:
            raise Undecodable(at - 1, f"the length of element {oid} is above {_LONGEST[form]}")
        count = (count & 0x7F) << 7 | memory[at]
        at += 1
    stop = at + count
    behind = stop + pad
    if behind > end:
        raise Undecodable(at, f"{count + pad} bytes promised, {end - at} left")
    if pad and any(memory[stop:behind]):
        raise Undecodable(stop, f"the padding of element {oid} is not zero")
    return RawElement(
        oid, _SCHEMES[precursor >> 4 & 0x07], memory[at:stop], start, behind - start, padded, pad, at, order
    )
