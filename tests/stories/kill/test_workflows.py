"""kill -9 of every workflow at many points: it resumes without loss and without a double effect. One row for each
workflow.

The kills are in tests/stories/kill/armed.py, the checks in checker.py. test_mutants.py proves that the checks find
defects. SIGKILL cannot show a lost fsync, because the kernel keeps what a dead process wrote: see
tests/store/journal/test_power_loss.py.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base import settings
from station.demo.staff import employ
from station.tui.pages.menu import ENTRIES
from tests.stories.kill.killed_bench import Point, Row, World, chosen, world
from tests.stories.kill.people import SignOn
from tests.stories.kill.workflows import ROWS, ConvertSession, Correct, Erase, Leaving, Migrate, Process, Sets, Undo
from tests.support import station_process, whole_bench

KILLS = 50
SEED = 7
WITHOUT_ROW = ("statistics", "board", "call-staff", "staff-here", "receive", "pack")
"""Entries of the menu that only show data, or journal one event at a time and change nothing else
(`tests/bench/workflows/receive` restarts between two events of one scan; boxes are in `tests/stories/receiving`)."""


@pytest.fixture(scope="module")
def shelf(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data directory with as many items as the longest row uses."""
    soak = any(item.get_closest_marker("soak") for item in request.session.items if item.module is request.module)
    with station_process.short_folder() as folder:
        yield whole_bench.prepare(folder, 260 if soak else 24)


@pytest.fixture
def here(shelf: Path) -> Iterator[World]:
    with world(shelf) as made:
        employ(settings.load(made.data / "station.toml"), made.data)
        yield made


def test_every_workflow_of_the_menu_has_its_row() -> None:
    played = [key for row in (*ROWS, SignOn) for key in row.menu]
    assert sorted([*played, *WITHOUT_ROW]) == sorted(entry.key for entry in ENTRIES), "a new workflow needs a row"


def told(name: str, counts: Counter[str], points: int) -> None:
    print(f"\nkill -9 of {name}: {counts['kills']} kills at {points} points, {counts['in mid-write']} in mid-write")


def struck(row: Row, points: list[Point], count: int, seed: int) -> None:
    """Strike this many times, spread over the points. A point that is not reached is replaced by a new choice."""
    chance = random.Random(seed)
    here, at = row.world, 0
    while at < count:
        for point in chosen(points, count - at, chance):
            at += here.strike(row, chance, point)


# Points where a kill once did harm, or would if two operations were in another order: in the middle of a write, between
# the result and its delivery, between a try and its count.
FEW: tuple[tuple[type[Row], tuple[Point, ...]], ...] = (
    (Process, (Point(0, "write:2:sent"),)),
    (Process, (Point(0, "line:1:torn"),)),
    (ConvertSession, (Point(1, "item-judged:1:inside"), Point(4, "truck-released:1:after"))),
    (Undo, (Point(0, "write:3:before"), Point(2, "write:1:sent"))),
    (Sets, (Point(0, "write:3:sent"), Point(1, "tag-write-verified:1:after"))),
    (
        Correct,
        (Point(0, "write:1:sent"), Point(4, "correction-mended:1:after"), Point(7, "item-judged:1:inside")),
    ),
    (Erase, (Point(0, "write:2:before"),)),
    (Leaving, (Point(0, "check-answered:2:after"), Point(2, "check-answered:1:after"))),
    (Leaving, (Point(0, "check-answered:3:after"), Point(2, "check-answered:2:after"))),
    (Migrate, (Point(0, "tag-write-verified:1:inside"),)),
)


def test_a_few_kills_of_every_workflow(here: World) -> None:
    chance = random.Random(SEED)
    for row, points in FEW:
        assert here.strike(row(here), chance, *points), (row.name, points)
    assert here.counts["in mid-write"] >= 5
    here.settled(Process(here))


@pytest.mark.soak
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_fifty_kills(row: type[Row], here: World) -> None:
    made = row(here)
    points = here.dry(made)
    struck(made, points, KILLS, SEED)
    here.settled(made)
    told(row.name, here.counts, len(points))
    assert here.counts["kills"] >= KILLS
    assert here.counts["in mid-write"] >= 5, "too few kills hit a write"


@pytest.fixture
def signing_on(shelf: Path) -> Iterator[SignOn]:
    with world(shelf) as made:
        row = SignOn(made)
        try:
            yield row
        finally:
            row.close()


def test_a_kill_between_a_try_and_its_answer(signing_on: SignOn) -> None:
    assert signing_on.strike(Point(0, "look:1:before"), random.Random(SEED), most=2)


@pytest.mark.soak
def test_fifty_kills_of_a_station_where_people_sign_on(signing_on: SignOn) -> None:
    points = signing_on.dry()
    chance = random.Random(SEED)
    at = 0
    while at < KILLS:
        for point in chosen(points, KILLS - at, chance):
            at += signing_on.strike(point, chance)
    told(signing_on.name, signing_on.world.counts, len(points))
    assert signing_on.world.counts["kills"] >= KILLS


@pytest.mark.soak
def test_kills_around_the_signing_off_by_itself(shelf: Path) -> None:
    chance = random.Random(SEED)
    with world(shelf) as made:
        row = SignOn(made, idle=0.02)
        try:
            for number in range(12):
                name = ("signed-off:1:inside", "signed-off:1:after", "late")[number % 3]
                row.strike_idle(name, chance.uniform(0.0, 2.0) if name == "late" else 0.0, chance)
        finally:
            row.close()
    told("signing off by itself", made.counts, 2)
    assert made.counts["kills"] == 12
