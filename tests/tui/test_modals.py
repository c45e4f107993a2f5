"""A scan while any screen, page or dialog is open arrives where it belongs: one table over all of them.

`SCREENS` has a row for every screen class of station/tui; a class without a row fails. A scan goes to the bench and
closes whatever covers the work. In the queue of corrections it opens the open corrections of that item. Two questions
keep the scan: the note, whose field shows the scanned text, and a PIN. For the PIN, the scan is sent (and refused) as a
PIN, so that it does no work in another person's name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import Enum
from typing import NamedTuple

import msgspec
import pytest
from textual.screen import Screen

import station.tui
from station.base.settings import Settings
from station.base.words import tell
from station.domain.commands import Command, GivePin, Scan
from station.domain.people.sign_on import Pin
from station.domain.receiving.counting import CountOutcome
from station.domain.snapshot import Snapshot
from station.domain.workflows import CountedCopy, ReceiveState, ReceiveView, Workflow
from station.manual import Manual
from station.quality.rulebook.shipped import shipped
from station.tui.app import WORK, LabelPrinted, StationApp
from station.tui.pages.correction import CorrectionScreen
from station.tui.pages.corrections import CorrectionsScreen
from station.tui.pages.display_and_sound import DisplayAndSoundScreen
from station.tui.pages.journal import HelpScreen, JournalScreen, PagedScreen
from station.tui.pages.last_items import LastItemsScreen
from station.tui.pages.library_orders import LibraryOrdersScreen
from station.tui.pages.manual import ManualScreen
from station.tui.pages.menu import MenuScreen
from station.tui.pages.note import CopyNoteDialog, NoteDialog
from station.tui.pages.outbox import DeliveryScreen, OutboxScreen
from station.tui.pages.rejected_lot import RejectedLotScreen
from station.tui.pages.reports import ReportScreen, StatisticsScreen
from station.tui.pages.search import SearchScreen
from station.tui.pages.sign_on import SignOnDialog
from station.tui.pages.sound_check import SoundCheckScreen
from station.tui.pages.status_board import StatusBoardScreen
from station.tui.pages.typing import TextDialog, TypingDialog
from station.tui.terminal.crash import PartEnded
from station.tui.widgets.background_screen import BackgroundScreen, DetailScreen
from station.tui.widgets.dialogs import Dialog, PrintedDialog, QuitDialog, SenderDialog, WaiveDialog
from station.tui.widgets.screen import StationScreen
from station.tui.widgets.touch import Action, Go, Open, OpenLot, TouchButton, Type
from station.tui.workflows.check_aids import CountDialog
from station.tui.workflows.process import ProcessScreen
from station.tui.workflows.retag import RetagScreen
from station.tui.workflows.workflow_screen import WorkflowScreen
from tests.conftest import FakeClock
from tests.tui.fake_reports import FakeReports
from tests.tui.pages.test_library_orders import SCAN as OFFER
from tests.tui.pages.test_library_orders import Orders
from tests.tui.pages.test_search import Shelf
from tests.tui.pages.test_sign_on import CHANGE, PIN, WHO, with_prompt
from tests.tui.pages.test_status_board import FULL, FakeBoard
from tests.tui.running_app import AFTERNOON, Desk
from tests.tui.sample_corrections import LABEL, VENDORS, FakeWork
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries

BASES = {
    StationScreen,
    BackgroundScreen,
    DetailScreen,
    PagedScreen,
    ReportScreen,
    WorkflowScreen,
    RetagScreen,
    Dialog,
    TypingDialog,
}
"""Base classes of screens."""
MANUAL = Manual(shipped())
CODE = "31234000004217"


class Belongs(Enum):
    """Where a scan arrives."""

    BENCH = "the bench; what lay over the work is closed"
    SIGN_ON = "the bench; the question stays until the bench has answered"
    HERE = "the queue, which opens what is open of that item"
    PIN = "the PIN that is asked for"


class Row(NamedTuple):
    """One screen: the snapshot, how it is opened, and where a scan belongs."""

    scene: Snapshot
    opened: Callable[[Desk], Awaitable[None]]
    belongs: Belongs = Belongs.BENCH


SIZES = [
    pytest.param((100, 30), id="100x30"),
    pytest.param((80, 24), id="80x24", marks=pytest.mark.soak),
    pytest.param((160, 45), id="160x45", marks=pytest.mark.soak),
]
"""The middle size in every run; the smallest and the largest in the soak."""


async def _nothing(_desk: Desk) -> None: ...


def _by(go: Go, scene: str = "check-label", belongs: Belongs = Belongs.BENCH) -> Row:
    return Row(SCENES[scene], lambda desk: desk.open(go), belongs)


def _work(workflow: Workflow) -> Row:
    return Row(msgspec.structs.replace(SCENES["idle"], workflow=workflow), _nothing)


async def _settled(desk: Desk) -> None:
    for _ in range(2):  # the answer to a question may lead to another one
        await desk.pilot.pause()
        await desk.app.workers.wait_for_complete()
    await desk.pilot.pause()


async def _delivery(desk: Desk) -> None:
    await desk.open(Go.OUTBOX)
    line = next(button for button in desk.buttons if button.offered is not None and button.offered.lines)
    desk.later()
    await desk.pilot.click(line)
    await _settled(desk)


async def _orders(desk: Desk) -> None:
    await desk.open(Go.OUTBOX)
    (button,) = (one for one in desk.buttons if one.offered is not None and one.offered.label == tell("order.button"))
    desk.later()
    await desk.pilot.click(button)
    await _settled(desk)


async def _correction(desk: Desk) -> None:
    desk.buttons[0].post_message(TouchButton.Tapped(Action("", Open(LABEL.correction))))
    await _settled(desk)


async def _lot(desk: Desk) -> None:
    await desk.open(Go.CORRECTIONS)
    line = next(one for one in desk.buttons if one.offered is not None and isinstance(one.offered.does, OpenLot))
    desk.later()
    await desk.pilot.click(line)
    await _settled(desk)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_long_sentence_of_a_dialog_is_not_cut(size: tuple[int, int]) -> None:
    """The name of a thread may be long; the end of the sentence names the person to be told."""
    bench = FakeBench(SCENES["check-label"])
    clock = FakeClock()
    app = StationApp(bench, FakeQueries(), SETTINGS, None, clock.monotonic)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        desk = Desk(pilot, bench, None, clock)
        app.post_message(PartEnded("Thread-12 (a_name_of_a_function_that_is_rather_long_for_a_thread)"))
        await pilot.pause()
        await pilot.pause()
        assert isinstance(app.screen, PrintedDialog)
        assert "station.log says more." in " ".join(desk.text.split())
        (close,) = (one for one in desk.buttons if one.offered is not None)
        assert close.region.height == 5 and close.region.bottom <= size[1]


async def _printed(desk: Desk) -> None:
    desk.app.post_message(LabelPrinted("Printed", "One label."))
    await _settled(desk)


async def _sent(desk: Desk) -> None:
    """Another terminal takes the screen for its work and is done at once."""
    for workflow, sender in ((Workflow.SETS, "ann (pts/3)"), (Workflow.PROCESS, "ann (pts/3)")):
        desk.bench.publish(msgspec.structs.replace(desk.bench.snapshot, workflow=workflow, sender=sender))
        await _settled(desk)


async def _typed(desk: Desk) -> None:
    desk.buttons[0].post_message(TouchButton.Tapped(Action("", Type("find", "receive.ask.find"))))
    await _settled(desk)


COPY = CountedCopy(count="7", title="Imaginary rivers", outcome=CountOutcome.MATCHED, differs=True)
RECEIVE = msgspec.structs.replace(
    SCENES["idle"],
    workflow=Workflow.RECEIVE,
    workflow_view=ReceiveView(state=ReceiveState.OPEN, newest=COPY),
)
STEPS = {
    Workflow.PROCESS: (Row(SCENES["check-label"], _nothing), Row(SCENES["other-item"], _nothing)),
    Workflow.WITHDRAW: (Row(msgspec.structs.replace(SCENES["check-label"], workflow=Workflow.WITHDRAW), _nothing),),
}
"""Steps of a workflow at which its screen looks different from its beginning."""
SCREENS: dict[type[Screen[None]], tuple[Row, ...]] = {
    **{screen: (_work(workflow), *STEPS.get(workflow, ())) for workflow, screen in WORK.items()},
    StatusBoardScreen: (_by(Go.BOARD),),
    MenuScreen: (_by(Go.MENU),),
    LastItemsScreen: (_by(Go.LAST_ITEMS, "idle"),),
    SearchScreen: (_by(Go.SEARCH),),
    JournalScreen: (_by(Go.JOURNAL),),
    OutboxScreen: (_by(Go.OUTBOX),),
    DeliveryScreen: (Row(SCENES["check-label"], _delivery),),
    LibraryOrdersScreen: (Row(SCENES["check-label"], _orders),),
    HelpScreen: (_by(Go.SIGNS),),
    ManualScreen: (_by(Go.HELP), _by(Go.HELP, "other-item")),
    DisplayAndSoundScreen: (_by(Go.DISPLAY_AND_SOUND),),
    SoundCheckScreen: (_by(Go.SOUND_CHECK),),
    CorrectionsScreen: (_by(Go.CORRECTIONS, belongs=Belongs.HERE),),
    CorrectionScreen: (Row(SCENES["idle"], _correction),),
    RejectedLotScreen: (Row(SCENES["idle"], _lot),),
    StatisticsScreen: (_by(Go.STATISTICS),),
    CountDialog: (_by(Go.COUNT, "check-pieces"),),
    WaiveDialog: (_by(Go.WAIVE, "fail"),),
    PrintedDialog: (Row(SCENES["fail"], _printed),),
    SenderDialog: (Row(SCENES["idle"], _sent),),
    QuitDialog: (_by(Go.QUIT), _by(Go.QUIT, "writing")),
    NoteDialog: (_by(Go.NOTE),),
    CopyNoteDialog: (Row(RECEIVE, lambda desk: desk.open(Go.NOTE)),),
    TextDialog: (Row(RECEIVE, _typed),),
    SignOnDialog: (
        Row(with_prompt(WHO), _nothing, Belongs.SIGN_ON),
        Row(with_prompt(PIN), _nothing, Belongs.PIN),
        Row(with_prompt(CHANGE), _nothing, Belongs.PIN),
    ),
}
"""Every screen class -> the ways in which it appears."""

CASES = [
    pytest.param(kind, row, id=f"{kind.__name__}-{at}") for kind, rows in SCREENS.items() for at, row in enumerate(rows)
]


def _screens() -> set[type]:
    """Return every screen class that a module of station/tui defines."""
    found: set[type] = set()
    for module in pkgutil.walk_packages(station.tui.__path__, "station.tui."):
        values = vars(importlib.import_module(module.name)).values()
        found |= {
            one for one in values if isinstance(one, type) and issubclass(one, Screen) and one.__module__ == module.name
        }
    return found


def test_every_screen_is_in_the_table() -> None:
    assert _screens() - BASES == set(SCREENS), "a new screen needs a row: where does a scan belong while it is open?"
    assert {workflow: screen.workflow for workflow, screen in WORK.items()} == {one: one for one in Workflow}


class Bench:
    """An app with all its ports."""

    def __init__(self, scene: Snapshot, size: tuple[int, int], settings: Settings = SETTINGS) -> None:
        self.bench, self.clock = FakeBench(scene), FakeClock()
        self.app = StationApp(
            self.bench,
            FakeQueries(),
            settings,
            None,
            self.clock.monotonic,
            work=FakeWork(lots=(VENDORS,)),
            outbox=Orders(OFFER),
            reports=FakeReports(),
            manual=MANUAL,
            board=FakeBoard(FULL),
            search=Shelf(),
            local=lambda: AFTERNOON,
        )
        self.context = self.app.run_test(size=size)

    async def __aenter__(self) -> Desk:
        pilot = await self.context.__aenter__()
        await pilot.pause()
        return Desk(pilot, self.bench, None, self.clock)

    async def __aexit__(self, *problem: object) -> None:
        await self.context.__aexit__(*problem)  # type: ignore[arg-type]


async def every_screen(desk: Desk) -> AsyncIterator[tuple[type[Screen[None]], Row]]:
    """Yield each row of each screen with the screen open, in sequence and in one app."""
    for kind, row in ((kind, row) for kind, rows in SCREENS.items() for row in rows):
        await desk.show(SCENES["idle"])
        while len(desk.app.screen_stack) > 2:
            await desk.app.pop_screen()
        await desk.show(row.scene)
        await row.opened(desk)
        assert type(desk.app.screen) is kind
        yield kind, row


def _arrived(desk: Desk, kind: type, row: Row) -> None:
    sent: list[Command] = desk.bench.sent
    screen = desk.app.screen
    match row.belongs:
        case Belongs.BENCH:
            assert sent == [Scan(CODE)]
            assert type(screen) is WORK[row.scene.workflow], "the work is shown again"
            assert len(desk.app.screen_stack) == 2, "no other screen is left below it"
        case Belongs.SIGN_ON:
            assert sent == [Scan(CODE)]
            assert type(screen) is kind
        case Belongs.HERE:
            assert sent == []
            assert type(screen) in (kind, CorrectionScreen)  # the list of that item's corrections, or the one
            assert CODE in desk.text
        case Belongs.PIN:
            assert sent == [GivePin(Pin(CODE))]
            assert type(screen) is kind
            assert CODE not in desk.text, "no PIN is shown"


@pytest.mark.parametrize("size", SIZES)
async def test_a_scan_arrives_where_it_belongs(size: tuple[int, int]) -> None:
    async with Bench(SCENES["idle"], size) as desk:
        async for kind, row in every_screen(desk):
            assert desk.bench.sent == []
            await _helps_and_comes_back(desk, kind)
            await desk.scan(CODE)
            await _settled(desk)
            _arrived(desk, kind, row)
            desk.bench.sent.clear()


async def _helps_and_comes_back(desk: Desk, kind: type) -> None:
    """Check that Help opens a page over the screen, and that Close returns to the same place with nothing
    lost or sent.
    """
    if "Help" not in desk.labels():
        assert issubclass(kind, Dialog), "every screen except a dialog has Help"
        return
    before = desk.text
    await desk.tap("Help")
    await _settled(desk)
    assert type(desk.app.screen) is ManualScreen
    await desk.tap("Close")
    await _settled(desk)
    if kind in (ManualScreen, HelpScreen):
        assert type(desk.app.screen) is ProcessScreen, "a page of help never covers another"
        await desk.open(Go.HELP if kind is ManualScreen else Go.SIGNS)
    assert type(desk.app.screen) is kind
    assert desk.text == before or kind in (ManualScreen, HelpScreen)
    assert desk.bench.sent == []


@pytest.mark.soak
@pytest.mark.parametrize(("kind", "row"), [case for case in CASES if case.values[1].belongs is Belongs.BENCH])
async def test_a_burst_that_is_cut_in_two_by_its_opening_arrives_whole(kind: type, row: Row) -> None:
    """A dialog may open, or the operator may tap, between two keys of the scanner."""
    async with Bench(row.scene, (100, 30)) as desk:
        await desk.keys(*CODE[:6])
        await row.opened(desk)
        assert type(desk.app.screen) is kind
        await desk.keys(*CODE[6:], "enter")
        await _settled(desk)
        _arrived(desk, kind, row)
