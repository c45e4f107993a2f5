"""Packing lists of vendors: import, replacement, close."""

from __future__ import annotations

from station.domain.events.base import Event
from station.domain.invoices.system_invoice import SystemInvoice
from station.domain.packing_lists.packing_list import MissingCopies, PackingList
from station.domain.receiving.order_line import OrderLine


class PackingListImported(Event, frozen=True, kw_only=True, tag="packing-list-imported"):
    """A packing list was imported from a vendor's file. The list's id is `list_id` of this event's number."""

    content: PackingList
    source: str = ""
    """Name of the file."""
    digest: str = ""
    """SHA-256 of the file, hexadecimal."""


class PackingListReplaced(Event, frozen=True, kw_only=True, tag="packing-list-replaced"):
    """A list has another content from now on, and is open. Items that arrived for it stay with their copy."""

    list: str
    """Id of the list."""
    replaces: int
    """Number of the event that holds the content before."""
    content: PackingList
    source: str = ""
    digest: str = ""


class PackingListClosed(Event, frozen=True, kw_only=True, tag="packing-list-closed"):
    """No further copies of a list are expected."""

    list: str
    vendor: str = ""
    name: str = ""
    missing: tuple[MissingCopies, ...] = ()
    """Copies that had not arrived. The store fills in this field, vendor and name."""


class PackingListTakenOver(Event, frozen=True, kw_only=True, tag="packing-list-taken-over"):
    """A list that a version before schema 12 kept as a file was taken over, once. Its id is `list_id` of this event's
    number."""

    file: str
    """Name of that file."""
    digest: str = ""
    """SHA-256 of that file, hexadecimal."""
    content: PackingList | None = None
    """None = the file could not be read."""
    problem: str = ""
    """Why it could not be read."""
    source: str = ""
    """Name of the vendor's file."""
    imported_at: str = ""
    """Time of the import, ISO 8601; "" = unknown."""
    closed: bool = False
    closed_at: str = ""
    """Time at which the list was closed, ISO 8601; "" = unknown, or open."""


class OrderLineRead(Event, frozen=True, kw_only=True, tag="order-line-read"):
    """An order line has this content in the library system. It is journaled if it differs from the newest one."""

    system: str
    """Name of the library system in the outbox."""
    content: OrderLine


class SystemInvoiceRead(Event, frozen=True, kw_only=True, tag="system-invoice-read"):
    """An invoice has this content in the library system."""

    system: str
    invoice: str
    """Id of our invoice."""
    content: SystemInvoice | None = None
    """None = the library system has no invoice with its number."""


def list_id(seq: int) -> str:
    """Return the id of the list that the event with this number began."""
    return f"list-{seq}"


PackingListStep = PackingListImported | PackingListReplaced | PackingListClosed
"""Events that a person may ask to journal about packing lists."""

PackingListEvent = PackingListStep | PackingListTakenOver | OrderLineRead | SystemInvoiceRead
