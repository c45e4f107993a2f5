"""Which lines of a page of checks are shown, and how: uncut where one tap signs them; one row each where it does not."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final

import msgspec

from station.base.cells import cells
from station.base.words import tell
from station.domain.findings import Check, Outcome
from station.quality.sketches import small
from station.tui.drawing.checks import line_rows, wrong_cells
from station.tui.drawing.draw import Picture
from station.tui.drawing.words import OUTCOME_SYMBOLS

NUMBER: Final = 3
"""Cells for the number of a line."""
TEXT: Final = 24
"""Minimum cells of the text beside a picture."""
GAP: Final = 2
"""Cells between text and picture."""


class Others(Enum):
    """How the other lines are shown while one line is open for its reasons, best first."""

    WHOLE = "whole"
    ROW = "row"
    """One row each. They cannot be tapped."""
    GONE = "gone"


class PageLine(msgspec.Struct, frozen=True):
    """One line of a page of checks."""

    number: int
    check: Check
    rows: tuple[str, ...]
    brief: bool = False
    """One row that may be cut; not a target."""
    picture: Picture | None = None
    """Where the mark belongs; None = there is no drawing, or no room."""

    @property
    def height(self) -> int:
        """Rows of its text and its picture."""
        return max(len(self.rows), len(self.picture.rows) if self.picture is not None else 0)


class Room(msgspec.Struct, frozen=True):
    """The place for the lines of a page, in cells."""

    width: int
    rows: int
    target: int
    """Minimum rows of a line that can be tapped."""
    gap: int = 0
    """Blank rows between two lines."""
    joined: bool = False
    """What to compare with and what to look at follow each other in one paragraph."""
    most: int = 8
    """Maximum lines."""
    first: int = 1
    """Number of the first line."""
    tall: bool = False
    """The pictures have five rows, not three."""

    def height(self, lines: Sequence[PageLine]) -> int:
        """Return the rows that these lines take."""
        rows = (max(1 if line.brief or line.check.answer else self.target, line.height) for line in lines)
        return sum(rows) + self.gap * max(0, len(lines) - 1)

    def holds(self, lines: Sequence[PageLine]) -> bool:
        """True if these lines fit uncut."""
        return len(lines) <= self.most and self.height(lines) <= self.rows


def every_line(checks: Sequence[Check], room: Room, *, brief: bool = False) -> tuple[PageLine, ...]:
    """Return all lines of a page. `brief`: answered ones in one row."""
    return tuple(
        _line(at, check, room, brief=brief and check.answer is not None) for at, check in enumerate(checks, room.first)
    )


def lines_open(checks: Sequence[Check], room: Room, rule: str, others: Others, *, brief: bool) -> tuple[PageLine, ...]:
    """Return the lines while the line of `rule` is open for its reasons. `brief`: answered ones in one row."""
    return tuple(
        _line(
            at,
            check,
            room,
            brief=check.rule != rule and (others is Others.ROW or (brief and check.answer is not None)),
        )
        for at, check in enumerate(checks, room.first)
        if check.rule == rule or others is not Others.GONE
    )


def lines_that_fit(checks: Sequence[Check], room: Room, *, brief: bool) -> tuple[PageLine, ...]:
    """Return all lines if they fit uncut; else the failed ones, in one row each, and as many open ones as fit, at least
    one."""
    lines = every_line(checks, room, brief=brief)
    if room.holds(lines):
        return lines
    lines = every_line(checks, room, brief=True)
    shown = [line for line in lines if line.check.answer is not None and line.check.answer.outcome is Outcome.FAIL]
    open_ = [line for line in lines if line.check.answer is None]
    shown = [*shown, *open_[:1]]
    for line in open_[1:]:
        if not room.holds([*shown, line]):
            break
        shown.append(line)
    return tuple(sorted(shown, key=lambda line: line.number))


def _line(number: int, check: Check, room: Room, *, brief: bool) -> PageLine:
    if not brief:
        return _pictured(number, check, room)
    answer = check.answer
    if answer is not None and answer.outcome is Outcome.FAIL:
        row = f"{OUTCOME_SYMBOLS[Outcome.FAIL]} {tell(answer.said)}"
    else:
        row = line_rows(check, room.width - NUMBER)[0]
    return PageLine(number, check, (row,), brief=True)


def _pictured(number: int, check: Check, room: Room) -> PageLine:
    """Return a line with as many of its drawings as fit beside its text and cost no row, the most wanted first."""
    rows = line_rows(check, room.width - NUMBER, joined=room.joined)
    most = max(room.target, len(rows))
    for count in range(len(check.sketches), 0, -1):
        drawn = small(check.sketches[:count], tall=room.tall)
        begins = room.width - wrong_cells() - max(map(cells, drawn), default=0)
        text = begins - NUMBER - GAP
        beside = line_rows(check, text, joined=room.joined, end=False) if drawn and text >= TEXT else ()
        if beside and len(beside) <= most:
            return PageLine(number, check, beside, picture=Picture(drawn, begins))
    return PageLine(number, check, rows)
