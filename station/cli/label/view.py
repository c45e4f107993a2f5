"""Label drawn in the terminal: its lines in a box, and the size of the stock."""

from __future__ import annotations

from collections.abc import Iterator

from station.base.cells import cells, filled
from station.base.words import tell
from station.printing.layout import Page
from station.printing.symbology import WORDS


def lines(page: Page) -> tuple[str, ...]:
    """Return the text of a label from top to bottom, with characters for the crossed box and the bars."""
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
    """Yield the label's size, the box, and the problems and notes."""
    paper = page.paper
    rows = lines(page)
    wide = max((cells(row) for row in rows), default=0)
    facts = [tell("label.size", width=f"{paper.width_mm:g}", height=f"{paper.height_mm:g}")]
    facts += [tell("label.turned")] if paper.orientation == "sideways" else []
    facts += [tell("label.sheet", rows=paper.sheet.rows, columns=paper.sheet.columns)] if paper.sheet else []
    facts.append(tell("label.points", points=f"{page.size:g}"))
    yield f"{paper.name}: {', '.join(facts)}"
    yield f"┌─{'─' * wide}─┐"
    for row in rows:
        yield f"│ {filled(row, wide)} │"
    yield f"└─{'─' * wide}─┘"
    for problem in page.problems:
        yield f"× {problem}"
    for note in page.notes:
        yield f"! {note}"
