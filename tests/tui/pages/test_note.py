"""A note and a photo's path for a fail: typed, confirmed by a tap, sent with the reason; nothing else confirms it."""

from __future__ import annotations

import pytest

from station.domain.commands import Answer
from station.domain.findings import Outcome
from station.tui.pages.note import NoteDialog
from station.tui.workflows.process import ProcessScreen
from tests.tui.running_app import EVERY_SIZE, Desk, running
from tests.tui.scenes import SCENES

CHECK = SCENES["check-label"].checks[SCENES["check-label"].current_check]
REASON = CHECK.reasons[0]


async def noting(desk: Desk) -> None:
    await desk.tap("× No")
    await desk.tap("+ Note")
    assert isinstance(desk.app.screen, NoteDialog)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_note_and_a_photo_go_with_the_reason(size: tuple[int, int]) -> None:
    async with running("check-label", size=size) as desk:
        await noting(desk)
        await desk.keys(*"torn 2x", "backspace", "up", "enter")
        assert "torn 2_" in desk.text
        await desk.tap("Photo")
        await desk.keys(*"p/1.jpg")
        await desk.tap("Keep it")
        assert isinstance(desk.app.screen, ProcessScreen)
        assert "Note: torn 2 · Photo: p/1.jpg" in desk.text
        assert desk.bench.sent == []
        await desk.tap(REASON)
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, REASON, "torn 2", "p/1.jpg")]


async def test_without_a_note_the_reason_is_one_tap() -> None:
    async with running("check-label") as desk:
        await desk.tap("× No")
        await desk.tap(REASON)
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, REASON)]


@pytest.mark.parametrize("way_out", ["Close", "< Back"])
async def test_what_was_not_kept_or_taken_back_goes_nowhere(way_out: str) -> None:
    async with running("check-label") as desk:
        await noting(desk)
        await desk.keys(*"no")
        if way_out == "< Back":
            await desk.tap("Keep it")
            assert "Note: no" in desk.text
            await desk.tap("< Back")
            await desk.tap("× No")
        else:
            await desk.tap("Close")
        assert "Note: no" not in desk.text
        await desk.tap(REASON)
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, REASON)]


async def test_a_scan_meanwhile_stands_in_the_field_and_does_nothing() -> None:
    async with running("check-label") as desk:
        await noting(desk)
        await desk.scan("31234000004217")
        assert "31234000004217_" in desk.text
        assert desk.bench.sent == []
        await desk.keys("f2", "escape", "left", "delete", "tab", "\x1b", "\u202e")
        assert "31234000004217_" in desk.text
        await desk.keys(*["backspace"] * 20, *"x" * 250)
        assert desk.text.count("x") >= 200
        await desk.tap("Keep it")
        await desk.tap(REASON)
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, REASON, "x" * 200)]


async def test_when_the_check_is_over_its_note_is_gone() -> None:
    """The item was answered over the socket, or set aside, while the operator typed."""
    async with running("check-label") as desk:
        await noting(desk)
        await desk.keys(*"late")
        await desk.show(SCENES["idle"])
        assert isinstance(desk.app.screen, ProcessScreen)
        await desk.scan("31234000004217")
        assert len(desk.bench.sent) == 1, "scans reach the bench again"
        await desk.show(SCENES["check-label"])
        await desk.tap("× No")
        assert "late" not in desk.text
