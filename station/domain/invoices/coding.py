"""Which accounts pay a line: those that a person chose, else the first rule of the account plan that fits, else the
account of the line's order."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from station.domain.invoices.invoice import Invoice, InvoiceLine, Share
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.plan import AccountPlan, CodeRule
from station.domain.receiving.vendor import Vendor


class CodingReason(StrEnum):
    CHOSEN = "chosen"
    """A person chose the accounts."""
    RULE = "rule"
    ORDER = "order"
    """The order has an account."""
    NONE = "none"


class Coding(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts of a line."""

    shares: tuple[Share, ...] = ()
    rule: str = ""
    """Id of the rule; "" = no rule gave them."""
    why: CodingReason


class Traits(NamedTuple):
    """What the rules of the plan ask about a line."""

    vendor: Vendor | None
    vendor_name: str
    """As the invoice has it."""
    library: str = ""
    material: str = ""
    fund: str = ""


class RuleFit(NamedTuple):
    """Whether a rule fits a line."""

    rule: CodeRule
    mismatch: str
    """First field of the rule that does not fit; "" = the rule fits."""


def coding(
    line: InvoiceLine, invoice: Invoice, plan: AccountPlan, vendor: Vendor | None, order: PurchaseOrder | None
) -> Coding:
    """Return the accounts of a line. `vendor`: the invoice's, if the site knows it; `order`: the order that pays the
    line."""
    if line.shares:
        return Coding(shares=line.shares, why=CodingReason.CHOSEN)
    traits = traits_of(line, invoice, vendor)
    for rule in plan.rules:
        if not mismatch(rule, traits):
            return Coding(shares=rule.shares, rule=rule.id, why=CodingReason.RULE)
    if order is not None and order.account:
        return Coding(shares=(Share(account=order.account, fund=order.fund),), why=CodingReason.ORDER)
    return Coding(why=CodingReason.NONE)


def trace(plan: AccountPlan, traits: Traits) -> tuple[RuleFit, ...]:
    """Return the rules up to the first that fits, in order."""
    fits: list[RuleFit] = []
    for rule in plan.rules:
        fits.append(RuleFit(rule, mismatch(rule, traits)))
        if not fits[-1].mismatch:
            break
    return tuple(fits)


def traits_of(line: InvoiceLine, invoice: Invoice, vendor: Vendor | None) -> Traits:
    """Return what the rules ask about a line of an invoice."""
    return Traits(vendor, invoice.vendor, line.library, line.material, line.fund)


def mismatch(rule: CodeRule, traits: Traits) -> str:
    """Return the first field of the rule that does not fit; "" = all fit."""
    if rule.vendor and not is_vendor(rule.vendor, traits):
        return "vendor"
    for field in ("library", "material", "fund"):
        expected, actual = getattr(rule, field), getattr(traits, field)
        if expected and not _same(expected, actual):
            return field
    return ""


def is_vendor(name: str, traits: Traits) -> bool:
    """Return True if a name of the plan is the vendor's: its id, a name or a code."""
    return _same(name, traits.vendor_name) or (traits.vendor is not None and traits.vendor.is_named(name))


def is_valid(plan: AccountPlan, account: str, day: str) -> bool:
    """Return True if the site's list has the account on this day (ISO 8601; "" = on any)."""
    return any(
        code.account == account and (not day or ((code.valid_from or day) <= day <= (code.valid_to or day)))
        for code in plan.codes
    )


def _same(first: str, second: str) -> bool:
    return first.strip().casefold() == second.strip().casefold()
