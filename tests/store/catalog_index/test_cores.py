"""A large file is read on all cores. Whatever becomes of their processes, the index and the report are the same."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from benchmarks import catalog_records as made
from station.base.settings import CatalogSettings
from station.catalog.marc.iso2709 import Frame
from station.catalog.record import profiles
from station.store.catalog_index import cores
from station.store.catalog_index.import_file import ImportReport, import_file
from station.store.catalog_index.taken import Rules, Taken, taken_of

TABLES = ("record", "barcode", "shelf", "searched", "searched_fts", "rejected", "unread", "file_price")


def imported(source: Path, index: Path) -> tuple[ImportReport, list[list[tuple[object, ...]]]]:
    """Import a file; return the report, and the rows of each table, in the order of the file."""
    report = import_file(source, index, "symphony-949", CatalogSettings())
    with contextlib.closing(sqlite3.connect(index)) as connection:
        return report, [connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES]


def _slow_at_first(frames: Sequence[Frame], *rest: Any, **prices: bool) -> Iterator[Taken]:
    if frames[0][0] == 0:
        time.sleep(0.1)
    return taken_of(frames, *rest, **prices)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with records in both character sets, one that only the others of the file explain, a rejected one with a
    barcode, and junk longer than a record may be."""
    records = [made.record(number) for number in range(1, 301)]
    records[4] = records[4].replace(b"nam a", b"nam  ").replace("b\u00fccher".encode(), b"b\xe4ocher")
    records[70] = made.record(71)[:-300] + b"\x1d"
    records[140] = b"x" * 2_500_000 + b"\x1d"
    path = tmp_path / "made.mrc"
    path.write_bytes(b"".join(records))
    return path


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # pytest-xdist has a thread
@pytest.mark.parametrize(
    "trouble", ["", "the first batch is answered last", "none can be forked", "each ends before it answers"]
)
def test_the_index_is_that_of_one_core(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(cores, "_cores", lambda: 0)
    expected = imported(source, tmp_path / "expected.db")
    assert (expected[0].records, expected[0].rejected_count) == (298, 2)
    monkeypatch.setattr(cores, "_LARGE", 0)
    monkeypatch.setattr(cores, "_BATCH_FRAMES", 20)
    monkeypatch.setattr(cores, "_cores", lambda: 2)
    read_here = mock.Mock(side_effect=cores.taken_of)
    if trouble == "the first batch is answered last":
        read_here.side_effect = _slow_at_first
    monkeypatch.setattr(cores, "taken_of", read_here)
    if trouble == "none can be forked":
        monkeypatch.setattr(os, "fork", mock.Mock(side_effect=OSError))
    elif trouble == "each ends before it answers":
        monkeypatch.setattr(cores, "_serve", lambda *_: os._exit(0))
    assert imported(source, tmp_path / "cores.db") == expected
    # Given before the file was weighed, the batches of the three records that are not clear by themselves are read again.
    assert (read_here.call_count > 3) == (trouble in ("none can be forked", "each ends before it answers"))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_process_ends_with_its_line_and_holds_no_other() -> None:
    rules = Rules.of(profiles.load("symphony-949"), "lc", None)
    first, second = cores._Process(rules), cores._Process(rules)
    for process in (first, second):
        process._answers.close()
        process._line.close()
        assert os.waitstatus_to_exitcode(os.waitpid(process._pid, 0)[1]) == 0


@pytest.mark.parametrize(("threads", "expected"), [(1, 2), (2, 0)])
def test_a_caller_with_threads_is_not_forked(monkeypatch: pytest.MonkeyPatch, threads: int, expected: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(threading, "active_count", lambda: threads)
    assert cores._cores() == expected
