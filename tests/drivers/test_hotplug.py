"""The reader's plug pulled at every byte of the main job: see hotplug.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drivers.hotplug import MODULES, Desk, pull_everywhere

POINTS = 20


@pytest.fixture(params=MODULES)
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(request.param, tmp_path, monkeypatch)
    yield desk
    desk.close()


def test_a_plug_pulled_anywhere_is_noticed_shown_and_the_job_finished_when_it_is_back(desk: Desk) -> None:
    assert pull_everywhere(desk, POINTS) == POINTS


@pytest.mark.soak
def test_at_every_byte(desk: Desk) -> None:
    assert pull_everywhere(desk, None) >= 500
