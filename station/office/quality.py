"""Pages about the quality of the work: shares of bad items, reasons, and the streams of sampling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from station.base.words import tell
from station.domain.sampling import By
from station.office.asked import Asked, Page
from station.office.filters import Filter, begin_of, period
from station.reports.charts import Bar, Drawing, bars, intervals, p_chart
from station.reports.figures import CONFIDENCE, GROUP
from station.reports.figures import charts as charts_of
from station.reports.figures import figures as figures_of
from station.reports.statistics_text import headline, limitations, named
from station.reports.tables.cells import texts
from station.reports.tables.quality import figures as figures_table
from station.reports.tables.quality import materials, points
from station.reports.tables.quality import reasons as reasons_table
from station.reports.tables.quality import sampling as sampling_table
from station.reports.tables.table import Table, ordered, page_of

DAYS: Final = 90
"""Days that the pages show unless the reader says another period."""
MOST_CHARTS: Final = 6


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing with what is said of it, and the numbers that it shows."""

    heading: str = ""
    drawing: Drawing | None = None
    notes: list[str] = []
    table: Table | None = None


def quality(asked: Asked) -> Page:
    """Shares of bad items by material, vendor or worker, with exact intervals, and their charts."""
    title = tell("office.quality")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    by_filter = Filter("by", tell("office.filter.by"), [(by.value, tell(f"office.by.{by.value}")) for by in By])
    filters = (by_filter, *period())
    by = By(by_filter.value(asked.text("by")) or By.MATERIAL)
    sampling = asked.sources.settings.sampling
    own = sampling.enabled and sampling.by_vendor
    visibility, within = asked.sources.visibility(asked.viewer), _within(asked)
    results = figures_of(visibility, by, *within, own=own)
    names = asked.names_seen()
    if by is By.MATERIAL:
        names = {**names, **materials(one.tally.subject for one in results)}
    table = figures_table(results, by)
    shares = [(named(one.tally.subject, names), one.person) for one in results]
    figures = []
    if any(share.of for _, share in shares):
        heading = tell("figures.column.persons")
        figures.append(
            Figure(
                heading=heading,
                drawing=intervals(shares, heading),
                notes=[tell("figures.bars", sure=f"{100 * CONFIDENCE:.0f}")],
            )
        )
    too_few = []
    for one in charts_of(visibility, by, *within, own=own, most=MOST_CHARTS):
        heading = headline(one, names)
        if one.chart is None:
            too_few.append(tell("office.too-few-of", name=heading, count=one.rest, size=GROUP))
        else:
            drawing = p_chart(one.chart, heading) if len(one.chart.points) > 1 else None
            numbers = points(one.chart)
            figures.append(Figure(heading=heading, drawing=drawing, notes=limitations(one, GROUP), table=numbers))
    if too_few:
        figures.append(Figure(heading=tell("office.too-few"), notes=too_few))
    return Page(
        template="report",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=filters,
        values={
            "note": _period_note(asked),
            "choices": _choices(asked),
            "figures": [(one, _told(one.table, names)) for one in figures],
            "empty": tell("figures.nothing-judged"),
        },
    )


def reasons(asked: Asked) -> Page:
    """Why items failed, the most frequent reason first."""
    title = tell("office.reasons")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    counts = asked.queries.reasons(*_within(asked))
    table = reasons_table(counts)
    most = counts[0].count if counts else 1
    rows = [
        Bar(
            tell(reason.title),
            reason.count / most,
            f"{reason.count} · {tell('figures.percent', percent=f'{100 * row[3]:.0f}')}",
        )
        for reason, row in zip(counts, table.rows, strict=True)
        if isinstance(row[3], float)
    ]
    heading = tell("office.reasons-drawn")
    drawn = [Figure(heading=heading, drawing=bars(rows, heading))] if rows else []
    return Page(
        template="report",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=period(),
        values={
            "note": _period_note(asked),
            "choices": _choices(asked),
            "figures": [(one, ()) for one in drawn],
            "empty": tell("figures.no-reasons"),
        },
    )


def sampling(asked: Asked) -> Page:
    """The streams of workers and vendors: their level, and what comes next."""
    title = tell("office.sampling")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    table = sampling_table(asked.sources.visibility(asked.viewer).streams())
    off = "" if asked.sources.settings.sampling.enabled else tell("sampling.off")
    return Page(
        template="report",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        values={"note": off, "choices": _choices(asked), "figures": [], "empty": tell("sampling.nobody")},
    )


def _within(asked: Asked) -> tuple[str, str]:
    """Return the first time of the period, and the first that is too late ("" = none)."""
    since, until = asked.day("since"), asked.day("until")
    first = since or ("" if until else asked.sources.clock.day(-DAYS))
    return begin_of(first), begin_of(until, later=1)


def _period_note(asked: Asked) -> str:
    return "" if asked.day("since") or asked.day("until") else tell("office.last-days", count=DAYS)


def _choices(asked: Asked) -> list[tuple[str, str, bool]]:
    pages = (
        ("/quality", "office.shares"),
        ("/quality/reasons", "office.reasons"),
        ("/quality/sampling", "office.sampling"),
    )
    return [(tell(key), path, path == asked.path) for path, key in pages]


def _told(table: Table | None, names: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    return () if table is None else tuple(texts(table, names))
