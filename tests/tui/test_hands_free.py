"""Without touching the screen: command barcodes, the numeric keypad and a foot switch tap the buttons that are shown."""

from __future__ import annotations

import msgspec
import pytest

from station.base.settings import Keys
from station.base.words.times import local_time
from station.domain.command_barcodes import FailReason, OnScreen, ScreenCommand, text_of
from station.domain.commands import AllGood, Answer, CallStaff, Cancel, Command, Enter, Reopen, Scan
from station.domain.findings import Outcome
from station.domain.people.staff_call import StaffCall
from station.domain.snapshot import Snapshot
from station.domain.workflows import Workflow
from station.tui.pages.menu import MenuScreen
from station.tui.widgets.touch import Go
from station.tui.workflows.process import ProcessScreen
from tests.tui.running_app import Desk, running
from tests.tui.scenes import SCENES
from tests.tui.test_modals import CODE
from tests.tui.workflows.test_page_of_checks import PAGE, RULES

LINE_MISSING = FailReason(21, "label-line-missing")
PASSES = Answer("identity.title", Outcome.PASS)
ERASE = msgspec.structs.replace(SCENES["idle"], workflow=Workflow.ERASE)
SILENCE_S = Keys().alone_ms / 1000


async def scan(desk: Desk, command: OnScreen) -> None:
    desk.clock.pause(10)
    await desk.scan(text_of(command))


async def press(desk: Desk, *keys: str) -> None:
    """Press keys by hand, each after a silence and with a silence after it."""
    for key in keys:
        desk.clock.pause(10)
        await desk.keys(key)
        await desk.pilot.pause(SILENCE_S + 0.1)
        await desk.pilot.pause()


@pytest.mark.parametrize(
    ("scene", "command", "sent"),
    [
        ("check-title", ScreenCommand.PASS, PASSES),
        ("check-page", ScreenCommand.PASS, AllGood(RULES)),
        ("check-page", LINE_MISSING, Answer("spine-label", Outcome.FAIL, "label-line-missing")),
        ("check-label", ScreenCommand.BACK, Reopen()),
        ("check-label", ScreenCommand.SET_ASIDE, Cancel()),
        (ERASE, ScreenCommand.BACK, Enter(Workflow.PROCESS)),
    ],
)
async def test_a_command_barcode_does_what_the_button_does(
    scene: str | Snapshot, command: OnScreen, sent: Command
) -> None:
    async with running(scene) as desk:
        await scan(desk, command)
        assert desk.bench.sent == [sent]


async def test_fail_asks_for_the_reason_and_back_leaves_it() -> None:
    async with running("check-title") as desk:
        await scan(desk, ScreenCommand.FAIL)
        assert "Another volume" in desk.labels()
        await scan(desk, ScreenCommand.BACK)
        assert "✓ Yes" in desk.labels()
        assert desk.bench.sent == []


@pytest.mark.parametrize(
    ("scene", "command"),
    [
        ("idle", ScreenCommand.PASS),
        ("idle", ScreenCommand.SET_ASIDE),
        ("check-title", ScreenCommand.BACK),
        ("check-title", LINE_MISSING),
        ("check-page", ScreenCommand.FAIL),
        ("check-page", FailReason(21, "no-such-reason")),
        ("other-item", ScreenCommand.PASS),
        ("other-item", LINE_MISSING),
        ("idle", ScreenCommand.UNDO),
        (msgspec.structs.replace(PAGE, all_good_after=30.0), ScreenCommand.PASS),
    ],
)
async def test_a_command_without_an_active_button_is_left_to_the_bench(
    scene: str | Snapshot, command: OnScreen
) -> None:
    async with running(scene) as desk:
        await scan(desk, command)
        assert desk.bench.sent == [Scan(text_of(command))]


async def test_a_command_never_answers_what_another_page_covers() -> None:
    async with running(PAGE) as desk:
        for command in (ScreenCommand.PASS, LINE_MISSING):
            await desk.open(Go.MENU)
            await scan(desk, command)
            assert type(desk.app.screen) is ProcessScreen
        assert desk.bench.sent == [Scan(text_of(ScreenCommand.PASS)), Scan(text_of(LINE_MISSING))]
        await desk.open(Go.MENU)
        assert type(desk.app.screen) is MenuScreen
        await scan(desk, ScreenCommand.BACK)
        assert type(desk.app.screen) is ProcessScreen


async def test_the_same_command_read_twice_is_one_tap() -> None:
    async with running("check-title") as desk:
        await scan(desk, ScreenCommand.PASS)
        desk.clock.pause(0.2)
        await desk.scan(text_of(ScreenCommand.PASS))
        assert desk.bench.sent == [PASSES]


@pytest.mark.parametrize(
    ("key", "sent"), [("+", PASSES), ("pagedown", PASSES), ("*", Cancel()), (".", Reopen()), ("backspace", Reopen())]
)
async def test_a_key_does_what_the_button_does(key: str, sent: Command) -> None:
    async with running("check-label" if isinstance(sent, Reopen) else "check-title") as desk:
        await press(desk, key)
        assert desk.bench.sent == [sent]


async def test_digits_open_a_line_and_give_its_reason() -> None:
    """A critical check takes the digit twice."""
    async with running(PAGE) as desk:
        line = RULES.index("spine-label") + 1
        assert desk.bench.sent == []
        await press(desk, str(line))
        assert "Line missing" in desk.labels()
        await press(desk, "2")
        assert "Press 2 again" in desk.text
        assert desk.bench.sent == []
        await press(desk, "2")
        assert desk.bench.sent == [Answer("spine-label", Outcome.FAIL, "label-line-missing")]


@pytest.mark.parametrize("broken", [CODE[:2], CODE[:7], CODE[3:], f"{CODE[:5]}+", "++", "11"])
async def test_a_scan_is_never_a_key_however_it_breaks_off(broken: str) -> None:
    for scene in (PAGE, SCENES["check-title"]):
        async with running(scene) as desk:
            labels = desk.labels()
            await press(desk)
            desk.clock.pause(10)
            await desk.keys(*broken)
            await desk.pilot.pause(SILENCE_S + 0.1)
            assert desk.bench.sent == []
            assert desk.labels() == labels


async def test_a_held_foot_switch_is_one_tap() -> None:
    async with running("check-title") as desk:
        await press(desk, "pagedown")
        for wait in (0.6, 0.03, 0.03):
            desk.clock.pause(wait)
            await desk.keys("pagedown")
        assert desk.bench.sent == [PASSES]


async def test_a_key_after_a_scan_that_broke_off_does_not_join_it() -> None:
    async with running("check-title") as desk:
        await desk.keys(*CODE[:5])
        await press(desk, "+")
        await desk.scan(CODE)
        assert desk.bench.sent == [PASSES, Scan(CODE)]


async def test_staff_is_called_by_barcode_and_shown_until_it_is_answered() -> None:
    async with running("check-title") as desk:
        await scan(desk, ScreenCommand.CALL_STAFF)
        assert desk.bench.sent == [CallStaff()]
        called = StaffCall(at="2026-11-24T14:05:00+00:00", bench="bench-1", worker="ann")
        await desk.show(msgspec.structs.replace(SCENES["check-title"], staff_call=called))
        assert f"Staff called at {local_time(called.at)}." in desk.text
        await desk.menu("Staff is here")
        assert desk.bench.sent[1:] == [CallStaff(down=True)]
        assert type(desk.app.screen) is ProcessScreen
