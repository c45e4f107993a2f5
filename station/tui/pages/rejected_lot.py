"""Screen of a rejected lot: the findings, the items that were not checked, and the order to have another person check
them."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from station.base.cells import cells
from station.base.words import tell
from station.domain.commands import OrderRechecks
from station.domain.ports import WorkPort
from station.domain.sampling import RejectedLot, Whose, lot_of
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.local import HERE, Local
from station.tui.drawing.words import say
from station.tui.widgets.background_screen import DetailScreen
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import MAIN, SMALL, Action, ButtonGrid, Go, OpenLot, TouchButton

_BETWEEN: Final = 3
"""Cells between two barcodes."""


class RejectedLotScreen(DetailScreen):
    """Text and barcodes above the order button; a long list is paged."""

    helps = ("to-fix", "menu.to-fix")

    def __init__(self, desk: ScreenDesk, work: WorkPort, which: OpenLot) -> None:
        super().__init__(desk)
        self._work = work
        self._which = which
        self._lot: RejectedLot | None = None
        self._names: dict[str, str] = {}
        self._said: Lines = []
        self._page, self._pages = 0, 1

    def show(self, snapshot: Snapshot) -> None:
        """Draw the known data; query again if the worker changed or the bench made a sound of its work."""
        super().show(snapshot)
        self.ask_for((snapshot.worker, snapshot.sound_number - snapshot.call_sounds))
        self._draw(snapshot)

    def _ask(self) -> None:
        viewer, which = self.desk.snapshot.worker, self._which
        self.ask(
            lambda: (
                lot_of(self._work.rejected(viewer), which.whose, which.subject, which.lot),
                self._work.names(viewer, tell("correction.another")),
            ),
            self._arrived,
        )

    def _arrived(self, answer: tuple[RejectedLot | None, dict[str, str]] | None, problem: Lines) -> None:
        self._lot, self._names = answer or (None, {})
        gone = self._lot is None
        self._said = problem or ([say(tell("sampling.lot-done"), "bold")] if gone else [])
        self._draw(self.desk.snapshot)

    def _draw(self, snapshot: Snapshot) -> None:
        lot = self._lot
        self.show_answer(snapshot)

        def page(width: int, height: int) -> Content:
            if lot is None:
                return draw.stack(self._said, height)
            pages = lot_pages(lot, self._names, width, height, self.desk.local)
            if len(pages) != self._pages:
                self._pages = len(pages)
                self.call_later(self._draw, self.desk.snapshot)
            return draw.stack(pages[min(self._page, len(pages) - 1)], height)

        self.query_one("#page", Pane).show(page)
        order = (
            (Action(tell("sampling.button.order", count=len(lot.unordered)), self._order(), "main"),)
            if lot is not None and lot.unordered
            else ()
        )
        height = MAIN[1] if self.air else SMALL[1]
        self.query_one("#actions", ButtonGrid).offer(order, 2, rows=1, height=height)
        self.query_one("#last", ButtonGrid).offer(
            (
                Action(tell("button.before"), Go.NEWER, enabled=self._page > 0),
                Action(tell("button.next"), Go.OLDER, enabled=self._page < self._pages - 1),
                Action(tell("button.back"), Go.BACK),
                Action(tell("button.close"), Go.CLOSE, "main"),
            ),
            4,
        )

    def _order(self) -> OrderRechecks:
        return OrderRechecks(self._which.whose, self._which.subject, self._which.lot)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn pages; pass the order on to the app."""
        does = message.action.does
        if does in (Go.NEWER, Go.OLDER):
            message.stop()
            self._page = max(0, min(self._page, self._pages - 1) + (1 if does is Go.OLDER else -1))
            self._draw(self.desk.snapshot)


def whose_lot(lot: RejectedLot, names: dict[str, str]) -> str:
    """Return a worker's name if the viewer may know it, or a vendor as events name it."""
    if lot.whose is Whose.VENDOR:
        return lot.subject
    return names.get(lot.subject, lot.subject) or tell("correction.nobody-named")


def lot_pages(lot: RejectedLot, names: dict[str, str], width: int, height: int, local: Local = HERE) -> list[Lines]:
    """Draw the lot, then its barcodes in columns, on as many pages as needed. Barcodes already ordered are marked."""
    title = tell("sampling.lot-title", lot=lot.lot, whose=whose_lot(lot, names))
    head: Lines = draw.paragraph(
        tell("sampling.lot-why", count=len(lot.items), day=local.day(lot.at)), width, "bold", 3
    )
    waiting = len(lot.items) - len(lot.unordered)
    head += draw.paragraph(tell("sampling.lot-ordered", count=waiting), width, "$quiet", 2) if waiting else []
    marks = [f"{'·' if barcode in lot.unordered else '✓'} {barcode}" for barcode in lot.items]
    each = max((cells(mark) for mark in marks), default=width)
    columns = max(1, (width + _BETWEEN) // (each + _BETWEEN))
    rows = [marks[at : at + columns] for at in range(0, len(marks), columns)]
    between = Content.blank(_BETWEEN)
    lines = [between.join([say(mark).truncate(each, pad=True) for mark in row]) for row in rows]
    room = max(1, height - len(head) - 2)
    chunks = [lines[at : at + room] for at in range(0, len(lines), room)] or [[]]
    return [
        [draw.rule(tell("page.title-of", title=title, page=number, pages=len(chunks)), width), *head, BLANK, *chunk]
        for number, chunk in enumerate(chunks, 1)
    ]
