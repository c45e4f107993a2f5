"""The newest items: a label or flag slip is printed again, and the history is shown; never a result that is still blind."""

from __future__ import annotations

import msgspec
import pytest

from station.base.words import tell
from station.tui.pages.last_items import LastItemsScreen
from station.tui.pages.sound_check import SoundCheckScreen
from station.tui.widgets.dialogs import PrintedDialog
from station.tui.widgets.touch import Go
from tests.support.told import told
from tests.tui.running_app import SIZES, Desk, running
from tests.tui.scenes import ITEM, LATELY, SCENES, FakeQueries
from tests.tui.test_screens import targets_are_good
from tests.tui.workflows.test_printing import FakeLabels, settle

FAILED, COVERED = LATELY.items[2], LATELY.items[4]


async def chosen(desk: Desk, barcode: str) -> None:
    await desk.open(Go.LAST_ITEMS)
    while barcode not in desk.labels():
        await desk.tap(next(one for one in desk.labels() if one.startswith("More")))
    await desk.tap(barcode)
    await settle(desk)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_flag_slip_is_printed_again(size: tuple[int, int]) -> None:
    labels = FakeLabels()
    async with running(size=size, labels=labels) as desk:
        await chosen(desk, FAILED.barcode)
        targets_are_good(desk, size)
        assert FAILED.title in desk.text and told(FAILED.reason) in desk.text
        await desk.tap(tell("button.print-slip"))
        await settle(desk)
        assert labels.asked[0][:3] == ("slip", ITEM.barcode, "Spine label")
        assert type(desk.app.screen) is PrintedDialog


async def test_the_history_is_shown_and_back_leads_to_the_list() -> None:
    async with running() as desk:
        await chosen(desk, FAILED.barcode)
        await desk.tap(tell("last-items.history"))
        assert "2026-11-24 12:10 PM" in desk.text and "T12:10" not in desk.text
        await desk.tap(tell("button.back"))
        assert FAILED.barcode in desk.labels()


async def test_an_item_that_is_still_to_be_checked_blind_shows_and_prints_nothing() -> None:
    async with running(labels=FakeLabels(), queries=FakeQueries(covered=True)) as desk:
        await chosen(desk, COVERED.barcode)
        assert tell("last-items.covered") in desk.text
        assert not {tell(f"last-items.{one}") for one in ("label", "slip", "history")} & set(desk.labels())


async def test_a_tap_on_their_box_opens_them() -> None:
    async with running() as desk:
        desk.later()
        await desk.pilot.click("#tale", offset=(10, 3))
        await desk.pilot.pause()
        assert type(desk.app.screen) is LastItemsScreen


async def test_a_tap_beside_their_box_opens_nothing_and_one_on_what_needs_a_person_opens_its_page() -> None:
    idle = msgspec.structs.replace(SCENES["idle"], lately=msgspec.structs.replace(LATELY, sound_checked=False))
    async with running(idle) as desk:
        work = desk.app.screen
        column, row = spot(desk, tell("lately.title"))
        desk.later()
        await desk.pilot.click(offset=(column, row + 1))
        await desk.pilot.pause()
        assert desk.app.screen is work
        desk.later()
        await desk.pilot.click(offset=spot(desk, tell("button.display")))
        await desk.pilot.pause()
        assert type(desk.app.screen) is SoundCheckScreen


def spot(desk: Desk, words: str) -> tuple[int, int]:
    """Return where these words are painted."""
    return next((line.index(words), row) for row, line in enumerate(desk.lines) if words in line)
