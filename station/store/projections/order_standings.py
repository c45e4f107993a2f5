"""Where blanket and standing orders stand: charged, invoiced, encumbered, and what to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from station.domain.amount import Amount, amount_of
from station.domain.invoices.money import places
from station.domain.invoices.order import OrderStanding, OrderWarning, PurchaseOrder
from station.domain.invoices.standing import InvoiceState
from station.domain.packing_lists.packing_list import PackingLine
from station.store.database.database import Sql
from station.store.projections import order_charges, purchases, shared_copies
from station.store.projections.books import Books
from station.store.projections.invoice_standings import paying

_LINE: Final = msgspec.json.Decoder(PackingLine)
_MAY_BE_LEFT: Final = " ".join(
    (
        "SELECT order_line FROM (SELECT CASE WHEN n.order_line <> '' THEN n.order_line ELSE coalesce(",
        "(SELECT min(l.order_line) FROM packing_lines l",
        "WHERE l.list = n.list AND l.line = n.line AND n.list <> '' AND l.order_line <> ''),",
        "(SELECT min(i.order_line) FROM invoice_lines i",
        "WHERE i.list = n.list AND i.list_line = n.line AND i.list <> '' AND i.order_line <> ''),",
        "(SELECT min(o.order_line) FROM counts o WHERE o.list = n.list AND o.line = n.line AND o.list <> ''",
        "AND o.order_line <> '' AND o.undone_seq IS NULL), '') END AS order_line, 1 AS copies FROM counts n WHERE",
        shared_copies.HERE,
        "UNION ALL SELECT l.order_line, -l.copies FROM invoice_lines l JOIN invoices i ON i.invoice = l.invoice",
        "WHERE l.copies > 0 OR i.state <> 'open') c",
        "WHERE order_line <> '' GROUP BY order_line HAVING sum(copies) > 0 ORDER BY order_line",
    )
)
"""Order lines of which copies may be on no invoice. `shared_copies` says whether they are."""
_CONTENTS: Final = (
    "SELECT l.content FROM packing_lines l JOIN packing_lists p ON p.list = l.list "
    "WHERE l.order_line = ? AND l.order_line <> '' AND l.current = 1 ORDER BY p.kind = 'box', p.seq DESC"
)
"""The order's own line comes before those of boxes."""


class _Sums:
    """What is not yet charged to an order."""

    def __init__(self) -> None:
        self.invoiced = Decimal(0)
        self.encumbered = Decimal(0)
        self.unpriced = 0
        self.invoices: list[str] = []


def standings(sql: Sql, today: str, *, everything: bool = False) -> tuple[OrderStanding, ...]:
    """Return the orders by number, without closed ones, or all of them. `today`: ISO 8601 date."""
    books = Books(sql)
    sums = _sums(sql, books)
    return tuple(
        _standing(sql, order, newest, sums[order.number], books, today)
        for order, newest in books.orders.values()
        if everything or not order.closed
    )


def one(sql: Sql, number: str, today: str) -> OrderStanding | None:
    """Return where the order with this number stands, in whatever case."""
    books = Books(sql)
    order = books.order(number)
    if order is None:
        return None
    return _standing(sql, order, books.orders[order.number][1], _sums(sql, books)[order.number], books, today)


def _standing(sql: Sql, order: PurchaseOrder, newest: int, sums: _Sums, books: Books, today: str) -> OrderStanding:
    standing = OrderStanding(
        content=order,
        charged=order_charges.charged(sql, order, books),
        invoiced=sums.invoiced,
        encumbered=sums.encumbered,
        unpriced=sums.unpriced,
        invoices=(*order_charges.invoices(sql, order.number), *sums.invoices),
        warnings=(),
        newest=newest,
    )
    return msgspec.structs.replace(standing, warnings=tuple(_warnings(standing, books, today)))


def _warnings(now: OrderStanding, books: Books, today: str) -> Iterator[OrderWarning]:
    order, plan = now.content, books.plan
    if order.closed:
        return
    amount = Decimal(order.amount or 0)
    used = amount - now.remaining
    if now.remaining < 0:
        yield OrderWarning.OVERDRAWN
    elif amount and used * 100 >= amount * plan.warn_percent:
        yield OrderWarning.USED
    if order.valid_to and order.valid_to < today:
        yield OrderWarning.EXPIRED
    elif order.valid_to and order.valid_to <= (date.fromisoformat(today) + timedelta(plan.warn_days)).isoformat():
        yield OrderWarning.EXPIRES


def _sums(sql: Sql, books: Books) -> Mapping[str, _Sums]:
    """Return by order what invoices without an okay and copies without an invoice will charge."""
    sums = {number: _Sums() for number in books.orders}
    for row in purchases.invoices(sql, InvoiceState.OPEN):
        paid = paying(row, books)
        for order in {order.number: order for _, order in paid.orders.values() if order is not None}.values():
            sums[order.number].invoiced += order_charges.charge(paid.entries, order, row.content, books) or Decimal(0)
            sums[order.number].invoices.append(row.id)
    for order_line, vendor, copies in shared_copies.left(sql, [str(row[0]) for row in sql.execute(_MAY_BE_LEFT)]):
        paying_order = books.order_of_line(order_line, vendor)
        if paying_order is None:
            continue
        price = _price(sql, order_line, books.currency(paying_order.currency))
        if price is None:
            sums[paying_order.number].unpriced += copies
        else:
            sums[paying_order.number].encumbered += price * copies
    return sums


def _price(sql: Sql, order_line: str, currency: str) -> Decimal | None:
    """Return the price of one copy of an order line in this currency; None = no order or list has it."""
    for (content,) in sql.execute(_CONTENTS, (order_line,)):
        price = amount_of(_LINE.decode(content).price)
        if price is not None and price.comparable(Amount(value=price.value, currency=currency, text="")):
            return price.value.quantize(Decimal(1).scaleb(-places(currency)))
    return None
