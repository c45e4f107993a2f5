"""A copy of the data directory on a medium that cannot be written is checked there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.cli.admin.settings_file import template
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.support import sample_events, station_process
from tests.support.rights import plain_user


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with `d`, a data directory with one event, and `killed`, one whose event is only in the log. Neither can
    be written."""
    with station_process.short_folder() as folder:
        data, killed = folder / "d", folder / "killed"
        data.mkdir(0o700)
        (data / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
        store = open_store(data / JOURNAL, SystemClock(), head_directory=data / "heads")
        store.journal.record(sample_events.judged())
        shutil.copytree(data, killed)
        store.close()
        (killed / f"{JOURNAL}-shm").unlink()
        for place in (data, killed):
            place.chmod(0o500)
        yield folder
        for place in (data, killed):
            place.chmod(0o700)


def told(data: Path, *words: str) -> station_process.Ended:
    return station_process.station(data.parent, *words, "--data", str(data), before=plain_user())


def test_a_copy_that_cannot_be_written_is_checked_where_it_is(folder: Path) -> None:
    data = folder / "d"
    before = sorted(path.name for path in data.iterdir())
    verified = told(data, "journal", "verify")
    assert (verified.code, "The journal verifies." in verified.out) == (0, True), repr(verified)
    assert "31234000000015 passed" in told(data, "journal", "show").out
    examined = told(data, "doctor").out
    assert "OK    journal: 1 events, chain verifies" in examined, examined
    assert "WARN  reader: not asked: the data directory cannot be locked" in examined
    assert sorted(path.name for path in data.iterdir()) == before


def test_a_log_with_events_is_not_left_out(folder: Path) -> None:
    refused = told(folder / "killed", "journal", "verify")
    assert (refused.code, "copy the data directory" in refused.err) == (50, True), repr(refused)
