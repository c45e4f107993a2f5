"""Display and sound by taps alone: colors and large text, at every size; pictures of the screen."""

from __future__ import annotations

import msgspec
import pytest

from station.tui.app import StationApp
from station.tui.drawing.words import SOUNDS
from station.tui.pages.display_and_sound import DisplayAndSoundScreen
from station.tui.widgets.sounds import picture
from station.tui.widgets.theme import THEMES
from station.tui.widgets.touch import Go
from tests.tui.running_app import EVERY_SIZE, running
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_colours_and_size_change_by_a_tap(size: tuple[int, int]) -> None:
    async with running("idle", size) as desk:
        await desk.open(Go.DISPLAY_AND_SOUND)
        assert desk.app.theme == THEMES["calm"].name
        await desk.tap("High contrast")
        assert desk.app.theme == THEMES["contrast"].name
        await desk.pilot.pause()  # the new colors are applied first
        assert "High contrast, text of normal size" in desk.text
        await desk.tap("Large text")
        assert "large text" in desk.text
        await desk.tap("Normal text")
        await desk.tap("Calm colors")
        assert desk.app.theme == THEMES["calm"].name


async def test_the_settings_say_how_it_begins() -> None:
    screen = msgspec.structs.replace(SETTINGS.screen, theme="contrast", large_text=True)
    settings = msgspec.structs.replace(SETTINGS, screen=screen)
    app = StationApp(FakeBench(SCENES["idle"]), FakeQueries(), settings, None, lambda: 0.0)
    async with app.run_test(size=(100, 30)):
        assert app.theme == THEMES["contrast"].name
        assert app.desk.large


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_every_sound_has_its_picture_and_words_in_large_text_too(size: tuple[int, int]) -> None:
    async with running("idle", size) as desk:
        await desk.open(Go.DISPLAY_AND_SOUND)
        await desk.tap("Large text")
        await desk.drawn()
        for sound in SOUNDS:
            assert f"{picture(sound)} " in desk.text and SOUNDS[sound] in desk.text
        await desk.tap("Close")
        assert not isinstance(desk.app.screen, DisplayAndSoundScreen)


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_large_text_moves_no_button_under_the_finger(size: tuple[int, int]) -> None:
    async with running("idle", size) as desk:
        await desk.open(Go.DISPLAY_AND_SOUND)
        before = {one.offered.does: one.region for one in desk.buttons if one.offered}
        await desk.tap("Large text")
        assert {one.offered.does: one.region for one in desk.buttons if one.offered} == before


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_a_scan_goes_back_to_the_work(size: tuple[int, int]) -> None:
    async with running("idle", size) as desk:
        await desk.open(Go.DISPLAY_AND_SOUND)
        assert isinstance(desk.app.screen, DisplayAndSoundScreen)
        await desk.scan("31234000004217")
        assert not isinstance(desk.app.screen, DisplayAndSoundScreen)
        assert [getattr(command, "text", "") for command in desk.bench.sent] == ["31234000004217"]
