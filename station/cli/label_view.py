"""A label drawn in the terminal: its lines in a box as wide as they are, and the size of the stock."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from station.printing.layout import Page
from station.printing.symbology import WORDS


def lines(page: Page) -> tuple[str, ...]:
    """The text of a label from top to bottom; the crossed box and the bars are shown by signs."""
    found = []
    for text in page.texts:
        if page.sign is not None and text.y == page.sign.y:
            found.append(f"[X] {text.text}")
        elif page.bars is not None and text.text == page.bars.value and text.y > page.bars.y:
            found += ["|||| | ||| || |||", f"{text.text} ({WORDS[page.bars.symbology]})"]
        else:
            found.append(text.text)
    return tuple(found)


def drawn(page: Page) -> Iterator[str]:
    """The box."""
    paper = page.paper
    rows = lines(page)
    wide = max((_cells(row) for row in rows), default=0)
    turned = ", text turned" if paper.orientation == "sideways" else ""
    sheet = f", {paper.sheet.rows} x {paper.sheet.columns} on a page" if paper.sheet else ""
    yield f"{paper.name}: {paper.width_mm:g} x {paper.height_mm:g} mm{turned}{sheet}, {page.size:g} points"
    yield f"┌─{'─' * wide}─┐"
    for row in rows:
        yield f"│ {row}{' ' * (wide - _cells(row))} │"
    yield f"└─{'─' * wide}─┘"
    for problem in page.problems:
        yield f"× {problem}"
    for note in page.notes:
        yield f"! {note}"


def _cells(text: str) -> int:
    """Columns of a terminal: wide characters of East Asia take two, marks above letters none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
