"""Sampling in the journal's database: streams as of their newest event, draws, and one row per verdict for
statistics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final, NamedTuple

import msgspec

from station.base.sentence_json import decode_sentence, encode_sentence
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind, Result
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import ItemRecord
from station.domain.people.rights import Role
from station.domain.ports import SamplingFacts
from station.domain.sampling import Drawn, RejectedLot, Stream, Switch, Whose
from station.domain.verdict import Verdict
from station.store.database.database import Sql
from station.store.database.decoding import Decoder
from station.store.projections.workers import role_of

MACHINE: Final = "machine"
_REJECTS: Final = ("rejected", "recheck")
"""Codes of `domain.sampling.Switch` with which a lot is rejected."""
_PASS, _FAIL, _ABSTAINED, _NOT_SAMPLED = Outcome.PASS, Outcome.FAIL, Outcome.ABSTAINED, Outcome.NOT_SAMPLED
"""Python 3.11 takes long to find a member of an enumeration."""
_WORKER, _VENDOR = Whose.WORKER.value, Whose.VENDOR.value
_FAILED: Final = Verdict.FAIL
_SERIOUS: Final = (Severity.CRITICAL, Severity.MAJOR)
_OWN_DRAWS: Final = (
    "SELECT d.whose, d.asked FROM open_draws o LEFT JOIN draws d ON d.seq = o.seq WHERE o.barcode = ? AND o.part = ?"
)
_ENCODER: Final = msgspec.json.Encoder(order="sorted", enc_hook=encode_sentence)
_STREAM: Final = msgspec.json.Decoder(Stream, dec_hook=decode_sentence)


# --- projection -----------------------------------------------------------------------------------------------------


def drawn(sql: Sql, seq: int, event: ev.ItemDrawn) -> None:
    """Store the draws of an item. Runs inside the caller's transaction, as do the other three."""
    sql.execute(
        "INSERT INTO open_draws VALUES (?, ?, ?) ON CONFLICT (barcode, part) DO UPDATE SET seq = excluded.seq",
        (event.barcode, event.part, seq),
    )
    for draw in event.draws:
        sql.execute("INSERT INTO draws VALUES (?, ?, ?, ?, ?, ?, ?, ?)", draw_row(seq, event, draw))


def draw_row(seq: int, event: ev.ItemDrawn, draw: Drawn) -> tuple[int, str, str, int, int, int, str, int]:
    """Return the row of `draws` for one draw of the event."""
    values = (str(draw.whose), draw.subject, draw.lot, draw.position, int(draw.asked))
    return (seq, *values, event.barcode, event.part)


def counted(sql: Sql, seq: int, event: ev.ItemDrawn | ev.SamplingCounted) -> None:
    """Store the event's streams."""
    for stream in event.streams:
        put_stream(sql, seq, stream)


def put_stream(sql: Sql, seq: int, stream: Stream) -> None:
    """Store the state of a stream after event `seq`."""
    sql.execute(
        "INSERT INTO streams VALUES (?, ?, ?, ?) "
        "ON CONFLICT (whose, subject) DO UPDATE SET state = excluded.state, seq = excluded.seq",
        stream_row(seq, stream),
    )


def stream_row(seq: int, stream: Stream) -> tuple[str, str, bytes, int]:
    """Return the row of `streams`."""
    return (str(stream.whose), stream.subject, _ENCODER.encode(stream), seq)


def rejected(sql: Sql, seq: int, event: ev.ItemDrawn | ev.SamplingCounted) -> None:
    """Store rejected lots."""
    for switch in filter(rejects, event.switches):
        lot = sql.execute(
            "SELECT max(lot) FROM draws WHERE whose = ? AND subject = ? AND position > 0",
            (switch.whose, switch.subject),
        ).fetchone()[0]
        if lot is not None:
            sql.execute(
                "INSERT INTO rejections VALUES (?, ?, ?, ?) "
                "ON CONFLICT (whose, subject, lot) DO UPDATE SET seq = excluded.seq",
                (switch.whose, switch.subject, lot, seq),
            )


def rejects(switch: Switch) -> bool:
    """Return True if this switch rejects a lot with items that the operator was not asked about. A lot is rejected for
    bad work found in it or by a recheck."""
    return switch.code in _REJECTS and bool(switch.unasked) and switch.whose is not Whose.RECHECK


def judged(sql: Sql, seq: int, event: ev.ItemJudged) -> None:
    """Store the verdict, and close the item's draw."""
    if event.waivers and _said_again(sql, event):
        return
    item = (event.barcode, event.part)
    own = dict(sql.execute(_OWN_DRAWS, item))
    if own:
        sql.execute("DELETE FROM open_draws WHERE barcode = ? AND part = ?", item)
    row = judgement(seq, event, event.item, found(event.findings), own)
    sql.execute("INSERT INTO judgements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


class Found(NamedTuple):
    """Findings as the statistics count them."""

    machine_bad: bool
    bad: bool
    """The operator found something critical or major."""
    asked: bool
    """The operator confirmed everything."""


def found(findings: Iterable[Finding]) -> Found:
    """Return how the statistics count these findings of one verdict."""
    confirmed = unsampled = machine_bad = bad = False
    for finding in findings:
        outcome = finding.outcome
        if outcome is _ABSTAINED:  # most of them
            continue
        by_machine = finding.by == MACHINE
        if outcome is _NOT_SAMPLED:
            unsampled = True
        elif outcome is _PASS:
            confirmed = confirmed or not by_machine
        elif outcome is _FAIL:
            confirmed = confirmed or not by_machine
            if finding.severity in _SERIOUS:
                machine_bad, bad = machine_bad or by_machine, bad or not by_machine
    return Found(machine_bad, bad, confirmed and not unsampled)


def judgement(
    seq: int, event: ev.ItemJudged, item: ItemRecord, counts: Found, own: Mapping[str | None, int | None]
) -> tuple[int, str, int, str, str, str, int, int, int, int, int, int, float]:
    """Return the row of `judgements` for a verdict on this item. `own`: the kinds of stream that the item's open draw
    drew for, and whether each asked; {None: None} = the draw was for none; {} = there is no open draw."""
    return (
        seq,
        event.barcode,
        event.part,
        event.operator,
        item.vendor,
        item.material,
        # Plain `int`, as in the database: sqlite3 is slow to adapt any other type.
        int(event.verdict is _FAILED),
        int(counts.machine_bad),
        int(counts.bad),
        int(counts.asked),
        # Without a draw (sampling is off), everything was asked. With draws, a stream counts by its own draw only.
        int(counts.asked and bool(own.get(_WORKER, not own))),
        int(counts.asked and bool(own.get(_VENDOR, not own))),
        event.seconds,
    )


def _said_again(sql: Sql, event: ev.ItemJudged) -> bool:
    """Update the row if this is the same verdict again, after a waiver. Return False if it is a new verdict."""
    row = sql.execute(
        "SELECT seq, seconds FROM judgements WHERE barcode = ? AND part = ? ORDER BY seq DESC LIMIT 1",
        (event.barcode, event.part),
    ).fetchone()
    if row is None or row[1] != event.seconds:
        return False
    failed = event.verdict is Verdict.FAIL
    sql.execute("UPDATE judgements SET failed = ? WHERE seq = ?", (failed, row[0]))
    return True


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    sql.execute("DELETE FROM streams")
    sql.execute("DELETE FROM draws")
    sql.execute("DELETE FROM open_draws")
    sql.execute("DELETE FROM judgements")
    sql.execute("DELETE FROM rejections")


ROWS: Final = {
    "streams": "SELECT * FROM streams ORDER BY whose, subject",
    "draws": "SELECT * FROM draws ORDER BY seq, whose",
    "open_draws": "SELECT * FROM open_draws ORDER BY barcode, part",
    "judgements": "SELECT * FROM judgements ORDER BY seq",
    "rejections": "SELECT * FROM rejections ORDER BY whose, subject, lot",
}
"""The rows of each table in a fixed order, for comparison."""


# --- reading --------------------------------------------------------------------------------------------------------


def facts(sql: Sql, today: str, barcode: str, part: int, worker: str, vendor: str) -> SamplingFacts:
    """Implement `ports.SamplingBook`. `today`: ISO 8601 local date."""
    wanted = ((Whose.WORKER, worker), (Whose.VENDOR, vendor), (Whose.RECHECK, worker))
    current: list[Stream] = []
    absent: dict[Whose, int] = {}
    for whose, subject in wanted:
        row = sql.execute(
            "SELECT s.state, (SELECT e.at FROM draws d JOIN events e ON e.seq = d.seq "
            "WHERE d.whose = s.whose AND d.subject = s.subject ORDER BY d.lot DESC, d.seq DESC LIMIT 1) "
            "FROM streams s WHERE s.whose = ? AND s.subject = ?",
            (whose, subject),
        ).fetchone()
        if row is not None:
            current.append(_STREAM.decode(bytes(row[0])))
            absent[whose] = _days(str(row[1] or ""), today)
    last = sql.execute(
        "SELECT failed FROM judgements WHERE barcode = ? AND part = ? ORDER BY seq DESC LIMIT 1", (barcode, part)
    ).fetchone()
    rechecks = sql.execute(
        "SELECT count(*) FROM corrections WHERE kind = ? AND worker = ? AND result = ?",
        (CorrectionKind.RECHECK, worker, Result.FAILED),
    ).fetchone()
    standing = list(
        sql.execute("SELECT kind, worker, seen FROM corrections WHERE barcode = ? AND closed_seq IS NULL", (barcode,))
    )
    retrainings = sql.execute(
        "SELECT count(*) FROM events WHERE kind = 'retraining-held' "
        "AND json_extract(CAST(payload AS TEXT), '$.worker') = ?",
        (worker,),
    ).fetchone()
    return SamplingFacts(
        streams=tuple(current),
        absent=absent,
        open_draw=_open_draw(sql, barcode, part),
        open_corrections=bool(standing),
        recheck_of=next(
            (
                str(whose)
                for kind, whose, seen in standing
                if kind == CorrectionKind.RECHECK and worker not in str(seen).split()
            ),
            "",
        ),
        failed_before=last is not None and bool(last[0]),
        trainee=role_of(sql, worker) is Role.TRAINEE,
        failed_rechecks=int(rechecks[0]),
        retrainings=int(retrainings[0]),
    )


def _open_draw(sql: Sql, barcode: str, part: int) -> ev.ItemDrawn | None:
    row = sql.execute(
        "SELECT e.seq, e.kind, e.payload FROM open_draws o JOIN events e ON e.seq = o.seq "
        "WHERE o.barcode = ? AND o.part = ?",
        (barcode, part),
    ).fetchone()
    if row is None:
        return None
    event = Decoder(sql)(row[0], row[1], bytes(row[2]))
    return event if isinstance(event, ev.ItemDrawn) else None


def streams(sql: Sql) -> tuple[tuple[Stream, str], ...]:
    """Return all streams, each with the time of its last change."""
    rows = sql.execute("SELECT s.state, e.at FROM streams s JOIN events e ON e.seq = s.seq ORDER BY s.whose, s.subject")
    return tuple((_STREAM.decode(bytes(state)), str(at)) for state, at in rows)


def unasked(sql: Sql, whose: Whose, subject: str) -> tuple[int, tuple[str, ...]] | None:
    rejected = sql.execute(
        "SELECT lot FROM rejections WHERE whose = ? AND subject = ? ORDER BY seq DESC LIMIT 1", (whose, subject)
    ).fetchone()
    if rejected is None:
        return None
    rows = sql.execute(
        "SELECT d.barcode FROM draws d WHERE d.whose = ? AND d.subject = ? AND d.lot = ? AND d.asked = 0 "
        "AND d.position > 0 AND NOT EXISTS (SELECT 1 FROM judgements j WHERE j.barcode = d.barcode AND j.part = d.part "
        "AND j.seq > d.seq AND j.asked = 1) ORDER BY d.seq",
        (whose, subject, int(rejected[0])),
    )
    return int(rejected[0]), tuple(dict.fromkeys(str(row[0]) for row in rows))


_LOTS: Final = (
    "SELECT r.whose, r.subject, r.lot, e.at, d.barcode, "
    "EXISTS (SELECT 1 FROM corrections c WHERE c.barcode = d.barcode AND c.kind = 'recheck' AND c.closed_seq IS NULL) "
    "FROM rejections r JOIN events e ON e.seq = r.seq "
    "JOIN draws d ON d.whose = r.whose AND d.subject = r.subject AND d.lot = r.lot AND d.position > 0 AND d.asked = 0 "
    "WHERE EXISTS (SELECT 1 FROM judgements j WHERE j.barcode = d.barcode AND j.part = d.part AND j.seq > d.seq) "
    "AND NOT EXISTS (SELECT 1 FROM judgements j WHERE j.barcode = d.barcode AND j.part = d.part AND j.seq > d.seq "
    "AND j.asked = 1) "
    "AND NOT EXISTS (SELECT 1 FROM corrections c WHERE c.barcode = d.barcode AND c.kind = 'recheck' "
    "AND c.closed_seq > r.seq) ORDER BY r.seq, r.whose, r.subject, d.seq"
)


def rejected_lots(sql: Sql) -> tuple[RejectedLot, ...]:
    lots: dict[tuple[str, str, int], RejectedLot] = {}
    for whose, subject, lot, at, barcode, ordered in sql.execute(_LOTS):
        key = (str(whose), str(subject), int(lot))
        now = lots.get(key) or RejectedLot(whose=Whose(whose), subject=str(subject), lot=int(lot), at=str(at))
        items = tuple(dict.fromkeys((*now.items, str(barcode))))
        waiting = now.unordered if ordered else tuple(dict.fromkeys((*now.unordered, str(barcode))))
        lots[key] = msgspec.structs.replace(now, items=items, unordered=waiting)
    return tuple(lots.values())


def _days(before: str, today: str) -> int:
    """Return the whole days by local dates; 0 if the clock went back or a time cannot be read."""
    try:
        day = datetime.fromisoformat(before).astimezone().date()
        return max(0, (date.fromisoformat(today) - day).days)
    except ValueError:
        return 0
