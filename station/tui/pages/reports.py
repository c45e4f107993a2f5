"""Statistics screens: a page of lines, and buttons that choose what is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from textual.app import ComposeResult
from textual.content import Content

from station.base.text import as_drawn
from station.base.words import tell
from station.domain.ports import ReportLine, ReportPort
from station.domain.sampling import By
from station.domain.signals import BUTTONS
from station.tui.drawing import draw
from station.tui.pages.journal import Page, PagedScreen
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import Action, ButtonGrid, Go, Pick, TouchButton

T = TypeVar("T")
SHOWS: Final = ("shares", "charts", "sampling")


class ReportScreen(PagedScreen):
    """A `PagedScreen` of report lines, with additional buttons before the button strip."""

    def __init__(self, desk: ScreenDesk, reports: ReportPort) -> None:
        super().__init__(desk)
        self.reports = reports

    def compose(self) -> ComposeResult:
        """Lay out top, page and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, 5, "last")

    def choices(self) -> tuple[Action, ...]:
        """Return the buttons that choose what is shown."""
        raise NotImplementedError

    def chosen(self, answer: str) -> None:
        """Take the tap on such a button."""
        raise NotImplementedError

    def question(self, mark: int, rows: int, width: int) -> Callable[[], Page]:
        """Query the lines from `mark` on (see `PagedScreen`)."""
        width, ask = max(20, width), self.report()

        def answer() -> Page:
            shown = [line for one in ask() for line in _shown(one, width)]
            return tuple(shown[mark : mark + rows]), len(shown) > mark + rows, mark + rows

        return answer

    def report(self) -> Callable[[], tuple[ReportLine, ...]]:
        """Return the query for the thread, which must not read the screen's state."""
        raise NotImplementedError

    def strip(self) -> tuple[Action, ...]:
        """Return the choices, the page buttons, and Close."""
        return (
            *self.choices(),
            Action(tell("button.newer"), Go.NEWER, enabled=len(self._marks) > 1),
            Action(tell("button.older"), Go.OLDER, enabled=self._more),
            Action(tell("button.close"), Go.CLOSE, "main"),
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Show another choice from its beginning, or turn the page."""
        does = message.action.does
        if isinstance(does, Pick):
            message.stop()
            self.chosen(does.answer)
            self._marks = [0]
            self._ask()
            self._draw()
            return
        super().on_touch_button_tapped(message)


def _shown(line: ReportLine, width: int) -> list[Content]:
    style = "bold" if line.strong else ""
    if not line.drawn:
        return draw.paragraph(line.text, width, style) or [draw.BLANK]
    # Leading blanks belong to the drawing, so it is not cleaned like other text.
    return [draw.one_line(Content.styled(as_drawn(line.text), style), width)]


class StatisticsScreen(ReportScreen):
    """Shares with intervals, charts, and sampling, by worker, vendor or material, limited to the operator's view."""

    helps = (BUTTONS, "menu.statistics")

    TITLE_KEY = "report.statistics"
    WAIT_KEY = "report.counting"

    def __init__(self, desk: ScreenDesk, reports: ReportPort) -> None:
        super().__init__(desk, reports)
        self._by, self._show_what = By.WORKER, SHOWS[0]

    def report(self) -> Callable[[], tuple[ReportLine, ...]]:
        viewer, by, what, reports = self.desk.snapshot.worker, self._by, self._show_what, self.reports
        if what == "sampling":
            return lambda: reports.sampling(viewer)
        return lambda: reports.charts(viewer, by) if what == "charts" else reports.shares(viewer, by)

    def choices(self) -> tuple[Action, ...]:
        """Return the two buttons, which name the next grouping and the next page. The title names those shown."""
        by, what = _next(tuple(By), self._by), _next(SHOWS, self._show_what)
        return (
            Action(tell(f"report.by.{by.value}"), Pick("by"), enabled=self._show_what != "sampling"),
            Action(tell(f"report.show.{what}"), Pick("show")),
        )

    @property
    def page_title(self) -> str:
        """See `PagedScreen.page_title`."""
        what = tell(f"report.show.{self._show_what}").lower()
        by = "" if self._show_what == "sampling" else f" {tell(f'report.by.{self._by.value}').lower()}"
        return f"{super().page_title}: {what}{by}"

    def chosen(self, answer: str) -> None:
        """Advance to the next value."""
        if answer == "by":
            self._by = _next(tuple(By), self._by)
        else:
            self._show_what = _next(SHOWS, self._show_what)


def _next(values: tuple[T, ...], now: T) -> T:
    return values[(values.index(now) + 1) % len(values)]
