"""Drawing of one check: the question, what to look at, what to compare with, and a sketch if there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from station.base.text import as_drawn
from station.base.words import tell
from station.domain.findings import Check, Outcome, page
from station.domain.snapshot import Phase, Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.words import OUTCOME_SYMBOLS, SEVERITIES, safe, say

PAPER_WIDTH: Final = 22
PAPER: Final = "$paper-ink on $paper"
_PAPER: Final = (18, 28)
"""Minimum and maximum cells of the label beside a page of checks."""
_WRONG: Final = 12
"""Cells at the right end of a line's first row, for "wrong >"."""
_TEXT: Final = 30
"""Minimum cells of a question next to another block."""


def current_check(snapshot: Snapshot, rule: str = "") -> Check | None:
    """Return the check to be answered; None if all are answered. `rule`: the open check of the page that the operator
    tapped."""
    for check in page_checks(snapshot):
        if check.rule == rule and check.answer is None:
            return check
    index = snapshot.current_check
    return snapshot.checks[index] if 0 <= index < len(snapshot.checks) else None


def page_checks(snapshot: Snapshot) -> tuple[Check, ...]:
    """Return the checks of the current page, answered ones included; () if no check is open."""
    if snapshot.phase is not Phase.CHECKING or snapshot.fault is not None:
        return ()
    return tuple(snapshot.checks[at] for at in page(snapshot.checks, snapshot.current_check))


def line_rows(check: Check, width: int) -> tuple[str, ...]:
    """Return the rows of a check on a page of several, uncut: what to compare with, then what else it signs for. The
    label has its own frame beside the lines. The first row leaves room for "wrong >"."""
    compared = [] if is_label(check) else [line for line in check.expectation.split("\n") if line.strip()]
    covers = [one for one in check.covers if not (compared and one.shown)]
    signed = ", ".join(one.look or one.title for one in covers) or ("" if compared else check.question)
    reason = check.answer.reason if check.answer is not None else ""
    said = [*compared[:1], " · ".join(compared[1:]), signed[:1].upper() + signed[1:]]
    said += [f"{OUTCOME_SYMBOLS[Outcome.FAIL]} {reason}"] if reason else []
    rows: Lines = []
    for text in said:
        rows += draw.paragraph(text, width) if rows else _first_short(safe(text), width)
    return tuple(row.plain for row in rows)


def _first_short(text: str, width: int) -> Lines:
    """Wrap text; its first row leaves room for "wrong >"."""
    first = draw.paragraph(text, width - _WRONG)[:1]
    return [*first, *(line for row in first for line in draw.paragraph(text[len(row.plain) :].strip(), width))]


def is_label(check: Check) -> bool:
    """Return True if the check compares the spine label."""
    return any(cover.text for cover in check.covers)


def needed(snapshot: Snapshot, width: int, rule: str = "") -> int:
    """Return the rows that show the open check uncut: the expected text line by line, and everything that one tap
    answers. The question is not counted if the band shows it."""
    check = current_check(snapshot, rule)
    if check is None:
        return 1
    return _rows(check, width, 1 + (0 if _in_band(snapshot, rule) else len(_question(check, width))))


def label_width(checks: Sequence[Check]) -> int:
    """Return the cells of the label's frame beside a page of checks: enough for spaced letters, within limits."""
    label = next((check for check in checks if is_label(check)), None)
    longest = max(map(len, label.expectation.split("\n"))) if label is not None else 0
    return min(max(_PAPER[0], 2 * longest + 3), _PAPER[1])


def label_lines(check: Check, width: int, height: int) -> Lines:
    """Draw the label of a check as large as the room allows: spaced letters and blank rows, or as entered. Never in
    columns, and never reflowed."""
    lines = [line for line in check.expectation.split("\n") if line.strip()]
    spaced = [" ".join(line) for line in lines]
    if all(len(line) <= width - 4 for line in spaced):
        lines = spaced
    shown = [say(line, "bold") for line in lines]
    if 2 * len(shown) + 1 <= height:
        shown = [row for line in shown for row in (BLANK, line)] + [BLANK]
    return draw.paper(shown, width, max(height, len(shown)), tell("item.label"), PAPER)


def check_lines(snapshot: Snapshot, width: int, height: int, rule: str = "") -> Lines:
    """Draw the open check in `height` lines: the question, the expected text, then what else to look at. If there is
    little room, the sketch is dropped first, then a question that the band shows, then the check's number. `rule`: the
    check of the page that the operator tapped."""
    check = current_check(snapshot, rule)
    if check is None:
        return draw.paragraph(tell("check.all-answered"), width, "bold")
    wanted = _wanted(check, width)
    frame, beside, left = _measured(wanted, width)
    if len(wanted) > height:  # in columns, none narrower than the longest line
        columns = -(-len(wanted) // max(1, height))
        frame = max(
            frame, min(width - 2 - _TEXT, columns * max(draw.COLUMN, max(line.cell_length for line in wanted) + 1) + 2)
        )
        beside = width - frame - 2 >= _TEXT
        left = width - frame - 2 if beside else width
    head, question = [_head(snapshot, check)], _question(check, left)
    if _in_band(snapshot, rule) and _rows(check, width, 1 + len(question)) > height:
        question = []
        head = head if _rows(check, width, 1) <= height else []
    air = [BLANK] if beside or (not wanted and height > 4) else []
    if _rows(check, width, len(head) + len(air) + len(question)) > height:
        air = []  # drop the blank line: what to look at matters more
    text = [*head, *air, *question]
    looks = _looks(check, left, height - len(text))
    if not wanted:
        narrow = _beside_sketch(check, width, height)
        if not narrow:
            return [*text, *looks, *_below(check, width, height - len(text) - len(looks))]
        text = [*head, *air, *draw.paragraph(check.question, narrow, "bold", 3)]
        return draw.beside([*text, *_looks(check, narrow, height - len(text))], drawing(check), narrow, 4)
    if beside:
        paper = draw.paper(wanted, frame, height, tell("check.compare"), PAPER)
        shown = [*text, *looks]
        below = _below(check, left, height - len(shown))
        return draw.beside([*shown, *below], paper, left)[: max(height, len(text))]
    looks = _looks(check, left, height - len(text) - len(wanted)) or _looks(check, left, 1)
    room = height - len(text) - len(looks)
    if room < min(len(wanted), 3):
        looks, room = [], height - len(text)
    return [*text, *draw.paper(wanted, frame, max(1, room), tell("check.compare"), PAPER), *looks]


def _rows(check: Check, width: int, above: int) -> int:
    """Return the rows of the check below `above` rows, with nothing cut and nothing in columns."""
    wanted = _wanted(check, width)
    _frame, beside, left = _measured(wanted, width)
    text = above + (len(draw.paragraph(_look(check), left)) if check.looks else 0)
    return max(text, len(wanted)) if beside else text + len(wanted)


def _wanted(check: Check, width: int) -> Lines:
    """Return the expected text line by line; a line that is too wide continues in the next row."""
    lines = [line for line in check.expectation.split("\n") if line.strip()]
    return [row for line in lines for row in draw.listed(line, max(PAPER_WIDTH, width) - 4, "bold")]


def _measured(wanted: Lines, width: int) -> tuple[int, bool, int]:
    """Return (cells of the paper, True if it is next to the text, cells of the text)."""
    frame = min(width, max(PAPER_WIDTH, max((line.cell_length for line in wanted), default=0) + 4))
    beside = bool(wanted) and width - frame - 2 >= _TEXT
    return frame, beside, width - frame - 2 if beside else width


def _question(check: Check, width: int) -> Lines:
    return draw.paragraph(check.question, width, "bold", 3)


def _in_band(snapshot: Snapshot, rule: str) -> bool:
    """True if the band shows the open check's question."""
    if snapshot.state != Phase.CHECKING or snapshot.fault is not None:
        return False
    return bool(rule) or len(page_checks(snapshot)) < 2


def _head(snapshot: Snapshot, check: Check) -> Content:
    number = snapshot.checks.index(check) + 1
    return Content.assemble(
        (tell("check.number", number=number, of=len(snapshot.checks)), "bold $key"),
        "  ",
        (SEVERITIES[check.severity], "$quiet"),
    )


def _looks(check: Check, width: int, room: int) -> Lines:
    """Return what to look at, one row each; in a single paragraph if there is little room."""
    if not check.looks or room < 1:
        return []
    each = [row for look in check.looks for row in draw.headed("•", "$key", look, width, 2)]
    if len(each) <= room:
        return each
    return draw.paragraph(_look(check), width, "", room)


def _look(check: Check) -> str:
    return tell("check.look", what="; ".join(check.looks))


def _beside_sketch(check: Check, width: int, height: int) -> int:
    """Return the cells of the text if the sketch fits next to it, else 0."""
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
    """Return the check's sketch line by line."""
    # Leading blanks belong to the sketch, so it is not cleaned like other text.
    return [Content.styled(as_drawn(line), "$quiet") for line in check.sketch]


def sketches(checks: Sequence[Check], width: int, height: int) -> Content:
    """Draw the sketches of a page of checks side by side, each below its line's number; only if all of them fit."""
    numbered = [(at, check) for at, check in enumerate(checks, 1) if check.sketch]
    wide = sum(_sketch_width(check) + 4 for _, check in numbered)
    if not numbered or wide > width or height < 2 + max(len(check.sketch) for _, check in numbered):
        return BLANK
    lines: Lines = []
    used = 0
    for at, check in numbered:
        block = [BLANK, say(str(at), "bold $key"), *drawing(check)]
        lines = draw.beside(lines, block, used - 4, 4) if lines else block
        used += _sketch_width(check) + 4
    return draw.stack(lines, height)
