"""What the events come to: open attempts, live bindings, the cataloging queue, corrections, who works here. Kept in the
same transaction, and rebuildable at any time.

* attempts: `TagWriteStarted` opens; `TagWriteVerified`, `TagErased`, `TagWriteAbandoned` close; a start that names the
  attempt it resumes closes that one; a verified write also closes every older attempt at the same tag (what they wanted
  to write is no longer the business of this tag).
* bindings: a verified write makes (uid, barcode, part) live and ends whatever bound either of them before; a verified
  undo ends the tag's, and makes what it restores live if no other tag has that; it closes every attempt at the tag. An
  erased tag is bound to nothing.
* cataloging: a request opens an entry, or joins the open one of the same barcode (of the same ISBN where there is no
  barcode); a resolution that says a record or a reason closes all of the entry, one that says neither closes nothing.
* corrections, correction_log: as `station.domain.corrections.advance` says (`store.projections.corrections`).
* streams, draws, open_draws, judgements: `store.projections.sampling`.
* arrivals: `store.projections.arrivals`.
* workers: role and standing of each id (`store.projections.workers`); names stand in another file and are nobody's projection.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from station.domain import events as ev
from station.store.database.database import Sql, transaction
from station.store.database.decoding import Decoder
from station.store.database.migrations import STEPS
from station.store.projections import arrivals, corrections, sampling, workers


def apply(sql: Sql, seq: int, event: ev.AnyEvent) -> None:
    """Bring the projections up to date with one event. Runs inside the caller's transaction."""
    corrections.apply(sql, seq, event)
    workers.apply(sql, seq, event)
    sampling.apply(sql, seq, event)
    arrivals.apply(sql, seq, event)
    if isinstance(event, ev.TagWriteStarted):
        if event.resumes:
            _end(sql, event.resumes, "resumed", seq)
        sql.execute("INSERT INTO attempts (attempt, uid, seq) VALUES (?, ?, ?)", (event.attempt, event.uid, seq))
    elif isinstance(event, ev.TagWriteVerified):
        _end(sql, event.attempt, "verified", seq)
        sql.execute(
            "UPDATE attempts SET ended = 'superseded', ended_seq = ? WHERE uid = ? AND ended IS NULL",
            (seq, event.uid),
        )
        sql.execute(
            "DELETE FROM bindings WHERE uid = ? OR (barcode = ? AND part = ?)", (event.uid, event.barcode, event.part)
        )
        sql.execute(
            "INSERT INTO bindings (uid, barcode, part, parts, seq) VALUES (?, ?, ?, ?, ?)",
            (event.uid, event.barcode, event.part, event.parts, seq),
        )
    elif isinstance(event, ev.TagUndoVerified):
        _undone(sql, seq, event)
    elif isinstance(event, ev.TagErased):
        _end(sql, event.attempt, "verified", seq)
        sql.execute(
            "UPDATE attempts SET ended = 'superseded', ended_seq = ? WHERE uid = ? AND ended IS NULL",
            (seq, event.uid),
        )
        sql.execute("DELETE FROM bindings WHERE uid = ?", (event.uid,))
    elif isinstance(event, ev.TagWriteAbandoned):
        _end(sql, event.attempt, "abandoned", seq)
    elif isinstance(event, ev.CatalogingRequested):
        sql.execute(
            "INSERT INTO cataloging (request, entry, barcode, isbn, seq) VALUES (?, ?, ?, ?, ?)",
            (event.request, _open_entry(sql, event) or event.request, event.barcode, event.isbn, seq),
        )
    elif isinstance(event, ev.CatalogingResolved) and (event.record_id or event.reason):
        sql.execute(
            "UPDATE cataloging SET closed_seq = ? WHERE closed_seq IS NULL "
            "AND entry = (SELECT entry FROM cataloging WHERE request = ?)",
            (seq, event.request),
        )


def _undone(sql: Sql, seq: int, event: ev.TagUndoVerified) -> None:
    """The tag is as it was: no write to it is open, and it carries what it carried before, unless another tag has that now."""
    sql.execute(
        "UPDATE attempts SET ended = 'superseded', ended_seq = ? WHERE uid = ? AND ended IS NULL", (seq, event.uid)
    )
    sql.execute("DELETE FROM bindings WHERE uid = ?", (event.uid,))
    if event.restored:
        sql.execute(
            "INSERT INTO bindings (uid, barcode, part, parts, seq) SELECT ?, ?, ?, ?, ? "
            "WHERE NOT EXISTS (SELECT 1 FROM bindings WHERE barcode = ? AND part = ?)",
            (event.uid, event.restored, event.part, event.parts, seq, event.restored, event.part),
        )


def _open_entry(sql: Sql, event: ev.CatalogingRequested) -> str:
    """The entry of the same piece that is still open; "" = there is none, or it cannot be told."""
    if not event.barcode and not event.isbn:
        return ""
    rows = list(
        sql.execute(
            "SELECT entry FROM cataloging WHERE closed_seq IS NULL AND barcode = ? AND (barcode <> '' OR isbn = ?) "
            "ORDER BY seq LIMIT 1",
            (event.barcode, event.isbn),
        )
    )
    return str(rows[0][0]) if rows else ""


def _end(sql: Sql, attempt: str, how: str, seq: int) -> None:
    sql.execute("UPDATE attempts SET ended = ?, ended_seq = ? WHERE attempt = ? AND ended IS NULL", (how, seq, attempt))


def rebuild(sql: Sql) -> int:
    """Make the projections anew from the events, in one transaction. Returns how many events were read."""
    with transaction(sql):
        sql.execute("DELETE FROM bindings")
        sql.execute("DELETE FROM cataloging")
        sql.execute("DELETE FROM correction_log")
        sql.execute("DELETE FROM corrections")
        sql.execute("DELETE FROM workers")
        sampling.forget(sql)
        arrivals.forget(sql)
        sql.execute("DELETE FROM attempts")
        return replay(sql, sql)


def replay(source: Sql, target: Sql) -> int:
    """Apply every event of `source` to the (empty) projections of `target`."""
    count, decode = 0, Decoder(source)
    for seq, kind, payload in list(source.execute("SELECT seq, kind, payload FROM events ORDER BY seq")):
        apply(target, seq, decode(seq, kind, bytes(payload)))
        count += 1
    return count


def dump(sql: Sql) -> dict[str, list[tuple[Any, ...]]]:
    """The projections' rows in a fixed order, for comparison."""
    return {
        "attempts": list(sql.execute("SELECT attempt, uid, seq, ended, ended_seq FROM attempts ORDER BY attempt")),
        "bindings": list(sql.execute("SELECT uid, barcode, part, parts, seq FROM bindings ORDER BY uid")),
        "cataloging": list(
            sql.execute("SELECT request, entry, barcode, isbn, seq, closed_seq FROM cataloging ORDER BY request")
        ),
        "corrections": list(sql.execute("SELECT * FROM corrections ORDER BY correction")),
        "correction_log": list(sql.execute("SELECT seq, correction, report FROM correction_log ORDER BY seq")),
        **sampling.dump(sql),
        **arrivals.dump(sql),
        "workers": list(sql.execute("SELECT worker, role, standing, seq FROM workers ORDER BY worker")),
    }


def compare(sql: Sql) -> tuple[str, ...]:
    """Replay all events into a database in memory and say how the live projections differ. Changes nothing."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for _, statements in STEPS:
            for statement in statements:
                memory.execute(statement)
        memory.execute("PRAGMA foreign_keys=OFF")
        replay(sql, memory)
        want, have = dump(memory), dump(sql)
    finally:
        memory.close()
    problems = [f"the table {table} does not follow from the events" for table in want if want[table] != have[table]]
    return (*problems, *_compare_outbox(sql))


def _compare_outbox(sql: Sql) -> list[str]:
    """A delivery that is not leased stands as its newest `DeliveryChanged` says (or is new)."""
    said: dict[str, tuple[str, str, int | None]] = {}
    rows = sql.execute("SELECT seq, kind, payload FROM events WHERE kind = 'delivery-changed' ORDER BY seq")
    decode = Decoder(sql)
    for seq, kind, payload in rows:
        event = decode(seq, kind, bytes(payload))
        if isinstance(event, ev.DeliveryChanged):
            said[event.delivery] = (event.state, event.detail, int(seq))
    problems = []
    rows = sql.execute("SELECT id, state, detail, changed_seq FROM outbox ORDER BY event_seq, system, place")
    for delivery, state, detail, changed in rows:
        if state != "leased" and said.get(delivery, ("pending", "", None)) != (state, detail, changed):
            problems.append(f"delivery {delivery} is {state}, which does not follow from the events")
    return problems
