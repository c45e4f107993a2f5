"""One running app without a terminal, with its fakes, as tests use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
import pytest
from textual import events
from textual.pilot import Pilot

from station.base.settings import Scanner, Settings
from station.domain.deliveries.delivery import OutboxPort
from station.domain.ports import CatalogSearch, LabelPort, ManualPort, StatusBoardPort
from station.domain.snapshot import Snapshot
from station.tui.app import StationApp
from station.tui.pages.journal import HelpScreen, JournalScreen
from station.tui.pages.menu import MenuScreen
from station.tui.pages.outbox import OutboxScreen
from station.tui.widgets.dialogs import QuitDialog
from station.tui.widgets.screen import Pane
from station.tui.widgets.touch import Action, Go, TouchButton
from station.tui.workflows.process import ProcessScreen
from tests.conftest import FakeClock
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeDemo, FakeQueries

SIZES = [(80, 24), (100, 30), (160, 45)]
EVERY_SIZE = [pytest.param(SIZES[0]), *(pytest.param(size, marks=pytest.mark.soak) for size in SIZES[1:])]
"""For tests by taps and scans: the smallest size in every run, the others in the soak. Every run also checks that no
screen is cut at the smallest and the widest size (`test_every_size`, `test_screens`); the pictures have all sizes.
"""

ENDS = [pytest.param(SIZES[0]), pytest.param(SIZES[1], marks=pytest.mark.soak), pytest.param(SIZES[2])]
"""For tests that nothing is cut: the smallest and the widest size in every run, the middle one in the soak."""

BAND = (76, 3)
STOP = (76, 10)
"""Columns and maximum rows of the band in the smallest window, in a state and at a stop
(`test_stops.test_the_smallest_window_gives_the_band_these_rows`)."""

AFTERNOON = datetime(2026, 11, 24, 14, 5)  # noqa: DTZ001 - local time, as a wall clock shows it
"""The local time of the title line."""


class Desk:
    """One running app and its fakes."""

    def __init__(self, pilot: Pilot[None], bench: FakeBench, demo: FakeDemo | None, clock: FakeClock) -> None:
        self.pilot, self.bench, self.demo, self.clock = pilot, bench, demo, clock
        assert isinstance(pilot.app, StationApp)
        self.app = pilot.app
        self._painted: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """The text of the screen, painted once per turn of the event loop: nothing changes between two turns."""
        if self._painted is None:
            self._painted = [strip.text for strip in self.app.screen._compositor.render_strips()]
            asyncio.get_running_loop().call_soon(self._paint_anew)
        return self._painted

    def _paint_anew(self) -> None:
        self._painted = None

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def buttons(self) -> list[TouchButton]:
        """The visible buttons."""
        return [button for button in self.app.screen.query(TouchButton) if button.region.area and button.display]

    def labels(self) -> list[str]:
        return [button.offered.label for button in self.buttons if button.offered]

    async def show(self, snapshot: Snapshot) -> None:
        number = self.bench.snapshot.number + 1
        self.bench.publish(msgspec.structs.replace(snapshot, number=number))
        await self.pilot.pause()

    def later(self, seconds: float = 10.0) -> None:
        """Let this time pass, and show which buttons wake: the app's own timers do not follow this clock."""
        self.clock.pause(seconds)
        self.app.light_buttons()
        for screen in self.app.screen_stack:
            if isinstance(screen, ProcessScreen):
                screen.wake()

    async def tap(self, label: str, wait: float = 10.0) -> None:
        """Tap the button with this label, `wait` seconds after the previous event."""
        self.later(wait)
        (button,) = (one for one in self.buttons if one.offered and one.offered.label == label)
        x, y = (int(number) for number in button.region.center)
        for event in (events.MouseDown, events.MouseUp):  # as a terminal sends them (`Pilot.click` pauses in between)
            self.app.post_message(event(None, x, y, 0, 0, 1, False, False, False, x, y))
        await self.pilot.pause()
        await self.drawn()

    async def menu(self, label: str) -> None:
        """Tap Menu, then this entry, on whichever page it is."""
        await self.tap(next(one for one in self.labels() if one.startswith("Menu")))
        while label not in self.labels():
            await self.tap(next(one for one in self.labels() if one.startswith("More")))
        await self.tap(label)

    async def drawn(self) -> None:
        """Wait until an opened screen has been laid out (a busy machine may take more than one pause)."""
        for _ in range(100):
            if any(pane.region.area for pane in self.app.screen.query(Pane)):
                return
            await self.pilot.pause()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for the effect of a tap or scan: a busy machine draws late."""
        for _ in range(3000):
            if holds():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(self.text)

    async def sees(self, sentence: str) -> None:
        """Wait for a sentence, however it is broken into lines."""
        await self.until(lambda: sentence in " ".join(self.text.split()))

    async def open(self, go: Go) -> None:
        """Open a screen by its action."""
        self.buttons[0].post_message(TouchButton.Tapped(Action("", go)))
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()
        await self.drawn()

    async def scan(self, text: str = "31234000004217") -> None:
        await self.keys(*text, "enter")

    async def keys(self, *names: str) -> None:
        """Send keys as the terminal does (`Pilot.press` pauses after each)."""
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
    labels: LabelPort | None = None,
    outbox: OutboxPort | None = None,
    manual: ManualPort | None = None,
    board: StatusBoardPort | None = None,
    search: CatalogSearch | None = None,
    settings: Settings = SETTINGS,
) -> AsyncIterator[Desk]:
    bench = FakeBench(SCENES[scene] if isinstance(scene, str) else scene)
    hands = FakeDemo() if demo else None
    clock = FakeClock()
    settings = msgspec.structs.replace(settings, scanner=scanner or Scanner())
    app = StationApp(
        bench,
        queries or FakeQueries(),
        settings,
        hands,
        clock.monotonic,
        labels,
        outbox=outbox,
        manual=manual,
        board=board,
        search=search,
        local=lambda: AFTERNOON,
    )
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        desk = Desk(pilot, bench, hands, clock)
        desk.later()
        await pilot.pause()
        yield desk


WAYS = [None, Go.MENU, Go.JOURNAL, Go.OUTBOX, Go.HELP, Go.QUIT]
SCREENS = {
    None: ProcessScreen,
    Go.MENU: MenuScreen,
    Go.JOURNAL: JournalScreen,
    Go.OUTBOX: OutboxScreen,
    Go.HELP: HelpScreen,
    Go.QUIT: QuitDialog,
}
