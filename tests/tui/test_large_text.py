"""Every screen and dialog at every size, in normal and in large text: all targets whole, large enough and apart."""

from __future__ import annotations

import msgspec
import pytest

from station.model import Workflow
from station.tui.aids import CountDialog, SketchDialog
from station.tui.corrections import CorrectionsScreen
from station.tui.lot import LotScreen
from station.tui.orders import OrdersScreen
from station.tui.outbox import OutboxScreen
from tests.tui.desk import SIZES
from tests.tui.evil import WORK
from tests.tui.scenes import SETTINGS
from tests.tui.test_modals import CASES, SCREENS, Bench, Row
from tests.tui.test_screens import targets_are_good

LARGE = msgspec.structs.replace(SETTINGS, screen=msgspec.structs.replace(SETTINGS.screen, large_text=True))
WAYS = [
    pytest.param(
        size,
        large,
        id=f"{size[0]}x{size[1]}-{'large' if large else 'normal'}",
        marks=() if size == SIZES[0] else pytest.mark.soak,
    )
    for size in SIZES
    for large in (True, False)
]
"""The smallest size in every run; the others in the soak."""
KEYPADS = (CountDialog, SketchDialog)
"""Answers that are many: small targets."""


@pytest.mark.parametrize(("size", "large"), WAYS)
@pytest.mark.parametrize(("kind", "row"), CASES)
async def test_every_target_is_whole(kind: type, row: Row, size: tuple[int, int], large: bool) -> None:
    async with Bench(row.scene, size, LARGE if large else SETTINGS) as desk:
        await row.opened(desk)
        assert type(desk.app.screen) is kind
        targets_are_good(desk, size, small=kind in KEYPADS)


@pytest.mark.parametrize(("size", "large"), WAYS)
@pytest.mark.parametrize("workflow", WORK, ids=lambda one: one.value)
async def test_every_target_of_every_state_of_the_work_is_whole(
    workflow: Workflow, size: tuple[int, int], large: bool
) -> None:
    scenes = [msgspec.structs.replace(scene, workflow=workflow) for scene in WORK[workflow]]
    async with Bench(scenes[0], size, LARGE if large else SETTINGS) as desk:
        for scene in scenes:
            await desk.show(scene)
            targets_are_good(desk, size)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (CorrectionsScreen, "4 open"),
        (OutboxScreen, "1 needs a person"),
        (OrdersScreen, "31234000004217  A field guide"),
        (LotScreen, "another person should go through it"),
    ],
)
async def test_large_text_leaves_room_for_what_stands_over_the_targets(kind: type, said: str) -> None:
    case = SCREENS[kind][0]
    async with Bench(case.scene, (80, 24), LARGE) as desk:
        await case.opened(desk)
        assert said in desk.text
