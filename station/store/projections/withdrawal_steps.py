"""What people may do with withdrawals, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from station.base.errors import DepartureRefused, WorkerGone
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.deliveries.delivery import Delivery, DeliveryState, NewDelivery
from station.domain.deliveries.intents import WithdrawIntent, lane
from station.domain.event_rights import right_for
from station.domain.withdrawals.proof import Layer
from station.domain.withdrawals.proofs import title_effect
from station.domain.withdrawals.stop_signs import Reply
from station.domain.withdrawals.withdrawal import (
    NO_TAG,
    PART_MISSING,
    Cart,
    Piece,
    TagStanding,
    Withdrawal,
    WithdrawRules,
    withdrawal_id,
)
from station.store.database.database import Sql
from station.store.database.decoding import Decoder
from station.store.projections import pull_steps, withdrawals, workers
from station.store.projections.withdrawal_way_back import bound_tags, unsent, waiting

Day = Callable[[int], str]
"""Returns the local date in this number of days, ISO 8601."""
_OF_UID: Final = "SELECT barcode FROM bindings WHERE uid = ?"
_ADDITION: Final = (
    "SELECT e.seq, e.kind, e.payload FROM additions a JOIN events e ON e.seq = a.seq WHERE a.barcode = ? "
    "ORDER BY a.seq DESC LIMIT 1"
)


def permitted(sql: Sql, event: ev.WithdrawalStep) -> ev.WithdrawalStep:
    """Return the event to journal, with the fields that the store fills in. Raise `WorkError` if it is not allowed now."""
    if isinstance(event, ev.WithdrawalDecided):
        event = _by_cart(sql, event)
    role = workers.role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    workers.require_withdraw_right(sql, role, right_for(event))
    match event:
        case ev.WithdrawalCartOpened():
            return _cart_opened(sql, event)
        case ev.WithdrawalCartClosed():
            _open_cart(sql, event.cart)
        case ev.WithdrawalDecided():
            return _decided(sql, event)
        case ev.WithdrawalCanceled():
            return _canceled(sql, event)
        case ev.DeletionConfirmed():
            return _confirmed(sql, event)
        case ev.TagDestroyed():
            return _destroyed(sql, event)
        case ev.WithdrawalPlaced():
            return _placed(sql, event)
        case ev.OclcHoldingRemoved():
            now = _known(sql, event.withdrawal)
            _require_deleted(now)
            return msgspec.structs.replace(event, title=now.title)
        case ev.WithdrawalAssigned():
            _known(sql, event.withdrawal)
            if workers.role_of(sql, event.owner) is None:
                raise WorkerGone(event.owner)
    return event


# --- what follows ---------------------------------------------------------------------------------------------------


def follows(event: ev.WithdrawalStep) -> tuple[NewDelivery, ...]:
    """Return the delivery that is committed with the event: a decision deletes the item. A part that leaves alone stays in
    the library system with its item."""
    if not isinstance(event, ev.WithdrawalDecided) or not event.system or event.part:
        return ()
    intent = WithdrawIntent(
        barcode=event.barcode,
        holdings=event.holdings,
        bib=event.bib,
        reason=event.reason,
        operator=event.operator,
    )
    return (NewDelivery(event.system, lane(intent), intent),)


def given_up(sql: Sql, event: ev.WithdrawalStep, seq: int) -> tuple[tuple[str, str, Sentence], ...]:
    """Return id and system of the deliveries that the event with this number ends, each with the reason. A decision replaces
    what was ordered before; an item that stays is deleted by no order."""
    match event:
        case ev.WithdrawalDecided() if not event.part:
            barcode, why = event.barcode, Sentence("store.deletion-replaced")
        case ev.WithdrawalCanceled():
            barcode, why = withdrawals.item_of(sql, event.withdrawal), Sentence("store.withdrawal-canceled")
        case _:
            return ()
    return tuple((ident, system, why) for ident, system, _, _ in waiting(sql, barcode, seq))


def require_erasable(sql: Sql, event: ev.AnyEvent) -> None:
    """Raise `DepartureRefused` for the start of an erasure whose withdrawal was taken back, or is not deleted."""
    if isinstance(event, ev.TagWriteStarted) and event.withdrawal:
        _require_deleted(_known(sql, event.withdrawal))


def check(event: ev.DeliveryOrdered) -> None:
    """Raise `DepartureRefused` if the event orders a deletion by itself: only a decision, which saw the stop signs, orders
    one."""
    if isinstance(event.intent, WithdrawIntent):
        raise DepartureRefused(Sentence("withdrawal.refused.undecided"))


def of_step(sql: Sql, event: ev.WithdrawalStep, seq: int, rules: WithdrawRules, day: Day) -> tuple[ev.Withdrawn, ...]:
    """Return the end of an item's time in the collection, if the event is its last proof: a person confirmed the deletion,
    or a part leaves alone."""
    match event:
        case ev.DeletionConfirmed():
            return (_withdrawn(sql, event.withdrawal, event, rules, day),)
        case ev.WithdrawalDecided() if event.part:
            return (_withdrawn(sql, withdrawal_id(seq), event, rules, day),)
        case _:
            return ()


def of_delivery(
    sql: Sql, delivery: Delivery, change: ev.DeliveryChanged, rules: WithdrawRules, day: Day
) -> tuple[ev.Withdrawn, ...]:
    """Return the same for a delivery's new state: the library system has deleted the item."""
    if not withdrawals.is_deletion(delivery, change):
        return ()
    ident = withdrawals.of_order(sql, delivery.event_seq)
    return (_withdrawn(sql, ident, change, rules, day),) if ident else ()


def _withdrawn(sql: Sql, ident: str, by: ev.Event, rules: WithdrawRules, day: Day) -> ev.Withdrawn:
    now = _known(sql, ident)
    decision = withdrawals.decision(sql, ident)
    record = decision.item if decision is not None else None
    added = addition(sql, now.barcode)
    until = day(rules.oclc_days) if rules.oclc_owner != "none" and not now.part else ""
    return ev.Withdrawn(
        withdrawal=ident,
        barcode=now.barcode,
        part=now.part,
        title=now.title,
        effect=title_effect(now.part, now.signs),
        reason=now.reason,
        destination=now.destination,
        piece=now.piece,
        format=record.material if record is not None else "",
        fund=added.copy.fund if added is not None else "",
        price=(record.price if record is not None else "") or (added.copy.price if added is not None else ""),
        library=now.library,
        location=now.location,
        record_id=record.record_id if record is not None else "",
        by_hand=isinstance(by, ev.DeletionConfirmed),
        oclc_owner=rules.oclc_owner,
        oclc_until=until,
        operator=now.decided_by or by.operator,
        authorised=now.authorised,
        via=by.via,
    )


def addition(sql: Sql, barcode: str) -> ev.Added | ev.Gift | ev.LeaseIn | None:
    """Return the newest event by which the item became part of the collection."""
    row = sql.execute(_ADDITION, (barcode,)).fetchone()
    event = None if row is None else Decoder(sql)(row[0], row[1], bytes(row[2]))
    return event if isinstance(event, ev.Added | ev.Gift | ev.LeaseIn) else None


# --- rules ----------------------------------------------------------------------------------------------------------


def _cart_opened(sql: Sql, event: ev.WithdrawalCartOpened) -> ev.WithdrawalCartOpened:
    if not event.name.strip():
        raise DepartureRefused(Sentence("withdrawal.refused.no-cart-name"))
    _require_choice(event.reason, event.destination)
    if withdrawals.open_cart(sql, event.operator) is not None:
        raise DepartureRefused(Sentence("withdrawal.refused.cart-open"))
    return event


def _by_cart(sql: Sql, event: ev.WithdrawalDecided) -> ev.WithdrawalDecided:
    """Return the decision with what its cart says. The right that was lent for the cart counts, but not against a stop sign:
    that needs one's own right, or one lent for this item, by the same person or another."""
    if not event.cart:
        return event
    cart = _open_cart(sql, event.cart)
    if cart.operator != event.operator:
        raise DepartureRefused(Sentence("withdrawal.refused.others-cart", name=cart.name))
    return msgspec.structs.replace(
        event,
        reason=cart.reason,
        destination=cart.destination,
        approver=cart.approver,
        note=event.note or cart.note,
        authorised=event.authorised or ("" if event.despite else cart.authorised),
    )


def _decided(sql: Sql, event: ev.WithdrawalDecided) -> ev.WithdrawalDecided:
    title = event.item.title or event.barcode
    if not event.barcode:
        raise DepartureRefused(Sentence("withdrawal.refused.no-barcode"))
    if event.part < 0:
        raise DepartureRefused(Sentence("withdrawal.refused.no-part", title=title))
    _require_choice(event.reason, event.destination)
    whole, same = (withdrawals.of_part(sql, event.barcode, part) for part in (0, event.part))
    if any(now is not None and now.decided_at for now in (whole, same)):
        raise DepartureRefused(Sentence("withdrawal.refused.decided-already", title=title))
    against = [answer.sign.value for answer in event.signs if answer.reply is Reply.YES]
    if any(sign not in event.despite for sign in against):
        raise DepartureRefused(Sentence("withdrawal.refused.stop-sign", title=title))
    if event.despite and not event.despite_reason.strip():
        raise DepartureRefused(Sentence("withdrawal.refused.no-reason"))
    if event.list or event.line:
        line = pull_steps.open_line(sql, event.list, event.line).content
        if line.barcode not in ("", event.barcode):
            raise DepartureRefused(Sentence("pull.other-item", title=line.title or line.line))
    if not event.part:
        if not unsent(sql, event.barcode):
            raise DepartureRefused(Sentence("withdrawal.refused.may-be-deleted", title=title))
        if whole is not None and whole.deleted_at:
            event = msgspec.structs.replace(event, system="")  # a command had ordered the deletion, and it is done
    tags = () if event.piece is Piece.PRESENT else bound_tags(sql, event.barcode, event.part)
    return msgspec.structs.replace(event, tags=tags)


def _canceled(sql: Sql, event: ev.WithdrawalCanceled) -> ev.WithdrawalCanceled:
    now = _known(sql, event.withdrawal)
    if not event.reason.strip():
        raise DepartureRefused(Sentence("withdrawal.refused.no-reason"))
    if not now.decided_at:
        raise DepartureRefused(Sentence("withdrawal.refused.not-decided", title=_title(now)))
    if not now.may_cancel:
        key = "withdrawal.refused.deleted" if now.deleted_at else "withdrawal.refused.may-be-deleted"
        raise DepartureRefused(Sentence(key, title=_title(now)))
    return msgspec.structs.replace(event, title=now.title)


def _confirmed(sql: Sql, event: ev.DeletionConfirmed) -> ev.DeletionConfirmed:
    now = _known(sql, event.withdrawal)
    if not now.decided_at or now.part:
        raise DepartureRefused(Sentence("withdrawal.refused.not-decided", title=_title(now)))
    if now.deleted_at:
        raise DepartureRefused(Sentence("withdrawal.refused.deleted", title=_title(now)))
    if now.delivery and now.delivery_state != DeliveryState.DISCARDED:
        raise DepartureRefused(Sentence("withdrawal.refused.system-confirms", title=_title(now)))
    if not event.reason.strip():
        raise DepartureRefused(Sentence("withdrawal.refused.no-reason"))
    return msgspec.structs.replace(event, title=now.title)


def _destroyed(sql: Sql, event: ev.TagDestroyed) -> ev.TagDestroyed:
    now = withdrawals.of_item(sql, event.barcode)
    if now is None:
        raise DepartureRefused(Sentence("withdrawal.refused.unknown", withdrawal=event.barcode))
    if event.how != PART_MISSING:
        _require_deleted(now)
    if event.how == NO_TAG and event.uid:
        raise DepartureRefused(Sentence("withdrawal.refused.has-tag", title=_title(now)))
    return msgspec.structs.replace(event, part=_part_of_tag(sql, event, now), withdrawal=now.id)


def _part_of_tag(sql: Sql, event: ev.TagDestroyed, now: Withdrawal) -> int:
    """Return the part whose tag was destroyed: that of a known tag, else one of which no tag is known. Then the number may
    be that of a tag which this station did not write."""
    for tag in bound_tags(sql, event.barcode, now.part):
        if tag.uid == event.uid:
            return tag.part
    unknown = {tag.part for tag in now.tags if tag.standing is TagStanding.NOT_KNOWN}
    if event.part not in unknown or (event.uid and sql.execute(_OF_UID, (event.uid,)).fetchone() is not None):
        raise DepartureRefused(Sentence("withdrawal.refused.no-such-tag", title=_title(now)))
    return event.part


def _placed(sql: Sql, event: ev.WithdrawalPlaced) -> ev.WithdrawalPlaced:
    now = _known(sql, event.withdrawal)
    _require_deleted(now)
    if now.piece is not Piece.PRESENT:
        raise DepartureRefused(Sentence("withdrawal.refused.no-piece", title=_title(now)))
    if not event.place.strip():
        raise DepartureRefused(Sentence("withdrawal.refused.no-place"))
    tag = now.proof(Layer.TAG)
    if now.decided_at and tag is not None and not tag.settled:
        raise DepartureRefused(Sentence("withdrawal.refused.tag-left", title=_title(now)))
    return msgspec.structs.replace(event, title=now.title)


def _require_choice(reason: str, destination: str) -> None:
    if not reason.strip():
        raise DepartureRefused(Sentence("withdrawal.refused.no-reason"))
    if not destination.strip():
        raise DepartureRefused(Sentence("withdrawal.refused.no-destination"))


def _require_deleted(now: Withdrawal) -> None:
    """Refuse what would leave a live item without tag or mark, if its deletion can still be refused."""
    if not now.deleted_at and not now.part:
        raise DepartureRefused(Sentence("withdrawal.refused.not-deleted", title=_title(now)))


def _known(sql: Sql, ident: str) -> Withdrawal:
    """Return a withdrawal that was not canceled."""
    now = withdrawals.withdrawal(sql, ident)
    if now is None:
        raise DepartureRefused(Sentence("withdrawal.refused.unknown", withdrawal=ident))
    if now.canceled_at:
        raise DepartureRefused(Sentence("withdrawal.refused.canceled", title=_title(now)))
    return now


def _open_cart(sql: Sql, ident: str) -> Cart:
    cart = withdrawals.cart(sql, ident)
    if cart is None or cart.closed_at:
        raise DepartureRefused(Sentence("withdrawal.refused.cart-closed"))
    return cart


def _title(now: Withdrawal) -> str:
    return now.title or now.barcode
