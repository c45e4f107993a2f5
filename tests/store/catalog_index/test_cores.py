"""A large file is read on all cores. Whatever becomes of their processes, the index and the report are the same."""

from __future__ import annotations

import contextlib
import select
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest

from benchmarks import catalog_records as made
from station.base.settings import CatalogSettings
from station.store.catalog_index import cores
from station.store.catalog_index.import_file import ImportReport, import_file

TABLES = ("record", "barcode", "shelf", "searched", "searched_fts", "rejected", "unread", "file_price")


def imported(source: Path, index: Path) -> tuple[ImportReport, list[list[tuple[object, ...]]]]:
    """Import a file; return the report, and the rows of each table, in the order of the file."""
    report = import_file(source, index, "symphony-949", CatalogSettings())
    with contextlib.closing(sqlite3.connect(index)) as connection:
        return report, [connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with records in both character sets, a rejected one with a barcode, and junk longer than a record may be."""
    records = [made.record(number) for number in range(1, 301)]
    records[70] = made.record(71)[:-300] + b"\x1d"
    records[140] = b"x" * 2_500_000 + b"\x1d"
    path = tmp_path / "made.mrc"
    path.write_bytes(b"".join(records))
    return path


@pytest.mark.parametrize("trouble", ["", "none can be started", "each ends at its first batch"])
def test_the_index_is_that_of_one_core(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    expected = imported(source, tmp_path / "expected.db")
    assert (expected[0].records, expected[0].rejected_count) == (298, 2)
    monkeypatch.setattr(cores, "_LARGE", 0)
    monkeypatch.setattr(cores, "_BATCH_FRAMES", 20)
    monkeypatch.setattr(cores, "_cores", lambda: 2)
    # Wait until the processes have started: otherwise so small a file is read before.
    waiting = SimpleNamespace(select=lambda read, write, other, _: select.select(read, write, other))
    monkeypatch.setattr(cores, "select", waiting)
    read_here = mock.Mock(side_effect=cores.taken_of)
    monkeypatch.setattr(cores, "taken_of", read_here)
    if trouble == "none can be started":
        monkeypatch.setattr("sys.executable", str(tmp_path / "no-python"))
    elif trouble:
        monkeypatch.setattr(cores, "_START", "import sys; print(end='+', flush=True); sys.stdin.read(4)")
    assert imported(source, tmp_path / "cores.db") == expected
    assert read_here.called == bool(trouble)
