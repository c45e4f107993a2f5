"""The measurement of a fleet, as small as possible. Its figures mean nothing."""

from __future__ import annotations

import pytest

from benchmarks.fleet import Fleet, Workload, worked
from station.demo.postgres import programs
from tests.conftest import missing


@pytest.fixture(autouse=True)
def _postgres() -> None:
    if programs() is None:
        missing("PostgreSQL 17")


@pytest.mark.soak
def test_all_that_the_benches_did_is_in_their_copies() -> None:
    section, targets = worked(Workload(2, 20), 1 / 60)
    assert len(section.rows) == len(targets)
    assert [target.met for target in targets if target.row.what == "copies that differ"] == [True]


@pytest.mark.soak
def test_time_jumps_where_nobody_has_anything_to_do() -> None:
    with Fleet(1) as fleet:
        fleet.work(3)
        assert fleet.clock.skipped > 0
        assert len(fleet.lags) == 3
