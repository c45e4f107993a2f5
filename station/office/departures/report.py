"""The report of what left, moved, was lost or found in a period: one table as a page, all of them as a workbook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.distribution.sites import site_with, sites_of
from station.office.asked import Asked, Page, missing
from station.office.departures.withdrawals import REPORT
from station.office.filters import Filter, begin_of, period
from station.reports.claim import library_of
from station.reports.departures import (
    LAST,
    Departed,
    Departure,
    Grouping,
    Report,
    departures,
    report,
    summary_words,
    workbook,
)
from station.reports.tables.table import ordered, page_of
from station.reports.tables.withdrawals import site_code

TABLE, KIND, SITE = "table", "kind", "site"


def report_page(asked: Asked) -> Page:
    """One table of the report."""
    if not asked.queries.exists:
        title = tell("withdrawal.report")
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    rows = _rows(asked)
    filters = (*_filters(asked, rows), *period())
    chosen = {entry.name: entry.value(asked.text(entry.name)) for entry in filters}
    kind = Departed(chosen[KIND] or Departed.WITHDRAWN)
    whole, query = _report(asked, rows, kind), asked.url().removeprefix(asked.path)
    grouping = Grouping(chosen[TABLE] or Grouping.REASONS)
    table = whole.table(grouping)
    return Page(
        template="list",
        title=f"{_title(kind)}: {tell(f'departures.table.{grouping}')}",
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=filters,
        values={
            "empty": tell("departures.nothing"),
            "note": tell(summary_words(whole)) if whole.rows else "",
            "choices": [(tell("departures.workbook"), f"{REPORT}/{kind}/workbook{query}", False)],
        },
    )


def workbook_page(asked: Asked) -> Page:
    """All tables of the report as a workbook."""
    kind = next((kind for kind in Departed if kind.value == asked.names[KIND]), None)
    if kind is None or not asked.queries.exists:
        return missing()
    now = asked.sources.clock.now()
    about = (
        (tell("okay.library"), library_of(asked.sources.settings)),
        (tell("office.about.who"), asked.viewer.name or asked.viewer.id),
        (tell("office.about.when"), local_day_and_time(now)),
    )
    data = workbook(_report(asked, _rows(asked), kind), _title(kind), asked.names_seen(), about, now)
    return Page(template="", title="withdrawals", file=data, suffix="xlsx")  # not for people


def _rows(asked: Asked) -> tuple[Departure, ...]:
    since, until = (day.value(asked.text(day.name)) for day in period())
    times = (begin_of(since), begin_of(until, later=1) or LAST)
    return departures((*asked.queries.withdrawn_in_period(*times), *asked.queries.departures_in_period(*times)))


def _report(asked: Asked, rows: tuple[Departure, ...], kind: Departed) -> Report:
    settings = asked.sources.settings
    return report(rows, kind, asked.text(SITE), settings.withdrawal, sites_of(settings.distribution))


def _title(kind: Departed) -> str:
    return tell("departures.page", kind=tell(f"departures.kind.{kind}"))


def _filters(asked: Asked, rows: tuple[Departure, ...]) -> tuple[Filter, ...]:
    sites = sites_of(asked.sources.settings.distribution)
    codes = sorted({code for row in rows if (code := site_code(row.library, sites))}, key=str.casefold)
    return (
        Filter(
            TABLE,
            tell("departures.head.table"),
            [(grouping.value, tell(f"departures.table.{grouping}")) for grouping in Grouping],
        ),
        Filter(
            KIND, tell("departures.head.kind"), [(kind.value, tell(f"departures.kind.{kind}")) for kind in Departed]
        ),
        Filter(SITE, tell("box.head.site"), [(code, site_with(code, sites).heading) for code in codes]),
    )


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    (REPORT, report_page),
    (f"{REPORT}/{{{KIND}}}/workbook", workbook_page),
)
