"""The page of a window that is too small: no tap and no scan works blind, and the work is as it was afterwards."""

from __future__ import annotations

import pytest

from station.domain.commands import Scan
from station.tui.widgets.touch import Go
from tests.tui.running_app import Desk, running

SMALL = (70, 20)


async def resized(desk: Desk, width: int, height: int) -> None:
    await desk.pilot.resize_terminal(width, height)
    await desk.pilot.pause()


@pytest.mark.parametrize("go", [None, Go.MENU, Go.QUIT])
async def test_a_small_window_says_the_size_needed_and_the_screen_returns_when_it_is_enlarged(go: Go | None) -> None:
    async with running("check-label", (80, 24)) as desk:
        if go is not None:
            await desk.open(go)
        before = desk.text
        await resized(desk, *SMALL)
        for said in ("Window too small", "Needed: 80 columns, 24 rows.", "Now: 70 columns, 20 rows."):
            assert said in desk.text
        assert not set("│╭▲█") & set(desk.text), "nothing of the screen is left in sight"
        for y in range(0, SMALL[1], 2):
            await desk.pilot.click(offset=(35, y))
        assert desk.bench.sent == []
        await resized(desk, 80, 24)
        assert desk.text == before


async def test_a_scan_into_a_small_window_is_refused_in_words_and_taken_once_the_window_is_large() -> None:
    async with running("idle", SMALL, demo=True) as desk:
        assert "Scan not taken" not in desk.text
        await desk.scan()
        assert "Scan not taken. Make the window larger, then scan again." in desk.text
        await desk.keys("f3", "f4")
        assert desk.demo is not None
        assert (desk.bench.sent, desk.demo.acts) == ([], [])
        await resized(desk, 80, 24)
        await desk.scan()
        assert desk.bench.sent == [Scan("31234000004217")]
        await resized(desk, *SMALL)
        assert "Scan not taken" not in desk.text
