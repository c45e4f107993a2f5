"""Corrections in the journal's database: the rows that `station.domain.corrections.correction.advance` makes of the events, and
their history. A new report joins the open correction for the same item and rule, so that there is never a second
one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from station.base.errors import CorrectionUnknown, NotAllowed, StoreCorrupt, WorkerGone, WorkError
from station.base.sentence import Sentence
from station.base.sentence_json import decode_sentence, encode_sentence
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind, CorrectionState, Recheck, Result
from station.domain.corrections.correction import (
    Brief,
    Correction,
    CorrectionEvent,
    Entry,
    Step,
    advance,
    lacks,
    opened,
    refusal,
    waiver_refusal,
)
from station.domain.findings import Severity, worse
from station.domain.people.rights import Right, Role
from station.store.database.database import LAST, Sql, SqlValue
from station.store.database.decoding import Decoder
from station.store.database.since import first_since
from station.store.projections import workers

_JSON: Final = msgspec.json.Encoder(enc_hook=encode_sentence)
_SENTENCE: Final = msgspec.json.Decoder(Sentence, dec_hook=decode_sentence)

# --- projection -----------------------------------------------------------------------------------------------------


def apply(sql: Sql, seq: int, event: ev.AnyEvent) -> None:
    """Bring the tables up to date with one event. Runs inside the caller's transaction."""
    match event:
        case ev.CorrectionOpened():
            _open(sql, seq, event)
        case (
            ev.CorrectionAssigned()
            | ev.CorrectionMended()
            | ev.CorrectionRechecked()
            | ev.CorrectionClosed()
            | ev.SecondCheckSeen()
        ):
            if (now := by_id(sql, event.correction)) is not None:
                _step(sql, seq, now, event)
        case ev.FindingWaived():
            if (now := open_one(sql, event.barcode, event.rule, CorrectionKind.MEND)) is not None:
                _step(sql, seq, now, event)


def _open(sql: Sql, seq: int, event: ev.CorrectionOpened) -> None:
    if not event.correction or by_id(sql, event.correction) is not None:
        return  # the same report twice
    now = open_one(sql, event.barcode, event.rule, event.what)
    if now is not None:
        _step(sql, seq, now, event, event.correction)
        return
    new = opened(event)
    sql.execute(
        "INSERT INTO corrections (correction, kind, barcode, rule, title, item_title, severity, recheck, state, owner, "
        "due, worker, mender, parts, returned, result, seen, opened_seq) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (new.id, new.kind, new.barcode, new.rule, _JSON.encode(new.title).decode(), new.item_title, *_state(new), seq),
    )
    _log(sql, seq, new.id, event.correction)


def _step(sql: Sql, seq: int, now: Correction, event: CorrectionEvent, report: str | None = None) -> None:
    after = advance(now, event)
    if after == now and report is None:
        return
    sql.execute(
        "UPDATE corrections SET severity = ?, recheck = ?, state = ?, owner = ?, due = ?, worker = ?, mender = ?, "
        "parts = ?, returned = ?, result = ?, seen = ?, closed_seq = ? WHERE correction = ?",
        (*_state(after), seq if after.state is CorrectionState.CLOSED else None, now.id),
    )
    _log(sql, seq, now.id, report)


def _state(now: Correction) -> tuple[SqlValue, ...]:
    parts = " ".join(map(str, now.parts))
    fixed = (now.severity, now.recheck, now.state, now.owner, now.due, now.worker, now.mender)
    return (*fixed, parts, now.returned, now.result, " ".join(now.seen))


def _log(sql: Sql, seq: int, correction: str, report: str | None) -> None:
    sql.execute("INSERT INTO correction_log (seq, correction, report) VALUES (?, ?, ?)", (seq, correction, report))


# --- reading --------------------------------------------------------------------------------------------------------

_COLUMNS: Final = (
    "correction",
    "kind",
    "barcode",
    "rule",
    "title",
    "item_title",
    "severity",
    "recheck",
    "state",
    "owner",
    "due",
    "worker",
    "mender",
    "parts",
    "returned",
    "result",
    "opened_seq",
    "closed_seq",
    "seen",
)


def by_id(sql: Sql, correction: str) -> Correction | None:
    """Return the correction with this id, or the one that a report with this id joined."""
    rows = list(
        sql.execute(
            "SELECT c.* FROM corrections c JOIN correction_log l ON l.correction = c.correction WHERE l.report = ?",
            (correction,),
        )
    )
    return _correction(rows[0]) if rows else None


def open_one(sql: Sql, barcode: str, rule: str, kind: CorrectionKind) -> Correction | None:
    """Return the open correction for an item and rule."""
    rows = list(
        sql.execute(
            "SELECT * FROM corrections WHERE barcode = ? AND rule = ? AND kind = ? AND closed_seq IS NULL",
            (barcode, rule, kind),
        )
    )
    return _correction(rows[0]) if rows else None


def open_for(sql: Sql, barcode: str) -> tuple[Correction, ...]:
    """Return all open corrections of an item, oldest first."""
    rows = sql.execute(
        "SELECT * FROM corrections WHERE barcode = ? AND closed_seq IS NULL ORDER BY opened_seq", (barcode,)
    )
    return tuple(_correction(row) for row in rows)


_SELECT: Final = "SELECT " + ", ".join(map("c.{}".format, _COLUMNS)) + ", e.at,"
_ENTRY: Final = " ".join(
    (
        _SELECT,
        "d.at FROM corrections c JOIN events e ON e.seq = c.opened_seq LEFT JOIN events d ON d.seq = c.closed_seq ",
    )
)

_ALL: Final = _ENTRY + "WHERE :closed = 1 OR c.closed_seq IS NULL ORDER BY c.opened_seq"
_OF_WORKER: Final = _ENTRY + "WHERE c.worker = :worker AND (:closed = 1 OR c.closed_seq IS NULL) ORDER BY c.opened_seq"
_OF_ITEM: Final = (
    _ENTRY + "WHERE c.barcode = :barcode AND (:closed = 1 OR c.closed_seq IS NULL) "
    "AND (:worker = '' OR c.worker = :worker) ORDER BY c.opened_seq"
)
_OF_REPORT: Final = _ENTRY + "JOIN correction_log l ON l.correction = c.correction WHERE l.report = ?"
"""Each has its own statement, so that an index finds the rows."""


def entries(sql: Sql, today: str, *, closed: bool = False, barcode: str = "", worker: str = "") -> tuple[Entry, ...]:
    """Return corrections with their history, oldest first: only open ones, or all with `closed`; optionally of one item
    or one worker."""
    statement = _OF_ITEM if barcode else _OF_WORKER if worker else _ALL
    rows = list(sql.execute(statement, {"closed": closed, "barcode": barcode, "worker": worker}))
    return tuple(_entry(sql, row, today) for row in rows)


_BRIEFS: Final = """SELECT correction, kind, barcode, rule, severity, recheck, state, owner, due, worker, opened_seq
    FROM corrections INDEXED BY corrections_waiting WHERE closed_seq IS NULL ORDER BY opened_seq"""
_BRIEFS_CLOSED: Final = """SELECT correction, kind, barcode, rule, severity, recheck, state, owner, due, worker, opened_seq
    FROM corrections WHERE closed_seq IS NULL OR closed_seq >= ? ORDER BY opened_seq"""
_ITEM_TITLES: Final = "SELECT correction, item_title FROM corrections WHERE closed_seq IS NULL OR closed_seq >= ?"
_NAMED: Final = " ".join(
    (
        _SELECT,
        """d.at FROM corrections c JOIN events e ON e.seq = c.opened_seq
    LEFT JOIN events d ON d.seq = c.closed_seq WHERE c.correction IN (SELECT value FROM json_each(?))""",
    )
)


def briefs(sql: Sql, today: str, closed_since: str | None, *, titles: bool) -> tuple[Brief, ...]:
    """Return the open corrections in short, oldest first; also those closed since a time (ISO 8601, UTC; "" = ever)."""
    since = LAST if closed_since is None else first_since(sql, closed_since)
    rows = sql.execute(_BRIEFS) if closed_since is None else sql.execute(_BRIEFS_CLOSED, (since,))
    by_id: dict[str, str] = dict(sql.execute(_ITEM_TITLES, (since,))) if titles else {}
    return tuple(
        Brief(*(*row, row[6] != CorrectionState.CLOSED and "" < row[8] < today, str(by_id.get(row[0], ""))))
        for row in rows
    )


def named(sql: Sql, today: str, names: Sequence[str]) -> tuple[Entry, ...]:
    """Return the corrections with these ids and their histories, in the order of the ids."""
    rows = list(sql.execute(_NAMED, (json.dumps(list(names)),)))
    found = {entry.correction.id: entry for entry in (_entry(sql, row, today) for row in rows)}
    return tuple(found[name] for name in names if name in found)


_COUNTED: Final = """SELECT count(*), coalesce(sum(due <> '' AND due < :today), 0)
    FROM corrections INDEXED BY corrections_waiting
    WHERE closed_seq IS NULL AND (kind = 'recheck' OR barcode NOT IN (SELECT value FROM json_each(:without)))"""
_LATE: Final = " ".join(
    (
        _SELECT,
        """NULL FROM corrections c JOIN events e ON e.seq = c.opened_seq
    WHERE c.correction IN (SELECT correction FROM corrections INDEXED BY corrections_waiting
        WHERE closed_seq IS NULL AND due <> '' AND due < :today
        AND (kind = 'recheck' OR barcode NOT IN (SELECT value FROM json_each(:without)))
        ORDER BY opened_seq LIMIT :limit) ORDER BY c.opened_seq""",
    )
)
"""The index `corrections_waiting` has all that these choose by."""


def waiting(sql: Sql, today: str, late: int, without: str) -> tuple[int, int, tuple[Entry, ...]]:
    """Return the number of open corrections, how many of them are overdue, and the first `late` of these, oldest first.
    `without`: items of which only recheck orders count (barcodes, JSON)."""
    values: dict[str, SqlValue] = {"today": today, "without": without, "limit": late}
    count, overdue = sql.execute(_COUNTED, values).fetchone()
    entries = tuple(_entry(sql, row, today) for row in list(sql.execute(_LATE, values)))
    return int(count), int(overdue), entries


def one(sql: Sql, correction: str, today: str) -> Entry | None:
    """Return one correction with its history, by its id or by the id of a report that joined it."""
    rows = list(sql.execute(_OF_REPORT, (correction,)))
    return _entry(sql, rows[0], today) if rows else None


def _entry(sql: Sql, row: Sequence[Any], today: str) -> Entry:
    now, opened_at, closed_at = _correction(row), str(row[-2]), str(row[-1] or "")
    log = sql.execute(
        "SELECT e.seq, e.at, e.kind, e.payload FROM correction_log l JOIN events e ON e.seq = l.seq "
        "WHERE l.correction = ? ORDER BY l.seq",
        (now.id,),
    )
    decode = Decoder(sql)
    steps = tuple(Step(seq, at, _about(decode(seq, kind, bytes(payload)))) for seq, at, kind, payload in log)
    return Entry(
        correction=now,
        steps=steps,
        opened_at=opened_at,
        closed_at=closed_at,
        age=age(opened_at, _day(closed_at) if closed_at else today),
        overdue=not closed_at and bool(now.due) and now.due < today,
    )


def _about(event: ev.AnyEvent) -> CorrectionEvent:
    match event:
        case ev.CorrectionOpened() | ev.CorrectionAssigned() | ev.CorrectionMended() | ev.CorrectionRechecked():
            return event
        case ev.CorrectionClosed() | ev.FindingWaived() | ev.SecondCheckSeen():
            return event
    raise StoreCorrupt(Sentence("store.event.no-correction", kind=ev.kind(event)))


def age(opened_at: str, today: str) -> int:
    """Return the whole days between, by local dates; 0 if the clock went back or a time cannot be read."""
    try:
        return max(0, (date.fromisoformat(today) - date.fromisoformat(_day(opened_at))).days)
    except ValueError:
        return 0


def _day(at: str) -> str:
    """Return the local date of a journaled time."""
    return datetime.fromisoformat(at).astimezone().date().isoformat()


def _correction(row: Sequence[Any]) -> Correction:
    values = dict(zip(_COLUMNS, row, strict=False))
    return Correction(
        id=values["correction"],
        kind=CorrectionKind(values["kind"]),
        barcode=values["barcode"],
        rule=values["rule"],
        title=_SENTENCE.decode(values["title"]),
        item_title=values["item_title"],
        severity=Severity(values["severity"]),
        recheck=Recheck(values["recheck"]),
        state=CorrectionState(values["state"]),
        owner=values["owner"],
        due=values["due"],
        worker=values["worker"],
        mender=values["mender"],
        parts=tuple(int(part) for part in values["parts"].split()),
        returned=values["returned"],
        result=None if values["result"] is None else Result(values["result"]),
        seen=tuple(values["seen"].split()),
    )


# --- permission -----------------------------------------------------------------------------------------------------


def check(
    sql: Sql, event: ev.CorrectionStep | ev.CorrectionOpened | ev.FindingWaived | ev.RetrainingHeld | ev.DeliveryOrdered
) -> None:
    """Raise `WorkError` if a person may not do this now. Runs in the transaction that journals the event, so that two
    concurrent requests cannot both pass."""
    who = event.operator if not isinstance(event, ev.CorrectionOpened) else event.found_by
    role = workers.role_for(sql, who, event.authorised)
    match event:
        case ev.FindingWaived():
            failed = open_one(sql, event.barcode, event.rule, CorrectionKind.MEND)
            severity = event.severity if failed is None else worse(event.severity, failed.severity)
            refused = waiver_refusal(severity, event.reason, role, event.operator)
            if refused is None and event.role is not role:
                refused = NotAllowed(Sentence("store.role-is", who=event.operator, role=str(role)))
        case ev.CorrectionOpened():
            refused = _lacks(role, event.found_by, Right.TRAIN)
        case ev.RetrainingHeld():
            refused = _lacks(role, event.operator, Right.TRAIN)
            if refused is None:
                workers.existing(sql, event.worker)
        case ev.DeliveryOrdered():
            workers.check_delivery(sql, event)
            return
        case _:
            now = by_id(sql, event.correction)
            if now is None:
                raise CorrectionUnknown(event.correction)
            refused = refusal(now, event, role)
    if refused is not None:
        raise refused


def _lacks(role: Role | None, operator: str, right: Right) -> WorkError | None:
    return WorkerGone(operator) if role is None else lacks(role, right)
