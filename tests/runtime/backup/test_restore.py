"""Restore into a directory that exists: the mount point of a disk, which is not replaced in one step."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from station.base import settings
from station.base.clock import SystemClock
from station.base.errors import StoreError
from station.cli.admin.settings_file import template
from station.runtime.backup.create import create
from station.runtime.backup.restore import is_empty, restore
from station.runtime.data_directory import HEADS, JOURNAL, SETTINGS_NAME
from station.store.journal.timeline import restored_file
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.runtime.backup import restoring
from tests.support import forked, sample_events
from tests.support.patience import PATIENCE_S
from tests.support.small_disk import small_disk
from tests.support.told import raises_told

CLOCK = SystemClock()


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    (data / SETTINGS_NAME).write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    (data / "words").mkdir()  # by the alphabet after the settings
    (data / "words" / "en.po").write_text("# Our words.\n", encoding="utf-8")
    store = open_store(data / JOURNAL, CLOCK, head_directory=data / HEADS)
    store.journal.record(sample_events.judged(), deliveries=[sample_events.delivery()])
    store.close()
    return create(settings.load(data / SETTINGS_NAME), data, tmp_path / "backup.zip", CLOCK)[0]


def is_whole(data: Path) -> bool:
    names = {path.name for path in data.iterdir()}
    assert names >= {HEADS, JOURNAL, SETTINGS_NAME, restored_file(data / JOURNAL).name}
    return Queries(data / JOURNAL, CLOCK).verify(None, data / HEADS).ok


def test_the_mount_point_of_an_empty_disk_gets_the_data(backup: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        (disk / "lost+found").mkdir()
        restore(backup, disk, CLOCK)
        assert is_whole(disk)
        assert [*disk.glob(".*")] == []
        assert not is_empty(disk)


def killed(backup: Path, data: Path, trace: Path, at: int) -> int:
    """Restore in a process that dies at change `at` of a file; 0 = never. Return its signal."""
    dies = ("tests.stories.kill.audited:die_at", str(data), str(trace), str(at))
    with forked.Process(backup, data, module=restoring.__name__, before=dies) as process:
        return -process.wait(PATIENCE_S)


def test_a_killed_restore_into_a_directory_leaves_no_data_or_all(backup: Path, tmp_path: Path) -> None:
    """At each change of a file once the data begins to move: without settings no station starts, and the next restore
    begins again."""
    trace = tmp_path / "trace"
    (data := tmp_path / "0").mkdir()
    assert killed(backup, data, trace, 0) == 0
    changes = trace.read_text().splitlines()
    first = next(number for number, change in enumerate(changes, 1) if change.endswith("moving"))
    whole = 0
    for at in range(first, len(changes) + 1):
        (data := tmp_path / str(at)).mkdir()
        assert killed(backup, data, trace, at) == signal.SIGKILL
        if is_empty(data):
            assert not (data / SETTINGS_NAME).exists()
            restore(backup, data, CLOCK)
        else:
            whole += 1
        assert is_whole(data)
    assert 0 < whole < len(changes) - first


def test_a_directory_with_a_file_of_somebody_else_stays_as_it_is(backup: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    for half in (False, True):
        (data := tmp_path / str(half)).mkdir()
        if half:
            assert killed(backup, tmp_path / "0", trace, 0) == 0
            killed(backup, data, trace, len(trace.read_text().splitlines()) - 6)
        (data / "notes.txt").write_text("mine", encoding="utf-8")
        before = sorted(data.iterdir())
        with raises_told(StoreError, match="not empty"):
            restore(backup, data, CLOCK)
        assert sorted(data.iterdir()) == before
