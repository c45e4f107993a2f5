"""What people may do with transfers, lost and found items, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from station.base.errors import DepartureRefused, WorkerGone
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.deliveries.delivery import Delivery, DeliveryState, NewDelivery
from station.domain.deliveries.intents import MoveIntent, lane
from station.domain.event_rights import right_for
from station.domain.item_state import ItemState
from station.domain.transfers.shelves import after, changed, shows
from station.domain.transfers.transfer import Shelf
from station.store.database.database import Sql
from station.store.projections import item_states, transfers, withdrawal_steps, workers

_STOPPABLE: Final[tuple[DeliveryState, ...]] = (DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.PARKED)
_Reading = ev.Transferred | ev.Reclassified
_DELIVERY: Final = (
    "SELECT o.id, o.system, o.state, o.witness IS NOT NULL "
    "OR coalesce(json_extract(CAST(c.payload AS TEXT), '$.decision'), '') = 'send-ours' "  # which clears the witness
    "FROM outbox o LEFT JOIN events c ON c.seq = o.changed_seq WHERE o.event_seq = ?"
)


def permitted(sql: Sql, event: ev.TransferStepEvent) -> ev.TransferStepEvent:
    """Return the event to journal, with the fields that the store fills in. Raise `WorkError` if it is not allowed now."""
    role = workers.role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    workers.require_withdraw_right(sql, role, right_for(event))
    match event:
        case ev.TransferDecided():
            return _decided(sql, event)
        case ev.TransferCanceled():
            return _canceled(sql, event)
        case ev.Transferred() | ev.Reclassified():
            return _read(sql, event)
        case ev.Lost():
            _require_here(sql, event.barcode, event.title)
            now = transfers.lost_item(sql, event.barcode)
            if now is not None and now.piece is event.piece:
                raise DepartureRefused(Sentence("transfer.lost-already", title=event.title or event.barcode))
        case ev.Found():
            if transfers.lost_item(sql, event.barcode) is None:
                raise DepartureRefused(Sentence("transfer.not-lost", title=event.title or event.barcode))
    return _with_fund(sql, event)


def _with_fund(sql: Sql, event: ev.Lost | ev.Found) -> ev.Lost | ev.Found:
    added = withdrawal_steps.addition(sql, event.barcode)
    return event if added is None or event.fund else msgspec.structs.replace(event, fund=added.copy.fund)


def follows(event: ev.TransferStepEvent) -> tuple[NewDelivery, ...]:
    """Return the delivery that is committed with the event."""
    if not isinstance(event, ev.TransferDecided) or not event.system:
        return ()
    intent = MoveIntent(
        barcode=event.barcode, library=event.wanted.library, location=event.wanted.location, operator=event.operator
    )
    return (NewDelivery(event.system, lane(intent), intent),)


def given_up(sql: Sql, event: ev.TransferStepEvent) -> Iterator[tuple[str, str, Sentence]]:
    """Yield id, system and reason of the deliveries that the event ends: those of a canceled transfer, and one that was
    refused for an item that is at its new place."""
    match event:
        case ev.TransferCanceled():
            ends, why = _STOPPABLE, Sentence("store.transfer-canceled")
        case ev.Transferred():
            ends, why = (DeliveryState.PARKED,), Sentence("store.transfer-shown")
        case _:
            return
    for ident, system, state, _ in _deliveries(sql, event.transfer):
        if state in ends:
            yield ident, system, why


def of_delivery(sql: Sql, delivery: Delivery, change: ev.DeliveryChanged) -> tuple[_Reading, ...]:
    """Return what follows from a delivery's new state: the adapter has read back the place of a moved item."""
    if not isinstance(delivery.intent, MoveIntent) or change.state != DeliveryState.DELIVERED:
        return ()
    ident = transfers.of_event(sql, delivery.event_seq)
    decision = transfers.decision(sql, ident) if ident else None
    if decision is None or not transfers.waits_for(sql, ident)[0]:
        return ()
    shelf = after(decision.before, decision.wanted)
    return (_filled(sql, ev.Transferred(transfer=ident, barcode=decision.barcode, after=shelf), decision),)


def _decided(sql: Sql, event: ev.TransferDecided) -> ev.TransferDecided:
    title = event.item.title or event.barcode
    if not event.barcode:
        raise DepartureRefused(Sentence("transfer.no-barcode"))
    _require_here(sql, event.barcode, event.item.title)
    if (wanted := changed(event.before, event.wanted)) == Shelf():
        raise DepartureRefused(Sentence("transfer.nothing-changes", title=title))
    if transfers.of_item(sql, event.barcode) is not None:
        raise DepartureRefused(Sentence("transfer.already", title=title))
    if event.system and wanted.call_number:
        raise DepartureRefused(Sentence("transfer.person-reclassifies", title=title))
    return msgspec.structs.replace(event, wanted=wanted)


def _canceled(sql: Sql, event: ev.TransferCanceled) -> ev.TransferCanceled:
    decision = _open(sql, event.transfer)
    if not event.reason.strip():
        raise DepartureRefused(Sentence("transfer.no-reason"))
    if transfers.waits_for(sql, event.transfer) != _waited_for(decision):
        raise DepartureRefused(Sentence("transfer.shown-there", title=_title(decision)))
    for _, _, state, may_be_sent in _deliveries(sql, event.transfer):
        if state != DeliveryState.DISCARDED and (state not in _STOPPABLE or may_be_sent):
            raise DepartureRefused(Sentence("transfer.may-have-moved", title=_title(decision)))
    return msgspec.structs.replace(event, title=decision.item.title)


def _read(sql: Sql, event: _Reading) -> _Reading:
    decision = _open(sql, event.transfer)
    moves, reclassifies = transfers.waits_for(sql, event.transfer)
    if not (moves if isinstance(event, ev.Transferred) else reclassifies):
        raise DepartureRefused(Sentence("transfer.shown-already", title=_title(decision)))
    if event.by_hand:
        if not event.note.strip():
            raise DepartureRefused(Sentence("transfer.no-reason"))
        event = msgspec.structs.replace(event, after=after(decision.before, decision.wanted))
    elif not shows(event.after, _part(decision.wanted, event)):
        raise DepartureRefused(Sentence("transfer.not-shown", title=_title(decision)))
    return _filled(sql, event, decision)


def _part(wanted: Shelf, event: _Reading) -> Shelf:
    """Return of what is wanted what the event says is there."""
    if isinstance(event, ev.Reclassified):
        return Shelf(call_number=wanted.call_number)
    return Shelf(library=wanted.library, location=wanted.location)


def _filled(sql: Sql, event: _Reading, decision: ev.TransferDecided) -> _Reading:
    added = withdrawal_steps.addition(sql, decision.barcode)
    if isinstance(event, ev.Transferred):
        event = msgspec.structs.replace(event, effect=decision.effect)
    return msgspec.structs.replace(
        event,
        barcode=decision.barcode,
        title=decision.item.title,
        before=decision.before,
        fund=added.copy.fund if added is not None else "",
        price=decision.item.price or (added.copy.price if added is not None else ""),
        reason=decision.reason,
    )


def _open(sql: Sql, ident: str) -> ev.TransferDecided:
    """Return the decision of a transfer that was not canceled."""
    decision = transfers.decision(sql, ident)
    now = transfers.transfer(sql, ident)
    if decision is None or now is None:
        raise DepartureRefused(Sentence("transfer.unknown", transfer=ident))
    if now.canceled_at:
        raise DepartureRefused(Sentence("transfer.is-canceled", title=_title(decision)))
    return decision


def _require_here(sql: Sql, barcode: str, title: str) -> None:
    state = item_states.state_of(sql, barcode)
    if state is not None and state.state is ItemState.WITHDRAWN:
        raise DepartureRefused(Sentence("transfer.withdrawn", title=title or barcode))


def _waited_for(decision: ev.TransferDecided) -> tuple[bool, bool]:
    wanted = decision.wanted
    return bool(wanted.library or wanted.location), bool(wanted.call_number)


def _deliveries(sql: Sql, ident: str) -> list[tuple[Any, ...]]:
    row = sql.execute("SELECT seq FROM transfers WHERE transfer = ?", (ident,)).fetchone()
    return [] if row is None else list(sql.execute(_DELIVERY, (row[0],)))


def _title(decision: ev.TransferDecided) -> str:
    return decision.item.title or decision.barcode
