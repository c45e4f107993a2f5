"""The real app without a terminal: what it shows, what it sends, how large its targets are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import combinations

import msgspec
import pytest
from textual import events
from textual.geometry import Region
from textual.pilot import Pilot

from station.commands import Answer, Cancel, Choose, Quit, Reopen, Scan, SelectPart
from station.errors import StoreLocked
from station.model import Choice, Outcome, Phase, Snapshot, Sound
from station.settings import Scanner
from station.tui.app import StationApp
from station.tui.dialogs import MenuDialog, QuitDialog
from station.tui.pages import HelpScreen, JournalScreen, OutboxScreen
from station.tui.process import ProcessScreen
from station.tui.touch import GAP, MAIN, SMALL, Action, Go, TouchButton
from station.tui.words import LIGHTS, VERDICTS
from tests.conftest import FakeClock
from tests.tui.scenes import CHECKS, DEMO_STATE, SCENES, SETTINGS, FakeBench, FakeDemo, FakeQueries

SIZES = [(80, 24), (100, 30), (160, 45)]


class Desk:
    """One running app and its fakes."""

    def __init__(self, pilot: Pilot[None], bench: FakeBench, demo: FakeDemo | None, clock: FakeClock) -> None:
        self.pilot, self.bench, self.demo, self.clock = pilot, bench, demo, clock
        self.app = pilot.app

    @property
    def lines(self) -> list[str]:
        """What stands on the screen."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def buttons(self) -> list[TouchButton]:
        """Those that can be seen."""
        return [button for button in self.app.screen.query(TouchButton) if button.region.area and button.display]

    def labels(self) -> list[str]:
        return [button.offered.label for button in self.buttons if button.offered]

    async def show(self, snapshot: Snapshot) -> None:
        number = self.bench.snapshot.number + 1
        self.bench.publish(msgspec.structs.replace(snapshot, number=number))
        await self.pilot.pause()

    async def tap(self, label: str, wait: float = 10.0) -> None:
        """A finger on the button that says so, `wait` seconds after whatever was before."""
        self.clock.pause(wait)
        (button,) = (one for one in self.buttons if one.offered and one.offered.label == label)
        x, y = (int(number) for number in button.region.center)
        for event in (events.MouseDown, events.MouseUp):  # what a terminal sends (`Pilot.click` rests in between)
            self.app.post_message(event(None, x, y, 0, 0, 1, False, False, False, x, y))
        await self.pilot.pause()

    async def open(self, go: Go) -> None:
        """A screen, by its way in."""
        self.buttons[0].post_message(TouchButton.Tapped(Action("", go)))
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def scan(self, text: str = "31234000004217") -> None:
        await self.keys(*text, "enter")

    async def keys(self, *names: str) -> None:
        """Keys as the terminal would send them (`Pilot.press` rests after each)."""
        for name in names:
            self.app.post_message(events.Key(name, name if len(name) == 1 else None))
        await self.pilot.pause()


@asynccontextmanager
async def running(
    scene: str | Snapshot = "idle",
    size: tuple[int, int] = (100, 30),
    demo: bool = False,
    queries: FakeQueries | None = None,
    scanner: Scanner | None = None,
) -> AsyncIterator[Desk]:
    bench = FakeBench(SCENES[scene] if isinstance(scene, str) else scene)
    hands = FakeDemo() if demo else None
    clock = FakeClock()
    settings = msgspec.structs.replace(SETTINGS, scanner=scanner or Scanner())
    app = StationApp(bench, queries or FakeQueries(), settings, hands, clock.monotonic)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Desk(pilot, bench, hands, clock)


WAYS = [None, Go.MENU, Go.JOURNAL, Go.OUTBOX, Go.HELP, Go.QUIT]
SCREENS = {
    None: ProcessScreen,
    Go.MENU: MenuDialog,
    Go.JOURNAL: JournalScreen,
    Go.OUTBOX: OutboxScreen,
    Go.HELP: HelpScreen,
    Go.QUIT: QuitDialog,
}


# --- scans and keys -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("go", WAYS)
async def test_a_scan_arrives_on_every_screen_and_modal(go: Go | None) -> None:
    async with running("check-label") as desk:
        if go is not None:
            await desk.open(go)
        assert type(desk.app.screen) is SCREENS[go]
        await desk.scan()
        assert desk.bench.sent == [Scan("31234000004217")]
        assert type(desk.app.screen) is ProcessScreen  # a scan goes back to work; it never answers a question


async def test_a_scan_arrives_while_reasons_are_asked_and_answers_nothing() -> None:
    async with running("check-label") as desk:
        await desk.tap("× Fail")
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
        await desk.keys("enter", "space", "tab", "escape", "enter", "ctrl+p", "ctrl+j", "down", "shift+tab", "y")
        assert desk.bench.sent == []
        assert type(desk.app.screen) is SCREENS[go]


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


# --- focus, sizes, counts -------------------------------------------------------------------------------------------


def apart(one: Region, two: Region) -> bool:
    """At least a gap between them."""
    columns = max(one.x, two.x) - min(one.right, two.right)
    rows = max(one.y, two.y) - min(one.bottom, two.bottom)
    return columns >= GAP[0] or rows >= GAP[1]


def targets_are_good(desk: Desk, size: tuple[int, int]) -> None:
    regions = [button.region for button in desk.buttons]
    assert regions
    whole = Region(0, 0, *size)
    for button in desk.buttons:
        least = MAIN if button.parent and button.parent.id == "answers" else SMALL
        label = button.offered.label if button.offered else ""
        assert button.region.width >= least[0], (label, button.region)
        assert button.region.height >= least[1], (label, button.region)
        assert whole.contains_region(button.region), (label, button.region)
        assert not button.can_focus
    for one, two in combinations(regions, 2):
        assert apart(one, two), (one, two)
    assert desk.app.focused is None
    assert len(list(desk.app.screen.walk_children())) <= 50
    assert not desk.app.screen.show_vertical_scrollbar
    assert not desk.app.screen.show_horizontal_scrollbar


@pytest.mark.parametrize("demo", [False, True], ids=["real", "demo"])
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_target_of_the_work_screen_is_large_and_apart(size: tuple[int, int], demo: bool) -> None:
    async with running(size=size, demo=demo) as desk:
        for name, scene in SCENES.items():
            await desk.show(scene)
            targets_are_good(desk, size)
            actions = [b for b in desk.buttons if b.parent and b.parent.id == "actions"]
            if scene.phase in (Phase.STOPPED, Phase.CHECKING):
                assert bool(actions) == bool(scene.checks or (scene.fault and scene.fault.choices)), name
                assert all(b.region.width >= MAIN[0] and b.region.height >= MAIN[1] for b in actions), name
        await desk.show(SCENES["check-label"])
        await desk.tap("× Fail")
        targets_are_good(desk, size)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_target_of_the_other_screens_is_large_and_apart(size: tuple[int, int]) -> None:
    async with running("check-label", size=size) as desk:
        for go in WAYS[1:]:
            assert go is not None
            await desk.open(go)
            assert type(desk.app.screen) is SCREENS[go]
            targets_are_good(desk, size)
            await desk.scan()


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 12), (79, 23), (300, 100)], ids=str)
async def test_other_sizes_do_no_harm(size: tuple[int, int]) -> None:
    async with running("check-label", size=size, demo=True) as desk:
        for scene in SCENES.values():
            await desk.show(scene)
        await desk.scan()
        assert desk.bench.sent == [Scan("31234000004217")]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_demo_control_can_be_reached_by_tapping(size: tuple[int, int]) -> None:
    async with running("need-tag", size=size, demo=True) as desk:
        assert desk.demo is not None
        seen: set[str] = set()
        for _ in range(4):
            more = ""
            for label in desk.labels():
                if label.startswith("More"):
                    more = label
                elif label not in seen and label in (
                    "Next item",
                    "Scan it",
                    "Place",
                    "Swap",
                    "Lift",
                    "Two at once",
                    "Lift in write",
                    "Unplug",
                    "ILS down",
                ):
                    seen.add(label)
                    await desk.tap(label)
            targets_are_good(desk, size)
            if more:
                await desk.tap(more)
        assert len(desk.demo.acts) == 9
        if "Station" in desk.labels() or "Journal" not in desk.labels():
            while "Station" not in desk.labels():
                await desk.tap(next(label for label in desk.labels() if label.startswith("More")))
            await desk.tap("Station")
            assert desk.labels() == ["Set aside", "< Back", "Help", "Menu", "Demo"]
            targets_are_good(desk, size)
            await desk.tap("Set aside")
            assert desk.bench.sent == [Cancel()]


# --- what is shown --------------------------------------------------------------------------------------------------


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_each_scene_shows_its_sentence_symbol_and_word(size: tuple[int, int]) -> None:
    async with running(size=size, demo=True) as desk:
        for name, scene in SCENES.items():
            await desk.show(scene)
            band = squeezed(
                "".join(char for char in desk.app.screen.query_one("#band").render().plain if char not in "█▀▄")
            )
            sentence = scene.fault.sentence if scene.fault else scene.prompt
            word = VERDICTS[scene.verdict] if scene.verdict else LIGHTS[scene.light].word
            assert f"{LIGHTS[scene.light].symbol} {word}" in desk.text, name
            assert sentence in band, name
            assert any(block in desk.lines[row] for row in (1, 2, 3) for block in "█▀▄"), name
            if scene.notice and size[0] >= 160:
                assert scene.notice in desk.text
                assert scene.outbox_note in desk.text


@pytest.mark.parametrize("demo", [False, True], ids=["real", "demo"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("scene", ["need-tag", "need-tag-parts"])
async def test_what_will_be_written_and_the_whole_label_stand_before_the_write(
    size: tuple[int, int], demo: bool, scene: str
) -> None:
    async with running(scene, size=size, demo=demo) as desk:
        snapshot = SCENES[scene]
        assert snapshot.planned is not None
        assert snapshot.item is not None
        for element, value in snapshot.planned.elements:
            assert any(element in line and value in line for line in desk.lines), element
        assert "AFI 07" in desk.text
        for line in snapshot.item.label_lines:
            assert f" {line} " in desk.text, line
        for text in (snapshot.item.author, snapshot.item.call_number, "item field 949 $a", snapshot.item.barcode):
            assert text in desk.text
        if snapshot.item.parts > 1:
            assert "part 2 of 3" in desk.text
        assert snapshot.item.location in desk.text or size == (80, 24)


@pytest.mark.parametrize("demo", [False, True], ids=["real", "demo"])
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_one_check_at_a_time_with_all_it_expects(size: tuple[int, int], demo: bool) -> None:
    async with running("check-label", size=size, demo=demo) as desk:
        assert "Check 2 of 3" in desk.text
        assert "Does the spine label read like" in desk.text
        assert CHECKS[2].question not in desk.text
        assert CHECKS[0].question not in desk.text
        for line in CHECKS[1].expectation.splitlines():
            assert f" {line} " in desk.text, line
        await desk.tap("× Fail")
        for line in CHECKS[1].expectation.splitlines():
            assert f" {line} " in desk.text, line


async def test_old_and_new_stand_side_by_side() -> None:
    async with running("other-item", size=(160, 45)) as desk:
        (row,) = (line for line in desk.lines if "31234000007731 The clockmaker" in line)
        assert "31234000004217 A field" in row
        assert "For staff: tag-of-other-item" in desk.text


async def test_progress_in_figures() -> None:
    async with running("writing") as desk:
        assert "7 of 12 steps" in desk.text


async def test_failed_findings_with_their_reasons() -> None:
    async with running("fail") as desk:
        assert "× Spine label: A line is missing (major)" in desk.text
        assert "1 pass, 2 fail, 1 not applicable" in desk.text


async def test_header_tells_reader_outbox_and_day() -> None:
    async with running("unplugged") as desk:
        assert "× reader unplugged" in desk.lines[0]
        await desk.show(SCENES["idle-unfinished"])
        assert "✓ reader ready" in desk.lines[0]
        assert "outbox 3 waiting" in desk.lines[0]
        assert "today 41" in desk.lines[0]
        assert "31234000007731 The clockmaker's almanac" in desk.text


async def test_a_screen_never_goes_back_to_an_older_snapshot() -> None:
    async with running() as desk:
        await desk.show(SCENES["need-tag"])
        desk.bench.publish(msgspec.structs.replace(SCENES["pass"], number=1))
        await desk.pilot.pause()
        assert "Lay the item flat" in desk.text


async def test_a_flood_ends_with_the_newest() -> None:
    async with running("writing") as desk:
        for number in range(2, 500):
            desk.bench.publish(
                msgspec.structs.replace(SCENES["writing"], number=number, steps_done=number, steps_total=499)
            )
        await desk.pilot.pause()
        assert "499 of 499" in desk.text or "498 of 499" in desk.text
        desk.bench.publish(msgspec.structs.replace(SCENES["pass"], number=500))
        await desk.pilot.pause()
        assert "✓ PASS" in desk.text


async def test_it_unsubscribes_when_it_ends() -> None:
    async with running(demo=True) as desk:
        assert len(desk.bench.subscribers) == 1
    assert desk.bench.subscribers == []
    assert desk.demo is not None
    assert desk.demo.subscribers == []


async def test_it_follows_a_change_of_size() -> None:
    async with running("need-tag", size=(160, 45), demo=True) as desk:
        await desk.pilot.resize_terminal(80, 24)
        await desk.pilot.pause()
        targets_are_good(desk, (80, 24))
        await desk.pilot.resize_terminal(100, 30)
        await desk.pilot.pause()
        targets_are_good(desk, (100, 30))


async def test_without_colour_the_same_words_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running("fail") as desk:
        assert desk.app.no_color
        assert "× FAIL" in desk.text
        targets_are_good(desk, (100, 30))


# --- taps -----------------------------------------------------------------------------------------------------------


async def test_pass_and_not_applicable_are_one_tap() -> None:
    async with running("check-label") as desk:
        await desk.tap("✓ Pass")
        await desk.tap("○ Not applicable")
        assert desk.bench.sent == [Answer("label.lines", Outcome.PASS), Answer("label.lines", Outcome.NOT_APPLICABLE)]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_fail_asks_for_one_of_all_reasons(size: tuple[int, int]) -> None:
    async with running("check-label", size=size) as desk:
        await desk.tap("× Fail")
        assert desk.bench.sent == []
        await desk.tap("< Back")
        await desk.tap("× Fail")
        while "Covers the title" not in desk.labels():
            await desk.tap(next(label for label in desk.labels() if label.startswith("More")))
        await desk.tap("Covers the title")
        assert desk.bench.sent == [Answer("label.lines", Outcome.FAIL, "Covers the title")]
        assert "✓ Pass" in desk.labels()


async def test_reasons_of_one_check_are_not_offered_for_the_next() -> None:
    async with running("check-title") as desk:
        await desk.tap("× Fail")
        assert "Another volume" in desk.labels()
        await desk.show(SCENES["check-label"])
        assert "✓ Pass" in desk.labels()


async def test_a_double_tap_is_one_tap() -> None:
    """The second half would answer the next check."""
    async with running("check-title") as desk:
        await desk.tap("✓ Pass")
        await desk.show(SCENES["check-label"])
        await desk.tap("✓ Pass", wait=0.2)
        assert desk.bench.sent == [Answer("identity.title", Outcome.PASS)]
        await desk.tap("✓ Pass", wait=0.4)
        assert desk.bench.sent[1:] == [Answer("label.lines", Outcome.PASS)]


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
    async with running("other-item") as desk:
        sizes = {button.offered.label: button.region.area for button in desk.buttons if button.offered}
        assert max(sizes, key=lambda label: sizes[label]) == "Set the item aside"


async def test_many_choices_are_paged() -> None:
    scene = SCENES["other-item"]
    assert scene.fault is not None
    many = tuple(Choice(f"c{number}", f"Choice {number}") for number in range(7))
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
    async with running("idle") as desk:
        await desk.tap("Set aside")
        await desk.tap("< Back")
        assert desk.bench.sent == []


# --- other screens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_journal_pages_without_losing_a_row(size: tuple[int, int]) -> None:
    async with running(size=size) as desk:
        await desk.open(Go.JOURNAL)
        seen: list[int] = []
        while True:
            seen += [
                int(line.split()[0]) for line in desk.lines if line.strip()[:3].strip().isdigit() and "2026-" in line
            ]
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


async def test_the_outbox_shows_state_system_item_and_reason() -> None:
    async with running() as desk:
        await desk.open(Go.OUTBOX)
        assert "1 deferred, 1 in-doubt, 1 parked, 1 pending" in desk.text
        (row,) = (line for line in desk.lines if "31234000007731" in line)
        assert "deferred" in row
        assert "no answer within 20 s" in row


@pytest.mark.parametrize("go", [Go.JOURNAL, Go.OUTBOX])
async def test_a_query_that_fails_is_a_sentence(go: Go) -> None:
    async with running(queries=FakeQueries(error=StoreLocked("held by pid 7"))) as desk:
        await desk.open(go)
        assert StoreLocked.sentence in desk.text
        assert "store-locked held by pid 7" in desk.text


@pytest.mark.parametrize("size", SIZES, ids=str)
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
        assert "Put the same item back" in squeezed(desk.text)


# --- leaving --------------------------------------------------------------------------------------------------------


async def test_leaving_with_nothing_in_hand_is_one_tap() -> None:
    async with running() as desk:
        await desk.tap("Quit")
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
        ("Help", HelpScreen),
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
        monkeypatch.setattr(desk.app._speaker, "play", heard.append)
        await desk.show(msgspec.structs.replace(SCENES["need-tag"], sound=Sound.ACCEPTED, sound_number=1))
        await desk.show(msgspec.structs.replace(SCENES["writing"], sound=Sound.ACCEPTED, sound_number=1))
        await desk.show(msgspec.structs.replace(SCENES["pass"], sound=Sound.GOOD, sound_number=2))
        await desk.open(Go.JOURNAL)
        await desk.show(msgspec.structs.replace(SCENES["lifted"], sound=Sound.BAD, sound_number=3))
        assert heard == [Sound.ACCEPTED, Sound.GOOD, Sound.BAD]


async def test_sound_can_be_switched_off() -> None:
    settings = msgspec.structs.replace(SETTINGS, screen=msgspec.structs.replace(SETTINGS.screen, sound=False))
    bench = FakeBench()
    app = StationApp(bench, FakeQueries(), settings)
    rung: list[object] = []
    app._speaker._bell = lambda: rung.append(1)
    async with app.run_test() as pilot:
        bench.publish(msgspec.structs.replace(SCENES["pass"], number=2, sound_number=9))
        await pilot.pause()
    assert rung == []
