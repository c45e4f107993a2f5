"""Totals by rule: the order of the rules, the rule of the vendor, rounding, and documents that do not add up."""

from __future__ import annotations

from decimal import Decimal

from station.domain.invoices.adding_up import TotalsRule, add_up
from station.domain.invoices.invoice import Charge, ChargeKind, ChargeLevel, Invoice, InvoiceLine, Stated

TOLERANCE = Decimal("0.02")


def document(*charges: Charge, **stated: str) -> Invoice:
    """Return a document with lines of 100.00 together. `stated`: by "m" and the qualifier of MOA."""
    return Invoice(
        vendor="any",
        number="1",
        date="2026-12-01",
        lines=(InvoiceLine(line="1", amount="60.00"), InvoiceLine(line="2", amount="40.00")),
        charges=charges,
        stated=tuple(Stated(code=code[1:], amount=amount) for code, amount in stated.items()),
    )


def charge(amount: str, level: ChargeLevel, kind: ChargeKind = ChargeKind.SHIPPING) -> Charge:
    return Charge(kind=kind, amount=amount, level=level)


def test_each_rule_holds_where_its_amounts_are_equal() -> None:
    header, summary = charge("5", ChargeLevel.HEADER), charge("7", ChargeLevel.SUMMARY)
    discount = charge("2", ChargeLevel.SUMMARY, ChargeKind.DISCOUNT)
    for invoice, rule, total, counted in (
        (document(m86="100", m79="100"), TotalsRule.MESSAGE_AND_LINES, "100", ()),
        (document(m9="100", m129="100", m125="100"), TotalsRule.PAYABLE_AND_TAXABLE, "100", ()),
        (document(m9="100", m129="100", m125="0"), TotalsRule.PAYABLE_AND_TOTAL, "100", ()),
        (document(summary, discount, m86="105"), TotalsRule.SUMMARY_CHARGES, "105", (summary, discount)),
        (document(header, summary, m79="105", m9="105"), TotalsRule.HEADER_CHARGES, "105", (header,)),
        (document(header, summary, m79="100", m9="100"), TotalsRule.CHARGES_INSIDE, "100", ()),
        (document(header, summary, m79="100", m9="112"), TotalsRule.ALL_CHARGES, "112", (header, summary)),
        (document(charge("3", ChargeLevel.TYPED)), TotalsRule.TYPED, "103", (charge("3", ChargeLevel.TYPED),)),
    ):
        addition = add_up(invoice, TOLERANCE)
        assert (addition.rule, addition.total, addition.charges, addition.off) == (rule, Decimal(total), counted, 0)


def test_the_rule_that_held_last_for_the_vendor_is_tried_first_and_an_exact_one_before_rounding() -> None:
    both = document(charge("0", ChargeLevel.HEADER), m79="100", m9="100")
    assert add_up(both, TOLERANCE).rule == TotalsRule.HEADER_CHARGES
    assert add_up(both, TOLERANCE, TotalsRule.CHARGES_INSIDE).rule == TotalsRule.CHARGES_INSIDE
    near = document(charge("0.01", ChargeLevel.HEADER), m79="100.01", m9="100.01")
    assert add_up(near, TOLERANCE, TotalsRule.CHARGES_INSIDE).rule == TotalsRule.HEADER_CHARGES
    rounding = add_up(document(m86="100.02", m79="100.02"), TOLERANCE)
    assert (rounding.rule, rounding.off, rounding.rounding, rounding.total) == (
        TotalsRule.MESSAGE_AND_LINES,
        Decimal("0.02"),
        True,
        Decimal("100.02"),
    )


def test_a_document_that_does_not_add_up_has_no_rule_and_says_what_is_off() -> None:
    for invoice, off, total in (
        (document(m86="100.03", m79="100.03"), "0.03", "100.03"),
        (document(charge("5", ChargeLevel.SUMMARY), m86="99", m79="100"), "-1", "99"),
        (document(m9="101", m79="100"), "1", "101"),
        (document(charge("5", ChargeLevel.SUMMARY)), "0", "105"),
        (document(charge("5", ChargeLevel.TYPED), m9="104"), "-1", "104"),
    ):
        addition = add_up(invoice, TOLERANCE)
        assert (addition.rule, addition.off, addition.total) == ("", Decimal(off), Decimal(total)), invoice
