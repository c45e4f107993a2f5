"""J2: the power fails. The journal's own statements run on a disk that keeps only synced data."""

from __future__ import annotations

import random
from dataclasses import dataclass

import apsw
import pytest

from station.store.database.database import WRITER_PRAGMAS
from station.store.database.migrations import STEPS
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from station.store.projections import projections
from tests.conftest import FakeClock
from tests.store import volatile_disk
from tests.support import sample_events

AUTOCHECKPOINT = 40
"""Number of pages; small, so that checkpoints (and the log's restart) are among the crash points."""


@dataclass
class Outcome:
    points: int = 0
    images: int = 0
    corrupt: int = 0
    lost: int = 0
    """Images in which acknowledged work is missing."""
    half: int = 0

    def __str__(self) -> str:
        return (
            f"{self.points} points, {self.images} images: {self.corrupt} corrupt, {self.lost} with lost "
            f"acknowledged work, {self.half} with half a transaction"
        )


def open_on(vfs: str, synchronous: str) -> apsw.Connection:
    connection = apsw.Connection("journal.db", vfs=vfs)
    # Without shared memory a WAL needs exclusive locking; all else is as in the station's own connection.
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    for setting, _, _ in WRITER_PRAGMAS:
        connection.execute(setting)
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute(f"PRAGMA wal_autocheckpoint={AUTOCHECKPOINT}")
    return connection


def run(transactions: int, synchronous: str) -> tuple[volatile_disk.Disk, list[int]]:
    """Record transactions, and note an acknowledgement in the disk's log after each commit. Return the acknowledged
    numbers."""
    disk = volatile_disk.Disk()
    vfs = volatile_disk.DiskVFS("power-run", disk)
    connection = open_on("power-run", synchronous)
    connection.execute("BEGIN IMMEDIATE")
    for _, statements in STEPS:
        for statement in statements:
            connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal = JournalStore(connection, FakeClock())
    seqs = [0]
    disk.note("ack", 0)
    for number in range(transactions):
        uid, barcode = f"E0040100{number % 50:08X}", f"3123400000{number % 40:04d}"
        attempt = f"a{number}"
        if number % 2:
            seq = journal.record(
                sample_events.verified(f"a{number - 1}", uid, barcode),
                sample_events.judged(barcode),
                deliveries=[sample_events.delivery("file", barcode), sample_events.delivery("alma", barcode)],
            )
        else:
            seq = journal.record(sample_events.started(attempt, uid, barcode))
        seqs.append(seq)
        disk.note("ack", len(seqs) - 1)
    connection.close()
    del vfs
    return disk, seqs


def examine(image: volatile_disk.Image, seqs: list[int], outcome: Outcome, deep: bool) -> None:
    outcome.images += 1
    vfs = volatile_disk.DiskVFS("power-image", volatile_disk.Disk(files=image.files, logging=False))
    connection = apsw.Connection("journal.db", vfs="power-image")
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            outcome.corrupt += 1
            return
        report = hash_chain.verify(connection)
        if not report.ok or (deep and projections.compare(connection)):
            outcome.corrupt += 1
        elif report.events < seqs[image.acked]:
            outcome.lost += 1
        elif report.events not in seqs[image.acked : image.acked + 2]:
            outcome.half += 1
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError):
        outcome.corrupt += 1
    finally:
        connection.close()
        del vfs


def cut(transactions: int, points: int, each: int, synchronous: str, seed: int = 1) -> Outcome:
    disk, seqs = run(transactions, synchronous)
    rng = random.Random(seed)
    first = disk.log.index(("ack", 0))
    every = range(first + 1, len(disk.log))
    chosen = sorted(rng.sample(every, min(points, len(every))))
    outcome = Outcome(points=len(chosen))
    for number, image in enumerate(volatile_disk.images(disk.log, chosen, each, rng)):
        examine(image, seqs, outcome, deep=number % 10 == 0)
    return outcome


def test_acknowledged_work_survives_every_power_cut() -> None:
    outcome = cut(transactions=60, points=70, each=3, synchronous="FULL")
    assert outcome.images >= 200
    assert (outcome.corrupt, outcome.lost, outcome.half) == (0, 0, 0), str(outcome)


def test_the_same_test_fails_without_full_synchronisation() -> None:
    outcome = cut(transactions=60, points=70, each=3, synchronous="NORMAL")
    assert outcome.lost > 0, str(outcome)


@pytest.mark.soak
def test_power_cuts_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    full = cut(transactions=400, points=5000, each=5, synchronous="FULL")
    normal = cut(transactions=400, points=3000, each=2, synchronous="NORMAL")
    with capsys.disabled():
        print(f"\nJ2 power loss, synchronous=FULL:   {full}")
        print(f"J2 power loss, synchronous=NORMAL: {normal} (must lose)")
    assert full.points >= 4000
    assert full.images >= 20_000
    assert (full.corrupt, full.lost, full.half) == (0, 0, 0)
    assert normal.lost > 0
