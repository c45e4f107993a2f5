"""Receipts of counted copies: the deliveries that follow from events, and how far the library system is with each copy.

A delivery about a count receives its copy, or keeps the received copy in the department. A receipt follows from our barcode
on the copy; keeping it follows from its receipt; a difference follows if the receipt is refused or given up. No library
system takes a receipt back, so one that may have been sent shows as a difference once its copy is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from station.base.errors import ReceivingRefused, StoreCorrupt
from station.base.sentence import EMPTY, Sentence
from station.base.sentence_json import decode_sentence
from station.base.text import clean
from station.domain import events as ev
from station.domain.deliveries.delivery import Delivery, DeliveryState, NewDelivery
from station.domain.deliveries.intents import Decision, Intent, KeepIntent, ReceiveIntent, lane
from station.domain.receiving.difference import DifferenceKind
from station.domain.receiving.order_line import ReceiptRules, ReceiptStanding, ReceiptState
from station.domain.receiving.receipts import is_received_by_itself, receive_intent
from station.domain.receiving.shipment import Count
from station.store.database.database import Sql
from station.store.projections import differences, shipments
from station.store.projections.copy_differences import Day, of_copy

_INTENT: msgspec.json.Decoder[Intent] = msgspec.json.Decoder(Intent, dec_hook=decode_sentence)
WAITING: Final = (DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.IN_DOUBT, DeliveryState.PARKED)
"""States of a delivery that has not ended, and is not in flight."""
_COLUMNS: Final = """SELECT o.count_seq, o.id, o.system, o.state, o.witness, o.intent, c.payload
    FROM outbox o LEFT JOIN events c ON c.seq = o.changed_seq """
_OF_COUNT: Final = _COLUMNS + "WHERE o.count_seq = ? AND o.count_seq <> 0 ORDER BY o.event_seq DESC, o.place DESC"
_OF_SHIPMENT: Final = (
    _COLUMNS + "JOIN counts n ON n.seq = o.count_seq WHERE n.shipment = ? AND o.count_seq <> 0 "
    "ORDER BY o.event_seq DESC, o.place DESC"
)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery about a counted copy."""

    count: int
    id: str
    system: str
    state: DeliveryState
    sent: bool
    """True if it was sent, or may have been."""
    intent: ReceiveIntent | KeepIntent
    detail: Sentence

    @property
    def may_have_arrived(self) -> bool:
        """Return False if the library system has certainly not carried it out."""
        return self.sent or self.state in (DeliveryState.LEASED, DeliveryState.IN_DOUBT, DeliveryState.DELIVERED)


# --- what follows from events ---------------------------------------------------------------------------------------


def check(sql: Sql, event: ev.DeliveryOrdered) -> None:
    """Raise `ReceivingRefused` if the event orders the receipt of a copy that is not here, or has a receipt."""
    intent = event.intent
    if not isinstance(intent, ReceiveIntent) or not intent.count:
        return
    count = shipments.count(sql, intent.count)
    if count is None:
        raise ReceivingRefused(Sentence("shipment.unknown-count", number=intent.count))
    if not count.is_here:
        raise ReceivingRefused(Sentence("shipment.not-here", title=count.title))
    if not count.order_line or not count.barcode:
        raise ReceivingRefused(Sentence("shipment.no-receipt", title=count.title))
    if (intent.order_line, intent.barcode) != (count.order_line, count.barcode):
        raise ReceivingRefused(Sentence("shipment.receipt-of-another", title=count.title))
    if _receipt(sql, count.id) is not None:
        raise ReceivingRefused(Sentence("shipment.receipt-already", title=count.title))


def of_added(sql: Sql, event: ev.Added, rules: ReceiptRules, day: Day) -> tuple[NewDelivery, ...]:
    """Return the receipt that follows from our barcode on a counted copy."""
    count = shipments.count(sql, event.count) if rules.system and event.count else None
    if count is None or not is_received_by_itself(count, event.purpose):
        return ()
    intent = receive_intent(count, event.barcode, day(0))
    return (NewDelivery(rules.system, lane(intent), intent, rules.wait_s),)


def require_undoable(sql: Sql, event: ev.CountUndone, count: Count) -> None:
    """Raise `ReceivingRefused` if the library system may have received the copy, and the person does not know that."""
    if may_have_arrived(sql, count.id) and not event.despite_receipt:
        raise ReceivingRefused(Sentence("shipment.received-there", title=count.title))


def of_gone(
    sql: Sql, event: ev.CountUndone | ev.CopyReturned, day: Day
) -> tuple[tuple[Step, ...], tuple[ev.DifferenceOpened, ...]]:
    """Return what follows once a copy is gone: the deliveries to discard, and the difference if the library system may have
    received the copy."""
    steps = _steps(sql, event.count)
    waiting = tuple(step for step in steps if step.state in WAITING)
    arrived = _arrived(steps)
    if arrived is None:
        return waiting, ()
    return waiting, (_difference(sql, event.count, arrived.id, day, event.operator, event.via),)


def of_arrival(sql: Sql, delivery: Delivery, state: DeliveryState, rules: ReceiptRules) -> tuple[NewDelivery, ...]:
    """Return the delivery that follows once a receipt has this state: a received copy is kept in the department."""
    intent = delivery.intent
    if not isinstance(intent, ReceiveIntent) or state is not DeliveryState.DELIVERED or not rules.keep:
        return ()
    if not _is_here(sql, intent):
        return ()
    keep = KeepIntent(order_line=intent.order_line, barcode=intent.barcode, count=intent.count)
    return (NewDelivery(delivery.system, lane(keep), keep),)


def of_refusal(
    sql: Sql, delivery: Delivery, state: DeliveryState, day: Day, operator: str, via: str
) -> tuple[ev.DifferenceOpened, ...]:
    """Return the difference that follows from a receipt that was refused, or given up."""
    intent = delivery.intent
    if not isinstance(intent, ReceiveIntent) or state not in (DeliveryState.PARKED, DeliveryState.DISCARDED):
        return ()
    count = shipments.count(sql, intent.count)
    if count is None or not count.is_here or differences.open_of_delivery(sql, delivery.id):
        return ()
    return (_difference(sql, intent.count, delivery.id, day, operator, via),)


def is_gone(sql: Sql, delivery: Delivery) -> bool:
    """Return whether the delivery is about a counted copy that is no longer here."""
    return isinstance(delivery.intent, ReceiveIntent | KeepIntent) and not _is_here(sql, delivery.intent)


def _is_here(sql: Sql, intent: ReceiveIntent | KeepIntent) -> bool:
    count = shipments.count(sql, intent.count)
    return count is None or count.is_here


def _difference(sql: Sql, count: int, delivery: str, day: Day, operator: str, via: str) -> ev.DifferenceOpened:
    return of_copy(sql, count, DifferenceKind.RECEIPT, day, operator=operator, via=via, delivery=delivery)


# --- queries --------------------------------------------------------------------------------------------------------


def of_count(sql: Sql, count: int) -> ReceiptStanding | None:
    """Return how far the library system is with a counted copy; None = no receipt was ordered, or it was given up."""
    return _standing(_steps(sql, count))


def of_shipment(sql: Sql, shipment: str) -> Mapping[int, ReceiptStanding]:
    """Return the same for the copies of a shipment, by the number of the count."""
    steps: dict[int, list[Step]] = {}
    for row in sql.execute(_OF_SHIPMENT, (shipment,)):
        steps.setdefault(int(row[0]), []).append(_step(row))
    standings = {count: _standing(own) for count, own in steps.items()}
    return {count: standing for count, standing in standings.items() if standing is not None}


def may_have_arrived(sql: Sql, count: int) -> bool:
    """Return whether the library system has received a counted copy, or may have."""
    return _arrived(_steps(sql, count)) is not None


def _receipt(sql: Sql, count: int) -> Step | None:
    return _newest(_steps(sql, count), ReceiveIntent)


def _steps(sql: Sql, count: int) -> tuple[Step, ...]:
    """Return the deliveries about a count, the newest first."""
    return tuple(_step(row) for row in sql.execute(_OF_COUNT, (count,)))


def _arrived(steps: Iterable[Step]) -> Step | None:
    """Return the newest receipt that the library system may have, also one that was given up."""
    return next((step for step in steps if isinstance(step.intent, ReceiveIntent) and step.may_have_arrived), None)


def _newest(steps: Iterable[Step], kind: type[ReceiveIntent | KeepIntent]) -> Step | None:
    """Return the newest delivery of the kind that was not discarded."""
    return next(
        (step for step in steps if isinstance(step.intent, kind) and step.state is not DeliveryState.DISCARDED), None
    )


def _standing(steps: Iterable[Step]) -> ReceiptStanding | None:
    steps = tuple(steps)
    receipt = _newest(steps, ReceiveIntent)
    if receipt is None:
        return None
    keep = next((step for step in steps if isinstance(step.intent, KeepIntent)), None)
    newest = receipt if keep is None or receipt.state is not DeliveryState.DELIVERED else keep
    return ReceiptStanding(
        count=receipt.count,
        state=_state(newest),
        order_line=receipt.intent.order_line,
        barcode=receipt.intent.barcode,
        delivery=newest.id,
        detail=newest.detail,
    )


def _state(newest: Step) -> ReceiptState:
    if isinstance(newest.intent, ReceiveIntent):
        match newest.state:
            case DeliveryState.DELIVERED:
                return ReceiptState.RECEIVED
            case DeliveryState.PARKED:
                return ReceiptState.REFUSED
            case _:
                return ReceiptState.WAITING
    match newest.state:
        case DeliveryState.DELIVERED:
            return ReceiptState.KEPT
        case DeliveryState.PARKED | DeliveryState.DISCARDED:
            return ReceiptState.NOT_KEPT
        case _:
            return ReceiptState.RECEIVED


def _step(row: Any) -> Step:
    count, ident, system, state, witness, content, changed = row
    try:
        intent = _INTENT.decode(content)
        last = None if changed is None else ev.decode(bytes(changed))
    except msgspec.DecodeError as error:
        raise StoreCorrupt(Sentence("store.delivery-broken", delivery=ident, why=clean(str(error)))) from error
    if not isinstance(intent, ReceiveIntent | KeepIntent):
        raise StoreCorrupt(Sentence("store.delivery-broken", delivery=ident, why=str(type(intent).__name__)))
    change = last if isinstance(last, ev.DeliveryChanged) else None
    sent_again = change is not None and change.decision == Decision.SEND_OURS  # which clears the witness
    return Step(
        count=count,
        id=ident,
        system=system,
        state=DeliveryState(state),
        sent=witness is not None or sent_again,
        intent=intent,
        detail=change.detail if change is not None else EMPTY,
    )
