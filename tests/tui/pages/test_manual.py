"""The manual on the screen: the page of the current state, paging and search by taps alone."""

from __future__ import annotations

import msgspec
import pytest

from station.domain.manual_page import Heading, Item, Page, Paragraph, Picture, Row, Topic
from station.domain.snapshot import Snapshot
from station.manual import Manual
from station.quality.pictures import picture
from station.quality.rulebook.shipped import shipped
from station.tui.pages.manual import ManualScreen, topic_of
from tests.tui.running_app import EVERY_SIZE, running
from tests.tui.scenes import SCENES
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
            ("second-tag", "Take the old tag out, then tap Replace the tag."),
            ("store-full", "When there is room again"),
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


class OnePage:
    """A fixed manual for the pictures."""

    def topics(self) -> tuple[Topic, ...]:
        return (Topic("when-it-stops", "When the line stops"),)

    def rules(self) -> tuple[Topic, ...]:
        return ()

    def page(self, topic: str, code: str = "", said: str = "", buttons: tuple[str, ...] = ()) -> Page:
        said = "This item already has a tag. Two tags in one item confuse every reader."
        return Page(
            topic,
            "When the line stops",
            (
                Heading(2, said),
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
