"""Library systems, and the outbox of deliveries to them."""

from __future__ import annotations

from typing import Protocol

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
from station.domain.item import Barcode, ItemRecord


class CirculationSystem(Protocol):
    """A library system (or a file that stands for one). May be called from several threads. Raises `SyncError` only.

    Each adapter has to pass `tests/sync/test_contract.py`.
    """

    name: str
    side_by_side: int
    """How many deliveries may be under way at once (of different lanes)."""
    kinds: frozenset[str]
    """Tags of the intents that it can carry out (`intents.KINDS`); any other is `Rejected`."""

    def look_up(self, barcode: Barcode) -> ItemRecord:
        """The live record; raises `BarcodeUnknown`, `BarcodeAmbiguous`, `Unreachable`, ..."""
        ...

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        """Make it so: look whether it is so already, call `sending` before the first change goes out, send, re-read.

        `InDoubt` when a change was sent and no answer came; any other error says that this delivery changed nothing
        (`Conflict`: that somebody else's change stands there now, with `sides`).
        """
        ...

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Re-read whether what was sent with `delivery.witness` has landed; sends no change."""
        ...

    def check(self) -> tuple[Check, ...]:
        """Does it answer, with which rights, and what is missing? Changes nothing and raises nothing."""
        ...


class Outbox(Protocol):
    """What the courier needs of the store. Waiting times live in the courier (monotonic), never in the database."""

    def heads(self, limit: int = 100, system: str | None = None) -> tuple[Delivery, ...]:
        """The first delivery of each lane (of one system, or of all) that is pending, deferred or in doubt, oldest
        first. A lane whose first delivery is leased has none."""
        ...

    def waiting(self) -> dict[str, int]:
        """How many deliveries are the courier's business, by system."""
        ...

    def parked(self) -> int:
        """How many deliveries wait for a person, of all systems."""
        ...

    def lease(self, delivery: str) -> Delivery | None:
        """Mark it leased, count the attempt; durable when this returns, before anything is sent. None when it does not
        wait any more or is not the first of its lane (a person decided meanwhile)."""
        ...

    def sending(self, delivery: str, witness: str) -> None:
        """A leased delivery is about to send its first change; durable when this returns."""
        ...

    def settle(self, delivery: str, state: DeliveryState, detail: str = "", *, why: Why = NO_REASON) -> None:
        """End a lease in any other state; journaled as `DeliveryChanged` in the same transaction."""
        ...

    def recover(self) -> int:
        """At the start: what was leased when the station died becomes in doubt, or deferred where nothing can have
        been sent. Returns how many."""
        ...


# --- faces ----------------------------------------------------------------------------------------------------------
