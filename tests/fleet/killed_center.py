"""Benches that work and send while the processes of their center are killed, and the checks afterwards."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec

from station.base.clock import SystemClock
from station.fleet.link import Link
from station.fleet.projector import Projector
from station.store.database.database import open_reader
from station.store.postgres.benches import rebuild
from station.store.postgres.connection import connect
from station.store.postgres.examination import examine
from station.store.postgres.sql import PostgresSql
from tests.fleet.conftest import ServedCenter
from tests.fleet.test_elsewhere import Bench
from tests.fleet.test_link import eventually, run
from tests.fleet.test_project import WORKS, Projecting
from tests.store.postgres.both_engines import tables, tables_of
from tests.support.patience import PATIENCE_S
from tests.support.postgres import PostgresServer
from tests.support.tag_writes import erased, tagged

GIVES_UP_S = 1.0
"""Seconds after which the link gives up a request; 20 at a bench."""
PATH = "SELECT seq, at, kind, payload, deliveries, hash FROM events WHERE bench = %s ORDER BY seq"
OUTBOX = (
    "SELECT id, event_seq, place, system, lane, intent, not_before, holds, count_seq, state, changed_seq "
    "FROM outbox ORDER BY id"
)
HOLDING = "SELECT uid, barcode, part, bench, journal, seq, at, certain, lost FROM holding ORDER BY uid"


class WorkingBench:
    """A bench with two threads: one works, one sends."""

    def __init__(self, folder: Path, center: ServedCenter, seed: int) -> None:
        self.bench = Bench(folder, center)
        self.id = (folder / "credentials" / "fleet").read_text().partition(".")[0]
        self.refused: list[object] = []
        self._random = random.Random(seed)
        self._items = 0
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._stopped.clear()
        self._threads = [threading.Thread(target=work) for work in (self._work, self._send)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop both threads. Unsent events stay unsent."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def _work(self) -> None:
        while not self._stopped.wait(0.02):
            self._items += 1
            item = f"3000400000{self._random.randrange(20):04}"
            tag = f"E00401000000{self._random.randrange(20):04X}"
            self.bench.work(item)
            self.bench.record(*(erased(tag, item) if self._items % 4 == 0 else tagged(tag, item)))

    def _send(self) -> None:
        with closing(self.bench.center()) as center:
            link = Link(self.bench.path, center, SystemClock())
            while not self._stopped.is_set():
                with center.within(GIVES_UP_S):
                    status = link.step()
                if status.state not in ("sent", "current", "away"):
                    self.refused.append(status)
                if status.state != "sent":
                    self._stopped.wait(0.02)


class KilledCenter:
    """Server, `serve` and projector, each a process that is killed and started again, while the benches work on."""

    def __init__(self, server: PostgresServer, center: ServedCenter, folder: Path, seed: int, benches: int = 2) -> None:
        self.server = server
        self.center = center
        self._random = random.Random(seed)
        self.benches = [WorkingBench(folder / f"Bench {n}", center, seed + n) for n in range(1, benches + 1)]
        self.projecting = self._projecting()

    def _projecting(self) -> Projecting:
        made = Projecting(self.center.data)
        assert made.line() == WORKS
        return made

    def start(self) -> None:
        for bench in self.benches:
            bench.start()

    def stop(self) -> None:
        for bench in self.benches:
            bench.stop()
        if self.projecting.process.poll() is None:
            self.projecting.process.kill()
        self.projecting.process.communicate(timeout=PATIENCE_S)

    # --- kills ------------------------------------------------------------------------------------------------------

    def kill_server(self) -> None:
        self.server.kill()
        self.server.start()
        self.projecting.process.communicate(timeout=PATIENCE_S)  # it ends with the server; systemd starts it again
        self.projecting = self._projecting()

    def kill_serve(self) -> None:
        self.center.kill()
        self.center.start()

    def kill_projector(self) -> None:
        self.projecting.process.kill()
        self.projecting.process.communicate(timeout=PATIENCE_S)
        self.projecting = self._projecting()

    def stop_serve(self) -> None:
        """Stop `serve` without closing its connections. Then let it go on, or kill it."""
        self.center.process.send_signal(signal.SIGSTOP)
        time.sleep(self._random.uniform(0.0, 1.5 * GIVES_UP_S))
        if self._random.random() < 0.5:
            self.kill_serve()
        else:
            self.center.process.send_signal(signal.SIGCONT)

    def kill_often(self, kill: Callable[[], None], points: int) -> None:
        """Kill at random points. After each, wait until the copies and tables of all benches follow again."""
        for _ in range(points):
            time.sleep(self._random.uniform(0.0, 0.4))
            kill()
            before = self.places()
            eventually(partial(self._follow, before))

    def _follow(self, before: list[tuple[int, int]]) -> bool:
        return all(map(_further, before, self.places()))

    def places(self) -> list[tuple[int, int]]:
        """Return for each bench the last event at the center, and the last one in its tables."""
        with connect(self.center.database) as owner:
            known = {
                bench: (head, seq)
                for bench, head, seq in owner.execute(
                    "SELECT t.bench, t.head_seq, coalesce(p.seq, 0) FROM timeline t LEFT JOIN projected p USING (bench) "
                    "WHERE t.current"
                ).fetchall()
            }
        return [known[bench.id] for bench in self.benches]

    # --- checks ------------------------------------------------------------------------------------------

    def check(self) -> int:
        """Send and project the rest. Check that no event is lost, doubled or wrong. Return the number of events."""
        for bench in self.benches:
            bench.bench.send()
        with connect(self.center.database) as session:
            session.execute("SET ROLE station_projector")
            projector = Projector(session)
            while projector.run():
                pass
            for bench in self.benches:
                _check_tables(PostgresSql(session), bench)
        with connect(self.center.database) as owner:
            for bench in self.benches:
                assert owner.execute(PATH, (bench.id,)).fetchall() == bench.bench.rows()
            assert owner.execute("SELECT * FROM quarantine").fetchall() == []
            assert examine(owner, whole=True).wrong == ()
            held = owner.execute(HOLDING).fetchall()
            rebuild(owner, None)
            owner.execute("SET ROLE station_projector")
            while Projector(owner).run():
                pass
            assert owner.execute(HOLDING).fetchall() == held
        return sum(len(bench.bench.rows()) for bench in self.benches)


def _check_tables(sql: PostgresSql, bench: WorkingBench) -> None:
    """Check that the center never refused the bench, its journal verifies, and the center has the same tables and outbox."""
    assert bench.refused == []
    with closing(open_reader(bench.bench.path)) as journal:
        assert tables_of(sql, bench.id) == tables(journal)
        assert [tuple(row) for row in sql.execute(OUTBOX)] == journal.execute(OUTBOX).fetchall()
    verified = run(bench.bench.folder, "journal", "verify", "--json")
    assert verified.exit_code == 0 and msgspec.json.decode(verified.output)["ok"], verified.output


def _further(before: tuple[int, int], now: tuple[int, int]) -> bool:
    return now[0] > before[0] and now[1] > before[1]
