"""What people may do with boxes."""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import ReceivingRefused, WorkerGone
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.distribution.box import Box, BoxState
from station.domain.distribution.packing import WITH_REASON
from station.domain.event_rights import right_for
from station.domain.item_state import ItemState
from station.domain.people.rights import lacking, may
from station.store.database.database import Sql
from station.store.projections import boxes, corrections, item_states, workers

_DONE: Final = (ItemState.PASSED, ItemState.RELEASED)
_ELSEWHERE: Final = """SELECT i.box FROM box_items i JOIN boxes b ON b.box = i.box
    LEFT JOIN item_states s ON s.barcode = i.barcode
    WHERE i.barcode = :barcode AND i.missing = 0 AND i.box <> :box
    AND NOT (b.state = 'received' AND coalesce(s.seq, 0) > b.received_seq) ORDER BY i.seq DESC LIMIT 1"""
"""An item that a site received, and that was processed again since, is back."""
_PACKED_SINCE: Final = """SELECT coalesce(nullif(i.title, ''), i.barcode), o.box FROM box_items i
    JOIN box_items o ON o.barcode = i.barcode AND o.box <> i.box
    JOIN boxes b ON b.box = o.box
    WHERE i.box = :box AND i.missing = 0 AND o.missing = 0 AND b.state <> 'received' ORDER BY o.seq LIMIT 1"""
"""An item of a received box that came back, and is in another box on the way."""


def permitted(sql: Sql, event: ev.DistributionStep) -> ev.DistributionStep:
    """Return the event to journal, with the fields that the store fills in. Raise `WorkError` if it is not allowed now."""
    role = workers.role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    if not may(role, right := right_for(event)):
        raise lacking(right)
    match event:
        case ev.BoxOpened():
            return _opened(sql, event)
        case ev.BoxPacked():
            return _removed(sql, event) if event.removed else _packed(sql, event)
        case ev.BoxClosed():
            now = _box(sql, event.box, BoxState.OPEN)
            if now.count == now.missing:
                raise ReceivingRefused(Sentence("box.is-empty"))
        case ev.BoxReceived():
            _box(sql, event.box, BoxState.CLOSED, BoxState.RECEIVED)
            inside = {item.barcode for item in boxes.packed_in(sql, event.box)}
            for barcode in event.missing:
                if barcode not in inside:
                    raise ReceivingRefused(Sentence("box.not-inside", barcode=barcode))
    return event


def _opened(sql: Sql, event: ev.BoxOpened) -> ev.BoxOpened:
    if event.box:
        now = _box(sql, event.box, BoxState.CLOSED, BoxState.RECEIVED)
        if not event.reason.strip():
            raise ReceivingRefused(Sentence("box.no-reason"))
        elsewhere = sql.execute(_PACKED_SINCE, {"box": event.box}).fetchone()
        if elsewhere is not None:
            raise ReceivingRefused(Sentence("box.inside-other", title=elsewhere[0], box=elsewhere[1]))
        return msgspec.structs.replace(event, site=now.site)
    site = event.site.strip()
    if not site:
        raise ReceivingRefused(Sentence("box.no-site"))
    return msgspec.structs.replace(event, site=site)


def _packed(sql: Sql, event: ev.BoxPacked) -> ev.BoxPacked:
    _box(sql, event.box, BoxState.OPEN)
    if not event.barcode:
        raise ReceivingRefused(Sentence("box.no-barcode"))
    title = event.title or event.barcode
    if unknown := [obstacle for obstacle in event.despite if obstacle not in WITH_REASON]:
        raise ReceivingRefused(Sentence("box.never-despite", obstacles=", ".join(unknown)))
    if event.despite and not event.reason.strip():
        raise ReceivingRefused(Sentence("box.no-despite-reason"))
    if any(item.barcode == event.barcode and not item.missing for item in boxes.packed_in(sql, event.box)):
        raise ReceivingRefused(Sentence("box.inside-already", title=title))
    elsewhere = sql.execute(_ELSEWHERE, {"barcode": event.barcode, "box": event.box}).fetchone()
    if elsewhere is not None:
        raise ReceivingRefused(Sentence("box.inside-other", title=title, box=elsewhere[0]))
    if not _is_done(sql, event.barcode):
        raise ReceivingRefused(Sentence("box.not-done", title=title))
    return event


def _is_done(sql: Sql, barcode: str) -> bool:
    """Return whether the item may leave. The answer gives no reason, so that it reveals no hidden verdict."""
    state = item_states.state_of(sql, barcode)
    return state is not None and state.state in _DONE and not corrections.open_for(sql, barcode)


def _removed(sql: Sql, event: ev.BoxPacked) -> ev.BoxPacked:
    _box(sql, event.box, BoxState.OPEN)
    item = next((item for item in boxes.packed_in(sql, event.box) if item.barcode == event.barcode), None)
    if item is None:
        raise ReceivingRefused(Sentence("box.not-inside", barcode=event.barcode))
    return msgspec.structs.replace(event, title=item.title, despite=(), reason=event.reason)


def _box(sql: Sql, ident: str, *states: BoxState) -> Box:
    """Return the box if it is in one of these states."""
    now = boxes.box(sql, ident)
    if now is None:
        raise ReceivingRefused(Sentence("box.unknown", box=ident))
    if now.state not in states:
        raise ReceivingRefused(Sentence(f"box.is-{now.state.value}", box=ident))
    return now
