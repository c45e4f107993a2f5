"""The check of sounds and lights: asked, answered and kept, at every size; it stops nobody."""

from __future__ import annotations

import msgspec
import pytest

from station.domain.commands import SoundCheck, TrySound
from station.domain.lately import Lately
from station.domain.snapshot import Sound
from station.tui.drawing.words import LIGHTS, LIT, SOUNDS
from station.tui.pages import sound_check
from station.tui.widgets.touch import Go
from tests.tui.running_app import SIZES, running
from tests.tui.scenes import SCENES
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells

IDLE = SCENES["idle"]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_each_sound_is_played_each_light_is_shown_and_the_answers_are_sent(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_check, "PAUSE_S", 0.0)
    async with running(IDLE, size) as desk:
        await desk.open(Go.DISPLAY_AND_SOUND)
        await desk.tap("Daily check")
        tells(desk, ("Did you hear all four?", *SOUNDS.values()))
        targets_are_good(desk, size)
        assert desk.bench.sent == []
        await desk.tap("Play the sounds")
        await desk.until(lambda: len(desk.bench.sent) == len(SOUNDS))
        assert desk.bench.sent == [TrySound(sound) for sound in SOUNDS]
        await desk.tap("Yes")
        tells(desk, ("Can you see all four?", *(f"{LIGHTS[light].symbol} {LIGHTS[light].word}" for light in LIT)))
        targets_are_good(desk, size)
        await desk.tap("No")
        assert desk.bench.sent[-1] == SoundCheck(heard=True, seen=False)
        tells(desk, ("✓ You hear the sounds.", "Try High contrast"))
        await desk.tap("Close")


async def test_a_bench_that_was_not_checked_today_offers_it_between_items_and_nothing_waits_for_it() -> None:
    async with running(msgspec.structs.replace(IDLE, lately=Lately(sound_checked=False)), (80, 24)) as desk:
        assert "Check sounds and lights" in desk.text
        await desk.scan()
        assert len(desk.bench.sent) == 1


@pytest.mark.parametrize(
    ("size", "said"), list(zip(SIZES, ("× no sound ", "× no sound ", "× no sound on this computer"), strict=True))
)
async def test_a_computer_without_sound_says_so_in_the_title_line(size: tuple[int, int], said: str) -> None:
    async with running(msgspec.structs.replace(IDLE, silent=True, sound=Sound.NONE), size) as desk:
        assert said in desk.lines[0]
        assert "2:05 PM" in desk.lines[0]
        await desk.open(Go.DISPLAY_AND_SOUND)
        assert "No sound on this computer. Watch the lights." in desk.text
