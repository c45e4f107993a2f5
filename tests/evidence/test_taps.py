"""Taps of a scripted shift: those that were made are those that the journal tells, and no kind takes more than its
limit."""

from __future__ import annotations

import asyncio

from scripts.evidence.taps import KINDS, LIMITS, counted
from tests.tui.scripted_shift import play


def test_the_journal_tells_the_taps_of_a_scripted_shift() -> None:
    made, events = asyncio.run(play())
    found = counted(events)
    assert {one.barcode: one.taps for one in found} == made
    assert {one.kind for one in found} == set(KINDS)
    assert [one for one in found if one.taps > LIMITS[one.kind]] == []
