"""One bench on which workflows are killed: emulated reader and Alma as processes, a data directory, stations that are forked.

The kills are one chain: the same journal, the next item, after every kill. A workflow is a row: for each item its steps, each
a command of the station with what the hands do before it, and how somebody who got no answer goes on."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.stories.kill import checker
from tests.support import station_process, whole_bench
from tests.support.patience import PATIENCE_S

PATIENCE = 240.0
"""Seconds after which a process hangs; only ever spent when something is broken."""


class Ran(NamedTuple):
    """What a process left behind."""

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
        """The code of the error it ended with."""
        try:
            said = json.loads(self.out)
        except ValueError:
            return ""
        return str(said["error"]["code"]) if isinstance(said, dict) and "error" in said else ""


class Zygote:
    """Makes one station process after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._count = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.stories.kill.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # what Python held back of two answers in one piece, no select would see
            cwd=station_process.ROOT,
            env=station_process.environment(folder.parent),
        )
        self.pid = 0
        self._told: dict[str, Any] | None = None
        self._files: dict[str, Path] = {}

    def start(self, *args: str, lines: str = "", kill: str = "", mutant: str = "", tty: str = "") -> None:
        """Begin a command; `kill` is the point at which it dies."""
        self._count += 1
        self._files = {name: self.folder / f"{self._count}.{name}" for name in ("in", "out", "err", "trace")}
        self._files["in"].write_text(lines)
        self._files["trace"].touch()
        wanted = {name: str(path) for name, path in self._files.items()}
        self._told = None
        self._say({"args": args, "kill": kill, "mutant": mutant, "tty": tty, **wanted})
        self.pid = self._hear()["pid"]

    def poll(self) -> bool:
        """Has it ended?"""
        assert self._process.stdout is not None
        if self._told is None and select.select([self._process.stdout], [], [], 0)[0]:
            self._told = self._hear()
        return self._told is not None

    def trace(self) -> tuple[str, ...]:
        """The points it has passed by now."""
        return tuple(self._files["trace"].read_text().splitlines())

    def wait(self) -> Ran:
        """Its end."""
        end = time.monotonic() + PATIENCE
        while not self.poll():
            assert self._process.stdout is not None
            select.select([self._process.stdout], [], [], 0.2)
            if time.monotonic() > end:
                self.kill()
                end = float("inf")
        assert self._told is not None
        texts = [path.read_text(errors="replace") if path.exists() else "" for path in self._files.values()]
        for path in self._files.values():
            path.unlink(missing_ok=True)
        return Ran(self._told["status"], texts[1], texts[2], tuple(texts[3].splitlines()))

    def kill(self) -> None:
        """-9, from outside; one whose end has not been told yet may be gone already."""
        if not self.poll():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        if self.pid and self._told is None:
            self.kill()
            self.wait()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)
        self._process.stdout.close()

    def _say(self, value: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value).encode() + b"\n")
        self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


class Point(NamedTuple):
    """Where it is killed: in which step, at which point, and how much later (0.0 = there; else from outside)."""

    step: int
    name: str
    late: float = 0.0


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command of a workflow."""

    args: Callable[[], Sequence[str]]
    hands: Callable[[], object] = lambda: None
    """What is done at the pad before it, also before it is repeated."""
    lines: str = ""
    codes: tuple[int, ...] = (0,)
    again: tuple[str, ...] = ()
    """Codes of errors by which the station says, when it is repeated after a kill, that it was done already."""
    done: Callable[[], bool] | None = None
    """Whoever got no answer looks here before repeating it; None = it may be repeated at once."""


class Row:
    """A workflow: `steps` makes the next item and says what is done with it, `finish` says what is wrong in the end."""

    name = ""
    items = 1
    """Items of the catalog that one run uses up."""

    def __init__(self, world: World) -> None:
        self.world = world

    def steps(self) -> list[Step]:
        raise NotImplementedError

    def finish(self, now: checker.Journal) -> Iterator[str]:
        raise NotImplementedError

    def also(self, now: checker.Journal) -> Iterator[str]:
        """What must hold right after the kill, beside what holds for all."""
        yield from ()


class World:
    """Reader, Alma, data directory; what was seen."""

    def __init__(self, desk: whole_bench.Bench) -> None:
        self.desk = desk
        self.data = desk.data
        self.zygote = Zygote(desk.folder / "z")
        self.counts: Counter[str] = Counter()
        self.mutant = ""
        self.uids: list[str] = []
        self.codes: list[str] = []
        self._tags = 0

    def close(self) -> None:
        self.zygote.close()

    # --- hands ----------------------------------------------------------------------------------------------------------

    def code(self) -> str:
        """The next item's barcode."""
        self.desk.number += 1
        self.codes.append(station_process.barcode(self.desk.number))
        return self.codes[-1]

    def tag(self, **how: Any) -> str:
        """A new tag in the drawer."""
        self._tags += 1
        uid = f"E0040150{0x200000 + self._tags:08X}"
        self.desk.reader.do("create", uid=uid, place=False, **how)
        self.uids.append(uid)
        return uid

    def lay(self, *uids: str) -> None:
        """These, and nothing else, lie on the pad."""
        self.desk.reader.do("lift")
        for uid in uids:
            self.desk.reader.do("place", uid=uid)

    def dumps(self) -> dict[str, dict[str, Any]]:
        """Every tag of the item in hand as the emulator has it."""
        return {uid: self.desk.reader.dump(uid) for uid in self.uids}

    # --- commands ---------------------------------------------------------------------------------------------------------

    def run(self, *args: str, lines: str = "", kill: str = "", late: float = 0.0) -> Ran:
        """A station's command to its end, whichever it is."""
        self.zygote.start(*args, "--data", str(self.data), lines=lines, kill="" if late else kill, mutant=self.mutant)
        if kill and late:
            self._kill_later(self.zygote, kill, late)
        return self.zygote.wait()

    @staticmethod
    def _kill_later(zygote: Zygote, name: str, late: float) -> None:
        """From outside, so long after a point was passed."""
        while not zygote.poll() and name not in zygote.trace():
            time.sleep(0.001)
        time.sleep(late)
        zygote.kill()

    # --- a run ----------------------------------------------------------------------------------------------------------

    def begin(self, row: Row) -> list[Step]:
        """The next item of the row."""
        self.uids, self.codes = [], []
        return row.steps()

    def dry(self, row: Row) -> list[Point]:
        """One item without a kill; the points that it passes."""
        found = []
        for place, step in enumerate(self.begin(row)):
            step.hands()
            ran = self.run(*step.args(), lines=step.lines)
            assert ran.code in step.codes, f"{row.name}, step {place}: {ran.code}\n{ran.out}\n{ran.err}"
            found += [Point(place, name) for name in ran.points]
        self.demand(row, row.finish(self.look()), "the run without a kill")
        return found

    def strike(self, row: Row, chance: random.Random, *points: Point) -> bool:
        """One item, killed at the points (of different steps); resumed; finished. False: one was not passed this time."""
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
            if kills == 1 and chance.random() < 0.25:  # and the resumed one is killed too, in the beginning
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
        raise AssertionError(f"{row.name} at {point}: it does not come to its end")

    def holds(self, now: checker.Journal, before: dict[str, checker.Image], ran: Ran) -> Iterator[str]:
        """What holds after every process, killed or not."""
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
        """Each result of the item stands once in the file and once at the library system."""
        results = len(now.of("item-judged", barcode=code))
        if results != times:
            yield f"{code} was judged {results} times, not {times}"
        if {row["state"] for row in station_process.deliveries(self.data) if row["intent"]["barcode"] == code} - {
            "delivered"
        }:
            return  # it is on its way; `settled` looks again in the end
        lines = [line["barcode"] for line in station_process.results(self.data)].count(code)
        notes = self.desk.ils.note(code).count("RFID [")
        if lines != times or notes != times:
            yield f"{code}: {lines} lines in the file and {notes} notes, not {times}"

    def settled(self, row: Row) -> None:
        """In the end, after one more item without a kill: nothing is on its way, each delivery arrived once, and the station's
        own word for the journal is good, too."""
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
    """So many of them, spread over the whole run; every fifth is a kill from outside some time after its point."""
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
    """A bench for kills."""
    with whole_bench.bench(template) as desk:
        made = World(desk)
        try:
            yield made
        finally:
            made.close()
