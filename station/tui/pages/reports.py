"""Statistics to read: a page of lines, and buttons that change what is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from textual.app import ComposeResult
from textual.content import Content

from station.base.text import as_drawn
from station.base.words import tell
from station.domain.ports.reports import ReportLine, ReportPort
from station.domain.sampling import By
from station.tui.drawing import draw
from station.tui.pages.journal import Page, PagedScreen
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import Action, ButtonGrid, Go, Pick, TouchButton

T = TypeVar("T")
SHOWS: Final = ("shares", "charts", "sampling")


class ReportScreen(PagedScreen):
    """A `PagedScreen` over report lines, with buttons of its own in front of the strip."""

    def __init__(self, desk: ScreenDesk, reports: ReportPort) -> None:
        super().__init__(desk)
        self.reports = reports

    def compose(self) -> ComposeResult:
        """Top, page, what to show, strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, 5, "last")

    def choices(self) -> tuple[Action, ...]:
        """The buttons that change what is shown."""
        raise NotImplementedError

    def chosen(self, answer: str) -> None:
        """One of them was tapped."""
        raise NotImplementedError

    def question(self, mark: int, limit: int) -> Callable[[], Page]:
        """See `PagedScreen`: the lines from `mark` on."""
        width, ask = max(20, self.app.size.width - 4), self.report()

        def answer() -> Page:
            shown = [line for one in ask() for line in _shown(one, width)]
            return tuple(shown[mark : mark + limit]), len(shown) > mark + limit, mark + limit

        return answer

    def report(self) -> Callable[[], tuple[ReportLine, ...]]:
        """What is asked in the thread, with everything that it needs already read."""
        raise NotImplementedError

    def strip(self) -> tuple[Action, ...]:
        """The choices, then the pages and the way out."""
        return (
            *self.choices(),
            Action(tell("button.newer"), Go.NEWER, enabled=len(self._marks) > 1),
            Action(tell("button.older"), Go.OLDER, enabled=self._more),
            Action(tell("button.close"), Go.CLOSE, "main"),
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Something else to show, from its beginning; or another page."""
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
    # Blanks in front are part of a drawing, so that it is not cleaned as other text is.
    return [draw.one_line(Content.styled(as_drawn(line.text), style), width)]


class StatisticsScreen(ReportScreen):
    """Shares with intervals, charts, sampling: by worker, vendor or material, as far as the operator may see others."""

    helps = ("menu", "menu.statistics")

    TITLE_KEY = "report.statistics"

    def __init__(self, desk: ScreenDesk, reports: ReportPort) -> None:
        super().__init__(desk, reports)
        self._by, self._show_what = By.WORKER, SHOWS[0]

    def report(self) -> Callable[[], tuple[ReportLine, ...]]:
        """As chosen."""
        viewer, by, what, reports = self.desk.snapshot.worker, self._by, self._show_what, self.reports
        if what == "sampling":
            return lambda: reports.sampling(viewer)
        return lambda: reports.charts(viewer, by) if what == "charts" else reports.shares(viewer, by)

    def choices(self) -> tuple[Action, ...]:
        """By what, and what: each goes round."""
        return (
            Action(tell(f"report.by.{self._by.value}"), Pick("by"), enabled=self._show_what != "sampling"),
            Action(tell(f"report.show.{self._show_what}"), Pick("show")),
        )

    def chosen(self, answer: str) -> None:
        """The next one."""
        if answer == "by":
            self._by = _next(tuple(By), self._by)
        else:
            self._show_what = _next(SHOWS, self._show_what)


def _next(values: tuple[T, ...], now: T) -> T:
    return values[(values.index(now) + 1) % len(values)]
