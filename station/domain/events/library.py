"""Records and deliveries: catalog imports, requests to the catalogers, and deliveries to library systems."""

from __future__ import annotations

from station.base.sentence import EMPTY, Sentence
from station.domain.deliveries.intents import Intent, Side
from station.domain.events.base import Event


class CatalogImported(Event, frozen=True, kw_only=True, tag="catalog-imported"):
    source: str
    records: int
    items: int
    rejected: int


class CatalogingRequested(Event, frozen=True, kw_only=True, tag="cataloging-requested"):
    """A piece without a usable record enters the queue for original cataloging. All text is cleaned."""

    request: str
    barcode: str = ""
    isbn: str = ""
    """ISBN, EAN or UPC as scanned from the piece."""
    title: str = ""
    """Title as typed from the title page."""
    note: str = ""
    code: str = ""
    """Reason codes, separated by spaces: of an error ("barcode-unknown") or of record findings."""
    reason: Sentence
    """The reason as a sentence."""
    record_id: str = ""
    """The record that is insufficient."""


class CatalogingResolved(Event, frozen=True, kw_only=True, tag="cataloging-resolved"):
    """The piece has its record, or gets none for a stated reason. Exactly one of `record_id` and `reason` is set."""

    request: str
    barcode: str = ""
    record_id: str = ""
    reason: str = ""


class DeliveryOrdered(Event, frozen=True, kw_only=True, tag="delivery-ordered"):
    """A person asked for something in a library system; committed with its delivery."""

    system: str
    intent: Intent
    reason: Sentence = EMPTY


class DeliveryChanged(Event, frozen=True, kw_only=True, tag="delivery-changed"):
    """A delivery of the outbox changed its state. All text is cleaned and bounded."""

    delivery: str
    system: str
    state: str
    detail: Sentence = EMPTY
    reason: str = ""
    """Why a person must look, or why the try failed: an error code, "cannot-tell" or "again-and-again"."""
    body: str = ""
    """The library system's answer."""
    sides: tuple[Side, ...] = ()
    """Values that the station sends and the library system has, where they differ."""
    decision: str = ""
    """A person's decision (`intents.Decision`); kept until the delivery ends."""


LibraryEvent = CatalogImported | CatalogingRequested | CatalogingResolved | DeliveryOrdered | DeliveryChanged
