"""The manual on the screen: the page of the current state, paging and search by taps alone."""

from __future__ import annotations

import re

import msgspec
import pytest

from station.base import words
from station.base.words import tell
from station.domain.corrections.correction import Entry
from station.domain.manual_page import Heading, Item, Page, Paragraph, Picture, Row, Topic
from station.domain.people.staff_call import StaffCall
from station.domain.snapshot import Phase, Snapshot
from station.manual import Manual
from station.manual.pictures import picture
from station.quality.rulebook.shipped import shipped
from station.tui.pages.journal import HelpScreen
from station.tui.pages.manual import ManualScreen, help_with, topic_of
from station.tui.widgets.touch import Action, Go, Open, OpenCheck, Pick, TouchButton
from tests.tui.hostile_screens import WORK
from tests.tui.pages.test_sign_on import PROMPTS, with_prompt
from tests.tui.running_app import EVERY_SIZE, SIZES, Desk, running
from tests.tui.sample_corrections import ENTRIES, LABEL, WAITING, FakeWork
from tests.tui.scenes import LATELY, SCENES
from tests.tui.test_every_size import PAGES, opened_by
from tests.tui.test_modals import Bench
from tests.tui.test_screens import targets_are_good

MANUAL = Manual(shipped())


def coded(scene: str, code: str) -> Snapshot:
    fault = SCENES[scene].fault
    assert fault is not None
    return msgspec.structs.replace(SCENES[scene], fault=msgspec.structs.replace(fault, code=code))


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_help_opens_the_page_of_what_is_shown(size: tuple[int, int]) -> None:
    async with running("idle", size, manual=MANUAL) as desk:
        await desk.tap("Help")
        assert "Starting the shift, page 1 of" in desk.text
        await desk.tap("Close")
        await desk.show(SCENES["check-label"])
        await desk.tap("Help")
        check = SCENES["check-label"].checks[SCENES["check-label"].current_check]
        assert topic_of(SCENES["check-label"]).topic == f"rule:{check.rule}"
        await desk.tap("Close")
        for code, words in (
            ("second-tag", "Set the item aside if you cannot find it."),
            ("store-full", "Stop working, and fetch the technician."),
        ):
            await desk.show(coded("other-item", code))
            await desk.tap("Help")
            assert words in " ".join(desk.text.split()), code
            await desk.tap("Close")


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_pages_are_turned_and_found_by_taps_and_a_scan_goes_to_work(size: tuple[int, int]) -> None:
    async with running("idle", size, manual=MANUAL) as desk:
        await desk.tap("Help")
        await desk.drawn()
        seen = [desk.text]
        for _ in range(20):
            if not any(b.offered.enabled for b in desk.buttons if b.offered and b.offered.label == "Next >"):
                break
            await desk.tap("Next >")
            await desk.drawn()
            seen.append(desk.text)
        assert len(seen) == len(set(seen))
        assert len(seen) > 1 or size == (160, 45)
        assert "Only Ctrl+Q leaves" in " ".join(seen[-1].split())
        await desk.tap("Contents")
        assert "Manual, page 1 of" in desk.text
        targets_are_good(desk, size)
        await desk.tap("An ordinary item")
        assert "An ordinary item, page 1 of" in desk.text
        await desk.tap("Contents")
        await desk.tap("Rules")
        assert any(topic.title[:20] in " ".join(desk.text.split()) for topic in MANUAL.rules())
        await desk.scan("31234000004217")
        assert not isinstance(desk.app.screen, ManualScreen)
        assert [getattr(command, "text", "") for command in desk.bench.sent] == ["31234000004217"]


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_the_picture_of_a_rule_is_shown_whole_page_by_page(size: tuple[int, int]) -> None:
    scene = SCENES["check-label"]
    named = tuple(msgspec.structs.replace(one, rule="spine-label") for one in scene.checks)
    async with running(msgspec.structs.replace(scene, checks=named), size, manual=MANUAL) as desk:
        await desk.tap("Help")
        await desk.drawn()
        seen = [desk.text]
        while any(b.offered.enabled for b in desk.buttons if b.offered and b.offered.label == "Next >"):
            await desk.tap("Next >")
            await desk.drawn()
            seen.append(desk.text)
        rows = "\n".join(seen)
        rule = shipped().rule("spine-label", "2026-06-01")
        assert rule is not None
        for line in picture(rule, shipped()):
            assert line.strip() in rows
        targets_are_good(desk, size)


_LABELS = re.compile(r"button\.[a-z-]+|choice\.[a-z-]+|[a-z]+\.button\.[a-z-]+|inspect\.tab\.[a-z]+|search\.button")
"""Catalog keys of the buttons of work screens."""
_TAP = r"([Tt]ap|[Tt]oque|\bor|\bo) "


def explained(desk: Desk, labels: set[str]) -> None:
    """Check that Help explains exactly those of these buttons that the work screen shows, and tells to tap no other."""
    offered = [button.offered for button in desk.buttons if button.offered]
    shown = {one.ends if one.lines else one.label for one in offered if one.enabled or one.tone in ("good", "main")}
    about = help_with(desk.app.screen, desk.app.desk.snapshot)
    page = MANUAL.page(*about)
    if page is None:
        assert about.topic.startswith("rule:"), "only a rule of a scene has no page"
        return
    end = next((at for at, block in enumerate(page.blocks) if at and block == Heading(1, page.title)), None)
    told = page.blocks[:end]
    rows = {block.cells[0][1] for block in told if isinstance(block, Row)}
    assert shown & labels == rows & labels, (about, shown & labels ^ rows & labels)
    text = "\n".join(block.text for block in told if isinstance(block, Paragraph))
    named = {label for label in labels - shown if re.search(_TAP + re.escape(label) + r"(?!\w)", text)}
    assert not named, (about, named, text)


@pytest.mark.parametrize("language", ["en", pytest.param("es", marks=pytest.mark.soak)])
async def test_help_names_only_buttons_of_the_screen_and_explains_each(language: str) -> None:
    words.speak(language)
    try:
        labels = {tell(key) for key in words.active().entries if _LABELS.fullmatch(key)}
        labels = {label for label in labels if "{" not in label} | set(words.languages().values())
        opened = 0
        async with Bench(SCENES["idle"], (100, 30)) as desk:
            for workflow, scenes in WORK.items():
                for scene in scenes:
                    await desk.show(msgspec.structs.replace(scene, workflow=workflow))
                    await desk.drawn()
                    explained(desk, labels)
                    does = [one.offered.does for one in desk.buttons if one.offered and scene.phase is Phase.CHECKING]
                    for opens in [one for one in does if one is Go.REASONS or isinstance(one, OpenCheck)][:2]:
                        desk.buttons[0].post_message(TouchButton.Tapped(Action("", opens)))
                        await desk.sees(tell("button.note"))
                        explained(desk, labels)
                        opened += 1
            assert opened > 5
    finally:
        words.use()


IDLE = SCENES["idle"]
CALLED = StaffCall(at="2026-11-24T14:05:00+00:00", bench="bench-1", worker="ann")
FAILED = LATELY.items[2]
OVER_WORK: dict[str, tuple[Snapshot, tuple[object, ...]]] = {
    **{name: (SCENES[page.scene], page.opened) for name, page in PAGES.items()},
    "menu with everything": (msgspec.structs.replace(IDLE, sign_on=True, undo="tag", staff_call=CALLED), (Go.MENU,)),
    "statistics, charts": (IDLE, (Go.STATISTICS, Pick("show"), Pick("by"))),
    "statistics, sampling": (IDLE, (Go.STATISTICS, Pick("show"), Pick("show"), Go.OLDER)),
    "outbox, parked": (IDLE, (Go.OUTBOX, Go.MINE)),
    "delivery, asking": (IDLE, (Go.OUTBOX, Pick("d5512"), Pick("discard"))),
    "order, asking": (SCENES["check-label"], (Go.OUTBOX, Go.ORDER, Pick("0"))),
    "to fix, mine": (IDLE, (Go.CORRECTIONS, Go.MINE)),
    **{f"correction {at}": (IDLE, (Open(entry.correction.id),)) for at, entry in enumerate(ENTRIES)},
    "correction of another": (IDLE, (WAITING, Open(LABEL.correction))),
    "large and loud": (
        msgspec.structs.replace(IDLE, muted=True, volume=40),
        (Go.DISPLAY_AND_SOUND, Go.LARGE, Go.THEME),
    ),
    "sounds": (IDLE, (Go.SOUND_CHECK,)),
    "lights": (IDLE, (Go.SOUND_CHECK, Pick("yes"))),
    "checked": (IDLE, (Go.SOUND_CHECK, Pick("yes"), Pick("yes"))),
    "search": (IDLE, (Go.SEARCH,)),
    "last items": (IDLE, (Go.LAST_ITEMS,)),
    "last item": (IDLE, (Go.LAST_ITEMS, Pick(FAILED.barcode))),
    **{f"sign-on, {name}": (with_prompt(prompt), ()) for name, prompt in PROMPTS.items()},
}
"""Each page over the work, and the question for a card or PIN: the scene, and what opens it."""


@pytest.mark.parametrize(("language", "size"), [pytest.param("en", SIZES[1], marks=pytest.mark.soak), ("es", SIZES[0])])
async def test_help_of_every_page_names_its_buttons_and_no_other(language: str, size: tuple[int, int]) -> None:
    words.speak(language)
    try:
        async with Bench(IDLE, size) as desk:
            asked = 0
            for name, (scene, opened) in OVER_WORK.items():
                await desk.show(msgspec.structs.replace(scene, language=language))
                work = desk.app.screen
                for does in opened:
                    if isinstance(does, Entry):
                        desk.app.desk.work = FakeWork((does,))
                        continue
                    await opened_by(desk, does)
                    desk.later()
                assert not opened or desk.app.screen is not work, name
                every = [button.offered for button in desk.buttons if button.offered]
                lit = [one for one in every if one.enabled or one.tone in ("good", "main")]
                shown = [one.label for one in lit if one.tone != "demo" and not one.lines and not one.label.isdigit()]
                if tell("button.help") in shown and not isinstance(desk.app.screen, HelpScreen):
                    asked += 1
                    page = MANUAL.page(*help_with(desk.app.screen, desk.app.desk.snapshot))
                    assert page is not None
                    end = page.blocks.index(Heading(1, page.title)) if Heading(1, page.title) in page.blocks else None
                    told = [block.cells[0][1] for block in page.blocks[:end] if isinstance(block, Row)]
                    assert told == list(dict.fromkeys(shown)), (name, set(told) ^ set(shown))
                while desk.app.screen is not work and opened:
                    await desk.app.pop_screen()
                if desk.app.desk.snapshot.sign_on_prompt is not None:
                    await desk.show(IDLE)
            assert asked > 25
    finally:
        words.use()


async def test_help_on_a_page_of_checks_is_about_the_page_and_on_an_open_line_about_its_rule() -> None:
    async with running("check-page", (100, 30), manual=MANUAL) as desk:
        await desk.tap("Help")
        await desk.sees("tap ✓ ALL GOOD")
        assert "× No" not in desk.text and "The picture" not in desk.text
        await desk.tap("Close")
        line = next(button for button in desk.buttons if button.offered and button.offered.ends)
        desk.clock.pause(10)
        line.tap()
        await desk.until(lambda: "Another title" in desk.text or "+ Note" in desk.text)
        about = help_with(desk.app.screen, desk.app.desk.snapshot)
        assert about.topic.startswith("rule:") and "+ Note" in about.buttons


async def test_help_speaks_the_language_of_the_worker() -> None:
    words.speak("es")
    try:
        async with running("idle", (100, 30), manual=MANUAL) as desk:
            await desk.tap("Ayuda")
            await desk.sees("Los botones de esta pantalla")
            assert "Find without barcode" not in desk.text
    finally:
        words.use()


class OnePage:
    """A fixed manual for the pictures."""

    def topics(self) -> tuple[Topic, ...]:
        return (Topic("when-it-stops", "When the line stops"),)

    def rules(self) -> tuple[Topic, ...]:
        return ()

    def page(self, topic: str, code: str = "", sentence: str = "", buttons: tuple[str, ...] = ()) -> Page:
        heading = "This item already has a tag. Two tags in one item confuse every reader."
        return Page(
            topic,
            "When the line stops",
            (
                Heading(2, heading),
                Paragraph("Look for the old tag in the item. If it is gone, Replace the tag. Else Set aside."),
                Heading(1, "When the line stops"),
                Item("1.", "Read the sentence. It says what is the matter."),
                Item("2.", "Where one button is larger than the others, it is the usual answer."),
                Picture("scene", "The screen"),
                Row((("says", "No tag answers."), ("you do", "Move the item to the middle."), ("code", "tag-absent"))),
            ),
        )

    def picture(self, name: str) -> tuple[str, ...]:
        return tuple(f"  {name} ▄█▀ line {number:02}" for number in range(24))
