"""Fiscal years of the site: a year has the number of the calendar year in which it ends. Days are ISO 8601 dates."""

from __future__ import annotations

from calendar import monthrange
from typing import Final

from station.domain.invoices.plan import AccountPlan

_MONTHS: Final = 12


def year_of(plan: AccountPlan, day: str) -> int:
    """Return the fiscal year of a day."""
    year = int(day[:4])
    return year + (day >= first_day(plan, year + 1))


def first_day(plan: AccountPlan, year: int) -> str:
    """Return the first day of a fiscal year."""
    return f"{year - (plan.year_begins != '01-01'):04}-{plan.year_begins}"


def last_day(plan: AccountPlan, year: int) -> str:
    """Return the last day of a fiscal year."""
    last, month, day = map(int, first_day(plan, year + 1).split("-"))
    if day == 1:
        last, month = (last, month - 1) if month > 1 else (last - 1, _MONTHS)
        day = monthrange(last, month)[1] + 1
    return f"{last:04}-{month:02}-{day - 1:02}"


def months(plan: AccountPlan, year: int) -> tuple[str, ...]:
    """Return the first days of the twelve months of a fiscal year. They begin on the day of the month on which the year
    begins."""
    first, month, day = map(int, first_day(plan, year).split("-"))
    places = [month - 1 + count for count in range(_MONTHS)]
    return tuple(f"{first + place // _MONTHS:04}-{place % _MONTHS + 1:02}-{day:02}" for place in places)


def month_of(plan: AccountPlan, day: str) -> str:
    """Return the first day of the month of a fiscal year in which a day is."""
    return max(first for first in months(plan, year_of(plan, day)) if first <= day)
