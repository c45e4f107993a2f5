"""Deliveries: an intent on its way to one library system, and what is said about it. Values, and the port by which a person
decides about them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from station.base.words import tell
from station.domain.deliveries.intents import Decision, Intent, MembersIntent, Side, WithdrawIntent, kind


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


class DeliveryRate(msgspec.Struct, frozen=True, kw_only=True):
    """How what waits for one library system goes out."""

    system: str
    waiting: int = 0
    """Deliveries that wait or are under way."""
    per_minute: float | None = None
    """Deliveries a minute while any wait; None: too few have gone lately to say."""
    left_s: float | None = None
    """Seconds until all that waits now is gone, at that speed; None: not known."""
    still_s: float = 0.0
    """Something waits and nothing has gone out for so many seconds; 0.0: it goes, or nothing waits."""

    @property
    def words(self) -> str:
        """In one line, for people."""
        speed = tell("delivery.flow.speed", count=round(self.per_minute)) if self.per_minute is not None else ""
        if not self.waiting and not speed:
            return tell("delivery.flow.nothing", system=self.system)
        if not self.waiting:
            return tell("delivery.flow.nothing-lately", system=self.system, speed=speed)
        if self.still_s:
            still = time_words(self.still_s)
            return tell("delivery.flow.still", system=self.system, waiting=self.waiting, time=still)
        if self.left_s is None:
            return tell("delivery.flow.too-few", system=self.system, waiting=self.waiting)
        left = time_words(self.left_s)
        return tell("delivery.flow.goes", system=self.system, waiting=self.waiting, speed=speed, time=left)


def time_words(seconds: float) -> str:
    """A span of time as people say it: "less than a minute", "7 min", "3 h", "2 days"; rounded up."""
    minutes = int(-(-seconds // 60))
    if seconds < 60:
        return tell("delivery.time.under-a-minute")
    if minutes < 120:
        return tell("delivery.time.minutes", count=minutes)
    hours = -(-minutes // 60)
    return tell("delivery.time.hours", count=hours) if hours < 48 else tell("delivery.time.days", count=-(-hours // 24))


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


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An order about one item that a library system can carry out."""

    system: str
    barcode: str
    intent: Intent

    @property
    def words(self) -> str:
        """Exactly what, in one line. Not cleaned."""
        return self.intent.subject if isinstance(self.intent, MembersIntent) else self.intent.words

    @property
    def key(self) -> str:
        """Tells it from every other offer of its system about the same item."""
        return f"{kind(self.intent)}: {self.words}"

    @property
    def grave(self) -> bool:
        """It cannot be taken back."""
        return isinstance(self.intent, WithdrawIntent)


class OutboxPort(Protocol):
    """What a person may do with a delivery, or order. Blocks for milliseconds: call from a worker thread."""

    def retry(self, delivery: str | None, operator: str = "") -> int:
        """Let a parked delivery (None: every one) be tried again, as `operator` (an id) asked; returns how many. What may
        have been sent is looked up first."""
        ...

    def decide(self, delivery: str, decision: Decision, operator: str, reason: str = "") -> str:
        """Carry out a decision; what became of it: "queued" (it is so), "unknown", "not-waiting" or "superseded". Raises
        `WorkError` where `operator` has no right to it (`rights.Right.SETTLE`)."""
        ...

    def offers(self, barcode: str) -> tuple[Offer, ...]:
        """What can be ordered about this item without typing anything, the grave ones last."""
        ...

    def give(self, offer: Offer, operator: str) -> None:
        """Journal the order with its delivery. Raises `WorkError` where `operator`, who works at the bench, may not."""
        ...
