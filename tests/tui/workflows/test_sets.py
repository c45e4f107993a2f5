"""Sets by scan and tap only, on the real bench; and the look of the screen."""

from __future__ import annotations

import msgspec
import pytest

from station.base.sentence import Sentence
from station.domain.choice import Choice
from station.domain.events import SetClosed, SetSized
from station.domain.snapshot import Light, Snapshot
from station.domain.workflows import PartState, SetModel, SetPart, SetState, SetView, Workflow
from station.tui.app import StationApp
from station.tui.widgets.touch import MAIN
from station.tui.workflows.process import ProcessScreen
from station.tui.workflows.sets import SYMBOLS, SetsScreen, counts, missing, sizes
from tests.bench.test_bench import encoded
from tests.bench.workflows.sets.test_sets import says
from tests.conftest import FakeClock
from tests.support.simulated_bench import BOOK, DVD, OTHER
from tests.support.told import told
from tests.tui.app_on_bench import LiveDesk, live
from tests.tui.running_app import EVERY_SIZE, SIZES, Desk, running
from tests.tui.scenes import DISCS, SCENES, SETTINGS, FakeBench, FakeQueries
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells

PARTS = (
    SetPart(1, PartState.RIGHT, "E004010000000001", here=True),
    SetPart(2, PartState.OLD_TOTAL, "E004010000000002"),
    SetPart(3, PartState.NOT_SEEN, "E004010000000003"),
    SetPart(4, PartState.NO_TAG),
)
VIEW = SetView(
    state=SetState.GATHER,
    barcode=DISCS.barcode,
    title=DISCS.title,
    parts=PARTS,
    chosen=4,
    record_parts=3,
    pieces=4,
)
IDLE = msgspec.structs.replace(SCENES["idle"], workflow=Workflow.SETS, item=DISCS)


def _seen(view: SetView, prompt: str, light: Light = Light.NEUTRAL) -> Snapshot:
    return msgspec.structs.replace(IDLE, workflow_view=view, prompt=Sentence.of(prompt), light=light)


ALL = tuple(SetPart(n, PartState.RIGHT, f"E00401000000000{n}", here=True) for n in range(1, 5))
VIEWS: dict[str, Snapshot] = {
    "empty": _seen(SetView(), "Scan the set's barcode, or put one part on the pad"),
    "gather": _seen(VIEW, "Put the parts on the pad; a new tag becomes part 4 of 4"),
    "ask-size": _seen(
        msgspec.structs.replace(
            VIEW,
            state=SetState.ASK_SIZE,
            answers=(
                Choice("size-1", Sentence.verbatim("It has 4 parts"), main=True),
                Choice("size-0", Sentence.verbatim("No, 3 as before")),
            ),
        ),
        "4 parts instead of 3? Tags that are written anew, as you lay them down: 1, 2, 3",
        Light.WARNING,
    ),
    "count": _seen(
        msgspec.structs.replace(VIEW, state=SetState.COUNT, parts=ALL, chosen=0),
        "All tags are right. How many pieces have no tag and no barcode?",
    ),
    "complete": _seen(
        msgspec.structs.replace(VIEW, state=SetState.COMPLETE, parts=ALL, chosen=0, loose=1),
        "Complete: 4 parts. Scan the next set",
        Light.GOOD,
    ),
    "stranger": msgspec.structs.replace(
        SCENES["other-item"],
        workflow=Workflow.SETS,
        workflow_view=msgspec.structs.replace(VIEW, state=SetState.STOPPED),
        fault=msgspec.structs.replace(SCENES["other-item"].fault, choices=()),  # type: ignore[type-var]
    ),
}

PIECES = ("31234000009919 Nocturnes for a paper moon", "a tag for each part")
EACH = ("✓ right, here", "▲ write anew", "? not seen yet", "○ no tag yet")
SAID: dict[str, tuple[str, ...]] = {
    "empty": (
        "Scan the set's barcode, or put one part on the pad",
        "No set in hand",
        "Where the number matters, put them on the pad one by one.",
    ),
    "gather": (
        *PIECES,
        *EACH,
        "Put the parts on the pad; a new tag becomes part 4 of 4",
        "Missing: 2, 3, 4 · 1 of 4 seen",
        "> Part 4",
        "One tag for all",
    ),
    "ask-size": (
        *PIECES,
        *EACH,
        "4 parts instead of 3? Tags that are written anew, as you lay them down: 1, 2, 3",
        "It has 4 parts",
        "No, 3 as before",
    ),
    "count": (
        *PIECES,
        "✓ Nothing is missing · 4 of 4 seen",
        "All tags are right. How many pieces have no tag and no barcode?",
        "None without tag",
        "Another number",
    ),
    "complete": (
        PIECES[0],
        "Complete: 4 parts. Scan the next set",
        "✓ Nothing is missing · 4 of 4 seen · 1 piece without tag · record: 4 pieces",
        "Checks",
        "Parts",
    ),
    "stranger": (
        "Missing: 2, 3, 4 · 1 of 4 seen",
        "Nothing was written.",
        "On the pad",
        "Scanned",
        "For staff: other-item · tag E004010812345678, bound on 2026-03-02 at bench-1",
    ),
}
"""Words of each view at every size."""


async def begin(desk: LiveDesk) -> None:
    await desk.tap("Menu")
    if "Sets" not in desk.labels():
        await desk.tap("More (1/2)")
    await desk.tap("Sets")
    assert type(desk.app.screen) is SetsScreen


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_whole_set_by_scan_and_tap_then_one_part_more(size: tuple[int, int]) -> None:
    async with live(size=size) as desk:
        rig = desk.rig
        tags = [rig.world.tag(n) for n in range(1, 5)]
        await begin(desk)
        await desk.scan(DVD)
        assert "Missing: 1, 2, 3" in desk.text
        await desk.tap("Part 3")
        await desk.place(tags[0])
        assert "Missing: 1, 2" in desk.text and "1 of 3 seen" in desk.text
        await desk.lift()
        await desk.place(tags[1], tags[2])
        assert "in any order?" in told(rig.now.prompt) and "new tags" in desk.text
        targets_are_good(desk, size)
        await desk.tap("Number them")
        assert "Nothing is missing" in desk.text
        await desk.tap("None without tag")
        assert "Complete: 3 parts" in " ".join(desk.text.split())
        assert says(rig, tags[0])[1] == 3

        await desk.scan(DVD)
        await desk.tap("Parts")
        await desk.tap("4 parts")
        assert "1, 2, 3" in desk.text
        await desk.tap("It has 4 parts")
        await desk.place(*tags[:3])
        assert "Missing: 4" in desk.text
        await desk.place(tags[3])
        await desk.tap("None without tag")
        assert [says(rig, tag)[2] for tag in tags] == [4, 4, 4, 4]
        await desk.lift()
        await desk.tap("Checks")
        assert type(desk.app.screen) is ProcessScreen
        assert rig.now.item is not None and rig.now.item.parts == 4
        assert [type(e).__name__ for e in rig.journal.events if isinstance(e, SetSized | SetClosed)] == [
            "SetClosed",
            "SetSized",
            "SetClosed",
        ]


async def test_a_stranger_is_named_and_goes_away_with_it() -> None:
    async with live() as desk:
        await begin(desk)
        await desk.scan(DVD)
        other = desk.rig.world.tag(9, **encoded(OTHER))
        await desk.place(other)
        assert 'The tag on the pad is for "' in desk.text and "Nothing was written" in desk.text
        await desk.lift()
        desk.rig.look(3)
        desk.live.tell()
        await desk.pilot.pause()
        assert 'The tag on the pad is for "' not in desk.text


async def test_one_tag_for_all_and_putting_it_down() -> None:
    async with live() as desk:
        await begin(desk)
        await desk.scan(DVD)
        await desk.tap("One tag for all")
        await desk.tap("One tag for all")
        await desk.place(desk.rig.world.tag(1))
        assert "Count all pieces" in desk.text
        await desk.tap("Another number")
        assert "How many are there?" in desk.text
        targets_are_good(desk, (100, 30))
        await desk.tap("< Back")
        await desk.tap("Another number")
        await desk.tap("2 pieces")
        await desk.tap("No, 3 as before")
        await desk.tap("3 pieces")
        assert "Complete" in desk.text
        await desk.scan(BOOK)
        await desk.tap("Set aside")
        assert "No set in hand" in desk.text


async def test_a_scan_in_every_state_arrives_at_the_bench() -> None:
    bench = FakeBench(IDLE)
    clock = FakeClock()
    app = StationApp(bench, FakeQueries(), SETTINGS, None, clock.monotonic)
    async with app.run_test(size=(100, 30)) as pilot:
        desk = Desk(pilot, bench, None, clock)
        for view in VIEWS.values():
            await desk.show(view)
            before = len(bench.sent)
            await desk.scan("31234000004217")
            assert len(bench.sent) == before + 1
        await desk.show(VIEWS["gather"])
        await desk.tap("Parts")
        await desk.scan("31234000004217")
        assert type(desk.app.screen) is SetsScreen
        await desk.tap("< Back")
        assert "Parts" in desk.labels()


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_targets(size: tuple[int, int]) -> None:
    bench = FakeBench(IDLE)
    clock = FakeClock()
    app = StationApp(bench, FakeQueries(), SETTINGS, None, clock.monotonic)
    async with app.run_test(size=size) as pilot:
        desk = Desk(pilot, bench, None, clock)
        for name, view in VIEWS.items():
            await desk.show(view)
            targets_are_good(desk, size)
            tells(desk, SAID[name], "tale")
            for button in desk.buttons:
                if button.parent and button.parent.id == "actions" and name in ("ask-size", "count", "complete"):
                    assert button.region.width >= MAIN[0] and button.region.height >= MAIN[1]
        assert len(list(app.screen.walk_children())) <= 50
    assert len(set(SYMBOLS.values())) == len(PartState)


def test_what_is_missing_is_said_with_many_parts_too() -> None:
    many = msgspec.structs.replace(VIEW, parts=tuple(SetPart(n, PartState.NO_TAG) for n in range(1, 21)))
    assert "Missing: 1, 2, 3" in missing(many, 76).plain


def test_the_expected_number_of_loose_pieces_is_the_large_answer() -> None:
    labels = [action.label for action in counts(msgspec.structs.replace(VIEW, pieces=6))]
    assert labels[:3] == ["2 without tag", "None without tag", "1 without tag"]
    main = counts(msgspec.structs.replace(VIEW, model=SetModel.MAIN))
    assert main[0].label == "4 pieces"
    assert [action.label for action in sizes(VIEW)][:3] == ["5 parts", "3 parts", "6 parts"]


async def test_the_strips_change_on_a_small_screen() -> None:
    async with running(IDLE, (80, 24), demo=True) as desk:
        assert desk.labels()[-5:] == ["Set aside", "< Back", "Help", "Menu · 2 to fix", "Demo"]
        await desk.tap("Demo")
        assert "Scan it" in desk.labels()
        for page in range(1, 6):
            assert {"< Back", "Menu · 2 to fix"} <= set(desk.labels())
            await desk.tap(f"More ({page}/5)")
        assert desk.labels()[-1] == "Demo"
