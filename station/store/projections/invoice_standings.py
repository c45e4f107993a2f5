"""Where invoices stand: what their accounts pay, and what speaks against an okay to pay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from station.base.local_time import local_day
from station.domain.invoices import fiscal_year
from station.domain.invoices.adding_up import Addition, add_up
from station.domain.invoices.coding import Coding, CodingReason, coding
from station.domain.invoices.distribution import distribution
from station.domain.invoices.invoice import Invoice, InvoiceKind
from station.domain.invoices.money import text
from station.domain.invoices.objections import objections_of
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.standing import (
    Application,
    Entry,
    InvoiceStanding,
    InvoiceState,
    LineStanding,
    Objection,
    ObjectionCode,
    export_id,
)
from station.domain.invoices.tax import expected_tax
from station.domain.receiving.difference import DifferenceKind, DifferenceState
from station.store.database.database import Sql
from station.store.projections import differences, invoice_lines, order_charges, purchases
from station.store.projections.books import Books
from station.store.projections.invoice_lines import LineFacts
from station.store.projections.purchases import InvoiceRow

_LOOKED_AT: Final = (InvoiceState.OPEN, InvoiceState.SIGNED)
"""Of all others a list says nothing about count and objections: nothing can be done any more."""
_NO_FACTS: Final = LineFacts(None, None, 0, 0, "", 0, ())


def add_up_row(row: InvoiceRow, books: Books) -> Addition:
    """Return how an invoice adds up, by the rule that held when it was recorded."""
    return add_up(row.content, Decimal(books.plan.tolerance), row.rule)


class Paying(NamedTuple):
    """Which accounts and orders pay the lines, and what they pay. By line number."""

    addition: Addition
    codings: Mapping[str, Coding]
    orders: Mapping[str, tuple[str, PurchaseOrder | None]]
    entries: tuple[Entry, ...]
    objections: tuple[Objection, ...]


def paying(row: InvoiceRow, books: Books) -> Paying:
    """Return what the accounts of an invoice without an okay would pay."""
    content, plan = row.content, books.plan
    addition = add_up_row(row, books)
    vendor = books.vendor(content.vendor)
    taxes = expected_tax(content, addition, plan, vendor)
    orders = {line.line: books.order_that_pays(content, line) for line in content.lines}
    codings = {line.line: coding(line, content, plan, vendor, orders[line.line][1]) for line in content.lines}
    numbers = {line: number for line, (number, _) in orders.items()}
    entries = distribution(content, addition, codings, numbers, plan, taxes)
    objections = objections_of(content, addition, codings, entries, plan, taxes)
    return Paying(addition, codings, orders, entries, objections)


def _settled(row: InvoiceRow, books: Books) -> Paying:
    """Return an invoice about which nothing can be done any more: what its accounts pay is kept."""
    none = dict.fromkeys((line.line for line in row.content.lines), Coding(why=CodingReason.NONE))
    return Paying(add_up_row(row, books), none, {}, (), ())


def standing(sql: Sql, row: InvoiceRow, books: Books, *, whole: bool = True) -> InvoiceStanding:
    """Return where an invoice stands. `whole`: also of one about which nothing can be done any more."""
    content = row.content
    looks = whole or row.state in _LOOKED_AT
    shown = differences.of_invoice(sql, row.id) if looks else ()
    paid = paying(row, books) if looks else _settled(row, books)
    copies = invoice_lines.Copies(sql, row, books)
    facts = {
        line.line: invoice_lines.facts(sql, row, line, copies, books, shown) if looks else _NO_FACTS
        for line in content.lines
    }
    entries = paid.entries if row.signature is None else purchases.entries_of(sql, row.id)
    objections: list[Objection] = []
    if row.state in _LOOKED_AT:
        settled = any(each.kind is DifferenceKind.TOTAL and each.state is DifferenceState.ENDED for each in shown)
        objections = [each for each in paid.objections if each.code is not ObjectionCode.TOTAL or not settled]
        objections += _of_orders(sql, row, paid, entries, books)
        objections += [each for line in facts.values() for each in line.objections]
        objections += _alike(sql, row, paid.addition, books)
        objections.sort(key=lambda objection: not objection.stops)
    applied = tuple(each for each in purchases.applied(sql, row.id) if _is_about(each, row))
    vendor = books.vendor(content.vendor)
    return InvoiceStanding(
        id=row.id,
        content=content,
        state=row.state,
        vendor_name=content.vendor if vendor is None else vendor.name,
        rule=paid.addition.rule,
        off=paid.addition.off,
        total=paid.addition.total,
        listed=copies.listed if looks else 0,
        applied=applied,
        lines=tuple(_lines(content, paid, facts, entries, objections)),
        entries=() if row.state is InvoiceState.VOID else entries,
        objections=tuple(objections),
        signature=row.signature,
        export=export_id(row.exported_seq) if row.exported_seq else "",
        paid_on=row.paid_on,
        paid_reference=row.paid_reference,
        recorded_at=row.recorded_at,
        received_on=_day_of(sql, copies.last_count),
        exported_on=local_day(row.exported_at) if row.exported_at else "",
        newest=max(
            (
                row.newest,
                books.plan_seq,
                *(line.newest for line in facts.values()),
                *(each.newest for each in shown),
                *(books.orders[number][1] for number, order in paid.orders.values() if order is not None),
            )
        ),
    )


def standings(sql: Sql, state: str = "", vendor: str = "", year: int | None = None) -> tuple[InvoiceStanding, ...]:
    """Return the invoices, the newest first; optionally in this state, of this vendor, of this fiscal year by the date of
    the document. Those that are exported, paid or void come without count and objections."""
    books = Books(sql)
    return tuple(
        standing(sql, row, books, whole=False)
        for row in purchases.invoices(sql, state)
        if (not vendor or books.is_same_vendor(vendor, row.content.vendor))
        and (year is None or _year_of(row, books) == year)
    )


def _year_of(row: InvoiceRow, books: Books) -> int:
    return fiscal_year.year_of(books.plan, row.content.date or local_day(row.recorded_at))


def one(sql: Sql, ident: str) -> InvoiceStanding | None:
    """Return where one invoice stands."""
    row = purchases.invoice(sql, ident)
    return None if row is None else standing(sql, row, Books(sql))


def _lines(
    content: Invoice,
    paid: Paying,
    facts: Mapping[str, LineFacts],
    entries: tuple[Entry, ...],
    objections: list[Objection],
) -> Iterator[LineStanding]:
    """Yield the lines, those with an objection that stops first, then those with most objections."""
    of_line: dict[str, list[Objection]] = {line.line: [] for line in content.lines}
    for objection in objections:
        of_line.get(objection.line, []).append(objection)
    paying_line: dict[str, list[Entry]] = {line.line: [] for line in content.lines}
    for entry in entries:
        paying_line.get(entry.line, []).append(entry)

    def badness(line: str) -> tuple[bool, int]:
        return (not any(each.stops for each in of_line[line]), -len(of_line[line]))

    for line in sorted(content.lines, key=lambda line: badness(line.line)):
        fact = facts[line.line]
        yield LineStanding(
            line=line,
            listed=fact.listed,
            ordered=fact.ordered,
            here=fact.here,
            invoiced_before=fact.before,
            order_price=fact.order_price,
            rule=paid.codings[line.line].rule,
            entries=tuple(paying_line[line.line]),
            objections=tuple(of_line[line.line]),
        )


def _of_orders(
    sql: Sql, row: InvoiceRow, paid: Paying, entries: tuple[Entry, ...], books: Books
) -> Iterator[Objection]:
    day = row.content.date
    for line, (number, order) in paid.orders.items():
        if not number:
            continue
        values = {"order": number}
        if order is None:
            yield Objection(code=ObjectionCode.UNKNOWN_ORDER, line=line, values=values)
            continue
        if order.closed:
            yield Objection(code=ObjectionCode.ORDER_CLOSED, line=line, values=values)
        if day and not (order.valid_from or day) <= day <= (order.valid_to or day):
            yield Objection(code=ObjectionCode.ORDER_EXPIRED, line=line, values={**values, "date": day})
    for order in {order.number: order for _, order in paid.orders.values() if order is not None}.values():
        own = order_charges.charge(entries, order, row.content, books)
        if own is None:
            yield Objection(code=ObjectionCode.NO_RATE, values={"currency": books.currency(order.currency)})
            continue
        if own <= 0:
            continue
        over = order_charges.charged(sql, order, books, without=row.id) + own - Decimal(order.amount or 0)
        if over > 0:
            yield Objection(code=ObjectionCode.OVERDRAWN, values={"order": order.number, "amount": text(over)})


def _alike(sql: Sql, row: InvoiceRow, addition: Addition, books: Books) -> Iterator[Objection]:
    """Another document of the vendor with the same date and total may be the same one with a mistyped number."""
    content = row.content
    if not content.date or not addition.total or content.kind is InvoiceKind.CORRECTION:
        return
    for other in purchases.of_date(sql, content):
        if (
            other.id != row.id
            and (other.seq < row.seq or other.state is not InvoiceState.OPEN)
            and books.is_same_vendor(content.vendor, other.content.vendor)
            and books.currency(other.content.currency) == books.currency(content.currency)
            and add_up_row(other, books).total == addition.total
        ):
            yield Objection(code=ObjectionCode.ALIKE, values={"invoice": other.content.number})


def _is_about(application: Application, row: InvoiceRow) -> bool:
    return row.id in (application.credit, application.invoice)


def _day_of(sql: Sql, seq: int) -> str:
    """Return the local date of an event."""
    at = sql.execute("SELECT at FROM events WHERE seq = ?", (seq,)).fetchone() if seq else None
    return "" if at is None else local_day(str(at[0]))
