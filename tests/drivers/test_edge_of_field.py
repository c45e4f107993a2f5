"""The main job with a tag at the edge of the field, which hears k of n requests: the bench and the real drivers
(hotplug.py).

A badly placed tag is written and verified, or it is not; an unfinished write is never reported as done. When the tag is
placed well, the job continues to its end, unless the tag was given up.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.domain.commands import Choose, Scan
from station.domain.snapshot import Phase
from tests.drivers.hotplug import MODULES, UID, Desk
from tests.support.simulated_bench import BOOK

LOOKS = 25


@pytest.fixture(params=MODULES)
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(request.param, tmp_path, monkeypatch)
    yield desk
    desk.close()


def verified(desk: Desk) -> bool:
    return any(desk.look().phase is Phase.CHECKING for _ in range(LOOKS))


def test_a_badly_placed_tag_is_done_right_or_not_called_done_and_goes_on_when_it_lies_well(desk: Desk) -> None:
    desk.begin()
    assert not desk.job()
    wanted = desk.memory()
    ends: dict[str, int] = {}
    for of in range(2, 8):
        for heard in range(1, of):
            story = f"{heard} of {of}"
            desk.begin()
            desk.stranger.do("couple", uid=UID, heard=heard, of=of)
            assert desk.look().reader_ready
            desk.bench.handle(Scan(BOOK))
            desk.stranger.do("place", uid=UID)
            end = "verified"
            if not verified(desk):
                fault = desk.now.fault
                end = fault.code if fault else "waits"
                desk.stranger.do("couple", uid=UID, heard=1, of=1)
                if end == "tag-given-up":
                    ends[end] = ends.get(end, 0) + 1
                    continue
                if fault and any(choice.id == "retry" for choice in fault.choices):
                    desk.bench.handle(Choose("retry"))
                assert verified(desk), f"{story}: {end}, then {desk.now.phase} {desk.now.fault}"
            assert desk.memory() == wanted, f"{story}: {end}"
            ends[end] = ends.get(end, 0) + 1
    assert ends.pop("verified") > 1
    assert len(ends) > 2, ends
