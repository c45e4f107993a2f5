"""The element layout of ISO/IEC 15962 without a directory: precursor, extended OID, pad count, length, data, padding.

    precursor | OID-15, if the low nibble is F | pad count, if the offset bit is set | length | data | 00 x pad count

Precursor: bit 8 offset, bits 7-5 compaction, bits 4-1 relative OID (tag-data-models.md 2.2). A precursor of 00 ends
the elements; whatever follows (stale bytes, markers such as "W_OK") is not read. Padding by one byte sets the offset
bit and adds a pad count of 0; by k bytes, a pad count of k-1 and k-1 zero bytes at the end.

Open points and what is done about them: the order of OID and pad count when both occur is not settled, so the encoder
never pads an element with OID 15 or above, and the decoder tries OID first, then the other. Lengths above 127 have a
two-byte form by recollection only, so the encoder refuses them and the decoder reads one byte, as every source does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from station.encoding.compaction import Scheme
from station.encoding.cursor import Cursor
from station.errors import ElementInvalid, Undecodable

EXTENDED: Final = 15
MAX_OID: Final = 127
MAX_LENGTH: Final = 127
TERMINATOR: Final = 0x00


@dataclass(frozen=True, slots=True)
class RawElement:
    """One element as it stands in memory, not yet interpreted."""

    oid: int
    scheme: Scheme
    data: bytes
    offset: int = 0
    """First byte in memory."""
    length: int = 0
    """Bytes in memory, all included."""
    offset_bit: bool = False
    pad_bytes: int = 0
    """Zero bytes at the end."""
    data_offset: int = 0
    """First byte of the data in memory."""


def encode(oid: int, scheme: Scheme, data: bytes, pad: int = 0) -> bytes:
    """The element's bytes, lengthened by exactly `pad`. Raises `ElementInvalid`."""
    if not 1 <= oid <= MAX_OID:
        raise ElementInvalid(f"relative OID {oid} is out of range")
    if len(data) > MAX_LENGTH:
        raise ElementInvalid(f"element {oid} has {len(data)} bytes; the longest that can be written is {MAX_LENGTH}")
    if pad and oid >= EXTENDED:
        raise ElementInvalid(f"element {oid} cannot be padded: the byte order is not settled")
    if not 0 <= pad <= 256:
        raise ElementInvalid(f"padding by {pad} bytes is out of range")
    precursor = (0x80 if pad else 0) | (scheme << 4) | min(oid, EXTENDED)
    head = bytes([precursor])
    if oid >= EXTENDED:
        head += bytes([oid - EXTENDED])
    if pad:
        head += bytes([pad - 1])
    return head + bytes([len(data)]) + data + bytes(pad - 1 if pad else 0)


def size(oid: int, data: bytes) -> int:
    """Bytes that an unpadded element takes."""
    return len(data) + (3 if oid >= EXTENDED else 2)


def decode(memory: bytes) -> tuple[tuple[RawElement, ...], int]:
    """All elements up to the terminator or the end of memory, and the offset behind them (that of the terminator).

    Raises `Undecodable` for an element that does not fit, padding that is not zero, an OID out of range or a second element with
    the same OID.
    """
    cursor = Cursor(memory)
    found: list[RawElement] = []
    seen: set[int] = set()
    while cursor.remaining and cursor.peek() != TERMINATOR:
        element = _decode_one(cursor)
        if element.oid in seen:
            raise Undecodable(element.offset, f"element {element.oid} occurs twice")
        seen.add(element.oid)
        found.append(element)
    return tuple(found), cursor.offset


def _decode_one(cursor: Cursor) -> RawElement:
    start = cursor.offset
    precursor = cursor.peek()
    if precursor & 0x0F != EXTENDED or not precursor & 0x80:
        return _decode_ordered(cursor, oid_first=True)
    try:
        return _decode_ordered(cursor, oid_first=True)
    except Undecodable as first:
        cursor.offset = start
        try:
            return _decode_ordered(cursor, oid_first=False)
        except Undecodable:
            raise first from None


def _decode_ordered(cursor: Cursor, *, oid_first: bool) -> RawElement:
    start = cursor.offset
    precursor = cursor.byte()
    offset_bit = bool(precursor & 0x80)
    oid = precursor & 0x0F
    extended = oid == EXTENDED
    pad = 0
    if offset_bit and not oid_first:
        pad = cursor.byte()
    if extended:
        oid += cursor.byte()
    if offset_bit and oid_first:
        pad = cursor.byte()
    if not 1 <= oid <= MAX_OID:
        raise Undecodable(start, f"relative OID {oid} is out of range")
    length = cursor.byte()
    data_offset = cursor.offset
    with cursor.restrict_to(length + pad):
        data = cursor.take(length)
        if any(cursor.take(pad)):
            raise Undecodable(cursor.offset - pad, f"the padding of element {oid} is not zero")
    return RawElement(
        oid=oid,
        scheme=Scheme((precursor >> 4) & 0x07),
        data=data,
        offset=start,
        length=cursor.offset - start,
        offset_bit=offset_bit,
        pad_bytes=pad,
        data_offset=data_offset,
    )
