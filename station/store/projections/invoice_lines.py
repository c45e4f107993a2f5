"""An invoice's lines beside count, lists, orders and other invoices."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from station.domain.amount import Amount, amount_of
from station.domain.invoices.invoice import Invoice, InvoiceKind, InvoiceLine
from station.domain.invoices.money import EXACT, number, places, text
from station.domain.invoices.standing import InvoiceState, Objection, ObjectionCode
from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine
from station.domain.receiving.difference import Difference, DifferenceKind, DifferenceState
from station.store.database.database import Sql, SqlValue
from station.store.projections.books import Books
from station.store.projections.purchases import InvoiceRow

_LINE: Final = msgspec.json.Decoder(PackingLine)
_HERE: Final = "n.undone_seq IS NULL AND n.returned_seq IS NULL AND n.outcome IN ('matched', 'over', 'duplicate')"
_COUNTS: Final = (
    f"coalesce(sum({_HERE}), 0), coalesce(max(iif({_HERE}, n.seq, 0)), 0), "
    "coalesce(max(max(n.seq, coalesce(n.returned_seq, 0), coalesce(n.undone_seq, 0))), 0)"
)
"""Copies that are here, number of the newest of their counts, and number of the newest event about the counts."""
_SENT_BACK: Final = (
    "EXISTS (SELECT 1 FROM counts r WHERE r.barcode = a.barcode AND r.barcode <> '' AND r.returned_seq IS NOT NULL)"
)
_ON_LIST: Final = " ".join(
    ("SELECT", _COUNTS, "FROM counts n WHERE n.list = :list AND n.line = :line AND n.list <> ''")
)
_ARRIVED_ON_LIST: Final = " ".join(
    ("SELECT count(*) FROM arrivals a WHERE a.list = :list AND a.line = :line AND NOT", _SENT_BACK)
)
_FOR_ORDER_LINE: Final = " ".join(
    ("SELECT", _COUNTS, "FROM counts n WHERE n.order_line = :order_line AND n.order_line <> ''")
)
_ARRIVED_FOR_ORDER_LINE: Final = " ".join(
    (
        "SELECT count(*) FROM packing_lines l JOIN arrivals a ON a.list = l.list AND a.line = l.line",
        "WHERE l.order_line = :order_line AND l.order_line <> '' AND NOT",
        _SENT_BACK,
    )
)
_WITH_NUMBER: Final = " ".join(
    (
        "SELECT s.vendor,",
        _COUNTS.replace("'duplicate'", "'duplicate', 'not-ordered'"),
        "FROM json_each(:numbers) m JOIN counts n ON n.number = m.value AND n.list = '' AND n.number <> ''",
        "JOIN shipments s ON s.shipment = n.shipment WHERE n.order_line = '' GROUP BY s.vendor",
    )
)
"""Copies without list and order line; a bought copy without a list is "not ordered"."""
_LISTED: Final = (
    "SELECT p.kind, l.quantity, l.content FROM packing_lines l JOIN packing_lists p ON p.list = l.list "
    "WHERE l.list = :list AND l.line = :line"
)
_ORDERED: Final = (
    "SELECT sum(l.quantity), max(l.content) FROM packing_lines l JOIN packing_lists p ON p.list = l.list "
    "WHERE l.order_line = :order_line AND l.order_line <> '' AND l.current = 1 AND l.cancelled = 0 AND p.kind = 'order' "
    "GROUP BY l.list ORDER BY sum(l.quantity) DESC LIMIT 1"
)
_INVOICED: Final = "SELECT i.invoice, i.vendor, i.seq, i.state, i.newest_seq, l.line, l.copies FROM "
_INVOICED_ON_LIST: Final = _INVOICED + (
    "invoice_lines l JOIN invoices i ON i.invoice = l.invoice "
    "WHERE l.list = :list AND l.list_line = :line AND l.list <> ''"
)
_INVOICED_FOR_ORDER_LINE: Final = _INVOICED + (
    "invoice_lines l JOIN invoices i ON i.invoice = l.invoice WHERE l.order_line = :order_line AND l.order_line <> ''"
)
_INVOICED_WITH_NUMBER: Final = _INVOICED + (
    "json_each(:numbers) m JOIN invoice_lines l ON l.number = m.value AND l.number <> '' "
    "JOIN invoices i ON i.invoice = l.invoice WHERE l.list = '' AND l.order_line = ''"
)
_DIFFERENCES_ON_LIST: Final = (
    "SELECT difference, newest_seq, closed_seq IS NULL FROM differences WHERE list = :list AND line = :line "
    "AND list <> '' AND invoice = ''"
)
_DIFFERENCES_FOR_ORDER_LINE: Final = (
    "SELECT difference, newest_seq, closed_seq IS NULL FROM differences WHERE order_line = :order_line "
    "AND order_line <> '' AND invoice = ''"
)
_DIFFERENCES_WITH_NUMBER: Final = (
    "SELECT d.difference, d.newest_seq, d.closed_seq IS NULL FROM json_each(:numbers) m "
    "JOIN counts n ON n.number = m.value AND n.list = '' AND n.number <> '' "
    "JOIN differences d ON d.count_seq = n.seq AND d.count_seq <> 0 WHERE n.order_line = '' AND d.invoice = ''"
)


class _Measure(NamedTuple):
    """Copies of a line, as one of list line, order line and number tells them."""

    expected: int | None
    """Copies ordered or listed; None = unknown."""
    here: int
    before: int
    last_count: int
    """Number of the newest count of a copy that is here; 0 = none is."""
    newest: int


class LineFacts(NamedTuple):
    """A line beside count, lists, orders and other invoices."""

    listed: int | None
    ordered: int | None
    here: int
    before: int
    order_price: str
    last_count: int
    newest: int
    """Number of the newest event about its copies, differences and other invoices."""
    objections: tuple[Objection, ...]


def facts(sql: Sql, row: InvoiceRow, line: InvoiceLine, books: Books, shown: Sequence[Difference]) -> LineFacts:
    """Return what speaks for and against a line. `shown`: the differences that the invoice itself showed."""
    place = _place(sql, line)
    measures = [*_measures(sql, row, line, place, books)]
    worst = min(measures, key=lambda each: each.here - each.before - line.copies, default=_Measure(None, 0, 0, 0, 0))
    waiting, newest = _differences(sql, line, place)
    counts_copies = row.content.kind is InvoiceKind.INVOICE and line.copies > 0
    objections = []
    if counts_copies and worst.before + line.copies > worst.here:
        values = {"invoiced": str(worst.before + line.copies), "here": str(worst.here)}
        objections.append(Objection(code=ObjectionCode.NOT_HERE, values=values))
    exceeded = [each for each in measures if each.expected is not None and each.before + line.copies > each.expected]
    if counts_copies and exceeded:
        first = exceeded[0]
        objections.append(
            Objection(
                code=ObjectionCode.INVOICED_BEFORE,
                values={"invoiced": str(first.before + line.copies), "expected": str(first.expected)},
            )
        )
    if waiting:
        objections.append(Objection(code=ObjectionCode.DIFFERENCE, values={"count": str(len(waiting))}))
    price = place.order_price
    if counts_copies and (wrong := wrong_price(row.content, line, price, books)) and not _is_settled(shown, line):
        objections.append(Objection(code=ObjectionCode.PRICE, values={"price": wrong, "expected": price}))
    return LineFacts(
        listed=place.listed,
        ordered=place.ordered,
        here=worst.here,
        before=worst.before,
        order_price=price,
        last_count=max((each.last_count for each in measures), default=0),
        newest=max((newest, *(each.newest for each in measures))),
        objections=tuple(msgspec.structs.replace(each, line=line.line) for each in objections),
    )


def last_count(sql: Sql, row: InvoiceRow, books: Books) -> int:
    """Return the number of the newest count of a copy of an invoice; 0 = none is here."""
    return max(
        (
            measure.last_count
            for line in row.content.lines
            for measure in _counted(sql, row.content, line, _place(sql, line), books)
        ),
        default=0,
    )


def order_price_of(sql: Sql, line: InvoiceLine) -> str:
    """Return the price of one copy as the order writes it; "" = unknown."""
    return _place(sql, line).order_price


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


# --- lists and orders -----------------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where a line is listed and ordered."""

    key: LineKey | None
    """The line of a box; None = of none."""
    order_line: str
    listed: int | None
    ordered: int | None
    order_price: str


def _place(sql: Sql, line: InvoiceLine) -> _Place:
    key, listed, order_line = line.key, None, line.order_line
    on_order = ""
    ordered: int | None = None
    if key is not None:
        row = sql.execute(_LISTED, {"list": key.list, "line": key.line}).fetchone()
        if row is None:
            key = None
        else:
            content = _LINE.decode(row[2])
            order_line = order_line or content.order_line
            if row[0] == ListKind.BOX:
                listed, ordered = int(row[1]), content.ordered
            else:
                ordered, on_order = int(row[1]), content.price
                key = None if order_line else key
    row = sql.execute(_ORDERED, {"order_line": order_line}).fetchone() if order_line else None
    if row is not None:
        ordered, on_order = int(row[0]), _LINE.decode(row[1]).price
    return _Place(key, order_line, listed, ordered, on_order)


# --- copies ---------------------------------------------------------------------------------------------------------


class _Counted(NamedTuple):
    expected: int | None
    here: int
    last_count: int
    newest: int
    invoiced: str
    """Statement that reads the invoices of the same copies."""
    values: Mapping[str, SqlValue]


def _counted(sql: Sql, invoice: Invoice, line: InvoiceLine, place: _Place, books: Books) -> Iterator[_Counted]:
    """Yield the copies that are here by list line and by order line; of a line without both by its numbers."""
    if place.key is not None:
        at: dict[str, SqlValue] = {"list": place.key.list, "line": place.key.line}
        here, last, newest = sql.execute(_ON_LIST, at).fetchone()
        here = max(here, sql.execute(_ARRIVED_ON_LIST, at).fetchone()[0])
        expected = place.ordered if place.listed is None else place.listed
        yield _Counted(expected, here, last, newest, _INVOICED_ON_LIST, at)
    if place.order_line:
        ordered: dict[str, SqlValue] = {"order_line": place.order_line}
        here, last, newest = sql.execute(_FOR_ORDER_LINE, ordered).fetchone()
        here = max(here, sql.execute(_ARRIVED_FOR_ORDER_LINE, ordered).fetchone()[0])
        yield _Counted(place.ordered, here, last, newest, _INVOICED_FOR_ORDER_LINE, ordered)
    if place.key is None and not place.order_line and line.numbers:
        numbered: dict[str, SqlValue] = {"numbers": json.dumps(line.numbers)}
        rows = [row for row in sql.execute(_WITH_NUMBER, numbered) if books.is_same_vendor(invoice.vendor, row[0])]
        here, last, newest = (
            sum(int(row[1]) for row in rows),
            max((int(row[2]) for row in rows), default=0),
            max((int(row[3]) for row in rows), default=0),
        )
        yield _Counted(None, here, last, newest, _INVOICED_WITH_NUMBER, numbered)


def _measures(sql: Sql, row: InvoiceRow, line: InvoiceLine, place: _Place, books: Books) -> Iterator[_Measure]:
    places_of_lines = {each.line: index for index, each in enumerate(row.content.lines)}
    own = places_of_lines[line.line]
    for counted in _counted(sql, row.content, line, place, books):
        before, newest = 0, counted.newest
        for ident, vendor, seq, state, newest_of_it, other, copies in sql.execute(counted.invoiced, counted.values):
            if counted.invoiced is _INVOICED_WITH_NUMBER and not books.is_same_vendor(row.content.vendor, vendor):
                continue
            if ident == row.id:
                before += copies if places_of_lines.get(other, own) < own else 0
                continue
            newest = max(newest, newest_of_it)
            has_okay = state != InvoiceState.OPEN
            if has_okay or (copies > 0 and seq < row.seq):
                before += copies
        yield _Measure(counted.expected, counted.here, before, counted.last_count, newest)


# --- differences ----------------------------------------------------------------------------------------------------


def _differences(sql: Sql, line: InvoiceLine, place: _Place) -> tuple[frozenset[str], int]:
    """Return the open differences of a line's copies, and the number of the newest event about any of them."""
    if place.key is not None:
        rows = sql.execute(_DIFFERENCES_ON_LIST, {"list": place.key.list, "line": place.key.line})
    elif place.order_line:
        rows = sql.execute(_DIFFERENCES_FOR_ORDER_LINE, {"order_line": place.order_line})
    elif line.numbers:
        rows = sql.execute(_DIFFERENCES_WITH_NUMBER, {"numbers": json.dumps(line.numbers)})
    else:
        return frozenset(), 0
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
