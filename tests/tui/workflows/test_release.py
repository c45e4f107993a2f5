"""Truck release by scan and tap only, on the real bench; and the look of its screen."""

from __future__ import annotations

import msgspec
import pytest

from station.base.sentence import Sentence
from station.domain.events import TruckReleased
from station.domain.ports import LabelMade
from station.domain.snapshot import Light, Snapshot
from station.domain.workflows import ListFile, ReleaseLine, ReleaseState, ReleaseView, Workflow
from station.tui.app import StationApp
from station.tui.widgets.dialogs import PrintedDialog
from station.tui.widgets.touch import MAIN
from station.tui.workflows.release import ReleaseScreen
from tests.bench.workflows.convert.test_convert import MANY, shelf  # noqa: F401 - the fixture puts the items into the catalog
from tests.bench.workflows.release.test_release import Files
from tests.tui.app_on_bench import LiveDesk, live
from tests.tui.running_app import EVERY_SIZE
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells

LINES = (
    *(
        ReleaseLine(barcode=f"3123400000{n:04}", title=f"Imaginary rivers, volume {n}", right=True)
        for n in range(1, 83)
    ),
    ReleaseLine(barcode="31234000000990", title="The clockmaker's almanac", reasons=("It has no verdict.",)),
    ReleaseLine(barcode="31234000000991", title="Tides", reasons=("It failed. Label position: it covers the title.",)),
)
LIST = msgspec.structs.replace(
    SCENES["idle"],
    workflow=Workflow.RELEASE,
    light=Light.WARNING,
    prompt=Sentence.verbatim("82 of 84 can go; 2 cannot"),
    workflow_view=ReleaseView(state=ReleaseState.OPEN, lines=LINES),
)
SAID = (
    "82 of 84 can go; 2 cannot",
    "× not right: 31234000000990 The clockmaker's almanac It has no verdict.",
    "× not right: 31234000000991 Tides It failed. Label position: it covers the title.",
    "✓ right: 31234000000082 Imaginary rivers, volume 82",
    *("Take last off", "New list", "Release", "Add converted items", "Add a list file", "Page 1/"),
)

FILES = msgspec.structs.replace(
    LIST,
    prompt=Sentence.verbatim("Tap the list of the truck"),
    workflow_view=ReleaseView(
        files=tuple(ListFile(key=f"/media/stick/{n}", name=f"truck-{n}.txt", at="2026-11-25") for n in (1, 2))
    ),
)
VIEWS: dict[str, Snapshot] = {"list": LIST, "files": FILES}


class Labels:
    """`ports.LabelPort` that records its requests."""

    def __init__(self) -> None:
        self.trucks: list[tuple[object, ...]] = []

    def truck(self, truck: str, wrong: object, count: int, operator: str) -> LabelMade:
        self.trucks.append((truck, wrong, count))
        return LabelMade("printed", "The flag slip is sent to the printer.")


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_truck_by_scan_and_tap(size: tuple[int, int]) -> None:
    labels = Labels()
    async with live(size=size, labels=labels) as desk:
        rig = desk.rig
        await desk.tap("Menu")
        await desk.tap("Convert")
        for number, code in enumerate(MANY[:2], 1):
            await desk.scan(code)
            await desk.place(rig.world.tag(number))
            await desk.lift()
        await desk.tap("Menu")
        await desk.tap("Release")
        assert type(desk.app.screen) is ReleaseScreen
        await desk.tap("Add converted items")
        await desk.scan(MANY[5])
        assert "2 of 3 can go" in " ".join(desk.text.split())
        assert f"× not right: {MANY[5]}" in desk.text and "It has no verdict." in desk.text
        targets_are_good(desk, size)
        await desk.tap("Release")
        (event,) = (event for event in rig.journal.events if isinstance(event, TruckReleased))
        assert event.right == tuple(MANY[:2])
        await desk.tap("Print slip")
        await desk.app.workers.wait_for_complete()
        await desk.pilot.pause()
        assert isinstance(desk.app.screen, PrintedDialog)
        assert [(count, [one.barcode for one in wrong]) for _, wrong, count in labels.trucks] == [(3, [MANY[5]])]  # type: ignore[attr-defined]
        await desk.scan(MANY[0])
        assert type(desk.app.screen) is ReleaseScreen and "✓ right" in desk.text and MANY[5] not in desk.text


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_all_that_can_be_done_to_a_list_stands_on_one_page(size: tuple[int, int]) -> None:
    async with live(size=size) as desk:
        await desk.tap("Menu")
        await desk.tap("Release")
        assert {"Release", "Add converted items", "Add a list file"} <= set(desk.labels())
        assert not {"Take last off", "New list"} & set(desk.labels()), "there is no list yet"
        for code in MANY[:2]:
            await desk.scan(code)
        targets_are_good(desk, size)
        assert {"Release", "Add converted items", "Add a list file", "Take last off", "New list"} <= set(desk.labels())
        assert not [label for label in desk.labels() if label.startswith("More")]
        await desk.tap("Take last off")
        assert [one.barcode for one in desk.rig.now.workflow_view.lines] == [MANY[0]]  # type: ignore[union-attr]
        await desk.tap("New list")
        assert "The one item on this one is removed" in " ".join(desk.text.split())
        targets_are_good(desk, size)
        await desk.tap("Keep this list")
        assert desk.rig.now.workflow_view.lines  # type: ignore[union-attr]
        await desk.tap("New list")
        await desk.scan(MANY[1])
        assert "is removed" not in desk.text and len(desk.rig.now.workflow_view.lines) == 2, "a scan continues the list"  # type: ignore[union-attr]
        await desk.tap("New list")
        await desk.tap("New list")
        assert not desk.rig.now.workflow_view.lines  # type: ignore[union-attr]


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_every_line_is_reached_by_paging(size: tuple[int, int]) -> None:
    from tests.conftest import FakeClock
    from tests.tui.running_app import Desk

    clock = FakeClock()
    app = StationApp(FakeBench(LIST), FakeQueries(), SETTINGS, None, clock.monotonic)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        desk = Desk(pilot, FakeBench(LIST), None, clock)
        targets_are_good(desk, size)
        tells(desk, SAID)
        for button in desk.buttons:
            if button.parent and button.parent.id == "actions":
                assert button.region.width >= MAIN[0] and button.region.height >= MAIN[1]
        seen = desk.text
        for _ in range(30):
            if all(line.barcode in seen for line in LINES):
                break
            page = [label for label in desk.labels() if label.startswith("Page ")]
            if not page:
                await desk.tap(next(label for label in desk.labels() if label.startswith("More")))
                continue
            await desk.tap(page[0])
            seen += desk.text
        assert all(line.barcode in seen for line in LINES)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_list_in_a_file_by_tap(size: tuple[int, int]) -> None:
    async with live(size=size) as desk:
        names = {f"truck-{number}": (MANY[number],) for number in range(7)}
        desk.rig.truck_lists = Files(**names)
        desk.rig.start()
        await desk.tap("Menu")
        await desk.tap("Release")
        await to(desk, "Add a list file")
        targets_are_good(desk, size)
        await desk.tap("< Back")
        assert type(desk.app.screen) is ReleaseScreen and "Release" in desk.labels(), (
            "Back returns to the list, not to Process"
        )
        await to(desk, "Add a list file")
        assert "2026-11-25" in desk.text
        await to(desk, "truck-5.txt")
        assert [one.barcode for one in desk.rig.now.workflow_view.lines] == [MANY[5]]
        assert "One item of truck-5.txt" in desk.text


async def to(desk: LiveDesk, label: str) -> None:
    """Tap a button on whichever page of the actions has it."""
    for _ in range(6):
        if label in desk.labels():
            break
        await desk.tap(next(one for one in desk.labels() if one.startswith("More")))
    await desk.tap(label)
