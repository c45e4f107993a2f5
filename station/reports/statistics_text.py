"""The statistics as lines, as CSV rows and as a picture in a file. Nothing is counted here; shares are never shown without
an interval.

Names of workers appear in the terminal only; files hold their ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from station.base.cells import table
from station.base.local_time import local_day
from station.base.spreadsheet import Cell
from station.base.words import tell
from station.quality.statistics.figures import Chart, Figure, Share, WholeGroups
from station.reports.charts import SIGNS, file_of, where_words

_WIDTH: Final = 44

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
    yield tell("figures.line", name=named(chart.subject, names), summary=summary(chart))
    most = max(max(point.upper / point.group.looked, point.group.bad / point.group.looked) for point in chart.points)
    scale = (_WIDTH - 1) / most if most else 0.0
    for point in chart.points:
        group = point.group
        bar = [" "] * _WIDTH
        marks = [(point.upper / group.looked, ":"), (chart.center, "|")]
        if point.lower:
            marks.append((point.lower / group.looked, ":"))
        for share, sign in (*marks, (group.bad / group.looked, SIGNS[point.where])):
            bar[round(share * scale)] = sign
        told = tell("figures.point", bad=f"{group.bad:3}", of=f"{group.looked:<4}")
        yield f"  {local_day(group.first_at)}  {told} {''.join(bar)} {where_words(point.where)}".rstrip()
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


def summary(chart: Chart) -> str:
    """Return the bad items of a chart, and how many groups are outside the limits."""
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


def svg(subjects: Sequence[WholeGroups], size: int, title: str) -> str:
    """Return one picture with the charts below each other, of groups with `size` items, with ids in place of the workers'
    names."""
    return file_of([(one.chart, headline(one, {}), limitations(one, size)) for one in subjects], title)


def headline(subject: WholeGroups, names: Mapping[str, str]) -> str:
    """Return the line above a chart. `names`: workers' names by id."""
    name = named(subject.subject, names)
    return name if subject.chart is None else tell("figures.line", name=name, summary=summary(subject.chart))


def limitations(subject: WholeGroups, size: int) -> list[str]:
    """Return the limitations of a chart, and how many items its next point has."""
    so_far = [tell("figures.so-far", count=subject.rest, size=size)] if subject.rest else []
    return [*(notes(subject.chart) if subject.chart is not None else ()), *so_far]
