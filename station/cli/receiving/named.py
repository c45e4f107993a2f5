"""What a person names on the command line: a vendor, a shipment, a count, a difference, an invoice, an order, a box, or
another person."""

from __future__ import annotations

from typing import Final

from station.base.errors import ReceivingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.cli.shared.app import App
from station.cli.shared.who_asks import worker
from station.domain.distribution.box import Box, box_scanned
from station.domain.invoices.invoice import number_key
from station.domain.invoices.order import OrderStanding
from station.domain.invoices.standing import InvoiceStanding, InvoiceState
from station.domain.receiving.difference import Difference
from station.domain.receiving.shipment import Count, Shipment
from station.domain.receiving.vendor import Vendor
from station.store.people.visibility import Visibility
from station.store.queries.queries import Queries

_COUNT: Final = "count-"
_BOX: Final = "box-"


def vendor_named(views: Queries, name: str) -> Vendor:
    """Return the vendor with this id, name or code. Raise `ReceivingRefused`."""
    vendor = views.vendor_named(name)
    if vendor is None:
        known = ", ".join(vendor.id for vendor in views.vendors()) or "-"
        raise ReceivingRefused(Sentence("receiving.unknown-vendor", vendor=clean(name), known=known))
    return vendor


def shipment_named(views: Queries, name: str) -> Shipment:
    """Return the shipment with this id or carton; "" = the only open one. Raise `ReceivingRefused`."""
    shipments = views.shipments()
    if not name:
        if len(shipments) == 1:
            return shipments[0]
        known = ", ".join(shipment.id for shipment in shipments) or "-"
        raise ReceivingRefused(Sentence("receiving.which-shipment", option="--shipment", known=known))
    ident = views.shipment_with_carton(name) or name
    shipment = views.shipment(ident)
    if shipment is None:
        raise ReceivingRefused(Sentence("shipment.unknown", shipment=clean(name)))
    return shipment


def count_named(views: Queries, name: str) -> Count:
    """Return the count with this id (`count-12` or `12`). Raise `ReceivingRefused`."""
    number = name.removeprefix(_COUNT)
    count = views.count(int(number)) if number.isascii() and number.isdecimal() and len(number) < 18 else None
    if count is None:
        raise ReceivingRefused(Sentence("shipment.unknown-count", number=clean(name)))
    return count


def difference_named(views: Queries | Visibility, name: str) -> Difference:
    """Return the difference with this id. Raise `ReceivingRefused`."""
    difference = views.difference(name)
    if difference is None:
        raise ReceivingRefused(Sentence("shipment.unknown-difference", difference=clean(name)))
    return difference


def invoice_named(views: Queries, name: str) -> InvoiceStanding:
    """Return the invoice with this id, else the only one with this number that is not void. Raise
    `ReceivingRefused`."""
    if (invoice := views.invoice(name)) is not None:
        return invoice
    key = number_key(name)
    invoices = [standing for standing in views.invoices() if key and number_key(standing.content.number) == key]
    valid = [standing for standing in invoices if standing.state is not InvoiceState.VOID] or invoices
    if not valid:
        raise ReceivingRefused(Sentence("invoicing.unknown", invoice=clean(name)))
    if len(valid) > 1:
        known = ", ".join(
            f"{standing.id} ({clean(standing.vendor_name)}, {standing.content.kind})" for standing in valid
        )
        raise ReceivingRefused(Sentence("receiving.which-invoice", number=clean(name), known=known))
    return valid[0]


def order_named(views: Queries, number: str) -> OrderStanding:
    """Return the blanket or standing order with this number. Raise `ReceivingRefused`."""
    order = views.order(number)
    if order is None:
        known = ", ".join(clean(standing.content.number) for standing in views.orders()[:8]) or "-"
        raise ReceivingRefused(Sentence("receiving.unknown-order", order=clean(number), known=known))
    return order


def person_named(app: App, name: str) -> str:
    """Return the id of a registered person, else the name as typed; "" = none."""
    who = worker(app, name) if name.strip() else None
    return who.id if who is not None and who.registered else clean(name, 100)


def box_named(views: Queries, name: str) -> Box:
    """Return the box with this id (`box-42` or `42`, or as its label is scanned). Raise `ReceivingRefused`."""
    ident = box_scanned(name) or box_scanned(f"{_BOX}{name}")
    box = views.box(ident) if ident else None
    if box is None:
        raise ReceivingRefused(Sentence("box.unknown", box=clean(name)))
    return box
