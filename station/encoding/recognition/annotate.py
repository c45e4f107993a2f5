"""Purpose of each byte of a tag: ranges over the whole memory without a gap, and the rows of an annotated dump as data.

    annotate(image, recognition)  ->  Ranges: every byte of `domain.tag_image.memory` is in exactly one of them
    rows(memory, ranges)          ->  Rows of `width` bytes, split at the boundaries of ranges: for colored output
    plain(memory, ranges)         ->  the same as text, each range with its letters under its bytes, and a legend

`Part` selects the color of a range; the program chooses the colors. No meaning depends on color alone: a range has its
letters (`letters`), its part as a word, and its label. Pure and total: no function here raises on any image.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from station.base.text import printable_hex
from station.domain.tag_image import TagImage
from station.encoding.content import Part, Range, Recognition, TagState, user_memory
from station.encoding.recognition import blank, evidence
from station.encoding.recognition.data_model import DataModel
from station.encoding.recognition.registry import DATA_MODELS

WIDTH: Final = 16
"""Bytes in a row."""
MOST_SHOWN: Final = 32
"""Bytes of a range that its line in the legend repeats; the dump has them all."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes of one row that are in the same range."""

    data: bytes
    range_index: int
    """Index of the range in the sequence that `rows` was given."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a dump."""

    offset: int
    """First byte of the row in memory."""
    cells: tuple[Segment, ...]
    """From left to right; together `width` bytes, fewer in the last row."""


def annotate(image: TagImage, recognition: Recognition, models: Sequence[DataModel] = DATA_MODELS) -> tuple[Range, ...]:
    """Return all bytes of `domain.tag_image.memory` as ranges in order, without gap or overlap; () for a tag without
    memory."""
    memory = user_memory(image)
    ranges = gapless(_data(image, memory, recognition, models), len(memory))
    if len(memory) < len(image.memory):
        note = "not part of the data; writing here counts"
        rest = len(image.memory) - len(memory)
        ranges = (*ranges, Range(len(memory), rest, Part.CHIP, "counter of the chip", note=note))
    return ranges


def _data(image: TagImage, memory: bytes, recognition: Recognition, models: Sequence[DataModel]) -> tuple[Range, ...]:
    decoding = recognition.decoding
    if decoding is not None:
        for model in models:
            if model.name == decoding.model:
                return model.annotate(memory, decoding)
    pattern = blank.pattern(memory)
    if pattern is not None:
        # Also for a tag that is being written: it holds no data yet.
        if not pattern.fill:
            return (Range(0, len(memory), Part.FREE, "free"),)
        filling = Range(0, pattern.count, Part.FREE, f"filling ({pattern.fill:02X}) of a blank tag")
        return (filling, Range(pattern.count, len(memory) - pattern.count, Part.FREE, "free"))
    size = image.block_size
    if recognition.state is TagState.INCOMPLETE and (not any(memory[:size]) or blank.torn_pattern(memory, size)):
        note = "writing this tag was begun and not finished"
        return (Range(0, size, Part.STRUCTURE, "first block", note=note), *evidence.ranges(memory, size))
    return evidence.ranges(memory)


def gapless(ranges: Iterable[Range], size: int) -> tuple[Range, ...]:
    """Return `ranges` in order over `size` bytes: overlaps are cut, and gaps are filled with ranges of unknown
    bytes."""
    filled: list[Range] = []
    end = 0
    for each in sorted(ranges, key=lambda each: each.offset):
        start, stop = max(each.offset, end), min(each.offset + each.length, size)
        if start >= stop:
            continue
        if start > end:
            filled.append(Range(end, start - end, Part.UNKNOWN, "not explained"))
        cut = (start, stop - start) != (each.offset, each.length)
        filled.append(Range(start, stop - start, each.part, each.label, each.value, each.note) if cut else each)
        end = stop
    if end < size:
        filled.append(Range(end, size - end, Part.UNKNOWN, "not explained"))
    return tuple(filled)


def rows(memory: bytes, ranges: Sequence[Range], width: int = WIDTH) -> tuple[Row, ...]:
    """Return `memory` in rows of `width` bytes, each split into segments at the boundaries of ranges.

    `ranges` are as from `annotate`; bytes outside all ranges are in no segment. Raises ValueError for a width below 1.
    """
    if width < 1:
        raise ValueError("width must be at least 1")
    table: list[Row] = []
    index = 0
    for start in range(0, len(memory), width):
        stop = min(start + width, len(memory))
        cells: list[Segment] = []
        at = start
        while at < stop and index < len(ranges):
            here = ranges[index]
            end = min(here.offset + here.length, stop)
            if end > at:
                cells.append(Segment(memory[max(at, here.offset) : end], index))
                at = end
            if here.offset + here.length > stop:
                break
            index += 1
        table.append(Row(start, tuple(cells)))
    return tuple(table)


def letters(index: int) -> str:
    """Return the short name of a range in a plain dump: A to Z, then AA, AB and so on."""
    name = ""
    index += 1
    while index > 0:
        index, letter = divmod(index - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def describe(memory: bytes, each: Range) -> str:
    """Describe one range, with its bytes unless it is free."""
    where = f"bytes {each.offset}-{each.offset + each.length - 1}" if each.length > 1 else f"byte {each.offset}"
    what = each.label if each.part.value == each.label else f"{each.part.value}, {each.label}"
    value = f" = {each.value}" if each.value else ""
    note = f" ({each.note})" if each.note else ""
    return f"{where}: {what}{value}{note}{bytes_shown(memory, each)}"


def bytes_shown(memory: bytes, each: Range) -> str:
    """Return the bytes of a range for its line in the legend; "" if it is free."""
    if each.part is Part.FREE:
        return ""
    data = printable_hex(memory[each.offset : each.offset + min(each.length, MOST_SHOWN)])
    return f"   {data}{' ...' if each.length > MOST_SHOWN else ''}"


INDENT: Final = " " * 7
"""In place of the offset."""


def same_rows(count: int) -> str:
    """Return the text in place of `count` equal rows."""
    return f"the same in {count} more row{'s' if count > 1 else ''}"


def plain(memory: bytes, ranges: Sequence[Range], width: int = WIDTH) -> tuple[str, ...]:
    """Return the annotated dump as text without color, and at the end the legend."""
    lines = [row if isinstance(row, str) else f"{INDENT}{same_rows(row)}" for row in plain_rows(memory, ranges, width)]
    return (*lines, *(f"{letters(index)}  {describe(memory, each)}" for index, each in enumerate(ranges)))


def plain_rows(memory: bytes, ranges: Sequence[Range], width: int = WIDTH) -> list[str | int]:
    """Return the rows of the annotated dump: under each row the letters of its ranges. Equal rows of one range are shown
    once; their number follows."""
    lines: list[str | int] = []
    before: tuple[Segment, ...] | None = None
    skipped = 0
    for row in rows(memory, ranges, width):
        if row.cells == before:
            skipped += 1
            continue
        lines += [skipped] if skipped else []
        skipped, before = 0, row.cells
        lines.append(f"{row.offset:5}  {' '.join(printable_hex(cell.data) for cell in row.cells)}")
        ruler = (letters(cell.range_index).ljust(len(cell.data) * 3 - 1, "_") for cell in row.cells)
        lines.append(f"{INDENT}{' '.join(ruler)}")
    return [*lines, skipped] if skipped else lines
