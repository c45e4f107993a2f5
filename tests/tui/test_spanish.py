"""Spanish in the smallest window: every button shows its whole label, and a tap changes the language."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from station.base import words
from station.domain.commands import Speak
from station.tui.widgets.touch import Go
from tests.tui.hostile_screens import WORK
from tests.tui.running_app import SIZES
from tests.tui.scenes import SCENES
from tests.tui.test_modals import Bench, every_screen
from tests.tui.whole import buttons_are_whole


@pytest.fixture(autouse=True)
def _spanish() -> Iterator[None]:
    words.speak("es")
    yield
    words.use()


async def test_every_button_of_every_screen_is_whole() -> None:
    async with Bench(SCENES["idle"], SIZES[0]) as desk:
        async for _ in every_screen(desk):
            buttons_are_whole(desk)
        for workflow, scenes in WORK.items():
            for scene in scenes:
                await desk.show(msgspec.structs.replace(scene, workflow=workflow))
                buttons_are_whole(desk)


async def test_a_tap_changes_the_language() -> None:
    async with Bench(SCENES["idle"], SIZES[0]) as desk:
        await desk.open(Go.DISPLAY_AND_SOUND)
        await desk.tap("English")
        assert desk.bench.sent == [Speak("en")]
