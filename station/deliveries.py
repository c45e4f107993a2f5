"""Deliveries: an intent on its way to one library system, and what is said about it. Values, and the port by which a person
decides about them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from station.intents import Decision, Intent, Side


class NewDelivery(msgspec.Struct, frozen=True):
    """A delivery to be committed with the event it belongs to. Lane = what keeps order (the item's barcode)."""

    system: str
    lane: str
    intent: Intent


class DeliveryState(StrEnum):
    """States of a delivery."""

    PENDING = "pending"
    LEASED = "leased"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    IN_DOUBT = "in-doubt"
    PARKED = "parked"
    """A person has to look."""
    DISCARDED = "discarded"
    """A person decided that it will not be carried out."""


WAITING: Final = frozenset(
    {DeliveryState.PENDING, DeliveryState.LEASED, DeliveryState.DEFERRED, DeliveryState.IN_DOUBT}
)
"""States of deliveries that still are the courier's business."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the outbox."""

    id: str
    """Journal id, event sequence number and system (and place, if not the first): stable for ever, and the idempotency
    key."""
    system: str
    lane: str
    state: DeliveryState
    intent: Intent
    event_seq: int
    event_at: str
    place: int = 0
    """Which of the deliveries of one event to one system, from 0: they are carried out in this order."""
    attempts: int = 0
    not_before: str = ""
    detail: str = ""
    sent: bool = False
    """Something may have reached the library system, and what became of it is not known."""
    witness: str = ""
    """What the adapter said with `sending` before it sent that."""
    reason: str = ""
    """Why a person has to look (see `events.DeliveryChanged`)."""
    body: str = ""
    """What the library system answered, cleaned and bounded."""
    sides: tuple[Side, ...] = ()
    """Where station and library system disagree; with the decision to send ours, what that person saw."""
    decision: Decision | None = None
    """What a person decided. With SEND_OURS the adapter may write over a field of `sides` that still is as it was shown."""


class Receipt(msgspec.Struct, frozen=True):
    """The library system has it. `unchanged`: it had it already."""

    detail: str = ""
    unchanged: bool = False


class Confirmation(StrEnum):
    """Answer to "did it land?"."""

    LANDED = "landed"
    NOT_LANDED = "not-landed"
    CANNOT_TELL = "cannot-tell"
    """Re-reading does not show it either way; it is not sent again unless a person says so."""


class CheckOutcome(StrEnum):
    """One line of `station sync check`."""

    GOOD = "good"
    BAD = "bad"
    NOT_TESTED = "not-tested"
    """It could only be found out by changing something, or what it rests on is bad."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a library system was asked about. Texts are cleaned."""

    what: str
    """In the words of the systems librarian ("the key may change items")."""
    outcome: CheckOutcome
    found: str = ""
    remedy: str = ""
    """What to do about it; "" when it is good."""


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has to know about a delivery that did not go through. Texts are cleaned."""

    reason: str = ""
    body: str = ""
    sides: tuple[Side, ...] = ()
    doubtful: bool = False
    """It may have reached the library system: before it is sent again, that is looked up."""


NO_REASON: Final = Why()


Sending = Callable[[str], None]
"""Called by an adapter right before it sends a change, with a witness: whatever `confirm` will want to know (a digest
of the fields as they were read, the state before). Durable when it returns. What it raises is not the adapter's."""


def unwitnessed(_witness: str) -> None:
    """A `Sending` for callers that keep nothing."""


class OutboxPort(Protocol):
    """What a person may do with a delivery. Blocks for milliseconds: call from a worker thread."""

    def retry(self, delivery: str | None) -> int:
        """Let a parked delivery (None: every one) be tried again; returns how many. What may have been sent is looked up
        first."""
        ...

    def decide(self, delivery: str, decision: Decision, operator: str, reason: str = "") -> str:
        """Carry out a decision; what became of it: "queued" (it is so), "unknown", "not-waiting" or "superseded"."""
        ...
