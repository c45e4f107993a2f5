"""Ask a library system for order lines and invoices, and make the events that journal what it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from station.base.errors import ReceivingRefused, SettingsError
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.events import OrderLineRead, SystemInvoiceRead
from station.domain.invoices.invoice import Invoice
from station.domain.invoices.system_invoice import SystemInvoice
from station.domain.item import Barcode
from station.domain.order_question import OrderAnswer, OrderQuestion
from station.domain.ports import DeliverySystem, OrderLines
from station.domain.receiving.order_line import OrderLine
from station.store.queries.queries import Queries

Read = OrderLineRead | SystemInvoiceRead


def order_lines_in(systems: Mapping[str, DeliverySystem]) -> OrderLines | None:
    """Return the library system that knows order lines; None = there is none."""
    return next((system for system in systems.values() if isinstance(system, OrderLines)), None)


def answer(
    system: OrderLines | None, views: Queries, question: OrderQuestion, operator: str = ""
) -> tuple[OrderAnswer, tuple[Read, ...]]:
    """Return the answer to a person's question, and the events that journal it. Raises `SettingsError` without a system,
    `ReceivingRefused` for an unknown invoice or shipment, and `SyncError`."""
    if system is None:
        raise SettingsError(Sentence("receiving.no-order-system"))
    if question.invoice:
        return _of_invoice(system, views, question.invoice, operator)
    if question.vendor_reference:
        lines = system.order_lines_of(question.vendor_reference, question.vendor)
        unknown = dict.fromkeys(_named(views, question.vendor_reference))
    elif question.barcode:
        line = system.order_line_of_item(Barcode(question.barcode))
        lines, unknown = () if line is None else (line,), {}
    else:
        lines, unknown = (), dict.fromkeys(question.order_lines or numbers_of(views, question.shipment))
    lines = (*lines, *_read(system, [number for number in unknown if number not in {line.number for line in lines}]))
    known = {line.number for line in lines}
    missing = tuple(number for number in unknown if number not in known)
    return (
        OrderAnswer(order_lines=tuple(lines), unknown=missing),
        tuple(OrderLineRead(system=system.name, content=line, operator=operator) for line in lines),
    )


def numbers_of(views: Queries, shipment: str) -> tuple[str, ...]:
    """Return the numbers of the order lines of a shipment's lists. Raises `ReceivingRefused`."""
    now = views.shipment(shipment)
    if now is None:
        raise ReceivingRefused(Sentence("shipment.unknown", shipment=clean(shipment)))
    return tuple(dict.fromkeys(row.line.order_line for row in views.shipment_lines(now) if row.line.order_line))


def _read(system: OrderLines, numbers: list[str]) -> Iterator[OrderLine]:
    for number in numbers:
        line = system.order_line(number)
        if line is not None:
            yield line


def _named(views: Queries, vendor_reference: str) -> Iterator[str]:
    """Yield the order lines that were read before with this number of the vendor's."""
    reference = vendor_reference.strip().casefold()
    return (line.number for line in views.order_lines() if line.vendor_reference.casefold() == reference)


def _of_invoice(system: OrderLines, views: Queries, ident: str, operator: str) -> tuple[OrderAnswer, tuple[Read, ...]]:
    ours = views.invoice(ident)
    if ours is None:
        raise ReceivingRefused(Sentence("invoicing.unknown", invoice=clean(ident)))
    theirs = _nearest(ours.content, system.invoices(ours.content.number))
    event = SystemInvoiceRead(system=system.name, invoice=ident, content=theirs, operator=operator)
    return OrderAnswer(invoice=theirs), (event,)


def _nearest(ours: Invoice, theirs: tuple[SystemInvoice, ...]) -> SystemInvoice | None:
    """Return the invoice that shares most order lines with ours: two vendors may use the same number."""
    named = {line.order_line for line in ours.lines} - {""}

    def shared(invoice: SystemInvoice) -> tuple[int, bool]:
        return len(named & {line.order_line for line in invoice.lines}), invoice.date == ours.date

    return max(theirs, key=shared, default=None)
