"""Bulk conversion by scan and tap only, on the real bench; and the look of its screens."""

from __future__ import annotations

import msgspec
import pytest

from station.base.sentence import Sentence
from station.domain.events import ConvertEnded, ItemJudged
from station.domain.snapshot import Light, Phase, Snapshot
from station.domain.verdict import Verdict
from station.domain.workflows import ConvertState, ConvertView, DoneItem, StackLine, StackReport, StackState, Workflow
from station.tui.app import StationApp
from station.tui.widgets.touch import MAIN
from station.tui.workflows.convert import SYMBOLS, ConvertScreen
from station.tui.workflows.process import ProcessScreen
from tests.bench.workflows.convert.test_convert import MANY, shelf  # noqa: F401 - the fixture puts the items into the catalog
from tests.conftest import FakeClock
from tests.support.simulated_bench import CATALOG
from tests.tui.app_on_bench import live
from tests.tui.running_app import EVERY_SIZE, SIZES
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells

DONE = tuple(DoneItem(f"3123400000{number:04}", title=f"Imaginary rivers, volume {number}") for number in range(1, 7))
VIEW = ConvertView(
    state=ConvertState.LINE, session="c", done=42, not_good=2, per_hour=310, newest=DONE[:5], stack=DONE, stack_size=8
)
REPORT = StackReport(
    (
        *(StackLine(state=StackState.RIGHT, barcode=i.barcode, title=i.title, uid="E0") for i in DONE[:3]),
        StackLine(
            state=StackState.MISSING, barcode=DONE[3].barcode, title=DONE[3].title, reasons=("No tag of it answers.",)
        ),
        StackLine(
            state=StackState.WRONG,
            barcode=DONE[4].barcode,
            title=DONE[4].title,
            uid="E1",
            reasons=("It is not secured.",),
        ),
        StackLine(state=StackState.EXTRA, uid="E004010000000077", reasons=("It does not belong to this stack.",)),
    )
)
IDLE = msgspec.structs.replace(SCENES["idle"], workflow=Workflow.CONVERT, workflow_view=VIEW)
VIEWS: dict[str, Snapshot] = {
    "line": IDLE,
    "need-tag": msgspec.structs.replace(SCENES["need-tag"], workflow=Workflow.CONVERT, workflow_view=VIEW),
    "stack-wrong": msgspec.structs.replace(
        IDLE,
        light=Light.BAD,
        prompt=Sentence.verbatim("3 right, take out 2 and look at them, put one more on the pad"),
        workflow_view=msgspec.structs.replace(VIEW, state=ConvertState.STACK, report=REPORT),
    ),
    "doubt": msgspec.structs.replace(
        SCENES["other-item"],
        workflow=Workflow.CONVERT,
        workflow_view=msgspec.structs.replace(VIEW, state=ConvertState.STOPPED),
    ),
}

COUNTED = "✓ 42 done · × 2 not good · 310 an hour · stack 6 of 8"
SAID: dict[str, tuple[str, ...]] = {
    "line": (COUNTED, "Done last", "✓ Imaginary rivers, volume 5", "Verify stack", "End session"),
    "need-tag": (COUNTED, "Will be written", "Use 10 (for circulation)"),
    "stack-wrong": (
        COUNTED,
        "3 right, take out 2 and look at them, put one more on the pad",
        "× wrong: Imaginary rivers, volume 5 It is not secured.",
        "+ extra: a tag It does not belong to this stack.",
        "? missing: Imaginary rivers, volume 4",
        "✓ right: Imaginary rivers, volume 3",
        "Go on",
    ),
    "doubt": (
        COUNTED,
        'The tag on the pad is for "The clockmaker\'s almanac". You',
        "Nothing was written.",
        "On the pad",
        "Scanned",
        "Set the item aside",
        "Overwrite this tag",
    ),
}
"""Words of each view at every size."""


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_whole_session_by_scan_and_tap(size: tuple[int, int]) -> None:
    async with live(size=size) as desk:
        rig = desk.rig
        await desk.tap("Menu")
        await desk.tap("Convert")
        assert type(desk.app.screen) is ConvertScreen
        uids = [rig.world.tag(number) for number in range(1, 9)]
        for number, (code, uid) in enumerate(zip(MANY, uids, strict=False), 1):
            await desk.scan(code)
            await desk.place(uid)
            assert f"✓ {number if number > 1 else 'one'} done" in desk.text
            await desk.lift()
        assert "8 items are done. Put them" in desk.text
        await desk.place(*uids)
        assert "All 8 are right" in " ".join(desk.text.split())
        targets_are_good(desk, size)
        await desk.lift()
        assert "stack 0 of 8" in desk.text
        await desk.tap("End session")
        assert type(desk.app.screen) is ProcessScreen
        judged = [event for event in rig.journal.events if isinstance(event, ItemJudged)]
        assert [(event.barcode, event.verdict) for event in judged] == [(code, Verdict.PASS) for code in MANY[:8]]
        assert any(isinstance(event, ConvertEnded) and event.done == 8 for event in rig.journal.events)


async def test_walking_away_in_the_middle_loses_nothing() -> None:
    async with live() as desk:
        rig = desk.rig
        await desk.tap("Menu")
        await desk.tap("Convert")
        await desk.scan(MANY[0])
        await desk.tap("< Back")
        assert type(desk.app.screen) is ProcessScreen and rig.now.item is None
        await desk.tap("Menu")
        await desk.tap("Convert")
        assert rig.now.item is not None and rig.now.item.barcode == MANY[0]
        await desk.place(rig.world.tag(1))
        assert rig.now.phase is Phase.DONE and "✓ one done" in desk.text


async def test_a_stack_that_is_not_right_is_answered_by_a_tap() -> None:
    async with live() as desk:
        rig = desk.rig
        await desk.tap("Menu")
        await desk.tap("Convert")
        uids = [rig.world.tag(number) for number in (1, 2, 3)]
        for code, uid in zip(MANY, uids, strict=False):
            await desk.scan(code)
            await desk.place(uid)
            await desk.lift()
        rig.world.tags[uids[1]].afi = 0xC2
        await desk.tap("Verify stack")
        await desk.place(*uids)
        assert f"× wrong: {CATALOG[MANY[1]].title}" in desk.text and "It is not secured." in desk.text
        await desk.scan(MANY[5])
        assert "not right yet" in desk.text
        await desk.lift()
        await desk.tap("Go on")
        assert "stack 1 of 8" in desk.text


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_targets(size: tuple[int, int]) -> None:
    bench = FakeBench(IDLE)
    clock = FakeClock()
    app = StationApp(bench, FakeQueries(), SETTINGS, None, clock.monotonic)
    async with app.run_test(size=size) as pilot:
        from tests.tui.running_app import Desk

        desk = Desk(pilot, bench, None, clock)
        for name, view in VIEWS.items():
            await desk.show(view)
            targets_are_good(desk, size)
            tells(desk, SAID[name], "card")
            for button in desk.buttons:
                if button.parent and button.parent.id == "actions" and name in ("line", "stack-wrong"):
                    assert button.region.width >= MAIN[0] and button.region.height >= MAIN[1]
        assert len(set(SYMBOLS.values())) == len(StackState)
