"""What each account pays of an invoice, in the site's currency (docs/accounts.md#spreading).

The document's total is rounded once. It is divided into lines, charges and tax; a charge into the lines that bear it; and
each part of a line into its shares. Each division adds up exactly (`money.split`, `money.fitted`), so all entries without
accrued tax add up to the total. A credit is computed as an invoice is, and all signs are turned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from station.domain.invoices.adding_up import Addition, signed
from station.domain.invoices.coding import Coding
from station.domain.invoices.invoice import Charge, ChargeKind, Invoice, InvoiceKind, InvoiceLine, Share
from station.domain.invoices.money import fitted, number, places, product, rounded, split, text, total_of
from station.domain.invoices.plan import AccountPlan, Spread, TaxTreatment
from station.domain.invoices.standing import Entry, EntryPart
from station.domain.invoices.tax import Taxes, charge_rule, rate_of, weights

_Amounts = dict[tuple[str, EntryPart, Share, str], Decimal]
"""By line, part, account with fund, and order."""


def distribution(
    invoice: Invoice,
    addition: Addition,
    codings: Mapping[str, Coding],
    orders: Mapping[str, str],
    plan: AccountPlan,
    taxes: Taxes,
) -> tuple[Entry, ...]:
    """Return what each account pays; () if the rate of the currency is not written down. `codings`, `orders`: by line
    number; an order's number is "" if none pays the line."""
    rate = rate_of(invoice, plan)
    if rate is None:
        return ()
    decimals = places(plan.currency)
    line_amounts = _line_amounts(invoice, addition, plan)
    exact = [product(amount, rate) for amount in (*line_amounts, *map(signed, addition.charges))]
    total = rounded(product(addition.total, rate), plan.currency, plan.rounding)
    parts = fitted(exact, total, decimals)
    amounts: _Amounts = {}
    for line, part in zip(invoice.lines, parts, strict=False):
        _add(amounts, line, EntryPart.LINE, part, codings, orders, decimals)
    for charge, part in zip(addition.charges, parts[len(invoice.lines) :], strict=True):
        _add_charge(amounts, invoice, charge, part, codings, orders, plan, taxes)
    for line in invoice.lines:
        tax = taxes.lines[line.line]
        if tax.treatment is TaxTreatment.ACCRUED:
            _add(amounts, line, EntryPart.ACCRUED, tax.amount, codings, orders, decimals)
    return tuple(_entries(amounts, invoice))


def _line_amounts(invoice: Invoice, addition: Addition, plan: AccountPlan) -> list[Decimal]:
    """Return the lines' amounts. What the total has more or less than lines and charges is divided among them."""
    amounts = [number(line.amount) for line in invoice.lines]
    rest = addition.total - total_of([*amounts, *map(signed, addition.charges)])
    parts = split(rest, [abs(amount) for amount in amounts], places(invoice.currency or plan.currency))
    return [amount + part for amount, part in zip(amounts, parts, strict=True)]


def _add(
    amounts: _Amounts,
    line: InvoiceLine,
    part: EntryPart,
    amount: Decimal,
    codings: Mapping[str, Coding],
    orders: Mapping[str, str],
    decimals: int,
) -> None:
    """Add a part of a line to the accounts that pay the line."""
    shares = codings[line.line].shares or (Share(account=""),)
    order = orders.get(line.line, "")
    for share, piece in zip(shares, split(amount, _share_weights(shares), decimals), strict=True):
        _increase(amounts, (line.line, part, Share(account=share.account, fund=share.fund), order), piece)


def _share_weights(shares: Sequence[Share]) -> list[Decimal]:
    """Return the proportions of shares: by amount if all have one, else by percentage."""
    if all(share.amount for share in shares):
        return [abs(number(share.amount)) for share in shares]
    return [abs(number(share.percent)) for share in shares]


def _add_charge(
    amounts: _Amounts,
    invoice: Invoice,
    charge: Charge,
    amount: Decimal,
    codings: Mapping[str, Coding],
    orders: Mapping[str, str],
    plan: AccountPlan,
    taxes: Taxes,
) -> None:
    rule = charge_rule(charge.kind, plan)
    part = EntryPart.TAX if charge.kind is ChargeKind.TAX else EntryPart.CHARGE
    if rule.spread is Spread.ACCOUNT:
        paying = {orders.get(line.line, "") for line in invoice.lines}
        order = paying.pop() if len(paying) == 1 else ""
        _increase(amounts, ("", part, Share(account=rule.account, fund=rule.fund), order), amount)
        return
    proportions = weights(invoice.lines, rule.spread)
    if part is EntryPart.TAX:
        taxed = [_charged_tax(taxes, line) for line in invoice.lines]
        proportions = taxed if any(taxed) else proportions
    decimals = places(plan.currency)
    for line, piece in zip(invoice.lines, split(amount, proportions, decimals), strict=True):
        _add(amounts, line, part, piece, codings, orders, decimals)


def _charged_tax(taxes: Taxes, line: InvoiceLine) -> Decimal:
    tax = taxes.lines[line.line]
    return max(tax.amount, Decimal(0)) if tax.treatment is TaxTreatment.CHARGED else Decimal(0)


def _increase(amounts: _Amounts, key: tuple[str, EntryPart, Share, str], amount: Decimal) -> None:
    amounts[key] = amounts.get(key, Decimal(0)) + amount


def _entries(amounts: _Amounts, invoice: Invoice) -> Iterator[Entry]:
    """Yield the entries that are not 0, line by line."""
    order_of_lines = {line.line: place for place, line in enumerate(invoice.lines)}
    sign = -1 if invoice.kind is InvoiceKind.CREDIT else 1
    for key in sorted(amounts, key=lambda key: order_of_lines.get(key[0], len(order_of_lines))):
        line, part, share, order = key
        if amounts[key]:
            yield Entry(
                line=line,
                part=part,
                account=share.account,
                fund=share.fund,
                order=order,
                amount=text(sign * amounts[key]),
            )
