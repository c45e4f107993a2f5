"""Transfers, and the items that are lost: projections of their events.

Label, tag and box of a transfer are proven by later verdicts and boxes of its item, which are looked up when it is read.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Final

import msgspec

from station.base.sentence import EMPTY
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.lost_items import LostItem
from station.domain.transfers.proofs import Act, TransferFacts, finished_at, next_step, proofs_of
from station.domain.transfers.transfer import Transfer, TransferStep, transfer_id
from station.domain.withdrawals.withdrawal import Piece
from station.store.database.database import Sql
from station.store.database.decoding import Decoder

ROWS: Final = {
    "transfers": "SELECT * FROM transfers ORDER BY transfer",
    "transfer_log": "SELECT * FROM transfer_log ORDER BY transfer, seq",
    "lost_items": "SELECT * FROM lost_items ORDER BY barcode",
}
"""The tables' rows in a fixed order, for comparison."""

# --- projection -----------------------------------------------------------------------------------------------------


def decided(sql: Sql, seq: int, event: ev.TransferDecided) -> None:
    wanted = event.wanted
    sql.execute(
        "INSERT INTO transfers (transfer, barcode, site, moves, reclassifies, seq, newest_seq) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            *(transfer_id(seq), event.barcode, event.site),
            *(bool(wanted.library or wanted.location), bool(wanted.call_number), seq, seq),
        ),
    )
    _log(sql, seq, transfer_id(seq))


def canceled(sql: Sql, seq: int, event: ev.TransferCanceled) -> None:
    sql.execute("UPDATE transfers SET canceled_seq = ? WHERE transfer = ?", (seq, event.transfer))
    _log(sql, seq, event.transfer)


def moved(sql: Sql, seq: int, event: ev.Transferred) -> None:
    sql.execute("UPDATE transfers SET moves = 0 WHERE transfer = ?", (event.transfer,))
    _read(sql, seq, event.transfer)


def reclassified(sql: Sql, seq: int, event: ev.Reclassified) -> None:
    sql.execute("UPDATE transfers SET reclassifies = 0 WHERE transfer = ?", (event.transfer,))
    _read(sql, seq, event.transfer)


def _read(sql: Sql, seq: int, ident: str) -> None:
    sql.execute(
        "UPDATE transfers SET read_seq = ? WHERE transfer = ? AND moves = 0 AND reclassifies = 0 AND read_seq IS NULL",
        (seq, ident),
    )
    _log(sql, seq, ident)


def lost(sql: Sql, seq: int, event: ev.Lost) -> None:
    sql.execute(
        "INSERT INTO lost_items (barcode, piece, seq) VALUES (?, ?, ?) "
        "ON CONFLICT (barcode) DO UPDATE SET piece = excluded.piece, seq = excluded.seq",
        (event.barcode, event.piece.value, seq),
    )


def turned_up(sql: Sql, _seq: int, event: ev.Found) -> None:
    sql.execute("DELETE FROM lost_items WHERE barcode = ?", (event.barcode,))


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    sql.execute("DELETE FROM transfer_log")
    sql.execute("DELETE FROM transfers")
    sql.execute("DELETE FROM lost_items")


def _log(sql: Sql, seq: int, ident: str) -> None:
    sql.execute("INSERT INTO transfer_log (seq, transfer) VALUES (?, ?) ON CONFLICT DO NOTHING", (seq, ident))
    sql.execute("UPDATE transfers SET newest_seq = ? WHERE transfer = ?", (seq, ident))


# --- queries --------------------------------------------------------------------------------------------------------

_TRANSFER: Final = """SELECT t.transfer, t.site, t.newest_seq, t.seq, t.read_seq, t.canceled_seq,
    o.id, o.state, o.changed_seq, EXISTS (SELECT 1 FROM withdrawals w WHERE w.barcode = t.barcode) AS withdrawn,
    (SELECT j.seq FROM judgements j WHERE j.barcode = t.barcode AND j.seq > t.read_seq ORDER BY j.seq DESC LIMIT 1)
    AS judged,
    EXISTS (SELECT 1 FROM judgements j WHERE j.barcode = t.barcode AND j.seq > t.read_seq AND j.failed = 1
        AND NOT EXISTS (SELECT 1 FROM judgements k WHERE k.barcode = j.barcode AND k.part = j.part AND k.seq > j.seq))
    OR EXISTS (SELECT 1 FROM bindings b WHERE b.barcode = t.barcode AND NOT EXISTS (
        SELECT 1 FROM judgements j WHERE j.barcode = b.barcode AND j.part = b.part AND j.seq > t.read_seq)) AS lacks,
    (SELECT i.seq FROM box_items i JOIN boxes x ON x.box = i.box WHERE i.barcode = t.barcode AND i.missing = 0
        AND i.seq > t.read_seq AND lower(x.site) = lower(t.site) ORDER BY i.seq DESC LIMIT 1) AS packed
    FROM transfers t LEFT JOIN outbox o ON o.event_seq = t.seq """
_NAMED: Final = _TRANSFER + "WHERE t.transfer = ?"
_NEWEST_OF_ITEM: Final = _TRANSFER + "WHERE t.barcode = ? AND t.canceled_seq IS NULL ORDER BY t.seq DESC LIMIT 1"
_STANDING: Final = " ".join(
    (
        "SELECT * FROM (",
        _TRANSFER,
        "WHERE t.canceled_seq IS NULL) WHERE NOT withdrawn AND (read_seq IS NULL OR judged IS NULL OR lacks",
        "OR (site <> '' AND packed IS NULL) OR transfer IN (SELECT transfer FROM transfers",
        "WHERE barcode IN (SELECT value FROM json_each(:covered)))) ORDER BY seq",
    )
)
_ALL: Final = _TRANSFER + "ORDER BY t.seq DESC"
_OF_DELIVERY: Final = "SELECT transfer FROM transfers WHERE seq = ?"
_EVENT: Final = "SELECT at, coalesce(json_extract(CAST(payload AS TEXT), '$.operator'), '') FROM events WHERE seq = ?"
_LOST: Final = "SELECT l.piece, e.at FROM lost_items l JOIN events e ON e.seq = l.seq WHERE l.barcode = ?"


def transfers(sql: Sql, *, everything: bool = False, covered: Collection[str] = ()) -> tuple[Transfer, ...]:
    """Return the transfers that are not finished, the oldest first; `everything`: all, the newest first. `covered`: barcodes
    of items whose verdicts stay hidden."""
    if everything:
        return tuple(_transfer(sql, row, covered) for row in list(sql.execute(_ALL)))
    made = (
        _transfer(sql, row, covered) for row in list(sql.execute(_STANDING, {"covered": json.dumps(sorted(covered))}))
    )
    return tuple(transfer for transfer in made if transfer.next_step is not TransferStep.NOTHING)


def transfer(sql: Sql, ident: str, *, covered: Collection[str] = ()) -> Transfer | None:
    row = sql.execute(_NAMED, (ident,)).fetchone()
    return None if row is None else _transfer(sql, row, covered)


def of_item(sql: Sql, barcode: str, *, covered: Collection[str] = ()) -> Transfer | None:
    """Implement `ports.Departures.transfer_of_item`."""
    row = sql.execute(_NEWEST_OF_ITEM, (barcode,)).fetchone()
    made = None if row is None else _transfer(sql, row, covered)
    return made if made is not None and made.next_step is not TransferStep.NOTHING else None


def of_event(sql: Sql, seq: int) -> str:
    """Return the id of the transfer that event `seq` decided; "" = it decided none."""
    row = sql.execute(_OF_DELIVERY, (seq,)).fetchone()
    return "" if row is None else str(row[0])


def decision(sql: Sql, ident: str) -> ev.TransferDecided | None:
    """Return the event that decided a transfer."""
    row = sql.execute("SELECT seq FROM transfers WHERE transfer = ?", (ident,)).fetchone()
    event = None if row is None else _event(sql, row[0])[1]
    return event if isinstance(event, ev.TransferDecided) else None


def waits_for(sql: Sql, ident: str) -> tuple[bool, bool]:
    """Return whether the library system still has to show the new place, and the new call number."""
    row = sql.execute("SELECT moves, reclassifies FROM transfers WHERE transfer = ?", (ident,)).fetchone()
    return (False, False) if row is None else (bool(row[0]), bool(row[1]))


def lost_item(sql: Sql, barcode: str) -> LostItem | None:
    """Implement `ports.Departures.lost_item`."""
    row = sql.execute(_LOST, (barcode,)).fetchone()
    return None if row is None else LostItem(Piece(row[0]), str(row[1]))


def _transfer(sql: Sql, row: Any, covered: Collection[str]) -> Transfer:
    ident, site, newest, seq, read_seq, canceled_seq, delivery, state, changed_seq, withdrawn, judged, lacks, packed = (
        row
    )
    at, event = _event(sql, seq)
    read_at, read = ("", None) if read_seq is None else _event(sql, read_seq)
    canceled_at, cancellation = ("", None) if canceled_seq is None else _event(sql, canceled_seq)
    passes = judged is not None and not lacks and event.barcode not in covered
    facts = TransferFacts(
        decided=Act(seq, at, event.operator),
        read=None if read is None else Act(read_seq, read_at, read.operator),
        by_hand=read is not None and read.by_hand,
        passed=_act(sql, judged) if passes else None,
        site=site,
        packed=None if packed is None else _act(sql, packed),
        box=_box(sql, packed),
        delivery_state=None if state is None else DeliveryState(state),
        delivery_detail=EMPTY if changed_seq is None else _event(sql, changed_seq)[1].detail,
        canceled=canceled_seq is not None,
        withdrawn=bool(withdrawn),
    )
    return Transfer(
        id=ident,
        barcode=event.barcode,
        title=event.item.title,
        before=event.before,
        wanted=event.wanted,
        reason=event.reason,
        note=event.note,
        approver=event.approver,
        list=event.list,
        site=site,
        owner=event.operator,
        decided_at=at,
        decided_by=event.operator,
        system=event.system,
        delivery=delivery or "",
        delivery_state=state or "",
        read_at=read_at,
        proofs=proofs_of(facts),
        next_step=next_step(facts),
        canceled_at=canceled_at,
        cancel_reason="" if cancellation is None else cancellation.reason,
        finished_at=finished_at(facts),
        newest=newest,
    )


def _act(sql: Sql, seq: int) -> Act:
    at, by = sql.execute(_EVENT, (seq,)).fetchone()
    return Act(seq, str(at), str(by))


def _box(sql: Sql, packed: int | None) -> str:
    if packed is None:
        return ""
    row = sql.execute("SELECT box FROM box_items WHERE seq = ?", (packed,)).fetchone()
    return "" if row is None else str(row[0])


def _event(sql: Sql, seq: int) -> tuple[str, Any]:
    """Return time and event of a number that a projection holds."""
    at, kind, payload = sql.execute("SELECT at, kind, payload FROM events WHERE seq = ?", (seq,)).fetchone()
    return str(at), Decoder(sql)(seq, kind, bytes(payload))


_IN_PERIOD: Final = (
    "SELECT seq, at, kind, payload FROM events WHERE kind IN ('transferred', 'reclassified', 'lost', 'found') "
    "AND at >= :since AND at < :until ORDER BY seq"
)


_REPORTED: Final = (ev.Transferred, ev.Reclassified, ev.Lost, ev.Found)


class MovedRow(msgspec.Struct, frozen=True):
    """One event of a report, with its number and time (ISO 8601, UTC)."""

    seq: int
    at: str
    event: ev.Transferred | ev.Reclassified | ev.Lost | ev.Found


def departures_in_period(sql: Sql, since: str, until: str) -> tuple[MovedRow, ...]:
    """Return what was transferred, reclassified, lost or found from `since` to before `until` (ISO 8601, UTC)."""
    rows = list(sql.execute(_IN_PERIOD, {"since": since, "until": until}))
    decode = Decoder(sql)
    events = ((seq, at, decode(seq, kind, bytes(payload))) for seq, at, kind, payload in rows)
    return tuple(MovedRow(seq, at, event) for seq, at, event in events if isinstance(event, _REPORTED))
