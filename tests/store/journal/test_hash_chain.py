"""S10: an intruder changes the journal. Every change, at every place, is found."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from station.base.errors import StoreCorrupt
from station.domain.events import Head
from station.store.database.database import open_writer
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from station.store.journal.outbox import OutboxStore
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support import sample_events
from tests.support.told import raises_told, told

EVENTS = 200


@pytest.fixture(scope="module")
def whole() -> Iterator[sqlite3.Connection]:
    db = in_memory()
    journal = JournalStore(db, FakeClock())
    for number in range(EVENTS // 4):
        journal.record(sample_events.started(f"a{number}"))
        journal.record(
            sample_events.verified(f"a{number}"),
            sample_events.judged(f"3{number:013d}"),
            deliveries=[sample_events.delivery("file", f"3{number:013d}")],
        )
        journal.record(sample_events.ONE_OF_EACH[3])
    # An intruder who has the file can ignore triggers and references.
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{name}"')
    db.execute("PRAGMA foreign_keys=OFF")
    assert hash_chain.verify(db).ok
    assert hash_chain.verify(db).events == EVENTS
    yield db
    db.close()


def after(db: sqlite3.Connection, *statements: str) -> hash_chain.ChainReport:
    """Tamper, verify, and roll back."""
    db.execute("BEGIN")
    try:
        for statement in statements:
            assert db.execute(statement).rowcount != 0, statement
        return hash_chain.verify(db)
    finally:
        db.execute("ROLLBACK")


COLUMNS = {
    "at": "at || 'x'",
    "kind": "'station-stopped!'",
    "payload": "CAST(CAST(payload AS TEXT) || ' ' AS BLOB)",
    "deliveries": "randomblob(32)",
    "hash": "randomblob(32)",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_value_is_found_at_its_place(whole: sqlite3.Connection, column: str) -> None:
    for seq in range(1, EVENTS + 1):
        report = after(whole, f"UPDATE events SET {column} = {COLUMNS[column]} WHERE seq = {seq}")
        assert report.first_bad == seq, report
        assert not report.ok


def test_an_edited_event_whose_own_hash_was_made_again_is_found_at_the_next(whole: sqlite3.Connection) -> None:
    journal = hash_chain.journal_id(whole)
    prev = hash_chain.genesis(journal)
    for seq, at, kind, deliveries, payload, stated in whole.execute(
        "SELECT seq, at, kind, deliveries, payload, hash FROM events WHERE seq < ? ORDER BY seq", (EVENTS,)
    ).fetchall():
        value = hash_chain.event_hash(prev, journal, seq, at, kind, deliveries, payload + b" ")
        edited = "payload = CAST(CAST(payload AS TEXT) || ' ' AS BLOB)"
        report = after(whole, f"UPDATE events SET {edited}, hash = x'{value.hex()}' WHERE seq = {seq}")
        assert report.first_bad == seq + 1
        prev = stated


def test_a_deleted_event_is_found(whole: sqlite3.Connection) -> None:
    for seq in range(1, EVENTS):
        assert after(whole, f"DELETE FROM events WHERE seq = {seq}").first_bad == seq
        renumbered = after(
            whole,
            f"DELETE FROM events WHERE seq = {seq}",
            f"UPDATE events SET seq = {seq} WHERE seq = {seq + 1}",
        )
        assert renumbered.first_bad == seq


def test_a_gap_in_the_numbers_is_found_although_no_event_is_missing(whole: sqlite3.Connection) -> None:
    report = after(whole, "UPDATE events SET seq = seq + 1000 WHERE seq > 100")
    assert (report.first_bad, *map(told, report.problems)) == (101, "event 101 is missing")


def test_a_gap_in_the_numbers_is_found_although_all_hashes_fit(whole: sqlite3.Connection) -> None:
    (_, _, _, _, _, prev), (seq, at, kind, deliveries, payload, _) = whole.execute(
        "SELECT seq, at, kind, deliveries, payload, hash FROM events WHERE seq > ? ORDER BY seq", (EVENTS - 2,)
    ).fetchall()
    value = hash_chain.event_hash(prev, hash_chain.journal_id(whole), seq + 1, at, kind, deliveries, payload)
    report = after(whole, f"UPDATE events SET seq = seq + 1, hash = x'{value.hex()}' WHERE seq = {seq}")
    assert (report.first_bad, *map(told, report.problems)) == (seq, f"event {seq} is missing")


def test_exchanged_events_are_found(whole: sqlite3.Connection) -> None:
    for seq in range(1, EVENTS):
        report = after(
            whole,
            f"UPDATE events SET seq = 999999 WHERE seq = {seq}",
            f"UPDATE events SET seq = {seq} WHERE seq = {seq + 1}",
            f"UPDATE events SET seq = {seq + 1} WHERE seq = 999999",
        )
        assert report.first_bad == seq


def test_a_cut_tail_is_found_through_a_head(whole: sqlite3.Connection) -> None:
    head = hash_chain.verify(whole).head
    journal = hash_chain.journal_id(whole)
    exported = [Head("2026-11-24T00:00:00", EVENTS, head, journal)]
    assert hash_chain.verify(whole, head, exported).ok
    for last in range(EVENTS):
        cut = [f"DELETE FROM events WHERE seq > {last}", f"DELETE FROM outbox WHERE event_seq > {last}"]
        if last >= EVENTS - 2:
            cut.pop()  # the last delivery belongs to event 199
        assert after(whole, *cut).first_bad is None, "the chain alone cannot show it"
        whole.execute("BEGIN")
        for statement in cut:
            whole.execute(statement)
        given, found = hash_chain.verify(whole, head), hash_chain.verify(whole, None, exported)
        whole.execute("ROLLBACK")
        assert not given.ok
        assert tuple(map(told, given.missing_heads)) == (f"{head} (given)",)
        assert not found.ok
        assert len(found.missing_heads) == 1


def test_every_head_the_journal_ever_had_is_accepted(whole: sqlite3.Connection) -> None:
    for seq, digest in whole.execute("SELECT seq, hash FROM events").fetchall():
        report = hash_chain.verify(whole, f" {digest.hex().upper()} ")
        assert report.ok, seq
    assert not hash_chain.verify(whole, "00" * 32).ok
    assert not hash_chain.verify(whole, "").ok


def test_a_rewritten_journal_is_found_through_a_head(whole: sqlite3.Connection) -> None:
    """The chain is recomputed without a fault after the change; only the earlier head shows it."""
    head = hash_chain.verify(whole).head
    journal = hash_chain.journal_id(whole)
    whole.execute("BEGIN")
    prev = hash_chain.genesis(journal)
    rows = whole.execute("SELECT seq, at, kind, payload, deliveries FROM events ORDER BY seq").fetchall()
    for seq, at, kind, payload, deliveries in rows:
        changed = payload.replace(b"crooked", b"fine")
        value = hash_chain.event_hash(prev, journal, seq, at, kind, deliveries, changed)
        whole.execute("UPDATE events SET payload = ?, hash = ? WHERE seq = ?", (changed, value, seq))
        prev = value
    assert hash_chain.verify(whole).ok
    assert not hash_chain.verify(whole, head).ok
    whole.execute("ROLLBACK")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM outbox WHERE event_seq = 7",
        "UPDATE outbox SET intent = CAST(replace(CAST(intent AS TEXT), 'pass', 'fail') AS BLOB) WHERE event_seq = 7",
        "UPDATE outbox SET lane = '39999999999999' WHERE event_seq = 7",
        "UPDATE outbox SET system = 'nowhere' WHERE event_seq = 7",
        "UPDATE outbox SET system = system || substr(lane, 1, 1), lane = substr(lane, 2) WHERE event_seq = 7",
        "INSERT INTO outbox (id, event_seq, system, lane, intent) VALUES ('x', 1, 'file', '3', x'7b7d')",
        "UPDATE outbox SET event_seq = 2 WHERE event_seq = 7",
    ],
)
def test_a_changed_delivery_is_found(whole: sqlite3.Connection, statement: str) -> None:
    report = after(whole, statement)
    assert report.first_bad is None
    assert any("event" in told(problem) for problem in report.problems), report


def test_another_journal_id_breaks_the_chain_at_its_start(whole: sqlite3.Connection) -> None:
    assert after(whole, "UPDATE journal SET id = '0123456789abcdef'").first_bad == 1


def test_changed_projections_and_states_are_found() -> None:
    from station.store.projections import projections

    db = in_memory()
    journal = JournalStore(db, FakeClock())
    journal.record(
        sample_events.started("a"),
        sample_events.verified("b", "E004010000000009"),
        deliveries=[sample_events.delivery()],
    )
    outbox = OutboxStore(db, journal)
    name = outbox.heads()[0].id
    assert projections.compare(db) == ()
    outbox.lease(name)
    assert projections.compare(db) == ()
    for statement in (
        "UPDATE bindings SET barcode = '39999999999999'",
        "DELETE FROM bindings",
        "UPDATE attempts SET ended = 'verified', ended_seq = 2",
        "DELETE FROM attempts",
        "UPDATE outbox SET state = 'delivered'",
        "UPDATE outbox SET state = 'pending', changed_seq = 1",
    ):
        db.execute("BEGIN")
        assert db.execute(statement).rowcount
        assert len(projections.compare(db)) == 1, statement
        db.execute("ROLLBACK")
    db.close()


def test_a_head_is_exported_once_into_the_file_of_its_day(tmp_path: Path, clock: FakeClock) -> None:
    db = in_memory()
    journal = JournalStore(db, clock)
    journal.record(sample_events.judged())
    heads = tmp_path / "heads"
    assert hash_chain.read_heads(heads) == ()
    assert hash_chain.export_head(db, heads, "2026-11-24T08:00:00.000000+00:00")
    assert not hash_chain.export_head(db, heads, "2026-11-24T09:00:00.000000+00:00")
    journal.record(sample_events.judged())
    assert hash_chain.export_head(db, heads, "2026-11-24T17:00:00.000000+00:00")
    assert not hash_chain.export_head(db, heads, "2026-11-24T17:00:01.000000+00:00")
    journal.record(sample_events.judged())
    assert hash_chain.export_head(db, heads, "2026-11-25T08:00:00.000000+00:00")
    other = in_memory()
    assert hash_chain.export_head(other, heads, "2026-11-25T08:30:00.000000+00:00"), "another bench, the same folder"
    other.close()
    found = hash_chain.read_heads(heads)
    assert [(head.at[:13], head.seq) for head in found] == [
        ("2026-11-24T08", 1),
        ("2026-11-24T17", 2),
        ("2026-11-25T08", 3),
        ("2026-11-25T08", 0),
    ]
    report = hash_chain.verify(db, None, found)
    assert report.ok
    assert report.heads_checked == 3
    assert len(report.other_journals) == 1
    (heads / "2026-11-26.txt").write_text("nonsense\n")
    assert hash_chain.read_heads(heads) == found
    shutil.rmtree(heads)
    db.close()


def rewritten(path: Path, seq: int, payload: bytes) -> None:
    """Replace a payload and recompute the chain."""
    with closing(open_writer(path)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute("UPDATE events SET payload = ? WHERE seq = ?", (payload, seq))
        journal = hash_chain.journal_id(db)
        prev = hash_chain.genesis(journal)
        for number, at, kind, said, deliveries in db.execute(
            "SELECT seq, at, kind, payload, deliveries FROM events ORDER BY seq"
        ).fetchall():
            value = hash_chain.event_hash(prev, journal, number, at, kind, deliveries, said)
            db.execute("UPDATE events SET hash = ? WHERE seq = ?", (value, number))
            prev = value


@pytest.fixture
def kept(tmp_path: Path, clock: FakeClock) -> Queries:
    """A journal on the disk."""
    store = open_store(tmp_path / "journal.db", clock)
    for number in range(5):
        store.journal.record(sample_events.judged(f"3{number:013d}"))
    store.close()
    return store.queries


@pytest.mark.parametrize("payload", [b"[]", b"{}", b'{"kind":"from-the-future"}', b'{"kind":"station-stopped"}'])
def test_an_event_that_cannot_be_read_is_found_although_its_hash_fits(
    kept: Queries, tmp_path: Path, payload: bytes
) -> None:
    rewritten(tmp_path / "journal.db", 2, payload)
    with raises_told(StoreCorrupt, match="event 2"):
        kept.verify()


def test_a_break_is_reported_also_behind_an_event_that_cannot_be_read(kept: Queries, tmp_path: Path) -> None:
    rewritten(tmp_path / "journal.db", 2, b"[]")
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db, db:
        db.execute("UPDATE events SET hash = randomblob(32) WHERE seq = 4")
    assert kept.verify().first_bad == 4


def test_an_index_that_does_not_fit_its_table_is_found(kept: Queries, tmp_path: Path) -> None:
    """SQLite's own check finds it: no event has changed, but a look-up by kind finds no event."""
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db, db:
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_schema SET sql = replace(sql, '(kind)', '(at)') WHERE name = 'events_by_kind'")
    report = kept.verify()
    assert (report.ok, report.first_bad) == (False, None)
    assert "events_by_kind" in told(report.problems[0])


def test_a_check_tells_how_far_it_is_and_ends_when_it_is_told_to(
    kept: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hash_chain, "AT_A_TIME", 2)
    told: list[tuple[int, int]] = []
    assert kept.verify(progress=lambda *far: told.append(far)).ok
    assert list(dict.fromkeys(told)) == [(2, 5), (4, 5), (5, 5)]

    def stop(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.verify(progress=stop)


@pytest.mark.parametrize("order", [1, -1])
def test_two_heads_of_one_number_are_both_compared_in_any_order(order: int, tmp_path: Path) -> None:
    """A fork: one of two exported heads names another event of this number than the journal holds."""
    db = in_memory()
    JournalStore(db, FakeClock()).record(sample_events.judged())
    hash_chain.export_head(db, tmp_path, "2026-11-24T08:00:00.000000+00:00")
    (good,) = hash_chain.read_heads(tmp_path)
    forked = msgspec.structs.replace(good, hash="00" * 32)
    assert hash_chain.lost_heads(db, (good,)) == ()
    assert hash_chain.lost_heads(db, (good, forked)[::order]) == (forked,)
    db.close()
