"""kill -9 while a backup is made, while it is restored, and while data is updated: then there is the old state or the new
one, and the next try succeeds."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.cli.admin.settings_file import template
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.support import sample_events, station_process
from tests.support.rights import plain_user

POINTS = [1, 4, 9, pytest.param(0, marks=pytest.mark.soak)]
"""Which of ten parts of the work has the point; 0 = fifty points, spread evenly."""
EARLIER = station_process.ROOT / "tests" / "vectors" / "earlier" / "0.1.zip"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with the data directory `d`, which has events, a result and a head."""
    with station_process.short_folder() as folder:
        data = folder / "d"
        data.mkdir(0o700)
        (data / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
        store = open_store(data / JOURNAL, SystemClock(), head_directory=data / "heads")
        store.journal.record(sample_events.judged(), deliveries=[sample_events.delivery()])
        store.close()
        yield folder


def run(folder: Path, *words: str, at: int = 0) -> station_process.Ended:
    """Run a command that dies at change `at`; 0 = it does not die. The trace is in the file `t/trace`."""
    before = ("tests.stories.kill.audited:die_at", str(folder / "w"), str(folder / "t" / "trace"), str(at))
    return station_process.station(folder, *words, before=before)


def changes(folder: Path) -> int:
    return len((folder / "t" / "trace").read_text().splitlines())


def targets(part: int, count: int) -> list[int]:
    if part:
        return [max(1, count * part // 10)]
    return sorted({1 + count * number // 50 for number in range(50)})


def create(folder: Path, at: int = 0) -> station_process.Ended:
    return run(folder, "backup", "create", str(folder / "w" / "b.zip"), "--data", str(folder / "d"), at=at)


def restore(folder: Path, at: int = 0) -> station_process.Ended:
    return run(folder, "restore", str(folder / "b.zip"), "--data", str(folder / "w" / "new"), at=at)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "w").iterdir())


@pytest.mark.parametrize("part", POINTS)
def test_a_killed_backup_leaves_none_or_a_whole_one(folder: Path, part: int) -> None:
    work = folder / "w"
    work.mkdir()
    assert create(folder).code == 0
    count = changes(folder)
    for at in targets(part, count):
        shutil.rmtree(work)
        work.mkdir()
        assert create(folder, at).code == -9, f"point {at} of {count} was not reached"
        if not (work / "b.zip").exists():
            assert create(folder).code == 0
        assert run(folder, "backup", "verify", str(work / "b.zip")).code == 0
        assert station_process.station(folder, "backup", "create", str(work), "--data", str(folder / "d")).code == 0
        assert [name for name in names(folder) if name.startswith(".")] == []


@pytest.mark.parametrize("part", POINTS)
def test_a_killed_restore_leaves_nothing_or_everything(folder: Path, part: int) -> None:
    work = folder / "w"
    work.mkdir()
    assert create(folder).code == 0
    (work / "b.zip").rename(folder / "b.zip")
    assert restore(folder).code == 0
    count = changes(folder)
    for at in targets(part, count):
        shutil.rmtree(work)
        work.mkdir()
        assert restore(folder, at).code == -9, f"point {at} of {count} was not reached"
        if not (work / "new").exists():
            assert restore(folder).code == 0
        assert run(folder, "journal", "verify", "--data", str(work / "new")).code == 0
        assert (work / "new" / "journal.restored").is_file()
        again = station_process.station(folder, "restore", str(folder / "b.zip"), "--data", str(work / "second"))
        assert again.code == 0, repr(again)
        assert names(folder) == ["new", "second"]


@pytest.mark.parametrize("part", POINTS)
def test_a_killed_update_is_done_by_the_next_one_and_goes_back(folder: Path, part: int) -> None:
    work = folder / "w"

    def update(*words: str, at: int = 0) -> int:
        return run(folder, "update", *words, "--data", str(work), at=at).code

    def fresh() -> None:
        shutil.rmtree(work, ignore_errors=True)
        with zipfile.ZipFile(EARLIER) as archive:
            archive.extractall(work)

    fresh()
    assert update() == 0
    count = changes(folder)
    assert update("--back") == 0
    count_back = changes(folder)
    for at, at_back in zip(targets(part, count), targets(part, count_back), strict=False):
        fresh()
        assert update(at=at) == -9, f"point {at} of {count} was not reached"
        assert update() == 0
        assert run(folder, "journal", "verify", "--data", str(work)).code == 0
        assert update("--back", at=at_back) == -9, f"point {at_back} of {count_back} was not reached"
        assert update("--back") == 0
        with closing(sqlite3.connect(work / JOURNAL)) as sql:
            assert sql.execute("PRAGMA user_version").fetchone() == (9,)
        assert update() == 0
        assert run(folder, "journal", "verify", "--data", str(work)).code == 0


def test_a_place_that_cannot_be_written_gets_a_sentence_and_no_file(folder: Path) -> None:
    work = folder / "w"
    work.mkdir(0o500)
    user = plain_user()
    words = ("backup", "create", str(work), "--data", str(folder / "d"), "--json")
    refused = station_process.station(folder, *words, before=user)
    assert (refused.code, refused.json["error"]["code"]) == (50, "store-read-only")
    work.chmod(0o700)
    full = ("tests.support.rights:no_larger_files", "20000")
    refused = station_process.station(folder, *words, before=full)
    assert refused.code == 50, repr(refused)
    assert names(folder) == []
    (folder / "d" / JOURNAL).chmod(0)
    refused = station_process.station(folder, *words, before=user)
    assert refused.code == 50, repr(refused)
    assert names(folder) == []
