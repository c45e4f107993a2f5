"""A pull list on paper, for the shelf: its open and its done lines in shelf order, with a box to tick and space to write.

Barcodes are text, not bars: a scan of the paper would say that the piece is at hand. Text from outside that is too long ends
with "…", a long call number takes more lines, and a barcode gets smaller letters. So no line keeps the list from being
printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from station.acquisitions.pull_lists import shelf_order
from station.base.text import clean
from station.base.words import tell
from station.domain.distribution.box import Site
from station.domain.distribution.packing import site_of
from station.domain.withdrawals.pull_list import PullListStanding, PullStanding
from station.printing.fonts import Fonts
from station.printing.layout import MM, Frame, Page, Text, ended, wrapped
from station.printing.paper import Paper

_BOX_MM: Final = 4.0
_GAP_MM: Final = 2.5
"""Space between columns, and above and below a line of the list."""
_FOOT_MM: Final = 4.0
"""From the lowest line to the number of the page."""
_SMALL: Final = 0.8
"""Font size of the list relative to the paper's."""
_SHARES: Final = (0.25, 0.37, 0.19, 0.19)
"""Widths of the columns relative to the space beside the box: call number, title and author, barcode, outcome."""
_MOST_LINES: Final = (6, 2, 1, 2)
_LONGEST: Final = 400
"""Characters of a text that are looked at."""


def pull_sheet(
    paper: Paper,
    fonts: Fonts,
    standing: PullListStanding,
    lines: Sequence[PullStanding],
    *,
    reason: str,
    destination: str,
    sites: Sequence[Site],
    day: str,
) -> tuple[Page, ...]:
    """Return the pages of a pull list. `lines`: those to print, in any order; `reason`, `destination`: their names; `day`: of
    printing (ISO 8601 date)."""
    head = [
        tell("print.pull.title", number=standing.id.removeprefix("pull-"), name=standing.name),
        *(
            f"{tell(key)}: {text}"
            for key, text in (
                ("withdrawal.head.reason", reason),
                ("withdrawal.head.destination", destination),
                ("withdrawal.head.approver", standing.approver),
                ("print.date", day),
            )
            if text
        ),
        tell("print.pull.lines", count=len(lines)),
    ]
    return _Sheets(paper, fonts, head).pages(lines, sites)


class _Sheets:
    """Fills one page after the other."""

    def __init__(self, paper: Paper, fonts: Fonts, head: Sequence[str]) -> None:
        """`head`: the title, and the facts under it."""
        self._paper = paper
        self._fonts = fonts
        self._head = head
        self._points = paper.size * _SMALL
        self._line_mm = self._points * MM * paper.spacing
        self._width = paper.across_mm - paper.left_mm - paper.right_mm
        self._pages: list[tuple[list[Text], list[Frame]]] = []
        self._top = 0.0
        left = paper.left_mm + _BOX_MM + _GAP_MM
        beside = paper.across_mm - paper.right_mm - left
        self._columns = [
            (left + beside * sum(_SHARES[:at]), beside * share - _GAP_MM) for at, share in enumerate(_SHARES)
        ]

    def pages(self, lines: Sequence[PullStanding], sites: Sequence[Site]) -> tuple[Page, ...]:
        """Return the pages, with their numbers."""
        self._begin()
        for place, of_place in groupby(shelf_order(lines), lambda line: _place(line, sites)):
            heading = place or tell("print.pull.no-place")
            for at, line in enumerate(of_place):
                cells = self._cells(line)
                high = max(map(len, cells)) * self._line_mm + _GAP_MM
                heading_mm = self._heading_mm if not at else 0.0
                if self._top + heading_mm + high > self._foot:
                    self._begin()
                    self._heading(heading)
                elif not at:
                    self._heading(heading)
                self._line(line, cells, high)
        return tuple(self._numbered())

    # --- parts of a page --------------------------------------------------------------------------------------------

    @property
    def _foot(self) -> float:
        return self._paper.down_mm - self._paper.bottom_mm

    @property
    def _heading_mm(self) -> float:
        return self._paper.size * MM * self._paper.spacing + _GAP_MM

    def _begin(self) -> None:
        """Begin a page with its head and the names of the columns."""
        self._pages.append(([], []))
        self._top = self._paper.top_mm
        title, *facts = self._head
        self._write([self._cut(self._printable(title), self._paper.size, self._width, bold=True)], self._paper.size)
        about = self._wrap(self._printable(". ".join(facts) + "."), self._points, self._width, most=3)
        self._write(about, self._points, bold=False)
        self._top += _GAP_MM
        heads = ("pull.head.call-number", "office.head.title", "office.head.barcode", "pull.head.outcome")
        for (left, room), key in zip(self._columns, heads, strict=True):
            self._put(left, self._top, self._cut(tell(key), self._points, room, bold=True), self._points, bold=True)
        self._top += self._line_mm
        self._frame(self._paper.left_mm, self._top, self._width, 0.0)
        self._top += _GAP_MM / 2

    def _heading(self, place: str) -> None:
        self._top += _GAP_MM / 2
        self._write([self._cut(self._printable(place), self._paper.size, self._width, bold=True)], self._paper.size)
        self._top += _GAP_MM / 2

    def _line(self, line: PullStanding, cells: Sequence[Sequence[str]], high: float) -> None:
        self._frame(self._paper.left_mm, self._top, _BOX_MM, _BOX_MM)
        for at, ((left, room), texts) in enumerate(zip(self._columns, cells, strict=True)):
            for row, text in enumerate(texts):
                points = self._fitting(text, room) if at == 2 else self._points
                self._put(left, self._top + row * self._line_mm, text, points, bold=at == 0)
        if line.to_look_for:
            left, room = self._columns[-1]
            self._frame(left, self._top + _BOX_MM, room, 0.0)
        self._top += high

    def _numbered(self) -> Iterator[Page]:
        for number, (texts, frames) in enumerate(self._pages, start=1):
            words = tell("print.box.page", page=number, pages=len(self._pages))
            foot = Text(self._paper.left_mm, self._foot + _FOOT_MM, self._points, words)
            yield Page(
                paper=self._paper,
                across=self._paper.across_mm,
                down=self._paper.down_mm,
                size=self._points,
                texts=(*texts, foot),
                frames=tuple(frames),
            )

    def _write(self, texts: Sequence[str], points: float, *, bold: bool = True) -> None:
        """Write lines over the whole width, and go below them."""
        for text in texts:
            self._put(self._paper.left_mm, self._top, text, points, bold=bold)
            self._top += points * MM * self._paper.spacing

    def _put(self, left: float, top: float, text: str, points: float, *, bold: bool) -> None:
        self._pages[-1][0].append(Text(left, top, points, text, bold))

    def _frame(self, left: float, top: float, width: float, height: float) -> None:
        self._pages[-1][1].append(Frame(left, top, width, height))

    # --- text -------------------------------------------------------------------------------------------------------

    def _cells(self, line: PullStanding) -> tuple[list[str], ...]:
        """Return the lines of each column."""
        content = line.content
        title = self._printable(content.title or content.line, tell("print.no-title"))
        author = self._printable(content.author, tell("print.no-author"))
        code = "recalled" if line.recalled else (line.outcome.value if line.outcome is not None else "")
        outcome = tell(f"pull.outcome.{code}") if code else ""
        texts = (self._printable(content.call_number), title, "", outcome)
        cells = [
            self._wrap(text, self._points, room, most, bold=not at)
            for at, (text, (_, room), most) in enumerate(zip(texts, self._columns, _MOST_LINES, strict=True))
        ]
        if author:
            cells[1].append(self._cut(author, self._points, self._columns[1][1]))
        cells[2] = [self._printable(content.barcode)]
        return tuple(cells)

    def _printable(self, text: str, fallback: str = "") -> str:
        """Return the text without what would do harm. If the fonts lack a letter: `fallback`, or "?" in its place."""
        text = clean(text, _LONGEST)
        missing = self._fonts.missing(text)
        if missing and fallback:
            return fallback
        return "".join("?" if char in missing else char for char in text)

    def _wrap(self, text: str, points: float, room: float, most: int, *, bold: bool = False) -> list[str]:
        """Return at most `most` lines that fit the width. A word that is too long is broken."""

        def width(text: str) -> float:
            return self._fonts.width(text, points, bold=bold) * MM

        lines: list[str] = []
        for line in wrapped(text, room, width):
            while width(line) > room and len(lines) < most:
                fits = max(1, len(ended(line, room, width)) - 1)
                lines.append(line[:fits])
                line = line[fits:]
            lines.append(line)
        if len(lines) > most:
            lines = [*lines[: most - 1], ended(lines[most - 1], room, width)]
        return lines

    def _cut(self, text: str, points: float, room: float, *, bold: bool = False) -> str:
        return next(iter(self._wrap(text, points, room, 1, bold=bold)), "")

    def _fitting(self, text: str, room: float) -> float:
        """Return the font size in which the text fits."""
        return self._points * min(1.0, room / (self._fonts.width(text, self._points) * MM)) if text else self._points


def _place(line: PullStanding, sites: Sequence[Site]) -> str:
    """Return the heading over a line: the site, its library and its location, each once."""
    content = line.content
    site = site_of(content.library, sites)
    texts = (site.heading if site is not None else "", content.library, content.location)
    return ", ".join(dict.fromkeys(text for text in texts if text))
