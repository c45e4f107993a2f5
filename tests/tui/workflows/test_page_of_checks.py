"""The page of checks: a line each, one tap that passes exactly what is shown, and a line that opens its reasons."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from station.base.words import Sentence, tell
from station.domain.commands import AllGood, Answer
from station.domain.findings import Outcome
from station.domain.notices import notice
from station.domain.snapshot import Snapshot
from station.quality.verdict.checklist import answered
from station.tui.widgets.screen import Pane
from station.tui.widgets.touch import TouchButton
from tests.tui.running_app import SIZES, Desk, running
from tests.tui.scenes import SCENES

PAGE = SCENES["check-page"]
RULES = tuple(check.rule for check in PAGE.checks)


def buttons(desk: Desk, rule: str) -> list[TouchButton]:
    """Return the line of this check, if it is on the screen."""
    return [one for one in desk.buttons if one.offered and one.offered.head == str(RULES.index(rule) + 1)]


async def open_line(desk: Desk, rule: str) -> None:
    """Tap the line of this check."""
    (button,) = buttons(desk, rule)
    assert button.offered is not None
    button.post_message(TouchButton.Tapped(button.offered))
    await desk.pilot.pause()


def band(desk: Desk) -> str:
    return " ".join(desk.app.screen.query_one("#band", Pane).render().plain.split())


def failed(snapshot: Snapshot, rule: str) -> Snapshot:
    """Return the snapshot after this check failed."""
    at = RULES.index(rule)
    check = answered(snapshot.checks[at], Answer(rule, Outcome.FAIL, snapshot.checks[at].reasons[0]), "ann")
    assert check is not None
    checks = (*snapshot.checks[:at], check, *snapshot.checks[at + 1 :])
    return msgspec.structs.replace(snapshot, checks=checks, current_check=0 if at else 1)


@pytest.mark.parametrize("size", SIZES)
async def test_one_tap_passes_what_is_shown_and_nothing_else(size: tuple[int, int]) -> None:
    async with running(PAGE, size=size) as desk:
        shown = tuple(rule for rule in RULES if buttons(desk, rule))
        await desk.tap(tell("button.all-good"))
        assert desk.bench.sent == [AllGood(shown)]
        assert size == SIZES[0] or shown == RULES


async def test_the_button_sleeps_until_the_page_was_shown_long_enough() -> None:
    async with running(msgspec.structs.replace(PAGE, all_good_after=600.0)) as desk:
        assert tell("button.all-good") not in desk.labels()
        await desk.tap(tell("button.look-first"))
        assert desk.bench.sent == []
        await desk.show(SCENES["idle"])
        await desk.show(msgspec.structs.replace(PAGE, all_good_after=0.01))
        await desk.until(lambda: tell("button.all-good") in desk.labels())
        await desk.tap(tell("button.all-good"))
        assert desk.bench.sent == [AllGood(RULES)]


async def test_the_time_of_an_earlier_page_does_not_wake_the_button() -> None:
    async with running(msgspec.structs.replace(PAGE, all_good_after=0.05)) as desk:
        await desk.show(SCENES["idle"])
        await desk.show(msgspec.structs.replace(PAGE, all_good_after=600.0))
        await asyncio.sleep(0.1)
        assert tell("button.all-good") not in desk.labels()


async def test_a_wrong_line_opens_its_reasons_and_the_rest_is_good() -> None:
    async with running(PAGE) as desk:
        await open_line(desk, "spine-label")
        await desk.tap("Line missing")
        assert desk.bench.sent == [Answer("spine-label", Outcome.FAIL, "Line missing")]
        await desk.show(failed(PAGE, "spine-label"))
        await desk.tap(tell("button.rest-good"))
        assert desk.bench.sent[1:] == [AllGood(tuple(rule for rule in RULES if rule != "spine-label"))]


async def test_back_leaves_the_reasons_without_an_answer() -> None:
    async with running(PAGE) as desk:
        await open_line(desk, "title-in-hand")
        assert tell("button.all-good") not in desk.labels()
        assert "Is this the item in your hand?" in band(desk), "the band asks the question of the open line"
        await desk.tap("< Back")
        assert tell("button.all-good") in desk.labels()
        assert tell("check.page") in band(desk)
        assert desk.bench.sent == []


async def test_an_ordinary_book_is_one_page_on_a_small_screen_and_a_notice_does_not_move_it() -> None:
    first = msgspec.structs.replace(PAGE.checks[0], expectation="A field guide to imaginary rivers\nQuillfeather, Ada.")
    book = msgspec.structs.replace(PAGE, checks=(first, *PAGE.checks[1:]))
    async with running(book, size=SIZES[0], demo=True) as desk:
        before = [button.region for button in desk.buttons]
        await desk.show(msgspec.structs.replace(book, notice=notice(Sentence("notice.in-hand"))))
        assert tell("notice.in-hand") in band(desk)
        assert [button.region for button in desk.buttons] == before
        await desk.tap(tell("button.all-good"))
        assert desk.bench.sent == [AllGood(RULES)]
