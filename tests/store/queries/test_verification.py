"""A check by two processes finds the same faults as a check by one, even if the second process fails."""

from __future__ import annotations

import logging
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from station.base.errors import StoreCorrupt
from station.domain import events as ev
from station.store.journal import hash_chain
from station.store.owner import open_store
from station.store.queries import chain_process, verification
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.store.journal.test_hash_chain import rewritten
from tests.support import sample_events

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
def kept(path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Queries:
    monkeypatch.setattr(verification, "LONG", 0)
    return Queries(path, clock)


def change(path: Path, *statements: str) -> None:
    """Change the file directly, without its triggers and without checks of references."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            assert db.execute(statement).rowcount != 0, statement


@pytest.fixture
def never_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only the second process recompute the chain."""
    monkeypatch.delattr(hash_chain, "recompute")


@pytest.mark.usefixtures("never_here")
def test_the_answer_for_a_good_journal_is_the_other_process_s(kept: Queries) -> None:
    report = kept.verify()
    assert (report.ok, report.events, report.head) == (True, 8, kept.head().hash)


@pytest.mark.usefixtures("never_here")
def test_what_the_replay_finds_is_told_beside_a_good_chain(kept: Queries, path: Path) -> None:
    change(path, "UPDATE judgements SET vendor = 'another' WHERE seq = 4")
    assert kept.verify().problems == (DOES_NOT_FOLLOW,)
    change(path, "DELETE FROM judgements WHERE seq = 4")
    assert kept.verify().problems == (DOES_NOT_FOLLOW,)


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
def test_two_processes_find_what_one_finds(
    kept: Queries, path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(path, CHANGES[what])
    by_two = kept.verify()
    monkeypatch.setattr(verification, "LONG", sys.maxsize)
    assert by_two == kept.verify()
    assert not by_two.ok


@pytest.mark.parametrize(
    ("seq", "payload"),
    [(1, b"[]"), (1, b"{}"), (2, b"[]"), (2, b'{"kind":"station-stopped"}'), (3, b'{"kind":"item-judged"}')],
)
def test_an_event_that_cannot_be_read_is_found_whether_a_table_follows_from_it_or_not(
    kept: Queries, path: Path, seq: int, payload: bytes
) -> None:
    rewritten(path, seq, payload)
    with pytest.raises(StoreCorrupt, match=f"event {seq}"):
        kept.verify()


SILENT = "import sys"
DIES = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"
RAISES = "raise SystemExit('no module named station')"
NO_JSON = "print('all is well')"
FEWER = chain_process._START.replace("answer(path, until,", "answer(path, until - 1,")
ANOTHER = 'print(\'{"parts":[{"journal_id":"0123456789abcdef"}],"good":8,"head":"00"}\')'


@pytest.mark.parametrize("started", [SILENT, DIES, RAISES, NO_JSON, FEWER, ANOTHER])
def test_a_process_that_does_not_answer_for_this_journal_is_not_believed(
    kept: Queries, path: Path, started: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_process, "_START", started)
    assert kept.verify().ok
    change(path, EDITED)
    assert kept.verify().first_bad == 3


def test_a_process_that_fails_is_logged(
    kept: Queries, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "station.store")
    monkeypatch.setattr(chain_process, "_START", RAISES)
    assert kept.verify().ok
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert kept.verify().ok
    assert ["no module named station" in caplog.messages[0], "/nowhere" in caplog.messages[1]] == [True, True]


def test_the_process_is_gone_after_the_check_was_stopped(kept: Queries, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[chain_process.subprocess.Popen[bytes]] = []
    start = chain_process.subprocess.Popen

    def popen(*words: object, **options: object) -> object:
        made.append(start(*words, **options))  # type: ignore[call-overload]
        return made[-1]

    def stop(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(chain_process.subprocess, "Popen", popen)
    monkeypatch.setattr(chain_process, "_START", "import time; time.sleep(600)")
    with pytest.raises(KeyboardInterrupt):
        kept.verify(progress=stop)
    assert made[0].returncode is not None
