"""Inspect and undo by scan and tap only, on the real bench; and the look of their screens."""

from __future__ import annotations

import msgspec
import pytest

from station.base.sentence import Sentence
from station.domain.snapshot import Light, Snapshot
from station.domain.tag_image import Uid
from station.domain.workflows import (
    HistoryLine,
    InspectedTag,
    InspectView,
    TagDiagnosis,
    TagSummary,
    UndoOffer,
    UndoState,
    Workflow,
)
from station.tui.app import StationApp
from station.tui.widgets.touch import MAIN, SMALL
from station.tui.workflows.inspect import TABS, InspectScreen, tag_lines, undo_lines
from tests.bench.workflows.test_inspect import FOREIGN, Bench
from tests.conftest import FakeClock
from tests.support.simulated_bench import BOOK, CATALOG
from tests.support.told import told
from tests.tui.app_on_bench import live
from tests.tui.running_app import EVERY_SIZE, Desk
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells

TAG = InspectedTag(
    uid="E004010012345678",
    chip="NXP ICODE SLIX",
    state="ours",
    summary="our tag of 31234000004217",
    barcode="31234000004217",
    afi=7,
    dsfid=6,
    memory=bytes(112),
    locked=(0, 1),
    lines=("Our tag of 31234000004217.", "UID E004010012345678, 112 bytes in blocks of 4."),
    dump=(*tuple(f"{16 * row:5}  {'00 ' * 16}" for row in range(7)), "A  bytes 0-111: free"),
    diagnoses=(
        TagDiagnosis(
            code="afi-unknown",
            severity="major",
            sentence="The gate will not know this tag.",
            advice="Process it again.",
        ),
    ),
    ledger=("A second tag: ...BEEF01 was written for the same item on 2026-11-20.",),
    history=tuple(
        HistoryLine(seq=seq, at=f"2026-11-2{seq % 10}T10:00:00", said=Sentence.verbatim(f"Event {seq} of this tag"))
        for seq in range(40, 0, -1)
    ),
    undo=UndoOffer(
        attempt="a",
        barcode="31234000004217",
        title="Imaginary rivers",
        at="2026-11-24T10:00",
        operator="ann",
        back_to="blank tag",
    ),
)
VIEW = InspectView(
    tags=(TagSummary(uid=TAG.uid, summary=TAG.summary), TagSummary(uid="E0", summary="blank tag")), shown=TAG
)
ONE = msgspec.structs.replace(
    SCENES["idle"], workflow=Workflow.INSPECT, prompt=Sentence.verbatim("2 tags on the pad"), workflow_view=VIEW
)
VIEWS: dict[str, Snapshot] = {
    "tag": ONE,
    "asked": msgspec.structs.replace(
        ONE,
        light=Light.WARNING,
        prompt=Sentence.verbatim('Undo the tag for "Imaginary rivers"? It will be blank again.'),
        workflow_view=msgspec.structs.replace(VIEW, undo=UndoState.ASKED),
    ),
    "item": msgspec.structs.replace(
        ONE,
        prompt=Sentence.verbatim('History of "Imaginary rivers"'),
        workflow_view=msgspec.structs.replace(
            VIEW, shown=None, barcode=TAG.barcode, title="Imaginary rivers", history=TAG.history, ledger=TAG.ledger
        ),
    ),
}

SAID: dict[str, tuple[str, ...]] = {
    "tag": (
        "2 tags on the pad",
        "Our tag of 31234000004217. UID E004010012345678, 112 bytes in blocks of 4.",
        "▲ A second tag: ...BEEF01 was written for the same item on 2026-11-20.",
        "Last write: Imaginary rivers, 2026-11-24, by ann. Before it: blank tag",
        *("Overview", "Bytes", "Doctor", "History", "Undo tag write", "Next tag"),
    ),
    "asked": (
        'Undo the tag for "Imaginary rivers"? It will be blank again.',
        "No, leave it",
        "Yes, undo it",
    ),
    "item": (
        'History of "Imaginary rivers"',
        "Imaginary rivers A second tag: ...BEEF01 was written for the same item on 2026-11-20.",
        "2026-11-20 10:00 AM Event 40 of this tag",
        "Back to the tag",
        "Page 1/",
    ),
}
"""Words of each view at every size."""


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_tag_and_its_undo_by_tap(size: tuple[int, int]) -> None:
    rig = Bench()
    uid = rig.world.tag(1, memory=bytearray(FOREIGN), afi=0x30)
    old = rig.bytes_of(uid)
    rig.written(BOOK, 1)
    async with live(rig, size=size) as desk:
        await desk.tap("Menu")
        await desk.tap("Inspect")
        assert type(desk.app.screen) is InspectScreen
        await desk.place(uid)
        await desk.pilot.pause()
        seen = ""
        for tab in ("Bytes", "Doctor", "History", "Overview"):
            await desk.tap(tab)
            seen += desk.text
            targets_are_good(desk, size)
        assert "    0  " in seen and "No block is locked" in seen and "Nothing is wrong" in seen and BOOK in seen
        await desk.tap("Undo tag write")
        assert 'Undo the tag for "Title of' in " ".join(desk.text.split())
        await desk.scan(BOOK)
        assert "Answer the question" in desk.text
        await desk.tap("Yes, undo it")
        assert rig.bytes_of(uid) == old
        assert "Tag write undone" in " ".join(desk.text.split())
        await desk.tap("Go on")
        await desk.lift()
        await desk.scan(BOOK)
        assert f'History of "{CATALOG[BOOK].title}"' in " ".join(desk.text.split())
        assert [type(command).__name__ for command in desk.live.sent if "Key" in type(command).__name__] == []


async def test_while_it_is_taken_back_nothing_more_is_asked() -> None:
    clock, bench = FakeClock(), FakeBench(VIEWS["asked"])
    app = StationApp(bench, FakeQueries(), SETTINGS, None, clock.monotonic)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        desk = Desk(pilot, bench, None, clock)
        assert "Yes, undo it" in desk.labels()
        await desk.show(
            msgspec.structs.replace(VIEWS["asked"], light=Light.BUSY, prompt=Sentence.verbatim("Undoing the tag write"))
        )
        assert "Yes, undo it" not in desk.labels() and "No, leave it" not in desk.labels()


def test_what_an_undo_leaves_to_people_stands_whole_under_the_band() -> None:
    told = 'According to alma, file, "T" still has this tag. Process the item again, or have the tag removed there'
    tag = msgspec.structs.replace(TAG, to_do=(told,))
    view = InspectView(undo=UndoState.DONE, said="Tag write undone.", shown=tag)
    lines = [line.plain for line in undo_lines(view, "Tag write undone.", 76)]
    assert len(lines) == 2 and " ".join(line.strip() for line in lines) == f"▲ {told}."
    assert not undo_lines(msgspec.structs.replace(view, undo=UndoState.ASKED), "Tag write undone.", 76)


async def test_an_item_in_hand_is_still_there_afterwards() -> None:
    async with live() as desk:
        rig = desk.rig
        await desk.scan(BOOK)
        await desk.tap("Menu")
        await desk.tap("Inspect")
        uid = rig.world.tag(1)
        await desk.place(uid)
        assert rig.world.tags[uid].writes == 0 and "blank" in desk.text
        await desk.tap("< Back")
        rig.look(2)
        desk.live.tell()
        assert rig.now.item is not None and rig.now.item.barcode == BOOK and rig.world.tags[Uid(uid)].writes > 0


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_targets_and_paging(size: tuple[int, int]) -> None:
    clock, bench = FakeClock(), FakeBench(ONE)
    app = StationApp(bench, FakeQueries(), SETTINGS, None, clock.monotonic)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        desk = Desk(pilot, bench, None, clock)
        for name, view in VIEWS.items():
            await desk.show(view)
            await pilot.pause()
            targets_are_good(desk, size)
            tells(desk, SAID[name])
            for button in desk.buttons:
                least = MAIN if button.parent and button.parent.id == "actions" else SMALL
                assert button.region.width >= least[0] and button.region.height >= least[1]
        await desk.show(ONE)
        await desk.tap("History")
        await pilot.pause()
        seen = desk.text
        for _ in range(60):
            if all(told(line.said) in seen for line in TAG.history):
                break
            page = [label for label in desk.labels() if label.startswith("Page ")]
            await desk.tap(page[0] if page else next(one for one in desk.labels() if one.startswith("More")))
            seen += desk.text
        assert all(told(line.said) in seen for line in TAG.history)
        assert len(TABS) == 4


@pytest.mark.parametrize("width", [50, 76])
def test_what_the_ranges_of_the_bytes_are_is_whole(width: int) -> None:
    said = "E  bytes 23-25: data, Type of usage = 10 (octet string; for circulation)   65 01 10"
    long = f"The ledger has it otherwise: {'this ' * 20}END."
    lines = tag_lines(msgspec.structs.replace(TAG, dump=(*TAG.dump, said), ledger=(long,)), "bytes", width)
    lines += tag_lines(msgspec.structs.replace(TAG, ledger=(long,)), "overview", width)
    assert max(line.cell_length for line in lines) <= width
    told = " ".join(" ".join(line.plain for line in lines).split())
    assert " ".join(said.split()) in told and "this END." in told and "…" not in told
