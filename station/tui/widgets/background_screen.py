"""Screens that query in the background: a worker thread runs the query, and the answer arrives as a message.

An answer is dropped if a newer question was asked in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, TypeVar

import msgspec
from textual.app import ComposeResult
from textual.message import Message

from station.base.errors import StationError
from station.base.sentence import EMPTY
from station.base.words import tell
from station.domain.notices import NONE
from station.domain.snapshot import Snapshot
from station.tui.drawing.draw import Lines
from station.tui.drawing.words import for_staff, say
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.threads import run_in_thread
from station.tui.widgets.touch import ButtonGrid

T = TypeVar("T")


class BackgroundScreen(StationScreen):
    """A screen that implements `_ask` and draws the answer."""

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
        """Query what the screen shows, by calling `ask`."""
        raise NotImplementedError

    @property
    def answered(self) -> bool:
        """True if the newest question has its answer."""
        return self._answered == self._question

    def ask_for(self, wanted: object) -> None:
        """Query again if `wanted` differs from the last call."""
        if wanted != self._asked_for:
            self._asked_for = wanted
            self._ask()

    def ask(self, query: Callable[[], T], arrived: Callable[[T | None, Lines], None]) -> None:
        """Run `query` in a thread, then `arrived` in the screen's thread: with the answer, or with None and the error's
        lines."""
        self._question += 1
        number = self._question

        def work() -> None:
            answer: T | None = None
            problem: Lines = []
            try:
                answer = query()
            except StationError as error:
                problem = [
                    say(tell(error.with_remedy), "bold"),
                    say(for_staff(error.code, tell(error.detail)), "$quiet"),
                ]
            self.post_message(self.Arrived(number, partial(arrived, answer, problem)))

        run_in_thread(self, work, "query")

    def on_background_screen_arrived(self, message: Arrived) -> None:
        """Take the answer to the newest question; ignore others."""
        if message.question == self._question:
            self._answered = message.question
            message.take()


class DetailScreen(BackgroundScreen):
    """A screen about one entry of the queue: its page, its actions below, and the button strip."""

    most_beside: ClassVar = 2
    """Maximum actions side by side. (`columns` gives how many targets of the strip fit.)"""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._notice_before = desk.snapshot.notice
        """Notice of the time before the screen opened: it is about something else."""

    def compose(self) -> ComposeResult:
        """Lay out top, notice, page, actions and button strip."""
        yield from self.compose_top()
        yield Pane("notice")
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, self.most_beside, "actions")
        yield ButtonGrid(self.desk.guard, 5, "last")

    def show_answer(self, snapshot: Snapshot) -> None:
        """Show the bench's notice if it came after this screen was opened. The same sentence may come again."""
        notice = NONE if snapshot.notice is self._notice_before else snapshot.notice
        self.show_notice(msgspec.structs.replace(snapshot, outbox_note=EMPTY, notice=notice))
