"""The drawings: they fit the smallest screen, and a rule uses each of them."""

from __future__ import annotations

import re

from station.manual.pictures import sketch
from station.quality.rulebook.shipped import shipped
from station.quality.sketches import SKETCHES, TALLEST, WIDEST
from tests.docs.pages import text
from tests.support.for_each import for_each


@for_each("name", SKETCHES)
def test_a_drawing_fits_the_smallest_screen(name: str) -> None:
    lines = sketch(name)
    assert 0 < len(lines) <= TALLEST
    assert max(map(len, lines)) <= WIDEST
    assert all(line == line.rstrip() and line.isprintable() for line in lines)


def test_every_drawing_is_used_and_every_name_is_drawn() -> None:
    assert {rule.sketch for rule in shipped().rules} - {""} == set(SKETCHES)
    assert sketch("") == sketch("moon") == ()
    (row,) = [line for line in text("docs/quality.md").splitlines() if line.startswith("| `sketch` |")]
    assert set(re.findall(r"`([a-z-]+)`", row)) - {"sketch"} == set(SKETCHES)
