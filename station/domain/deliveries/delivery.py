"""Deliveries: intents on their way to one library system, and their states. Values, and the port through which a person
decides about them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from station.base.errors import sentence_of
from station.base.sentence import EMPTY, Sentence
from station.domain.deliveries.intents import Decision, Intent, MembersIntent, Side, kind


class NewDelivery(msgspec.Struct, frozen=True):
    """A delivery to commit with the event it belongs to. Deliveries of one lane (the item's barcode) keep their
    order."""

    system: str
    lane: str
    intent: Intent
    wait_s: float = 0.0
    """Seconds after its event before which it may not be sent, because the event can be taken back."""


class DeliveryState(StrEnum):
    """States of a delivery."""

    PENDING = "pending"
    LEASED = "leased"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    IN_DOUBT = "in-doubt"
    PARKED = "parked"
    """A person must look at it."""
    DISCARDED = "discarded"
    """A person decided not to carry it out."""


WAITING: Final = frozenset(
    {DeliveryState.PENDING, DeliveryState.LEASED, DeliveryState.DEFERRED, DeliveryState.IN_DOUBT}
)
"""States of deliveries that the courier still has to handle."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the outbox."""

    id: str
    """Journal id, event sequence number and system (and place, if not the first). It never changes, and is the
    idempotency key."""
    system: str
    lane: str
    state: DeliveryState
    intent: Intent
    event_seq: int
    event_at: str
    place: int = 0
    """Position among the deliveries of one event to one system, from 0. They are carried out in this order."""
    not_before: str = ""
    """Earliest time to send it (ISO 8601, UTC); "" = at once."""
    attempts: int = 0
    detail: Sentence = EMPTY
    sent: bool = False
    """A request may have reached the library system, and its effect is unknown."""
    witness: str = ""
    """The witness that the adapter passed to `sending` before it sent the request."""
    reason: str = ""
    """Code of why a person must look (see `events.DeliveryChanged`)."""
    body: str = ""
    """The library system's answer, cleaned and bounded."""
    sides: tuple[Side, ...] = ()
    """Fields on which station and library system disagree. With the decision SEND_OURS: the values that the person
    saw."""
    decision: Decision | None = None
    """A person's decision. With SEND_OURS the adapter may overwrite a field of `sides` that still has the value
    shown."""


def ordered_by(delivery: str) -> int:
    """Return the number of the event that ordered a delivery; 0 = the id names none. The id consists of the journal's id (16
    characters), this number, and the system, with "-" in between."""
    number = delivery[17:].partition("-")[0]
    return int(number) if len(number) < 19 and number.isascii() and number.isdigit() else 0


def reason_words(reason: str, detail: Sentence) -> Sentence:
    """Return why a delivery failed or needs a person: the sentence of the error's code, else the detail."""
    return sentence_of(reason) or detail


SOON_S: Final = 60.0
"""Seconds left at which neither speed nor time is worth telling."""


_SYSTEMS: Final = ("alma", "alma-orders", "sip2", "file")
"""Names of library systems in the settings."""


def system_word(system: str) -> Sentence:
    """Return a library system as people call it, from its name in the settings; another name as given."""
    return Sentence(f"delivery.system.{system}") if system in _SYSTEMS else Sentence.verbatim(system)


class DeliveryRate(msgspec.Struct, frozen=True, kw_only=True):
    """Rate at which the waiting deliveries for one library system go out."""

    system: str
    waiting: int = 0
    """Deliveries that wait or are being sent."""
    per_minute: float | None = None
    """Deliveries per minute while any wait; None: too few were sent recently to tell."""
    left_s: float | None = None
    """Seconds until all waiting deliveries are sent at this rate; None: unknown."""
    silent: bool = False
    """The library system did not answer at the newest try."""
    still_s: float = 0.0
    """Seconds for which deliveries have waited and none was sent; 0.0: deliveries go out, or none waits."""

    @property
    def words(self) -> Sentence:
        """Return the rate in one line."""
        system = system_word(self.system)
        speed = EMPTY if self.per_minute is None else Sentence("delivery.flow.speed", count=round(self.per_minute))
        if not self.waiting:
            return Sentence("delivery.flow.nothing", system=system)
        if self.silent:
            return Sentence("delivery.flow.silent", system=system, waiting=self.waiting)
        if self.still_s:
            still = time_words(self.still_s)
            return Sentence("delivery.flow.still", system=system, waiting=self.waiting, time=still)
        if self.left_s is None:
            return Sentence("delivery.flow.too-few", system=system, waiting=self.waiting)
        if self.left_s < SOON_S:  # a speed of some deliveries that took milliseconds says nothing
            return Sentence("delivery.flow.soon", system=system, waiting=self.waiting)
        left = time_words(self.left_s)
        return Sentence("delivery.flow.goes", system=system, waiting=self.waiting, speed=speed, time=left)


def time_words(seconds: float) -> Sentence:
    """Return a duration, rounded up: "less than a minute", "7 min", "3 h", "2 days"."""
    minutes = int(-(-seconds // 60))
    if seconds < 60:
        return Sentence("delivery.time.under-a-minute")
    if minutes < 120:
        return Sentence("delivery.time.minutes", count=minutes)
    hours = -(-minutes // 60)
    if hours < 48:
        return Sentence("delivery.time.hours", count=hours)
    return Sentence("delivery.time.days", count=-(-hours // 24))


class Receipt(msgspec.Struct, frozen=True):
    """The library system has the change. `unchanged`: it already had it."""

    detail: Sentence = EMPTY
    unchanged: bool = False


class Confirmation(StrEnum):
    """Answer to the question whether a request took effect."""

    LANDED = "landed"
    NOT_LANDED = "not-landed"
    CANNOT_TELL = "cannot-tell"
    """Reading back cannot show it. It is not sent again unless a person decides so."""


class CheckOutcome(StrEnum):
    """Result of one line of `station sync check`."""

    GOOD = "good"
    BAD = "bad"
    NOT_TESTED = "not-tested"
    """Testing it would require a change, or a check that it depends on is bad."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check of a library system. Texts from outside are cleaned."""

    what: Sentence
    """The checked item, in the systems librarian's terms ("the key may change items")."""
    outcome: CheckOutcome
    found: Sentence = EMPTY
    remedy: Sentence = EMPTY
    """How to fix it; empty if it is good."""


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that a person needs about a delivery that failed. Texts are cleaned."""

    reason: str = ""
    """Code of the error, or of the courier's own reason."""
    body: str = ""
    sides: tuple[Side, ...] = ()
    doubtful: bool = False
    """It may have reached the library system; the station checks this before it sends it again."""


NO_REASON: Final = Why()


Sending = Callable[[str], None]
"""Called by an adapter right before it sends a change. The witness is what `confirm` will need later (a digest of the
fields as read, or the state before). The witness is durable when the call returns. The adapter must not handle
exceptions from it."""


def unwitnessed(_witness: str) -> None:
    """`Sending` for callers that keep no witness."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An order about one item that a library system can carry out."""

    system: str
    barcode: str
    intent: Intent

    @property
    def words(self) -> Sentence:
        """Return exactly what is ordered, in one line. Its values are not cleaned."""
        return self.intent.subject if isinstance(self.intent, MembersIntent) else self.intent.words

    @property
    def key(self) -> str:
        """Return a key that is unique among this system's offers for the item, and the same in each language."""
        values = msgspec.structs.asdict(msgspec.structs.replace(self.intent, operator=""))
        return f"{kind(self.intent)}: {' '.join(f'{name}={value}' for name, value in values.items() if value)}"


class OutboxPort(Protocol):
    """A person's decisions and orders about deliveries. Methods block for milliseconds: call them from a worker
    thread."""

    def retry(self, delivery: str | None, operator: str = "") -> int:
        """Retry a parked delivery (None: every parked one) on behalf of `operator` (an id). Return the number of
        deliveries. Any request that may have been sent is looked up first."""
        ...

    def decide(self, delivery: str, decision: Decision, operator: str, reason: str = "") -> str:
        """Carry out a decision. Return the outcome: "queued" (accepted), "unknown", "not-waiting" or "superseded".
        Raise `WorkError` if `operator` lacks the right (`rights.Right.SETTLE`)."""
        ...

    def offers(self, barcode: str) -> tuple[Offer, ...]:
        """Return the orders available for this item that need no typing; those that cannot be undone come last."""
        ...

    def give(self, offer: Offer, operator: str) -> None:
        """Journal the order with its delivery. Raise `WorkError` if `operator`, who works at the bench, lacks the
        right."""
        ...
