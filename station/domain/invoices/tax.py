"""Tax by the site's table: what the vendor should charge, and what the library owes to the state itself (use tax)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from station.domain.invoices.adding_up import Addition, signed
from station.domain.invoices.coding import Traits, is_vendor, traits_of
from station.domain.invoices.invoice import Charge, ChargeKind, Invoice, InvoiceLine
from station.domain.invoices.money import fitted, number, places, product, rounded, split, total_of
from station.domain.invoices.plan import AccountPlan, ChargeRule, Spread, TaxRounding, TaxRule, TaxTreatment
from station.domain.receiving.vendor import Vendor

_CENT: Final = Decimal("0.01")


class LineTax(NamedTuple):
    """Tax of one line."""

    rule: TaxRule | None
    """None = no tax is known."""
    base: Decimal
    """Amount that is taxed, in the invoice's currency."""
    amount: Decimal
    """Charged tax in the invoice's currency, accrued tax in the site's."""

    @property
    def treatment(self) -> TaxTreatment | None:
        return self.rule.treatment if self.rule is not None else None


class Taxes(NamedTuple):
    lines: Mapping[str, LineTax]
    """By line number."""
    charged: Decimal
    """What the vendor should charge, in the invoice's currency."""
    accrued: Decimal
    """What the library owes to the state, in the site's currency."""


def expected_tax(invoice: Invoice, addition: Addition, plan: AccountPlan, vendor: Vendor | None) -> Taxes:
    """Return the taxes of an invoice by the site's table. Accrued tax of an invoice without the rate of its currency is
    0."""
    rules = [tax_rule(line, invoice, plan, vendor) for line in invoice.lines]
    bases = _bases(invoice, addition, plan, rules)
    currency = invoice.currency or plan.currency
    charged = _taxes(bases, rules, TaxTreatment.CHARGED, Decimal(1), currency, plan)
    accrued = _taxes(bases, rules, TaxTreatment.ACCRUED, rate_of(invoice, plan) or Decimal(0), plan.currency, plan)
    lines = {
        line.line: LineTax(rule, base, tax + owed)
        for line, rule, base, tax, owed in zip(invoice.lines, rules, bases, charged, accrued, strict=True)
    }
    return Taxes(lines, total_of(charged), total_of(accrued))


def tax_rule(line: InvoiceLine, invoice: Invoice, plan: AccountPlan, vendor: Vendor | None) -> TaxRule | None:
    """Return the first rule of the table that fits a line on the invoice's date; None = no tax is known."""
    return tax_of(plan, traits_of(line, invoice, vendor), invoice.date)


def tax_of(plan: AccountPlan, traits: Traits, day: str) -> TaxRule | None:
    """Return the first rule of the table that fits on a day (ISO 8601; "" = on any); None = no tax is known."""
    return next((rule for rule in plan.taxes if _fits(rule, traits, day)), None)


def rate_of(invoice: Invoice, plan: AccountPlan) -> Decimal | None:
    """Return what one unit of the invoice's currency costs in the site's; None = it is not written down."""
    if invoice.currency in ("", plan.currency):
        return Decimal(1)
    return number(invoice.rate) or None


def charge_rule(kind: ChargeKind, plan: AccountPlan) -> ChargeRule:
    """Return how charges of a kind are spread."""
    return next((rule for rule in plan.charges if rule.kind is kind), ChargeRule(kind=kind))


def weights(lines: Sequence[InvoiceLine], spread: Spread) -> list[Decimal]:
    """Return the proportions in which the lines bear a charge. A line that costs nothing, or less, bears none."""
    if spread is Spread.COPIES:
        return [Decimal(line.copies) for line in lines]
    return [max(number(line.amount), Decimal(0)) for line in lines]


def _fits(rule: TaxRule, traits: Traits, day: str) -> bool:
    pairs = ((rule.library, traits.library), (rule.material, traits.material))
    return (
        (not rule.vendor or is_vendor(rule.vendor, traits))
        and all(not expected or expected.casefold() == actual.casefold() for expected, actual in pairs)
        and (not day or (rule.valid_from or day) <= day <= (rule.valid_to or day))
    )


def _bases(invoice: Invoice, addition: Addition, plan: AccountPlan, rules: Sequence[TaxRule | None]) -> list[Decimal]:
    """Return the taxed amount of each line: its amount, less its part of discounts, with its part of other charges if
    the rule taxes them."""
    bases = [number(line.amount) for line in invoice.lines]
    for charge in addition.charges:
        spread = charge_rule(charge.kind, plan).spread
        if charge.kind is ChargeKind.TAX or spread is Spread.ACCOUNT:
            continue
        parts = split(signed(charge), weights(invoice.lines, spread), places(invoice.currency or plan.currency))
        for place, (rule, part) in enumerate(zip(rules, parts, strict=True)):
            if rule is not None and (rule.on_charges or _lowers(charge)):
                bases[place] += part
    return bases


def _lowers(charge: Charge) -> bool:
    return signed(charge) < 0


def _taxes(
    bases: Sequence[Decimal],
    rules: Sequence[TaxRule | None],
    treatment: TaxTreatment,
    rate: Decimal,
    currency: str,
    plan: AccountPlan,
) -> list[Decimal]:
    """Return the tax of this treatment for each line, rounded as the plan says."""
    exact = [
        product(base, number(rule.percent), _CENT, rate)
        if rule is not None and rule.treatment is treatment
        else Decimal(0)
        for base, rule in zip(bases, rules, strict=True)
    ]
    if plan.tax_rounding is TaxRounding.LINE:
        return [rounded(tax, currency, plan.rounding) for tax in exact]
    total = rounded(total_of(exact), currency, plan.rounding)
    return fitted(exact, total, places(currency))
