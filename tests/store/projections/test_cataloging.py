"""The queue for original cataloging follows from the events, keeps every request, and never closes one without a
record."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import StoreError
from station.base.sentence import Sentence
from station.domain.events import AnyEvent, CatalogingRequested, CatalogingResolved, StationStarted, encode
from station.store.database import migrations
from station.store.database.database import open_writer
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from station.store.owner import open_store
from station.store.projections import projections
from station.store.projections.cataloging import Entry, entries
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support.for_each import for_each

BARCODE = "31234000000015"
OTHER = "31234000000023"
ISBN = "9780306406157"


def asked(request: str, barcode: str = BARCODE, isbn: str = "", **more: str) -> CatalogingRequested:
    return CatalogingRequested(
        request=request, barcode=barcode, isbn=isbn, reason=Sentence.verbatim("No record."), **more
    )


def done(request: str, record_id: str = "991", reason: str = "") -> CatalogingResolved:
    return CatalogingResolved(request=request, record_id=record_id, reason=reason)


def queue(*events: AnyEvent, closed: bool = False) -> tuple[Entry, ...]:
    with closing(in_memory()) as sql:
        JournalStore(sql, FakeClock()).record(*events)
        assert projections.compare(sql) == ()
        return entries(sql, closed=closed)


@for_each(
    ("history", "still_open"),
    [
        ([asked("a")], [["a"]]),
        ([asked("a"), asked("b", OTHER)], [["a"], ["b"]]),
        ([asked("a"), asked("b")], [["a", "b"]]),
        ([asked("a", isbn=ISBN), asked("b", OTHER, ISBN)], [["a"], ["b"]]),
        ([asked("a", ""), asked("b", "")], [["a"], ["b"]]),
        ([asked("a", "", ISBN), asked("b", "", ISBN)], [["a", "b"]]),
        ([asked("a", "", ISBN), asked("b", BARCODE, ISBN)], [["a"], ["b"]]),
        ([asked("a"), done("a")], []),
        ([asked("a"), asked("b"), done("b")], []),
        ([asked("a"), done("a", "", "lost")], []),
        ([asked("a"), done("a", "", "")], [["a"]]),
        ([asked("a"), done("never")], [["a"]]),
        ([asked("a"), done("a"), done("a")], []),
        ([asked("a"), done("a"), asked("b")], [["b"]]),
        ([asked("a"), asked("b", OTHER), done("b")], [["a"]]),
    ],
)
def test_what_is_open(history: list[AnyEvent], still_open: list[list[str]]) -> None:
    assert [[one.event.request for one in entry.asked] for entry in queue(*history)] == still_open


def test_an_entry_keeps_all_that_was_said() -> None:
    (entry,) = queue(
        asked("a", title="First", note="gift"), asked("b", isbn=ISBN, note="blue"), asked("c", note="gift")
    )
    assert (entry.id, entry.barcode, entry.newest("title"), entry.newest("isbn")) == ("a", BARCODE, "First", ISBN)
    assert entry.notes() == ("gift", "blue")
    assert entry.newest("operator") == "machine"  # no operator was given
    assert (entry.closed_at, entry.resolution) == ("", None)


def test_what_is_closed_stays_readable_with_its_end() -> None:
    assert queue(asked("a"), done("a")) == ()
    (entry,) = queue(asked("a"), done("a", "", "withdrawn"), closed=True)
    assert entry.resolution == msgspec.structs.replace(done("a", "", "withdrawn"), operator="machine")
    assert entry.closed_at


events = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(["", BARCODE, OTHER]), st.sampled_from(["", ISBN])),
    st.tuples(st.just("end"), st.sampled_from(["", "991"]), st.sampled_from(["", "lost"])),
)


@given(st.lists(st.tuples(events, st.integers(0, 8)), max_size=12))
def test_no_history_loses_a_request_or_opens_a_piece_twice(steps: list[tuple[tuple[str, str, str], int]]) -> None:
    history: list[AnyEvent] = []
    for number, ((what, one, two), target) in enumerate(steps):
        event = asked(f"r{number}", one, two) if what == "ask" else done(f"r{target}", one, two)
        history.append(event)
    if not history:
        return
    everything, still_open = queue(*history, closed=True), queue(*history)
    requests = [one.event.request for entry in everything for one in entry.asked]
    assert sorted(requests) == sorted(event.request for event in history if isinstance(event, CatalogingRequested))
    barcodes = [entry.barcode for entry in still_open if entry.barcode]
    assert len(barcodes) == len(set(barcodes))
    for entry in everything:
        end = entry.resolution
        assert (end is None) == (entry.closed_at == "")
        assert end is None or end.record_id or end.reason
    assert [entry.id for entry in still_open] == [entry.id for entry in everything if entry.resolution is None]


def test_a_journal_of_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    """The first release's file: its events and its chain stay byte for byte, and the queue works."""
    path = tmp_path / "journal.db"
    released = migrations.STEPS[:1]
    sql = sqlite3.connect(path, isolation_level=None)
    for _, statements in released:
        for statement in statements:
            sql.execute(statement)
    prev = hash_chain.genesis(sql.execute("SELECT id FROM journal").fetchone()[0])
    payload = encode(StationStarted(version="0", station="old"))
    row = (1, FakeClock().now(), "station-started", payload, b"", prev)
    value = hash_chain.event_hash(prev, hash_chain.journal_id(sql), 1, row[1], row[2], b"", payload)
    sql.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, value))
    before = sql.execute("SELECT seq, payload, hash FROM events").fetchall()
    journal_id = sql.execute("SELECT id FROM journal").fetchone()
    _as_applied(sql, released[0][0])
    sql.close()
    store = open_store(path, FakeClock())
    try:
        store.journal.record(asked("a"))
        store.rebuild()
        assert [entry.id for entry in store.queries.cataloging()] == ["a"]
    finally:
        assert store.close()
    with closing(open_writer(path)) as sql:
        assert sql.execute("SELECT seq, payload, hash FROM events WHERE seq = 1").fetchall() == before
        assert sql.execute("SELECT id FROM journal").fetchone() == journal_id
        assert sql.execute("PRAGMA user_version").fetchone()[0] == migrations.SCHEMA_VERSION
        assert hash_chain.verify(sql).problems == ()
        assert projections.compare(sql) == ()


def _as_applied(sql: sqlite3.Connection, name: str) -> None:
    """Write sqlite-utils' record of a step that was run."""
    from sqlite_utils import Database, Migrations

    sql.execute("PRAGMA user_version = 0")
    steps = Migrations("station-journal")
    steps(name=name)(lambda _: None)
    steps.apply(Database(sql, execute_plugins=False, strict=True))
    sql.execute("PRAGMA user_version = 1")


def test_a_damaged_queue_is_noticed(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "journal.db")) as sql:
        JournalStore(sql, FakeClock()).record(asked("a"))
        assert projections.compare(sql) == ()
        sql.execute("UPDATE cataloging SET closed_seq = 1")
        assert projections.compare(sql) == ("the table cataloging does not follow from the events",)
        assert projections.rebuild(sql) == 1
        assert projections.compare(sql) == ()


def test_without_a_journal_there_is_no_queue(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Queries(tmp_path / "journal.db", FakeClock()).cataloging()
