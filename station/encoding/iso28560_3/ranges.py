"""Annotation of every byte of an ISO 28560-3 memory: fields, CRC, heads of extension blocks, fillers, end, the rest.

The ranges follow from the memory and from its reading (the codes of the remarks). With reversed blocks they refer to
the stored memory: a field that ends inside a block is split, and its value is in the first piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from station.base.text import clean
from station.encoding.content import Decoding, Part, Range, Remark
from station.encoding.iso15962.data_elements import element, usage_words
from station.encoding.iso28560_3 import deviants, extensions
from station.encoding.iso28560_3.basic_block import (
    BASIC,
    CRC_AT,
    ELSEWHERE,
    ID_AT,
    OWNER_AT,
    SHORT,
    basic_of,
    crc_of,
    stored_crc,
)
from station.encoding.iso28560_3.extensions import EXTENSIONS_AT, Frame, walk


@dataclass(frozen=True, slots=True)
class Span:
    """A range of the memory, with its blocks in normal byte order."""

    start: int
    end: int
    part: Part
    label: str
    value: str = ""
    note: str = ""


_NOTHING = Span(0, 0, Part.UNKNOWN, "not read")


def ranges(memory: bytes, decoding: Decoding) -> tuple[Range, ...]:
    """Return all bytes of `memory` in order, without gap or overlap. Never raises, whatever the memory holds."""
    odd = {remark.code: remark for remark in decoding.remarks}
    reversed_by = odd.get(deviants.REVERSED.code)
    size = max(reversed_by.length, 1) if reversed_by else 0
    laid = deviants.turned(memory, size) if size else memory
    spans = list(_spans(laid, odd))
    # The span of each byte; later spans do not overlap earlier ones.
    whose: list[Span] = [_NOTHING] * len(memory)
    for span in spans:
        for at in range(span.start, min(span.end, len(memory))):
            whose[at] = span
    if size:
        whose = [span for at in range(0, len(whose), size) for span in whose[at : at + size][::-1]]
    return tuple(_runs(whose, size))


def _runs(whose: list[Span], size: int) -> Iterator[Range]:
    shown: set[int] = set()
    start = 0
    for at in range(1, len(whose) + 1):
        if at < len(whose) and whose[at] is whose[start]:
            continue
        span = whose[start]
        note = span.note
        if size:
            first, last = start // size, (at - 1) // size
            where = f"block {first}" if first == last else f"blocks {first} to {last}"
            note = "; ".join(text for text in (note, f"bytes reversed in {where}") if text)
        value = "" if id(span) in shown else span.value
        shown.add(id(span))
        yield Range(start, at - start, span.part, span.label, value, note)
        start = at


def _spans(memory: bytes, odd: dict[str, Remark]) -> Iterator[Span]:
    """Yield the memory's fields in order, cut at its end."""
    short = len(memory) < BASIC or deviants.SHORT_LAYOUT.code in odd
    in_owner, late = odd.get(deviants.BLOCKS_IN_OWNER.code), odd.get(deviants.LATE_BLOCKS.code)
    moved = in_owner or late
    blocks_at = EXTENSIONS_AT if moved is None or moved.offset is None else moved.offset
    end = SHORT if short else min(blocks_at, BASIC)
    basic = basic_of(memory, short)[:end].ljust(BASIC, b"\0")
    yield from _basic(basic, end)
    if short:
        yield from _behind(memory, end)
    else:
        if blocks_at > BASIC:
            yield Span(
                BASIC, blocks_at, Part.STRUCTURE, "no extension block yet", note="the blocks begin one byte late"
            )
        yield from _blocks(memory, blocks_at, has_identifier=basic[ID_AT:CRC_AT].rstrip(b"\0") not in (b"", ELSEWHERE))


def _basic(basic: bytes, end: int) -> Iterator[Span]:
    swapped: list[Remark] = []
    odd: list[Remark] = []
    version, usage = deviants.version_and_usage(basic[0], swapped)
    words = f"version {version}, {usage_words(usage << 4)}"
    note = "nibbles swapped" if swapped else "version, class of usage"
    yield Span(0, 1, Part.STRUCTURE, "Version and type of usage", words, note)
    deviants.parts_and_part(basic[1], basic[2], odd)
    note = "swapped with the part number" if odd and odd[0].code == deviants.SWAPPED_PARTS.code else ""
    yield Span(1, 2, Part.DATA, "Number of parts", str(basic[1]), note)
    yield Span(2, 3, Part.DATA, "Part number", str(basic[2]))
    identifier = basic[ID_AT:CRC_AT]
    note = "01: it stands in the library block" if identifier.rstrip(b"\0") == ELSEWHERE else "filled with 00"
    yield Span(ID_AT, CRC_AT, Part.IDENTIFIER, element(1).name, _shown(identifier), note)
    wanted, stored = crc_of(basic), stored_crc(basic)
    note = "right" if wanted == stored else f"should be {wanted:04X}" if stored else f"missing; should be {wanted:04X}"
    yield Span(CRC_AT, OWNER_AT, Part.CHECK, "CRC", f"{stored:04X}", f"{note}; low byte first")
    owner = deviants.isil_of(_shown(basic[OWNER_AT:end]), OWNER_AT, [])
    yield Span(OWNER_AT, end, Part.OWNER, element(3).name, owner, "stored without its hyphen, filled with 00")


def _blocks(memory: bytes, start: int, *, has_identifier: bool) -> Iterator[Span]:
    found = walk(memory, start, xor_last=start != EXTENSIONS_AT)
    for at in found.fillers:
        yield Span(at, at + 1, Part.STRUCTURE, "filler")
    for frame in found.frames:
        yield from _frame(frame, has_identifier)
    if found.stopped is not None and deviants.end_marker(memory, found.end) is None:
        label = "checksum wrong" if found.stopped.code == deviants.BLOCK_XOR.code else "no extension block"
        yield Span(found.end, len(memory), Part.UNKNOWN, label, note="not read")
    elif found.end < len(memory) and not memory[found.end]:
        yield Span(found.end, found.end + 1, Part.STRUCTURE, "end of the extension blocks")
        yield from _behind(memory, found.end + 1)
    else:
        yield from _behind(memory, found.end)


def _frame(frame: Frame, has_identifier: bool) -> Iterator[Span]:
    title = extensions.title_of(frame.block)
    head_end = frame.payload_at if frame.xor_last else frame.xor_at
    payload_end = frame.payload_at + len(frame.payload)
    yield Span(frame.offset, head_end, Part.STRUCTURE, f"{title}: length and number", f"{frame.length}, {frame.block}")
    note = "at the end of the block" if frame.xor_last else ""
    yield Span(frame.xor_at, frame.xor_at + 1, Part.CHECK, f"{title}: XOR", note=note)
    at = frame.payload_at
    for item in extensions.values(frame, has_identifier, []):
        if item.offset > at:
            yield Span(at, item.offset, Part.STRUCTURE, f"{title}: separator")
        part = {1: Part.IDENTIFIER, 3: Part.OWNER}.get(item.oid, Part.DATA)
        at = item.offset + item.length
        yield Span(item.offset, at, part, item.name, item.value, title)
    if at < payload_end:
        yield Span(at, payload_end, Part.STRUCTURE, f"{title}: nothing more")


def _behind(memory: bytes, start: int) -> Iterator[Span]:
    """Yield the data after the end of the content."""
    end = len(memory)
    if start >= end:
        return
    marker = deviants.end_marker(memory, start)
    if marker is not None and marker.offset is not None:
        behind = marker.offset + marker.length
        yield Span(start, marker.offset, Part.FREE, "free")
        yield Span(marker.offset, behind, Part.STRUCTURE, "a writer's mark", "W_OK")
        yield Span(behind, end, Part.FREE, "free")
    elif any(memory[start:]):
        yield Span(start, end, Part.LEFTOVER, "left over from an earlier content", note="not read")
    else:
        yield Span(start, end, Part.FREE, "free")


def _shown(data: bytes) -> str:
    text = data.rstrip(b"\0")
    try:
        return clean(text.decode("utf-8"))
    except UnicodeDecodeError:
        return clean(text.decode("latin-1"))
