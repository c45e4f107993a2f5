"""The store as the station uses it: opening, the owner thread, outbox, queries, backup, damaged files (J5, J6)."""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station import errors, ports
from station import events as ev
from station.model import Uid
from station.ports import DeliveryState
from station.store import database, migrations
from station.store.database import READER_PRAGMAS, WRITER_PRAGMAS, open_reader, open_writer
from station.store.outbox import RetryAnswer
from station.store.owner import Store, open_store
from tests.conftest import FakeClock
from tests.store import samples


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def store(path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(path, clock)
    yield opened
    assert opened.close()


# --- opening --------------------------------------------------------------------------------------------------------


def test_the_proxies_are_the_ports(store: Store) -> None:
    journal: ports.Journal = store.journal
    outbox: ports.Outbox = store.outbox
    queries: ports.QueryPort = store.queries
    assert journal.open_attempts() == ()
    assert outbox.heads() == ()
    assert queries.done_today() == 0


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
        with pytest.raises(errors.StoreError, match="synchronous"):
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
        store.journal.record(samples.judged(), deliveries=[samples.delivery()])
        store.queries.journal_page()
        store.queries.outbox_counts()
        store.queries.done_today()
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
    connection.execute(
        "INSERT INTO events VALUES (1, '2030', 'from-the-future', x'7b7d', x'', zeroblob(32), zeroblob(32))"
    )
    connection.close()
    with pytest.raises(errors.StoreTooNew, match="from-the-future"):
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
    with pytest.raises(errors.StoreCorrupt, match="not a station's journal"):
        open_writer(path)


def test_a_log_without_its_database_is_refused(path: Path) -> None:
    path.with_name(path.name + "-wal").write_bytes(b"left alone")
    with pytest.raises(errors.StoreCorrupt, match="missing"):
        open_writer(path)


def test_leftovers_of_an_interrupted_creation_do_no_harm(path: Path) -> None:
    for name in (".new", ".new-wal", ".new-shm", ".new-journal"):
        path.with_name(path.name + name).write_bytes(b"half")
    open_writer(path).close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["journal.db"]


def test_a_read_only_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_writer(path).close()
    path.chmod(0o400)
    if os.geteuid() == 0:  # root may write anything: say what anybody else would be told
        monkeypatch.setattr(os, "access", lambda file, mode: mode != os.W_OK)
    with pytest.raises(errors.StoreReadOnly):
        open_writer(path)
    open_reader(path).close()


def test_a_missing_folder_or_journal(path: Path) -> None:
    with pytest.raises(errors.StoreError):
        open_writer(path / "no" / "journal.db")
    with pytest.raises(errors.StoreError, match="no journal"):
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


# --- owner ----------------------------------------------------------------------------------------------------------


def test_many_threads_record_and_read(store: Store) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                store.journal.record(samples.judged(f"{number}-{turn}"), deliveries=[samples.delivery()])
                store.queries.journal_page(limit=5)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.queries.verify().ok
    assert store.queries.head().seq == 40
    assert len(store.queries.judged_barcodes()) == 40


def test_a_closed_store_says_so(path: Path, clock: FakeClock) -> None:
    store = open_store(path, clock)
    assert store.close()
    assert store.close()
    with pytest.raises(errors.StationClosed):
        store.journal.record(samples.judged())
    assert store.queries.journal_page() == (), "reading works without a running store"


def test_the_log_is_emptied_when_idle_and_at_the_end(path: Path, clock: FakeClock) -> None:
    log = path.with_name(path.name + "-wal")
    store = open_store(path, clock, idle_after=3600)
    store.journal.record(samples.judged())
    assert log.stat().st_size > 0
    assert store.checkpoint()
    assert log.stat().st_size == 0
    store.journal.record(samples.judged())
    store.close()
    assert not log.exists() or log.stat().st_size == 0
    store = open_store(path, clock, idle_after=0)
    store.journal.record(samples.judged())
    store._owner.submit(lambda writer: None).result()
    store.close()
    assert store.queries.head().seq == 3


def test_heads_are_exported_by_the_owner(path: Path, clock: FakeClock, tmp_path: Path) -> None:
    heads = tmp_path / "elsewhere"
    store = open_store(path, clock, head_directory=heads)
    store.journal.record(samples.judged())
    clock.pause(86_400)
    store.journal.record(samples.judged())
    store.journal.record(samples.judged())
    store.close()
    assert [line.split()[1] for file in sorted(heads.iterdir()) for line in file.read_text().splitlines()] == [
        "0",
        "2",
        "3",
    ]
    report = store.queries.verify(head_directory=heads)
    assert report.ok
    assert report.heads_checked == 3
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER events_no_delete")
    connection.execute("DELETE FROM events WHERE seq = 3")
    connection.close()
    report = store.queries.verify(head_directory=heads)
    assert not report.ok
    assert len(report.missing_heads) == 1


def test_work_goes_on_when_the_head_cannot_be_exported(path: Path, clock: FakeClock, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = open_store(path, clock, head_directory=tmp_path / "file" / "heads")
    assert "heads" in store.head_problem
    assert store.journal.record(samples.judged()) == 1
    store.close()


# --- outbox ---------------------------------------------------------------------------------------------------------


def two_results(store: Store, *systems: str) -> None:
    for barcode in ("31234000000015", "31234000000023", "31234000000015"):
        store.journal.record(
            samples.judged(barcode), deliveries=[samples.delivery(system, barcode) for system in systems]
        )


def seqs(store: Store) -> list[int]:
    return [head.event_seq for head in store.outbox.heads()]


def test_a_lane_keeps_its_order_and_lanes_are_independent(store: Store) -> None:
    two_results(store, "file")
    first, second = store.outbox.heads()
    assert (first.event_seq, second.event_seq) == (1, 2)
    assert store.outbox.heads(1) == (first,)
    leased = store.outbox.lease(first.id)
    assert (leased.state, leased.attempts) == (DeliveryState.LEASED, 1)
    assert seqs(store) == [2], "a leased delivery holds its lane"
    store.outbox.settle(first.id, DeliveryState.DEFERRED, "busy")
    assert seqs(store) == [1, 2]
    assert store.outbox.lease(first.id).attempts == 2
    store.outbox.settle(first.id, DeliveryState.DELIVERED)
    assert seqs(store) == [2, 3]
    with pytest.raises(errors.StoreError, match="delivered"):
        store.outbox.lease(first.id)
    with pytest.raises(errors.StoreError, match="not leased"):
        store.outbox.settle(first.id, DeliveryState.PARKED)
    with pytest.raises(errors.StoreError, match="no delivery"):
        store.outbox.lease("nothing")
    with pytest.raises(ValueError):
        store.outbox.settle(second.id, DeliveryState.LEASED)


def test_systems_are_lanes_of_their_own(store: Store) -> None:
    two_results(store, "alma", "file")
    assert [(head.event_seq, head.system) for head in store.outbox.heads()] == [
        (1, "alma"),
        (1, "file"),
        (2, "alma"),
        (2, "file"),
    ]


def test_what_was_leased_when_the_station_died_is_in_doubt(path: Path, clock: FakeClock) -> None:
    store = open_store(path, clock)
    two_results(store, "file")
    name = store.outbox.heads()[0].id
    store.outbox.lease(name)
    store.close()
    store = open_store(path, clock)
    assert store.outbox.recover() == 1
    assert store.outbox.recover() == 0
    head = store.outbox.heads()[0]
    assert (head.id, head.state, head.attempts) == (name, DeliveryState.IN_DOUBT, 1)
    newest = store.queries.events()[-1].event
    assert isinstance(newest, ev.DeliveryChanged)
    assert (newest.delivery, newest.state) == (name, "in-doubt")
    assert store.queries.verify().ok
    store.close()


def test_parked_deliveries_wait_for_a_person(store: Store) -> None:
    two_results(store, "file")
    name = store.outbox.heads()[0].id
    assert store.outbox.retry(name) is RetryAnswer.NOT_WAITING
    assert store.outbox.retry("nothing") is RetryAnswer.UNKNOWN
    store.outbox.lease(name)
    store.outbox.settle(name, DeliveryState.PARKED, "item not found")
    assert seqs(store) == [2, 3], "it does not hold up what comes after"
    assert store.retry(None) == 1
    assert seqs(store) == [1, 2]
    store.outbox.lease(name)
    store.outbox.settle(name, DeliveryState.PARKED, "item not found")
    later = next(head.id for head in store.outbox.heads() if head.event_seq == 3)
    store.outbox.lease(later)
    assert store.outbox.retry(name) is RetryAnswer.SUPERSEDED
    store.outbox.settle(later, DeliveryState.DELIVERED)
    assert store.outbox.retry(name) is RetryAnswer.SUPERSEDED
    assert store.retry(name) == 0
    assert store.queries.outbox_counts() == {"delivered": 1, "parked": 1, "pending": 1}
    assert store.queries.verify().ok


# --- queries --------------------------------------------------------------------------------------------------------


def test_pages_go_backwards(store: Store) -> None:
    store.journal.record(*samples.ONE_OF_EACH)
    count = len(samples.ONE_OF_EACH)
    page = store.queries.journal_page(limit=10)
    assert [row.seq for row in page] == list(range(count, count - 10, -1))
    rest = store.queries.journal_page(before=page[-1].seq)
    assert [row.seq for row in rest] == list(range(count - 10, 0, -1))
    assert {row.kind for row in (*page, *rest)} == {ev.kind(event) for event in samples.ONE_OF_EACH}
    assert [row.event for row in store.queries.events(3, 5)] == list(samples.ONE_OF_EACH[2:5])
    assert store.queries.events(limit=1)[0].hash != store.queries.head().hash


def test_outbox_pages_are_newest_first(store: Store) -> None:
    two_results(store, "file")
    assert [row.event_seq for row in store.queries.outbox_page()] == [3, 2, 1]
    assert [row.event_seq for row in store.queries.outbox_page(offset=1, limit=1)] == [2]
    assert store.queries.outbox_page()[0].intent.barcode == "31234000000015"


def test_done_today_counts_verdicts_since_local_midnight(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "America/Chicago")
    time.tzset()
    try:
        # 2026-09-21 13:30 UTC is 08:30 in Texas; 15.6 hours later it is 00:06 there.
        store.journal.record(samples.judged(), ev.StationStopped())
        assert store.queries.done_today() == 1
        clock.pause(11 * 3600)  # past midnight in UTC, evening in Texas
        assert clock.now()[:10] == "2026-09-22"
        assert store.queries.done_today() == 1
        clock.pause(5 * 3600)
        assert store.queries.done_today() == 0
    finally:
        monkeypatch.undo()
        time.tzset()


# --- backup and damage ----------------------------------------------------------------------------------------------


def test_backups_during_work_restore_to_a_prefix(path: Path, clock: FakeClock, tmp_path: Path) -> None:
    store = open_store(path, clock)
    backups = [tmp_path / f"copy-{number}.db" for number in range(4)]
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            store.journal.record(samples.judged(), deliveries=[samples.delivery()])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for backup in backups:
            store.backup(backup)
    finally:
        stop.set()
        thread.join()
    store.close()
    events = {row.seq: row.hash for row in store.queries.events(limit=100_000)}
    for backup in backups:
        assert not backup.with_name(backup.name + "-wal").exists()
        restored = open_store(backup, clock)
        report = restored.queries.verify()
        assert report.ok
        assert report.events == 0 or events[report.events] == report.head
        restored.journal.record(samples.judged())
        restored.close()


def test_a_backup_that_has_no_place_says_so(store: Store, tmp_path: Path) -> None:
    with pytest.raises(errors.StoreError):
        store.backup(tmp_path / "no" / "where.db")
    assert store.journal.record(samples.judged()) == 1


@pytest.fixture(scope="module")
def good_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "journal.db"
    store = open_store(path, FakeClock())
    for number in range(40):
        uid = Uid(f"E0040100{number:08X}")
        store.journal.record(samples.started(f"a{number}", uid, f"3{number:013d}"))
        store.journal.record(
            samples.verified(f"a{number}", uid, f"3{number:013d}"),
            samples.judged(f"3{number:013d}"),
            deliveries=[samples.delivery("file", f"3{number:013d}")],
        )
    store.close()
    return path


def everything(path: Path) -> list[Any]:
    connection = open_reader(path)
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")]
        # The delivery's count of attempts and sqlite-utils' date of a migration are covered by no check.
        return [connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names if name[0] != "_"]
    finally:
        connection.close()


def detected(path: Path) -> bool:
    try:
        store = open_store(path, FakeClock())
        try:
            return not store.queries.verify().ok
        finally:
            store.close()
    except errors.StoreError:
        return True


@pytest.mark.parametrize("seed", range(10))
def test_truncated_files_are_detected(good_file: Path, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "journal.db"
    content = good_file.read_bytes()
    cuts = [0, 1, 99, 100, 512, 4096, 8192, len(content) // 2, len(content) - 4096, len(content) - 1]
    path.write_bytes(content[: cuts[seed]])
    assert detected(path)


@pytest.mark.parametrize("seed", range(30))
def test_flipped_bits_are_detected_or_change_nothing(good_file: Path, tmp_path: Path, seed: int) -> None:
    """Bits in unused space are the only ones that may go unnoticed: then every row must read as before."""
    rng = random.Random(seed)
    path = tmp_path / "journal.db"
    content = bytearray(good_file.read_bytes())
    for _ in range(1 + seed % 3):
        place = rng.randrange(len(content))
        content[place] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
    before = everything(good_file)
    if not detected(path):
        assert everything(path) == before


def test_a_flipped_bit_in_every_kind_of_row_is_detected(good_file: Path, tmp_path: Path) -> None:
    content = good_file.read_bytes()
    path = tmp_path / "journal.db"
    for needle in (
        b"item-judged",
        b'"plan_digest"',
        b"tag-write-verified",
        b"E00401000000000A",
        b'"result"',
        b"pending",
    ):
        place = content.find(needle)
        assert place >= 0, needle
        damaged = bytearray(content)
        damaged[place + 2] ^= 0x01
        path.write_bytes(damaged)
        assert detected(path), needle
