"""J1: the process is killed. A writer in a separate process acknowledges every commit over a pipe until SIGKILL."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from station.store.database.database import open_reader, open_writer
from station.store.journal import hash_chain
from station.store.projections import projections
from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S

WRITER = """
import os, sys, time
from pathlib import Path
from station.base.clock import SystemClock
from station.store.owner import open_store
from tests.support import sample_events as samples

def write(path):
    store = open_store(Path(path), SystemClock())
    number = store.queries.head().seq
    while True:
        uid, barcode = f"E0040100{number % 50:08X}", f"3123400000{number % 40:04d}"
        store.journal.record(samples.started(f"a{number}", uid, barcode))
        seq = store.journal.record(
            samples.verified(f"a{number}", uid, barcode), samples.judged(barcode),
            deliveries=[samples.delivery("file", barcode)],
        )
        os.write(acks, seq.to_bytes(8, "big"))
        number = seq

acks = 0
for line in sys.stdin:
    path, fifo = line.split()
    pid = os.fork()
    if pid == 0:
        acks = os.open(fifo, os.O_WRONLY)
        write(path)
    print(pid, flush=True)
    os.waitpid(pid, 0)
    print("ended", flush=True)
"""
"""Each writer is a separate process, forked from one that has imported the station (otherwise each start takes a
second)."""


class Writers:
    """Starts writers, one at a time."""

    def __init__(self, fifo: Path) -> None:
        self._fifo = fifo
        os.mkfifo(fifo)
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def kill_once(self, path: Path, seconds: float) -> int:
        """Start a writer and kill it this many seconds after its first acknowledgement. Return the last number
        acknowledged."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{path} {self._fifo}\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        with self._fifo.open("rb", buffering=0) as pipe:
            received = pipe.read(8)
            # Only the moment of the kill varies; nothing is asserted about time.
            select.select([], [], [], seconds)
            os.kill(pid, signal.SIGKILL)
            assert self._process.stdout.readline() == "ended\n"
            while rest := pipe.read(65536):
                received += rest
        whole = len(received) // 8
        assert whole, "the writer ended before its first acknowledgement"
        return int.from_bytes(received[(whole - 1) * 8 : whole * 8], "big")

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)
        self._process.stdout.close()


def run(tmp_path: Path, kills: int, seed: int) -> tuple[int, int]:
    """Kill this many times on the same journal. Return (number of events at the end, last acknowledged)."""
    writers = Writers(tmp_path / "acks")
    try:
        return _killed(writers, tmp_path / "journal.db", kills, random.Random(seed))
    finally:
        writers.close()


def _killed(writers: Writers, path: Path, kills: int, rng: random.Random) -> tuple[int, int]:
    acked = before = 0
    for _ in range(kills):
        acked = writers.kill_once(path, rng.uniform(0, 0.02))
        open_writer(path).close()
        connection = open_reader(path)
        try:
            report = hash_chain.verify(connection)
            assert report.ok, report
            assert report.events >= acked, "acknowledged work is missing"
            in_flight = report.events - before
            judged = connection.execute("SELECT count(*) FROM events WHERE kind = 'item-judged'").fetchone()[0]
            checked = connection.execute("SELECT count(*) FROM events WHERE kind = 'tag-write-verified'").fetchone()[0]
            assert judged == checked == connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
            assert in_flight > 0
            before = report.events
        finally:
            connection.close()
    connection = open_reader(path)
    try:
        assert projections.compare(connection) == ()
    finally:
        connection.close()
    return before, acked


def test_killed_writers_lose_nothing(tmp_path: Path) -> None:
    events, acked = run(tmp_path, kills=20, seed=7)
    assert events >= acked > 0


@pytest.mark.soak
def test_killed_writers_lose_nothing_in_full(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events, acked = run(tmp_path, kills=300, seed=11)
    with capsys.disabled():
        print(
            f"\nJ1 SIGKILL: 300 kills, {acked} acknowledged of {events} events, 0 lost, 0 half, chain verified each time"
        )
