"""The statistics as lines, as CSV rows and as an SVG picture. Nothing is counted here; shares are never shown without
an interval.

Names of workers appear in the terminal only; files hold their ids.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from station.base.cells import table
from station.base.local_time import local_day
from station.base.spreadsheet import Cell
from station.base.text import clean
from station.base.words import tell
from station.quality.statistics.figures import Chart, Figure, Point, Share, Where

_escaped: Final = partial(html.escape, quote=False)
_WIDTH: Final = 44
_SIGNS: Final = {Where.INSIDE: "●", Where.ABOVE: "▲", Where.BELOW: "▼"}

COLUMNS: Final = (
    "subject",
    "judged",
    "failed",
    "machine_bad",
    "machine_low",
    "machine_high",
    "looked_at",
    "bad",
    "bad_low",
    "bad_high",
    "confidence",
    "bad_beside_the_draw",
    "seconds_per_item",
)
CHART_COLUMNS: Final = ("subject", "group", "first", "last", "looked_at", "bad", "lower", "upper", "center", "signal")


def named(subject: str, names: Mapping[str, str]) -> str:
    """Return the name of a worker, vendor or material; `names`: workers' names by id."""
    return names.get(subject, subject) or tell("figures.unknown")


def _where(where: Where) -> str:
    return "" if where is Where.INSIDE else tell(f"figures.{where.value}")


def percent(share: Share) -> str:
    """Return a share with its interval: "2 of 50: 4.0 % (0.5 to 13.7 %)"."""
    if not share.of:
        return tell("figures.none-looked-at")
    rate, low, high = (f"{100 * part:.1f}" for part in (share.found / share.of, share.low, share.high))
    return tell("figures.share", found=share.found, of=share.of, rate=rate, low=low, high=high)


def how(confidence: float) -> str:
    """Return the sentence that explains the intervals."""
    return tell("figures.how", sure=f"{100 * confidence:.0f}")


def figure_lines(figures: Sequence[Figure], names: Mapping[str, str]) -> Iterator[str]:
    """Yield a table, and how to read it. `names`: workers' names by id, as far as they may be shown."""
    if not figures:
        yield tell("figures.nothing-judged")
        return
    rows = [("", *(tell(f"figures.column.{name}") for name in ("judged", "persons", "machine", "beside")))]
    for one in figures:
        tally = one.tally
        name = named(tally.subject, names)
        beside = str(tally.beside) if tally.beside else ""
        rows.append((name, str(tally.judged), percent(one.person), percent(one.machine), beside))
    yield from table(rows)
    yield how(figures[0].person.confidence)


def chart_lines(chart: Chart, names: Mapping[str, str]) -> Iterator[str]:
    """Yield one line per group, with zero bad items at the left; : marks the limits, | the mean."""
    yield tell("figures.line", name=named(chart.subject, names), summary=_summary(chart))
    most = max(max(point.upper / point.group.looked, point.group.bad / point.group.looked) for point in chart.points)
    scale = (_WIDTH - 1) / most if most else 0.0
    for point in chart.points:
        group = point.group
        bar = [" "] * _WIDTH
        marks = [(point.upper / group.looked, ":"), (chart.center, "|")]
        if point.lower:
            marks.append((point.lower / group.looked, ":"))
        for share, sign in (*marks, (group.bad / group.looked, _SIGNS[point.where])):
            bar[round(share * scale)] = sign
        told = tell("figures.point", bad=f"{group.bad:3}", of=f"{group.looked:<4}")
        yield f"  {local_day(group.first_at)}  {told} {''.join(bar)} {_where(point.where)}".rstrip()
    yield from (f"  {note}" for note in notes(chart))


def notes(chart: Chart) -> Iterator[str]:
    """Yield the limitations of the chart."""
    if not chart.needed:
        if chart.center:
            yield tell("figures.all-bad")
        else:
            yield tell("figures.none-bad")
        return
    if chart.provisional:
        yield tell("figures.provisional", count=len(chart.points))
    size = max(point.group.looked for point in chart.points)
    if size < chart.needed:
        yield tell("figures.too-small", size=size, needed=chart.needed)


def _summary(chart: Chart) -> str:
    outside = len(chart.signals)
    bad = sum(point.group.bad for point in chart.points)
    looked = sum(point.group.looked for point in chart.points)
    if not outside:
        return tell("figures.summary", bad=bad, looked=looked, count=len(chart.points))
    return tell("figures.summary-outside", bad=bad, looked=looked, count=len(chart.points), outside=outside)


# --- files ----------------------------------------------------------------------------------------------------------


def figure_rows(figures: Sequence[Figure]) -> Iterator[Sequence[Cell]]:
    """Yield a header row, then one row per figure."""
    yield COLUMNS
    for one in figures:
        tally = one.tally
        yield (
            tally.subject,
            tally.judged,
            tally.failed,
            tally.machine_bad,
            round(one.machine.low, 6),
            round(one.machine.high, 6),
            tally.looked,
            tally.bad,
            round(one.person.low, 6),
            round(one.person.high, 6),
            one.person.confidence,
            tally.beside,
            round(tally.seconds / tally.judged, 1) if tally.judged else 0.0,
        )


def chart_rows(charts: Sequence[Chart]) -> Iterator[Sequence[Cell]]:
    """Yield a header row, then one row per point; limits are counts."""
    yield CHART_COLUMNS
    for chart in charts:
        for point in chart.points:
            group = point.group
            when = (group.first_at, group.last_at)
            counts = (group.looked, group.bad, point.lower, point.upper)
            yield (chart.subject, group.number, *when, *counts, round(chart.center, 6), point.where.value)


def svg(charts: Sequence[Chart], title: str) -> str:
    """Return one picture with the charts below each other. Signals differ in shape and word, not only in color."""
    high, width = 250, 900
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{high * len(charts) + 40}" '
        f'font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="20" y="26" font-size="17" font-weight="bold">{_escaped(clean(title))}</text>'
    ]
    for number, chart in enumerate(charts):
        parts.append(f'<g transform="translate(20,{40 + number * high})">{_svg(chart, width - 40, high - 30)}</g>')
    return "".join((*parts, "</svg>\n"))  # not for people


def _svg(chart: Chart, width: int, high: int) -> str:
    points = chart.points
    most = max(max(point.upper, point.group.bad) / point.group.looked for point in points) or 1.0
    head = tell("figures.line", name=named(clean(chart.subject), {}), summary=_summary(chart))
    lines = [f"{head}.", *notes(chart)]
    top, bottom, left, right = 24 + 16 * len(lines), high - 26, 56, width - 70
    step = (right - left) / max(1, len(points) - 1)

    def at(number: int, share: float) -> tuple[float, float]:
        return round(left + number * step, 1), round(bottom - share / most * (bottom - top), 1)

    def line(values: Sequence[float], style: str, name: str = "") -> str:
        places = [at(number, value) for number, value in enumerate(values)]
        x, y = places[-1]
        told = f'<text x="{x + 8}" y="{y + 4}" font-size="11">{_escaped(name)}</text>' if name else ""
        return f'<polyline fill="none" points="{" ".join(f"{x},{y}" for x, y in places)}" {style}/>{told}'

    drawn = [f'<text x="0" y="{14 + 16 * number}">{_escaped(text)}</text>' for number, text in enumerate(lines)]
    drawn.append(f'<text x="0" y="{top + 4}">{100 * most:.1f} %</text><text x="0" y="{bottom + 4}">0 %</text>')
    first, last = local_day(points[0].group.first_at), local_day(points[-1].group.last_at)
    drawn.append(f'<text x="{left}" y="{bottom + 20}" font-size="11">{first}</text>')
    drawn.append(f'<text x="{right}" y="{bottom + 20}" font-size="11" text-anchor="end">{last}</text>')
    if chart.needed:
        dashed = 'stroke="#a33" stroke-dasharray="5 4"'  # not for people
        drawn.append(
            line(
                [chart.center] * len(points),
                'stroke="#444"',  # not for people
                tell("figures.mean", percent=f"{100 * chart.center:.1f}"),
            )
        )
        drawn.append(line([point.upper / point.group.looked for point in points], dashed, tell("figures.limit")))
        if any(point.lower for point in points):
            drawn.append(line([point.lower / point.group.looked for point in points], dashed, tell("figures.limit")))
    drawn.append(line([point.group.bad / point.group.looked for point in points], 'stroke="#036"'))  # not for people
    drawn += [_mark(point, *at(number, point.group.bad / point.group.looked)) for number, point in enumerate(points)]
    return "".join(drawn)


def _mark(point: Point, x: float, y: float) -> str:
    group = point.group
    sign, days = _SIGNS[point.where], (local_day(group.first_at), local_day(group.last_at))
    what = tell(
        "figures.mark",
        first=days[0],
        last=days[1],
        bad=group.bad,
        looked=group.looked,
        where=_where(point.where),
    )
    told = f"<title>{_escaped(what)}</title>"
    if point.where is Where.INSIDE:
        return f'<circle cx="{x}" cy="{y}" r="3" fill="#036">{told}</circle>'
    return f'<text x="{x - 6}" y="{y + 5}" fill="#a33" font-size="15" font-weight="bold">{sign}{told}</text>'
