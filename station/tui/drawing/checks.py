"""Drawing of one check: the question, what to look at, what to compare with, and a sketch if there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from station.base.cells import cells
from station.base.text import as_drawn
from station.base.words import tell
from station.base.words.drawing import drawing as fitted
from station.domain.finding_words import reason_of
from station.domain.findings import Check, Outcome, page
from station.domain.snapshot import Phase, Snapshot
from station.quality.sketches import SKETCHES, WIDEST, small
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.shedding import Part
from station.tui.drawing.words import OUTCOME_SYMBOLS, SEVERITIES, safe, say

PAPER_WIDTH: Final = 22
PAPER: Final = "$paper-ink on $paper"
_PAPER: Final = (18, 28)
"""Minimum and maximum cells of the label beside a page of checks."""
LABEL_FRAME: Final = 4
"""Cells of the label's frame on both sides."""
_WRONG: Final = 2
"""Minimum cells between a line's first row and its "wrong >"."""
_TEXT: Final = 30
"""Minimum cells of a question next to another block."""
_NARROW: Final = 24
"""Minimum cells of a question next to a small drawing."""


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


def signed_checks(snapshot: Snapshot) -> tuple[Check, ...]:
    """Return the checks among which the button of a page counts: those of the page; if each rule is a question of its own,
    those of all pages."""
    shown = page_checks(snapshot)
    return snapshot.checks if any(check.place for check in shown) else shown


def first_number(snapshot: Snapshot) -> int:
    """Return the number of the first line of the page among `signed_checks`."""
    shown = page_checks(snapshot)
    return signed_checks(snapshot).index(shown[0]) + 1 if shown else 1


def line_rows(check: Check, width: int, *, joined: bool = False, end: bool = True) -> tuple[str, ...]:
    """Return the rows of a check on a page of several, uncut: what to compare with, then what else it signs for. The
    label has its own frame beside the lines. `joined`: in one paragraph; `end`: the first row leaves room for "wrong >".
    """
    compared = [] if is_label(check) else [line for line in tell(check.expectation).split("\n") if line.strip()]
    covers = [cover for cover in check.covers if not (compared and cover.shown)]
    signed = ", ".join(tell(cover.words) for cover in covers) or ("" if compared else tell(check.question))
    signed = tell(check.question) if check.place else signed
    signed = signed[:1].upper() + signed[1:]
    reason = tell(reason_of(check.answer.reason)) if check.answer is not None else ""
    texts = [*compared[:1], " · ".join(compared[1:]), "" if signed in compared else signed]
    texts = [" · ".join(text for text in texts if text)] if joined else texts
    texts += [f"{OUTCOME_SYMBOLS[Outcome.FAIL]} {reason}"] if reason else []
    rows: Lines = []
    for text in texts:
        rows += draw.paragraph(text, width) if rows or not end else _first_short(safe(text), width)
    return tuple(row.plain for row in rows)


def _first_short(text: str, width: int) -> Lines:
    """Wrap text; its first row leaves room for "wrong >"."""
    first = draw.paragraph(text, width - wrong_cells())[:1]
    return [*first, *(line for row in first for line in draw.paragraph(text[len(row.plain) :].strip(), width))]


def wrong_cells() -> int:
    """Return the cells of "wrong >" and before it."""
    return _WRONG + say(tell("button.wrong")).cell_length


def is_label(check: Check) -> bool:
    """Return True if the check compares the spine label."""
    return any(cover.text for cover in check.covers)


def label_width(checks: Sequence[Check]) -> int:
    """Return the cells of the label's frame beside a page of checks: enough for its longest line, within limits."""
    label = next((check for check in checks if is_label(check)), None)
    longest = max(map(cells, paper_lines(label)), default=0) if label is not None else 0
    return min(max(_PAPER[0], longest + LABEL_FRAME), _PAPER[1])


def label_lines(check: Check, width: int, height: int) -> Lines:
    """Draw the label of a check, line by line as it is printed. Uncut: `paper_lines` tells whether it fits."""
    return draw.paper([say(line, "bold") for line in paper_lines(check)], width, height, tell("item.label"), PAPER)


def label_of(check: Check) -> list[str]:
    """Return the expected text line by line."""
    return [line for line in tell(check.expectation).split("\n") if line.strip()]


def paper_lines(check: Check) -> list[str]:
    """Return the rows beside a page of checks: the lines of the label whole, and what the station says about the label
    wrapped to the widest frame."""
    expectation = check.expectation
    parts = expectation.values.get("parts")
    rows: list[str] = []
    for part in parts if isinstance(parts, tuple) else (expectation,):
        lines = [line for line in tell(part).split("\n") if line.strip()]
        if part.text is None:
            lines = [row.plain for line in lines for row in draw.paragraph(line, _PAPER[1] - LABEL_FRAME)]
        rows += lines
    return rows


def check_lines(snapshot: Snapshot, width: int, left_out: frozenset[Part] = frozenset(), rule: str = "") -> Lines:
    """Draw the open check, uncut: its number, the question unless the band shows it, the expected text one row per line,
    what else to look at, and its drawings. `left_out`: parts that give way; `rule`: the check of the page that the
    operator tapped."""
    check = current_check(snapshot, rule)
    if check is None:
        return draw.paragraph(tell("check.all-answered"), width, "bold")
    wanted = _wanted(check, width)
    frame, beside, left = _measured(wanted, width)
    paper = draw.label(wanted, frame, "" if Part.FRAME in left_out else tell("check.compare"), PAPER) if wanted else []
    blank = [] if Part.BLANK in left_out or (wanted and not beside) else [BLANK]

    def text(cells: int) -> tuple[Lines, Lines]:
        """Return what stands above the expected text, and below it."""
        number = [] if Part.NUMBER in left_out else [_head(snapshot, check)]
        question = [] if in_band(snapshot, rule) else draw.paragraph(tell(check.question), cells, "bold")
        return [*number, *blank, *question], _looks(check, cells, rows=Part.BULLETS not in left_out)

    head, looks = text(left)
    if Part.SKETCH in left_out:
        art: Lines = []
        for count in range(len(check.sketches) if beside or not wanted else 0, 0, -1):
            art = [Content.styled(row, "$quiet") for row in small(check.sketches[:count], tall=False)]
            narrow = left - _cells(art) - 4
            rows = draw.beside([row for part in text(narrow) for row in part], art, narrow, 4)
            if art and narrow >= _NARROW and len(rows) <= max(len(head) + len(looks), len(paper)):
                return draw.beside(rows, paper, left) if beside else rows
        art = []
    else:
        art = drawing(check, max(WIDEST, width - _TEXT - 4))
        narrow = width - _cells(art) - 4
        if art and not wanted and narrow >= _TEXT:
            return draw.beside([row for part in text(narrow) for row in part], art, narrow, 4)
    below = [BLANK, *art] if art and _cells(art) <= left else []
    if beside or not wanted:
        rows = [*head, *looks, *below]
        return draw.beside(rows, paper, left) if beside else rows
    return [*head, *paper, *looks, *below]


def _wanted(check: Check, width: int) -> Lines:
    """Return the expected text line by line; a line that is wider than the screen continues in the next row."""
    return [row for line in label_of(check) for row in draw.listed(line, max(PAPER_WIDTH, width) - 4, "bold")]


def _measured(wanted: Lines, width: int) -> tuple[int, bool, int]:
    """Return (cells of the paper, True if it is next to the text, cells of the text)."""
    frame = min(width, max(PAPER_WIDTH, max((line.cell_length for line in wanted), default=0) + 4))
    beside = bool(wanted) and width - frame - 2 >= _TEXT
    return frame, beside, width - frame - 2 if beside else width


def in_band(snapshot: Snapshot, rule: str) -> bool:
    """True if the band shows the open check's question, so that no other part does."""
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


def _looks(check: Check, width: int, *, rows: bool) -> Lines:
    """Return what to look at, one row each, or in a single paragraph."""
    if rows:
        return [row for look in check.looks for row in draw.headed("•", "$key", tell(look), width, 2)]
    return draw.paragraph(tell("check.look", what="; ".join(map(tell, check.looks))), width) if check.looks else []


def drawing(check: Check, width: int) -> Lines:
    """Return the check's drawings side by side, line by line: as many as fit into the width, the most wanted first."""
    drawn: Lines = []
    for name in check.sketches:
        lines = fitted(f"sketch.{name}", SKETCHES.get(name, ""), WIDEST)
        # Leading blanks belong to the sketch, so it is not cleaned like other text.
        block = [Content.styled(as_drawn(line), "$quiet") for line in lines]
        used = _cells(drawn)
        if drawn and used + 4 + _cells(block) > width:
            break
        drawn = draw.beside(drawn, block, used, 4) if drawn else block
    return drawn


def _cells(lines: Lines) -> int:
    return max((line.cell_length for line in lines), default=0)
