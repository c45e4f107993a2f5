"""Whether a vendor's document adds up. Vendors state their totals in different ways, and none computes them from prices:
the sum of the lines' amounts is compared by each rule until one holds (docs/accounts.md#totals)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from station.domain.invoices.invoice import Charge, ChargeKind, ChargeLevel, Invoice
from station.domain.invoices.money import number, total_of


class TotalsRule(StrEnum):
    """Which stated amounts (qualifiers of MOA) are the lines' sum, or that sum with charges."""

    MESSAGE_AND_LINES = "message-and-lines"
    """86 and 79: the lines."""
    PAYABLE_AND_TAXABLE = "payable-and-taxable"
    """9, 129 and 125: the lines."""
    PAYABLE_AND_TOTAL = "payable-and-total"
    """9 and 129: the lines."""
    SUMMARY_CHARGES = "summary-charges"
    """86: the lines and the charges of the summary."""
    HEADER_CHARGES = "header-charges"
    """79 and 9: the lines and the charges of the header."""
    CHARGES_INSIDE = "charges-inside"
    """79 and 9: the lines. Charges are named again for information."""
    ALL_CHARGES = "all-charges"
    """9, or 86: the lines and all charges, with the tax."""
    TYPED = "typed"
    """The total that a person typed: the lines and all charges. Without one nothing contradicts them."""


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """How a document adds up, in its own currency. A credit's amounts are positive."""

    rule: str
    """The `TotalsRule` that holds; "" = none."""
    off: Decimal
    """Stated total less computed total; without a rule, by the rule that comes nearest."""
    total: Decimal
    """What the document asks for."""
    charges: tuple[Charge, ...]
    """Charges that count beside the lines."""
    rounding: bool = False
    """True if a rule holds only within the tolerance."""


class _Terms(NamedTuple):
    stated: tuple[str, ...]
    levels: frozenset[ChargeLevel] = frozenset()


_CHARGED: Final = frozenset({ChargeLevel.HEADER, ChargeLevel.SUMMARY})
_RULES: Final = {
    TotalsRule.MESSAGE_AND_LINES: _Terms(("86", "79")),
    TotalsRule.PAYABLE_AND_TAXABLE: _Terms(("9", "129", "125")),
    TotalsRule.PAYABLE_AND_TOTAL: _Terms(("9", "129")),
    TotalsRule.SUMMARY_CHARGES: _Terms(("86",), frozenset({ChargeLevel.SUMMARY})),
    TotalsRule.HEADER_CHARGES: _Terms(("79", "9"), frozenset({ChargeLevel.HEADER})),
    TotalsRule.CHARGES_INSIDE: _Terms(("79", "9")),
    TotalsRule.ALL_CHARGES: _Terms(("9", "86"), _CHARGED),
}
"""In the order in which they are tried."""
_TYPED: Final = {TotalsRule.TYPED: _Terms(("9",))}
_PAYABLE: Final = ("9", "86", "129", "128")
"""What a document asks for: the first that it states."""


class _Trial(NamedTuple):
    rule: TotalsRule
    whole: bool
    """The document states all amounts of the rule."""
    off: Decimal
    """The stated amount that differs most from the computed total, less that total."""
    computed: Decimal
    charges: tuple[Charge, ...]


def add_up(invoice: Invoice, tolerance: Decimal, remembered: str = "") -> Addition:
    """Return how a document adds up. `tolerance`: amount by which a total may differ as rounding; `remembered`: the
    `TotalsRule` that held last for this vendor, which is tried first. No rule holds against the amount that is
    to be paid, and one whose amounts are all stated comes before others."""
    trials = sorted(_trials(invoice), key=lambda trial: (trial.rule != remembered, not trial.whole))
    asked = _asked(invoice)
    for allowed in (Decimal(0), tolerance):
        for trial in trials:
            if abs(trial.off) <= allowed:
                total = trial.computed if asked is None else asked
                return Addition(
                    rule=trial.rule, off=trial.off, total=total, charges=trial.charges, rounding=bool(trial.off)
                )
    if trials:
        nearest = min(trials, key=lambda trial: abs(trial.off))
        total = nearest.computed if asked is None else asked
        return Addition(rule="", off=nearest.off, total=total, charges=nearest.charges)
    computed = _lines(invoice) + charged(invoice.charges)
    total = computed if asked is None else asked
    return Addition(rule="", off=total - computed, total=total, charges=invoice.charges)


def signed(charge: Charge) -> Decimal:
    """Return what a charge adds to the total: a deduction less than nothing."""
    amount = number(charge.amount)
    return -amount if charge.deducted or charge.kind is ChargeKind.DISCOUNT else amount


def charged(charges: tuple[Charge, ...]) -> Decimal:
    """Return what charges add to the total."""
    return total_of([signed(charge) for charge in charges])


def _lines(invoice: Invoice) -> Decimal:
    return total_of([number(line.amount) for line in invoice.lines])


def _asked(invoice: Invoice) -> Decimal | None:
    """Return the stated amount that is to be paid; None = not stated."""
    stated = {each.code: number(each.amount) for each in invoice.stated}
    return next((stated[code] for code in _PAYABLE if code in stated), None)


def _trials(invoice: Invoice) -> Iterator[_Trial]:
    """Yield the rules of which the document states an amount, each with what it computes."""
    levels = {charge.level for charge in invoice.charges}
    codes = {each.code for each in invoice.stated}
    asked = _asked(invoice)
    typed = levels <= {ChargeLevel.TYPED} and codes <= {"9"}
    if asked is None and levels & _CHARGED:
        return
    for rule, terms in (_TYPED if typed else _RULES).items():
        amounts = [number(each.amount) for each in invoice.stated if each.code in terms.stated]
        if (terms.levels and not terms.levels & levels) or not (amounts or typed):
            continue
        charges = tuple(each for each in invoice.charges if each.level in {ChargeLevel.TYPED, *terms.levels})
        computed = _lines(invoice) + charged(charges)
        offs = [amount - computed for amount in (*amounts, *(() if asked is None else (asked,)))]
        yield _Trial(rule, codes >= {*terms.stated}, max(offs, key=abs, default=Decimal(0)), computed, charges)
