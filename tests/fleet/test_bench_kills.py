"""kill -9 of a bench that sends: at random moments, and when the center has just taken a batch.

The bench is a whole station with an emulated reader and Alma, which processes items by itself. It is killed again and again
on one data directory, and then must run to its end.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.settings import load
from station.fleet.center import Center
from station.fleet.link import Link
from station.fleet.projector import Projector
from station.store.database.database import open_reader
from station.store.postgres.connection import connect
from station.store.postgres.sql import PostgresSql
from tests.fleet.conftest import ServedCenter
from tests.fleet.killed_center import OUTBOX, PATH
from tests.fleet.test_link import code, run
from tests.store.postgres.both_engines import tables, tables_of
from tests.support import forked, station_process
from tests.support.played_bench import SETTINGS


class PlayedBench:
    """A data directory whose bench is killed and started again. When its items are done, another bench begins."""

    def __init__(self, folder: Path, center: ServedCenter, seed: int, items: int) -> None:
        self.folder = folder
        self.items = items
        self.center = center
        self.kills = 0
        self.ended = 0
        self.unsent = 0
        """Kills while the center lacked events."""
        self.in_mid_write = 0
        """Kills during a tag write."""
        self._random = random.Random(seed)
        self._begin()

    def _begin(self) -> None:
        self.data = self.folder / f"d{self.ended}"
        self.data.mkdir()
        self.center.settings_of_bench(self.data)
        (self.data / "station.toml").rename(self.data / SETTINGS)
        (self.data / "station.toml").write_text((self.data / SETTINGS).read_text())
        joined = run(self.data, "fleet", "join", code(self.center))
        assert joined.exit_code == 0, joined.output
        self.id = (self.data / "credentials" / "fleet").read_text().partition(".")[0]

    def killed(self, due: Callable[[], Callable[[], bool]], times: int) -> None:
        """Kill this many times, then let the bench end. `due`: returns for each start the function that says when to kill."""
        while self.kills < times:
            now = due()
            process = self._start()
            while process.poll() is None and not now():
                time.sleep(0.001)
            if process.poll() is None:
                station_process.kill(process)
                self.kills += 1
                self.check()
                self._count()
            else:
                self._end(process)
                self._begin()
        self._end(self._start())

    def _count(self) -> None:
        with closing(open_reader(self.data / "journal.db")) as sql:
            events, attempts = sql.execute(
                "SELECT (SELECT max(seq) FROM events), (SELECT count(*) FROM attempts WHERE ended IS NULL)"
            ).fetchone()
        self.unsent += events > self._at_center()
        self.in_mid_write += attempts > 0

    def _start(self) -> forked.Started:
        return station_process.start(self.folder, str(self.data), str(self.items), module="tests.support.played_bench")

    def _end(self, process: forked.Started) -> None:
        last = station_process.Ended(process)
        assert last.code == 0, repr(last)
        self.ended += 1
        self.check()
        self.check_end()

    # --- when to kill -----------------------------------------------------------------------------------------------

    def at_a_moment(self) -> Callable[[], bool]:
        """Kill at a random time after the first batch of the run."""
        late = self._random.uniform(0.0, 5.0)
        seen, latest = self._at_center(), 0.0

        def due() -> bool:
            nonlocal latest
            if not latest and self._at_center() != seen:
                latest = time.monotonic() + late
            return bool(latest) and time.monotonic() > latest

        return due

    def at_a_batch(self) -> Callable[[], bool]:
        """Kill as soon as the center has a batch, when the bench may not have read or kept the answer."""
        left = self._random.randrange(1, 5)
        late = self._random.choice((0.0, 0.0, 0.002, 0.02))
        seen = self._at_center()

        def due() -> bool:
            nonlocal left, seen
            now = self._at_center()
            left -= now != seen
            seen = now
            if left <= 0:
                time.sleep(late)
            return left <= 0

        return due

    def _at_center(self) -> int:
        row = self._owner.execute("SELECT head_seq FROM timeline WHERE bench = %s AND current", (self.id,)).fetchone()
        assert row is not None
        return int(row[0])

    # --- checks ------------------------------------------------------------------------------------------

    def __enter__(self) -> PlayedBench:
        self._owner = connect(self.center.database)
        return self

    def __exit__(self, *_: object) -> None:
        self._owner.close()

    def check(self) -> None:
        """Check that the journal verifies, each result has its deliveries, and the center has a beginning of the journal."""
        if not (self.data / "journal.db").exists():
            return
        station_process.verified(self.folder, self.data)
        assert station_process.result_problems(self.data) == []
        copied = self._owner.execute(PATH, (self.id,)).fetchall()
        with closing(open_reader(self.data / "journal.db")) as sql:
            rows = sql.execute(
                "SELECT seq, at, kind, payload, deliveries, hash FROM events ORDER BY seq LIMIT ?", (len(copied),)
            ).fetchall()
        assert copied == rows

    def check_end(self) -> None:
        """Send the rest. Check that the center has the same events, tables and deliveries, and no result twice."""
        with closing(Center(load(self.data / "station.toml").fleet, self.data, SystemClock())) as center:
            link = Link(self.data / "journal.db", center, SystemClock())
            while (status := link.step()).state == "sent":
                pass
        assert status.state == "current", status
        with connect(self.center.database) as session, closing(open_reader(self.data / "journal.db")) as journal:
            session.execute("SET ROLE station_projector")
            while Projector(session).run():
                pass
            sql = PostgresSql(session)
            assert tables_of(sql, self.id) == tables(journal)
            assert [tuple(row) for row in sql.execute(OUTBOX)] == journal.execute(OUTBOX).fetchall()
            count = journal.execute("SELECT count(*) FROM events").fetchone()[0]
        assert self._at_center() == count
        assert self._owner.execute("SELECT * FROM quarantine").fetchall() == []
        judged = [event["barcode"] for event in station_process.events(self.data, "item-judged")]
        lines = [line["barcode"] for line in station_process.results(self.data)]
        assert len(set(judged)) == len(judged) and sorted(lines) == sorted(judged)


def killed(center: ServedCenter, seed: int, when: str, times: int, items: int) -> PlayedBench:
    with station_process.short_folder() as folder, PlayedBench(folder, center, seed, items) as bench:
        bench.killed(getattr(bench, when), times)
    return bench


def test_a_bench_is_killed_when_it_has_just_sent(center: ServedCenter) -> None:
    assert killed(center, 2, "at_a_batch", 1, 2).kills == 1


@pytest.mark.soak
@pytest.mark.parametrize("when", ["at_a_moment", "at_a_batch"])
def test_fifty_kills_of_a_bench(center: ServedCenter, when: str) -> None:
    bench = killed(center, 2, when, 50, 15)
    print(
        f"\n{when}: {bench.kills} kills, {bench.unsent} with unsent events, {bench.in_mid_write} in mid-write, {bench.ended} "
        "benches to their end; lost 0, doubled 0, wrong 0",
        file=sys.stderr,
    )
