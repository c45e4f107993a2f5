"""Several benches and their center over days of work (`make fleet-soak`). Exit code 1 = a figure misses its target.

    python -m benchmarks.fleet [--part P] [--scans N]

Real: journals, links, HTTPS over TLS to `station fleet serve`, PostgreSQL 17 with fsync, the projector, each in a process of
its own. Time passes as on the machine's clock, but idle time is skipped. All processes take turns, so that lag
and drain are those of one processor. Together the benches tag eight items per second, twenty times as many as people do.

The machine must be idle: figures in seconds grow with its load; the ratio of scans is of alternate items in the same run.
`--part`: only this part of the items, to try the program.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from benchmarks import long_journal
from benchmarks.reaction import WARM_UP, App, laid_down, scanned
from benchmarks.report import Row, Section, duration, percentile, rate, render
from station.base.clock import SystemClock
from station.base.settings import load
from station.demo.postgres import Cluster
from station.domain import events as ev
from station.domain.journal_copy import JoinRequest
from station.fleet.center import CREDENTIAL, Center
from station.fleet.link import LOOK_S, Link
from station.fleet.projector import Projector
from station.https import certificates
from station.runtime.data_directory import JOURNAL, SETTINGS_NAME
from station.store.database.database import open_reader, open_writer, transaction
from station.store.journal import tail
from station.store.journal.journal import JournalStore
from station.store.postgres.connection import connect
from station.store.postgres.invitations import invite
from station.store.postgres.migrations import migrate

LAG_S: Final = 5.0
DRAIN_S: Final = 600.0
GROWTH: Final = 1.1
"""Limit of the ratio of the memory at the end to the memory after a fifth of the work."""
EVENTS_S: Final = 5000.0
SCAN: Final = 1.1
AWAY_S: Final = 8 * 3600.0
ITEMS_S: Final = 8.0
"""Items per second of all benches together. Eight people process a third of an item per second."""
PROJECT_S: Final = 1.0
"""Seconds between two looks of `station fleet project`."""
OF_EIGHT_HOURS: Final = 1200
"""Items of a bench in eight hours: 150 an hour."""


class Workload(msgspec.Struct, frozen=True):
    """The number of benches, and of items at each."""

    benches: int
    items: int
    """Items of each bench."""


EIGHT, THIRTY = Workload(8, 10_000), Workload(30, 500)


class _Jumping(SystemClock):
    """The machine's clock plus the seconds that were skipped."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped

    def now(self) -> str:
        return (datetime.now(UTC) + timedelta(seconds=self.skipped)).isoformat(timespec="microseconds")

    def day(self, ahead: int = 0) -> str:
        now = datetime.now().astimezone() + timedelta(seconds=self.skipped, days=ahead)
        return now.date().isoformat()

    def jump_to(self, moment: float) -> None:
        self.skipped += max(0.0, moment - self.monotonic())


class _Worker:
    """A process of this module that answers a line with a line."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", __spec__.name, *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid

    def ask(self, text: str) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def answer_projects(database: str) -> None:
    """Project all that there is for each line, and tell how many events, in which time, and each bench's place."""
    with connect(database) as session:
        session.execute("SET ROLE station_projector")
        projector = Projector(session)
        for _ in sys.stdin:
            began, applied = time.monotonic(), 0
            while projector.run():
                pass
            took = time.monotonic() - began
            places = {}
            for (bench,) in session.execute("SELECT bench FROM bench").fetchall():
                session.execute("SELECT set_config('station.bench', %s, false)", (bench,))
                row = session.execute("SELECT seq FROM projected").fetchone()
                places[bench] = row[0] if row else 0
            _tell({"seconds": took, "places": places, "applied": applied})


def answer_links(folder: Path) -> None:
    """Let the link of the bench that a line names send until it has nothing to send."""
    links: dict[str, Link] = {}
    for line in sys.stdin:
        name = line.strip()
        if name not in links:
            data = folder / name
            clock = SystemClock()
            center = Center(load(data / SETTINGS_NAME).fleet, data, clock)
            links[name] = Link(data / JOURNAL, center, clock)
        states = [links[name].step().state]
        while states[-1] == "sent":
            states.append(links[name].step().state)
        _tell({"state": states[-1]})


def _tell(values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


class _Bench:
    """A bench's journal, which gets item after item."""

    def __init__(self, data: Path, number: int, clock: SystemClock) -> None:
        self.name, self.data = data.name, data
        self.id = ""
        """Of the bench, at the center."""
        self._first = number * 10_000_000
        self.sql = open_writer(data / JOURNAL)
        self.sql.execute("PRAGMA synchronous=OFF")
        self._journal = JournalStore(
            self.sql, clock, lambda day: ev.RulesInForce(digest="0" * 64, day=day[:4], rules=long_journal.RULES)
        )
        self._worker = f"w-{number:04x}"
        self.items = 0
        self.waiting: deque[tuple[int, float]] = deque()
        """Number and time of the last event of each item that is not in the tables yet."""

    def process(self, at: float) -> None:
        """Journal an item."""
        with transaction(self.sql):
            long_journal.add_item(self._journal, self.sql, self._first + self.items, self._worker)
        (newest,) = self.sql.execute("SELECT max(seq) FROM events").fetchone()
        self.items += 1
        self.waiting.append((newest, at))

    @property
    def events(self) -> int:
        (newest,) = self.sql.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        return int(newest)

    def close(self) -> None:
        self.sql.close()


class Fleet:
    """A context manager: inside it, center and benches run."""

    def __init__(self, benches: int) -> None:
        self.clock = _Jumping()
        self._count = benches
        self._end = ExitStack()
        self.lags: list[float] = []
        self.memory: dict[str, list[int]] = {"serve": [], "project": [], "links": []}
        self.projected_s = 0.0

    def __enter__(self) -> Self:
        self.folder = Path(self._end.enter_context(tempfile.TemporaryDirectory(prefix="fleet-")))
        cluster = self._end.enter_context(Cluster(SystemClock()))
        cluster.create("fleet")
        self.database = cluster.address("fleet")
        with connect(self.database) as connection:
            migrate(connection)
        self._serve()
        self.benches = [self._end.enter_context(closing(self._bench(number))) for number in range(self._count)]
        self._project = self._end.enter_context(closing(_Worker("--project", self.database)))
        self._links = self._end.enter_context(closing(_Worker("--links", str(self.folder))))
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()

    def _serve(self) -> None:
        center = self.folder / "center"
        center.mkdir()
        certificates.make(center, (), datetime.now(UTC))
        address = " ".join(word for word in self.database.split() if not word.startswith("user="))
        (center / SETTINGS_NAME).write_text(f'[fleet]\ndatabase = "{address}"\nport = 0\n')
        command = [sys.executable, "-m", "station", "fleet", "serve", "--data", str(center)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self._end.callback(process.wait)
        self._end.callback(process.terminate)
        assert process.stderr is not None
        self.port = next(
            word
            for word in process.stderr.readline().replace(",", " ").replace(".", " ").split()
            if word.isdigit() and int(word) > 1023
        )
        self._serving = process.pid

    def _bench(self, number: int) -> _Bench:
        bench = _Bench(self.joined(f"bench-{number}", number), number + 1, self.clock)
        bench.id = (bench.data / "credentials" / "fleet").read_text().partition(".")[0]
        return bench

    def joined(self, name: str, number: int) -> Path:
        """Return the data directory of a new bench that has joined."""
        data = self.folder / name
        data.mkdir(parents=True)
        shutil.copy(self.folder / "center" / certificates.FOLDER / certificates.CA, data / "center.pem")
        (data / SETTINGS_NAME).write_text(self.settings())
        open_writer(data / JOURNAL).close()
        with connect(self.database) as connection:
            code = invite(connection, f"Site {number % 4}", timedelta(hours=1))
        with closing(open_reader(data / JOURNAL)) as sql:
            journal = tail.path(sql)[-1].journal
        key = secrets.token_hex(32)
        with closing(Center(load(data / SETTINGS_NAME).fleet, data, self.clock)) as center:
            joined = center.join(JoinRequest(code, journal, name, hashlib.sha256(key.encode()).digest()))
        credential = data / "credentials" / CREDENTIAL
        credential.parent.mkdir(mode=0o700)
        credential.touch(mode=0o600)
        credential.write_text(f"{joined.bench}.{key}\n")
        return data

    def settings(self) -> str:
        return f'[fleet]\ncenter = "https://localhost:{self.port}"\nca_file = "center.pem"\n'

    def work(self, items: int) -> None:
        """Let each bench process these items, with its link and the projector beside, until all is in the tables."""
        began = self.clock.monotonic()
        order = count()
        agenda: list[tuple[float, int, str, _Bench | None]] = [(began + PROJECT_S, next(order), "project", None)]
        for place, own in enumerate(self.benches):
            agenda.append((began + place / ITEMS_S, next(order), "item", own))
            agenda.append((began + place / self._count * LOOK_S, next(order), "link", own))
        heapq.heapify(agenda)
        left = dict.fromkeys((bench.name for bench in self.benches), items)
        total, done = items * self._count, 0
        while any(left.values()) or any(bench.waiting for bench in self.benches):
            due, _, what, bench = heapq.heappop(agenda)
            self.clock.jump_to(due)
            if what == "item" and bench is not None:
                bench.process(self.clock.monotonic())
                left[bench.name] -= 1
                done += 1
                if left[bench.name]:
                    heapq.heappush(agenda, (due + self._count / ITEMS_S, next(order), what, bench))
                if done % max(1, total // 20) == 0:
                    self._weigh()
            elif what == "link" and bench is not None:
                self._send(bench)
                heapq.heappush(agenda, (self.clock.monotonic() + LOOK_S, next(order), what, bench))
            else:
                self.project()
                heapq.heappush(agenda, (self.clock.monotonic() + PROJECT_S, next(order), what, bench))

    def _send(self, bench: _Bench) -> None:
        state = self._links.ask(bench.name)["state"]
        assert state == "current", f"the link of {bench.name}: {state}"

    def project(self) -> None:
        """Let the projector work, and count the lag of what is in the tables now."""
        answer = self._project.ask("run")
        self.projected_s += answer["seconds"]
        now = self.clock.monotonic()
        for bench in self.benches:
            while bench.waiting and bench.waiting[0][0] <= answer["places"].get(bench.id, 0):
                self.lags.append(now - bench.waiting.popleft()[1])

    def _weigh(self) -> None:
        for name, pid in (("serve", self._serving), ("project", self._project.pid), ("links", self._links.pid)):
            self.memory[name].append(_resident(pid))

    def drained(self, benches: int, items: int) -> tuple[float, float]:
        """Let these benches work eight hours without the center. Return the seconds until all is in the tables again, and
        the events in a second of the projector."""
        away = self.benches[:benches]
        before = sum(bench.events for bench in away)
        for bench in away:
            for _ in range(items):
                bench.process(self.clock.monotonic())
        self.clock.skipped += AWAY_S
        began = self.clock.monotonic()
        for bench in away:
            self._send(bench)
        took, self.projected_s = self.projected_s, 0.0
        self.project()
        speed = (sum(bench.events for bench in away) - before) / self.projected_s
        self.projected_s += took
        assert not any(bench.waiting for bench in away)
        return self.clock.monotonic() - began, speed

    def differences(self) -> list[str]:
        """Return the benches whose copy does not equal the journal."""
        wrong = []
        with connect(self.database) as owner:
            for bench in self.benches:
                own = bench.sql.execute("SELECT seq, hash FROM events ORDER BY seq").fetchall()
                copy = owner.execute(
                    "SELECT seq, hash FROM events WHERE bench = %s ORDER BY seq", (bench.id,)
                ).fetchall()
                if own != copy:
                    wrong.append(bench.name)
        return wrong


def _resident(pid: int) -> int:
    """Return the resident bytes of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class Target(msgspec.Struct, frozen=True):
    """A figure, and whether it meets its target."""

    row: Row
    met: bool


def worked(work: Workload, part: float) -> tuple[Section, list[Target]]:
    """Measure a workload."""
    items, away = max(20, round(work.items * part)), max(5, round(OF_EIGHT_HOURS * part))
    with Fleet(work.benches) as fleet:
        fleet.work(items)
        lag = percentile(fleet.lags, 95)
        site = max(1, work.benches // 2)
        drain, speed = fleet.drained(site, away)
        wrong = fleet.differences()
        events = sum(bench.events for bench in fleet.benches)
    targets = [
        Target(
            Row(what="lag, from the journal to the tables, p95", value=duration(lag), beside=duration(LAG_S)),
            lag < LAG_S,
        ),
        Target(
            Row(
                what=f"drain of {site} benches, 8 h offline",
                value=duration(drain),
                beside=duration(DRAIN_S),
                how=f"{away} items each",
            ),
            drain < DRAIN_S,
        ),
        Target(
            Row(what="projector, with a backlog", value=rate(speed, 1, "events"), beside=rate(EVENTS_S, 1, "events")),
            speed > EVENTS_S,
        ),
        Target(Row(what="copies that differ", value=str(len(wrong)), beside="0", how=", ".join(wrong)), not wrong),
    ]
    for name, bytes_of in fleet.memory.items():
        early, late = bytes_of[len(bytes_of) // 5], bytes_of[-1]
        row = Row(
            what=f"memory of {name}",
            value=f"{late / 1e6:.0f} MB",
            beside=f"{early / 1e6:.0f} MB",
            ratio=late / early,
            how="beside: after a fifth",
        )
        targets.append(Target(row, late / early <= GROWTH))
    title = f"{work.benches} benches x {items:,} items, {events:,} events"
    section = Section(title=title, how="beside: the target", rows=tuple(target.row for target in targets), figures={})
    return section, targets


def scans(items: int) -> tuple[Section, list[Target]]:
    """Measure scans at a bench with a center, and at one without, in alternation."""
    seconds: dict[bool, list[float]] = {True: [], False: []}
    with Fleet(1) as fleet, ExitStack() as stack:
        folder = fleet.folder / "with"
        fleet.joined("with/data", 0)
        (folder / "further.toml").write_text("\n" + fleet.settings())
        stations = {
            True: stack.enter_context(App(folder, "station")),
            False: stack.enter_context(App(fleet.folder / "without", "station")),
        }
        for station in stations.values():
            station.ask("ready")
            station.until_quiet()
        for number in range(1, items + WARM_UP + 1):
            for kind in (True, False) if number % 2 else (False, True):  # neither always comes first
                station = stations[kind]
                took = scanned(station, number)
                laid_down(station, number)
                station.tap("AllGood")
                station.ask("lift")
                station.until_quiet(station.event("state", frozenset({"idle"}))["at"])
                if number > WARM_UP:
                    seconds[kind].append(took)
        with connect(fleet.database) as owner:
            ((copied,),) = owner.execute("SELECT count(*) FROM event").fetchall()
    mine, other = (percentile(seconds[kind], 95) for kind in (True, False))
    row = Row(what="scan, to the picture, p95", value=duration(mine), beside=duration(other), ratio=mine / other)
    sent = Row(what="events that the center got meanwhile", value=str(copied))
    targets = [Target(row, mine / other <= SCAN), Target(sent, copied > items)]
    how = f"{items} items each, real station, emulated reader; beside: without a center"
    return Section(title="A bench with a center", how=how, rows=(row, sent), figures={}), targets


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", type=float, default=1.0)
    parser.add_argument("--scans", type=int, default=100)
    parser.add_argument("--project")
    parser.add_argument("--links", type=Path)
    asked = parser.parse_args()
    if asked.project:
        answer_projects(asked.project)
        return 0
    if asked.links:
        answer_links(asked.links)
        return 0
    missed = []
    measures: tuple[Callable[[], tuple[Section, list[Target]]], ...] = (
        lambda: scans(asked.scans),
        lambda: worked(EIGHT, asked.part),
        lambda: worked(THIRTY, asked.part),
    )
    for measure in measures:
        section, targets = measure()
        sys.stdout.write(render([section]) + "\n")
        sys.stdout.flush()
        missed += [f"{section.title}: {target.row.what}" for target in targets if not target.met]
    sys.stdout.write("".join(f"MISSED: {what}\n" for what in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
