"""What people may do with account plan, orders and invoices, and what follows from it in the same transaction
(docs/decisions/41-okay-to-pay.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

import msgspec

from station.base.errors import ChangedMeanwhile, ReceivingRefused, WorkerGone
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.event_rights import right_for
from station.domain.invoices.adding_up import add_up
from station.domain.invoices.invoice import InvoiceKind, invoice_id
from station.domain.invoices.money import number, text
from station.domain.invoices.standing import InvoiceState
from station.domain.people.rights import lacking, may
from station.domain.receiving.difference import OWNER, DifferenceKind
from station.domain.receiving.vendor import CLAIM_DAYS
from station.store.database.database import Sql
from station.store.projections import (
    invoice_keys,
    invoice_lines,
    invoice_standings,
    order_charges,
    purchases,
    workers,
)
from station.store.projections.books import Books
from station.store.projections.purchases import InvoiceRow

MOST_EXPORTED: Final = 1000
"""Documents of one export."""
Day: TypeAlias = Callable[[int], str]
"""The local date so many days from today, ISO 8601: `Clock.day`."""


def permitted(sql: Sql, event: ev.PurchaseStep) -> ev.PurchaseStep:
    """Return the event to journal, with the fields that the store fills in. Raise `WorkError` if it is not allowed now."""
    role = workers.role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    if not may(role, right := right_for(event)):
        raise lacking(right)
    match event:
        case ev.AccountPlanRecorded():
            _require_distinct([rule.id for rule in event.content.rules])
        case ev.PurchaseOrderRecorded():
            return _order_recorded(sql, event)
        case ev.InvoiceRecorded():
            return _recorded(sql, event)
        case ev.InvoiceRated():
            row = _open_invoice(sql, event.invoice)
            if Books(sql).plan.currency in ("", row.content.currency) or not row.content.currency:
                raise ReceivingRefused(Sentence("invoicing.own-currency"))
        case ev.InvoiceCoded():
            return _coded(sql, event)
        case ev.CreditApplied():
            _require_credit(sql, event)
        case ev.InvoiceSigned():
            return _signed(sql, event)
        case ev.InvoiceSignatureTakenBack():
            _require_state(_invoice(sql, event.invoice), InvoiceState.SIGNED)
            _require_reason(event.reason)
        case ev.InvoicesExported():
            return _exported(sql, event)
        case ev.InvoicePaid():
            _require_state(_invoice(sql, event.invoice), InvoiceState.EXPORTED if event.on else InvoiceState.PAID)
        case ev.InvoiceVoided():
            _open_invoice(sql, event.invoice)
            _require_reason(event.reason)
    return event


def follows(sql: Sql, seq: int, event: ev.PurchaseStep, day: Day) -> tuple[ev.DifferenceOpened, ...]:
    """Return the differences that an event shows. `seq`: its number; it was applied."""
    if not isinstance(event, ev.InvoiceRecorded) or event.content.kind is InvoiceKind.CORRECTION:
        return ()
    return tuple(_shown(sql, event.invoice or invoice_id(seq), event, day))


# --- orders ---------------------------------------------------------------------------------------------------------


def _order_recorded(sql: Sql, event: ev.PurchaseOrderRecorded) -> ev.PurchaseOrderRecorded:
    """Keep the number as it was recorded first, and the vendor as its id."""
    content, books = event.content, Books(sql)
    if not content.amount or number(content.amount) < 0:
        raise ReceivingRefused(Sentence("invoicing.order-amount"))
    if content.valid_from and content.valid_to and content.valid_to < content.valid_from:
        raise ReceivingRefused(Sentence("invoicing.order-days"))
    vendor = books.vendor(content.vendor)
    content = msgspec.structs.replace(
        content, number=content.number.strip(), vendor=content.vendor.strip() if vendor is None else vendor.id
    )
    before = books.order(content.number)
    if before is not None:
        content = msgspec.structs.replace(content, number=before.number)
        charged = order_charges.charged(sql, before, books)
        is_used = bool(order_charges.invoices(sql, before.number))
        if is_used and books.currency(before.currency) != books.currency(content.currency):
            raise ReceivingRefused(Sentence("invoicing.order-currency", order=before.number))
        if number(content.amount) < charged:
            raise ReceivingRefused(Sentence("invoicing.order-below", order=before.number, charged=text(charged)))
        if not event.reason.strip():
            raise ReceivingRefused(Sentence("invoicing.no-reason"))
    return msgspec.structs.replace(event, content=content)


# --- invoices -------------------------------------------------------------------------------------------------------


def _recorded(sql: Sql, event: ev.InvoiceRecorded) -> ev.InvoiceRecorded:
    books, content = Books(sql), event.content
    if event.invoice:
        _open_invoice(sql, event.invoice)
        if purchases.applied(sql, event.invoice):
            raise ReceivingRefused(Sentence("invoicing.credit-in-use"))
    if content.kind is InvoiceKind.CORRECTION:
        corrected = _invoice(sql, content.corrects)
        _require_state(corrected, InvoiceState.EXPORTED, InvoiceState.PAID)
        content = msgspec.structs.replace(content, vendor=corrected.content.vendor, currency=corrected.content.currency)
    elif content.corrects:
        raise ReceivingRefused(Sentence("invoicing.corrects-nothing"))
    _require_distinct([line.line for line in content.lines])
    if any(not line.amount for line in content.lines) or any(not charge.amount for charge in content.charges):
        raise ReceivingRefused(Sentence("invoicing.no-amount"))
    vendor = books.vendor(content.vendor)
    if vendor is not None:
        content = msgspec.structs.replace(content, vendor=vendor.id)
    for other in purchases.with_number(sql, content):
        if other.id != event.invoice and books.is_same_vendor(content.vendor, other.content.vendor):
            raise ReceivingRefused(
                Sentence("invoicing.recorded-already", number=other.content.number, invoice=other.id)
            )
    content = invoice_keys.with_keys(sql, content, books, event.invoice)
    remembered = purchases.last_rule(sql, sorted(books.names(content.vendor)))
    addition = add_up(content, Decimal(books.plan.tolerance), remembered)
    return msgspec.structs.replace(event, content=content, rule=addition.rule, off=text(addition.off))


def _coded(sql: Sql, event: ev.InvoiceCoded) -> ev.InvoiceCoded:
    row, books = _open_invoice(sql, event.invoice), Books(sql)
    if all(line.line != event.line for line in row.content.lines):
        raise ReceivingRefused(Sentence("invoicing.unknown-line", line=event.line))
    order = books.order(event.order)
    if event.order.strip() and (order is None or not books.is_same_vendor(row.content.vendor, order.vendor)):
        raise ReceivingRefused(Sentence("invoicing.unknown-order", order=event.order))
    return msgspec.structs.replace(event, order="" if order is None else order.number)


def _require_credit(sql: Sql, event: ev.CreditApplied) -> None:
    """Require that an amount is no more than the rest of the credit, and than what is left to pay of the invoice."""
    books = Books(sql)
    credit, invoice = _invoice(sql, event.credit), _invoice(sql, event.invoice)
    _require_state(invoice, InvoiceState.OPEN, InvoiceState.SIGNED)
    if credit.content.kind is not InvoiceKind.CREDIT or invoice.content.kind is not InvoiceKind.INVOICE:
        raise ReceivingRefused(Sentence("invoicing.credit-kinds"))
    if credit.state is InvoiceState.VOID:
        raise ReceivingRefused(Sentence("invoicing.state-void", invoice=credit.content.number))
    if not books.is_same_vendor(credit.content.vendor, invoice.content.vendor):
        raise ReceivingRefused(Sentence("invoicing.credit-vendor"))
    if books.currency(credit.content.currency) != books.currency(invoice.content.currency):
        raise ReceivingRefused(Sentence("invoicing.credit-currency"))
    amount = number(event.amount)
    if amount < 0 or not event.amount:
        raise ReceivingRefused(Sentence("invoicing.credit-amount"))
    for row in (credit, invoice) if amount else ():
        used = sum(
            (
                each.amount
                for each in purchases.applied(sql, row.id)
                if (each.credit, each.invoice) != (credit.id, invoice.id)
            ),
            Decimal(0),
        )
        rest = invoice_standings.add_up_row(row, books).total - used
        if amount > rest:
            raise ReceivingRefused(Sentence("invoicing.credit-rest", invoice=row.content.number, rest=text(rest)))


# --- okay to pay ----------------------------------------------------------------------------------------------------


def _signed(sql: Sql, event: ev.InvoiceSigned) -> ev.InvoiceSigned:
    """Fill in what is certified. Nothing that stops speaks against it, and all else has a reason."""
    _open_invoice(sql, event.invoice)
    now = invoice_standings.one(sql, event.invoice)
    if now is None or now.newest != event.counted:
        raise ChangedMeanwhile.since_then([] if now is None else [now.newest])
    if now.objections and (now.objections[0].stops or not event.reason.strip()):
        worst = now.objections[0]
        objection = Sentence(f"invoice.objection.{worst.code}", **worst.values)
        if worst.line:
            objection = Sentence("invoice.of-line", line=worst.line, objection=objection)
        key = "invoicing.stopped" if worst.stops else "invoicing.reason-needed"
        raise ReceivingRefused(Sentence(key, objection=objection))
    return msgspec.structs.replace(event, entries=now.entries)


def _exported(sql: Sql, event: ev.InvoicesExported) -> ev.InvoicesExported:
    """Each document is exported once. One that a credit reduces is exported after that credit, or with it."""
    if not 0 < len(event.invoices) <= MOST_EXPORTED:
        raise ReceivingRefused(Sentence("invoicing.export-size", most=MOST_EXPORTED))
    _require_distinct(event.invoices)
    for ident in event.invoices:
        row = _invoice(sql, ident)
        _require_state(row, InvoiceState.SIGNED)
        for part in purchases.applied(sql, ident):
            credit = _invoice(sql, part.credit)
            if credit.state not in (InvoiceState.EXPORTED, InvoiceState.PAID) and credit.id not in event.invoices:
                raise ReceivingRefused(
                    Sentence("invoicing.credit-first", invoice=row.content.number, credit=credit.content.number)
                )
    return event


# --- differences ----------------------------------------------------------------------------------------------------


def _shown(sql: Sql, ident: str, event: ev.InvoiceRecorded, day: Day) -> Iterator[ev.DifferenceOpened]:
    """Yield a difference if the document does not add up, and one for each price that is not the order's."""
    books, content = Books(sql), event.content
    vendor = books.vendor(content.vendor)
    opened = ev.DifferenceOpened(
        what=DifferenceKind.TOTAL,
        shipment="",
        vendor=content.vendor,
        title=content.number,
        number=content.number,
        price=event.off,
        invoice=ident,
        owner=OWNER,
        due=day(CLAIM_DAYS if vendor is None else vendor.claim_days),
        operator=event.operator,
        via=event.via,
    )
    if not event.rule:
        yield opened
    for line in content.lines if content.kind is InvoiceKind.INVOICE else ():
        expected = invoice_lines.order_price_of(sql, line)
        if price := invoice_lines.wrong_price(content, line, expected, books):
            yield msgspec.structs.replace(
                opened,
                what=DifferenceKind.PRICE,
                key=line.key,
                title=line.title,
                number=next(iter(line.numbers), ""),
                order_line=line.order_line,
                copies=line.copies,
                price=price,
                note=expected,
            )


# --- shared ---------------------------------------------------------------------------------------------------------


def _invoice(sql: Sql, ident: str) -> InvoiceRow:
    row = purchases.invoice(sql, ident)
    if row is None:
        raise ReceivingRefused(Sentence("invoicing.unknown", invoice=ident))
    return row


def _open_invoice(sql: Sql, ident: str) -> InvoiceRow:
    row = _invoice(sql, ident)
    _require_state(row, InvoiceState.OPEN)
    return row


def _require_state(row: InvoiceRow, *states: InvoiceState) -> None:
    if row.state not in states:
        raise ReceivingRefused(Sentence(f"invoicing.state-{row.state}", invoice=row.content.number))


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReceivingRefused(Sentence("invoicing.no-reason"))


def _require_distinct(names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ReceivingRefused(Sentence("invoicing.twice", name=name))
        seen.add(name)
