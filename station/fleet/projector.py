"""The projector: makes the tables of each bench from the copies of its events, by the projections of a bench.

It applies up to 500 events of one bench in a transaction, together with its own place. An event that cannot be applied
stops the tables of its bench only: it is kept, and the place names it. One projector runs at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import msgspec
import psycopg

from station.base.errors import StoreError
from station.base.sentence_json import decode_sentence
from station.base.text import clean
from station.domain import events as ev
from station.domain.deliveries.intents import Intent
from station.domain.journal_copy import CopiedDelivery
from station.fleet.ledger import Ledger
from station.store.database.database import transaction
from station.store.database.decoding import Decoder
from station.store.journal.outbox_rows import add_delivery, change_delivery
from station.store.postgres.connection import Connection, translated
from station.store.postgres.sql import PostgresSql
from station.store.projections import projections

PROJECTOR: Final = "station_projector"
"""Role that the projector signs in as."""
TOGETHER: Final = 500
"""Events of a transaction."""
_LOCK: Final = 0x5250_5350
"""Key of the advisory lock of the one projector: "RPSP"."""
_NEXT: Final = "SELECT seq, kind, payload, hash, id FROM events WHERE seq > ? AND seq <= ? ORDER BY seq"
"""Bounded by numbers, which have no gap: with LIMIT, the events of all benches are read for each batch."""
_DELIVERIES: Final = (
    "SELECT d.seq, d.system, d.place, d.lane, d.intent, d.not_before FROM delivery d JOIN events e USING (journal, seq) "
    "WHERE seq BETWEEN ? AND ? ORDER BY d.seq, d.system, d.place"
)
_INTENT: msgspec.json.Decoder[Intent] = msgspec.json.Decoder(Intent, dec_hook=decode_sentence)
_LONGEST_WHY: Final = 500
Row = tuple[Any, ...]


class _Unapplied(Exception):
    """An event cannot be applied; its cause tells why. `before`: events of the same transaction before it."""

    def __init__(self, seq: int, before: int) -> None:
        self.seq, self.before = seq, before


class Projector:
    """Works on one connection, with the rights of `station_projector`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = PostgresSql(connection)
        self._ledger = Ledger(connection)
        self._stopped: set[str] = set()
        """Benches whose tables this program has stopped. Those that an earlier one stopped are tried once more, because
        another version may know the event."""

    def is_alone(self) -> bool:
        """Return False if another projector works on this database. Its end gives way to this one."""
        with translated():
            row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
        return row is not None and bool(row[0])

    def run(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Apply at most `TOGETHER` events of each bench to its tables, and to the ledger, until `stopped`. Return the
        number applied. Raises `StoreError` if the database cannot be used."""
        with translated():
            benches = self._connection.execute("SELECT bench FROM bench ORDER BY bench").fetchall()
        return sum(self._of_bench(bench) for (bench,) in benches if not stopped())

    def _of_bench(self, bench: str) -> int:
        self._sql.use(bench)
        return self._project(bench) + self._ledger.run(bench)

    def _project(self, bench: str) -> int:
        limit, failed, pipelined = TOGETHER, None, True
        while True:
            try:
                with transaction(self._sql):
                    return self._step(bench, limit, failed, self._sql.pipelined() if pipelined else nullcontext())
            except _Unapplied as error:
                if pipelined:
                    pipelined = False  # it is not certain which event failed
                else:
                    limit, failed = error.before, error
            except StoreError as error:
                if isinstance(error.__cause__, psycopg.errors.SerializationFailure):
                    return 0  # `station fleet rebuild` meanwhile
                if not pipelined:
                    raise
                pipelined = False

    def _step(self, bench: str, limit: int, failed: _Unapplied | None, together: AbstractContextManager[None]) -> int:
        """Apply the next events in a transaction that sees one path of the bench. `failed`: the event after them.
        `together`: in which their statements are sent."""
        sql = self._sql
        sql.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        sql.execute("INSERT INTO projected (seq) VALUES (0) ON CONFLICT DO NOTHING")
        seq, value, stopped = sql.execute("SELECT seq, hash, stopped_seq FROM projected").fetchone()
        if seq and sql.execute("SELECT 1 FROM events WHERE seq = ? AND hash = ?", (seq, value)).fetchone() is None:
            self._forget(bench)  # the bench continued from an older copy of its journal
            seq = 0
        elif stopped is not None and bench in self._stopped:
            return 0
        rows = list(sql.execute(_NEXT, (seq, seq + limit)))
        if rows:
            with together:
                self._apply(rows)
            sql.execute(
                "UPDATE projected SET seq = ?, hash = ?, stopped_seq = NULL, why = NULL", (rows[-1][0], rows[-1][3])
            )
        if failed is not None:
            why = clean(str(failed.__cause__))[:_LONGEST_WHY]
            sql.execute("UPDATE projected SET stopped_seq = ?, why = ?", (failed.seq, why))
            self._stopped.add(bench)
        return len(rows)

    def _forget(self, bench: str) -> None:
        projections.forget(self._sql)
        self._sql.execute("DELETE FROM outbox")
        self._sql.execute("UPDATE projected SET seq = 0, hash = ?, stopped_seq = NULL, why = NULL", (b"",))
        self._stopped.discard(bench)

    def _apply(self, rows: Sequence[Row]) -> None:
        decode = Decoder(self._sql)
        deliveries: dict[int, list[CopiedDelivery]] = {}
        for seq, *delivery in self._sql.execute(_DELIVERIES, (rows[0][0], rows[-1][0])):
            deliveries.setdefault(seq, []).append(CopiedDelivery(*delivery))
        for before, (seq, kind, payload, _, journal) in enumerate(rows):
            try:
                event = decode(seq, kind, payload)
                projections.apply(self._sql, seq, event)
                for delivery in deliveries.get(seq, ()):
                    add_delivery(self._sql, journal, seq, delivery, _INTENT.decode(delivery.intent))
                if isinstance(event, ev.DeliveryChanged):
                    change_delivery(self._sql, seq, event)
            except Exception as error:
                if _is_of_the_database(error):
                    raise
                raise _Unapplied(seq, before) from error


def _is_of_the_database(error: Exception) -> bool:
    """Return True if the database failed, and not the event: it ended, was full, or stopped the statement."""
    cause = error.__cause__
    own = isinstance(cause, psycopg.errors.ProgramLimitExceeded)  # a value too long for an index
    return isinstance(error, StoreError) and isinstance(cause, psycopg.OperationalError) and not own
