"""The long journal of the benchmarks is sound."""

from __future__ import annotations

from pathlib import Path

from benchmarks import long_journal, verify
from station.base.clock import SystemClock
from station.store.queries.queries import Queries

ITEMS = 3


def test_section(tmp_path: Path) -> None:
    """Few events; machine-dependent results are not asserted."""
    found = verify.section(tmp_path, ITEMS * long_journal.EVENTS_OF_AN_ITEM)
    assert found.figures["verify peak bytes"] > 0
    report = Queries(tmp_path / "verify" / "journal.db", SystemClock()).verify(
        head_directory=tmp_path / "verify" / "heads"
    )
    assert report.ok and report.events > ITEMS * long_journal.EVENTS_OF_AN_ITEM  # and the people
    assert report.heads_checked == 1
