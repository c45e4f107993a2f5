"""Records and deliveries: the import of the catalog, requests to the catalogers, and what is sent to library systems."""

from __future__ import annotations

from station.domain.deliveries.intents import Intent, Side
from station.domain.events.base import Event


class CatalogImported(Event, frozen=True, kw_only=True, tag="catalog-imported"):
    source: str
    records: int
    items: int
    rejected: int


class CatalogingRequested(Event, frozen=True, kw_only=True, tag="cataloging-requested"):
    """A piece without a usable record goes to the queue for original cataloging. All text is cleaned."""

    request: str
    barcode: str = ""
    isbn: str = ""
    """ISBN, EAN or UPC as scanned from the piece."""
    title: str = ""
    """As typed from the title page."""
    note: str = ""
    code: str = ""
    """Why, as codes: of an error ("barcode-unknown") or of record findings, with spaces between."""
    reason: str
    """Why, as a sentence."""
    record_id: str = ""
    """The record that is too poor."""


class CatalogingResolved(Event, frozen=True, kw_only=True, tag="cataloging-resolved"):
    """The piece has its record, or gets none for a reason; one of `record_id` and `reason` is set."""

    request: str
    barcode: str = ""
    record_id: str = ""
    reason: str = ""


class DeliveryOrdered(Event, frozen=True, kw_only=True, tag="delivery-ordered"):
    """A person asked for something in a library system; committed with its delivery."""

    system: str
    intent: Intent
    reason: str = ""


class DeliveryChanged(Event, frozen=True, kw_only=True, tag="delivery-changed"):
    """A delivery of the outbox changed its state. All text is cleaned and bounded."""

    delivery: str
    system: str
    state: str
    detail: str = ""
    reason: str = ""
    """Why a person has to look: the code of an error, "cannot-tell" or "again-and-again"."""
    body: str = ""
    """What the library system answered."""
    sides: tuple[Side, ...] = ()
    """What the station sends and what the library system has, where they differ."""
    decision: str = ""
    """A person's decision (`intents.Decision`); kept until the delivery has ended."""
