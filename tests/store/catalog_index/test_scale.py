"""A million records on the bench computer: imported, stopped, killed, resumed, changed, found. CI uses a small file."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
from pathlib import Path

import pytest

from benchmarks import catalog_records as made
from station.base.errors import BarcodeUnknown
from station.base.settings import CatalogSettings
from station.domain.item import Barcode
from station.store.catalog_index.import_file import unfinished
from station.store.catalog_index.index import CatalogIndex
from station.store.catalog_index.unfinished_import import half_path
from tests.conftest import SOAK
from tests.store.catalog_index.import_process import ended, started

MEGABYTE = 1 << 20
CEILING = 100 * MEGABYTE
"""For the whole process: interpreter and libraries, 16 MiB of pages for each of two files, and memory for sorting."""
LOOK_UPS = 2000 if SOAK else 50


def scenario(tmp_path: Path, count: int, commit: int) -> int:
    """Run all steps once. Return the peak memory of the imports. `commit`: records in a transaction."""
    source, index = tmp_path / "catalog.mrc", tmp_path / "catalog.db"
    made.write(source, count)

    child = started(source, index, anew=True, commit=commit, pause_at=count // 4)
    with child:
        _wait_for_pause(child)
        child.send_signal(signal.SIGINT)
        stopped = ended(child)
    assert stopped["refused"].startswith("stopped after ")
    state = unfinished(index)
    assert state is not None
    first = state.number
    assert count // 4 <= first < count // 2
    assert not index.exists()

    child = started(source, index, commit=commit, pause_at=3 * count // 4)
    with child:
        _wait_for_pause(child)
        child.kill()
    assert child.returncode == -signal.SIGKILL
    state = unfinished(index)
    assert state is not None
    second = state.number
    assert 3 * count // 4 - 2 * commit <= second <= 3 * count // 4 + 200, "a kill may cost one transaction at most"
    assert not index.exists()

    last = ended(started(source, index, anew=True, commit=commit))
    assert last["notes"] == [f"going on after record {second}"]
    assert (last["records"], last["items"], last["without"]) == (count, made.items_in(count), count // 20)
    assert (last["rejected"], last["duplicates"], last["replaced"]) == (0, 0, 0)
    assert not half_path(index).exists()
    _look(index, count, set(), set())

    chance = random.Random(count)
    touched = chance.sample([number for number in range(1, count) if number % 20], min(count // 10, 10_000))
    changed, gone = set(touched[: len(touched) // 2]), set(touched[len(touched) // 2 :])
    delta = tmp_path / "delta.mrc"
    new = range(count + 1, count + 21)
    with delta.open("wb") as stream:
        stream.writelines(made.record(number, edition=2) for number in [*changed, *new])
        stream.writelines(made.record(number, deleted=True) for number in gone)
    applied = ended(started(delta, index, anew=True, commit=commit))
    assert (applied["replaced"], applied["deleted"]) == (len(changed), len(gone))
    _look(index, count, changed | set(new), gone)
    _check(index, count // 20 * 19 + 19 - len(gone), made.items_in(count + 20) - sum(map(made.items, gone)))
    memory = [int(one["memory"]) for one in (stopped, last, applied)]
    print(f"{count:,} records: stopped, resumed, delta had {[one // MEGABYTE for one in memory]} MiB")
    return max(memory)


def _wait_for_pause(child: object) -> None:
    lines = iter(child.stdout.readline, "")  # type: ignore[attr-defined]
    assert any(line == "paused\n" for line in lines)


def _look(index: Path, count: int, second: set[int], gone: set[int]) -> None:
    chance = random.Random(28560)
    numbers = [number for number in (chance.randint(1, count) for _ in range(LOOK_UPS)) if number % 20]
    catalog = CatalogIndex(index, "symphony-949", CatalogSettings())
    for number in [*numbers, *sorted(second)[:LOOK_UPS], *sorted(gone)[:LOOK_UPS]]:
        for item in range(made.items(number)):
            barcode = Barcode(made.barcode(number, item))
            if number in gone:
                with pytest.raises(BarcodeUnknown):
                    catalog.find(barcode)
            else:
                found = catalog.find(barcode)
                assert found.title == made.title(number, 2 if number in second else 1)
                assert found.copy == str(item + 1)
    with pytest.raises(BarcodeUnknown):
        catalog.find(Barcode(made.barcode(count // 20 * 20)))  # a record without an item
    catalog.close()


def _check(index: Path, records: int, items: int) -> None:
    """Check the counts and SQLite's own check of the file."""
    with contextlib.closing(sqlite3.connect(index)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM record").fetchone() == (records,)
        assert connection.execute("SELECT count(*) FROM barcode").fetchone() == (items,)


@pytest.mark.soak
def test_three_thousand(tmp_path: Path) -> None:
    assert scenario(tmp_path, 3000, 400) < CEILING


@pytest.mark.soak
def test_a_million_with_bounded_memory(tmp_path: Path) -> None:
    """A million records need the same memory as a hundred thousand (16 MiB more for sorting), and less than the
    ceiling."""
    (tmp_path / "tenth").mkdir()
    tenth = scenario(tmp_path / "tenth", 100_000, 10_000)
    whole = scenario(tmp_path, 1_000_000, 10_000)
    assert whole < CEILING
    assert whole < tenth + 16 * MEGABYTE
