"""What each account pays of an invoice: one story with charges, tax, shares and a foreign currency."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from station.domain.invoices.adding_up import add_up
from station.domain.invoices.coding import coding
from station.domain.invoices.distribution import distribution
from station.domain.invoices.invoice import (
    Charge,
    ChargeKind,
    Invoice,
    InvoiceLine,
    Share,
    Stated,
)
from station.domain.invoices.objections import objections_of
from station.domain.invoices.plan import (
    AccountCode,
    AccountPlan,
    ChargeRule,
    CodeRule,
    Spread,
    TaxRule,
    TaxTreatment,
)
from station.domain.invoices.standing import Entry, EntryPart, Objection, ObjectionCode
from station.domain.invoices.tax import expected_tax

PLAN = AccountPlan(
    codes=tuple(AccountCode(account=account) for account in ("10-BOOKS", "20-DVD", "30-GRANT", "90-MAIL")),
    rules=(
        CodeRule(id="films", material="dvd", shares=(Share(account="20-DVD"),)),
        CodeRule(
            id="books",
            vendor="gobi",
            shares=(Share(account="10-BOOKS", percent="66.67"), Share(account="30-GRANT", percent="33.33")),
        ),
    ),
    charges=(ChargeRule(kind=ChargeKind.SHIPPING, spread=Spread.ACCOUNT, account="90-MAIL"),),
    taxes=(
        TaxRule(material="dvd", treatment=TaxTreatment.CHARGED, percent="8.25"),
        TaxRule(treatment=TaxTreatment.ACCRUED, percent="8.25"),
    ),
)
INVOICE = Invoice(
    vendor="GOBI",
    number="741591",
    date="2026-11-20",
    currency="EUR",
    rate="1.0837",
    lines=(
        InvoiceLine(line="1", amount="10"),
        InvoiceLine(line="2", amount="30.01", material="DVD", copies=2),
    ),
    charges=(
        Charge(kind=ChargeKind.SHIPPING, amount="4.50"),
        Charge(kind=ChargeKind.DISCOUNT, amount="1.01"),
        Charge(kind=ChargeKind.TAX, amount="2.41"),
    ),
    stated=(Stated(code="9", amount="45.91"),),
)


def outcome(invoice: Invoice, plan: AccountPlan = PLAN) -> tuple[tuple[Entry, ...], tuple[Objection, ...]]:
    addition = add_up(invoice, Decimal(plan.tolerance))
    codings = {line.line: coding(line, invoice, plan, None, None) for line in invoice.lines}
    taxes = expected_tax(invoice, addition, plan, None)
    entries = distribution(invoice, addition, codings, {"1": "PO-7"}, plan, taxes)
    return entries, objections_of(invoice, addition, codings, entries, plan, taxes)


def test_an_invoice_is_paid_by_its_accounts_to_the_cent() -> None:
    entries, objections = outcome(INVOICE)
    assert not objections
    shown = {(entry.line, entry.part.value, entry.account, entry.order): entry.amount for entry in entries}
    # 45.91 EUR x 1.0837 = 49.752667. Charged tax: (30.01 - 0.76) x 8.25 %; accrued: (10 - 0.25) x 8.25 % x 1.0837.
    assert shown == {
        ("1", "line", "10-BOOKS", "PO-7"): "7.23",
        ("1", "line", "30-GRANT", "PO-7"): "3.61",
        ("1", "charge", "10-BOOKS", "PO-7"): "-0.18",
        ("1", "charge", "30-GRANT", "PO-7"): "-0.09",
        ("1", "accrued", "10-BOOKS", "PO-7"): "0.58",
        ("1", "accrued", "30-GRANT", "PO-7"): "0.29",
        ("2", "line", "20-DVD", ""): "32.52",
        ("2", "charge", "20-DVD", ""): "-0.83",
        ("2", "tax", "20-DVD", ""): "2.61",
        ("", "charge", "90-MAIL", ""): "4.88",
    }
    paid = sum(Decimal(entry.amount) for entry in entries if entry.part is not EntryPart.ACCRUED)
    assert paid == Decimal("49.75")


def test_what_stops_the_okay_is_named_by_line() -> None:
    lines = (
        InvoiceLine(line="1", amount="10", shares=(Share(account="99-NONE"),)),
        InvoiceLine(line="2", amount="30.01", shares=(Share(account="10-BOOKS", amount="30"),)),
        InvoiceLine(line="3", amount="5"),
    )
    plan = msgspec.structs.replace(PLAN, rules=())
    broken = msgspec.structs.replace(INVOICE, lines=lines, rate="", stated=(Stated(code="9", amount="99"),))
    _, objections = outcome(broken, plan)
    assert {(objection.line, objection.code) for objection in objections} == {
        ("", ObjectionCode.NO_RATE),
        ("", ObjectionCode.TOTAL),
        ("", ObjectionCode.TAX),
        ("1", ObjectionCode.UNKNOWN_CODE),
        ("2", ObjectionCode.SHARES),
        ("3", ObjectionCode.NO_CODE),
    }
