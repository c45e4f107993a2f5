"""A note for a fail: tapped or typed, kept by a tap or Enter, sent with the reason; a scan is never part of it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from textual import events

from station.base import words
from station.base.settings import Corrections, Scanner
from station.base.words import tell
from station.domain.commands import Answer, Scan
from station.domain.findings import Outcome
from station.tui.pages.note import NoteDialog
from station.tui.widgets.touch import Action, Go, TouchButton
from station.tui.workflows.process import ProcessScreen
from tests.support.told import told
from tests.tui.running_app import EVERY_SIZE, Desk, running
from tests.tui.scenes import SCENES, SETTINGS

CHECK = SCENES["check-label"].checks[SCENES["check-label"].current_check]
REASON = told(CHECK.reasons[0])
CODE = "another-number"


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    words.use()


async def typing(desk: Desk, text: str) -> None:
    """Type as a fast person does."""
    for character in text:
        desk.clock.pause(0.06)
        await desk.keys(character)


async def noting(desk: Desk) -> None:
    await desk.tap("× No")
    await desk.tap("+ Note")
    assert isinstance(desk.app.screen, NoteDialog)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_note_that_was_typed_goes_with_the_reason(size: tuple[int, int]) -> None:
    async with running("check-label", size=size) as desk:
        await noting(desk)
        await desk.keys(*"torn 2x", "backspace", "up")
        assert "torn 2_" in desk.text
        await desk.tap("Keep it")
        assert isinstance(desk.app.screen, ProcessScreen)
        assert "Note: torn 2" in desk.text
        assert desk.bench.sent == []
        await desk.tap(REASON)
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, CODE, "torn 2")]


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
@pytest.mark.parametrize(("language", "button"), [("en", "On the spine"), ("es", "En el lomo")])
async def test_one_tap_on_a_ready_note_keeps_it(size: tuple[int, int], language: str, button: str) -> None:
    """Each reader sees it in their own language; the answer has the text of the settings."""
    async with running("check-label", size=size) as desk:
        words.speak(language)
        desk.buttons[0].post_message(TouchButton.Tapped(Action("", Go.REASONS)))
        await desk.pilot.pause()
        await desk.open(Go.NOTE)
        await desk.tap(button)
        assert isinstance(desk.app.screen, ProcessScreen)
        assert f"{tell('button.note-field')}: {button}" in desk.text
        await desk.tap(told(CHECK.reasons[0]))
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, CODE, "On the spine")]


async def test_a_ready_note_follows_what_was_typed_and_replaces_another_ready_note() -> None:
    async with running("check-label") as desk:
        await noting(desk)
        await desk.tap("On the cover")
        await desk.tap("+ Note")
        await desk.tap("On the spine")
        assert "Note: On the spine" in desk.text
        await desk.tap("+ Note")
        await desk.keys(*" top")
        await desk.tap("It came like this")
        await desk.tap(REASON)
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, CODE, "On the spine top; It came like this")]


async def test_a_site_has_its_own_notes_and_no_note_is_asked_for_a_path() -> None:
    own = Corrections(ready_notes=("Ask Ines", "to \x1b[31mMending\u202e"))
    async with running("check-label", settings=msgspec.structs.replace(SETTINGS, corrections=own)) as desk:
        await noting(desk)
        assert [label for label in desk.labels() if "to" in label] == ["to \x1b[31mMending\u202e"]
        assert "to [31mMending" in desk.text and "\x1b" not in desk.text and "\u202e" not in desk.text
        assert {"Ask Ines", "Keep it", "Close"} <= set(desk.labels()) and len(desk.labels()) == 4
        assert "path" not in desk.text.casefold() and "Photo" not in desk.text
        await desk.tap("Ask Ines")
        await desk.tap(REASON)
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, CODE, "Ask Ines")]


async def test_without_a_note_the_reason_is_one_tap() -> None:
    async with running("check-label") as desk:
        await desk.tap("× No")
        await desk.tap(REASON)
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, CODE)]


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
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, CODE)]


async def test_a_scan_ends_the_note_and_is_taken_as_the_scan() -> None:
    """What was typed before it is kept, and the scan never becomes part of it."""
    async with running("check-label") as desk:
        await noting(desk)
        await typing(desk, "label is torn")
        desk.later(1)
        await desk.scan("31999000000022")
        assert desk.bench.sent == [Scan("31999000000022")]
        assert isinstance(desk.app.screen, ProcessScreen)
        assert "Note: label is torn" in desk.text and "31999" not in desk.text


async def test_so_does_a_scan_with_the_scanners_prefix_however_slow() -> None:
    async with running("check-label", scanner=Scanner(prefix="\x02")) as desk:
        await noting(desk)
        await typing(desk, "torn")
        desk.app.post_message(events.Key("ctrl+b", "\x02"))
        await typing(desk, "31999000000022")
        await desk.keys("enter")
        assert desk.bench.sent == [Scan("31999000000022")]
        assert "Note: torn" in desk.text


@pytest.mark.parametrize("text", ["shelf 31999000000022", "page 12", "x"])
async def test_enter_keeps_what_a_person_typed(text: str) -> None:
    async with running("check-label") as desk:
        await noting(desk)
        await typing(desk, text)
        await desk.keys("enter")
        assert isinstance(desk.app.screen, ProcessScreen)
        await desk.tap(REASON)
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, CODE, text)]


async def test_a_note_takes_only_what_it_can_show_and_hold() -> None:
    async with running("check-label") as desk:
        await noting(desk)
        await desk.keys("f2", "left", "delete", "tab", "\x1b", "\u202e", *"x" * 250)
        await desk.tap("Keep it")
        await desk.tap(REASON)
        assert desk.bench.sent == [Answer(CHECK.rule, Outcome.FAIL, CODE, "x" * 200)]


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
