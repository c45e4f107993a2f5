"""The table and the figures below it."""

from __future__ import annotations

import pytest

from benchmarks.cycle import Run, _beyond
from benchmarks.minimum import Exchange
from benchmarks.report import Row, Section, duration, percentile, render


def test_percentile_is_the_nearest_rank() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert (percentile(values, 50), percentile(values, 99), percentile(values, 100)) == (50, 99, 100)
    assert percentile([7.0], 99) == 7.0
    with pytest.raises(ValueError):
        percentile([], 50)


def test_durations_take_the_unit_that_reads_best() -> None:
    assert [duration(0.0000085), duration(0.0048), duration(0.915), duration(12)] == [
        "8.5 us",
        "4.8 ms",
        "915.0 ms",
        "12.0 s",
    ]


def test_table_shows_what_was_compared_and_how() -> None:
    row = Row(what="look-up", value="9 us", beside="8 us", ratio=1.125, how="warm")
    text = render([Section(title="2. Look-up", how="beside: sqlite3", rows=(row,), figures={})])
    assert "2. Look-up" in text
    assert "beside: sqlite3" in text
    assert text.splitlines()[-1].split() == ["look-up", "9", "us", "8", "us", "1.12", "warm"]


def test_exchanges_beyond_the_list_are_named_also_when_they_are_missing() -> None:
    run = Run(wall=1.0, gate=0.0, silence=0.0, emulator={}, commands={"b001": 2, "71": 1})
    listed = (
        Exchange(what="look", command="b001"),
        Exchange(what="wait", rest=0.1),
        Exchange(what="AFI", command="b027"),
    )
    assert _beyond([run], listed) == {"inventory": 1, "71": 1, "write AFI": -1}
