"""A bench whose journal was set back to an older copy gets its missing end back before it journals anything."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import cast

import msgspec
import pytest

from station.base.clock import SystemClock
from station.base.errors import JournalOlder, JournalRestored, Unreachable
from station.base.settings import load
from station.domain.journal_copy import CopiedEvent
from station.fleet.center import Center
from station.fleet.tail_back import get_back
from station.store.database import migrations
from station.store.journal import newest_head
from station.store.owner import open_store
from station.store.postgres.connection import connect
from tests.fleet.conftest import ServedCenter
from tests.fleet.test_adopt import continued
from tests.fleet.test_link import bench as bench  # the fixture
from tests.fleet.test_link import eventually, path_at, run, sent
from tests.support.copied_bench import CopiedBench
from tests.support.patience import PATIENCE_S

LATER = "00000000000000aa"


def center_of(bench: CopiedBench) -> Center:
    return Center(load(bench.folder / "station.toml").fleet, bench.folder, SystemClock())


def started(bench: CopiedBench) -> int:
    """Compare the journal with the center, as a start does. Return the number of events that came back."""
    with closing(center_of(bench)) as center:
        return get_back(bench.path, center, bench.clock, "1.0")


def verifies(bench: CopiedBench) -> bool:
    return run(bench.folder, "journal", "verify").exit_code == 0


class SetBack:
    """A bench whose journal's file has the content of an older copy."""

    def __init__(self, bench: CopiedBench, *, continues: bool = False) -> None:
        self.bench = bench
        sent(bench)
        content = bench.path.read_bytes()
        self.older = bench.rows()
        bench.work("30001000000044")
        if continues:
            bench.go_on(LATER)
        bench.work("30001000000051")
        sent(bench)
        self.whole, self.outbox = bench.rows(), bench.outbox()
        self.head = newest_head.file_of(bench.path)
        bench.path.write_bytes(content)

    def is_unchanged(self) -> bool:
        return self.bench.rows() == self.older


@pytest.fixture
def set_back(center: ServedCenter, bench: CopiedBench) -> SetBack:
    return SetBack(bench)


def test_the_missing_end_comes_back_and_no_new_timeline_is_needed(center: ServedCenter, set_back: SetBack) -> None:
    bench = set_back.bench

    assert started(bench) == len(set_back.whole) - len(set_back.older)

    assert (bench.rows(), bench.outbox()) == (set_back.whole, set_back.outbox)
    assert verifies(bench)
    assert started(bench) == 0
    open_store(bench.path, bench.clock, head_directory=bench.heads).close()
    bench.work("30001000000069")
    assert sent(bench) == ["sent", "current"]
    assert path_at(center) == bench.rows()


def test_the_missing_end_comes_back_to_a_copy_of_an_older_program(set_back: SetBack) -> None:
    bench = set_back.bench
    name, statements = migrations.STEPS[-1]
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as sql:
        for table in re.findall(r"CREATE TABLE (\w+)", " ".join(statements)):
            sql.execute(f"DROP TABLE IF EXISTS {table}")
        sql.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (name,))
        sql.execute(f"PRAGMA user_version = {migrations.SCHEMA_VERSION - 1}")

    assert started(bench) == len(set_back.whole) - len(set_back.older)

    assert (bench.rows(), bench.outbox()) == (set_back.whole, set_back.outbox)
    assert verifies(bench)


def test_without_a_proof_that_nothing_newer_is_missing_a_person_continues_the_journal(
    center: ServedCenter, set_back: SetBack
) -> None:
    """The center may lack the last events: their numbers, and so the ids of their deliveries, must not come again."""
    bench = set_back.bench
    set_back.head.unlink()
    with pytest.raises(JournalRestored):
        started(bench)
    assert bench.rows() == set_back.whole
    with pytest.raises(JournalRestored):
        open_store(bench.path, bench.clock)

    continued(bench)

    assert started(bench) == 0
    assert sent(bench) == ["sent", "current"]
    assert path_at(center) == bench.rows()
    assert bench.rows()[: len(set_back.whole)] == set_back.whole
    assert verifies(bench)
    with connect(center.database) as owner:
        assert owner.execute("SELECT count(*) FROM lost_events").fetchone() == (0,)


def test_a_command_that_journals_without_a_station_gets_the_missing_end_back_first(
    center: ServedCenter, set_back: SetBack
) -> None:
    bench = set_back.bench
    call = run(bench.folder, "call-staff")

    assert call.exit_code == 0, call.output
    assert bench.rows()[: len(set_back.whole)] == set_back.whole
    assert [row[2] for row in bench.rows()[len(set_back.whole) :]] == ["staff-called"]
    assert sent(bench) == ["sent", "current"]
    assert path_at(center) == bench.rows()


def test_a_command_journals_nothing_if_the_center_may_lack_newer_events(set_back: SetBack) -> None:
    set_back.head.unlink()
    call = run(set_back.bench.folder, "call-staff")

    assert "The center may lack newer ones" in call.stderr
    assert set_back.bench.rows() == set_back.whole


def test_a_journal_is_continued_after_its_missing_end(center: ServedCenter, set_back: SetBack) -> None:
    set_back.head.unlink()
    continued(set_back.bench)

    assert set_back.bench.rows()[: len(set_back.whole)] == set_back.whole
    assert set_back.bench.rows()[len(set_back.whole)][2] == "timeline-began"


def test_a_command_goes_on_if_the_center_does_not_answer(center: ServedCenter, set_back: SetBack) -> None:
    """Only `journal.head` could show then that an end is missing."""
    set_back.head.unlink()
    center.kill()
    assert run(set_back.bench.folder, "call-staff").exit_code == 0
    assert set_back.bench.rows()[: len(set_back.older)] == set_back.older


def test_the_missing_end_may_begin_a_timeline(center: ServedCenter, bench: CopiedBench) -> None:
    set_back = SetBack(bench, continues=True)

    assert started(bench) == len(set_back.whole) - len(set_back.older)

    assert (bench.rows(), bench.outbox()) == (set_back.whole, set_back.outbox)
    assert verifies(bench)


def test_a_journal_that_is_put_back_again_is_refused_again(center: ServedCenter, bench: CopiedBench) -> None:
    set_back = SetBack(bench, continues=True)
    set_back.head.unlink()
    for _ in range(2):
        with pytest.raises(JournalRestored):
            started(bench)
        older = bench.path.read_bytes()
        continued(bench)
        sent(bench)
        bench.path.write_bytes(older)
        newest_head.file_of(bench.path).unlink()
        shutil.rmtree(bench.heads, ignore_errors=True)
        with pytest.raises(JournalRestored):
            open_store(bench.path, bench.clock)


def test_a_copy_on_another_machine_is_told_what_to_do(center: ServedCenter, set_back: SetBack, tmp_path: Path) -> None:
    """The first machine may be at work."""
    bench = set_back.bench
    replaced = tmp_path / "replaced"
    shutil.copy(bench.path, replaced)
    replaced.replace(bench.path)  # another file, as on another machine
    with pytest.raises(JournalOlder, match="older-elsewhere"):
        started(bench)
    assert set_back.is_unchanged()

    assert run(bench.folder, "fleet", "join", "--moved").exit_code == 0
    started(bench)
    assert bench.rows() == set_back.whole


def test_a_start_goes_on_if_the_center_does_not_answer(center: ServedCenter, set_back: SetBack) -> None:
    center.kill()
    assert started(set_back.bench) == 0
    assert set_back.is_unchanged()


def test_a_copy_that_went_its_own_way_gets_nothing(center: ServedCenter, set_back: SetBack) -> None:
    bench = set_back.bench
    bench.work("30001000000069")
    rows = bench.rows()
    assert (started(bench), bench.rows()) == (0, rows)


Spoils = Callable[[tuple[CopiedEvent, ...]], tuple[CopiedEvent, ...]]


class Spoiling:
    """The center, with one event in an answer, of which one is spoiled: the first has the event that the copy has, too."""

    def __init__(self, center: Center, spoils: Spoils, spoiled: int) -> None:
        self._center, self._spoils, self._left = center, spoils, spoiled
        self.within, self.path, self.tell = center.within, center.path, center.tell

    def events(self, after: int) -> tuple[CopiedEvent, ...]:
        self._left -= 1
        events = self._center.events(after)[:1]
        return events if self._left else self._spoils(events)

    def events_after(self, seq: int) -> Iterator[CopiedEvent]:
        return Center.events_after(cast(Center, self), seq)


def _cut(events: tuple[CopiedEvent, ...]) -> tuple[CopiedEvent, ...]:
    raise Unreachable("cut")


def _forged(events: tuple[CopiedEvent, ...]) -> tuple[CopiedEvent, ...]:
    return (msgspec.structs.replace(events[0], at="2020-01-01T00:00:00+00:00"), *events[1:])


def _bare(events: tuple[CopiedEvent, ...]) -> tuple[CopiedEvent, ...]:
    return tuple(msgspec.structs.replace(event, deliveries=()) for event in events)


def _unknown(events: tuple[CopiedEvent, ...]) -> tuple[CopiedEvent, ...]:
    return (msgspec.structs.replace(events[0], kind="of-a-newer-program"), *events[1:])


def test_what_the_center_does_not_give_whole_changes_nothing(center: ServedCenter, set_back: SetBack) -> None:
    bench = set_back.bench
    spoilers: list[Spoils] = [_cut, _forged, _bare, _unknown, lambda _events: ()]
    with closing(center_of(bench)) as asked:
        for spoils, spoiled in product(spoilers, (2, 3)):
            with pytest.raises(JournalOlder):
                get_back(bench.path, cast(Center, Spoiling(asked, spoils, spoiled)), bench.clock, "1.0")
            assert set_back.is_unchanged(), spoils
    assert started(bench) > 0
    assert bench.rows() == set_back.whole


def test_a_station_that_starts_with_an_older_copy_goes_on_after_the_newest_event(
    center: ServedCenter, set_back: SetBack
) -> None:
    bench = set_back.bench
    command = [sys.executable, "-m", "station", "serve", "--data", str(bench.folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as station_process:
        try:
            assert station_process.stderr is not None
            line = station_process.stderr.readline()
            assert "Ctrl-C" in line, line + station_process.stderr.read()
            eventually(lambda: len(path_at(center)) > len(set_back.whole))
        finally:
            station_process.terminate()
        assert station_process.wait(PATIENCE_S) == 0
    rows = bench.rows()
    assert rows[: len(set_back.whole)] == set_back.whole
    assert rows[len(set_back.whole)][2] == "station-started"
    assert path_at(center) == rows
    assert verifies(bench)
