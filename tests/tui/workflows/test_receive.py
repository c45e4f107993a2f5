"""A carton by scan and tap only, on the real bench and journal; and the look of the screen in each state."""

from __future__ import annotations

import msgspec
import pytest

from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.command_barcodes import ScreenCommand, text_of
from station.domain.receiving.counting import CopyFault, CountOutcome, Purpose
from station.domain.snapshot import Light, Snapshot
from station.domain.workflows import CountedCopy, Offered, OrderFacts, ReceiveState, ReceiveView, ShortLine, Workflow
from station.tui.app import StationApp
from station.tui.pages.note import CopyNoteDialog
from station.tui.pages.typing import TextDialog
from station.tui.workflows.process import ProcessScreen
from station.tui.workflows.receive import ReceiveScreen
from tests.conftest import FakeClock
from tests.support.open_carton import CARTON, RIVERS, TIDES, UNLISTED, CartonRig
from tests.support.simulated_bench import DVD, UNKNOWN
from tests.tui.app_on_bench import LiveDesk, live
from tests.tui.pages.test_note import typing
from tests.tui.running_app import ENDS, EVERY_SIZE, Desk
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells

_S = ReceiveState
COPY = CountedCopy(
    count="7",
    title="Imaginary rivers",
    outcome=CountOutcome.MATCHED,
    library="MAIN",
    here=3,
    listed=5,
    has_line=True,
)
OPEN = ReceiveView(
    state=_S.OPEN,
    sender="YBP",
    papers="INV-7",
    counted=3,
    missing=9,
    listed=12,
    newest=COPY,
    short=(ShortLine("Imaginary rivers", 3, 5), *(ShortLine(f"Tides of glass, volume {n}", 0, 1) for n in range(1, 8))),
)
LISTS = tuple(
    Offered(key=f"list-{n}", title=f"YBP INV-{n}", detail=Sentence.verbatim("2026-11-02 · 12 copies")) for n in (1, 2)
)


def _scene(view: ReceiveView, prompt: str, light: Light = Light.NEUTRAL) -> Snapshot:
    return msgspec.structs.replace(
        SCENES["idle"],
        workflow=Workflow.RECEIVE,
        workflow_view=view,
        prompt=Sentence.verbatim(prompt),
        light=light,
    )


def _of(state: ReceiveState, **more: object) -> ReceiveView:
    return msgspec.structs.replace(OPEN, state=state, **more)


VIEWS: dict[str, Snapshot] = {
    "start": _scene(ReceiveView(offered=LISTS), "Scan the carton label, or type the number of its papers."),
    "list": _scene(ReceiveView(state=_S.LIST, offered=LISTS), "Tap the list that is in this carton."),
    "purpose": _scene(ReceiveView(state=_S.PURPOSE), "Tap what is in the carton."),
    "vendor": _scene(
        ReceiveView(state=_S.VENDOR, offered=tuple(Offered(key=f"v{n}", title=f"Vendor {n}") for n in range(12))),
        "Tap who sent the carton.",
    ),
    "name": _scene(ReceiveView(state=_S.NAME, purpose=Purpose.GIFT), "Type who gave it, or tap No name."),
    "open": _scene(OPEN, "Matched: Imaginary rivers, 3 of 5.", Light.GOOD),
    "wrong": _scene(
        _of(
            _S.OPEN,
            newest=msgspec.structs.replace(
                COPY, outcome=CountOutcome.OVER, faults=(CopyFault.DAMAGED,), barcode=DVD, differs=True
            ),
        ),
        "Damaged: Imaginary rivers. Put it aside.",
        Light.WARNING,
    ),
    "rush": _scene(
        _of(
            _S.OPEN,
            newest=msgspec.structs.replace(
                COPY,
                order=OrderFacts(
                    rush=True, receiving_note="Call the law desk.", vendor_note="x" * 40, expected="2026-11-20"
                ),
            ),
        ),
        "Matched: Imaginary rivers, 3 of 5.",
        Light.GOOD,
    ),
    "gift": _scene(
        ReceiveView(
            state=_S.OPEN,
            purpose=Purpose.GIFT,
            sender="Mrs. Marlowe",
            counted=1,
            newest=CountedCopy(count="7", title="Imaginary rivers", outcome=CountOutcome.MATCHED),
        ),
        "Counted: Imaginary rivers.",
        Light.GOOD,
    ),
    "lines": _scene(
        _of(_S.LINES, words="tides", offered=tuple(Offered(key=f"list-1 {n}", title=f"Tides {n}") for n in range(9))),
        "Tap the title of this copy.",
    ),
    "no-line": _scene(_of(_S.LINES, words="tides"), "No list has these words. Type other words.", Light.WARNING),
    "barcode": _scene(
        _of(_S.BARCODE, barcode=UNKNOWN, listed_barcode=DVD),
        "The list names another barcode for this copy.",
        Light.WARNING,
    ),
    "kept": _scene(_of(_S.KEPT), "The library system keeps the receipt of Imaginary rivers. Go on?", Light.WARNING),
    "closing": _scene(_of(_S.CLOSING), "9 copies are short. Is another carton to come?", Light.WARNING),
}
HEADING = "3 counted, 9 of 12 to come · purchase · YBP · INV-7"
SAID: dict[str, tuple[str, ...]] = {
    "start": ("Tap an open shipment or a list, or scan.", "1 YBP INV-1", "12 copies", "No papers", "Type a number"),
    "list": ("1 YBP INV-1", "2 YBP INV-2"),
    "purpose": ("1 A purchase", "2 A gift", "Approval books", "Leased books"),
    "vendor": ("1 Vendor 0",),
    "name": ("Type a name", "No name"),
    "open": (
        HEADING, "> Imaginary rivers · matched · 3 of 5 here", "For MAIN · Stick a barcode on it and scan the barcode.",
        "Still to come: 8 titles", "3/5 Imaginary rivers", "Carton is counted", "Find by title", "Something is wrong",
        "Undo this count", "Process now", "Note or photo",
    ),
    "wrong": (f"> Imaginary rivers · damaged · 3 of 5 here For MAIN · Barcode {DVD}",),
    "rush": ("RUSH · Note: Call the law desk. · Expected: Nov 20, 2026 · Note to the vendor:", "Still to come: 8 titles"),
    "gift": ("one copy counted · gift · Mrs. Marlowe", "> Imaginary rivers Stick a barcode"),
    "lines": ("Words: tides", "1 Tides 0"),
    "no-line": ("Words: tides", "Find by title", "Count without a line"),
    "barcode": ("> Imaginary rivers", f"Scanned: {UNKNOWN}", f"In the list: {DVD}", "Look again", "Use this barcode"),
    "kept": ("> Imaginary rivers", "Correct it in the library system, too.", "Leave it", "Go on"),
    "closing": (HEADING, "3/5 Imaginary rivers", "Another carton comes", "No, that is all"),
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


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_carton_by_scan_and_tap(size: tuple[int, int]) -> None:
    rig = CartonRig()
    async with live(rig, size=size) as desk:
        await desk.menu("Receive")
        assert type(desk.app.screen) is ReceiveScreen and "YBP INV-7" in desk.text
        await desk.scan(f"]C100{CARTON}")
        await desk.scan(RIVERS)
        assert "Matched: Imaginary rivers, 1 of 2." in desk.text
        await desk.scan(UNKNOWN)
        assert f"Barcode {UNKNOWN}" in desk.text
        await desk.scan(UNLISTED)
        assert f"Not ordered: {UNLISTED}" in desk.text
        await desk.tap("Undo this count")
        await desk.scan(TIDES)
        await desk.tap("Something is wrong")
        await desk.tap("It is damaged")
        assert "Damaged: Tides of glass. Put it aside." in desk.text
        targets_are_good(desk, size)
        await desk.tap("Carton is counted")
        assert "3 copies are short" in desk.text
        await desk.tap("No, that is all")
        assert "Closed: 2 copies counted." in desk.text
    assert [event.count for event in rig.of(ev.CopyFaulted)] == [_newest(rig)]


def _newest(rig: CartonRig) -> int:
    """Return the number of the newest count."""
    counted = [seq for seq, event in enumerate(rig.journal.events, 1) if isinstance(event, ev.CopyCounted)]
    return counted[-1]


async def at_carton(desk: LiveDesk, *scans: str) -> None:
    await desk.menu("Receive")
    for text in (CARTON, *scans):
        await desk.scan(text)


async def test_a_title_is_typed_and_its_line_is_chosen() -> None:
    rig = CartonRig()
    async with live(rig) as desk:
        await at_carton(desk)
        await desk.tap("Find by title")
        assert isinstance(desk.app.screen, TextDialog)
        await typing(desk, "Rivers imagX")
        await desk.keys("backspace")
        assert "Rivers imag_" in desk.text
        await desk.keys("enter")
        await desk.sees("Words: Rivers imag")
        await desk.tap("It is another edition")
        desk.later()
        (line,) = (one for one in desk.buttons if one.offered and one.offered.lines)
        line.tap()
        await desk.sees("Wrong edition: Imaginary rivers")
    assert rig.of(ev.CopyCounted)[0].outcome is CountOutcome.WRONG_EDITION


async def test_a_scan_ends_the_typing_and_is_counted() -> None:
    rig = CartonRig()
    async with live(rig) as desk:
        await at_carton(desk)
        await desk.tap("Find by title")
        await typing(desk, "half a ti")
        desk.clock.pause(1)
        await desk.scan(RIVERS)
        await desk.sees("Matched: Imaginary rivers, 1 of 2.")
        assert type(desk.app.screen) is ReceiveScreen
    assert len(rig.of(ev.CopyCounted)) == 1


async def test_a_gift_by_its_donor_and_title() -> None:
    rig = CartonRig()
    async with live(rig) as desk:
        await desk.menu("Receive")
        await desk.tap("No papers")
        await desk.tap("A gift")
        await desk.tap("Type a name")
        await typing(desk, "Ines")
        await desk.tap("Keep it")
        await desk.sees("gift · Ines")
        await desk.tap("Find by title")
        await typing(desk, "Glass mountains")
        await desk.keys("enter")
        await desk.sees("Counted: Glass mountains.")
        await desk.scan(UNKNOWN)
    assert rig.of(ev.Gift)[0].copy.title == "Glass mountains"


async def test_a_note_goes_to_the_difference_of_the_copy() -> None:
    rig = CartonRig()
    async with live(rig) as desk:
        await at_carton(desk, UNLISTED)
        await desk.tap("Note or photo")
        assert isinstance(desk.app.screen, CopyNoteDialog)
        await desk.keys(*"torn")
        await desk.tap("Keep it")
        assert type(desk.app.screen) is ReceiveScreen
    assert [noted.note for noted in rig.of(ev.DifferenceNoted)] == ["torn"]


async def test_command_barcodes_and_digits_tap_the_buttons() -> None:
    rig = CartonRig()
    async with live(rig) as desk:
        await at_carton(desk, RIVERS, RIVERS)

        async def command(of: ScreenCommand) -> None:
            desk.later()
            await desk.scan(text_of(of))

        await command(ScreenCommand.FAIL)
        assert "1 It is damaged" in desk.text
        await command(ScreenCommand.BACK)
        assert "1 It is damaged" not in desk.text and "Undo this count" in desk.text
        await command(ScreenCommand.UNDO)
        assert len(rig.of(ev.CountUndone)) == 1
        desk.later()
        await desk.keys("1")
        await desk.pilot.pause(SETTINGS.keys.alone_ms / 1000 + 0.1)
        await desk.sees("Is another carton to come?")
        await command(ScreenCommand.BACK)
        assert "Scan the next copy." in desk.text
        await command(ScreenCommand.SET_ASIDE)
        assert "The shipment stays open." in desk.text
        await command(ScreenCommand.BACK)
        assert type(desk.app.screen) is ProcessScreen
