"""Read-only views: `ports.QueryPort` and what the command line lists. Each call opens a query-only connection of its
own (a tenth of a millisecond, measured), so that any thread may call, whether a station runs or not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from station import correction
from station.clock import Clock
from station.deliveries import Delivery
from station.errors import StoreError
from station.events import AnyEvent, ItemJudged, RetrainingHeld
from station.model import Barcode, Uid
from station.ports import Binding, JournalRow
from station.rights import Role
from station.sampled import By, Group, Stream, Tally, Whose
from station.store import cataloging, chain, corrections, figures, projections, sampling, workers
from station.store.cataloging import Entry
from station.store.chain import ChainReport, Head
from station.store.database import integrity_check, open_reader, translated
from station.store.outbox import ROW, delivery_of
from station.store.summaries import summary

_LAST: Final = 2**63 - 1
_OUTBOX_ONE: Final = ROW + "WHERE o.id = ?"
_OUTBOX_OF: Final = ROW + "WHERE o.state = ? ORDER BY o.event_seq DESC, o.system, o.place LIMIT ? OFFSET ?"
_OUTBOX_PAGE: Final = ROW + "ORDER BY o.event_seq DESC, o.system, o.place LIMIT ? OFFSET ?"


class EventRow(msgspec.Struct, frozen=True):
    """One event with everything."""

    seq: int
    at: str
    event: AnyEvent
    summary: str
    hash: str


class JudgedRow(msgspec.Struct, frozen=True):
    """A verdict and when it fell."""

    at: str
    event: ItemJudged


class Queries:
    """`ports.QueryPort` over the journal at `path`. Raises `StoreError` and its kinds."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def journal_page(self, before: int | None = None, limit: int = 50) -> tuple[JournalRow, ...]:
        """See `ports.QueryPort`: newest first, older than event `before`."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT seq, at, kind, payload FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?",
                (_LAST if before is None else before, limit),
            ).fetchall()
        return tuple(
            JournalRow(seq, at, kind, summary(projections.decode(seq, kind, payload)))
            for seq, at, kind, payload in rows
        )

    def events(self, first: int = 1, last: int | None = None, limit: int = 1000) -> tuple[EventRow, ...]:
        """Events `first` to `last`, oldest first, decoded; at most `limit`."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT seq, at, kind, payload, hash FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
                (first, _LAST if last is None else last, limit),
            ).fetchall()
        found = []
        for seq, at, kind, payload, digest in rows:
            event = projections.decode(seq, kind, payload)
            found.append(EventRow(seq, at, event, summary(event), digest.hex()))
        return tuple(found)

    def outbox_page(self, offset: int = 0, limit: int = 50, state: str = "") -> tuple[Delivery, ...]:
        """See `ports.QueryPort`: newest first."""
        with self._reading() as db:
            if state:
                rows = db.execute(_OUTBOX_OF, (state, limit, offset)).fetchall()
            else:
                rows = db.execute(_OUTBOX_PAGE, (limit, offset)).fetchall()
        return tuple(delivery_of(row) for row in rows)

    def delivery(self, name: str) -> Delivery | None:
        """One delivery; None when there is none with this id."""
        with self._reading() as db:
            row = db.execute(_OUTBOX_ONE, (name,)).fetchone()
        return None if row is None else delivery_of(row)

    def outbox_counts(self) -> dict[str, int]:
        """See `ports.QueryPort`: how many deliveries are in each state that occurs."""
        with self._reading() as db:
            rows = db.execute("SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state").fetchall()
        return {str(state): int(count) for state, count in rows}

    def done_today(self) -> int:
        """See `ports.QueryPort`: verdicts since midnight of the machine's own time zone."""
        today = datetime.fromisoformat(self._clock.now()).astimezone()
        midnight = today.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None).astimezone(UTC)
        with self._reading() as db:
            row = db.execute(
                "SELECT count(*) FROM events WHERE kind = 'item-judged' AND at >= ?",
                (midnight.isoformat(timespec="microseconds"),),
            ).fetchone()
        return int(row[0])

    def cataloging(self, *, closed: bool = False) -> tuple[Entry, ...]:
        """The queue for original cataloging, the oldest entry first; with `closed` also what is done."""
        with self._reading() as db:
            return cataloging.entries(db, closed=closed)

    def corrections(self, *, closed: bool = False, barcode: str = "", worker: str = "") -> tuple[correction.Entry, ...]:
        """What is to be mended or rechecked, the oldest first; with `closed` also what is done; of one item; of one
        worker's work."""
        with self._reading() as db:
            return corrections.entries(db, self._clock.day(), closed=closed, barcode=barcode, worker=worker)

    def correction(self, name: str) -> correction.Entry | None:
        """One of them by its id (or the id of a report that it took in)."""
        with self._reading() as db:
            return corrections.one(db, name, self._clock.day())

    def workers(self) -> dict[str, tuple[Role, str]]:
        """Role and standing of each registered worker's id."""
        with self._reading() as db:
            return workers.all_of(db)

    def retrainings(self, worker: str) -> tuple[tuple[str, RetrainingHeld], ...]:
        """When a worker was retrained, and in what; the oldest first."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT seq, at, kind, payload FROM events WHERE kind = 'retraining-held' "
                "AND json_extract(CAST(payload AS TEXT), '$.worker') = ? ORDER BY seq",
                (worker,),
            ).fetchall()
        held = [(str(at), projections.decode(seq, kind, payload)) for seq, at, kind, payload in rows]
        return tuple((at, event) for at, event in held if isinstance(event, RetrainingHeld))

    def judged_by(self, operator: str) -> tuple[int, int]:
        """How many verdicts of an operator were pass, and fail. One given again after a waiver counts for who waived."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT json_extract(CAST(payload AS TEXT), '$.verdict'), count(*) FROM events "
                "WHERE kind = 'item-judged' AND json_extract(CAST(payload AS TEXT), '$.operator') = ? GROUP BY 1",
                (operator,),
            ).fetchall()
        counts = {str(verdict): int(count) for verdict, count in rows}
        return counts.get("pass", 0), counts.get("fail", 0)

    def tallies(self, by: By, since: str = "", only: str | None = None, *, own: bool = True) -> tuple[Tally, ...]:
        """Verdicts counted by worker, vendor or material since a time (ISO 8601), of all or `only` one of them. `own`: by
        worker only items that are no vendor's. What a viewer may see of it: `store.sight`."""
        with self._reading() as db:
            return figures.tallies(db, by, since, only, own=own)

    def groups(
        self, by: By, size: int, since: str = "", only: str | None = None, *, own: bool = True
    ) -> tuple[Group, ...]:
        """The same in groups of `size` items in succession that a person was asked about, for charts."""
        with self._reading() as db:
            return tuple(figures.groups(db, by, since, only, size, own=own))

    def streams(self) -> tuple[tuple[Stream, str], ...]:
        """Where sampling stands for each worker and vendor, and since when."""
        with self._reading() as db:
            return sampling.streams(db)

    def sampling_events(self, after: int, limit: int) -> tuple[EventRow, ...]:
        """Draws and counts after event `after`, oldest first, at most `limit`."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT seq, at, kind, payload, hash FROM events WHERE seq > ? "
                "AND kind IN ('item-drawn', 'sampling-counted') ORDER BY seq LIMIT ?",
                (after, limit),
            ).fetchall()
        found = []
        for seq, at, kind, payload, digest in rows:
            event = projections.decode(seq, kind, payload)
            found.append(EventRow(seq, at, event, summary(event), digest.hex()))
        return tuple(found)

    def unasked(self, whose: Whose, subject: str) -> tuple[int, tuple[str, ...]] | None:
        """The lot of a worker or vendor that was rejected last, and the items in it that nobody was asked about (nor has
        any been judged with everything asked since). `None` = none was rejected."""
        with self._reading() as db:
            return sampling.unasked(db, whose, subject)

    def judged_barcodes(self) -> frozenset[str]:
        """Every barcode that ever got a verdict."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT DISTINCT json_extract(CAST(payload AS TEXT), '$.barcode') FROM events WHERE kind = 'item-judged'"
            ).fetchall()
        return frozenset(str(row[0]) for row in rows)

    def last_judged(self, barcode: str, part: int = 0) -> JudgedRow | None:
        """The newest verdict about an item (0 = about any part of it), and when; `None` when there is none."""
        with self._reading() as db:
            row = db.execute(
                "SELECT seq, at, kind, payload FROM events WHERE kind = 'item-judged' "
                "AND json_extract(CAST(payload AS TEXT), '$.barcode') = ? "
                "AND ? IN (0, json_extract(CAST(payload AS TEXT), '$.part')) ORDER BY seq DESC LIMIT 1",
                (barcode, part),
            ).fetchone()
        if row is None:
            return None
        event = projections.decode(row[0], row[2], row[3])
        return JudgedRow(str(row[1]), event) if isinstance(event, ItemJudged) else None

    def open_uids(self) -> frozenset[str]:
        """Tags whose write was started and neither verified nor abandoned."""
        with self._reading() as db:
            rows = db.execute("SELECT uid FROM attempts WHERE ended IS NULL").fetchall()
        return frozenset(str(row[0]) for row in rows)

    def binding_of(self, uid: Uid) -> Binding | None:
        """See `ports.Journal.binding_of`."""
        with self._reading() as db:
            row = db.execute("SELECT uid, barcode, part, parts FROM bindings WHERE uid = ?", (uid,)).fetchone()
        return None if row is None else Binding(*row)

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]:
        """See `ports.Journal.bindings_for`; in the order of parts."""
        asked = "SELECT uid, barcode, part, parts FROM bindings WHERE barcode = ? ORDER BY part"
        with self._reading() as db:
            rows = db.execute(asked, (barcode,)).fetchall()
        return tuple(Binding(*row) for row in rows)

    def head(self) -> Head:
        """The journal's head now."""
        with self._reading() as db:
            journal = chain.journal_id(db)
            seq, digest = chain.last(db, journal)
        return Head(self._clock.now(), seq, digest.hex(), journal)

    def verify(self, head: str | None = None, head_directory: Path | None = None) -> ChainReport:
        """Everything that can be checked: SQLite's integrity, the chain, the given and exported heads, deliveries,
        and that projections follow from the events. Takes seconds for a million events; call it from a worker."""
        exported = _exported(head_directory)
        with self._reading() as db:
            damaged = integrity_check(db)
            report = chain.verify(db, head, exported)
            if report.first_bad is None:
                damaged += projections.compare(db)
        return msgspec.structs.replace(report, problems=damaged + report.problems)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        connection = open_reader(self._path)
        try:
            with translated(self._path):
                connection.execute("BEGIN")
                yield connection
        finally:
            connection.close()


def _exported(directory: Path | None) -> tuple[Head, ...]:
    if directory is None:
        return ()
    try:
        return chain.read_heads(directory)
    except OSError as error:
        raise StoreError(f"{directory}: {error}") from error
