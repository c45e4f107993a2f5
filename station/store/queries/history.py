"""All events about one tag, item or session: `domain.ports.History` on a reading connection.

Tags and items are found by two indexes on expressions (migration 7), so histories exist only in the journal, and no
projection can differ from it. The expressions here must stay equal to those of the migration, else the indexes are not
used; a test checks SQLite's query plans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from station.base.text import clean
from station.domain.deliveries.delivery import Delivery
from station.domain.events import CheckAnswered, ReleaseItemListed, ReleaseTruckNamed, StaffCalled, WithdrawalBegan
from station.domain.people.staff_call import StaffCall
from station.domain.ports import Logged
from station.domain.receiving.shipment import claim_id
from station.store.database.database import Sql
from station.store.database.decoding import Decoder
from station.store.journal.outbox import ROW, delivery_of
from station.store.queries.second_check_cover import NOTHING, Cover
from station.store.queries.summaries import summary

_ROW: Final = "SELECT seq, at, kind, payload FROM events "
_UID: Final = "json_extract(CAST(payload AS TEXT), '$.uid')"
_BARCODE: Final = "json_extract(CAST(payload AS TEXT), '$.barcode')"
_LANE: Final = ROW + "WHERE o.lane = ? ORDER BY o.event_seq, o.system, o.place"


_OF_DELIVERY: Final = (
    "SELECT seq, at, kind, payload FROM events WHERE seq BETWEEN :first AND :last AND kind = 'delivery-changed' "
    "AND json_extract(CAST(payload AS TEXT), '$.delivery') = :id "
    "UNION SELECT e.seq, e.at, e.kind, e.payload FROM outbox o JOIN events e ON e.seq = o.changed_seq WHERE o.id = :id "
    "ORDER BY seq"
)
_FAR: Final = 20_000
"""Events after its own among which the changes of a delivery are looked for; they have no index. The newest is always
found."""
_ABOUT_TAG: Final = f"{_ROW}WHERE {_UID} = ? ORDER BY seq"
_ABOUT_ITEM: Final = f"{_ROW}WHERE {_BARCODE} = ? ORDER BY seq"
_NEWEST_SESSION: Final = _ROW + "WHERE kind = 'conversion-began' ORDER BY seq DESC LIMIT 1"
_ENDED_SINCE: Final = "SELECT count(*) FROM events WHERE kind = 'conversion-ended' AND seq > ?"
_NEWEST_LISTED: Final = _ROW + "WHERE kind IN ('truck-listed', 'truck-named') ORDER BY seq DESC LIMIT 1"
_RELEASED: Final = (
    "SELECT count(*) FROM events WHERE kind = 'truck-released' AND json_extract(CAST(payload AS TEXT), '$.release') = ?"
)
_LISTED: Final = (
    _ROW
    + "WHERE kind IN ('truck-listed', 'truck-named') AND json_extract(CAST(payload AS TEXT), '$.release') = ? ORDER BY seq"
)
_OF_SESSION: Final = (
    _ROW + "WHERE seq >= ? AND kind IN ('conversion-began', 'conversion-ended', 'item-scanned', 'item-judged', "
    "'item-set-aside', 'set-closed', 'stack-checked', 'tag-undo-started', 'tag-undo-verified') ORDER BY seq"
)
_SETS: Final = _ROW + "WHERE kind IN ('set-opened', 'set-sized', 'set-closed') ORDER BY seq"
_OF_SET: Final = f"{_ROW}WHERE {_BARCODE} = ? AND kind IN ('set-opened', 'set-sized', 'set-closed') ORDER BY seq"
_OF_DIFFERENCE: Final = " ".join(
    (_ROW, "WHERE seq IN (SELECT seq FROM difference_log WHERE difference = ?) ORDER BY seq")
)
_RECORDED: Final = _ROW + "WHERE kind = :kind AND seq < :before ORDER BY seq DESC LIMIT :limit"
_OF_INVOICE: Final = " ".join((_ROW, "WHERE seq IN (SELECT seq FROM invoice_log WHERE invoice = ?) ORDER BY seq"))
_OF_BOX: Final = " ".join((_ROW, "WHERE seq IN (SELECT seq FROM box_log WHERE box = ?) ORDER BY seq"))
_OF_DEPARTURE: Final = " ".join(
    (_ROW, "WHERE seq IN (SELECT seq FROM withdrawal_log WHERE withdrawal = ?) ORDER BY seq")
)
_OF_TRANSFER: Final = " ".join((_ROW, "WHERE seq IN (SELECT seq FROM transfer_log WHERE transfer = ?) ORDER BY seq"))
_CLAIM: Final = _ROW + "WHERE seq = ? AND kind = 'claim-made'"
_NEWEST_SET: Final = _ROW + "WHERE kind = 'set-opened' ORDER BY seq DESC LIMIT 1"
_CLOSED_SINCE: Final = "SELECT count(*) FROM events WHERE kind = 'set-closed' AND seq > ?"
_NEWEST_CALL: Final = _ROW + "WHERE kind IN ('staff-called', 'staff-call-answered') ORDER BY seq DESC LIMIT 1"
_NEWEST_WITHDRAWAL: Final = _ROW + "WHERE kind = 'checklist-began' ORDER BY seq DESC LIMIT 1"
_WITHDRAWAL_OVER: Final = "SELECT count(*) FROM events WHERE kind IN ('checklist-judged', 'checklist-left') AND seq > ?"
_OF_WITHDRAWAL: Final = _ROW + "WHERE kind IN ('checklist-began', 'check-answered') AND seq >= ? ORDER BY seq"
_WITHDRAWALS: Final = _ROW + "WHERE kind IN ('checklist-began', 'checklist-judged', 'checklist-left') ORDER BY seq"
_WRITES: Final = (
    _ROW + "WHERE kind IN ('tag-write-verified', 'tag-erased', 'tag-undo-verified', 'tag-erased') ORDER BY seq"
)


_NEWEST_WRITE: Final = (
    _ROW + "WHERE kind IN ('tag-write-verified', 'tag-erased', 'tag-undo-verified') "
    "AND coalesce(CAST(json_extract(CAST(payload AS TEXT), '$.unchanged') AS INTEGER), 0) = 0 ORDER BY seq DESC LIMIT 1"
)


def _told(
    db: Sql,
    statement: str,
    parameters: Sequence[str | int] | Mapping[str, str | int] = (),
    cover: Cover = NOTHING,
) -> tuple[Logged, ...]:
    """Return the rows as events. Covered events are left out, since even their presence reveals something."""
    decode = Decoder(db)
    rows = (
        (seq, at, kind, decode.whole(seq, bytes(payload)))
        for seq, at, kind, payload in db.execute(statement, parameters)
    )
    shown = (row for row in rows if not cover.of(row[2], row[3]))
    events = ((seq, at, decode(seq, kind, bytes(payload))) for seq, at, kind, payload in shown)
    return tuple(Logged(int(seq), str(at), event, summary(event)) for seq, at, event in events)


def about_tag(db: Sql, uid: str, cover: Cover = NOTHING) -> tuple[Logged, ...]:
    return _told(db, _ABOUT_TAG, (uid,), cover)


def about_item(db: Sql, barcode: str, cover: Cover = NOTHING) -> tuple[Logged, ...]:
    return _told(db, _ABOUT_ITEM, (barcode,), cover)


def open_session(db: Sql) -> Logged | None:
    """Implement `domain.ports.History`. One bench has one session at a time, so only the newest can be open."""
    newest = _told(db, _NEWEST_SESSION)
    if not newest:
        return None
    (ended,) = db.execute(_ENDED_SINCE, (newest[0].seq,))
    return None if ended[0] else newest[0]


def of_session(db: Sql, seq: int) -> tuple[Logged, ...]:
    return _told(db, _OF_SESSION, (seq,))


def newest_session(db: Sql) -> tuple[Logged, ...]:
    newest = _told(db, _NEWEST_SESSION)
    return of_session(db, newest[0].seq) if newest else ()


def open_release(db: Sql) -> tuple[Logged, ...]:
    newest = _told(db, _NEWEST_LISTED)
    if not newest or not isinstance(newest[0].event, ReleaseItemListed | ReleaseTruckNamed):
        return ()
    (released,) = db.execute(_RELEASED, (newest[0].event.release,))
    return () if released[0] else _told(db, _LISTED, (newest[0].event.release,))


def open_withdrawal(db: Sql) -> tuple[Logged, ...]:
    """Implement `domain.ports.History`. One checklist is in hand at a time, so only the newest can be open."""
    newest = _told(db, _NEWEST_WITHDRAWAL)
    if not newest or not isinstance(newest[0].event, WithdrawalBegan):
        return ()
    (over,) = db.execute(_WITHDRAWAL_OVER, (newest[0].seq,))
    if over[0]:
        return ()
    name = newest[0].event.checklist
    return tuple(
        logged
        for logged in _told(db, _OF_WITHDRAWAL, (newest[0].seq,))
        if isinstance(logged.event, WithdrawalBegan | CheckAnswered) and logged.event.checklist == name
    )


def withdrawal_checklists(db: Sql) -> tuple[Logged, ...]:
    return _told(db, _WITHDRAWALS)


def newest_write(db: Sql) -> Logged | None:
    newest = _told(db, _NEWEST_WRITE)
    return newest[0] if newest else None


def writes(db: Sql) -> tuple[Logged, ...]:
    return _told(db, _WRITES)


def deliveries_of(db: Sql, barcode: str) -> tuple[Delivery, ...]:
    """Implement `domain.ports.History`. Oldest first."""
    return tuple(delivery_of(row) for row in db.execute(_LANE, (barcode,)).fetchall())


def of_delivery(db: Sql, delivery: Delivery, cover: Cover = NOTHING) -> tuple[Logged, ...]:
    """Return the changes of a delivery, the oldest first; of one that changed long after it was made, the first ones and
    the newest."""
    first = delivery.event_seq
    return _told(db, _OF_DELIVERY, {"first": first, "last": first + _FAR, "id": delivery.id}, cover)


def of_invoice(db: Sql, ident: str) -> tuple[Logged, ...]:
    return _told(db, _OF_INVOICE, (ident,))


def of_box(db: Sql, ident: str) -> tuple[Logged, ...]:
    """Return the events about a box, the oldest first."""
    return _told(db, _OF_BOX, (ident,))


def of_withdrawal(db: Sql, ident: str) -> tuple[Logged, ...]:
    """Return the events about a withdrawal, the oldest first."""
    return _told(db, _OF_DEPARTURE, (ident,))


def of_transfer(db: Sql, ident: str) -> tuple[Logged, ...]:
    """Return the events about a transfer, the oldest first."""
    return _told(db, _OF_TRANSFER, (ident,))


def of_difference(db: Sql, ident: str) -> tuple[Logged, ...]:
    """Return the events about a difference, the oldest first."""
    return _told(db, _OF_DIFFERENCE, (ident,))


def recorded(db: Sql, kind: str, before: int, limit: int) -> tuple[Logged, ...]:
    """Return the events of a kind before the event with this number, the newest first."""
    return _told(db, _RECORDED, {"kind": kind, "before": before, "limit": limit})


def claim(db: Sql, ident: str) -> Logged | None:
    """Return the event of the claim with this id."""
    seq = ident.removeprefix("claim-")
    if not (seq.isascii() and seq.isdecimal() and len(seq) < 16 and claim_id(int(seq)) == ident):
        return None
    return next(iter(_told(db, _CLAIM, (int(seq),))), None)


def of_set(db: Sql, barcode: str) -> tuple[Logged, ...]:
    return _told(db, _OF_SET, (barcode,))


def open_set(db: Sql) -> Logged | None:
    """Implement `domain.ports.History`. One set is in hand at a time, so only the newest can be open."""
    newest = _told(db, _NEWEST_SET)
    if not newest:
        return None
    (closed,) = db.execute(_CLOSED_SINCE, (newest[0].seq,))
    return None if closed[0] else newest[0]


def sets(db: Sql) -> tuple[Logged, ...]:
    return _told(db, _SETS)


def staff_call(db: Sql) -> StaffCall | None:
    for logged in _told(db, _NEWEST_CALL):
        if isinstance(logged.event, StaffCalled):
            event = logged.event
            return StaffCall(at=logged.at, bench=clean(event.bench), worker=event.operator, title=clean(event.title))
    return None
