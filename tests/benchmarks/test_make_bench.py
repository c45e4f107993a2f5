"""`make bench` as a whole, as small as possible: each section runs and prints something. Its figures mean nothing."""

from __future__ import annotations

import pytest

from benchmarks import office
from benchmarks.__main__ import Size, run
from benchmarks.report import render

TINY = Size(
    tags=1,
    indexed=100,
    lookups=20,
    imported=100,
    codec_seconds=0.05,
    keys=5,
    catalog=100,
    open_lines=1_000,
    call_numbers=200,
    call_numbers_of_peer=20,
    backlog=5,
    waiting=20,
    outbox_seconds=2.0,
    events=32,
    starts=1,
    office=office.Size(events=1_600, requests=1, day=5, items=1),
)


@pytest.mark.soak
def test_every_section_runs_and_says_something() -> None:
    sections = run(TINY)
    assert all(section.rows for section in sections)
    assert render(sections)
