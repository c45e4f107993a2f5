"""What speaks against an okay to pay, as far as invoice and account plan say it. The store adds what count, orders and
other invoices say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from station.domain.invoices.adding_up import Addition, signed
from station.domain.invoices.coding import Coding, is_valid
from station.domain.invoices.invoice import ChargeKind, Invoice, InvoiceLine, Share
from station.domain.invoices.money import number, text, total_of
from station.domain.invoices.plan import AccountPlan
from station.domain.invoices.standing import Entry, Objection, ObjectionCode
from station.domain.invoices.tax import Taxes, rate_of

_WHOLE: Final = Decimal(100)


def objections_of(
    invoice: Invoice,
    addition: Addition,
    codings: Mapping[str, Coding],
    entries: Sequence[Entry],
    plan: AccountPlan,
    taxes: Taxes,
) -> tuple[Objection, ...]:
    """Return the objections, those of the whole invoice first. `entries`: of `distribution`."""
    return (*_of_invoice(invoice, addition, entries, plan, taxes), *_of_lines(invoice, codings, entries, plan))


def _of_invoice(
    invoice: Invoice, addition: Addition, entries: Sequence[Entry], plan: AccountPlan, taxes: Taxes
) -> Iterator[Objection]:
    if rate_of(invoice, plan) is None:
        yield Objection(code=ObjectionCode.NO_RATE, values={"currency": invoice.currency})
    if not addition.rule:
        values = {"total": text(addition.total), "off": text(addition.off)}
        yield Objection(code=ObjectionCode.TOTAL, values=values)
    tax = total_of([signed(charge) for charge in addition.charges if charge.kind is ChargeKind.TAX])
    if plan.taxes and abs(tax - taxes.charged) > Decimal(plan.tolerance):
        values = {"charged": text(tax), "expected": text(taxes.charged)}
        yield Objection(code=ObjectionCode.TAX, values=values)
    yield from _of_accounts(invoice, [entry.account for entry in entries if not entry.line], "", plan)


def _of_lines(
    invoice: Invoice, codings: Mapping[str, Coding], entries: Sequence[Entry], plan: AccountPlan
) -> Iterator[Objection]:
    without_code = {entry.line for entry in entries if not entry.account}
    for line in invoice.lines:
        shares = codings[line.line].shares
        if not shares and (number(line.amount) or line.line in without_code):
            yield Objection(code=ObjectionCode.NO_CODE, line=line.line)
        yield from _of_accounts(invoice, [share.account for share in shares], line.line, plan)
        if shares and (fault := _share_fault(line, shares)) is not None:
            yield fault


def _of_accounts(invoice: Invoice, accounts: Sequence[str], line: str, plan: AccountPlan) -> Iterator[Objection]:
    for account in dict.fromkeys(accounts):
        if not account:
            yield Objection(code=ObjectionCode.NO_CODE, line=line)
        elif not is_valid(plan, account, invoice.date):
            values = {"account": account, "date": invoice.date}
            yield Objection(code=ObjectionCode.UNKNOWN_CODE, line=line, values=values)


def _share_fault(line: InvoiceLine, shares: Sequence[Share]) -> Objection | None:
    """Return the objection to shares that do not add up to the line; None = they do."""
    percents = [share.percent for share in shares if share.percent]
    amounts = [share.amount for share in shares if share.amount]
    if not percents and not amounts and len(shares) == 1:
        return None
    if len(amounts) == len(shares) and not percents:
        shared, expected = total_of([*map(number, amounts)]), number(line.amount)
        signs = {number(amount) < 0 for amount in amounts if number(amount)}
        fits = shared == expected and len(signs) <= 1
    else:
        shared, expected = total_of([*map(number, percents)]), _WHOLE
        fits = len(percents) == len(shares) and not amounts and shared == expected and min(map(number, percents)) >= 0
    values = {"shared": text(shared), "expected": text(expected), "percent": "%" if expected is _WHOLE else ""}
    return None if fits else Objection(code=ObjectionCode.SHARES, line=line.line, values=values)
