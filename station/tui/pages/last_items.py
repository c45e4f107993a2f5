"""Page of the newest items: a tap on one shows its verdict, prints its label or flag slip again, or lists its history."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult

from station.base.words import tell
from station.base.words.times import clock_words
from station.domain.events import ItemJudged
from station.domain.lately import DoneItem, Ended
from station.domain.ports import JournalRow
from station.domain.signals import BUTTONS
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.lately import SYMBOLS
from station.tui.drawing.words import say
from station.tui.widgets.background_screen import BackgroundScreen
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import MAIN, Action, ButtonGrid, Go, Pick, Print, TouchButton

_MOST: Final = 8
"""Maximum items of a page."""
_WIDTH: Final = 36
"""Minimum columns of an item."""
_HISTORY: Final = "history"
_Item = tuple[ItemJudged | None, tuple[JournalRow, ...]]


class LastItemsScreen(BackgroundScreen):
    """The newest items as targets, or one of them with its actions."""

    helps = (BUTTONS, "last-items.title")

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._item: DoneItem | None = None
        self._history: tuple[JournalRow, ...] = ()
        self._shows_history = False
        self._problem: Lines = []

    def compose(self) -> ComposeResult:
        """Lay out top, page, items or actions, and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "entries")
        yield ButtonGrid(self.desk.guard, 2, "last")

    def show(self, snapshot: Snapshot) -> None:
        """Draw the items of this worker; another worker begins with the list."""
        super().show(snapshot)
        if self._asked_for not in (None, snapshot.worker):
            self._choose(None)
        self._asked_for = snapshot.worker
        self._draw(snapshot)

    def _choose(self, item: DoneItem | None) -> None:
        self._item, self.desk.judged, self._history, self._problem = item, None, (), []
        self._shows_history = False
        if item is None:
            return
        barcode, views = item.barcode, self.desk.queries.seen_by(self.desk.snapshot.worker)

        def arrived(answer: _Item | None, problem: Lines) -> None:
            if self._item is item:
                self.desk.judged, self._history = answer or (None, ())
                self._problem = problem
                self._draw(self.desk.snapshot)

        self.ask(lambda: (views.judged(barcode), views.item_history(barcode)), arrived)

    def _draw(self, snapshot: Snapshot) -> None:
        item = self._item
        self.query_one("#page", Pane).show(lambda width, height: draw.stack(self._lines(item, width), height))
        entries = self.query_one("#entries", ButtonGrid)
        if item is None:
            used = self.above + (4 if self.air else 2) + 1 + 4 + (1 if self.air else 0)
            columns, rows = self.targets(used, _MOST, _WIDTH)
            entries.offer(tuple(item_action(done_item) for done_item in snapshot.lately.items), columns, rows=rows)
        else:
            entries.offer(self._actions(item), 3, height=MAIN[1])
        close = Action(tell("button.close"), Go.CLOSE, "main")
        back = Action(tell("button.back"), Go.NO_REASON, enabled=item is not None)
        self.query_one("#last", ButtonGrid).offer((back, close), 2)

    def _lines(self, item: DoneItem | None, width: int) -> Lines:
        if item is None:
            return [draw.rule(tell("last-items.title"), width), say(tell("last-items.tap"), "bold")]
        verdict = f"{SYMBOLS[item.ended]} {clock_words(item.at)}  {tell(f'last-items.{item.ended.value}')}"
        lines = [draw.rule(item.title or item.barcode, width), say(verdict, "bold")]
        lines += draw.paragraph(
            " · ".join(text for text in (item.call_number, tell(item.reason)) if text), width, most=2
        )
        if self._problem:
            return [*lines, BLANK, *self._problem]
        if self._shows_history:
            lines.append(BLANK)
            for row in self._history:
                lines += draw.dated(self.desk.local.minute(row.at), self.desk.local.people(row.summary), width)
        return lines

    def _actions(self, item: DoneItem) -> tuple[Action, ...]:
        judged, actions = self.desk.judged, []
        if judged is not None and self.desk.labels is not None:
            if judged.item.label_lines:
                actions.append(Action(tell("button.print-label"), Print.LABEL_AGAIN))
            if item.ended is Ended.FAIL:
                actions.append(Action(tell("button.print-slip"), Print.SLIP_AGAIN))
        if self._history and not self._shows_history:
            actions.append(Action(tell("last-items.history"), Pick(_HISTORY)))
        return tuple(actions)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Open an item, show its history, or go back; pass other taps on to the app."""
        does = message.action.does
        if does is Go.NO_REASON:
            self._choose(None)
        elif does == Pick(_HISTORY):
            self._shows_history = True
        elif isinstance(does, Pick):
            items = self.desk.snapshot.lately.items
            self._choose(next((item for item in items if item.barcode == does.answer), None))
        else:
            return
        message.stop()
        self._draw(self.desk.snapshot)


def item_action(item: DoneItem) -> Action:
    """Return an item as a target: verdict, time and title; the reason or the call number below."""
    head = f"{SYMBOLS[item.ended]} {clock_words(item.at)}  {item.title or item.barcode}"
    return Action(item.barcode, Pick(item.barcode), lines=(head, tell(item.reason) or item.call_number))
