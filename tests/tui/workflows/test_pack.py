"""Boxes by scan and tap only, on the real bench and journal; and the look of the screen in each state."""

from __future__ import annotations

import msgspec
import pytest

from station.base.errors import PrinterFailed
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.command_barcodes import ScreenCommand, text_of
from station.domain.distribution.box import Box, BoxState, PackedItem, Site
from station.domain.ports import LabelMade
from station.domain.snapshot import Light, Snapshot
from station.domain.workflows import Offered, PackState, PackView, Workflow
from station.tui.app import StationApp
from station.tui.drawing.bigfont import largest
from station.tui.pages.typing import TextDialog
from station.tui.widgets.dialogs import PrintedDialog
from station.tui.workflows.pack import PackScreen
from tests.conftest import FakeClock
from tests.support.packing_bench import PackRig
from tests.tui.app_on_bench import LiveDesk, live
from tests.tui.pages.test_note import typing
from tests.tui.running_app import ENDS, EVERY_SIZE, Desk
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells

_S = PackState
NORTH = Site(code="NORTH", name="North Branch")
BOX = Box(id="box-42", site="NORTH", state=BoxState.OPEN, count=9, opened_at="2026-11-24T09:00:00+00:00", newest=44)
ITEMS = tuple(
    PackedItem(barcode=f"3123400000{n:04}", title=f"Imaginary rivers, volume {n}", call_number=f"QH 541 v.{n}")
    for n in range(9, 0, -1)
)
OPEN = PackView(state=_S.OPEN, box=BOX, site=NORTH, items=ITEMS, newest=ITEMS[0])
BOXES = tuple(
    Offered(key=f"box-{n}", title="North Branch", detail=Sentence("pack.box.open", number=n, count=n)) for n in (1, 2)
)


def _scene(view: PackView, prompt: str, light: Light = Light.NEUTRAL) -> Snapshot:
    return msgspec.structs.replace(
        SCENES["idle"], workflow=Workflow.PACK, workflow_view=view, prompt=Sentence.verbatim(prompt), light=light
    )


def _of(state: PackState, **more: object) -> PackView:
    return msgspec.structs.replace(OPEN, state=state, **more)


STOPPED = {"barcode": "31234000000990", "title": "The clockmaker's almanac", "newest": None}
VIEWS: dict[str, Snapshot] = {
    "start": _scene(PackView(offered=BOXES), "Scan a box label or an item, or tap a box."),
    "no-box": _scene(PackView(), "Scan a box label or an item, or tap a box."),
    "site": _scene(
        PackView(state=_S.SITE, offered=tuple(Offered(key=f"S{n}", title=f"Site {n}") for n in range(12))),
        "Tap the site of the new box.",
    ),
    "where": _scene(
        PackView(state=_S.WHERE, barcode="31234000000990", title="Tides of glass", other_site="East Library"),
        "It is for East Library. Tap its box.",
        Light.WARNING,
    ),
    "open": _scene(OPEN, "Put it in: Imaginary rivers, volume 9.", Light.GOOD),
    "empty": _scene(_of(_S.OPEN, items=(), newest=None), "Scan the next item for North Branch."),
    "tag": _scene(_of(_S.TAG, **STOPPED), "Put it on the pad: The clockmaker's almanac."),
    "other-site": _scene(
        _of(
            _S.STOP,
            **STOPPED,
            other_site="East Library",
            stops=(
                Sentence("obstacle.other-site", site="East Library"),
                Sentence("obstacle.other-copy", barcode="31234000000991"),
            ),
        ),
        "It is for East Library. Put it into a box for East Library.",
        Light.BAD,
    ),
    "not-done": _scene(
        _of(
            _S.STOP,
            **STOPPED,
            to_process=True,
            stops=(Sentence("obstacle.not-done", reasons=Sentence("release.no-verdict")),),
        ),
        "It is not done. Take it back to processing.",
        Light.BAD,
    ),
    "despite": _scene(
        _of(_S.STOP, **STOPPED, despite=True, stops=(Sentence("obstacle.other-title", title="Tides of glass"),)),
        "The vendor's list has this barcode for another title: Tides of glass.",
        Light.BAD,
    ),
    "closed": _scene(_of(_S.CLOSED, newest=None), "Closed. Stick its label on. Put its packing slip in."),
    "arrived": _scene(
        _of(_S.ARRIVED, found_barcodes=tuple(item.barcode for item in ITEMS[1:])),
        "Scan the items of this box, or tap All here.",
    ),
    "lacks": _scene(
        _of(_S.LACKS, found_barcodes=tuple(item.barcode for item in ITEMS[1:])),
        "One item was not scanned. Is it missing?",
        Light.WARNING,
    ),
}
SAID: dict[str, tuple[str, ...]] = {
    "start": ("Each box goes to one site.", "1 North Branch", "Box 1 · open · one item", "New box"),
    "no-box": ("Each box goes to one site.", "New box"),
    "site": ("1 Site 0",),
    "where": ("> Tides of glass", "Box for East Library"),
    "open": ("Box 42 · North Branch · 9 items", "> Imaginary rivers, volume 9 · QH 541 v.9", "Close the box", "Take it out"),
    "empty": ("Box 42 · North Branch · 0 items", "Close the box"),
    "tag": ("> The clockmaker's almanac", "No tag answers"),
    "other-site": (
        "> The clockmaker's almanac · 31234000000990", "× It is for East Library.", "Box for East Library", "Set it aside",
    ),
    "not-done": ("× It is not done. It has no verdict.", "Process now", "Set it aside"),
    "despite": ("× The vendor's list has this barcode for another title: Tides of glass.", "Pack it anyway"),
    "closed": ("Box 42 · North Branch · 9 items", "Next box", "Open again"),
    "arrived": ("8 of 9 found", "○ Imaginary rivers, volume 9", "All here", "The rest is missing", "Open again"),
    "lacks": ("8 of 9 found", "○ Imaginary rivers, volume 9", "Look again", "Report missing"),
}  # fmt: skip
"""Words of each view at every size."""


@pytest.mark.parametrize("large", [False, True], ids=["plain", "large"])
@pytest.mark.parametrize("size", ENDS, ids=str)
async def test_every_state_is_whole(size: tuple[int, int], large: bool) -> None:
    bench, clock = FakeBench(VIEWS["start"]), FakeClock()
    app = StationApp(bench, FakeQueries(), SETTINGS, None, clock.monotonic)
    app.desk.large = large
    async with app.run_test(size=size) as pilot:
        desk = Desk(pilot, bench, None, clock)
        for name, view in VIEWS.items():
            await desk.show(view)
            targets_are_good(desk, size)
            tells(desk, () if large else SAID[name])
            if name not in ("start", "no-box", "site", "not-done"):
                site = view.workflow_view.other_site or "North Branch"  # type: ignore[union-attr]
                letters = largest(site, size[0] - 4, 3 if large or size[1] < 30 else 6)
                assert letters is not None and letters[1].strip() in desk.text


@pytest.mark.parametrize(
    ("text", "width", "height", "rows"),
    [
        ("EAST", 76, 3, 3),
        ("EAST", 76, 6, 5),
        ("North Branch", 30, 6, 6),
        ("Peñón", 76, 3, 3),
        ("North Branch", 30, 3, None),
        ("北館", 76, 6, None),
        ("", 76, 6, None),
    ],
)
def test_the_site_takes_the_largest_letters_that_fit(text: str, width: int, height: int, rows: int | None) -> None:
    letters = largest(text, width, height)
    assert (len(letters) if letters is not None else None) == rows
    assert all(len(row) <= width for row in letters or ())


class Labels:
    """`ports.LabelPort` that records what it prints; the packing slip fails while there is no paper."""

    def __init__(self) -> None:
        self.printed: list[str] = []
        self.paper = True

    def box_label(self, box: Box, site: Site) -> LabelMade:
        self.printed.append(f"label of {box.id} for {site.heading}")
        return LabelMade("printed", "The label is sent.", "ZPL")

    def packing_slip(self, box: Box, site: Site, items: tuple[PackedItem, ...]) -> LabelMade:
        if not self.paper:
            raise PrinterFailed("out of paper")
        self.printed.append(f"slip of {box.id} with {len(items)}")
        return LabelMade("printed", "The packing slip is sent.", "ZPL")

    def item_slip(self, box: Box, site: Site, item: PackedItem) -> LabelMade:
        self.printed.append(f"slip in {item.title} for {site.heading}")
        return LabelMade("printed", "The slip is sent.", "ZPL")


async def put(desk: LiveDesk, rig: PackRig, barcode: str) -> None:
    """Scan an item, and put it on the pad."""
    await desk.lift()
    await desk.scan(barcode)
    await desk.place(rig.tags[barcode])


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_box_from_its_first_item_to_its_site(size: tuple[int, int]) -> None:
    rig, labels = PackRig(), Labels()
    first, second, east, undone = rig.item(1), rig.item(2, "N2"), rig.item(3, "E1"), rig.item(4, done=False)
    async with live(rig, size=size, labels=labels) as desk:
        await desk.menu("Boxes")
        assert type(desk.app.screen) is PackScreen
        await desk.tap("New box")
        await desk.tap("North Branch")
        await put(desk, rig, first)
        await desk.sees("Put it in: Title 1.")
        await put(desk, rig, second)
        await put(desk, rig, undone)
        await desk.sees("It is not done. Take it back to processing.")
        await desk.tap("Set it aside")
        await put(desk, rig, east)
        await desk.sees("It is for East Library.")
        await desk.tap("Box for East Library")
        await desk.sees("Put it in: Title 3.")
        targets_are_good(desk, size)
        await desk.scan("BOX-9")
        await desk.tap("Close the box")
        await desk.sees("Closed. Stick its label on.")
        ident = rig.of(ev.BoxClosed)[0].box
        await desk.tap("Next box")
        await desk.scan(ident.upper())
        await desk.tap("The rest is missing")
        await desk.sees("One item was not scanned. Is it missing?")
        await desk.tap("Report missing")
        await desk.sees("is received; one item is missing.")
    assert labels.printed == [
        "slip in Title 3 for East Library", f"label of {ident} for East Library", f"slip of {ident} with 1"
    ]  # fmt: skip
    assert rig.of(ev.BoxReceived)[0].missing == (east,)


async def test_a_failed_print_leaves_the_box_closed_and_is_printed_again() -> None:
    rig, labels = PackRig(), Labels()
    barcode, labels.paper = rig.item(1), False
    async with live(rig, labels=labels) as desk:
        await desk.menu("Boxes")
        await desk.tap("New box")
        await desk.tap("North Branch")
        await put(desk, rig, barcode)
        await desk.tap("Close the box")
        await desk.sees("Not printed")
        assert isinstance(desk.app.screen, PrintedDialog) and len(rig.of(ev.BoxClosed)) == 1
        labels.paper = True
        await desk.tap("Close")
        await desk.tap("Print again")
        await desk.sees("The packing slip is sent.")
    assert labels.printed[-1].startswith("slip of box-")


async def test_a_box_is_opened_again_with_a_typed_reason() -> None:
    rig = PackRig()
    barcode = rig.item(1)
    async with live(rig) as desk:
        await desk.menu("Boxes")
        await desk.tap("New box")
        await desk.tap("North Branch")
        await put(desk, rig, barcode)
        await desk.tap("Close the box")
        await desk.tap("Open again")
        assert isinstance(desk.app.screen, TextDialog)
        await typing(desk, "one more came")
        await desk.tap("Keep it")
        await desk.sees("is open again.")
    assert rig.of(ev.BoxOpened)[-1].reason == "one more came"


async def test_digits_and_command_barcodes_tap_the_buttons() -> None:
    rig = PackRig()
    barcode = rig.item(1, "E1")
    async with live(rig) as desk:
        await desk.menu("Boxes")
        desk.later()
        await desk.keys("1")
        await desk.pilot.pause(SETTINGS.keys.alone_ms / 1000 + 0.1)
        await desk.sees("Tap the site of the new box.")
        await desk.tap("North Branch")
        await put(desk, rig, barcode)
        await desk.sees("It is for East Library.")
        desk.later()
        await desk.scan(text_of(ScreenCommand.BACK))
        await desk.sees("Scan the next item for North Branch.")
        desk.later()
        await desk.scan(text_of(ScreenCommand.SET_ASIDE))
        await desk.sees("stays open.")
    assert rig.of(ev.BoxPacked) == []
