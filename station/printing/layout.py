"""Layout of a label on its paper: position and size of each line, and what does not fit. No drawing.

Width is measured with the font's metrics, not in characters. Text that does not fit is never cut silently. It may
shrink as far as the paper allows (`shrink_to`), and a title may end with "…"; a note then reports it. Anything else is
a problem.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from typing import Final, Literal

import msgspec

from station.base.text import clean
from station.base.words import tell
from station.printing import symbology
from station.printing.content import Content, Row
from station.printing.fonts import Fonts, describe
from station.printing.paper import MM_PER_INCH, POINTS_PER_INCH, Paper, Symbology
from station.printing.qr import qr_modules

Format = Literal["pdf", "zpl"]
MM: Final = MM_PER_INCH / POINTS_PER_INCH
"""Millimeters per point."""
_STEP: Final = 0.5
_GROWTH: Final = 0.25
"""Step in which a row grows, relative to the paper's font size."""
_LONGEST: Final = 2000
_QR_MODULE_MM: Final = 0.375
"""Smallest width of a module of a QR code in millimeters: three dots of a 203 dpi printer."""
_SIGN_SCALE: Final = 3.0
_VALUE_POINTS: Final = 8.0
"""Largest font size of the text below a barcode, in points."""
_VALUE_GAP_MM: Final = 0.6
"""Space between the bars and the text below them, in millimeters."""
_MOST_QR_DOTS: Final = 10
"""Most dots of a module; larger modules do not improve reading."""
_NAMED: Final = 3
"""Number of characters that a message names; it counts the others."""
_NARROWER_MM: Final = 0.05
"""Tolerance in millimeters: a message rounds lengths."""


class Text(msgspec.Struct, frozen=True):
    """A line of text. `x`, `y`: upper left corner of the text's box, in millimeters from the label's corner."""

    x: float
    y: float
    size: float
    text: str
    bold: bool = False


class Bars(msgspec.Struct, frozen=True):
    """A barcode without its quiet zones."""

    x: float
    y: float
    width: float
    height: float
    symbology: Symbology
    value: str
    module_mm: float
    ratio: float
    """Ratio of wide to narrow bars."""


class Sign(msgspec.Struct, frozen=True):
    """A crossed box."""

    x: float
    y: float
    side: float


class Frame(msgspec.Struct, frozen=True):
    """A thin empty box, for a tick; of height 0 a line. Only PDF has it."""

    x: float
    y: float
    width: float
    height: float


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One label, ready to be drawn. `across` and `down` follow the reading direction: they are swapped for sideways
    paper."""

    paper: Paper
    across: float
    down: float
    size: float
    texts: tuple[Text, ...] = ()
    bars: Bars | None = None
    sign: Sign | None = None
    frames: tuple[Frame, ...] = ()
    problems: tuple[str, ...] = ()
    """Reasons why the label cannot be printed; empty = it can."""
    notes: tuple[str, ...] = ()
    """Changes that were made so that it fits."""


class _Set(msgspec.Struct):
    """Rows laid out in one size."""

    lines: list[tuple[Row, str]] = []
    problems: list[str] = []
    notes: list[str] = []


class Setter:
    """Lays out labels on one paper."""

    def __init__(self, paper: Paper, fonts: Fonts, site: Symbology) -> None:
        self._paper = paper
        self._fonts = fonts
        self._symbology: Symbology | None = (
            None if paper.barcode == "none" else site if paper.barcode == "site" else paper.barcode
        )
        self._width = paper.across_mm - paper.left_mm - paper.right_mm

    def page(self, content: Content) -> Page:
        """Lay out a label."""
        paper = self._paper
        rows, problems, notes = self._printable(content)
        notes[:0] = [content.note] if content.note else []
        bars, value, below = self._bars(content.barcode, problems)
        if not (rows or bars or problems):
            problems.append(tell("print.nothing"))
        room = paper.down_mm - paper.top_mm - paper.bottom_mm - below
        sign_mm = paper.size * MM * _SIGN_SCALE if content.sign else 0.0
        room -= sign_mm * paper.spacing
        size, found = self._fit(rows, room)
        problems += found.problems
        if size < paper.size:
            notes.append(tell("print.smaller", points=f"{size:g}", before=f"{paper.size:g}"))
        notes += found.notes
        top = paper.top_mm
        texts: list[Text] = []
        sign = None
        if content.sign:
            side = sign_mm
            sign = Sign(paper.left_mm, top, side)
            texts.append(Text(paper.left_mm + side * 1.3, top, paper.size * _SIGN_SCALE, content.sign, True))
            top += side * paper.spacing
        above: Row | None = None
        for row, line in found.lines:
            points = size * row.scale
            top += 0.0 if row is above else size * row.gap * MM
            above = row
            texts.append(Text(self._left(line, points, row), top, points, line, self._bold(row)))
            top += points * MM * paper.spacing
        if bars is not None and value is not None:
            texts.append(value)
        return Page(
            paper=paper,
            across=paper.across_mm,
            down=paper.down_mm,
            size=size,
            texts=tuple(texts),
            bars=bars,
            sign=sign,
            problems=tuple(problems),
            notes=tuple(dict.fromkeys(notes)),
        )

    # --- text -------------------------------------------------------------------------------------------------------

    def _printable(self, content: Content) -> tuple[list[Row], list[str], list[str]]:
        """Return the printable rows, problems, and notes."""
        rows: list[Row] = []
        problems: list[str] = []
        notes: list[str] = []
        for raw in content.rows:
            row = msgspec.structs.replace(raw, text=clean(raw.text, _LONGEST))
            bad = self._missing(row.text)
            if not bad:
                rows += [self._grown(row)] if row.text else []
                continue
            named = ", ".join(describe(char) for char in bad[:_NAMED])
            if bad[_NAMED:]:
                named = tell("print.and-more", named=named, count=len(bad) - _NAMED)
            if row.fallback and not self._missing(row.fallback):
                rows.append(self._grown(msgspec.structs.replace(row, text=row.fallback)))
                notes.append(tell("print.instead", what=row.what, named=named, text=row.fallback))
            else:
                problems.append(tell("print.characters", what=row.what, named=named))
        return rows, problems, notes

    def _grown(self, row: Row) -> Row:
        """Return the row in its largest size in which its lines fit the width."""
        steps = int((row.grow - row.scale) / _GROWTH) if row.grow else 0
        for step in range(steps, 0, -1):
            larger = msgspec.structs.replace(row, scale=row.scale + step * _GROWTH)
            points = self._paper.size * larger.scale
            lines = self._broken(larger, self._paper.size)
            widest = max(self._measure(line, points, self._bold(row)) for line in lines)
            if len(lines) <= row.wrap and widest <= self._width:
                return larger
        return row

    def _missing(self, text: str) -> tuple[str, ...]:
        return self._fonts.missing(text)

    def _measure(self, text: str, points: float, bold: bool) -> float:
        """Return the width in millimeters."""
        return self._fonts.width(text, points, bold=bold) * MM

    def _bold(self, row: Row) -> bool:
        return row.bold or self._paper.weight == "bold"

    def _left(self, line: str, points: float, row: Row) -> float:
        paper = self._paper
        if paper.align == "left":
            return paper.left_mm
        return paper.left_mm + max(0.0, (self._width - self._measure(line, points, self._bold(row))) / 2)

    def _fit(self, rows: list[Row], room: float) -> tuple[float, _Set]:
        """Return the largest size in which everything fits, with titles cut if necessary; else the paper's own size
        with the problems."""
        paper = self._paper
        steps = int((paper.size - paper.shrink_to) / _STEP) if paper.shrink_to else 0
        sizes = [paper.size - _STEP * step for step in range(steps + 1)]
        broken = cache(lambda size: [self._broken(row, size) for row in rows])
        # If a title must be cut at every size, the rest need not be small.
        for cutting in (False, True):
            for size in sizes:
                found = self._set(rows, broken(size), size, room, cutting=cutting)
                if not found.problems:
                    return size, found
        return paper.size, self._set(rows, broken(paper.size), paper.size, room, cutting=True)

    def _broken(self, row: Row, size: float) -> list[str]:
        """Return the lines into which a row is wrapped."""
        if row.wrap == 1:
            return [row.text]
        return wrapped(row.text, self._width, lambda text: self._measure(text, size * row.scale, self._bold(row)))

    def _set(self, rows: list[Row], broken: list[list[str]], size: float, room: float, *, cutting: bool) -> _Set:
        """Lay out all rows in one size. If `cutting`, rows that may be cut are shortened, from the last to the
        first."""
        allowed = [row.wrap for row in rows]
        while True:
            found = self._lines(rows, broken, size, allowed, cutting=cutting)
            need = sum(size * row.scale * MM * self._paper.spacing for row, _ in found.lines)
            need += sum(size * row.gap * MM for row in rows)
            over = need > room + _NARROWER_MM
            if not over and len(found.lines) <= self._paper.lines:
                return found
            taken = [sum(row is each for row, _ in found.lines) for each in rows]
            give = [at for at, row in enumerate(rows) if cutting and row.cut and taken[at] > 1]
            if give:
                allowed[give[-1]] = taken[give[-1]] - 1
                continue
            if len(found.lines) > self._paper.lines:
                found.problems.append(tell("print.too-many-lines", count=len(found.lines), most=self._paper.lines))
            if over:
                found.problems.append(
                    tell(
                        "print.too-high",
                        count=len(found.lines),
                        points=f"{size:g}",
                        need=f"{need:.1f}",
                        room=f"{max(room, 0):.1f}",
                    )
                )
            return found

    def _lines(
        self, rows: list[Row], broken: list[list[str]], size: float, allowed: list[int], *, cutting: bool
    ) -> _Set:
        found = _Set(lines=[], problems=[], notes=[])
        for row, lines, most in zip(rows, broken, allowed, strict=True):
            points = size * row.scale

            def width(text: str, points: float = points, row: Row = row) -> float:
                return self._measure(text, points, self._bold(row))

            if cutting and row.cut:
                short = _shortened(lines, most, self._width, width)
                if short != lines:
                    found.notes.append(tell("print.cut", what=row.what))
                lines = short
            elif len(lines) > row.wrap:
                found.problems.append(tell("print.needs-lines", what=row.what, count=len(lines), most=row.wrap))
            for line in lines:
                wide = width(line)
                if wide > self._width + _NARROWER_MM:
                    found.problems.append(
                        tell(
                            "print.too-wide",
                            what=row.what,
                            line=line,
                            need=f"{wide:.1f}",
                            points=f"{points:g}",
                            room=f"{self._width:.1f}",
                        )
                    )
                found.lines.append((row, line))
        return found

    # --- bars -------------------------------------------------------------------------------------------------------

    def _bars(self, barcode: str, problems: list[str]) -> tuple[Bars | None, Text | None, float]:
        """Return the bars at the bottom of the label, the text below them, and the height of both."""
        kind, paper = self._symbology, self._paper
        if kind is None or not barcode:
            return None, None, 0.0
        reason = symbology.problem(kind, barcode)
        if reason:
            problems.append(reason)
            return None, None, 0.0
        dots = paper.module_dots if kind != "qr" else self._qr_dots(barcode)
        module = dots / paper.dots_per_mm
        # Wide bars are whole dots, too.
        ratio = min(3.0, max(2.0, round(paper.ratio * dots) / dots))
        if kind == "qr":
            width = height = qr_modules(barcode) * module
            quiet = symbology.QR_QUIET * module
        else:
            width, height = symbology.modules(kind, barcode, ratio) * module, paper.bar_height_mm
            quiet = symbology.LINEAR_QUIET * module
        if width + 2 * quiet > paper.across_mm + _NARROWER_MM:
            problems.append(
                tell(
                    "print.bars-too-wide",
                    kind=symbology.WORDS[kind],
                    barcode=barcode,
                    need=f"{width + 2 * quiet:.1f}",
                    room=f"{paper.across_mm:.1f}",
                )
            )
        points = min(paper.size, _VALUE_POINTS)
        text_mm = points * MM + _VALUE_GAP_MM
        foot = paper.down_mm - paper.bottom_mm
        # Aligned to whole dots, so that no bar becomes a dot wider than another.
        x, y = (
            int(edge * paper.dots_per_mm) / paper.dots_per_mm
            for edge in ((paper.across_mm - width) / 2, foot - text_mm - height)
        )
        bars = Bars(x, y, width, height, kind, barcode, module, ratio)
        wide = self._measure(barcode, points, False)
        value = Text(
            max(paper.left_mm, (paper.across_mm - wide) / 2),
            foot - text_mm + _VALUE_GAP_MM,
            points,
            barcode,
        )
        gap = quiet if kind == "qr" else MM * paper.size * 0.3
        return bars, value, height + text_mm + gap

    def _qr_dots(self, value: str) -> int:
        """Return the dots per module: as many as the bar height allows, but at least as many as a scanner needs."""
        paper = self._paper
        per_mm = paper.dots_per_mm
        fitting = int(paper.bar_height_mm * per_mm / qr_modules(value))
        return min(max(fitting, round(_QR_MODULE_MM * per_mm)), _MOST_QR_DOTS)


def wrapped(text: str, room: float, width: Callable[[str], float]) -> list[str]:
    """Wrap text at spaces."""
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}") <= room:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def _shortened(lines: list[str], most: int, room: float, width: Callable[[str], float]) -> list[str]:
    """Return at most `most` lines, none wider than `room`. Omitted text is marked with "…"."""
    kept: list[str] = []
    for line in lines[:most]:
        kept.append(line)
        if width(line) > room:
            kept[-1] = ended(line, room, width)
            return kept
    if len(lines) > most and kept:
        kept[-1] = ended(kept[-1], room, width)
    return kept


def ended(line: str, room: float, width: Callable[[str], float]) -> str:
    """Return as much of the line as fits, with "…". Found by bisection, because a line can hold a thousand
    characters."""
    if width(f"{line}…") <= room:
        return f"{line}…"
    most = bisect_right(range(1, len(line)), room, key=lambda count: width(f"{line[:count].rstrip()}…"))
    return f"{line[:most].rstrip()}…"
