"""Draw boxes in a row with characters: a title in the upper line, then the place, then the values.

This module knows nothing about rules. Widths are in cells; every line fits in `ROOM`, whatever a box holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from station.base.cells import cells, cut, filled, wrapped

ROOM: Final = 76
"""Cells between the edges of a screen of 80 x 24."""
_NARROWEST: Final = 8
_PLACE: Final = 30
"""Maximum cells reserved to keep a place on one line."""
_EDGES: Final = 4
"""Two border lines, the column of the mark, and a space."""
MARK: Final = "►"


class Box(NamedTuple):
    """One side of a comparison."""

    title: str
    place: str
    says: tuple[str, ...]
    changed: int | None = None
    """Index of the value marked as the difference; None = none."""


def widths(rows: Sequence[Sequence[Box]], gaps: int, room: int) -> list[int]:
    """Return the box width of each column so that the widest row fits, with `gaps` cells between the boxes. The widest
    columns shrink first; a word of a place is broken only if the row cannot fit otherwise."""
    wanted, least = [], []
    for column in zip(*rows, strict=True):
        longest = max(cells(text) for box in column for text in (box.title, *box.says))
        words = max(_NARROWEST, *(cells(word) for box in column for word in (box.title, *box.place.split())))
        least.append(words)
        wanted.append(max(words, longest, min(_PLACE, max(cells(box.place) for box in column))))
    free = room - _EDGES * len(wanted) - gaps
    for lows in (least, [_NARROWEST] * len(wanted)):
        while sum(wanted) > free and any(width > low for width, low in zip(wanted, lows, strict=True)):
            at = max(range(len(wanted)), key=lambda index: (wanted[index] > lows[index], wanted[index]))
            wanted[at] -= 1
    return wanted


def drawn(boxes: Sequence[Box], joints: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return a row of boxes, with `joints` between them at the height of the first value."""
    places = [wrapped(box.place, width) for box, width in zip(boxes, widths, strict=True)]
    values = [_said(box, width) for box, width in zip(boxes, widths, strict=True)]
    above = list(zip_longest(*places, fillvalue=""))
    below = list(zip_longest(*values, fillvalue=(" ", "")))
    blank = [" " * cells(joint) for joint in joints]
    titles = [cut(box.title, width) for box, width in zip(boxes, widths, strict=True)]
    lines = [
        _row([f"┌ {title} {'─' * (width - cells(title))}┐" for title, width in zip(titles, widths, strict=True)], blank)
    ]
    lines += [
        _row([f"│ {filled(text, width)} │" for text, width in zip(row, widths, strict=True)], blank) for row in above
    ]
    for at, row in enumerate(below):
        parts = [f"│{mark}{filled(text, width)} │" for (mark, text), width in zip(row, widths, strict=True)]
        lines.append(_row(parts, joints if at == 0 else blank))
    return [*lines, _row([f"└{'─' * (width + 2)}┘" for width in widths], blank)]


def beside(left: Sequence[str], right: Sequence[str], gap: int = 3) -> list[str]:
    """Return two drawings side by side."""
    width = max(map(cells, left)) + gap
    return [f"{filled(line, width)}{other}".rstrip() for line, other in zip_longest(left, right, fillvalue="")]


def _row(parts: Sequence[str], joints: Sequence[str]) -> str:
    return "".join(part for pair in zip_longest(parts, joints, fillvalue="") for part in pair).rstrip()


def _said(box: Box, width: int) -> list[tuple[str, str]]:
    """Return (mark, text) of each line."""
    lines: list[tuple[str, str]] = []
    for at, text in enumerate(box.says):
        for line in wrapped(text, width) or [""]:
            lines.append((MARK if at == box.changed and not any(mark == MARK for mark, _ in lines) else " ", line))
    return lines
