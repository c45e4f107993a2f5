"""What was spent in a fiscal year, and what is still open, as lists; and the whole year as a workbook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.invoices.fiscal_year import year_of
from station.office.asked import Asked, Page, as_number, missing
from station.office.filters import Filter
from station.reports.claim import library_of
from station.reports.expenditure import Basis, Grouping, Year, of_year, totals, workbook, year_named, years
from station.reports.tables.cells import money_words
from station.reports.tables.table import ordered, page_of

YEAR, TABLE, BY = "year", "table", "by"
YEARS: Final = range(1901, 9999)
_BY_MONTH: Final = (Grouping.FUND_MONTHS, Grouping.VENDOR_MONTHS)


def expenditure_page(asked: Asked) -> Page:
    """One table of a fiscal year."""
    if not asked.queries.exists:
        title = tell("office.expenditure")
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    year, filters = _year(asked, asked.number(YEAR)), tuple(_filters(asked))
    chosen = {choice.name: choice.value(asked.text(choice.name)) for choice in filters}
    grouping = Grouping(chosen[TABLE] or Grouping.MONTHS)
    table = of_year(year, grouping, Basis(chosen.get(BY) or Basis.INVOICED))
    heads = {column.key: column.head for column in table.columns}
    sums = ", ".join(
        f"{tell(heads[key])}: {money_words(total)}" for key, total in totals(table).items() if total.currency
    )
    return Page(
        template="list",
        title=f"{tell('expenditure.page', year=year.number)}: {tell(f'expenditure.table.{grouping}')}",
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=filters,
        values={
            "empty": tell("expenditure.nothing"),
            "note": sums,
            "choices": [(tell("expenditure.workbook"), f"/expenditure/{year.number}/workbook", False)],
        },
    )


def _year(asked: Asked, number: int | None) -> Year:
    """Return the fiscal year with this number; of today if there is no such year."""
    today = year_of(asked.queries.account_plan(), asked.sources.clock.day(0))
    return year_named(asked.queries, today if number is None or number not in YEARS else number)


def _filters(asked: Asked) -> list[Filter]:
    known = years(asked.queries.account_plan(), asked.queries.invoices(), asked.sources.clock.day(0))
    numbers = Filter(YEAR, tell("expenditure.head.year"), [(str(number), str(number)) for number in known])
    names = [(grouping.value, tell(f"expenditure.table.{grouping}")) for grouping in Grouping]
    tables = Filter(TABLE, tell("expenditure.head.table"), names)
    dates = [(basis.value, tell(f"expenditure.by.{basis}")) for basis in Basis]
    by = [Filter(BY, tell("expenditure.head.by"), dates)] if asked.text(TABLE) in _BY_MONTH else []
    return [numbers, tables, *by]


def workbook_page(asked: Asked) -> Page:
    """The fiscal year as a workbook."""
    number = as_number(asked.names[YEAR])
    if number is None or number not in YEARS or not asked.queries.exists:
        return missing()
    now, year = asked.sources.clock.now(), _year(asked, number)
    about = (
        (tell("okay.library"), library_of(asked.sources.settings)),
        (tell("office.about.who"), asked.viewer.name or asked.viewer.id),
        (tell("office.about.when"), local_day_and_time(now)),
    )
    data = workbook(year, asked.names_seen(), about, now)
    return Page(template="", title=f"expenditure-{year.number}", file=data, suffix="xlsx")  # not for people


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (("/expenditure/{year}/workbook", workbook_page),)
