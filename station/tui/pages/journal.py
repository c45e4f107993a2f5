"""Read-only screens: journal and help. They show as many rows as fit and turn by page buttons; nothing scrolls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.content import Content

from station.base.cells import cells
from station.base.words import tell
from station.base.words.times import time_cells
from station.domain.ports import JournalRow
from station.domain.signals import BUTTONS
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.local import Local
from station.tui.drawing.words import LIGHTS, SOUNDS, say
from station.tui.widgets.background_screen import BackgroundScreen
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.touch import Action, ButtonGrid, Go, TouchButton

PAGE: Final = 50
"""Maximum rows of a page."""
Page = tuple[tuple[Content, ...], bool, int]
"""Lines, whether more follow, and the mark of the next page."""


class PagedScreen(BackgroundScreen):
    """A page of lines with the buttons Newer, Older and Close."""

    TITLE_KEY = ""
    WAIT_KEY = ""
    """Sentence shown until the first lines arrive; "" = none, because they arrive at once."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._lines: tuple[Content, ...] = ()
        self._more = False
        self._marks: list[int] = [0]
        """The mark where each page up to the current one begins (0 = the newest)."""
        self._next_mark = 0
        self._fits = (0, 0)
        """Rows and cells of the page."""
        self._viewer = ""

    def compose(self) -> ComposeResult:
        """Lay out top, page and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, 4, "last")

    @property
    def rows(self) -> int:
        """Rows that fit below the title."""
        used = 1 + (5 if self.air else 3) + (2 if self.air else 0) + 2 + 4 + (1 if self.air else 0)
        return max(1, min(PAGE, self.app.size.height - used))

    def show(self, snapshot: Snapshot) -> None:
        """Draw the known lines; query again if the size or the worker has changed."""
        super().show(snapshot)
        fits = (self.rows, self.app.size.width - 4)
        if (fits, snapshot.worker) != (self._fits, self._viewer):
            self._fits, self._viewer = fits, snapshot.worker
            self._marks = [0]
            self._ask()
        self._draw()

    def question(self, mark: int, rows: int, width: int) -> Callable[[], Page]:
        """Return the blocking query for one page of at most `rows` lines."""
        raise NotImplementedError

    @property
    def page_title(self) -> str:
        """The page's title."""
        return tell(self.TITLE_KEY)

    def _ask(self) -> None:
        self.ask(self.question(self._marks[-1], *self._fits), self._arrived)

    def _arrived(self, page: Page | None, problem: Lines) -> None:
        self._lines, self._more, self._next_mark = page or (tuple(problem), False, 0)
        self._draw()

    def _draw(self) -> None:
        title = tell("page.title", title=self.page_title, page=len(self._marks))
        lines = self._lines if self.answered or not self.WAIT_KEY else (say(tell(self.WAIT_KEY), "bold"),)
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack(
                [draw.rule(title, width), BLANK, *(draw.one_line(line, width) for line in lines)], height
            )
        )
        self.query_one("#last", ButtonGrid).offer(self.strip(), max(4, len(self.strip())))

    def strip(self) -> tuple[Action, ...]:
        """Return the buttons below the page."""
        return (
            Action(tell("button.newer"), Go.NEWER, enabled=len(self._marks) > 1),
            Action(tell("button.older"), Go.OLDER, enabled=self._more),
            Action(tell("button.close"), Go.CLOSE, "main"),
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn pages."""
        does = message.action.does
        if does is Go.NEWER and len(self._marks) > 1:
            self._marks.pop()
        elif does is Go.OLDER and self._more:
            self._marks.append(self._next_mark)
        else:
            return
        message.stop()
        self._ask()
        self._draw()


class JournalScreen(PagedScreen):
    """Journaled events, newest first."""

    helps = (BUTTONS, "button.journal")

    TITLE_KEY = "journal.title"

    def question(self, mark: int, rows: int, width: int) -> Callable[[], Page]:
        """Query a page before sequence number `mark`, plus one row that shows whether another page follows."""
        return partial(self._page, mark or None, rows, width)

    def _page(self, before: int | None, rows: int, width: int) -> Page:
        events = self.desk.queries.seen_by(self.desk.snapshot.worker).journal_page(before, rows + 1, plain=True)
        lines, shown = journal_lines(events, width, rows, self.desk.local)
        last = events[shown - 1].seq if shown else 0
        return tuple(lines) or (say(tell("journal.empty")),), len(events) > shown, last


def journal_lines(events: Sequence[JournalRow], width: int, height: int, local: Local) -> tuple[Lines, int]:
    """Draw events as whole sentences after their local time, under their dates. Return the lines and the number of
    events: as many as fit uncut, at least one."""
    lines: Lines = []
    day = ""
    for number, row in enumerate(events):
        heading = [say(local.day(row.at), "bold $key")] if local.day(row.at) != day else []
        drawn = draw.dated(local.time(row.at), local.people(row.summary), width, time_cells() + 2)
        if number and len(lines) + len(heading) + len(drawn) > height:
            return lines, number
        lines += [*heading, *drawn]
        day = local.day(row.at)
    return lines[:height], len(events)


class HelpScreen(StationScreen):
    """Meanings of the lights and sounds, and the keys."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._at = 0

    def compose(self) -> ComposeResult:
        """Lay out top, page and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, 4, "last")

    def show(self, snapshot: Snapshot) -> None:
        """Draw the current page."""
        super().show(snapshot)
        width = self.app.size.width - 4
        room = self.app.size.height - 1 - (5 if self.air else 3) - (2 if self.air else 0) - 4 - (1 if self.air else 0)
        pages = help_pages(width, room, self.desk.demo is not None)
        self._at %= len(pages)
        lines = pages[self._at]
        self.query_one("#page", Pane).show(lambda _width, height: draw.stack(lines, height))
        turn = (
            (
                Action(tell("button.before"), Go.NEWER, enabled=self._at > 0),
                Action(tell("button.next"), Go.OLDER, enabled=self._at < len(pages) - 1),
            )
            if len(pages) > 1
            else ()
        )
        self.query_one("#last", ButtonGrid).offer((*turn, Action(tell("button.close"), Go.CLOSE, "main")), 4)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn pages."""
        if message.action.does in (Go.NEWER, Go.OLDER):
            message.stop()
            self._at += 1 if message.action.does is Go.OLDER else -1
            self.show(self.desk.snapshot)


def help_pages(width: int, height: int, demo: bool) -> list[Lines]:
    """Return the help text in pages that fit."""
    lights = 3 + max(cells(words.word) for words in LIGHTS.values())
    sections: list[Lines] = [
        [
            draw.rule(tell("help.work"), width),
            *(line for step in range(1, 6) for line in draw.headed(str(step), "", tell(f"help.step-{step}"), width, 3)),
            BLANK,
        ],
        [
            draw.rule(tell("help.lights"), width),
            *[
                line
                for words in LIGHTS.values()
                for line in draw.headed(f"{words.symbol} {words.word}", "bold", words.meaning, width, lights)
            ],
            BLANK,
        ],
        [
            draw.rule(tell("help.sounds"), width),
            *[line for text in SOUNDS.values() for line in draw.paragraph(text.capitalize(), width)],
            BLANK,
        ],
        [draw.rule(tell("help.keys"), width), *draw.paragraph(tell("help.leave"), width), BLANK],
    ]
    if demo:
        sections.append([draw.rule(tell("help.demo"), width), *draw.paragraph(tell("help.demo-keys"), width)])
    pages: list[Lines] = [[]]
    for section in sections:
        if pages[-1] and len(pages[-1]) + len(section) - 1 > height:
            pages.append([])
        pages[-1] += section
    return pages
