"""What invoices charge to an order, in the order's currency."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from station.domain.invoices.invoice import Invoice
from station.domain.invoices.money import EXACT, number, rounded, total_of
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.standing import Entry, EntryPart
from station.store.database.database import Sql
from station.store.projections import purchases
from station.store.projections.books import Books

_CHARGING: Final = (
    "SELECT DISTINCT invoice FROM invoice_entries WHERE order_number = ? AND order_number <> '' ORDER BY invoice"
)
_AMOUNTS: Final = (
    "SELECT amount FROM invoice_entries "
    "WHERE order_number = ? AND order_number <> '' AND part <> 'accrued' AND invoice <> ?"
)


def charge(entries: Iterable[Entry], order: PurchaseOrder, invoice: Invoice, books: Books) -> Decimal | None:
    """Return what entries of an invoice charge to an order, without tax that the vendor is not paid. None: the order's
    currency is neither the site's nor the invoice's, so its rate is unknown."""
    paid = [
        Decimal(entry.amount)
        for entry in entries
        if entry.order == order.number and entry.part is not EntryPart.ACCRUED
    ]
    currency = books.currency(order.currency)
    if currency == books.plan.currency:
        return total_of(paid)
    rate = number(invoice.rate) if books.currency(invoice.currency) == currency else Decimal(0)
    if not rate:
        return None if books.currency(invoice.currency) != currency else Decimal(0)
    return rounded(EXACT.divide(total_of(paid), rate), currency, books.plan.rounding)


def charged(sql: Sql, order: PurchaseOrder, books: Books, without: str = "") -> Decimal:
    """Return what the invoices with an okay charge to an order, less credits. `without`: id of an invoice that does not
    count."""
    if books.currency(order.currency) == books.plan.currency:
        return total_of([Decimal(amount) for (amount,) in sql.execute(_AMOUNTS, (order.number, without))])
    amounts = []
    for ident in invoices(sql, order.number):
        row = None if ident == without else purchases.invoice(sql, ident)
        if row is not None:
            amounts.append(charge(purchases.entries_of(sql, ident), order, row.content, books) or Decimal(0))
    return total_of(amounts)


def invoices(sql: Sql, order: str) -> tuple[str, ...]:
    """Return the ids of the invoices with an okay that charge an order."""
    return tuple(str(row[0]) for row in sql.execute(_CHARGING, (order,)))
