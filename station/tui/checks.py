"""One check as a picture: the question, what to look at, what to compare with, and a drawing where there is room."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from station.model import Check, Snapshot
from station.text import as_drawn
from station.tui import draw
from station.tui.draw import BLANK, Lines
from station.tui.words import OUTCOME_SYMBOLS, OUTCOMES, SEVERITIES, say
from station.words import tell

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
        return draw.paragraph(tell("check.all-answered"), width, "bold")
    wanted = [say(line, "bold") for line in check.expectation.split("\n") if line.strip()]
    frame = min(width, max(PAPER_WIDTH, max((line.cell_length for line in wanted), default=0) + 4))
    if len(wanted) > height:  # in columns, none of them narrower than the longest line
        columns = -(-len(wanted) // max(1, height))
        frame = max(
            frame, min(width - 2 - _TEXT, columns * max(draw.COLUMN, max(line.cell_length for line in wanted) + 1) + 2)
        )
    beside = bool(wanted) and width - frame - 2 >= _TEXT
    left = width - frame - 2 if beside else width
    head = _head(snapshot, check)
    air = [BLANK] if beside or (not wanted and height > 4) else []
    question = draw.paragraph(check.question, left, "bold", 3)
    if check.looks and 1 + len(air) + len(question) >= height:
        air = []  # what to look at is worth more
    text = [head, *air, *question]
    looks = _looks(check, left, height - len(text))
    if not wanted:
        narrow = _beside_sketch(check, width, height)
        if not narrow:
            return [*text, *looks, *_below(check, width, height - len(text) - len(looks))]
        text = [head, *air, *draw.paragraph(check.question, narrow, "bold", 3)]
        return draw.beside([*text, *_looks(check, narrow, height - len(text))], drawing(check), narrow, 4)
    if beside:
        paper = draw.paper(wanted, frame, height, tell("check.compare"), PAPER)
        shown = [*text, *looks]
        below = _below(check, left, height - len(shown))
        return draw.beside([*shown, *below], paper, left)[: max(height, len(text))]
    room = height - len(text) - len(looks)
    if room < min(len(wanted), 3):
        looks, room = [], height - len(text)
    return [*text, *draw.paper(wanted, frame, max(1, room), tell("check.compare"), PAPER), *looks]


def _head(snapshot: Snapshot, check: Check) -> Content:
    head = Content.assemble(
        (tell("check.number", number=snapshot.current_check + 1, of=len(snapshot.checks)), "bold $key"),
        "  ",
        (SEVERITIES[check.severity], "$quiet"),
    )
    if check.answer is not None:
        outcome = check.answer.outcome
        said = tell("check.answered", outcome=OUTCOMES[outcome])
        head += Content.assemble("  ", (f"{OUTCOME_SYMBOLS[outcome]} {said}", "bold"))
    return head


def _looks(check: Check, width: int, room: int) -> Lines:
    """What to look at, a line each; on one line where there is little room."""
    if not check.looks or room < 1:
        return []
    each = [row for look in check.looks for row in draw.headed("•", "$key", look, width, 2)]
    if len(each) <= room:
        return each
    return draw.paragraph(tell("check.look", what="; ".join(check.looks)), width, "", room)


def _beside_sketch(check: Check, width: int, height: int) -> int:
    """Cells that the text has where the drawing stands beside it; 0 = it does not."""
    wide = _sketch_width(check)
    room = width - wide - 4
    return room if wide and room >= _TEXT and len(check.sketch) <= height else 0


def _below(check: Check, width: int, room: int) -> Lines:
    wide = _sketch_width(check)
    if not wide or wide > width or len(check.sketch) + 1 > room:
        return []
    return [BLANK, *drawing(check)]


def _sketch_width(check: Check) -> int:
    return max((Content(line).cell_length for line in check.sketch), default=0)


def drawing(check: Check) -> Lines:
    """The check's sketch, line by line."""
    # Blanks in front are part of the drawing, so that it is not cleaned as other text is.
    return [Content.styled(as_drawn(line), "$quiet") for line in check.sketch]
