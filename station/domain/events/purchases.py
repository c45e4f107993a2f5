"""Invoices, blanket and standing orders, and boxes to the sites: named beside the count, so that ids and fields are the
same in all of them. No part of the station writes them yet (docs/decisions/39-receiving.md)."""

from __future__ import annotations

import msgspec

from station.domain.events.base import Event
from station.domain.packing_lists.packing_list import LineKey


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an invoice. Amounts are decimal numbers as text, in the invoice's currency."""

    line: str
    key: LineKey | None = None
    """The packing-list line; None = on no list."""
    order_line: str = ""
    title: str = ""
    copies: int = 1
    amount: str = ""
    fund: str = ""
    account: str = ""
    """Account string of the fiscal office."""


class InvoiceRecorded(Event, frozen=True, kw_only=True, tag="invoice-recorded"):
    """An invoice or a credit memo was read or typed in. Its id is "invoice-" and this event's number."""

    vendor: str
    number: str
    date: str
    """ISO 8601."""
    currency: str = ""
    """ISO 4217."""
    total: str = ""
    is_credit: bool = False
    lines: tuple[InvoiceLine, ...] = ()
    digest: str = ""
    """SHA-256 of the file, hexadecimal; "" = typed."""


class InvoiceSigned(Event, frozen=True, kw_only=True, tag="invoice-signed"):
    """A technician certified receipt, amount and accounts: okay to pay."""

    invoice: str
    counted: int
    """Number of the newest event of the count that the technician saw."""
    second: str = ""
    unproven: bool = False
    """True if the second person is only a typed name."""
    reason: str = ""
    """Why, although a difference is open."""


class InvoiceSignatureTakenBack(Event, frozen=True, kw_only=True, tag="invoice-signature-taken-back"):
    """The okay to pay no longer counts."""

    invoice: str
    reason: str


class InvoiceExported(Event, frozen=True, kw_only=True, tag="invoice-exported"):
    """A signed invoice was handed to Accounts Payable."""

    invoice: str
    file: str = ""


class PurchaseOrderRecorded(Event, frozen=True, kw_only=True, tag="purchase-order-recorded"):
    """A blanket or standing order was recorded, or has another content from now on."""

    order: str
    """Number of the order."""
    vendor: str
    account: str = ""
    amount: str = ""
    currency: str = ""
    """ISO 4217."""
    valid_from: str = ""
    valid_to: str = ""
    """ISO 8601 dates."""
    is_standing: bool = False


class BoxOpened(Event, frozen=True, kw_only=True, tag="box-opened"):
    """A box for a site was opened, or opened again. Its id is "box-" and the number of the first such event."""

    site: str
    box: str = ""
    """The box that is opened again; "" = a new one."""
    reason: str = ""


class BoxPacked(Event, frozen=True, kw_only=True, tag="box-packed"):
    """An item was put into a box, or taken out."""

    box: str
    barcode: str
    removed: bool = False


class BoxClosed(Event, frozen=True, kw_only=True, tag="box-closed"):
    """A box is ready to leave."""

    box: str


class BoxReceived(Event, frozen=True, kw_only=True, tag="box-received"):
    """The site has the box."""

    box: str
    missing: tuple[str, ...] = ()
    """Barcodes that were not in it."""


PurchaseEvent = (
    InvoiceRecorded
    | InvoiceSigned
    | InvoiceSignatureTakenBack
    | InvoiceExported
    | PurchaseOrderRecorded
    | BoxOpened
    | BoxPacked
    | BoxClosed
    | BoxReceived
)
