"""What all screens are made of: a pane that draws a value, and a screen that shows snapshots."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from station.deliveries import OutboxPort
from station.model import Light, Snapshot
from station.ports import DemoPort, DemoState, LabelPort, QueryPort, WorkPort
from station.settings import Settings
from station.tui import views
from station.tui.touch import GAP, SMALL, TapGuard

View = Callable[[int, int], Content]
"""Width and height in cells to content."""

WIDE = 120
"""From this many columns on, item and stage stand side by side."""
TALL = 30
"""From this many rows on, there is room for the demo's strip beside the station's."""
AIRY = 36
"""From this many rows on, there is some air also with the demo's strip."""


class Desk:
    """What screens know of the world; made by the app."""

    def __init__(
        self,
        settings: Settings,
        queries: QueryPort,
        demo: DemoPort | None,
        guard: TapGuard,
        labels: LabelPort | None = None,
        work: WorkPort | None = None,
        outbox: OutboxPort | None = None,
    ) -> None:
        self.settings = settings
        self.queries = queries
        self.demo = demo
        self.guard = guard
        self.labels = labels
        self.work = work
        self.outbox = outbox
        self.snapshot = Snapshot()
        self.note = self.photo = ""
        """To the fail whose reason is being chosen."""
        self.demo_state: DemoState | None = demo.state if demo is not None else None


class Pane(Widget, can_focus=False):
    """A rectangle that draws itself from a view once its size is known."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._view: View = lambda _width, _height: Content("")

    def show(self, view: View) -> None:
        """Draw this from now on."""
        self._view = view
        self.refresh()

    def render(self) -> Content:
        """The view at the present size."""
        width, height = self.size
        return self._view(max(1, width), max(1, height))


class StationScreen(Screen[None]):
    """A full screen with the header and the band of the present state on top."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def compose_top(self) -> ComposeResult:
        """Header and band."""
        yield Pane("header")
        yield Pane("band")

    @property
    def columns(self) -> int:
        """How many small targets fit beside each other."""
        return max(1, (self.app.size.width - 4 + GAP[0]) // (SMALL[0] + GAP[0]))

    @property
    def tall(self) -> bool:
        """True when two strips fit."""
        return self.app.size.height >= TALL

    @property
    def air(self) -> bool:
        """True when there is room for blank lines between things."""
        return self.app.size.height >= (TALL if self.desk.demo is None else AIRY)

    @property
    def wide(self) -> bool:
        """True when two columns fit."""
        return self.app.size.width >= WIDE

    def show(self, snapshot: Snapshot) -> None:
        """Draw a snapshot; screens add their own."""
        library = self.desk.settings.library
        station = self.desk.settings.station
        name = library.name or library.isil
        self.set_class(self.air, "air")
        self.set_class(not self.air, "tight")
        self.set_class(self.wide, "wide")
        self.query_one("#header", Pane).show(lambda width, _: views.header(snapshot, name, station.name, width))
        strip = self.query_one("#band", Pane)
        for light in Light:
            strip.set_class(light is snapshot.light, light.value)
        strip.show(lambda width, height: views.band(snapshot, width, height))

    def show_demo(self, _state: DemoState) -> None:
        """Draw the imaginary bench; only the work screen does."""

    def on_mount(self) -> None:
        """First picture."""
        self.show(self.desk.snapshot)

    def on_resize(self, _event: events.Resize) -> None:
        """Another size: another layout."""
        self.show(self.desk.snapshot)
