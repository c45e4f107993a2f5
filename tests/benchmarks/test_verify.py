"""The journal of the benchmark of `journal verify` is sound, and has the announced length."""

from __future__ import annotations

from pathlib import Path

from benchmarks import verify
from station.base.clock import SystemClock
from station.store.queries.queries import Queries


def test_section(tmp_path: Path) -> None:
    """Few events; machine-dependent results are not asserted."""
    found = verify.section(tmp_path, 3 * verify.EVENTS_OF_AN_ITEM)
    assert found.figures["verify peak bytes"] > 0
    report = Queries(tmp_path / "verify" / "journal.db", SystemClock()).verify(
        head_directory=tmp_path / "verify" / "heads"
    )
    assert (report.ok, report.events) == (True, 3 * verify.EVENTS_OF_AN_ITEM + 1)  # the rules
    assert report.heads_checked == 1
