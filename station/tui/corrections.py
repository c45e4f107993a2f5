"""The correction queue: by owner, the oldest first, each entry a target. What is overdue says so with a symbol and a word."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from station.correction import Entry
from station.correction_words import OVERDUE, headline, waits_for
from station.errors import StationError
from station.model import Snapshot
from station.ports import WorkPort
from station.tui import draw
from station.tui.draw import BLANK, Lines
from station.tui.pane import Desk, Pane, StationScreen
from station.tui.touch import GAP, SMALL, Action, ButtonGrid, Go, Open, TouchButton
from station.tui.words import SEVERITIES, say

_MOST: Final = 21
"""Entries of a page."""
_WIDTH: Final = 36
"""Columns that an entry needs."""


class CorrectionsScreen(StationScreen):
    """Pages of entries; a tap opens one."""

    class Arrived(Message):
        """The queue, from its thread."""

        def __init__(self, question: int, entries: tuple[Entry, ...], names: dict[str, str], problem: Lines) -> None:
            super().__init__()
            self.question = question
            self.entries = entries
            self.names = names
            self.problem = problem

    def __init__(self, desk: Desk, work: WorkPort) -> None:
        super().__init__(desk)
        self._work = work
        self._question = 0
        self._asked_for: tuple[str, int] | None = None
        self._entries: tuple[Entry, ...] = ()
        self._names: dict[str, str] = {}
        self._problem: Lines = []
        self._page = 0
        self._mine = False

    def compose(self) -> ComposeResult:
        """Top, heading, entries, strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "entries")
        yield ButtonGrid(self.desk.guard, 4, "last")

    def show(self, snapshot: Snapshot) -> None:
        """Draw what is known; ask anew whenever the bench has said something."""
        super().show(snapshot)
        now = (snapshot.worker, snapshot.sound_number)
        if now != self._asked_for:
            self._asked_for = now
            self._ask(snapshot.worker)
        self._draw()

    def on_screen_resume(self) -> None:
        """Back from one of them: it may have changed."""
        self._ask(self.desk.snapshot.worker)

    def _ask(self, viewer: str) -> None:
        self._question += 1
        number = self._question

        def work() -> None:
            try:
                found, names, problem = self._work.corrections(viewer), self._work.names(viewer), list[Content]()
            except StationError as error:
                found, names = (), {}
                problem = [say(error.message, "bold"), say(f"For staff: {error.code} {error.detail}", "$quiet")]
            self.post_message(self.Arrived(number, found, names, problem))

        self.run_worker(work, thread=True, group="query", exit_on_error=True)

    def on_corrections_screen_arrived(self, message: Arrived) -> None:
        """An answer; only the newest question's counts."""
        if message.question == self._question:
            self._entries, self._names, self._problem = message.entries, message.names, message.problem
            self._draw()

    @property
    def shape(self) -> tuple[int, int]:
        """Columns and rows of entries that fit."""
        width, height = self.app.size.width - 4, self.app.size.height
        columns = max(2, min(3, (width + GAP[0]) // (_WIDTH + GAP[0])))
        used = 1 + (5 if self.air else 3) + (3 if self.air else 1) + 2 + 4 + (1 if self.air else 0)
        rows = max(1, (height - used + GAP[1]) // (SMALL[1] + GAP[1]))
        return columns, min(rows, _MOST // columns)

    def _shown(self) -> tuple[Entry, ...]:
        viewer = self.desk.snapshot.worker
        return tuple(entry for entry in self._entries if not self._mine or entry.correction.owner == viewer)

    def _draw(self) -> None:
        columns, rows = self.shape
        entries, size = self._shown(), columns * rows
        pages = max(1, -(-len(entries) // size))
        self._page = min(self._page, pages - 1)
        late = sum(1 for entry in entries if entry.overdue)
        title = f"{'My corrections' if self._mine else 'Corrections'}, page {self._page + 1} of {pages}"
        counts = f"{len(entries)} open, " + (f"{OVERDUE}: {late}" if late else "none overdue")
        said = self._problem or [say(counts, "bold")]
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack(
                [
                    draw.rule(title, width),
                    *([BLANK] if height > 3 else []),
                    *(draw.one_line(line, width) for line in said),
                ],
                height,
            )
        )
        shown = entries[self._page * size : (self._page + 1) * size]
        self.query_one("#entries", ButtonGrid).offer(
            tuple(entry_action(entry, self._names) for entry in shown), columns, rows=rows, height=SMALL[1]
        )
        self.query_one("#last", ButtonGrid).offer(
            (
                Action("< Before", Go.NEWER, enabled=self._page > 0),
                Action("Next >", Go.OLDER, enabled=self._page < pages - 1),
                Action("All" if self._mine else "Mine", Go.MINE),
                Action("Close", Go.CLOSE, "main"),
            ),
            4,
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn pages, change between mine and all."""
        does = message.action.does
        if does in (Go.NEWER, Go.OLDER):
            self._page += 1 if does is Go.OLDER else -1
        elif does is Go.MINE:
            self._mine, self._page = not self._mine, 0
        else:
            return
        message.stop()
        self._draw()


def entry_action(entry: Entry, names: dict[str, str]) -> Action:
    """One entry as a target of three lines: how late and whose, what, which item and what it waits for."""
    now = entry.correction
    age = f"{OVERDUE} {entry.age} d" if entry.overdue else f"{entry.age} d, due {now.due[5:]}"
    owner = names.get(now.owner, now.owner) or "nobody"
    lines = (f"{age} · {owner}", headline(entry), f"{now.barcode} · {waits_for(entry)} · {SEVERITIES[now.severity]}")
    return Action(now.id, Open(now.id), "late" if entry.overdue else "plain", lines=lines)
