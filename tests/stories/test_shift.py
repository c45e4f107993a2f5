"""A simulated shift in two languages and with large text: memory use stays constant, the journal grows by the same
amount for each item, and a scan is painted as fast at the end as at the beginning.

Two workers share the shift, one in English and one in Spanish. Large text is on for its middle half.

Twenty items in `make test`, up to ten thousand in the soak, where the figures are also printed. The test uses real time
only to measure key to paint. The soak compares medians of the same process on the same machine. The short run shares
its machine with other tests, so it measures nothing that depends on time.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import pty
import re
import select
import shutil
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from station.catalog.sample.sample import numbered_barcode
from tests.conftest import ROOT
from tests.stories.shift_app import CHANGE, LARGE, READY
from tests.support.patience import PATIENCE_S

PATIENCE = PATIENCE_S
MOST = 9000
"""Maximum bytes by which an item lets the journal's file grow."""
SIZE = (30, 100)
P_BESIDE_LARGE_TEXT, P_ALONE = "█▀▀▀▄".encode(), "████████".encode()
"""The top of the P of PASS and APTO: with large text, the sentence needs the rows, and the verdict has smaller letters."""


class Mark(NamedTuple):
    """Measurements after this many items."""

    items: int
    memory_kib: int
    journal_bytes: int


class Shift:
    """The station's process on its pty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        self.out, out = os.pipe()
        go, self.go = os.pipe()
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("NO_COLOR", "TEXTUAL", "CI", "COLUMNS", "LINES")
        }

        def prepare() -> None:
            high_out, high_go = os.dup(out), os.dup(go)
            os.dup2(high_out, 3)
            os.dup2(high_go, 4)

        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.stories.shift_app", str(folder)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"},
            preexec_fn=prepare,
            close_fds=False,
            start_new_session=True,
        )
        for one in (slave, out, go):
            os.close(one)

    def until(self, text: bytes) -> None:
        """Read the output until it contains this text."""
        seen = bytearray()
        end = time.monotonic() + PATIENCE
        while text not in seen:
            seen += self._take()
            assert time.monotonic() < end and self.process.poll() is None, (
                f"never painted: {text!r}: {bytes(seen)[-400:]!r}"
            )

    def scan(self, barcode: str) -> float:
        """Scan one item. Return the seconds from the terminator of the burst to its barcode on the terminal."""
        os.write(self.master, barcode.encode())
        self._drain()
        began = time.perf_counter()
        os.write(self.master, b"\r")
        self.until(barcode.encode())
        took = time.perf_counter() - began
        os.write(self.go, b"g")
        end = time.monotonic() + PATIENCE
        while not select.select([self.out], [], [], 0)[0]:
            self._take(0.02)
            assert time.monotonic() < end and self.process.poll() is None, f"{barcode} was never finished"
        said = os.read(self.out, 1)
        assert said == b".", said + os.read(self.out, 4000)
        return took

    def change(self, what: bytes, painted: bytes) -> None:
        """Change the worker or the size of the text, and wait until the terminal shows it."""
        os.write(self.go, what)
        self.until(painted)

    def ready(self) -> None:
        """Let the app take the next scan."""
        os.write(self.go, READY)

    def mark(self, items: int) -> Mark:
        """Measure the resident memory of the process, and the pages of the journal, including those in its log."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)
        assert found is not None
        with contextlib.closing(sqlite3.connect(f"file:{self._folder / 'journal.db'}?mode=ro", uri=True)) as sql:
            pages, size = (sql.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size"))
        return Mark(items, int(found[1]), pages * size)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for one in (self.master, self.out, self.go):
            os.close(one)

    def _drain(self) -> None:
        while self._take(0):
            pass

    def _take(self, seconds: float = 0.5) -> bytes:
        if not select.select([self.master], [], [], seconds)[0]:
            return b""
        return os.read(self.master, 65536)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory if possible, because the test does not measure the disk."""
    shm = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix="shift", dir=shm if os.access(shm, os.W_OK) else None))
    yield made
    shutil.rmtree(made)


def work(folder: Path, items: int, every: int) -> tuple[list[float], list[Mark]]:
    """Process this many items. Return key to paint of each, and a measurement after every `every` items.

    Each worker does half of the items between two measurements.
    """
    shift = Shift(folder)
    try:
        shift.until(b"Scan a barcode")
        took, marks = [], []
        language = itertools.cycle((b"Ayuda", b"Help"))
        for number in range(1, items + 1):
            took.append(shift.scan(numbered_barcode(number)))
            if number % every in (every // 2, 0):
                shift.change(CHANGE, next(language))
            if number == items // 4:
                shift.change(LARGE, P_BESIDE_LARGE_TEXT)
            if number == items * 3 // 4:
                shift.change(LARGE, P_ALONE)
            shift.ready()
            if number % every == 0:
                marks.append(shift.mark(number))
                print(f"{marks[-1]} key to paint {statistics.median(took[-100:]) * 1e3:.1f} ms", flush=True)
    finally:
        shift.close()
    return took, marks


def growth(marks: list[Mark]) -> list[float]:
    """Return the bytes of journal for each item between two measurements."""
    return [
        (after.journal_bytes - before.journal_bytes) / (after.items - before.items)
        for before, after in itertools.pairwise(marks)
    ]


def short(folder: Path, items: int) -> list[float]:
    """Return the bytes of journal for each item between the marks. Few items differ by the pages of each table."""
    _, marks = work(folder, items, items // 4)
    assert (marks[-1].journal_bytes - marks[0].journal_bytes) / (marks[-1].items - marks[0].items) <= MOST, marks
    assert marks[-1].memory_kib - marks[0].memory_kib < 8 * 1024, marks
    return growth(marks)


def test_twenty_items(folder: Path) -> None:
    short(folder, 20)


@pytest.mark.soak
def test_a_hundred_and_twenty_items(folder: Path) -> None:
    first, *_, last = short(folder, 120)
    assert 0 < last < 1.5 * first, f"bytes of journal an item: {first} at the beginning, {last} at the end"


@pytest.mark.soak
def test_ten_thousand_items(folder: Path) -> None:
    items = int(os.environ.get("STATION_SHIFT_ITEMS", "10000"))
    took, marks = work(folder, items, max(1, items // 20))
    hundreds = [statistics.median(took[at : at + 100]) for at in range(0, items - 99, 100)]
    first, last, worst = hundreds[0], hundreds[-1], max(hundreds)
    settled = marks[1:]  # after imports, caches and the log's first checkpoint
    grown = settled[-1].memory_kib - settled[0].memory_kib
    each = growth(settled)
    print(
        f"\nshift of {items} items: memory {marks[0].memory_kib} kB after {marks[0].items}, "
        f"{settled[0].memory_kib} after {settled[0].items}, {settled[-1].memory_kib} at the end; "
        f"journal {marks[-1].journal_bytes / items:.0f} bytes an item, from {min(each):.0f} to {max(each):.0f} between marks; "
        f"key to paint, median of a hundred: first {first * 1e3:.1f} ms, last {last * 1e3:.1f} ms, "
        f"worst {worst * 1e3:.1f} ms; all {statistics.median(took) * 1e3:.1f} ms"
    )
    assert grown <= 0.05 * settled[0].memory_kib, f"memory is not flat: {marks}"
    assert max(each) < 1.25 * min(each), f"the journal does not grow evenly: {each}"
    assert last < 1.5 * first, f"key to paint: {first} s at the beginning, {last} s at the end"
