"""The forecast of the journal's size."""

from __future__ import annotations

import math
import shutil
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import pytest

from station.runtime import archiving
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.for_each import for_each

DAY = 86_400.0
Disk = namedtuple("Disk", "total used free")


def journal(data: Path, clock: FakeClock, days: int) -> None:
    """Make a journal with the same verdicts on each of so many days."""
    with closing(open_store(data / JOURNAL, clock)) as store:
        for _ in range(days):
            store.journal.record(*(sample_events.judged() for _ in range(20)))
            clock.pause(DAY)


def test_a_journal_grows_as_in_the_last_thirty_days(tmp_path: Path, clock: FakeClock) -> None:
    journal(tmp_path, clock, 60)
    forecast = archiving.growth(tmp_path, clock)
    assert forecast.days == 30
    assert forecast.a_day == pytest.approx(forecast.size / 60, rel=0.05)
    clock.pause(100 * DAY)
    idle = archiving.growth(tmp_path, clock)
    assert (idle.a_day, idle.full_in, idle.archive_in) == (0.0, math.inf, math.inf)


def test_a_new_journal_is_counted_from_its_first_event(tmp_path: Path, clock: FakeClock) -> None:
    journal(tmp_path, clock, 5)
    forecast = archiving.growth(tmp_path, clock)
    assert (forecast.days, forecast.a_day) == (5, pytest.approx(forecast.size / 5, rel=0.05))


def test_an_archive_is_due_a_year_before_the_disk_is_full_or_for_a_large_file(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal(tmp_path, clock, 30)
    a_day = archiving.growth(tmp_path, clock).a_day

    @for_each(
        ("days_of_room", "large", "expected"), [(1000, 10**12, 635), (400, 10**12, 35), (300, 10**12, 0), (10**6, 1, 0)]
    )
    def check(days_of_room: int, large: int, expected: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(0, 0, int(days_of_room * a_day)))
        monkeypatch.setattr(archiving, "LARGE", large)
        forecast = archiving.growth(tmp_path, clock)
        assert forecast.full_in == pytest.approx(days_of_room, abs=1)
        assert forecast.archive_in == pytest.approx(expected, abs=1)

    check()
