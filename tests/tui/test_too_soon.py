"""After every change of the question an input that nobody can have meant for it is ignored, wherever it comes from and
wherever it lands; a scan of an item never is."""

from __future__ import annotations

import msgspec
import pytest

from station.domain.command_barcodes import FailReason, OnScreen, ScreenCommand, text_of
from station.domain.commands import AllGood, Answer, Scan
from station.domain.findings import Outcome
from station.tui.widgets.touch import Go, TouchButton
from station.tui.workflows.process import ProcessScreen
from tests.tui.running_app import SIZES, Desk, running
from tests.tui.scenes import SCENES
from tests.tui.workflows.test_page_of_checks import PAGE, RULES
from tests.tui.workflows.test_printing import FakeLabels

TITLE, LABEL = SCENES["check-title"], SCENES["check-label"]


async def changed(desk: Desk) -> None:
    """Answer the open check by a tap; the bench shows the next one at once."""
    await desk.tap("✓ Yes")
    await desk.show(LABEL)
    desk.bench.sent.clear()


@pytest.mark.parametrize("button", ["✓ Yes", "Set aside"], ids=["same-place", "elsewhere"])
@pytest.mark.parametrize("wait", [0.1, 0.45, 0.69])
async def test_a_tap_after_a_change_of_the_question_is_ignored(button: str, wait: float) -> None:
    async with running(TITLE) as desk:
        await changed(desk)
        await desk.tap(button, wait=wait)
        assert desk.bench.sent == []
        await desk.tap(button, wait=0.71 - wait)
        assert len(desk.bench.sent) == 1


@pytest.mark.parametrize("key", ["pagedown", "*", "+"])
async def test_so_is_a_key_and_the_foot_switch(key: str) -> None:
    """A key that types a character counts after its silence, but it was pressed before it."""
    async with running(TITLE) as desk:
        await changed(desk)
        desk.clock.pause(0.6)
        await desk.keys(key)
        desk.clock.pause(desk.app._keypad.silence)
        await desk.pilot.pause(desk.app._keypad.silence + 0.1)
        assert desk.bench.sent == []


@pytest.mark.parametrize(
    "command", [ScreenCommand.PASS, ScreenCommand.CALL_STAFF, FailReason(21, "label-line-missing")]
)
async def test_so_is_a_command_barcode(command: OnScreen) -> None:
    async with running(TITLE) as desk:
        await changed(desk)
        desk.clock.pause(0.6)
        await desk.scan(text_of(command))
        assert desk.bench.sent == []


async def test_a_scan_of_an_item_is_never_dropped() -> None:
    async with running(TITLE) as desk:
        await changed(desk)
        await desk.scan("31234000004217")
        assert desk.bench.sent == [Scan("31234000004217")]


async def test_a_stop_with_the_buttons_of_the_stop_before_is_another_question() -> None:
    stop = SCENES["other-item"]
    assert stop.fault is not None
    async with running(stop) as desk:
        await desk.show(msgspec.structs.replace(stop, fault=msgspec.structs.replace(stop.fault, code="other-stop")))
        await desk.tap("Set the item aside", wait=0.5)
        assert desk.bench.sent == []


async def test_a_dialog_that_opens_or_closes_is_another_question() -> None:
    async with running(PAGE) as desk:
        await desk.open(Go.QUIT)
        await desk.tap("Stay", wait=0.5)
        assert type(desk.app.screen) is not ProcessScreen
        await desk.tap("Stay")
        assert type(desk.app.screen) is ProcessScreen
        await desk.tap("✓ ALL GOOD", wait=0.5)
        assert desk.bench.sent == []
        await desk.tap("✓ ALL GOOD", wait=0.3)
        assert desk.bench.sent == [AllGood(RULES)]


async def test_what_the_bench_shows_without_another_question_stops_no_tap() -> None:
    async with running(TITLE) as desk:
        await desk.show(msgspec.structs.replace(TITLE, outbox_depth=7, reader="ready"))
        await desk.tap("✓ Yes", wait=0.1)
        assert desk.bench.sent == [Answer("identity.title", Outcome.PASS)]


async def test_a_button_is_dark_while_a_tap_on_it_does_not_count() -> None:
    async with running(TITLE) as desk:

        def lit() -> set[bool]:
            return {not button.has_class("off") for button in desk.buttons if button.offered and button.offered.enabled}

        assert lit() == {True}
        await desk.show(LABEL)
        assert lit() == {False}
        desk.later(0.71)
        assert lit() == {True}
        await desk.open(Go.QUIT)
        desk.later()
        under = [one for one in desk.app.screen_stack[-2].query(TouchButton) if one.offered]
        assert all(button.has_class("off") for button in under), "a dialog covers them"


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("done", ["pass", "fail"])
async def test_nothing_comes_under_the_place_of_the_last_large_button(done: str, size: tuple[int, int]) -> None:
    async with running(PAGE, size=size, demo=size == SIZES[0], labels=FakeLabels()) as desk:
        (good,) = (one.region for one in desk.buttons if one.offered and one.offered.label == "✓ ALL GOOD")
        await desk.show(SCENES[done])
        under = [one.offered.label for one in desk.buttons if one.offered and one.region.overlaps(good)]
        assert under == [] and "Print label" in desk.labels()
