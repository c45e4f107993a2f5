"""What leaves the library, and the tags that must not be seen again: projections of their events.

A withdrawal begins with its decision. In a journal of an earlier version, or at a lease return, it begins with the first
checklist or order about its item; a later decision takes it over. What was erased or destroyed, and what the library system
answered, is looked up when the withdrawal is read.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from station.base.local_time import local_day
from station.base.sentence import EMPTY
from station.domain import events as ev
from station.domain.deliveries.delivery import Delivery, DeliveryState, ordered_by
from station.domain.deliveries.intents import WithdrawIntent
from station.domain.findings import Outcome
from station.domain.item import ItemRecord
from station.domain.verdict import Verdict
from station.domain.withdrawals.proofs import Act, WithdrawalFacts, finished_at, next_step, proofs_of
from station.domain.withdrawals.withdrawal import (
    NO_TAG,
    PART_MISSING,
    TAG_RULE,
    Cart,
    LeavingTag,
    NextStep,
    Piece,
    TagStanding,
    WatchedTag,
    Withdrawal,
    cart_id,
    withdrawal_id,
)
from station.store.database.database import Sql
from station.store.database.decoding import Decoder
from station.store.projections.withdrawal_way_back import unsent, untouched

ROWS: Final = {
    "withdrawal_items": "SELECT * FROM withdrawal_items ORDER BY withdrawal",
    "withdrawal_log": "SELECT * FROM withdrawal_log ORDER BY withdrawal, seq",
    "erased_tags": "SELECT * FROM erased_tags ORDER BY uid",
    "watched_tags": "SELECT * FROM watched_tags ORDER BY uid",
    "withdrawal_carts": "SELECT * FROM withdrawal_carts ORDER BY cart",
}
"""The tables' rows in a fixed order, for comparison."""

# --- projection -----------------------------------------------------------------------------------------------------

_STANDING: Final = (
    "SELECT withdrawal FROM withdrawal_items WHERE barcode = :barcode AND canceled_seq IS NULL "
    "AND (part = :part OR :part < 0) ORDER BY part = 0 DESC, seq DESC LIMIT 1"
)
_ANY_PART: Final = -1


def decided(sql: Sql, seq: int, event: ev.WithdrawalDecided) -> None:
    ident, known = withdrawal_id(seq), standing(sql, event.barcode, event.part)
    if known:
        sql.execute("UPDATE withdrawal_log SET withdrawal = ? WHERE withdrawal = ?", (ident, known))
        sql.execute(
            "UPDATE withdrawal_items SET withdrawal = ?, seq = ?, decided_seq = ?, task = 'withdrawal', piece = ?, cart = ? "
            "WHERE withdrawal = ?",
            (ident, seq, seq, event.piece.value, event.cart, known),
        )
    else:
        _begin(sql, seq, event.barcode, event.part, "withdrawal", event.piece, event.cart, seq)
    if event.system and not event.part:
        sql.execute("UPDATE withdrawal_items SET order_seq = ? WHERE withdrawal = ?", (seq, ident))
    for tag in event.tags:
        _watch(sql, seq, tag.uid, event.barcode, tag.part, TagStanding.WATCHED, ident)
    _log(sql, seq, ident)


def ordered(sql: Sql, seq: int, event: ev.DeliveryOrdered) -> None:
    if isinstance(event.intent, WithdrawIntent):
        ident = standing(sql, event.intent.barcode, 0) or _begin(sql, seq, event.intent.barcode, 0, "withdrawal")
        sql.execute("UPDATE withdrawal_items SET order_seq = ? WHERE withdrawal = ?", (seq, ident))
        _log(sql, seq, ident)


def began(sql: Sql, seq: int, event: ev.WithdrawalBegan) -> None:
    ident = standing(sql, event.barcode) or _begin(sql, seq, event.barcode, 0, event.task)
    _checked(sql, seq, ident, "open", event.task)


def judged(sql: Sql, seq: int, event: ev.WithdrawalJudged) -> None:
    ident = standing(sql, event.barcode) or _begin(sql, seq, event.barcode, 0, event.task)
    _checked(sql, seq, ident, "pass" if event.verdict is Verdict.PASS else "fail", event.task)
    sql.execute("UPDATE withdrawal_items SET judged_seq = ? WHERE withdrawal = ?", (seq, ident))


def left(sql: Sql, seq: int, event: ev.WithdrawalLeft) -> None:
    ident = standing(sql, event.barcode) or _begin(sql, seq, event.barcode, 0, event.task)
    _checked(sql, seq, ident, "left", event.task)


def withdrawn(sql: Sql, seq: int, event: ev.Withdrawn) -> None:
    sql.execute("UPDATE withdrawal_items SET deleted_seq = ? WHERE withdrawal = ?", (seq, event.withdrawal))
    _log(sql, seq, event.withdrawal)


def delivered(sql: Sql, seq: int, event: ev.DeliveryChanged) -> None:
    """Note a change of the delivery that deletes the item."""
    asked = "SELECT withdrawal FROM withdrawal_items WHERE order_seq = ?"
    row = sql.execute(asked, (ordered_by(event.delivery),)).fetchone()
    if row is not None:
        if event.state == DeliveryState.DELIVERED:
            sql.execute("UPDATE withdrawal_items SET deleted_seq = ? WHERE withdrawal = ?", (seq, row[0]))
        _log(sql, seq, str(row[0]))
        if event.state == DeliveryState.DISCARDED:
            _forget_order(sql, str(row[0]))


def canceled(sql: Sql, seq: int, event: ev.WithdrawalCanceled) -> None:
    sql.execute("UPDATE withdrawal_items SET canceled_seq = ? WHERE withdrawal = ?", (seq, event.withdrawal))
    sql.execute("DELETE FROM watched_tags WHERE withdrawal = ? AND standing = 'watched'", (event.withdrawal,))
    _log(sql, seq, event.withdrawal)


def confirmed(sql: Sql, seq: int, event: ev.DeletionConfirmed) -> None:
    _log(sql, seq, event.withdrawal)


def placed(sql: Sql, seq: int, event: ev.WithdrawalPlaced) -> None:
    sql.execute("UPDATE withdrawal_items SET placed_seq = ? WHERE withdrawal = ?", (seq, event.withdrawal))
    _log(sql, seq, event.withdrawal)


def oclc_removed(sql: Sql, seq: int, event: ev.OclcHoldingRemoved) -> None:
    sql.execute("UPDATE withdrawal_items SET oclc_seq = ? WHERE withdrawal = ?", (seq, event.withdrawal))
    _log(sql, seq, event.withdrawal)


def assigned(sql: Sql, seq: int, event: ev.WithdrawalAssigned) -> None:
    sql.execute("UPDATE withdrawal_items SET owner = ? WHERE withdrawal = ?", (event.owner, event.withdrawal))
    _log(sql, seq, event.withdrawal)


def destroyed(sql: Sql, seq: int, event: ev.TagDestroyed) -> None:
    if event.uid:
        how = TagStanding.WATCHED if event.how == PART_MISSING else TagStanding.DESTROYED
        _watch(sql, seq, event.uid, event.barcode, event.part, how, event.withdrawal)
    _log(sql, seq, event.withdrawal)


def erased(sql: Sql, seq: int, event: ev.TagErased) -> None:
    sql.execute("DELETE FROM watched_tags WHERE uid = ?", (event.uid,))
    sql.execute("DELETE FROM erased_tags WHERE uid = ?", (event.uid,))
    if event.barcode and not event.stray:
        sql.execute(
            "INSERT INTO erased_tags (uid, barcode, part, seq) VALUES (?, ?, ?, ?)",
            (event.uid, event.barcode, event.part, seq),
        )
        if ident := standing(sql, event.barcode):
            _log(sql, seq, ident)


def written(sql: Sql, _seq: int, event: ev.TagWriteVerified | ev.TagUndoVerified) -> None:
    """Forget what was known of a tag with new content."""
    sql.execute("DELETE FROM watched_tags WHERE uid = ?", (event.uid,))
    sql.execute("DELETE FROM erased_tags WHERE uid = ?", (event.uid,))


def cart_opened(sql: Sql, seq: int, event: ev.WithdrawalCartOpened) -> None:
    sql.execute(
        "INSERT INTO withdrawal_carts (cart, operator, seq) VALUES (?, ?, ?)", (cart_id(seq), event.operator, seq)
    )


def cart_closed(sql: Sql, seq: int, event: ev.WithdrawalCartClosed) -> None:
    sql.execute("UPDATE withdrawal_carts SET closed_seq = ? WHERE cart = ?", (seq, event.cart))


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    sql.execute("DELETE FROM withdrawal_log")
    sql.execute("DELETE FROM withdrawal_items")
    sql.execute("DELETE FROM erased_tags")
    sql.execute("DELETE FROM watched_tags")
    sql.execute("DELETE FROM withdrawal_carts")


def standing(sql: Sql, barcode: str, part: int = _ANY_PART) -> str:
    """Return the id of the newest withdrawal of the item that was not canceled, the whole item first; "" = none."""
    row = sql.execute(_STANDING, {"barcode": barcode, "part": part}).fetchone()
    return "" if row is None else str(row[0])


def _begin(
    sql: Sql,
    seq: int,
    barcode: str,
    part: int,
    task: str,
    piece: Piece = Piece.PRESENT,
    cart: str = "",
    decided_seq: int | None = None,
) -> str:
    ident = withdrawal_id(seq)
    sql.execute(
        "INSERT INTO withdrawal_items (withdrawal, barcode, part, task, piece, cart, seq, decided_seq, newest_seq) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (ident, barcode, part, task, piece.value, cart, seq, decided_seq, seq),
    )
    return ident


def _forget_order(sql: Sql, ident: str) -> None:
    """Forget what was only ordered by an earlier version, now that its order is discarded: nobody decided or checked it."""
    sql.execute(
        "DELETE FROM withdrawal_items WHERE withdrawal = ? AND decided_seq IS NULL AND deleted_seq IS NULL "
        "AND checklist = 'none'",
        (ident,),
    )
    sql.execute(
        "DELETE FROM withdrawal_log WHERE withdrawal = :withdrawal "
        "AND NOT EXISTS (SELECT 1 FROM withdrawal_items w WHERE w.withdrawal = :withdrawal)",
        {"withdrawal": ident},
    )


def _watch(sql: Sql, seq: int, uid: str, barcode: str, part: int, how: TagStanding, ident: str) -> None:
    """Watch the tag. A tag that is watched already, because its part left alone, stays watched for that: taking this
    withdrawal back must not end it."""
    if how is not TagStanding.WATCHED:
        sql.execute("DELETE FROM watched_tags WHERE uid = ?", (uid,))
    sql.execute(
        "INSERT INTO watched_tags (uid, barcode, part, standing, withdrawal, seq) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (uid, barcode, part, how.value, ident, seq),
    )


def _checked(sql: Sql, seq: int, ident: str, checklist: str, task: str) -> None:
    sql.execute(
        "UPDATE withdrawal_items SET checklist = ?, task = CASE WHEN decided_seq IS NULL THEN ? ELSE task END "
        "WHERE withdrawal = ?",
        (checklist, task, ident),
    )
    _log(sql, seq, ident)


def _log(sql: Sql, seq: int, ident: str) -> None:
    sql.execute("INSERT INTO withdrawal_log (seq, withdrawal) VALUES (?, ?) ON CONFLICT DO NOTHING", (seq, ident))
    sql.execute("UPDATE withdrawal_items SET newest_seq = ? WHERE withdrawal = ?", (seq, ident))


# --- queries --------------------------------------------------------------------------------------------------------

_ROW: Final = """SELECT w.withdrawal, w.barcode, w.part, w.task, w.piece, w.owner, w.seq, w.decided_seq, w.deleted_seq,
    w.checklist, w.judged_seq, w.placed_seq, w.oclc_seq, w.canceled_seq, w.newest_seq, n.at, o.id, o.state, o.changed_seq
    FROM withdrawal_items w JOIN events n ON n.seq = w.newest_seq LEFT JOIN outbox o ON o.event_seq = w.order_seq """
_NAMED: Final = _ROW + "WHERE w.withdrawal = ?"
_MAY_BE_OPEN: Final = " ".join(
    (
        _ROW,
        """WHERE w.canceled_seq IS NULL AND (w.deleted_seq IS NULL
        OR (w.piece = 'present' AND (w.checklist <> 'pass' OR w.placed_seq IS NULL
            OR EXISTS (SELECT 1 FROM bindings b WHERE b.barcode = w.barcode)))
        OR (w.part = 0 AND w.oclc_seq IS NULL AND coalesce((SELECT json_extract(CAST(e.payload AS TEXT), '$.oclc_owner')
            FROM events e WHERE e.seq = w.deleted_seq), 'none') <> 'none'))
        ORDER BY w.seq""",
    )
)
"""All that are not finished, and few others: to judge each from its events takes longer the more have left."""
_OF_THE_WHOLE: Final = (
    _ROW + "WHERE w.barcode = ? AND w.part = 0 AND w.canceled_seq IS NULL ORDER BY w.seq DESC LIMIT 1"
)
_ALL: Final = _ROW + "ORDER BY w.seq DESC"
_TAGS: Final = """SELECT uid, part, 'live', seq FROM bindings WHERE barcode = :barcode AND uid NOT IN (
        SELECT uid FROM watched_tags)
    UNION ALL SELECT uid, part, standing, seq FROM watched_tags WHERE barcode = :barcode
    UNION ALL SELECT uid, part, 'erased', seq FROM erased_tags WHERE barcode = :barcode ORDER BY 2, 4"""
_CART: Final = """SELECT c.cart, c.operator, c.seq, c.closed_seq,
    (SELECT count(*) FROM withdrawal_items w WHERE w.cart = c.cart AND w.canceled_seq IS NULL) FROM withdrawal_carts c """
_CART_NAMED: Final = _CART + "WHERE c.cart = ?"
_CART_OF: Final = _CART + "WHERE c.operator = ? AND c.closed_seq IS NULL ORDER BY c.seq DESC LIMIT 1"
_CARTS: Final = _CART + "ORDER BY c.seq DESC"
_WATCHED: Final = "SELECT uid, barcode, part, standing, withdrawal, seq FROM watched_tags "
_WATCHED_NAMED: Final = _WATCHED + "WHERE uid = ?"
_WATCHED_ALL: Final = _WATCHED + "ORDER BY seq, uid"


def withdrawals(sql: Sql, *, everything: bool = False) -> tuple[Withdrawal, ...]:
    """Return the withdrawals that are not finished, the oldest first; `everything`: all, the newest first."""
    if everything:
        return tuple(_withdrawal(sql, row) for row in list(sql.execute(_ALL)))
    made = (_withdrawal(sql, row) for row in list(sql.execute(_MAY_BE_OPEN)))
    return tuple(each for each in made if each.next_step is not NextStep.NOTHING)


def withdrawal(sql: Sql, ident: str) -> Withdrawal | None:
    row = sql.execute(_NAMED, (ident,)).fetchone()
    return None if row is None else _withdrawal(sql, row)


def of_item(sql: Sql, barcode: str) -> Withdrawal | None:
    """Implement `ports.Departures.withdrawal_of_item`."""
    ident = standing(sql, barcode)
    return withdrawal(sql, ident) if ident else None


def of_part(sql: Sql, barcode: str, part: int) -> Withdrawal | None:
    """Return the newest withdrawal of exactly this part that was not canceled; 0 = the whole item."""
    ident = standing(sql, barcode, part)
    return withdrawal(sql, ident) if ident else None


def ready_to_strip(sql: Sql) -> tuple[Withdrawal, ...]:
    """Implement `ports.Departures.ready_to_strip`."""
    return tuple(each for each in withdrawals(sql) if each.ready_to_strip)


def decision(sql: Sql, ident: str) -> ev.WithdrawalDecided | None:
    """Return the event that decided a withdrawal."""
    row = sql.execute("SELECT decided_seq FROM withdrawal_items WHERE withdrawal = ?", (ident,)).fetchone()
    event = None if row is None or row[0] is None else _event(sql, row[0])[1]
    return event if isinstance(event, ev.WithdrawalDecided) else None


def item_of(sql: Sql, ident: str) -> str:
    """Return the barcode of the whole item that a withdrawal names; "" = it names a part, or there is no such withdrawal."""
    row = sql.execute("SELECT barcode FROM withdrawal_items WHERE withdrawal = ? AND part = 0", (ident,)).fetchone()
    return "" if row is None else str(row[0])


def of_order(sql: Sql, seq: int) -> str:
    """Return the id of the withdrawal whose deletion event `seq` ordered; "" = it ordered none."""
    row = sql.execute("SELECT withdrawal FROM withdrawal_items WHERE order_seq = ?", (seq,)).fetchone()
    return "" if row is None else str(row[0])


def cart(sql: Sql, ident: str) -> Cart | None:
    row = sql.execute(_CART_NAMED, (ident,)).fetchone()
    return None if row is None else _cart(sql, row)


def open_cart(sql: Sql, operator: str) -> Cart | None:
    """Implement `ports.Departures.open_cart`."""
    row = sql.execute(_CART_OF, (operator,)).fetchone()
    return None if row is None else _cart(sql, row)


def carts(sql: Sql) -> tuple[Cart, ...]:
    """Return all carts, the newest first."""
    return tuple(_cart(sql, row) for row in list(sql.execute(_CARTS)))


def watched(sql: Sql, uid: str) -> WatchedTag | None:
    """Implement `ports.Departures.watched`."""
    row = sql.execute(_WATCHED_NAMED, (uid,)).fetchone()
    return None if row is None else _watched(sql, row)


def watched_tags(sql: Sql) -> tuple[WatchedTag, ...]:
    """Return the tags that must not be seen again, those watched longest first."""
    return tuple(_watched(sql, row) for row in list(sql.execute(_WATCHED_ALL)))


def _watched(sql: Sql, row: Any) -> WatchedTag:
    uid, barcode, part, how, ident, seq = row
    event = decision(sql, ident)
    (since,) = sql.execute(
        "SELECT at FROM events WHERE seq = coalesce((SELECT coalesce(deleted_seq, decided_seq) FROM withdrawal_items "
        "WHERE withdrawal = ?), ?)",
        (ident, seq),
    ).fetchone()
    return WatchedTag(
        uid=uid,
        barcode=barcode,
        part=part,
        title=event.item.title if event is not None else "",
        standing=TagStanding(how),
        withdrawal=ident,
        since=str(since),
        day=local_day(str(since)),
    )


def _cart(sql: Sql, row: Any) -> Cart:
    ident, operator, seq, closed_seq, count = row
    opened_at, event = _event(sql, seq)
    closed_at = "" if closed_seq is None else _event(sql, closed_seq)[0]
    return Cart(
        id=ident,
        name=event.name,
        reason=event.reason,
        destination=event.destination,
        note=event.note,
        approver=event.approver,
        place=event.place,
        operator=operator,
        authorised=event.authorised,
        opened_at=opened_at,
        closed_at=closed_at,
        count=count,
        newest=closed_seq or seq,
    )


class _Row(NamedTuple):
    """The columns of `_ROW`."""

    ident: str
    barcode: str
    part: int
    task: str
    piece: str
    owner: str
    seq: int
    decided_seq: int | None
    deleted_seq: int | None
    checklist: str
    judged_seq: int | None
    placed_seq: int | None
    oclc_seq: int | None
    canceled_seq: int | None
    newest_seq: int
    newest_at: str
    delivery: str | None
    state: str | None
    changed_seq: int | None


def _with_the_rest(sql: Sql, row: _Row) -> _Row:
    """Return the row of a part with what became of the whole item, if that leaves, too: it is checked and put away once."""
    done = row.piece != Piece.PRESENT or (row.checklist == "pass" and row.placed_seq is not None)
    if not row.part or done:
        return row
    columns = sql.execute(_OF_THE_WHOLE, (row.barcode,)).fetchone()
    if columns is None:
        return row
    whole = _Row(*columns)
    if row.checklist != "pass":
        row = row._replace(checklist=whole.checklist, judged_seq=whole.judged_seq)
    placed_seq = whole.placed_seq if row.placed_seq is None else row.placed_seq
    return row._replace(piece=whole.piece, placed_seq=placed_seq)


def _withdrawal(sql: Sql, columns: Any) -> Withdrawal:
    row = _with_the_rest(sql, _Row(*columns))
    decided, choice = _step(sql, row.decided_seq)
    judged, verdict = _step(sql, row.judged_seq)
    deleted, deletion = _step(sql, row.deleted_seq)
    placed, placing = _step(sql, row.placed_seq)
    oclc, holding = _step(sql, row.oclc_seq)
    canceled, cancellation = _step(sql, row.canceled_seq)
    passes = row.checklist == "pass" and isinstance(verdict, ev.WithdrawalJudged)
    record = _record(sql, choice, verdict, row.barcode)
    facts = WithdrawalFacts(
        task=row.task,
        part=row.part,
        piece=Piece(row.piece),
        decided=decided,
        signs=() if choice is None else choice.signs,
        despite=() if choice is None else choice.despite,
        delivery_state=None if row.state is None else DeliveryState(row.state),
        delivery_detail=EMPTY if row.changed_seq is None else _event(sql, row.changed_seq)[1].detail,
        deleted=deleted,
        by_hand=isinstance(deletion, ev.Withdrawn) and deletion.by_hand,
        oclc_owner=deletion.oclc_owner if isinstance(deletion, ev.Withdrawn) else "",
        oclc_until=deletion.oclc_until if isinstance(deletion, ev.Withdrawn) else "",
        tags=_all_tags(sql, row, choice, _read_blank(verdict)),
        tag_by_checklist=judged if passes and _says_gone(verdict) else None,
        tag_read_blank=judged if passes and _read_blank(verdict) else None,
        passed=judged if passes else None,
        failed=row.checklist == "fail",
        placed=placed,
        place="" if placing is None else placing.place,
        oclc=oclc,
        oclc_stays=holding is not None and holding.stays,
        canceled=row.canceled_seq is not None,
    )
    return Withdrawal(
        id=row.ident,
        task=row.task,
        barcode=row.barcode,
        part=row.part,
        title=record.title if record is not None else "",
        call_number=record.call_number if record is not None else "",
        library=record.library if record is not None else "",
        location=record.location if record is not None else "",
        piece=facts.piece,
        signs=facts.signs,
        despite=facts.despite,
        owner=row.owner or ("" if decided is None else decided.by),
        decided_at="" if decided is None else decided.at,
        decided_by="" if decided is None else decided.by,
        delivery=row.delivery or "",
        delivery_state=row.state or "",
        deleted_at="" if deleted is None else deleted.at,
        tags=facts.tags,
        checklist=row.checklist,
        failed=() if verdict is None else _failed(verdict),
        place=facts.place,
        may_cancel=_may_cancel(sql, row, facts),
        proofs=proofs_of(facts),
        next_step=next_step(facts),
        canceled_at="" if canceled is None else canceled.at,
        cancel_reason="" if cancellation is None else cancellation.reason,
        finished_at=finished_at(facts),
        newest=row.newest_seq,
        newest_at=str(row.newest_at),
        **_of_choice(choice),
    )


def _may_cancel(sql: Sql, row: _Row, facts: WithdrawalFacts) -> bool:
    if row.decided_seq is None or facts.canceled:
        return False
    if row.part:
        begun = row.checklist != "none" or facts.placed is not None
        return not begun and untouched(sql, row.barcode, row.part, facts.tags, row.decided_seq)
    return facts.deleted is None and unsent(sql, row.barcode)


_CHOSEN: Final = ("reason", "destination", "note", "approver", "cart", "list", "authorised", "system")


def _of_choice(choice: Any) -> dict[str, Any]:
    """Return the fields that a withdrawal shares with its decision."""
    return {} if choice is None else {name: getattr(choice, name) for name in _CHOSEN}


def _failed(verdict: Any) -> tuple[str, ...]:
    return tuple(finding.rule for finding in verdict.findings if finding.outcome is Outcome.FAIL)


def _step(sql: Sql, seq: int | None) -> tuple[Act | None, Any]:
    """Return the act and the event of a number that a projection holds."""
    if seq is None:
        return None, None
    at, event = _event(sql, seq)
    return Act(seq, at, event.operator), event


def _record(sql: Sql, choice: Any, verdict: Any, barcode: str) -> ItemRecord | None:
    if choice is not None:
        return choice.item  # type: ignore[no-any-return]
    if verdict is not None:
        return verdict.item  # type: ignore[no-any-return]
    row = sql.execute(
        "SELECT seq FROM events WHERE kind IN ('checklist-began', 'item-scanned') "
        "AND json_extract(CAST(payload AS TEXT), '$.barcode') = ? ORDER BY seq DESC LIMIT 1",
        (barcode,),
    ).fetchone()
    return None if row is None else _event(sql, row[0])[1].item


def _tags(sql: Sql, barcode: str, part: int, read_blank: str) -> tuple[LeavingTag, ...]:
    """Return the tags of the item, or of the part that leaves alone. `read_blank`: the tag that a checklist read as erased."""
    tags = []
    for uid, of_part, how, seq in list(sql.execute(_TAGS, {"barcode": barcode})):
        if part in (0, of_part):
            gone = TagStanding.ERASED if uid == read_blank else TagStanding(how)
            (at,) = sql.execute("SELECT at FROM events WHERE seq = ?", (seq,)).fetchone()
            tags.append(LeavingTag(uid=uid, part=of_part, standing=gone, at=str(at), seq=seq))
    return tuple(tags)


def _all_tags(sql: Sql, row: _Row, choice: Any, read_blank: str) -> tuple[LeavingTag, ...]:
    """Return the known tags, and one for each part of a present piece of which none is known: a person said that there is
    none to erase, or it is not known."""
    known = _tags(sql, row.barcode, row.part, read_blank)
    if choice is None or row.piece != Piece.PRESENT:
        return known
    parts = (row.part,) if row.part else range(1, choice.item.parts + 1)
    unknown = [part for part in parts if part not in {tag.part for tag in known}]
    none = _without_number(sql, row.ident) if unknown else {}
    return (
        *known,
        *(none.get(part) or LeavingTag(uid="", part=part, standing=TagStanding.NOT_KNOWN) for part in unknown),
    )


def _without_number(sql: Sql, ident: str) -> dict[int, LeavingTag]:
    """Return what people said of tags whose number is not known, by part."""
    steps = list(
        sql.execute(
            "SELECT l.seq FROM withdrawal_log l JOIN events e ON e.seq = l.seq "
            "WHERE l.withdrawal = ? AND e.kind = 'tag-destroyed' ORDER BY l.seq",
            (ident,),
        )
    )
    tags = {}
    for (seq,) in steps:
        at, event = _event(sql, seq)
        if not event.uid:
            gone = TagStanding.NONE if event.how in (NO_TAG, PART_MISSING) else TagStanding.DESTROYED
            tags[event.part] = LeavingTag(uid="", part=event.part, standing=gone, at=at, seq=seq)
    return tags


def _read_blank(verdict: Any) -> str:
    return verdict.uid if verdict is not None and TAG_RULE in verdict.passed else ""


def _says_gone(verdict: Any) -> bool:
    """Return whether a person said how the tag was destroyed. A pass of an older version, which needed no reason, proves
    nothing."""
    return any(
        finding.rule == TAG_RULE and finding.outcome is Outcome.PASS and finding.code for finding in verdict.findings
    )


def _event(sql: Sql, seq: int) -> tuple[str, Any]:
    """Return time and event of a number that a projection holds."""
    at, kind, payload = sql.execute("SELECT at, kind, payload FROM events WHERE seq = ?", (seq,)).fetchone()
    return str(at), Decoder(sql)(seq, kind, bytes(payload))


class WithdrawnRow(msgspec.Struct, frozen=True):
    """One withdrawn item of a report, with the number and time of its event (ISO 8601, UTC)."""

    seq: int
    at: str
    event: ev.Withdrawn


def withdrawn_in_period(sql: Sql, since: str, until: str) -> tuple[WithdrawnRow, ...]:
    """Return what was withdrawn from `since` to before `until` (ISO 8601, UTC), without the parts that stay after all."""
    rows = list(
        sql.execute(
            "SELECT seq, at, kind, payload FROM events WHERE kind = 'withdrawn' AND at >= :since AND at < :until "
            "AND seq NOT IN (SELECT deleted_seq FROM withdrawal_items WHERE deleted_seq IS NOT NULL "
            "AND canceled_seq IS NOT NULL) ORDER BY seq",
            {"since": since, "until": until},
        )
    )
    decode = Decoder(sql)
    events = ((seq, at, decode(seq, kind, bytes(payload))) for seq, at, kind, payload in rows)
    return tuple(WithdrawnRow(seq, at, event) for seq, at, event in events if isinstance(event, ev.Withdrawn))


def is_deletion(delivery: Delivery, change: ev.DeliveryChanged) -> bool:
    """Return whether the change says that a library system has deleted an item."""
    return isinstance(delivery.intent, WithdrawIntent) and change.state == DeliveryState.DELIVERED
