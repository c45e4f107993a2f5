"""A network that cuts, delays, doubles and swaps: no event is lost, doubled or out of order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest

from station.base.clock import SystemClock
from station.base.settings import load
from station.fleet.center import Center
from station.fleet.link import Link, unsent
from station.https import certificates
from station.store.postgres.connection import connect
from tests.fleet.conftest import ServedCenter
from tests.fleet.test_link import bench as bench  # the fixture
from tests.fleet.test_link import path_at, run
from tests.support.bad_line import BadLine, Pieces, Requests
from tests.support.copied_bench import CopiedBench

GIVES_UP_S = 0.5
"""Seconds after which the link gives up a request; 20 at a bench."""
MOST_STEPS = 200


def pieces(center: ServedCenter, seed: int) -> BadLine:
    return Pieces(center.port, seed, 0.08)


def requests(center: ServedCenter, seed: int) -> BadLine:
    folder = center.data / certificates.FOLDER
    files = folder / certificates.LEAF, folder / certificates.LEAF_KEY
    return Requests(center.port, seed, 0.4, *files, center.ca_file)


def send_through(line: BadLine, center: ServedCenter, bench: CopiedBench, items: int) -> int:
    """Record items and send after each, then until the center has all. Return how often the line failed."""
    settings = (bench.folder / "station.toml").read_text()
    (bench.folder / "station.toml").write_text(settings.replace(str(center.port), str(line.port)))
    failed = 0
    with closing(Center(load(bench.folder / "station.toml").fleet, bench.folder, SystemClock())) as asked:
        link = Link(bench.path, asked, SystemClock())

        def step() -> str:
            nonlocal failed
            with asked.within(GIVES_UP_S):
                status = link.step()
            assert status.state in ("sent", "current", "away"), status
            assert status.state != "away" or status.why == "unreachable", status
            failed += status.state == "away"
            return status.state

        for number in range(items):
            bench.work(f"3000300000{number:04}")
            step()
        for _ in range(MOST_STEPS):
            if step() == "current":
                break
    assert unsent(bench.path).count == 0
    return failed


def quarantined(center: ServedCenter) -> list[tuple[object, ...]]:
    with connect(center.database) as owner:
        return owner.execute("SELECT why, seq FROM quarantine").fetchall()


def story(
    make: Callable[[ServedCenter, int], BadLine], center: ServedCenter, bench: CopiedBench, seed: int, items: int
) -> BadLine:
    with closing(make(center, seed)) as line:
        assert send_through(line, center, bench, items) > 0
    assert path_at(center) == bench.rows()
    assert quarantined(center) == []
    assert run(bench.folder, "journal", "verify").exit_code == 0
    return line


@pytest.mark.parametrize("make", [pieces, requests])
def test_the_copy_is_exact_after_a_bad_line(
    make: Callable[[ServedCenter, int], BadLine], center: ServedCenter, bench: CopiedBench
) -> None:
    line = story(make, center, bench, 1, 25)
    assert len(line.happened) > 4


@pytest.mark.soak
@pytest.mark.parametrize("make", [pieces, requests])
@pytest.mark.parametrize("seed", range(2, 22))
def test_the_copy_is_exact_after_many_bad_lines(
    make: Callable[[ServedCenter, int], BadLine], seed: int, center: ServedCenter, bench: CopiedBench
) -> None:
    story(make, center, bench, seed, 100)
