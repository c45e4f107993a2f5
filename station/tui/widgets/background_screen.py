"""A screen that asks: queries may block, so that they run in a worker thread, and what they answer comes back as a message.

A question whose answer is late is dropped when a newer one was asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, TypeVar

import msgspec
from textual.app import ComposeResult
from textual.message import Message

from station.base.errors import StationError
from station.domain.notices import NONE
from station.domain.snapshot import Snapshot
from station.tui.drawing.draw import Lines
from station.tui.drawing.words import for_staff, say
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.touch import ButtonGrid

T = TypeVar("T")


class BackgroundScreen(StationScreen):
    """Screens say what they ask (`_ask`) and draw what arrives."""

    class Arrived(Message):
        """An answer, from its thread."""

        def __init__(self, question: int, take: Callable[[], None]) -> None:
            super().__init__()
            self.question = question
            self.take = take

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._question = self._answered = 0
        self._asked_for: object = None

    def _ask(self) -> None:
        """Ask for what is shown, with `ask`."""
        raise NotImplementedError

    def ask_for(self, wanted: object) -> None:
        """Ask anew where what is wanted is not what was asked for the last time."""
        if wanted != self._asked_for:
            self._asked_for = wanted
            self._ask()

    def ask(self, query: Callable[[], T], arrived: Callable[[T | None, Lines], None]) -> None:
        """Call `query` in a thread, then `arrived` in the screen's own: with what it found, or with None and the reason."""
        self._question += 1
        number = self._question

        def work() -> None:
            found: T | None = None
            problem: Lines = []
            try:
                found = query()
            except StationError as error:
                problem = [say(error.message, "bold"), say(for_staff(error.code, error.detail), "$quiet")]
            self.post_message(self.Arrived(number, partial(arrived, found, problem)))

        self.run_worker(work, thread=True, group="query", exit_on_error=True)

    def on_background_screen_arrived(self, message: Arrived) -> None:
        """An answer; only the newest question's counts."""
        if message.question == self._question:
            self._answered = message.question
            message.take()


class DetailScreen(BackgroundScreen):
    """A screen about one thing from the queue: its page over what can be done with it, and the strip."""

    most_beside: ClassVar = 2
    """Most of its actions side by side. (`columns` says how many targets of the strip fit.)"""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._heard = desk.snapshot.sound_number
        """What the bench said before this screen was opened is about something else."""

    def compose(self) -> ComposeResult:
        """Top, notice, page, actions, strip."""
        yield from self.compose_top()
        yield Pane("notice")
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, self.most_beside, "actions")
        yield ButtonGrid(self.desk.guard, 4, "last")

    def show_answer(self, snapshot: Snapshot) -> None:
        """What the bench said since this screen was opened."""
        said = snapshot.notice if snapshot.sound_number != self._heard else NONE
        self.show_notice(msgspec.structs.replace(snapshot, outbox_note="", notice=said))
