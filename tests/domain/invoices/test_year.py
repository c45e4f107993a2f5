"""Generated years of invoices and credits: each entry, tax and total equals an independent computation to the last minor
unit, in currencies of 0, 2 and 3 decimals, by every rule of rounding, spreading and taxing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.domain.invoices.adding_up import add_up
from station.domain.invoices.coding import coding
from station.domain.invoices.distribution import distribution
from station.domain.invoices.fiscal_year import month_of
from station.domain.invoices.invoice import Charge, ChargeKind, Invoice, InvoiceKind, InvoiceLine, Share, Stated
from station.domain.invoices.plan import (
    AccountPlan,
    ChargeRule,
    CodeRule,
    Rounding,
    Spread,
    TaxRounding,
    TaxRule,
    TaxTreatment,
)
from station.domain.invoices.standing import Entry, EntryPart
from station.domain.invoices.tax import expected_tax
from tests.domain.invoices.computed import PLACES, Line, Paper, Result, Site, Tax, compute

KINDS = ("shipping", "freight", "discount", "tax", "service")
MATERIALS = ("", "book", "dvd")
CURRENCIES = st.sampled_from([*PLACES])
PERCENT = st.one_of(
    st.integers(1, 10_000).map(lambda hundredths: Fraction(hundredths, 100)),
    st.sampled_from([Fraction(5), Fraction(50)]),
)
RATES = st.one_of(
    st.integers(1, 10**8).map(lambda millionths: Fraction(millionths, 10**6)),
    st.sampled_from([Fraction(1, 2), Fraction(5), Fraction(50)]),
)
"""Round ones among them, whose products often lie in the middle between two minor units."""


@st.composite
def weights(draw: st.DrawFn, total: int) -> tuple[tuple[str, Fraction], ...]:
    """Accounts with weights of which the sum is `total`."""
    cuts = sorted([*draw(st.lists(st.integers(0, total), max_size=3, unique=True)), 0, total])
    parts = [after - before for before, after in pairwise(cuts)]
    return tuple((f"A{place}", Fraction(part)) for place, part in enumerate(parts) if part) or (("A0", Fraction(1)),)


@st.composite
def sites(draw: st.DrawFn) -> Site:
    taxes = st.builds(
        Tax,
        treatment=st.sampled_from(["charged", "accrued", "exempt"]),
        percent=PERCENT,
        on_charges=st.booleans(),
        material=st.sampled_from(MATERIALS),
    )
    spreads = st.sampled_from([("amount", ""), ("copies", ""), ("account", "OWN")])
    return Site(
        currency=draw(CURRENCIES),
        rounding=draw(st.sampled_from([*Rounding])).value,
        tax_rounding=draw(st.sampled_from([*TaxRounding])).value,
        spreads={kind: draw(spreads) for kind in KINDS},
        taxes=tuple(draw(st.lists(taxes, max_size=3))),
        by_material={"book": draw(weights(100))},
    )


@st.composite
def papers(draw: st.DrawFn, site: Site) -> Paper:
    currency = draw(CURRENCIES)
    rate = Fraction(1) if currency == site.currency else draw(RATES)
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        units = draw(st.one_of(st.integers(0, 200_000), st.integers(-3_000, 0)))
        shares = draw(weights(abs(units))) if units and draw(st.booleans()) else ()
        material, order = draw(st.sampled_from(MATERIALS)), draw(st.sampled_from(["", "PO-1"]))
        lines.append(Line(units, draw(st.integers(0, 5)), material, shares, order))
    charges = draw(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 5_000)), max_size=4))
    most = int(Fraction("0.02") * 10 ** PLACES[currency])
    month, day = draw(st.integers(1, 12)), draw(st.integers(1, 28))
    return Paper(
        credit=draw(st.booleans()),
        currency=currency,
        rate=rate,
        lines=tuple(lines),
        charges=tuple((kind, -units if kind == "discount" else units) for kind, units in charges),
        off=draw(st.integers(-most, most)),
        day=f"2026-{month:02}-{day:02}",
    )


YEARS = sites().flatmap(lambda site: st.tuples(st.just(site), st.lists(papers(site), min_size=1, max_size=6)))


def figure(units: int | Fraction, currency: str) -> str:
    """Return minor units as a decimal number, by its digits."""
    sign, digits = "-" if units < 0 else "", str(abs(int(units))).zfill(PLACES[currency] + 1)
    return sign + (f"{digits[: -PLACES[currency]]}.{digits[-PLACES[currency] :]}" if PLACES[currency] else digits)


def hundredths(percent: Fraction) -> str:
    return figure(percent * 100, "USD")


def plan_of(site: Site) -> AccountPlan:
    rule = CodeRule(
        id="books",
        material="book",
        shares=tuple(Share(account=name, percent=str(weight)) for name, weight in site.by_material["book"]),
    )
    return AccountPlan(
        currency=site.currency,
        rounding=Rounding(site.rounding),
        tax_rounding=TaxRounding(site.tax_rounding),
        rules=(rule,),
        charges=tuple(
            ChargeRule(kind=ChargeKind(kind), spread=Spread(spread), account=account)
            for kind, (spread, account) in site.spreads.items()
        ),
        taxes=tuple(
            TaxRule(
                material=tax.material,
                treatment=TaxTreatment(tax.treatment),
                percent=hundredths(tax.percent),
                on_charges=tax.on_charges,
            )
            for tax in site.taxes
        ),
    )


def invoice_of(paper: Paper, site: Site) -> Invoice:
    total = sum(line.units for line in paper.lines) + sum(units for _, units in paper.charges) + paper.off
    foreign = paper.currency != site.currency
    return Invoice(
        kind=InvoiceKind.CREDIT if paper.credit else InvoiceKind.INVOICE,
        vendor="any",
        number="1",
        date=paper.day,
        currency=paper.currency,
        rate=f"{Decimal(int(paper.rate * 10**6)).scaleb(-6):f}" if foreign else "",
        lines=tuple(
            InvoiceLine(
                line=str(place),
                amount=figure(line.units, paper.currency),
                copies=line.copies,
                material=line.material,
                shares=tuple(
                    Share(account=name, amount=figure(weight if line.units > 0 else -weight, paper.currency))
                    for name, weight in line.shares
                ),
            )
            for place, line in enumerate(paper.lines, 1)
        ),
        charges=tuple(
            Charge(kind=ChargeKind(kind), amount=figure(abs(units), paper.currency)) for kind, units in paper.charges
        ),
        stated=(Stated(code="9", amount=figure(total, paper.currency)),),
    )


def entries_of(paper: Paper, site: Site) -> tuple[tuple[Entry, ...], Decimal]:
    """Return the station's entries, and the tax that it expects the vendor to charge."""
    invoice, plan = invoice_of(paper, site), plan_of(site)
    addition = add_up(invoice, Decimal(plan.tolerance))
    assert addition.rule == "typed"
    assert addition.off == Decimal(figure(paper.off, paper.currency))
    codings = {line.line: coding(line, invoice, plan, None, None) for line in invoice.lines}
    orders = {str(place): line.order for place, line in enumerate(paper.lines, 1)}
    taxes = expected_tax(invoice, addition, plan, None)
    return distribution(invoice, addition, codings, orders, plan, taxes), taxes.charged


def is_equal(site: Site, year: list[Paper]) -> None:
    months: dict[tuple[str, str], Decimal] = {}
    expected_months: dict[tuple[str, str], int] = {}
    plan = plan_of(site)
    for paper in year:
        entries, charged = entries_of(paper, site)
        expected: Result = compute(site, paper)
        scale = 10 ** PLACES[site.currency]
        actual = {
            (entry.line, entry.part.value, entry.account, entry.order): Fraction(entry.amount) * scale
            for entry in entries
        }
        assert actual == expected.accounts
        assert Fraction(charged) * 10 ** PLACES[paper.currency] == expected.charged_tax
        month = month_of(plan, paper.day)
        for entry in entries:
            if entry.part is not EntryPart.ACCRUED:
                months[month, entry.account] = months.get((month, entry.account), Decimal(0)) + Decimal(entry.amount)
        for (_, part, account, _), units in expected.accounts.items():
            if part != "accrued":
                key = (f"{paper.day[:7]}-01", account)
                expected_months[key] = expected_months.get(key, 0) + units
    assert {key: int(amount * 10 ** PLACES[site.currency]) for key, amount in months.items()} == expected_months


@settings(max_examples=60)
@given(YEARS)
def test_entries_taxes_and_months_equal_an_independent_computation(year: tuple[Site, list[Paper]]) -> None:
    is_equal(*year)


@pytest.mark.soak
@settings(max_examples=20_000, deadline=None)
@given(YEARS)
def test_entries_of_many_years_equal_an_independent_computation(year: tuple[Site, list[Paper]]) -> None:
    is_equal(*year)
