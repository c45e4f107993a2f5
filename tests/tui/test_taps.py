"""The real app without a terminal: keys, taps, other screens, leaving, sound."""

from __future__ import annotations

import re

import msgspec
import pytest
from textual import events

from station.base.errors import StoreLocked
from station.base.sentence import Sentence
from station.base.settings import Scanner
from station.domain.choice import Choice
from station.domain.commands import Answer, Cancel, Choose, Quit, Reopen, Scan, SelectPart
from station.domain.findings import Outcome
from station.domain.ports import JournalRow
from station.domain.snapshot import Sound
from station.tui.drawing.words import LIGHTS
from station.tui.pages.display_and_sound import DisplayAndSoundScreen
from station.tui.pages.journal import JournalScreen
from station.tui.pages.outbox import OutboxScreen
from station.tui.widgets.dialogs import QuitDialog
from station.tui.widgets.touch import Go
from station.tui.workflows.process import ProcessScreen
from tests.support.told import told
from tests.tui.running_app import EVERY_SIZE, SCREENS, WAYS, running
from tests.tui.scenes import DEMO_STATE, SCENES, FakeQueries

# --- scans and keys -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("go", WAYS)
async def test_a_scan_arrives_on_every_screen_and_modal(go: Go | None) -> None:
    async with running("check-label") as desk:
        if go is not None:
            await desk.open(go)
        assert type(desk.app.screen) is SCREENS[go]
        await desk.scan()
        assert desk.bench.sent == [Scan("31234000004217")]
        assert type(desk.app.screen) is ProcessScreen  # a scan goes back to the work; it never answers a question


async def test_a_scan_arrives_while_reasons_are_asked_and_answers_nothing() -> None:
    async with running("check-label") as desk:
        await desk.tap("× No")
        await desk.scan()
        assert desk.bench.sent == [Scan("31234000004217")]


async def test_a_scanner_with_a_control_prefix_and_tab() -> None:
    async with running(scanner=Scanner(prefix="\x02", terminator="tab")) as desk:
        await desk.keys("1", "ctrl+b", *"31234", "tab")
        desk.app.post_message(events.Key("ctrl+b", "\x02"))
        await desk.keys(*"31235", "tab")
        assert desk.bench.sent == [Scan("31234"), Scan("31235")]


@pytest.mark.parametrize("go", WAYS)
async def test_no_key_answers_anything(go: Go | None) -> None:
    async with running("other-item") as desk:
        if go is not None:
            await desk.open(go)
        await desk.keys("enter", "space", "tab", "enter", "ctrl+p", "ctrl+j", "down", "shift+tab", "y")
        assert desk.bench.sent == []
        assert type(desk.app.screen) is SCREENS[go]


@pytest.mark.parametrize("go", WAYS)
async def test_escape_leaves_what_covers_the_work_and_answers_nothing(go: Go | None) -> None:
    async with running("other-item") as desk:
        if go is not None:
            await desk.open(go)
        desk.later()
        await desk.keys("escape")
        assert type(desk.app.screen) is ProcessScreen
        assert desk.bench.sent == []


async def test_function_keys_move_the_imaginary_hands_on_every_screen() -> None:
    async with running(demo=True) as desk:
        assert desk.demo is not None
        await desk.keys("f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10")
        await desk.open(Go.JOURNAL)
        desk.demo.publish(msgspec.structs.replace(DEMO_STATE, reader_plugged=False, ils_up=False))
        await desk.keys("f9", "f10")
        first = ["next", "scan", "place", "swap", "lift", "two", "lift-mid-write", "unplug", "ils-down"]
        assert desk.demo.acts == [*first, "plug", "ils-up"]


async def test_function_keys_do_nothing_at_a_real_bench() -> None:
    async with running() as desk:
        await desk.keys("f2", "f9")
        assert desk.bench.sent == []


# --- taps -----------------------------------------------------------------------------------------------------------


async def test_pass_and_not_applicable_are_one_tap() -> None:
    async with running("check-stamp") as desk:
        await desk.tap("✓ Yes")
        await desk.tap("○ Not applicable")
        given = [Answer("property-stamp", Outcome.PASS), Answer("property-stamp", Outcome.NOT_APPLICABLE)]
        assert desk.bench.sent == given


@pytest.mark.parametrize("scene", ["check-looks", "check-pieces", "check-label"])
async def test_not_applicable_is_not_offered_where_a_rule_cannot_fail_to_apply(scene: str) -> None:
    async with running(scene) as desk:
        assert any(label.startswith("✓ Yes") for label in desk.labels())
        assert "○ Not applicable" not in desk.labels()


async def test_where_several_rules_can_fail_to_apply_it_is_asked_which() -> None:
    async with running("check-gift") as desk:
        await desk.tap("○ Not applicable")
        assert desk.bench.sent == []
        offered = [label for label in desk.labels() if label.startswith("○")]
        assert offered == ["○ property stamp on the title page and edges", "○ gift plate", "○ no other library's marks"]
        await desk.tap("< Back")
        assert "✓ Yes" in desk.labels()
        await desk.tap("○ Not applicable")
        await desk.tap("○ gift plate")
        assert desk.bench.sent == [Answer("gift-plate", Outcome.NOT_APPLICABLE)]


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_fail_asks_for_one_of_all_reasons(size: tuple[int, int]) -> None:
    async with running("check-label", size=size) as desk:
        await desk.tap("× No")
        assert desk.bench.sent == []
        await desk.tap("< Back")
        await desk.tap("× No")
        while "Covers the title" not in desk.labels():
            await desk.tap(next(label for label in desk.labels() if label.startswith("More")))
        await desk.tap("Covers the title")
        assert desk.bench.sent == [Answer("label.lines", Outcome.FAIL, "covers-title")]
        assert "✓ Yes" in desk.labels()


async def test_reasons_of_one_check_are_not_offered_for_the_next() -> None:
    async with running("check-title") as desk:
        await desk.tap("× No")
        assert "Another volume" in desk.labels()
        await desk.show(SCENES["check-label"])
        assert "✓ Yes" in desk.labels()


async def test_a_double_tap_is_one_tap() -> None:
    """Also while the question stays the same, as on a pad of digits."""
    async with running("check-title") as desk:
        await desk.tap("✓ Yes")
        await desk.tap("✓ Yes", wait=0.2)
        assert desk.bench.sent == [Answer("identity.title", Outcome.PASS)]
        await desk.tap("✓ Yes", wait=0.4)
        assert len(desk.bench.sent) == 2


async def test_two_quick_taps_at_different_places_are_two() -> None:
    async with running(demo=True) as desk:
        assert desk.demo is not None
        await desk.tap("Next item")
        await desk.tap("Scan it", wait=0.1)
        assert desk.demo.acts == ["next", "scan"]


async def test_choices_back_parts_and_set_aside() -> None:
    async with running("other-item") as desk:
        await desk.tap("Set the item aside")
        await desk.tap("Overwrite this tag")
        await desk.show(SCENES["check-label"])
        await desk.tap("< Back")
        await desk.show(SCENES["need-tag-parts"])
        await desk.tap("Part 3")
        await desk.tap("Set aside")
        assert desk.bench.sent == [Choose("set-aside"), Choose("overwrite"), Reopen(), SelectPart(3), Cancel()]


async def test_the_main_choice_is_the_largest() -> None:
    """It sets the item aside if the stop prefers none; never does it overwrite."""
    scene = SCENES["other-item"]
    assert scene.fault is not None
    choices = (
        Choice("set-aside", Sentence.verbatim("Set aside")),
        Choice("overwrite", Sentence.verbatim("Overwrite it")),
    )
    async with running(
        msgspec.structs.replace(scene, fault=msgspec.structs.replace(scene.fault, choices=choices))
    ) as desk:
        shown = {button.offered.label: button for button in desk.buttons if button.offered}
        assert max(shown, key=lambda label: shown[label].region.area) == "Set aside"
        assert [shown[told(one.label)].offered.tone for one in choices] == ["main", "plain"]  # type: ignore[union-attr]


async def test_many_choices_are_paged() -> None:
    scene = SCENES["other-item"]
    assert scene.fault is not None
    many = tuple(Choice(f"c{number}", Sentence.verbatim(f"Choice {number}")) for number in range(7))
    async with running(
        msgspec.structs.replace(scene, fault=msgspec.structs.replace(scene.fault, choices=many))
    ) as desk:
        for _ in range(10):
            if "Choice 6" in desk.labels():
                break
            await desk.tap(next(label for label in desk.labels() if label.startswith("More")))
        await desk.tap("Choice 6")
        assert desk.bench.sent == [Choose("c6")]


async def test_what_does_not_apply_cannot_be_tapped() -> None:
    async with running("pass") as desk:
        await desk.tap("Set aside")
        await desk.tap("< Back")
        assert desk.bench.sent == []


# --- other screens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_the_journal_pages_without_losing_a_row(size: tuple[int, int]) -> None:
    """Each event is a whole sentence after its time, under its date."""
    long = "of a sentence that is wrapped, since it is longer than any screen is wide, and is read to its last word"
    journal = tuple(
        JournalRow(
            seq,
            f"2026-11-{20 + seq // 50}T12:{seq % 60:02}:07.000000+00:00",
            "kind",
            Sentence.verbatim(f"Event #{seq} {long} END"),
        )
        for seq in range(120, 0, -1)
    )
    async with running(size=size, queries=FakeQueries(journal)) as desk:
        await desk.open(Go.JOURNAL)
        seen: list[int] = []
        while True:
            page = " ".join(desk.text.split())
            seen += [int(number) for number in re.findall(r"\d:\d\d [AP]M Event #(\d+)", page)]
            assert page.count("END") == page.count("Event #") and "2026-11-2" in page
            (older,) = (button for button in desk.buttons if button.offered and button.offered.label == "Older >")
            if older.offered is None or not older.offered.enabled:
                break
            await desk.tap("Older >")
            await desk.app.workers.wait_for_complete()
            await desk.pilot.pause()
        assert seen == list(range(120, 0, -1))
        await desk.tap("< Newer")
        await desk.app.workers.wait_for_complete()
        await desk.tap("Close")
        assert type(desk.app.screen) is ProcessScreen


@pytest.mark.parametrize("go", [Go.JOURNAL, Go.OUTBOX])
async def test_a_query_that_fails_is_a_sentence(go: Go) -> None:
    async with running(queries=FakeQueries(error=StoreLocked("held by pid 7"))) as desk:
        await desk.open(go)
        assert told(StoreLocked().sentence) in desk.text
        assert "For staff: store-locked" in desk.text and "held by pid 7" in desk.text


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_help_tells_every_light_sound_and_key(size: tuple[int, int]) -> None:
    async with running(size=size, demo=True) as desk:
        await desk.open(Go.HELP)
        text = desk.text
        while any(
            button.offered and button.offered.label == "Next >" and button.offered.enabled for button in desk.buttons
        ):
            await desk.tap("Next >")
            text += desk.text
        for light in LIGHTS.values():
            assert f"{light.symbol} {light.word}" in text
            assert light.meaning in text
        for key in ["Ctrl+Q", *(f"F{number} " for number in range(2, 11))]:
            assert key in text
        for sound in ("short tick", "going up", "slow, equal", "four quick"):
            assert sound in text.lower()


async def test_other_screens_show_the_present_state_too() -> None:
    async with running() as desk:
        await desk.open(Go.JOURNAL)
        await desk.show(SCENES["lifted"])
        assert "▲ LOOK" in desk.text
        assert "The item was lifted" in desk.text


# --- quitting -------------------------------------------------------------------------------------------------------


async def test_leaving_with_nothing_in_hand_asks_nothing() -> None:
    async with running() as desk:
        await desk.menu("Quit")
        assert desk.bench.sent == [Quit()]
        assert desk.app._exit


@pytest.mark.parametrize("scene", ["need-tag", "need-scan", "writing"])
async def test_leaving_with_an_item_in_hand_asks(scene: str) -> None:
    async with running(scene) as desk:
        await desk.keys("ctrl+q")
        await desk.pilot.pause()
        assert isinstance(desk.app.screen, QuitDialog)
        await desk.keys("enter", "ctrl+q", "ctrl+c")
        assert desk.bench.sent == []
        await desk.tap("Stay")
        assert type(desk.app.screen) is ProcessScreen
        await desk.keys("ctrl+c")
        await desk.pilot.pause()
        await desk.tap("Leave")
        assert desk.bench.sent == [Quit()]


async def test_the_small_menu_leads_everywhere() -> None:
    for label, screen in (
        ("Journal", JournalScreen),
        ("Outbox", OutboxScreen),
        ("Sound & display", DisplayAndSoundScreen),
        ("Close", ProcessScreen),
    ):
        async with running("need-tag", size=(80, 24), demo=True) as desk:
            await desk.open(Go.MENU)
            await desk.tap(label)
            await desk.app.workers.wait_for_complete()
            assert type(desk.app.screen) is screen


# --- sound ----------------------------------------------------------------------------------------------------------


async def test_each_sound_number_is_heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Sound] = []
    async with running() as desk:
        monkeypatch.setattr(desk.app._speaker, "play", lambda sound, _volume: heard.append(sound))
        await desk.show(msgspec.structs.replace(SCENES["need-tag"], sound=Sound.ACCEPTED, sound_number=1))
        await desk.show(msgspec.structs.replace(SCENES["writing"], sound=Sound.ACCEPTED, sound_number=1))
        await desk.show(msgspec.structs.replace(SCENES["pass"], sound=Sound.GOOD, sound_number=2))
        await desk.open(Go.JOURNAL)
        await desk.show(msgspec.structs.replace(SCENES["lifted"], sound=Sound.BAD, sound_number=3))
        assert heard == [Sound.ACCEPTED, Sound.GOOD, Sound.BAD]
