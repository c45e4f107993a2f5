"""An invoice's lines beside count, lists, orders and other invoices."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from station.domain.amount import Amount, amount_of
from station.domain.invoices.invoice import Invoice, InvoiceKind, InvoiceLine
from station.domain.invoices.money import EXACT, number, places, text
from station.domain.invoices.standing import InvoiceState, Objection, ObjectionCode
from station.domain.packing_lists.packing_list import ListKind, PackingLine
from station.domain.receiving.difference import Difference, DifferenceKind, DifferenceState
from station.store.database.database import Sql
from station.store.projections import shared_copies
from station.store.projections.books import Books
from station.store.projections.purchases import InvoiceRow
from station.store.projections.shared_copies import COUNTS, InvoicedLine, SharedCopies

_LINE: Final = msgspec.json.Decoder(PackingLine)
_WITH_NUMBER: Final = " ".join(
    (
        "SELECT s.vendor,",
        COUNTS.replace("'duplicate'", "'duplicate', 'not-ordered'"),
        "FROM json_each(:numbers) m JOIN counts n ON n.number = m.value AND n.list = '' AND n.number <> ''",
        "JOIN shipments s ON s.shipment = n.shipment WHERE n.order_line = '' GROUP BY s.vendor",
    )
)
"""Copies without list and order line; a bought copy without a list is "not ordered"."""
_LISTED: Final = (
    "SELECT p.kind, l.content FROM packing_lines l JOIN packing_lists p "
    "ON p.list = l.list WHERE l.list = ? AND l.line = ?"
)
_ORDERED: Final = (
    "SELECT max(l.content) FROM packing_lines l JOIN packing_lists p ON p.list = l.list "
    "WHERE l.order_line = ? AND l.order_line <> '' AND l.current = 1 AND l.cancelled = 0 AND p.kind = 'order' "
    "GROUP BY l.list ORDER BY sum(l.quantity) DESC LIMIT 1"
)
_INVOICED_WITH_NUMBER: Final = (
    "SELECT l.order_line, i.invoice, l.line, i.seq, i.state, i.newest_seq, l.copies, i.vendor "
    "FROM json_each(:numbers) m JOIN invoice_lines l ON l.number = m.value AND l.number <> '' "
    "JOIN invoices i ON i.invoice = l.invoice WHERE l.list = '' AND l.order_line = ''"
)
_DIFFERENCES: Final = (
    "SELECT difference, newest_seq, closed_seq IS NULL FROM differences WHERE invoice = '' AND (order_line <> '' "
    "AND order_line IN (SELECT m.value FROM json_each(:order_lines) m) OR list <> '' AND (list, line) IN "
    "(SELECT json_extract(m.value, '$.list'), json_extract(m.value, '$.line') FROM json_each(:lines) m))"
)
_DIFFERENCES_WITH_NUMBER: Final = (
    "SELECT d.difference, d.newest_seq, d.closed_seq IS NULL FROM json_each(:numbers) m "
    "JOIN counts n ON n.number = m.value AND n.list = '' AND n.number <> '' "
    "JOIN differences d ON d.count_seq = n.seq AND d.count_seq <> 0 WHERE n.order_line = '' AND d.invoice = ''"
)


class LineFacts(NamedTuple):
    """A line beside count, lists, orders and other invoices."""

    listed: int | None
    ordered: int | None
    here: int
    before: int
    order_price: str
    newest: int
    """Number of the newest event about its copies, differences and other invoices."""
    objections: tuple[Objection, ...]


class Copies:
    """The copies of an invoice's lines."""

    def __init__(self, sql: Sql, row: InvoiceRow, books: Books) -> None:
        self._row = row
        lines = row.content.lines
        places = {line.line: place for line in lines if (place := line.key or line.order_line)}
        shared = shared_copies.copies_of(sql, places.values())
        self._of = {line: shared[place] for line, place in places.items()}
        for line in lines:
            if line.line not in places:
                self._of[line.line] = _with_number(sql, row.content, line, books)

    def of(self, line: InvoiceLine) -> SharedCopies:
        """Return the copies of a line by list line and order line; of a line without both by its numbers."""
        return self._of[line.line]

    def before(self, line: InvoiceLine) -> int:
        """Return the copies that earlier invoices, and earlier lines of this one, name."""
        earlier = {
            each.line for each in itertools.takewhile(lambda each: each.line != line.line, self._row.content.lines)
        }
        return sum(each.copies for each in self.of(line).invoiced if self._is_before(each, earlier))

    def _is_before(self, other: InvoicedLine, earlier: Collection[str]) -> bool:
        if other.invoice == self._row.id:
            return other.line in earlier
        has_okay = other.state != InvoiceState.OPEN
        return has_okay or (other.copies > 0 and other.seq < self._row.seq)

    def newest(self, line: InvoiceLine) -> int:
        """Return the number of the newest event about the counts and other invoices of a line's copies."""
        shared = self.of(line)
        return max(shared.newest, *(each.newest for each in shared.invoiced if each.invoice != self._row.id), 0)

    @property
    def listed(self) -> int:
        """Return the copies that lists list, each once."""
        return sum(each.listed or 0 for each in {id(each): each for each in self._of.values()}.values())

    @property
    def last_count(self) -> int:
        """Return the number of the newest count of a copy; 0 = none is here."""
        return max((each.last_count for each in self._of.values()), default=0)


def facts(
    sql: Sql, row: InvoiceRow, line: InvoiceLine, copies: Copies, books: Books, shown: Sequence[Difference]
) -> LineFacts:
    """Return what speaks for and against a line. `shown`: the differences that the invoice itself showed."""
    shared, before = copies.of(line), copies.before(line)
    waiting, newest = _differences(sql, line, shared)
    counts_copies = row.content.kind is InvoiceKind.INVOICE and line.copies > 0
    invoiced = before + line.copies
    objections = []
    if counts_copies and invoiced > shared.here:
        values = {"invoiced": str(invoiced), "here": str(shared.here)}
        objections.append(Objection(code=ObjectionCode.NOT_HERE, values=values))
    if counts_copies and shared.expected is not None and invoiced > shared.expected:
        values = {"invoiced": str(invoiced), "expected": str(shared.expected)}
        objections.append(Objection(code=ObjectionCode.INVOICED_BEFORE, values=values))
    if waiting:
        objections.append(Objection(code=ObjectionCode.DIFFERENCE, values={"count": str(len(waiting))}))
    price = order_price_of(sql, line)
    if counts_copies and (wrong := wrong_price(row.content, line, price, books)) and not _is_settled(shown, line):
        objections.append(Objection(code=ObjectionCode.PRICE, values={"price": wrong, "expected": price}))
    return LineFacts(
        listed=shared.listed,
        ordered=shared.ordered,
        here=shared.here,
        before=before,
        order_price=price,
        newest=max(newest, copies.newest(line)),
        objections=tuple(msgspec.structs.replace(each, line=line.line) for each in objections),
    )


def order_price_of(sql: Sql, line: InvoiceLine) -> str:
    """Return the price of one copy as the order writes it; "" = unknown."""
    order_line, price = line.order_line, ""
    row = None if line.key is None else sql.execute(_LISTED, (line.key.list, line.key.line)).fetchone()
    if row is not None:
        content = _LINE.decode(row[1])
        order_line = order_line or content.order_line
        price = content.price if row[0] == ListKind.ORDER else ""
    row = sql.execute(_ORDERED, (order_line,)).fetchone() if order_line else None
    return price if row is None else _LINE.decode(row[0]).price


def wrong_price(invoice: Invoice, line: InvoiceLine, order_price: str, books: Books) -> str:
    """Return the price of one copy if it differs from the order's by more than the vendor allows; else "". A price below
    it is a discount if the list price is the order's."""
    vendor = books.vendor(invoice.vendor)
    expected = amount_of(order_price) if order_price else None
    if vendor is None or not vendor.tolerance or expected is None or not line.copies:
        return ""
    currency = books.currency(invoice.currency)
    if not expected.comparable(Amount(value=expected.value, currency=currency, text="")):
        return ""
    allowed = expected.value * Decimal(vendor.tolerance) / 100
    unit = EXACT.divide(number(line.amount), Decimal(line.copies))
    above = unit - expected.value > allowed
    below = expected.value - unit > allowed
    if below and line.list_price and abs(number(line.list_price) - expected.value) <= allowed:
        return ""
    return text(unit.quantize(Decimal(1).scaleb(-places(currency)))) if above or below else ""


# --- copies without list and order line --------------------------------------------------------------------------------


def _with_number(sql: Sql, invoice: Invoice, line: InvoiceLine, books: Books) -> SharedCopies:
    """Return the copies of the vendor that were counted without a list and have a number of the line."""
    numbers = {"numbers": json.dumps(line.numbers)}
    counts = [row for row in sql.execute(_WITH_NUMBER, numbers) if books.is_same_vendor(invoice.vendor, row[0])]
    here = sum(int(row[1]) for row in counts)
    return SharedCopies(
        places=(),
        counted=here,
        here=here,
        last_count=max((int(row[2]) for row in counts), default=0),
        newest=max((int(row[3]) for row in counts), default=0),
        vendor=invoice.vendor,
        listed=None,
        ordered=None,
        counted_on={},
        counted_for={},
        invoiced=tuple(
            InvoicedLine(*row[:7])
            for row in sql.execute(_INVOICED_WITH_NUMBER, numbers)
            if books.is_same_vendor(invoice.vendor, row[7])
        ),
    )


# --- differences ----------------------------------------------------------------------------------------------------


def _differences(sql: Sql, line: InvoiceLine, shared: SharedCopies) -> tuple[frozenset[str], int]:
    """Return the open differences of a line's copies, and the number of the newest event about any of them. The copies are
    those of its list line; if fewer were counted there than the line names, all that share them."""
    places = shared.places
    if line.key is not None and shared.counted_on.get(line.key, 0) >= line.copies:
        places = (line.key,)
    if places:
        rows = sql.execute(_DIFFERENCES, shared_copies.values_of(places))
    else:
        rows = sql.execute(_DIFFERENCES_WITH_NUMBER, {"numbers": json.dumps(line.numbers)})
    known = list(rows)
    waiting = frozenset(str(ident) for ident, _, is_open in known if is_open)
    return waiting, max((int(seq) for _, seq, _ in known), default=0)


def _is_settled(shown: Sequence[Difference], line: InvoiceLine) -> bool:
    """Return True if the difference about the line's price has ended."""
    return any(
        each.state is DifferenceState.ENDED
        and each.kind is DifferenceKind.PRICE
        and (each.key, each.order_line, each.title) == (line.key, line.order_line, line.title)
        for each in shown
    )
