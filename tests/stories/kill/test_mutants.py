"""The checker works: each station with a built-in defect (mutants.py), killed where the defect shows, causes its
specific message."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base import settings
from station.demo.staff import employ
from tests.stories.kill.killed_bench import Point, Row, World, world
from tests.stories.kill.mutants import MUTANTS
from tests.stories.kill.people import SignOn
from tests.stories.kill.workflows import ConvertSession, Correct, Erase, Migrate, Process
from tests.support import station_process, whole_bench

CAUGHT: tuple[tuple[str, type[Row], Point, str], ...] = (
    ("unjournaled_write", Process, Point(0, "write:2:sent"), "the journal knows of no write"),
    ("unjournaled_write", Migrate, Point(0, "write:1:sent"), "the journal knows of no write"),
    ("answer_first", Erase, Point(0, "journal:4:before"), "was acknowledged, and is lost"),
    ("result_alone", ConvertSession, Point(1, "item-judged:1:after"), r"goes to \[\]"),
    ("lines_again", Process, Point(0, "line:1:after"), "arrived 2 times"),
    ("forgotten_start", Process, Point(0, "write:2:sent"), "process at .*exit 20"),
    ("closed_again", Correct, Point(4, "correction-mended:1:after"), "went through"),
    ("half_a_step", Correct, Point(0, "item-judged:1:after"), "no correction stands for it"),
)
"""Defect, the workflow in which it shows, the point of the kill, the message of the checker."""


@pytest.fixture(scope="module")
def shelf() -> Iterator[Path]:
    with station_process.short_folder() as folder:
        yield whole_bench.prepare(folder, 8)


@pytest.fixture
def here(shelf: Path) -> Iterator[World]:
    with world(shelf) as made:
        employ(settings.load(made.data / "station.toml"), made.data)
        yield made


def test_every_mutant_has_its_kill() -> None:
    assert {name for name, *_ in CAUGHT} | {"counted_late"} == set(MUTANTS)


@pytest.mark.soak
@pytest.mark.parametrize(("mutant", "row", "point", "said"), CAUGHT, ids=[f"{one[0]}-{one[1].name}" for one in CAUGHT])
def test_the_judge_sees(mutant: str, row: type[Row], point: Point, said: str, here: World) -> None:
    here.mutant = mutant
    made = row(here)
    with pytest.raises(AssertionError, match=f"(?s){said}"):
        here.strike(made, random.Random(1), point)
        here.settled(made)


@pytest.mark.soak
def test_the_judge_sees_a_try_that_is_not_counted(shelf: Path) -> None:
    with world(shelf) as made:
        made.mutant = "counted_late"
        row = SignOn(made)
        try:
            with pytest.raises(AssertionError, match="looks"):
                row.strike(Point(0, "look:1:after"), random.Random(1), most=2)
        finally:
            row.close()
