"""One check as a picture: the question, what to look at, what to compare with, and a drawing where there is room."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from station.model import Check, Snapshot
from station.tui import draw
from station.tui.draw import BLANK, Lines
from station.tui.words import OUTCOMES, SEVERITIES, say

PAPER_WIDTH: Final = 22
PAPER: Final = "$paper-ink on $paper"
_TEXT: Final = 30
"""Fewest cells that a question gets beside something else."""


def current_check(snapshot: Snapshot) -> Check | None:
    """The check to be answered; None when all are."""
    index = snapshot.current_check
    return snapshot.checks[index] if 0 <= index < len(snapshot.checks) else None


def check_lines(snapshot: Snapshot, width: int, height: int) -> Lines:
    """The check that is open, in `height` lines: question first, then what to compare with, then what else to look at; the
    drawing gives way before all of them."""
    check = current_check(snapshot)
    if check is None:
        return draw.paragraph("All checks are answered.", width, "bold")
    wanted = [say(line, "bold") for line in check.expectation.split("\n") if line.strip()]
    frame = min(width, max(PAPER_WIDTH, max((line.cell_length for line in wanted), default=0) + 4))
    beside = bool(wanted) and width - frame - 2 >= _TEXT
    left = width - frame - 2 if beside else width
    head = _head(snapshot, check)
    air = [BLANK] if beside or (not wanted and height > 4) else []
    text = [head, *air, *draw.paragraph(check.question, left, "bold", 3)]
    looks = _looks(check, left, height - len(text))
    if not wanted:
        return _with_sketch([*text, *looks], check, width, height)
    if beside:
        paper = draw.paper(wanted, frame, height, "compare with", PAPER)
        shown = [*text, *looks]
        below = _below(check, left, height - len(shown))
        return draw.beside([*shown, *below], paper, left)[: max(height, len(text))]
    room = height - len(text) - len(looks)
    if room < min(len(wanted), 3):
        looks, room = [], height - len(text)
    return [*text, *draw.paper(wanted, frame, max(1, room), "compare with", PAPER), *looks]


def _head(snapshot: Snapshot, check: Check) -> Content:
    head = Content.assemble(
        (f"Check {snapshot.current_check + 1} of {len(snapshot.checks)}", "bold $key"),
        "  ",
        (SEVERITIES[check.severity], "$quiet"),
    )
    if check.answer is not None:
        symbol, word = OUTCOMES[check.answer.outcome]
        head += Content.assemble("  ", (f"{symbol} answered: {word}", "bold"))
    return head


def _looks(check: Check, width: int, room: int) -> Lines:
    """What to look at, a line each; on one line where there is little room."""
    if not check.looks or room < 1:
        return []
    if len(check.looks) <= room:
        return [draw.one_line(Content.assemble(("• ", "$key"), say(look)), width) for look in check.looks]
    return draw.paragraph("Look: " + "; ".join(check.looks), width, "", room)


def _with_sketch(text: Lines, check: Check, width: int, height: int) -> Lines:
    """The drawing beside the text, where both fit; else below it; else none."""
    wide = _sketch_width(check)
    if not wide:
        return text
    if width - wide - 4 >= _TEXT and len(check.sketch) <= height:
        return draw.beside(text, _drawing(check), width - wide - 4, 4)
    return [*text, *_below(check, width, height - len(text))]


def _below(check: Check, width: int, room: int) -> Lines:
    wide = _sketch_width(check)
    if not wide or wide > width or len(check.sketch) + 1 > room:
        return []
    return [BLANK, *_drawing(check)]


def _sketch_width(check: Check) -> int:
    return max((Content(line).cell_length for line in check.sketch), default=0)


def _drawing(check: Check) -> Lines:
    # Blanks in front are part of the drawing, so that it is not cleaned as other text is.
    plain = ("".join(char for char in line if char.isprintable()) for line in check.sketch)
    return [Content.styled(line, "$quiet") for line in plain]
