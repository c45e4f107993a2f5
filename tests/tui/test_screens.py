"""The real app without a terminal: what it shows, and how large its targets are."""

from __future__ import annotations

from itertools import combinations

import msgspec
import pytest
from textual.geometry import Region

from station.base.errors import Unreachable
from station.domain.commands import Act, Cancel, Enter
from station.domain.element_words import element_word
from station.domain.lately import Lately
from station.domain.ports import DemoItem
from station.domain.snapshot import Phase
from station.domain.workflows import Workflow
from station.tui.drawing import snapshot_views
from station.tui.drawing.words import LIGHTS, VERDICTS
from station.tui.pages.menu import entries
from station.tui.widgets.touch import GAP, MAIN, SMALL, Go
from tests.support.told import told
from tests.tui.running_app import ENDS, EVERY_SIZE, SCREENS, WAYS, Desk, running
from tests.tui.scenes import CHECKS, DEMO_STATE, SCENES
from tests.tui.whole import tells

# --- focus, sizes, counts -------------------------------------------------------------------------------------------


def apart(one: Region, two: Region) -> bool:
    """Tell whether there is at least a gap between them."""
    columns = max(one.x, two.x) - min(one.right, two.right)
    rows = max(one.y, two.y) - min(one.bottom, two.bottom)
    return columns >= GAP[0] or rows >= GAP[1]


def targets_are_good(desk: Desk, size: tuple[int, int], *, small: bool = False) -> None:
    """Check size, place and distance of all targets. `small`: the answers may be small targets too.

    The lines of a page of checks are one list without gaps: a tap beside one only opens reasons, and changes nothing. A
    line that cannot be tapped is no target.
    """
    regions = [button.region for button in desk.buttons]
    lines = {button.region for button in desk.buttons if button.parent and button.parent.id == "lines"}
    assert regions
    whole = Region(0, 0, *size)
    for button in desk.buttons:
        if button.region in lines and button.offered and not button.offered.enabled:
            continue
        least = MAIN if button.parent and button.parent.id == "answers" and not small else SMALL
        label = button.offered.label if button.offered else ""
        assert button.region.width >= least[0], (label, button.region)
        assert button.region.height >= least[1], (label, button.region)
        assert whole.contains_region(button.region), (label, button.region)
        assert not button.can_focus
    for one, two in combinations(regions, 2):
        assert apart(one, two) or {one, two} <= lines, (one, two)
    assert desk.app.focused is None
    assert len(list(desk.app.screen.walk_children())) <= 50
    assert not desk.app.screen.show_vertical_scrollbar
    assert not desk.app.screen.show_horizontal_scrollbar


@pytest.mark.parametrize("demo", [False, True], ids=["real", "demo"])
@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_every_target_of_the_work_screen_is_large_and_apart(size: tuple[int, int], demo: bool) -> None:
    async with running(size=size, demo=demo) as desk:
        for name, scene in SCENES.items():
            await desk.show(scene)
            targets_are_good(desk, size)
            actions = [b for b in desk.buttons if b.parent and b.parent.id == "actions"]
            if scene.phase in (Phase.STOPPED, Phase.CHECKING):
                assert bool(actions) == bool(scene.checks or (scene.fault and scene.fault.choices)), name
                least = SMALL if name == "check-page" else MAIN  # its button gives way before a line does
                assert all(b.region.width >= MAIN[0] and b.region.height >= least[1] for b in actions), name
        await desk.show(SCENES["check-label"])
        await desk.tap("× No")
        targets_are_good(desk, size)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_every_target_of_the_other_screens_is_large_and_apart(size: tuple[int, int]) -> None:
    async with running("check-label", size=size) as desk:
        for go in WAYS[1:]:
            assert go is not None
            await desk.open(go)
            assert type(desk.app.screen) is SCREENS[go]
            targets_are_good(desk, size)
            await desk.scan()


@pytest.mark.parametrize(
    "size",
    [(1, 1), (300, 100), *(pytest.param(size, marks=pytest.mark.soak) for size in ((20, 5), (40, 12), (79, 23)))],
)
async def test_other_sizes_do_no_harm(size: tuple[int, int]) -> None:
    async with running("check-label", size=size, demo=True) as desk:
        for scene in SCENES.values():
            await desk.show(scene)
            assert len(desk.lines) == size[1], "it can be painted"


async def test_the_hint_of_the_item_in_hand_is_whole_on_a_small_screen() -> None:
    hint = "its tag belongs to another item"
    state = msgspec.structs.replace(DEMO_STATE, item=DemoItem("31234000004217", "A field guide to " * 5, hint))
    async with running(size=(80, 24), demo=True) as desk:
        assert desk.demo is not None
        desk.demo.publish(state)
        await desk.pilot.pause()
        assert hint in desk.text


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_every_demo_control_can_be_reached_by_tapping(size: tuple[int, int]) -> None:
    async with running("need-tag", size=size, demo=True) as desk:
        assert desk.demo is not None
        one_strip = "Demo" in desk.labels()
        if one_strip:
            await desk.tap("Demo")
        seen: set[str] = set()
        for _ in range(5):
            assert {"< Back", "Menu · 2 to fix"} <= set(desk.labels()), "the station's way back stays in sight"
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
        if one_strip:
            assert desk.labels() == ["Set aside", "< Back", "Help", "Menu · 2 to fix", "Demo"]
            targets_are_good(desk, size)
            await desk.tap("Set aside")
            assert desk.bench.sent == [Cancel()]


# --- what is shown --------------------------------------------------------------------------------------------------


def squeezed(text: str) -> str:
    return " ".join(text.split())


SAID: dict[str, tuple[str, ...]] = {
    "idle": ("● 1 Scan", "○ 4 Shelf", "Last items", "The clockmaker's almanac", "41 items", "38 an hour"),
    "idle-unfinished": ("A field guide to imaginary rivers", "The clockmaker's almanac"),
    "need-scan": ("a blank tag",),
    "writing": ("7 of 12 steps",),
    "other-item": (
        "Nothing was written.",
        "On the pad",
        "Scanned",
        "Set the item aside",
        "Overwrite this tag",
    ),
    "lifted": (
        "The station finishes the tag as soon as it lies on the pad again.",
        "For staff: tag-lost · 5 of 12 steps verified",
        "Give this tag up",
    ),
    "check-title": (
        "Check 1 of 3 serious",
        "compare with",
        "│ A field guide to imaginary rivers │",
        "✓ Yes",
        "× No",
    ),
    "check-label": ("Check 2 of 3 moderate", "✓ Yes", "× No"),
    "check-stamp": (
        "Check 3 of 3 moderate",
        "title page three edges",
        "│LIBRARY│",
        "• property stamp",
        "○ Not applicable",
    ),
    "check-pieces": ("Check 4 of 5 serious", "2 audio discs (148 min)", "+ 1 booklet", "together 3", "✓ Yes: 3"),
    "pass": ("All checks passed",),
    "fail": (
        "1 check failed, one note for staff",
        "× Spine label: a line is missing",
        "i Property stamp: there is no stamp",
    ),
}
"""Words of a scene besides its sentence, at every size."""


@pytest.mark.parametrize("size", ENDS, ids=str)
async def test_each_scene_shows_its_sentence_symbol_and_word(size: tuple[int, int]) -> None:
    async with running(size=size, demo=True) as desk:
        for name, scene in SCENES.items():
            await desk.show(scene)
            band = squeezed(
                "".join(char for char in desk.app.screen.query_one("#band").render().plain if char not in "█▀▄")
            )
            sentence = told(scene.fault.sentence) if scene.fault else told(scene.prompt)
            word = VERDICTS[scene.verdict] if scene.verdict else LIGHTS[scene.light].word
            assert f"{LIGHTS[scene.light].symbol} {word}" in desk.text, name
            assert sentence in band, name
            assert any(block in desk.lines[row] for row in (1, 2, 3) for block in "█▀▄"), name
            tells(desk, SAID.get(name, ()), "card", "demo-line")
            if told(scene.notice.sentence):
                assert told(scene.notice.sentence) in squeezed(desk.text) and told(scene.outbox_note) in squeezed(
                    desk.text
                ), name


@pytest.mark.parametrize("demo", [False, True], ids=["real", "demo"])
@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
@pytest.mark.parametrize("scene", ["need-tag", "need-tag-parts"])
async def test_what_will_be_written_and_the_whole_label_stand_before_the_write(
    size: tuple[int, int], demo: bool, scene: str
) -> None:
    async with running(scene, size=size, demo=demo) as desk:
        snapshot = SCENES[scene]
        assert snapshot.planned is not None
        assert snapshot.item is not None
        for name, value in snapshot.planned.elements:
            element = told(element_word(name))
            assert any(element in line and told(value) in line for line in desk.lines), element
        assert "AFI" not in desk.text and "identifier" not in desk.text
        for line in snapshot.item.label_lines:
            assert f" {line} " in desk.text, line
        for text in (snapshot.item.author, snapshot.item.call_number, snapshot.item.barcode):
            assert text in desk.text
        if snapshot.item.parts > 1:
            assert "part 2 of 3" in desk.text
        assert snapshot.item.location in desk.text or size == (80, 24)


@pytest.mark.parametrize("demo", [False, True], ids=["real", "demo"])
@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_one_check_at_a_time_with_all_it_expects(size: tuple[int, int], demo: bool) -> None:
    async with running("check-label", size=size, demo=demo) as desk:
        assert "Check 2 of 3" in desk.text
        assert "Does the spine label read like" in desk.text
        assert told(CHECKS[2].question) not in desk.text
        assert told(CHECKS[0].question) not in desk.text
        for line in told(CHECKS[1].expectation).splitlines():
            assert f" {line} " in desk.text, line
        await desk.tap("× No")
        for line in told(CHECKS[1].expectation).splitlines():
            assert f" {line} " in desk.text, line


async def test_old_and_new_stand_side_by_side() -> None:
    async with running("other-item", size=(160, 45)) as desk:
        (row,) = (line for line in desk.lines if "│ The clockmaker's almanac" in line)
        assert "│ A field guide to imaginary " in row
        assert "For staff: other-item" in desk.text


async def test_progress_in_figures() -> None:
    async with running("writing") as desk:
        assert "7 of 12 steps" in desk.text


async def test_failed_findings_with_their_reasons() -> None:
    async with running("fail") as desk:
        assert "× Spine label: a line is missing" in desk.text
        assert "1 check failed, one note for staff" in desk.text


async def test_header_tells_reader_outbox_and_day() -> None:
    async with running("unplugged") as desk:
        assert "× reader unplugged" in desk.lines[0]
        await desk.show(SCENES["idle-unfinished"])
        assert "✓ reader ready" in desk.lines[0]
        assert "× library no answer" in desk.lines[0]
        assert "41 today" in desk.lines[0]
        assert "The clockmaker's almanac" in desk.text


@pytest.mark.parametrize(
    ("waiting", "parked", "said"),
    [
        (0, 0, "✓ library all sent"),
        (0, 2, "! library 2 for staff"),
        (3, 0, "~ library 3 to send"),
        (3, 1, "! library 1 for staff"),
    ],
)
@pytest.mark.parametrize("width", [80, 100])
def test_an_outbox_with_something_for_a_person_is_not_empty(waiting: int, parked: int, said: str, width: int) -> None:
    snapshot = msgspec.structs.replace(SCENES["idle"], outbox_depth=waiting, outbox_parked=parked)
    line = snapshot_views.header(snapshot, "Example University Library", "bench-1", width, "2:05 PM")
    assert said.strip() in line.plain
    assert line.cell_length <= width
    assert "today" in line.plain


PARTS = ("reader", "library", "2:05 PM")


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_lights_count_and_help_have_one_place_on_every_page(size: tuple[int, int]) -> None:
    """Reader, library system, today's count, time and Help, with any state of the lights."""
    busy = {"outbox_depth": 812, "outbox_parked": 13, "lately": Lately(today=417, hour=123)}
    trouble = {
        "reader": "The reader does not answer. Check its power.",
        "reader_ready": False,
        "outbox_note": "Alma is away",
    }
    lights: set[tuple[int, ...]] = set()
    places: set[object] = set()
    async with running("need-tag", size=size) as desk:
        for go in (None, Go.MENU, Go.JOURNAL, Go.OUTBOX, Go.HELP, Go.DISPLAY_AND_SOUND):
            if go is not None:
                await desk.open(go)
            for changed in ({}, busy, trouble, {**busy, **trouble}):
                await desk.show(msgspec.structs.replace(SCENES["need-tag"], **changed))
                (help_,) = (b for b in desk.buttons if b.offered and b.offered.label == "Help")
                lights.add(tuple(desk.lines[0].index(part) for part in PARTS))
                places.add(help_.region if go is not None else None)
    assert len(lights) == 1, lights
    assert len(places) == 2, "the work has it in its strip, every page beside the band"


async def test_undo_is_offered_in_the_menu_when_there_is_something_to_undo() -> None:
    async with running("pass") as desk:
        assert "Undo tag write" not in {entry.title for entry in entries(desk.app.desk)}  # type: ignore[attr-defined]
        await desk.show(msgspec.structs.replace(SCENES["pass"], undo="the tag of 31234000004217"))
        await desk.menu("Undo tag write")
        assert desk.bench.sent == [Enter(Workflow.INSPECT), Act("undo-last")]


async def test_header_tells_whether_almas_page_is_served() -> None:
    async with running("idle-unfinished") as desk:
        assert "Alma page" not in desk.lines[0], "the page is not configured"
        base = SCENES["idle-unfinished"]
        await desk.show(msgspec.structs.replace(base, number=base.number + 1, web="port 8443", web_ready=True))
        assert "✓ Alma page on" in desk.lines[0]
        await desk.show(msgspec.structs.replace(base, number=base.number + 2, web="port 8443 is taken or not allowed"))
        assert "× Alma page off" in desk.lines[0]


async def test_a_screen_never_goes_back_to_an_older_snapshot() -> None:
    async with running() as desk:
        await desk.show(SCENES["need-tag"])
        desk.bench.publish(msgspec.structs.replace(SCENES["pass"], number=1))
        await desk.pilot.pause()
        assert "Put the item flat" in desk.text


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


def test_that_the_library_system_is_away_is_told_whole_on_a_small_screen() -> None:
    """The notice has one line; its part about the results is at the end."""
    assert len(f"i Alma: {told(Unreachable().sentence)}") <= 80 - 4
