"""kill -9 while items are withdrawn, at any step: what was begun is listed at once, and each item leaves exactly once."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.store.database.database import open_reader
from station.store.projections.projections import compare
from station.store.queries.queries import Queries
from tests.stories.departures import killed_withdrawals
from tests.stories.departures.killed_withdrawals import ITEMS, SYSTEMS
from tests.support import forked
from tests.support.alma_process import AlmaProcess, fictitious
from tests.support.patience import PATIENCE_S


@pytest.fixture(scope="module")
def alma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlmaProcess]:
    process = AlmaProcess(tmp_path_factory.mktemp("alma"))
    yield process
    process.close()


def killed(steps: tuple[int, ...], alma: AlmaProcess, journal: Path) -> None:
    """Kill a station before its step with the first of these numbers, the next one before the second, and so on, and let the
    last one finish."""
    alma.reset({barcode: fictitious(barcode, 100 + n) for n, barcode in enumerate(ITEMS)}, {})
    for step in steps:
        assert run(journal, alma, step) == -signal.SIGKILL
        if journal.exists():
            begun = {each.barcode for each in Queries(journal, SystemClock()).withdrawals()}
            assert deleted(alma).keys() <= begun
    assert run(journal, alma, 0) == 0
    with closing(open_reader(journal)) as sql:
        assert compare(sql) == ()
    queries = Queries(journal, SystemClock())
    assert queries.verify().ok
    assert deleted(alma) == Counter(barcode for barcode, system in SYSTEMS.items() if system)
    assert queries.withdrawals() == ()
    left = [row.event for row in queries.withdrawn_in_period("0000", "9999")]
    assert sorted(event.barcode for event in left) == sorted(ITEMS)
    assert {event.barcode for event in left if event.by_hand} == {barcode for barcode in ITEMS if not SYSTEMS[barcode]}


def deleted(alma: AlmaProcess) -> Counter[str]:
    return Counter(row["barcode"] for row in alma.do("log")["effects"] if row["kind"] == "withdraw")


def run(journal: Path, alma: AlmaProcess, die_at: int) -> int:
    arguments = (journal, alma.base_url, die_at)
    return forked.run(*arguments, module=killed_withdrawals.__name__, timeout=PATIENCE_S).returncode


def test_killed_four_times_on_the_way(alma: AlmaProcess, tmp_path: Path) -> None:
    killed((4, 12, 9, 14), alma, tmp_path / "journal.db")


@pytest.mark.soak
def test_killed_at_50_points(alma: AlmaProcess, tmp_path: Path) -> None:
    for step in range(1, 51):
        killed((step,), alma, tmp_path / f"{step}.db")
