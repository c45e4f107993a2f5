"""J6: backups taken during work can be restored; damaged files are found at the start or by verify."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.base import errors
from station.domain.tag_image import Uid
from station.store.database.database import open_reader
from station.store.journal.snapshot import journal_snapshot
from station.store.owner import Store, open_store
from tests.conftest import FakeClock
from tests.support import sample_events


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def store(path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(path, clock)
    yield opened
    assert opened.close()


def test_backups_during_work_restore_to_a_prefix(path: Path, clock: FakeClock, tmp_path: Path) -> None:
    store = open_store(path, clock)
    backups = [tmp_path / f"copy-{number}.db" for number in range(4)]
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            store.journal.record(sample_events.judged(), deliveries=[sample_events.delivery()])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for backup in backups:
            with journal_snapshot(path, clock) as journal:
                journal.copy(backup)
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
        restored.journal.record(sample_events.judged())
        restored.close()


def test_a_backup_that_has_no_place_says_so(store: Store, path: Path, clock: FakeClock, tmp_path: Path) -> None:
    with journal_snapshot(path, clock) as journal, pytest.raises(errors.StoreError):
        journal.copy(tmp_path / "no" / "where.db")
    assert store.journal.record(sample_events.judged()) == 1


@pytest.fixture(scope="module")
def good_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "journal.db"
    store = open_store(path, FakeClock())
    for number in range(40):
        uid = Uid(f"E0040100{number:08X}")
        store.journal.record(sample_events.started(f"a{number}", uid, f"3{number:013d}"))
        store.journal.record(
            sample_events.verified(f"a{number}", uid, f"3{number:013d}"),
            sample_events.judged(f"3{number:013d}"),
            deliveries=[sample_events.delivery("file", f"3{number:013d}")],
        )
    store.close()
    return path


def everything(path: Path) -> list[Any]:
    connection = open_reader(path)
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")]
        # No check covers the delivery's count of attempts and sqlite-utils' date of a migration.
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


@pytest.mark.parametrize(
    "seed", [*range(30), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(30, 1000))]
)
def test_flipped_bits_are_detected_or_change_nothing(good_file: Path, tmp_path: Path, seed: int) -> None:
    """Only bits in unused space may go unnoticed, and then every row must read as before."""
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
