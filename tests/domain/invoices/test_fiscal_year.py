"""Fiscal years and their months, beside the calendar of the standard library."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from station.domain.invoices.fiscal_year import first_day, last_day, month_of, months, year_of
from station.domain.invoices.plan import AccountPlan


@pytest.mark.parametrize("begins", ["07-01", "01-01", "10-01", "03-01", "04-06", "12-28"])
def test_every_day_is_in_one_fiscal_year_and_in_one_of_its_months(begins: str) -> None:
    plan = AccountPlan(year_begins=begins)
    for year in (2024, 2027):
        first, last = date.fromisoformat(first_day(plan, year)), date.fromisoformat(last_day(plan, year))
        assert last.year == year
        assert first_day(plan, year + 1) == (last + timedelta(days=1)).isoformat()
        assert (first.month, first.day) == tuple(map(int, begins.split("-")))
        days = [(first + timedelta(days=count)).isoformat() for count in range((last - first).days + 1)]
        assert {year_of(plan, day) for day in days} == {year}
        assert sorted({month_of(plan, day) for day in days}) == list(months(plan, year))
        assert all((day[8:] == begins[3:]) == (day in months(plan, year)) for day in days)
