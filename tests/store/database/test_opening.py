"""J5: how the journal is opened, and every file that is refused, with its error and without a change to it."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from station.base import errors
from station.store.database import database, migrations
from station.store.database.database import READER_PRAGMAS, WRITER_PRAGMAS, open_reader, open_writer
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.told import raises_told


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.mark.parametrize(("opener", "pragmas"), [(open_writer, WRITER_PRAGMAS), (open_reader, READER_PRAGMAS)])
def test_pragmas_are_what_the_design_says(path: Path, opener: Any, pragmas: Any) -> None:
    open_writer(path).close()
    connection = opener(path)
    try:
        for _, reading, wanted in pragmas:
            assert connection.execute(reading).fetchone()[0] == wanted, reading
    finally:
        connection.close()
    told = {reading: wanted for _, reading, wanted in WRITER_PRAGMAS}
    assert told["PRAGMA journal_mode"] == "wal"
    assert told["PRAGMA synchronous"] == 2
    assert told["PRAGMA foreign_keys"] == 1


def test_a_pragma_that_does_not_take_is_refused(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        with raises_told(errors.StoreError, match="synchronous"):
            database.set_pragmas(connection, [("PRAGMA synchronous=NORMAL", "PRAGMA synchronous", 2)])
    finally:
        connection.close()


def test_every_table_is_strict_and_the_schema_is_numbered(path: Path) -> None:
    connection = open_writer(path)
    try:
        lists = {
            name: strict for _, name, kind, _, _, strict in connection.execute("PRAGMA table_list") if kind == "table"
        }
        assert {"events", "journal", "attempts", "bindings", "outbox"} <= set(lists)
        assert all(strict for name, strict in lists.items() if not name.startswith("sqlite_")), lists
        applied = [row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
        assert applied == [name for name, _ in migrations.STEPS]
        assert migrations.migrate(connection) == 0
    finally:
        connection.close()
    assert path.stat().st_mode & 0o077 == 0


def test_one_writable_connection_in_one_thread(path: Path, clock: FakeClock) -> None:
    opened: list[tuple[str, int]] = []
    watching = [True]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if watching[0] and event == "sqlite3.connect":
            opened.append((str(arguments[0]), threading.get_ident()))

    open_writer(path).close()
    sys.addaudithook(hook)  # cannot be removed again, therefore the switch
    store = open_store(path, clock)
    try:
        store.journal.record(sample_events.judged(), deliveries=[sample_events.delivery()])
        store.queries.journal_page()
        store.queries.outbox_counts()
        store.queries.lately()
        store.queries.verify()
        store.checkpoint()
        mine = [(name, thread) for name, thread in opened if str(path) in name]
        writers = [(name, thread) for name, thread in mine if "mode=ro" not in name]
        assert len(mine) > 4
        assert len(writers) == 1
        assert writers[0][1] != threading.get_ident()
    finally:
        watching[0] = False
        store.close()


def test_readers_cannot_write(path: Path) -> None:
    open_writer(path).close()
    connection = open_reader(path)
    try:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM bindings")
    finally:
        connection.close()


def test_a_database_of_a_newer_program_is_refused_unchanged(path: Path) -> None:
    connection = open_writer(path)
    connection.execute(f"PRAGMA user_version={migrations.SCHEMA_VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    for opener in (open_writer, open_reader):
        with pytest.raises(errors.StoreTooNew):
            opener(path)
    assert path.read_bytes() == before


def test_a_journal_with_unknown_events_is_refused_at_the_start(path: Path, clock: FakeClock) -> None:
    connection = open_writer(path)
    connection.execute("INSERT INTO events VALUES (1, '2030', 'from-the-future', x'7b7d', x'', zeroblob(32))")
    connection.close()
    with raises_told(errors.StoreTooNew, match="from-the-future"):
        open_store(path, clock)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"This is no database, but a text of more than a hundred bytes. " * 20, bytes(8192)]
)
def test_a_file_that_is_no_journal_is_refused_unchanged(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for opener in (open_writer, open_reader):
        with pytest.raises(errors.StoreCorrupt):
            opener(path)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_refused(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE books (title)")
    connection.close()
    with raises_told(errors.StoreCorrupt, match="not a station's journal"):
        open_writer(path)


def test_a_log_without_its_database_is_refused(path: Path) -> None:
    path.with_name(path.name + "-wal").write_bytes(b"left alone")
    with raises_told(errors.StoreCorrupt, match="missing"):
        open_writer(path)


def test_leftovers_of_an_interrupted_creation_do_no_harm(path: Path) -> None:
    for name in (".new", ".new-wal", ".new-shm", ".new-journal"):
        path.with_name(path.name + name).write_bytes(b"half")
    open_writer(path).close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["journal.db"]


def test_a_read_only_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_writer(path).close()
    path.chmod(0o400)
    if os.geteuid() == 0:  # root may write anything, so simulate another user
        monkeypatch.setattr(os, "access", lambda file, mode: mode != os.W_OK)
    with pytest.raises(errors.StoreReadOnly):
        open_writer(path)
    open_reader(path).close()


def test_a_missing_folder_or_journal(path: Path) -> None:
    with pytest.raises(errors.StoreError):
        open_writer(path / "no" / "journal.db")
    with raises_told(errors.StoreError, match="no journal"):
        open_reader(path)
    assert not path.exists()


def test_a_journal_held_by_another_program(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_writer(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    quick = [("PRAGMA busy_timeout=1", "PRAGMA busy_timeout", 1) if "busy" in p[1] else p for p in WRITER_PRAGMAS]
    monkeypatch.setattr(database, "WRITER_PRAGMAS", quick)
    try:
        with pytest.raises(errors.StoreLocked):
            open_writer(path)
    finally:
        other.close()
