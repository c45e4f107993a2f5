"""J3 and J4: a write, sync or statement fails in the middle. No partial transaction may remain, the error names its
cause, and work continues when the cause is gone."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.base.errors import StoreCorrupt, StoreError, StoreFull, StoreIo, StoreLocked, StoreReadOnly
from station.base.sentence import Sentence
from station.domain.deliveries.delivery import DeliveryState
from station.store.database.database import open_writer, store_error, transaction
from station.store.database.migrations import STEPS
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from station.store.journal.outbox import OutboxStore
from station.store.projections import projections
from tests.conftest import ROOT, SOAK, FakeClock
from tests.store import volatile_disk
from tests.store.journal.test_journal import in_memory
from tests.store.journal.test_power_loss import open_on
from tests.support import sample_events
from tests.support.for_each import for_each
from tests.support.told import told


class Breaks:
    """A connection whose n-th statement runs and then raises."""

    def __init__(self, connection: sqlite3.Connection, after: int) -> None:
        self._connection = connection
        self._left = after
        self.statements: list[str] = []

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        self.statements.append(sql)
        rows = self._connection.execute(sql, parameters)
        self._left -= 1
        if self._left == 0 and sql != "COMMIT":
            raise KeyError("injected")
        return rows


def contents(connection: Any) -> dict[str, list[Any]]:
    found = projections.dump(connection)
    found["events"] = list(connection.execute("SELECT * FROM events ORDER BY seq"))
    found["outbox"] = list(connection.execute("SELECT * FROM outbox ORDER BY id"))
    return found


RECORD = (sample_events.started("n", resumes="o"), sample_events.verified("n"), sample_events.judged())


def test_an_exception_after_any_statement_leaves_no_row() -> None:
    counting = Breaks(db := in_memory(), 0)
    JournalStore(counting, FakeClock()).record(
        *RECORD, deliveries=[sample_events.delivery(), sample_events.delivery("alma")]
    )
    statements = len(counting.statements)
    db.close()
    assert statements > 12
    for after in range(2, statements):  # the first one reads the journal's id, the last one is COMMIT
        db = in_memory()
        JournalStore(db, FakeClock()).record(sample_events.started("o"))
        before = contents(db)
        with pytest.raises(KeyError, match="injected"):
            JournalStore(Breaks(db, after), FakeClock()).record(
                *RECORD, deliveries=[sample_events.delivery(), sample_events.delivery("alma")]
            )
        assert contents(db) == before, f"after statement {after}: {counting.statements[after - 1]}"
        assert not db.in_transaction
        assert JournalStore(db, FakeClock()).record(sample_events.judged()) == 2
        db.close()


@pytest.mark.parametrize("verb", ["lease", "settle", "recover", "retry"])
def test_an_exception_after_any_statement_of_the_outbox_leaves_it_as_it_was(verb: str) -> None:
    after = 2
    while True:
        db = in_memory()
        journal = JournalStore(db, FakeClock())
        journal.record(sample_events.judged(), deliveries=[sample_events.delivery()])
        name = f"{journal.journal_id}-1-file"
        outbox = OutboxStore(db, journal)
        if verb != "lease":
            outbox.lease(name)
        if verb == "retry":
            outbox.settle(name, DeliveryState.PARKED, Sentence.verbatim("no"))
        before = contents(db)
        broken = Breaks(db, after)
        other = OutboxStore(broken, JournalStore(broken, FakeClock()))
        try:
            if verb == "settle":
                other.settle(name, DeliveryState.DELIVERED)
            elif verb == "recover":
                other.recover()
            else:
                getattr(other, verb)(name)
        except KeyError:
            assert contents(db) == before
        else:
            assert contents(db) != before
            db.close()
            break
        db.close()
        after += 1
    assert after > 4


def fresh_disk(vfs: str) -> tuple[volatile_disk.Disk, volatile_disk.DiskVFS, apsw.Connection, JournalStore]:
    disk = volatile_disk.Disk(logging=False)
    registered = volatile_disk.DiskVFS(vfs, disk)
    connection = open_on(vfs, "FULL")
    connection.execute("PRAGMA wal_autocheckpoint=5")  # so that checkpoints fail as well
    connection.execute("BEGIN IMMEDIATE")
    for _, statements in STEPS:
        for statement in statements:
            connection.execute(statement)
    connection.execute("COMMIT")
    return disk, registered, connection, JournalStore(connection, FakeClock())


@pytest.mark.parametrize(
    ("fault", "stays"),
    [(apsw.FullError, True), (apsw.IOError, False)],
    ids=["disk full until space returns", "one I/O error"],
)
def test_the_nth_write_or_sync_fails(fault: type[Exception], stays: bool) -> None:
    """For n = 1, 7, 13 ... to 200 (each n in the soak), or until five items take fewer operations than that."""
    failed = 0
    for n in range(1, 201, 1 if SOAK else 6):
        disk, registered, connection, journal = fresh_disk("faulty")
        disk.fail_at, disk.fail_with, disk.stays = n, fault, stays
        acked = 0
        try:
            for number in range(5):
                journal.record(
                    sample_events.started(f"a{number}"), sample_events.judged(), deliveries=[sample_events.delivery()]
                )
                acked += 1
        except fault:
            failed += 1
        reached = disk.fail_at == 0
        disk.fail_at, disk.broken = 0, False
        assert not connection.in_transaction
        report = hash_chain.verify(connection)
        assert report.ok, report
        assert report.events % 2 == 0, "a partial transaction is stored"
        assert report.events >= 2 * acked
        assert projections.compare(connection) == ()
        # Space is available again: the next item is recorded, and a restart finds everything.
        journal.record(sample_events.started("later"), sample_events.judged(), deliveries=[sample_events.delivery()])
        connection.close()
        again = open_on("faulty", "FULL")
        report = hash_chain.verify(again)
        assert report.ok, report
        assert report.events >= 2 * acked + 2
        again.close()
        del registered
        if not reached:
            break
    assert failed > 5


def test_a_full_database_is_store_full_and_recovers(tmp_path: Path, clock: FakeClock) -> None:
    connection = open_writer(tmp_path / "journal.db")
    try:
        journal = JournalStore(connection, clock)
        journal.record(sample_events.judged(), deliveries=[sample_events.delivery()])
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 2}")
        acked = 1
        with pytest.raises(StoreFull):
            for _ in range(1000):
                journal.record(sample_events.judged(), deliveries=[sample_events.delivery()])
                acked += 1
        report = hash_chain.verify(connection)
        assert report.ok
        assert report.events == acked == connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
        connection.execute("PRAGMA max_page_count=1000000")
        assert journal.record(sample_events.judged(), deliveries=[sample_events.delivery()]) == acked + 1
    finally:
        connection.close()


def test_a_lock_held_by_another_program_is_store_locked(tmp_path: Path, clock: FakeClock) -> None:
    connection = open_writer(tmp_path / "journal.db")
    other = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        connection.execute("PRAGMA busy_timeout=1")
        with pytest.raises(StoreLocked):
            JournalStore(connection, clock).record(sample_events.judged())
        other.execute("ROLLBACK")
        assert JournalStore(connection, clock).record(sample_events.judged()) == 1
    finally:
        other.close()
        connection.close()


@for_each(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_READONLY, StoreReadOnly),
        (sqlite3.SQLITE_READONLY | 1 << 8, StoreReadOnly),
        (sqlite3.SQLITE_PERM, StoreReadOnly),
        (sqlite3.SQLITE_BUSY, StoreLocked),
        (sqlite3.SQLITE_LOCKED, StoreLocked),
        (sqlite3.SQLITE_IOERR, StoreIo),
        (sqlite3.SQLITE_IOERR | 3 << 8, StoreIo),
        (sqlite3.SQLITE_CORRUPT, StoreCorrupt),
        (sqlite3.SQLITE_NOTADB, StoreCorrupt),
        (sqlite3.SQLITE_CANTOPEN, StoreError),
        (sqlite3.SQLITE_CONSTRAINT, StoreError),
    ],
)
def test_result_codes(code: int, expected: type[StoreError]) -> None:
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode = code
    assert type(store_error(error)) is expected
    assert "words" in told(store_error(error).detail)


def test_a_transaction_does_not_swallow_interrupts(tmp_path: Path) -> None:
    db = in_memory()
    with pytest.raises(KeyboardInterrupt), transaction(db):
        db.execute("DELETE FROM bindings")
        raise KeyboardInterrupt
    assert not db.in_transaction
    db.close()


SOURCES = sorted((ROOT / "station" / "store").rglob("*.py"))


@for_each("source", SOURCES)
def test_source_rules(source: Path) -> None:
    """No `with db.conn` (it is not a transaction), no SQL composed of strings, and only one way to open a database for
    writing."""
    text = source.read_text(encoding="utf-8")
    assert not re.search(r"with\s+\w*(\.conn|connection|db|database|sql)\s*:", text)
    assert not re.search(r"execute(many|script)?\(\s*(f[\"']|\w+\s*(\+|%)|[\"'][^\"']*[\"']\s*(%|\.format))", text)
    assert not re.search(r"\bf\"\"?\"?\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE|DROP)\b", text)
    assert "executescript" not in text
    if source.parent.name == "catalog_index" or source.name == "names.py":
        return  # a separate database
    opened = len(re.findall(r"sqlite3\.connect\(", text))
    assert opened == {"copying.py": 1, "database.py": 3, "projections.py": 1}.get(source.name, 0)
