"""Drawings of figures as SVG, for pages and for files. Each is a picture with a sentence as its name; the colors are
those of its surroundings, and signals differ in shape and word, not only in color.

A page's stylesheet paints the classes. A file of its own is painted.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

import msgspec

from station.base.local_time import local_day
from station.base.text import clean
from station.base.words import tell
from station.base.words.times import date_words
from station.quality.statistics.figures import Chart, Point, Share, Where

MOST_POINTS: Final = 60
"""Points of a chart: the newest."""
MOST_ROWS: Final = 20
"""Rows of bars."""
_PAINT: Final = {
    'class="line limit"': 'fill="none" stroke="#a33" stroke-dasharray="5 4"',
    'class="line mean"': 'fill="none" stroke="#444"',
    'class="line shares"': 'fill="none" stroke="#036"',
    'class="point"': 'fill="#036"',
    'class="signal"': 'fill="#a33" font-weight="bold"',
}
"""What a file has in place of classes. A text cannot contain these words: its quotation marks are escaped."""
SIGNS: Final = {Where.INSIDE: "●", Where.ABOVE: "▲", Where.BELOW: "▼"}
_WIDTH: Final = 480
_NAME: Final = 20
"""Characters of a name beside a bar."""


class Drawing(str):
    """SVG without text that is not escaped: a template shows it as it is."""

    __slots__ = ()


class Bar(msgspec.Struct, frozen=True):
    """A row of a bar chart. Shares are of the whole width."""

    name: str
    share: float
    words: str


def escaped(text: str) -> str:
    """Return a text as it may stand in SVG."""
    return html.escape(clean(text), quote=True)


def where_words(where: Where) -> str:
    """Return the position of a point relative to its limits; "" = inside."""
    return "" if where is Where.INSIDE else tell(f"figures.{where.value}")


def p_chart(chart: Chart, name: str) -> Drawing:
    """Return the shares of bad items of consecutive groups, with their mean and limits."""
    return _svg(name, 200, _p_chart(chart))


def file_of(charts: Sequence[tuple[Chart | None, str, Sequence[str]]], title: str) -> str:
    """Return one picture with these charts below each other: each with its name and its notes."""
    parts, at = [f'<text x="10" y="24" font-size="16">{escaped(title)}</text>'], 44
    for chart, name, notes in charts:
        for line in (name, *notes):
            parts.append(f'<text x="10" y="{at + 12}">{escaped(line)}</text>')
            at += 18
        if chart is not None:
            parts.append(f'<g transform="translate(10,{at})">{_p_chart(chart)}</g>')
            at += 220
    drawn = "".join(parts)
    for kind, paint in _PAINT.items():
        drawn = drawn.replace(kind, paint)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * (_WIDTH + 20)}" height="{2 * at}" '  # not for people
        f'viewBox="0 0 {_WIDTH + 20} {at}" font-family="sans-serif" font-size="13">'  # not for people
        f'<rect width="100%" height="100%" fill="#fff"/>{drawn}</svg>\n'  # not for people
    )


def intervals(figures: Sequence[tuple[str, Share]], name: str) -> Drawing:
    """Return one row for each figure: its share as a point, on the interval that contains the true share. Where nothing
    was looked at, the row has no point."""
    rows = figures[:MOST_ROWS]
    most = max((share.high for _, share in rows if share.of), default=1.0) or 1.0
    drawn = []
    for number, (label, share) in enumerate(rows):
        y = 16 + 26 * number
        drawn.append(f'<text x="0" y="{y + 4}">{escaped(_short(label))}</text>')
        if not share.of:
            drawn.append(f'<text class="quiet" x="190" y="{y + 4}">{escaped(tell("figures.none-looked-at"))}</text>')
            continue
        low, high, point = (
            round(190 + part / most * 200, 1) for part in (share.low, share.high, share.found / share.of)
        )
        drawn.append(f'<path class="line" d="M{low} {y - 5}v10M{high} {y - 5}v10M{low} {y}H{high}"/>')
        drawn.append(f'<circle class="point" cx="{point}" cy="{y}" r="4"/>')
        percent = tell("figures.percent", percent=f"{100 * share.found / share.of:.1f}")
        drawn.append(f'<text x="{_WIDTH}" y="{y + 4}" text-anchor="end">{escaped(percent)}</text>')
    return _svg(name, 26 * len(rows) + 8, "".join(drawn))


def bars(rows: Sequence[Bar], name: str) -> Drawing:
    """Return one bar for each row, with its words at the right."""
    drawn = []
    for number, bar in enumerate(rows[:MOST_ROWS]):
        y = 16 + 26 * number
        drawn.append(f'<text x="0" y="{y + 4}">{escaped(_short(bar.name))}</text>')
        drawn.append(f'<rect class="bar" x="190" y="{y - 8}" width="{max(1.0, 180 * bar.share):.1f}" height="16"/>')
        drawn.append(f'<text x="{_WIDTH}" y="{y + 4}" text-anchor="end">{escaped(bar.words)}</text>')
    return _svg(name, 26 * len(rows[:MOST_ROWS]) + 8, "".join(drawn))


def pace(counts: Sequence[int], name: str) -> Drawing:
    """Return one column for each step of the last hour."""
    most = max(counts, default=0) or 1
    drawn = "".join(
        f'<rect class="bar" x="{16 * number}" y="{round(32 - 30 * count / most, 1)}" width="12" '
        f'height="{max(1.0, round(30 * count / most, 1))}"/>'
        for number, count in enumerate(counts)
    )
    return _svg(name, 34, drawn, width=16 * max(1, len(counts)))


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _svg(name: str, high: int, drawn: str, width: int = _WIDTH) -> Drawing:
    return Drawing(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="{escaped(name)}" '
        f'viewBox="-2 0 {width + 4} {high}">{drawn}</svg>'
    )


def _p_chart(chart: Chart) -> str:
    points = chart.points[-MOST_POINTS:]
    most = max(max(point.upper, point.group.bad) / point.group.looked for point in points) or 1.0
    top, bottom, left, right = 14, 168, 56, _WIDTH - 100
    step = (right - left) / max(1, len(points) - 1)

    def at(number: int, share: float) -> tuple[float, float]:
        return round(left + number * step, 1), round(bottom - share / most * (bottom - top), 1)

    def line(values: Sequence[float], kind: str, words: str = "") -> str:
        places = [at(number, value) for number, value in enumerate(values)]
        x, y = places[-1]
        beside = f'<text x="{x + 8}" y="{y + 4}">{escaped(words)}</text>' if words else ""
        return f'<polyline class="line {kind}" points="{" ".join(f"{x},{y}" for x, y in places)}"/>{beside}'

    axis = (tell("figures.percent", percent=f"{100 * most:.1f}"), tell("figures.percent", percent="0"))
    drawn = [f'<text x="0" y="{top + 4}">{axis[0]}</text><text x="0" y="{bottom + 4}">{axis[1]}</text>']
    first, last = (date_words(local_day(at)) for at in (points[0].group.first_at, points[-1].group.last_at))
    drawn.append(f'<text x="{left}" y="{bottom + 24}">{first}</text>')
    drawn.append(f'<text x="{right}" y="{bottom + 24}" text-anchor="end">{last}</text>')
    if chart.needed:
        mean = tell("figures.mean", percent=f"{100 * chart.center:.1f}")
        drawn.append(line([chart.center] * len(points), "mean", mean))
        drawn.append(line([point.upper / point.group.looked for point in points], "limit", tell("figures.limit")))
        if any(point.lower for point in points):
            drawn.append(line([point.lower / point.group.looked for point in points], "limit"))
    drawn.append(line([point.group.bad / point.group.looked for point in points], "shares"))
    drawn += [_mark(point, *at(number, point.group.bad / point.group.looked)) for number, point in enumerate(points)]
    return "".join(drawn)


def _mark(point: Point, x: float, y: float) -> str:
    group = point.group
    words = tell(
        "figures.mark",
        first=local_day(group.first_at),
        last=local_day(group.last_at),
        bad=group.bad,
        looked=group.looked,
        where=where_words(point.where),
    )
    title = f"<title>{escaped(words)}</title>"
    if point.where is Where.INSIDE:
        return f'<circle class="point" cx="{x}" cy="{y}" r="3">{title}</circle>'
    return f'<text class="signal" x="{x - 6}" y="{y + 5}">{SIGNS[point.where]}{title}</text>'
