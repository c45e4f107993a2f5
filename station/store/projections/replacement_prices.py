"""The list price of the invoice line of a counted copy, which is offered as the item's replacement price."""

from __future__ import annotations

from typing import Final, NamedTuple

from station.domain.invoices.invoice import InvoiceKind
from station.store.database.database import Sql
from station.store.projections import purchases, shipments
from station.store.projections.books import Books

_LINES: Final = """SELECT l.invoice, l.line FROM invoice_lines l JOIN invoices i ON i.invoice = l.invoice
    WHERE i.kind = 'invoice' AND i.state <> 'void' AND """
_ON_LIST: Final = _LINES + "l.list = ? AND l.list_line = ? AND l.list <> '' ORDER BY i.seq DESC"
_FOR_ORDER_LINE: Final = _LINES + "l.order_line = ? AND l.order_line <> '' ORDER BY i.seq DESC"


class ReplacementPrice(NamedTuple):
    amount: str
    currency: str
    """ISO 4217."""
    invoice: str
    """Id of the invoice."""


def of_item(sql: Sql, barcode: str) -> ReplacementPrice | None:
    """Return the newest list price of a counted copy that carries our barcode; None = no invoice states one."""
    count = shipments.count_of_item(sql, barcode)
    if count is None:
        return None
    rows = [] if count.key is None else list(sql.execute(_ON_LIST, (count.key.list, count.key.line)))
    for ident, line in rows or list(sql.execute(_FOR_ORDER_LINE, (count.order_line,))):
        row = purchases.invoice(sql, ident)
        if row is None or row.content.kind is not InvoiceKind.INVOICE:
            continue
        price = next((each.list_price for each in row.content.lines if each.line == line), "")
        if price:
            return ReplacementPrice(price, Books(sql).currency(row.content.currency), ident)
    return None
