"""One item costs the bench less work than at the recorded commit. Counts of calls are exact on each machine."""

from __future__ import annotations

import json
from fractions import Fraction

from benchmarks import calls
from tests.conftest import ROOT

MOST_IN_BENCH = Fraction(1, 2)
MOST_BETWEEN_FILES = Fraction(5, 7)
"""Limits for one tag and for one scan, as parts of the recorded counts. A scan also asks whether its item moves or is lost, and
each look whether a tag must not be seen again."""


def test_a_tag_and_a_scan_stay_below_their_share_of_the_recorded_calls() -> None:
    recorded: calls.Counts = json.loads(calls.RECORDED.read_text(encoding="utf-8"))
    now = calls.counts_of(ROOT)
    assert 0 < now["tag"]["bench"] <= MOST_IN_BENCH * recorded["tag"]["bench"]
    assert 0 < now["scan"]["between files"] <= MOST_BETWEEN_FILES * recorded["scan"]["between files"]
    assert now["tag"]["snapshots built"] <= 3, "progress of a write is a change of the last snapshot"
    assert now["tag"]["snapshots published"] == recorded["tag"]["snapshots published"]
