"""One bench on which workflows are killed: emulated reader and Alma as processes, a data directory, stations that are
forked.

The kills form one chain: after every kill the same journal is used for the next item. A workflow is a row: for each
item its steps. A step is a command of the station, with the actions at the pad before it and the way to continue if no
answer came.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.stories.kill import checker
from tests.support import forked, station_process, whole_bench

PATIENCE = 240.0
"""Seconds after which a process counts as hung. A test spends them only if something is broken."""


class Ran(NamedTuple):
    """A process that has ended, and its output."""

    code: int
    out: str
    err: str
    trace: tuple[str, ...]

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def acks(self) -> tuple[int, ...]:
        return tuple(int(line[4:]) for line in self.trace if line.startswith("ack "))

    @property
    def points(self) -> tuple[str, ...]:
        return tuple(line for line in self.trace if not line.startswith("ack "))

    @property
    def error(self) -> str:
        """Return the code of the error with which the process ended."""
        try:
            said = json.loads(self.out)
        except ValueError:
            return ""
        return str(said["error"]["code"]) if isinstance(said, dict) and "error" in said else ""


class Station:
    """Runs commands in sequence, each in a process with points at which it can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._count = 0
        self._process: forked.Process | None = None
        self._files: dict[str, Path] = {}

    def start(self, *args: str, lines: str = "", kill: str = "", mutant: str = "", tty: int | None = None) -> None:
        """Start a command; `kill` is the point at which it dies."""
        self._count += 1
        self._files = {name: self.folder / f"{self._count}.{name}" for name in ("in", "out", "err", "trace")}
        self._files["in"].write_text(lines)
        self._files["trace"].touch()
        with ExitStack() as stack:
            modes = zip(("in", "out", "err"), ("rb", "wb", "wb"), strict=True)
            places = [stack.enter_context(self._files[name].open(mode)) if tty is None else tty for name, mode in modes]
            self._process = forked.Process(
                *args,
                **dict(zip(("stdin", "stdout", "stderr"), places, strict=True)),
                env={**station_process.environment(self.folder.parent), "TERM": "xterm-256color"},
                start_new_session=True,
                terminal=tty is not None,
                before=("tests.stories.kill.armed:arm", str(self._files["trace"]), kill, mutant),
            )

    @property
    def process(self) -> forked.Process:
        """Return the process that was started last."""
        assert self._process is not None
        return self._process

    def poll(self) -> bool:
        """Return whether the process has ended."""
        return self.process.poll() is not None

    def trace(self) -> tuple[str, ...]:
        """Return the points that the process has reached so far."""
        return tuple(self._files["trace"].read_text().splitlines())

    def wait(self) -> Ran:
        """Wait for the end of the process and return its result."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self.process.wait()
        texts = [path.read_text(errors="replace") if path.exists() else "" for path in self._files.values()]
        for path in self._files.values():
            path.unlink(missing_ok=True)
        return Ran(code, texts[1], texts[2], tuple(texts[3].splitlines()))

    def kill(self) -> None:
        """Send kill -9 from outside."""
        self.process.kill()

    def close(self) -> None:
        if self._process is not None and not self.poll():
            self.kill()
            self.wait()


class Point(NamedTuple):
    """Where a run is killed: in which step, at which point, and how many seconds later (0.0 = at the point; else from
    outside)."""

    step: int
    name: str
    late: float = 0.0


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command of a workflow."""

    args: Callable[[], Sequence[str]]
    hands: Callable[[], object] = lambda: None
    """Actions at the pad before the command, also before it is repeated."""
    lines: str = ""
    codes: tuple[int, ...] = (0,)
    again: tuple[str, ...] = ()
    """Error codes with which the station reports, when the command is repeated after a kill, that it was done
    already."""
    done: Callable[[], bool] | None = None
    """Checked, if no answer came, before the command is repeated; None = it may be repeated at once."""


class Row:
    """A workflow: `steps` makes the next item and returns its steps, `finish` yields the faults at the end."""

    name = ""
    menu: tuple[str, ...] = ()
    """Entries of the menu that the row plays."""
    items = 1
    """Number of catalog items that one run uses."""

    def __init__(self, world: World) -> None:
        self.world = world

    def steps(self) -> list[Step]:
        raise NotImplementedError

    def finish(self, now: checker.Journal) -> Iterator[str]:
        raise NotImplementedError

    def also(self, now: checker.Journal) -> Iterator[str]:
        """Yield the faults right after the kill, in addition to the general checks."""
        yield from ()


class World:
    """Reader, Alma, data directory, and the counts of the run."""

    def __init__(self, desk: whole_bench.Bench) -> None:
        self.desk = desk
        self.data = desk.data
        self.station = Station(desk.folder / "z")
        self.counts: Counter[str] = Counter()
        self.mutant = ""
        self.uids: list[str] = []
        self.codes: list[str] = []
        self._tags = 0

    def close(self) -> None:
        self.station.close()

    # --- the pad --------------------------------------------------------------------------------------------------------

    def code(self) -> str:
        """Return the next item's barcode."""
        self.desk.number += 1
        self.codes.append(station_process.barcode(self.desk.number))
        return self.codes[-1]

    def tag(self, **how: Any) -> str:
        """Create a new tag that is not on the pad."""
        self._tags += 1
        uid = f"E0040150{0x200000 + self._tags:08X}"
        self.desk.reader.do("create", uid=uid, place=False, **how)
        self.uids.append(uid)
        return uid

    def lay(self, *uids: str) -> None:
        """Place these tags, and no others, on the pad."""
        self.desk.reader.do("lift")
        for uid in uids:
            self.desk.reader.do("place", uid=uid)

    def dumps(self) -> dict[str, dict[str, Any]]:
        """Return every tag of the current item as the emulator holds it."""
        return {uid: self.desk.reader.dump(uid) for uid in self.uids}

    # --- commands ---------------------------------------------------------------------------------------------------------

    def run(self, *args: str, lines: str = "", kill: str = "", late: float = 0.0) -> Ran:
        """Run a command of the station to its end, with or without a kill."""
        self.station.start(*args, "--data", str(self.data), lines=lines, kill="" if late else kill, mutant=self.mutant)
        if kill and late:
            self._kill_later(self.station, kill, late)
        return self.station.wait()

    @staticmethod
    def _kill_later(station: Station, name: str, late: float) -> None:
        """Kill the station from outside, this many seconds after it reached a point."""
        while not station.poll() and name not in station.trace():
            time.sleep(0.001)
        time.sleep(late)
        station.kill()

    # --- a run ----------------------------------------------------------------------------------------------------------

    def begin(self, row: Row) -> list[Step]:
        """Prepare the next item of the row."""
        self.uids, self.codes = [], []
        return row.steps()

    def dry(self, row: Row) -> list[Point]:
        """Process one item without a kill. Return the points that it reaches."""
        found = []
        for place, step in enumerate(self.begin(row)):
            step.hands()
            ran = self.run(*step.args(), lines=step.lines)
            assert ran.code in step.codes, f"{row.name}, step {place}: {ran.code}\n{ran.out}\n{ran.err}"
            found += [Point(place, name) for name in ran.points]
        self.demand(row, row.finish(self.look()), "the run without a kill")
        return found

    def strike(self, row: Row, chance: random.Random, *points: Point) -> bool:
        """Process one item, killed at the points (of different steps), then resumed and finished. Return False if a
        point was not reached this time."""
        struck, due = 0, {point.step: point for point in points}
        for place, step in enumerate(self.begin(row)):
            step.hands()
            if place in due:
                struck += self._struck(row, step, due[place], chance)
            else:
                ran = self.run(*step.args(), lines=step.lines)
                assert ran.code in step.codes, f"{row.name}, step {place}, {points}: {ran.code}\n{ran.out}\n{ran.err}"
        self.demand(row, row.finish(self.look()), points)
        return struck == len(due)

    def _struck(self, row: Row, step: Step, point: Point, chance: random.Random) -> bool:
        for kills in range(4):
            before = {uid: checker.image(tag) for uid, tag in self.dumps().items()}
            kill = point.name if kills == 0 else ""
            late = point.late
            if kills == 1 and chance.random() < 0.25:  # kill the resumed run as well, near its beginning
                kill, late = f"answer:{chance.randrange(1, 4)}:after", 0.0
            ran = self.run(*step.args(), lines=step.lines, kill=kill, late=late)
            now = self.look()
            self.demand(row, self.holds(now, before, ran), point)
            self.demand(row, row.also(now), point)
            if not ran.killed:
                said = f"{row.name} at {point}: exit {ran.code}\n{ran.out}\n{ran.err}"
                assert ran.code in step.codes or (kills and ran.error in step.again), said
                return kills > 0
            self.counts["kills"] += 1
            self.counts["in mid-write"] += bool(now.open_attempts().keys() & before.keys())
            if step.done is not None and step.done():
                return True
            step.hands()
        raise AssertionError(f"{row.name} at {point}: it does not end")

    def holds(self, now: checker.Journal, before: dict[str, checker.Image], ran: Ran) -> Iterator[str]:
        """Yield the faults after a process, killed or not."""
        yield from checker.chain(now)
        yield from checker.acknowledged(now, ran.acks)
        yield from checker.results(now, ("alma", "file"))
        yield from checker.tags(now, before, self.dumps())
        for code in self.codes:
            yield from checker.corrections(now, code)

    def look(self) -> checker.Journal:
        return checker.Journal(self.data)

    def demand(self, row: Row, problems: Iterator[str], where: object) -> None:
        found = list(problems)
        assert not found, f"{row.name} at {where}: " + "; ".join(found)

    def delivered(self, now: checker.Journal, code: str, times: int = 1) -> Iterator[str]:
        """Check that each result of the item is once in the file and once in the library system."""
        results = len(now.of("item-judged", barcode=code))
        if results != times:
            yield f"{code} was judged {results} times, not {times}"
        if {row["state"] for row in station_process.deliveries(self.data) if row["intent"]["barcode"] == code} - {
            "delivered"
        }:
            return  # still in transit; `settled` checks again at the end
        lines = [line["barcode"] for line in station_process.results(self.data)].count(code)
        notes = self.desk.ils.note(code).count("RFID [")
        if lines != times or notes != times:
            yield f"{code}: {lines} lines in the file and {notes} notes, not {times}"

    def settled(self, row: Row) -> None:
        """Check the end, after one more item without a kill: no delivery is in transit, each arrived once, and the
        station's own verification of the journal succeeds."""
        self.dry(row)
        now = self.look()
        states = Counter(state for *_, state in now.sent)
        assert set(states) <= {"delivered"}, states
        lines = Counter(line["delivery"] for line in station_process.results(self.data))
        for seq, system, _, intent, name, _ in now.sent:
            times = lines[name] if system == "file" else self.desk.ils.note(json.loads(intent)["barcode"]).count(name)
            assert times == 1, f"{row.name}: {name} of event {seq} arrived {times} times"
        done = self.run("journal", "verify", "--json")
        assert done.code == 0, done


def chosen(points: Sequence[Point], count: int, chance: random.Random) -> list[Point]:
    """Choose this many points, spread over the whole run. Every fifth is a kill from outside after its point."""
    found = []
    for number in range(count):
        low, high = (
            number * len(points) // count,
            max(number * len(points) // count + 1, (number + 1) * len(points) // count),
        )
        point = chance.choice(points[low:high])
        found.append(point._replace(late=chance.uniform(0.0005, 0.03)) if number % 5 == 4 else point)
    return found


@contextmanager
def world(template: Path) -> Iterator[World]:
    """Make a bench for kills."""
    with whole_bench.bench(template) as desk:
        made = World(desk)
        try:
            yield made
        finally:
            made.close()
