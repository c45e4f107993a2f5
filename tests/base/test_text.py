"""Text from outside: runs of marks."""

from __future__ import annotations

import unicodedata

import pytest

from station.base.text import MARKS, as_drawn, clean

STACK = "\u0301\u0323\u20dd" * 66
"""198 marks: above, below, around."""


@pytest.mark.parametrize("made", [clean, as_drawn])
def test_marks_do_not_reach_the_lines_above_and_below(made: object) -> None:
    assert callable(made)
    title = made(f"A{STACK} history e\u0301 \u0e17\u0e35\u0e48")
    runs = "".join("m" if unicodedata.category(char) in ("Mn", "Me") else " " for char in title).split()
    assert max(map(len, runs)) == MARKS
    assert title.endswith(made(" history e\u0301 \u0e17\u0e35\u0e48")), "the words keep their marks"
    assert made(title) == title
