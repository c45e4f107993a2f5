"""Common parts of all screens: a pane that draws a value, and a screen that shows snapshots."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from station.base.settings import Settings
from station.base.words import tell
from station.base.words.times import time_words
from station.domain.commands import CallStaff
from station.domain.deliveries.delivery import OutboxPort
from station.domain.events import ItemJudged
from station.domain.ports import (
    CatalogSearch,
    DemoPort,
    DemoState,
    LabelPort,
    ManualPort,
    Photo,
    QueryPort,
    ReportPort,
    StatusBoardPort,
    WorkPort,
)
from station.domain.snapshot import Light, Snapshot
from station.domain.workflows import Workflow
from station.tui.drawing import draw, snapshot_views
from station.tui.drawing.bigfont import HEIGHT
from station.tui.drawing.draw import Lines
from station.tui.drawing.local import Local
from station.tui.widgets.sounds import Speaker
from station.tui.widgets.tap_guard import TapGuard
from station.tui.widgets.too_small import cover
from station.tui.widgets.touch import GAP, SMALL, Action, ButtonGrid, Go, TouchButton

View = Callable[[int, int], Content]
"""Draws content for a width and height in cells."""

WIDE = 120
"""Minimum columns for item and stage side by side."""
TALL = 30
"""Minimum rows for the demo's button strip next to the station's own."""
AIRY = 36
"""Minimum rows for blank lines with the demo's strip."""


_UNCUT = 10_000
"""Cells of a line that cuts no notice."""
_BELOW_STOP = 14
"""Rows that the band of a stop leaves to the rest."""
CLOCK_S = 20
"""Seconds between two looks at the clock of the title line."""


class ScreenDesk:
    """State and ports that all screens share; made by the app."""

    def __init__(
        self,
        settings: Settings,
        queries: QueryPort,
        demo: DemoPort | None,
        guard: TapGuard,
        labels: LabelPort | None = None,
        work: WorkPort | None = None,
        outbox: OutboxPort | None = None,
        reports: ReportPort | None = None,
        local: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.local = Local(local)
        self.reports = reports
        self.settings = settings
        self.queries = queries
        self.demo = demo
        self.guard = guard
        self.labels = labels
        self.work = work
        self.outbox = outbox
        self.board: StatusBoardPort | None = None
        self.manual: ManualPort | None = None
        self.search: CatalogSearch | None = None
        self.judged: ItemJudged | None = None
        """The newest verdict on the item that is shown from the list of the newest items."""
        self.speaker: Speaker | None = None
        self.theme: str = settings.screen.theme
        self.large = settings.screen.large_text
        self.snapshot = Snapshot()
        self.about = ""
        """The rule of the check whose line was tapped; "" = the first open check."""
        self.note = ""
        self.photo: Photo | None = None
        """Note and photo of the failed check whose reason is being chosen."""
        self.digit = ""
        """The digit that must be pressed again before it answers the open check."""
        self.refused = False
        """A scan was refused because the window is too small to show what it does."""
        self.demo_state: DemoState | None = demo.state if demo is not None else None

    def time(self) -> str:
        """Return the local time for the title line."""
        return time_words(self.local.now())


class Pane(Widget, can_focus=False):
    """A rectangle that draws a view once its size is known."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._view: View = lambda _width, _height: Content("")

    def show(self, view: View) -> None:
        """Draw this view from now on."""
        self._view = view
        self.refresh()

    def render(self) -> Content:
        """Draw the view at the current size."""
        width, height = self.size
        return self._view(max(1, width), max(1, height))


class StationScreen(Screen[None]):
    """A full screen with the header and the status band on top."""

    workflow: ClassVar[Workflow | None] = None
    """The workflow whose work screen this is, at the bottom of the screen stack; None = it covers the work."""
    edge: ClassVar[bool] = True
    """True if Help is beside the band. A work screen has it in its strip, and the band takes the whole width."""
    helps: ClassVar[tuple[str, str]] = ("", "")
    """Topic of its page in the manual, and the catalog key of the page's words for it; "" = use the bench's current
    topic."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__()
        self.desk = desk

    def compose_top(self) -> ComposeResult:
        """Lay out the title line, the band, and the state in large letters."""
        self._classify()  # before there are parts: each change of a screen's classes restyles all of them
        self.desk.guard.question_changed()  # parts may have their buttons from the beginning
        yield Pane("header")
        with Horizontal(id="top"):
            yield Pane("band")
            if self.edge:
                edge = ButtonGrid(self.desk.guard, 1, "edge")
                self._offer_help(edge)
                yield edge
        yield Pane("large")

    @property
    def columns(self) -> int:
        """Number of small targets that fit side by side."""
        return max(1, (self.app.size.width - 4 + GAP[0]) // (SMALL[0] + GAP[0]))

    def targets(
        self, used: int, most: int, width: int, height: int = SMALL[1], most_columns: int = 3
    ) -> tuple[int, int]:
        """Return columns and rows of targets of this size that fit, at most `most` in total, if other parts use `used`
        rows."""
        columns = max(2, min(most_columns, (self.app.size.width - 4 + GAP[0]) // (width + GAP[0])))
        rows = max(1, (self.app.size.height - used + GAP[1]) // (height + GAP[1]))
        return columns, min(rows, most // columns)

    @property
    def above(self) -> int:
        """Rows of `compose_top`."""
        if self.workflow is None:
            return 1 + SMALL[1]
        if self.desk.snapshot.fault is not None:
            return 1 + self.stop_rows(self.desk.snapshot)
        return 1 + (5 if self.air else 3) + (3 if self.large else 0)

    def stop_rows(self, snapshot: Snapshot) -> int:
        """Return the rows of the band that show a stop uncut: its picture, its word, the sentence and what to do."""
        rows = len(snapshot_views.stop(snapshot, self.app.size.width - 4, large=self.large))
        return max(3, min(rows, self.app.size.height - _BELOW_STOP)) + (2 if self.air else 0)

    @property
    def tall(self) -> bool:
        """True if two button strips fit."""
        return self.app.size.height >= TALL

    @property
    def air(self) -> bool:
        """True if there is room for blank lines between the parts."""
        return self.app.size.height >= (TALL if self.desk.demo is None else AIRY)

    @property
    def large(self) -> bool:
        """True if the state is shown in large letters."""
        return self.desk.large

    @property
    def wide(self) -> bool:
        """True if two columns fit."""
        return self.app.size.width >= WIDE

    def show(self, snapshot: Snapshot) -> None:
        """Draw a snapshot; subclasses add their parts."""
        cover(self, refused=self.desk.refused)
        snapshot = snapshot_views.at_sign_on(snapshot)
        library = self.desk.settings.library
        station = self.desk.settings.station
        name = library.name or library.isil
        over = self.workflow is None
        self._classify()
        self.query_one("#header", Pane).show(
            lambda width, _: snapshot_views.header(snapshot, name, station.name, width, self.desk.time())
        )
        self.query_one("#top").styles.height = self.band_rows(snapshot)
        strip = self.query_one("#band", Pane)
        shown = Light.NEUTRAL if over else snapshot.light
        # A stop stays red: the call has rows of its own in it.
        call = snapshot.staff_call is not None and (over or snapshot.fault is None)
        strip.update_classes({**{light.value: light is shown and not call for light in Light}, "call": call})
        strip.show(
            lambda width, height: (
                snapshot_views.heading(*self._heading_with_call(snapshot), width, height, large=self.large)
                if over
                else snapshot_views.band(snapshot, width, height, self.notice_in_band(snapshot), large=self.large)
            )
        )
        if self.edge:
            self._offer_help(self.query_one("#edge", ButtonGrid))
        large = self.query_one("#large", Pane)
        large.display = self.large and not over and snapshot.fault is None
        large.show(lambda width, _: snapshot_views.big_line(snapshot, width))

    def _classify(self) -> None:
        over = self.workflow is None
        self.update_classes({"air": self.air, "tight": not self.air, "wide": self.wide, "over": over})

    def _offer_help(self, edge: ButtonGrid) -> None:
        edge.offer((Action(tell("button.help"), Go.HELP, "quiet"),), 1)

    def band_rows(self, snapshot: Snapshot) -> int | None:
        """Return the rows of the band; None = those of the style sheet."""
        return self.stop_rows(snapshot) if self.workflow is not None and snapshot.fault is not None else None

    def heading_of(self, snapshot: Snapshot) -> tuple[str, str]:
        """Return the title of a page over the work, and what the operator must know of the work meanwhile. The band of
        the work would mislead: the page is about something else."""
        title = tell(self.helps[1] or "button.help")
        return title, snapshot_views.meanwhile(snapshot)

    def _heading_with_call(self, snapshot: Snapshot) -> tuple[str, str]:
        title, statement = self.heading_of(snapshot)
        return title, " ".join(filter(None, (snapshot_views.call_words(snapshot), statement)))

    def show_notice(self, snapshot: Snapshot) -> None:
        """Show the bench's notice. On a work screen its row stays when it ends, so that nothing moves."""
        pane = self.query_one("#notice", Pane)
        lines = self.notice_lines(snapshot)
        rows = self.notice_rows(lines)
        pane.display, pane.styles.height = rows > 0, rows
        pane.show(lambda _, height: draw.stack(lines, height))

    def notice_lines(self, snapshot: Snapshot) -> Lines:
        """Return the lines of the notice; () if there is none, or the band has it."""
        if self.notice_in_band(snapshot):
            return []
        most = snapshot_views.NOTICE_LINES if self.workflow is None else max(1, self.rows_for_notices)
        return snapshot_views.notice(snapshot, self.app.size.width - 4, most)

    def notice_in_band(self, snapshot: Snapshot) -> str:
        """Return the notice if it is in the band: it is longer than its rows, or has none. So nothing below the band moves.
        "" = it has its rows. A stop fills the band itself, and cuts a notice that is longer than its row."""
        rows = len(snapshot_views.notice(snapshot, self.app.size.width - 4))
        if self.workflow is None or snapshot.fault is not None or rows <= self.rows_for_notices:
            return ""
        return "".join(line.plain for line in snapshot_views.notice(snapshot, _UNCUT, 1))

    def notice_rows(self, lines: Lines) -> int:
        """Return the rows of a notice with these lines. On a work screen it never takes one that is not its own."""
        return len(lines) if self.workflow is None else self.rows_for_notices

    @property
    def rows_for_notices(self) -> int:
        """Rows that are reserved for notices on a work screen. A notice does not decide this. A stop reserves one."""
        return int(self.desk.snapshot.fault is not None)

    def show_demo(self, _state: DemoState) -> None:
        """Draw the demo bench; only work screens do."""

    def on_mount(self) -> None:
        self.show(self.desk.snapshot)
        self.set_interval(CLOCK_S, self._show_time)

    def on_screen_resume(self) -> None:
        """Take the change to this screen as a change of the question. (Textual calls each class's handler.)"""
        self.desk.guard.question_changed()

    def on_click(self, event: events.Click) -> None:
        """Answer the call for staff by a tap on the band, which says so; at a stop, on the rows of the call."""
        snapshot, band = self.desk.snapshot, self.query_one("#band", Pane)
        row = event.screen_y - band.content_region.y
        if snapshot.staff_call is None or event.widget is not band or (snapshot.fault is not None and row >= HEIGHT):
            return
        if self.desk.guard.accepts(event.screen_x, event.screen_y):
            self.post_message(TouchButton.Tapped(Action("", CallStaff(down=True))))

    def _show_time(self) -> None:
        self.query_one("#header", Pane).refresh()

    def on_resize(self, _event: events.Resize) -> None:
        """Lay out for the new size."""
        self.show(self.desk.snapshot)
