"""The drawings: they fit the smallest screen, and a rule uses each of them."""

from __future__ import annotations

import re
from typing import get_args, get_type_hints

from station.base.settings import Rules
from station.manual.pictures import sketch
from station.quality.rulebook.shipped import shipped
from station.quality.sketches import SKETCHES, SMALL, TALLEST, WIDEST, small
from tests.docs.pages import text
from tests.support.for_each import for_each


@for_each("name", SKETCHES)
def test_a_drawing_fits_the_smallest_screen(name: str) -> None:
    lines = sketch(name)
    assert 0 < len(lines) <= TALLEST
    assert max(map(len, lines)) <= WIDEST
    assert all(line == line.rstrip() and line.isprintable() for line in lines)


@for_each("name", SMALL)
def test_a_small_drawing_has_five_rows_or_three_and_an_even_edge(name: str) -> None:
    for tall in (True, False):
        lines = small((name,), tall=tall)
        assert len(lines) == (5 if tall else 3)
        assert len({len(line) for line in lines if name not in DISCS}) <= 1
        assert max(map(len, lines)) <= 15


PLACED = {
    f"{kind}-{place}"
    for kind, setting in (("stamp", "stamp_place"), ("tag", "tag_place"), ("spine", "label_place"))
    for place in get_args(get_type_hints(Rules)[setting])
    if place != getattr(Rules(), setting)
}
"""The drawings of the places that a site may choose instead of the usual ones."""
DISCS = ("disc", "tag-disc")


def test_every_drawing_is_used_and_every_name_is_drawn() -> None:
    assert {rule.sketch for rule in shipped().rules} - {""} | PLACED == set(SKETCHES) == set(SMALL)
    assert sketch("") == sketch("moon") == small(("moon",), tall=True) == ()
    (row,) = [line for line in text("docs/quality.md").splitlines() if line.startswith("| `sketch` |")]
    assert set(re.findall(r"`([a-z-]+)`", row)) - {"sketch"} == set(SKETCHES)
