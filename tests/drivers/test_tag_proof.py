"""The verdict on emulated readers: no exchange for a tag that was read before the tap, and none is missed for one that
was exchanged or changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.domain.commands import AllGood
from station.domain.findings import page
from station.domain.snapshot import Phase, Snapshot
from station.domain.verdict import Verdict
from tests.drivers.hotplug import MODULES, UID, Desk

OTHER = "E00401500000AB02"
LAMP = "71"
"""FEIG: Set Output."""


@pytest.fixture(params=MODULES)
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(request.param, tmp_path, monkeypatch)
    desk.begin()
    desk.stranger.do("create", uid=OTHER, chip="slix", replace=True)
    assert not desk.job()
    yield desk
    desk.close()


def all_good(desk: Desk) -> Snapshot:
    now = desk.now
    on_page = [now.checks[at] for at in page(now.checks, now.current_check)]
    desk.bench.handle(AllGood(tuple(check.rule for check in on_page if check.answer is None)))
    return desk.now


def exchanges(desk: Desk) -> Counter[str]:
    """Return the commands that the reader was sent, without those for its lamp."""
    commands = Counter(desk.stranger.do("counters")["commands"])
    del commands[LAMP]
    return commands


def alter(desk: Desk) -> None:
    """Change the tag as another reader does: it is blank, and lies off the pad."""
    desk.stranger.do("create", uid=UID, chip="slix", replace=True)


def lifted(desk: Desk) -> None:
    desk.stranger.do("lift", uid=UID)
    desk.look()
    alter(desk)


def exchanged(desk: Desk) -> None:
    desk.stranger.do("lift", uid=UID)
    desk.stranger.do("place", uid=OTHER)
    desk.look()
    alter(desk)
    desk.stranger.do("lift", uid=OTHER)


def reconnected(desk: Desk) -> None:
    desk.plug.pull()
    desk.look()
    alter(desk)
    desk.plug.put_in()


def beside_another(desk: Desk) -> None:
    alter(desk)
    desk.stranger.do("place", uid=OTHER)


@pytest.mark.parametrize("way", [lifted, exchanged, reconnected, beside_another], ids=lambda way: way.__name__)
def test_a_tag_that_was_changed_while_it_was_away_gets_no_verdict(desk: Desk, way: Callable[[Desk], None]) -> None:
    way(desk)
    desk.stranger.do("place", uid=UID)
    desk.look()
    now = all_good(desk)
    assert now.phase is Phase.STOPPED and now.fault is not None and now.fault.code == "tag-changed"


def test_a_tag_that_is_changed_in_place_stops_the_line_within_two_seconds_and_a_half(desk: Desk) -> None:
    alter(desk)
    desk.stranger.do("place", uid=UID)
    began = desk.clock.monotonic()
    while desk.now.phase is Phase.CHECKING and desk.clock.monotonic() < began + 5:
        desk.look()
    assert desk.now.fault is not None and desk.now.fault.code == "tag-changed"
    assert desk.clock.monotonic() - began <= 2.5


def test_an_item_tapped_within_two_seconds_of_its_proof_costs_looks_and_nothing_more(desk: Desk) -> None:
    before = exchanges(desk)
    for _ in range(7):
        desk.look()
    assert all_good(desk).verdict is Verdict.PASS
    assert [*(exchanges(desk) - before).values()] == [7]


@pytest.mark.parametrize("ticks", range(8, 12))
def test_a_later_tap_costs_nothing_either_at_whatever_step_of_the_reading(desk: Desk, ticks: int) -> None:
    before = exchanges(desk)
    for _ in range(ticks):
        desk.look()
    assert (exchanges(desk) - before).total() == ticks
    assert all_good(desk).verdict is Verdict.PASS
    assert (exchanges(desk) - before).total() == ticks
