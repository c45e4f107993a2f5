"""Ten pictures that must not change unnoticed: fixed size, theme, data and clock. `pytest --snapshot-update` on Python 3.11."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.tui.app import StationApp
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeDemo, FakeQueries


@pytest.mark.parametrize(
    ("scene", "size", "demo"),
    [
        ("idle", (100, 30), False),
        ("need-tag", (80, 24), True),
        ("other-item", (100, 30), False),
        ("check-label", (80, 24), False),
        ("fail", (100, 30), False),
        ("writing", (160, 45), True),
        ("check-stamp", (80, 24), False),
        ("check-stamp", (100, 30), False),
        ("check-stamp", (160, 45), False),
        ("check-pieces", (100, 30), False),
    ],
)
def test_picture(snap_compare: Callable[..., bool], scene: str, size: tuple[int, int], demo: bool) -> None:
    app = StationApp(FakeBench(SCENES[scene]), FakeQueries(), SETTINGS, FakeDemo() if demo else None, lambda: 0.0)
    assert snap_compare(app, terminal_size=size)
