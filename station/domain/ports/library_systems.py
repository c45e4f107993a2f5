"""Library systems, and the outbox of deliveries to them."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from station.base.sentence import EMPTY, Sentence
from station.domain.deliveries.delivery import (
    NO_REASON,
    Check,
    Confirmation,
    Delivery,
    DeliveryState,
    Receipt,
    Sending,
    Why,
    unwitnessed,
)
from station.domain.invoices.system_invoice import SystemInvoice
from station.domain.item import Barcode, ItemRecord
from station.domain.receiving.order_line import OrderLine
from station.domain.withdrawals.stop_signs import TitleStanding


class DeliverySystem(Protocol):
    """A library system, a part of one, or a file in its place, to which deliveries go. May be called from several threads.
    Raises `SyncError` only.

    Each adapter has to pass `tests/sync/test_contract.py`.
    """

    name: str
    side_by_side: int
    """Number of deliveries that may be in progress at once (of different lanes)."""
    kinds: frozenset[str]
    """Tags of the intents that it can carry out (`intents.KINDS`); any other intent is `Rejected`."""

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        """Carry out the delivery: check whether the wanted state already holds, call `sending` before the first change
        goes out, send, read back.

        Raise `InDoubt` if a change was sent and no answer came. Any other error means that this delivery changed
        nothing (`Conflict`: another person's change is there now, given in `sides`).
        """
        ...

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Read back whether the change sent with `delivery.witness` took effect. Sends no change."""
        ...

    def check(self) -> tuple[Check, ...]:
        """Check whether the system answers, with which rights, and what is missing. Changes nothing and raises
        nothing."""
        ...


@runtime_checkable
class CirculationSystem(DeliverySystem, Protocol):
    """A delivery system that also knows the items."""

    def look_up(self, barcode: Barcode) -> ItemRecord:
        """Return the live record. Raise `BarcodeUnknown`, `BarcodeAmbiguous`, `Unreachable`, ..."""
        ...


@runtime_checkable
class TitleReader(Protocol):
    """A source that knows the other items of a title. Changes nothing. Raises `SyncError` and `CatalogError`."""

    def title_standing(self, item: ItemRecord) -> TitleStanding:
        """Return what the source says about the item and the other items of its title."""
        ...


@runtime_checkable
class OrderLines(Protocol):
    """Order lines and invoices in a library system. Changes nothing. Raises `SyncError`."""

    name: str

    def order_line(self, number: str) -> OrderLine | None: ...

    def order_lines_of(self, vendor_reference: str, vendor: str = "") -> tuple[OrderLine, ...]:
        """Return the order lines with this number of the vendor's. `vendor`: the library system's code of it; "" = any, and
        then only lines that are active."""
        ...

    def order_line_of_item(self, barcode: Barcode) -> OrderLine | None:
        """Return the order line of the item with this barcode."""
        ...

    def invoices(self, number: str) -> tuple[SystemInvoice, ...]:
        """Return the invoices with exactly this number, with their lines."""
        ...


class Outbox(Protocol):
    """Outbox functions for the courier. Waiting times are kept in the courier (monotonic), never in the database."""

    def heads(self, limit: int = 100, system: str | None = None) -> tuple[Delivery, ...]:
        """Return the first delivery of each lane (of one system, or of all) that is pending, deferred or in doubt,
        oldest first. A lane whose first delivery is leased is left out."""
        ...

    def waiting(self) -> dict[str, int]:
        """Return the number of deliveries that the courier still has to handle, by system."""
        ...

    def parked(self) -> int:
        """Return the number of deliveries of all systems that wait for a person."""
        ...

    def lease(self, delivery: str) -> Delivery | None:
        """Lease a delivery and count the attempt; durable when this returns, before anything is sent. Return None if it
        no longer waits or is not the first of its lane (a person decided meanwhile)."""
        ...

    def sending(self, delivery: str, witness: str) -> None:
        """Record that a leased delivery is about to send its first change; durable when this returns."""
        ...

    def settle(self, delivery: str, state: DeliveryState, detail: Sentence = EMPTY, *, why: Why = NO_REASON) -> None:
        """End a lease with any other state; journaled as `DeliveryChanged` in the same transaction."""
        ...

    def recover(self) -> int:
        """Recover deliveries at the start: those leased when the station was killed become in doubt, or deferred if
        nothing can have been sent. Return their number."""
        ...
