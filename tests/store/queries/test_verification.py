"""The complete check of a journal finds each fault, and stops when it is told to."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from station.base.errors import StoreCorrupt
from station.domain import events as ev
from station.store.owner import open_store
from station.store.queries import verification
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.store.journal.test_hash_chain import rewritten
from tests.support import sample_events
from tests.support.told import raises_told, told

EDITED = "UPDATE events SET payload = CAST(replace(CAST(payload AS TEXT), 'ann', 'eve') AS BLOB) WHERE seq = 3"
DOES_NOT_FOLLOW = "the table judgements does not follow from the events"


@pytest.fixture
def path(tmp_path: Path, clock: FakeClock) -> Path:
    store = open_store(tmp_path / "journal.db", clock)
    for number in range(4):
        store.journal.record(
            ev.StationStopped(operator="ann"),
            sample_events.judged(f"3{number:013d}"),
            deliveries=[sample_events.delivery("file", f"3{number:013d}")],
        )
    store.close()
    return tmp_path / "journal.db"


@pytest.fixture
def kept(path: Path, clock: FakeClock) -> Queries:
    return Queries(path, clock)


def change(path: Path, *statements: str) -> None:
    """Change the file directly, without its triggers and without checks of references."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            assert db.execute(statement).rowcount != 0, statement


def test_a_good_journal_verifies(kept: Queries) -> None:
    report = kept.verify()
    assert (report.ok, report.events, report.head) == (True, 8, kept.head().hash)


def test_a_table_that_does_not_follow_from_the_events_is_found(kept: Queries, path: Path) -> None:
    change(path, "UPDATE judgements SET vendor = 'another' WHERE seq = 4")
    assert tuple(map(told, kept.verify().problems)) == (DOES_NOT_FOLLOW,)
    change(path, "DELETE FROM judgements WHERE seq = 4")
    assert tuple(map(told, kept.verify().problems)) == (DOES_NOT_FOLLOW,)


CHANGES = {
    "an event": EDITED,
    "its kind": "UPDATE events SET kind = 'station-started' WHERE seq = 4",
    "its time": "UPDATE events SET at = at || 'x' WHERE seq = 4",
    "an event is gone": "DELETE FROM events WHERE seq = 4",
    "a number far away": "UPDATE events SET seq = 4611686018427387904 WHERE seq = 8",
    "a delivery": "UPDATE outbox SET intent = x'7b7d' WHERE event_seq = 4",
    "a delivery is gone": "DELETE FROM outbox WHERE event_seq = 4",
    "a delivery of another event": "UPDATE outbox SET event_seq = 3 WHERE event_seq = 4",
    "a delivery of no event": "UPDATE outbox SET event_seq = 9223372036854775807 WHERE event_seq = 8",
    "the last event": "UPDATE events SET hash = randomblob(32) WHERE seq = 8",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_found(kept: Queries, path: Path, what: str) -> None:
    change(path, CHANGES[what])
    assert not kept.verify().ok


@pytest.mark.parametrize(
    ("seq", "payload"),
    [
        (1, b"[]"),
        (1, b"{}"),
        (2, b"[]"),
        (2, b'{"kind":"station-stopped"}'),
        (3, b'{"kind":"item-judged"}'),
        (4, ev.encode(sample_events.judged(), item_in=3)),
        (4, ev.encode(sample_events.judged()).replace(b'"outcome":', b'"out":')),
    ],
)
def test_an_event_that_cannot_be_read_is_found_whether_a_table_follows_from_it_or_not(
    kept: Queries, path: Path, seq: int, payload: bytes
) -> None:
    rewritten(path, seq, payload)
    with raises_told(StoreCorrupt, match=f"event {seq}"):
        kept.verify()


def test_nothing_runs_on_after_the_check_was_stopped(kept: Queries, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's check takes long, and the check is stopped while it waits for it."""
    checked: list[bool] = []
    told: list[int] = []

    def long(sql: sqlite3.Connection) -> tuple[str, ...]:
        without_end = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            sql.execute(without_end).fetchone()
        checked.append(True)
        return ()

    def stop(done: int, count: int) -> None:
        told.append(done)
        if told.count(count) > 1:  # every event was read before
            raise KeyboardInterrupt

    monkeypatch.setattr(verification, "integrity_check", long)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        kept.verify(progress=stop)
    assert (checked, threading.active_count()) == ([True], before)
