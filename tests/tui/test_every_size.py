"""Pictures, at the three sizes, of the main screen's states and of every screen that no other test takes a picture of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from station.tui.app import StationApp
from station.tui.widgets.dialogs import PrintedDialog, WaiveDialog
from station.tui.widgets.touch import Action, Go, TouchButton
from station.tui.workflows.check_aids import CountDialog, SketchDialog
from tests.tui.fake_reports import FakeReports
from tests.tui.pages.test_library_orders import SCAN, TORN, Orders
from tests.tui.pages.test_outbox import SEVERAL, FakeOutbox
from tests.tui.running_app import SIZES, Desk
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries
from tests.tui.test_modals import SCREENS as MET
from tests.tui.test_modals import Bench

STATES = ("idle", "need-tag", "lifted", "check-title", "pass", "fail")


def app(scene: str, outbox: FakeOutbox | None = None) -> StationApp:
    return StationApp(
        FakeBench(SCENES[scene]), SEVERAL, SETTINGS, None, lambda: 0.0, outbox=outbox, reports=FakeReports()
    )


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("scene", STATES)
def test_state(snap_compare: Callable[..., bool], scene: str, size: tuple[int, int]) -> None:
    shown = StationApp(FakeBench(SCENES[scene]), FakeQueries(), SETTINGS, None, lambda: 0.0)
    assert snap_compare(shown, terminal_size=size)


SCREENS: dict[str, tuple[object, ...]] = {
    "journal": (Go.JOURNAL,),
    "outbox": (Go.OUTBOX,),
    "delivery": (Go.OUTBOX, "31234000005512"),
    "orders": (Go.OUTBOX, Go.ORDER),
    "statistics": (Go.STATISTICS,),
    "signs": (Go.HELP, Go.SIGNS),
    "quit": (Go.QUIT,),
}
"""Each with what is tapped: where a button leads, or words on it."""


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", SCREENS)
def test_screen(snap_compare: Callable[..., bool], name: str, size: tuple[int, int]) -> None:
    shown = app("check-label", Orders(SCAN, TORN))

    async def open_it(pilot: object) -> None:
        for tap in SCREENS[name]:
            if isinstance(tap, Go):
                button, does = shown.screen.query(TouchButton).first(), Action("", tap)
                button.post_message(TouchButton.Tapped(does))
            else:
                buttons = (one for one in shown.screen.query(TouchButton) if one.offered is not None)
                button = next(one for one in buttons if any(str(tap) in line for line in one.offered.lines))
                button.post_message(TouchButton.Tapped(button.offered))
            await pilot.pause()  # type: ignore[attr-defined]
            await shown.workers.wait_for_complete()
            await pilot.pause()  # type: ignore[attr-defined]

    assert snap_compare(shown, terminal_size=size, run_before=open_it)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", [SketchDialog, CountDialog, WaiveDialog, PrintedDialog], ids=lambda one: one.__name__)
def test_dialog(snap_compare: Callable[..., bool], kind: type, size: tuple[int, int]) -> None:
    row = MET[kind][0]
    bench = Bench(row.scene, size)

    async def open_it(pilot: Pilot[None]) -> None:
        await pilot.pause()
        await row.opened(Desk(pilot, bench.bench, None, bench.clock))
        assert type(bench.app.screen) is kind

    assert snap_compare(bench.app, terminal_size=size, run_before=open_it)
