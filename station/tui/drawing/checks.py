"""Drawing of one check: the question, what to look at, what to compare with, and a sketch if there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from station.base.text import as_drawn
from station.base.words import tell
from station.base.words.drawing import drawing as fitted
from station.domain.finding_words import reason_of
from station.domain.findings import Check, Outcome, page
from station.domain.snapshot import Phase, Snapshot
from station.quality.sketches import SKETCHES, WIDEST
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.shedding import Part
from station.tui.drawing.words import OUTCOME_SYMBOLS, SEVERITIES, safe, say

PAPER_WIDTH: Final = 22
PAPER: Final = "$paper-ink on $paper"
_PAPER: Final = (18, 28)
"""Minimum and maximum cells of the label beside a page of checks."""
_WRONG: Final = 2
"""Minimum cells between a line's first row and its "wrong >"."""
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


def signed_checks(snapshot: Snapshot) -> tuple[Check, ...]:
    """Return the checks among which the button of a page counts: those of the page; if each rule is a question of its own,
    those of all pages."""
    shown = page_checks(snapshot)
    return snapshot.checks if any(check.place for check in shown) else shown


def first_number(snapshot: Snapshot) -> int:
    """Return the number of the first line of the page among `signed_checks`."""
    shown = page_checks(snapshot)
    return signed_checks(snapshot).index(shown[0]) + 1 if shown else 1


def line_rows(check: Check, width: int, *, joined: bool = False) -> tuple[str, ...]:
    """Return the rows of a check on a page of several, uncut: what to compare with, then what else it signs for. The
    label has its own frame beside the lines. The first row leaves room for "wrong >". `joined`: in one paragraph."""
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
        rows += draw.paragraph(text, width) if rows else _first_short(safe(text), width)
    return tuple(row.plain for row in rows)


def _first_short(text: str, width: int) -> Lines:
    """Wrap text; its first row leaves room for "wrong >"."""
    first = draw.paragraph(text, width - _WRONG - say(tell("button.wrong")).cell_length)[:1]
    return [*first, *(line for row in first for line in draw.paragraph(text[len(row.plain) :].strip(), width))]


def is_label(check: Check) -> bool:
    """Return True if the check compares the spine label."""
    return any(cover.text for cover in check.covers)


def label_width(checks: Sequence[Check]) -> int:
    """Return the cells of the label's frame beside a page of checks: enough for spaced letters, within limits."""
    label = next((check for check in checks if is_label(check)), None)
    longest = max(map(len, tell(label.expectation).split("\n"))) if label is not None else 0
    return min(max(_PAPER[0], 2 * longest + 3), _PAPER[1])


def label_lines(check: Check, width: int, height: int, always: int) -> Lines:
    """Draw the label of a check as large as the room allows: spaced letters, or as entered, one row per line; with blank
    rows if they and the frame fit into the rows that it has `always`. Uncut: `label_of` tells whether it fits."""
    lines = label_of(check)
    spaced = [" ".join(line) for line in lines]
    if all(len(line) <= width - 4 for line in spaced):
        lines = spaced
    shown = [say(line, "bold") for line in lines]
    if 2 * len(shown) + 1 + 2 <= min(height, always):
        shown = [row for line in shown for row in (BLANK, line)] + [BLANK]
    return draw.paper(shown, width, height, tell("item.label"), PAPER)


def label_of(check: Check) -> list[str]:
    """Return the expected text line by line."""
    return [line for line in tell(check.expectation).split("\n") if line.strip()]


def check_lines(snapshot: Snapshot, width: int, left_out: frozenset[Part] = frozenset(), rule: str = "") -> Lines:
    """Draw the open check, uncut: its number, the question unless the band shows it, the expected text one row per line,
    what else to look at, and the sketch. `left_out`: parts that give way; `rule`: the check of the page that the
    operator tapped."""
    check = current_check(snapshot, rule)
    if check is None:
        return draw.paragraph(tell("check.all-answered"), width, "bold")
    wanted = _wanted(check, width)
    frame, beside, left = _measured(wanted, width)
    art = [] if Part.SKETCH in left_out else drawing(check)
    art_width = max((line.cell_length for line in art), default=0)
    art_beside = bool(art) and not wanted and width - art_width - 4 >= _TEXT
    if art_beside:
        left = width - art_width - 4
    text = [
        *([] if Part.NUMBER in left_out else [_head(snapshot, check)]),
        *([] if Part.BLANK in left_out or (wanted and not beside) else [BLANK]),
        *([] if in_band(snapshot, rule) else draw.paragraph(tell(check.question), left, "bold")),
    ]
    looks = _looks(check, left, rows=Part.BULLETS not in left_out)
    if art_beside:
        return draw.beside([*text, *looks], art, left, 4)
    below = [BLANK, *art] if art and art_width <= left else []
    if not wanted:
        return [*text, *looks, *below]
    paper = draw.label(wanted, frame, "" if Part.FRAME in left_out else tell("check.compare"), PAPER)
    return draw.beside([*text, *looks, *below], paper, left) if beside else [*text, *paper, *looks, *below]


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


def drawing(check: Check) -> Lines:
    """Return the check's sketch line by line."""
    # Leading blanks belong to the sketch, so it is not cleaned like other text.
    lines = fitted(f"sketch.{check.sketch}", SKETCHES.get(check.sketch, ""), WIDEST)
    return [Content.styled(as_drawn(line), "$quiet") for line in lines]


def sketches(lines: Sequence[tuple[int, Check]], width: int, height: int) -> Content:
    """Draw the sketches of these numbered lines of a page side by side, each below its number; only if all fit."""
    numbered = [(at, sketch) for at, check in lines if (sketch := drawing(check))]
    widths = [max(line.cell_length for line in sketch) for _, sketch in numbered]
    tallest = max((len(sketch) for _, sketch in numbered), default=0)
    if not numbered or sum(widths) + 4 * len(widths) > width or height < 2 + tallest:
        return BLANK
    drawn: Lines = []
    used = 0
    for (at, sketch), wide in zip(numbered, widths, strict=True):
        block = [BLANK, say(str(at), "bold $key"), *sketch]
        drawn = draw.beside(drawn, block, used - 4, 4) if drawn else block
        used += wide + 4
    return draw.stack(drawn, height)
