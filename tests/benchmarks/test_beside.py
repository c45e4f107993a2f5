"""Two commits are compared by what both measure."""

from __future__ import annotations

from benchmarks.beside import compared


def test_the_ratio_is_that_of_the_turns_and_figures_of_one_commit_are_named() -> None:
    turns = [
        ({"Import: s": 1.0, "Paint: s": 1.0}, {"Import: s": 2.0, "Disk: s": 1.0}),
        ({"Import: s": 40.0, "Paint: s": 1.0}, {"Import: s": 80.0, "Disk: s": 1.0}),  # the machine was busy
        ({"Import: s": 1.0, "Paint: s": 1.0}, {"Import: s": 3.0, "Disk: s": 1.0}),
    ]
    heading, *lines = compared(turns)
    assert heading.split() == ["base", "now", "ratio"]
    assert [line.split() for line in lines[:1]] == [["Import:", "s", "1.000", "3.000", "2.00"]]
    assert lines[1:] == ["Only in the base: Paint: s", "Only in this tree: Disk: s"]
