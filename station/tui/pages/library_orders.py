"""A person's orders to a library system about the item in hand: one target per order, confirmed before it is
queued. The courier carries it out like any delivery. `station library` offers the same; this screen offers all that
needs no typing."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.message import Message

from station.base.errors import StationError
from station.base.words import tell
from station.domain.deliveries.delivery import Offer, OutboxPort, system_word
from station.domain.deliveries.intents import kind
from station.domain.signals import BUTTONS
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import Lines
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.threads import run_in_thread
from station.tui.widgets.touch import MAIN, SMALL, Action, ButtonGrid, Go, Pick, TouchButton

_MOST: Final = 18
"""Maximum orders of a page."""
_WIDTH: Final = 36
"""Minimum columns of an order."""
YES: Final = "yes"


class LibraryOrdersScreen(StationScreen):
    """The item, its orders in pages, and a confirmation."""

    helps = (BUTTONS, "order.button")

    class Arrived(Message):
        """The possible orders, from the query thread."""

        def __init__(self, barcode: str, offers: tuple[Offer, ...], problem: str) -> None:
            super().__init__()
            self.barcode = barcode
            self.offers = offers
            self.problem = problem

    class Done(Message):
        """The result of an order, from its thread."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self, desk: ScreenDesk, port: OutboxPort) -> None:
        super().__init__(desk)
        self._port = port
        self._barcode: str | None = None
        self._offers: tuple[Offer, ...] = ()
        self._asking: Offer | None = None
        self._said = ""
        self._page = 0

    def compose(self) -> ComposeResult:
        """Lay out top, item and question, orders and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "entries")
        yield ButtonGrid(self.desk.guard, 4, "last")

    def show(self, snapshot: Snapshot) -> None:
        """Draw; for another item, query again and drop the open question."""
        super().show(snapshot)
        barcode = str(snapshot.item.barcode) if snapshot.item is not None else ""
        if barcode != self._barcode:
            self._barcode, self._offers, self._asking, self._said, self._page = barcode, (), None, "", 0
            if barcode:
                self._ask(barcode)
        self._draw()

    @property
    def shape(self) -> tuple[int, int]:
        """Columns and rows of orders that fit."""
        used = self.above + (3 if self.air else 1) + 4 + 4 + (1 if self.air else 0)
        return self.targets(used, _MOST, _WIDTH)

    def _ask(self, barcode: str) -> None:
        def work() -> None:
            try:
                offers, problem = self._port.offers(barcode), ""
            except StationError as error:
                offers, problem = (), tell(error.with_remedy)
            self.post_message(self.Arrived(barcode, offers, problem))

        run_in_thread(self, work, "query")

    def on_library_orders_screen_arrived(self, message: Arrived) -> None:
        """Take the offers, unless they are about another item."""
        if message.barcode == self._barcode:
            self._offers = message.offers
            self._said = message.problem or ("" if message.offers else tell("order.nothing"))
            self._draw()

    def _draw(self) -> None:
        columns, rows = self.shape
        size, item, asking = columns * rows, self.desk.snapshot.item, self._asking
        pages = max(1, -(-len(self._offers) // size))
        self._page = min(self._page, pages - 1)

        def view(width: int, height: int) -> Lines:
            lines: Lines = [draw.rule(tell("order.title", page=self._page + 1), width)]
            if self._said:
                lines += draw.paragraph(self._said, width, "bold $key", 2)
            if asking is not None:
                lines += draw.paragraph(question(asking), width, "bold $key", 2)
            if item is None:
                lines += draw.paragraph(tell("order.no-item"), width, "bold", 2)
            else:
                lines += draw.paragraph(f"{item.barcode}  {item.title}", width, "bold", 1)
                lines += [] if asking is not None else draw.paragraph(tell("order.typed"), width, "$quiet", 1)
            return lines[:height]

        self.query_one("#page", Pane).show(lambda width, height: draw.stack(view(width, height), height))
        shown = self._offers[self._page * size : (self._page + 1) * size]
        entries = tuple(entry(offer, str(self._page * size + n)) for n, offer in enumerate(shown))
        if asking is not None:
            entries = (Action(tell("order.yes"), Pick(YES), "main"), Action(tell("order.no"), Go.NO_REASON))
            rows = 1
        tall = MAIN[1] if asking is not None and self.air else SMALL[1]
        self.query_one("#entries", ButtonGrid).offer(entries, columns, rows=rows, height=tall)
        self.query_one("#last", ButtonGrid).offer(
            (
                Action(tell("button.before"), Go.NEWER, enabled=self._page > 0),
                Action(tell("button.next"), Go.OLDER, enabled=self._page < pages - 1),
                Action(tell("button.back"), Go.BACK),
                Action(tell("button.close"), Go.CLOSE, "main"),
            ),
            4,
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn pages; confirm an order before it is given."""
        does = message.action.does
        if isinstance(does, Pick):
            message.stop()
            if does.answer == YES and self._asking is not None:
                asking, self._asking = self._asking, None
                self._give(asking)
            elif does.answer.isdigit() and int(does.answer) < len(self._offers):
                self._asking, self._said = self._offers[int(does.answer)], ""
        elif does is Go.NO_REASON:
            self._asking = None
        elif does in (Go.NEWER, Go.OLDER) and self._asking is None:
            self._page = max(0, self._page + (1 if does is Go.OLDER else -1))
        else:
            return
        message.stop()
        self._draw()

    def _give(self, offer: Offer) -> None:
        port, worker = self._port, self.desk.snapshot.worker
        self._said = "..."

        def work() -> None:
            try:
                port.give(offer, worker)
                done = self.Done(tell("order.given"))
            except StationError as error:
                done = self.Done(tell(error.with_remedy))
            self.post_message(done)

        run_in_thread(self, work, "give")

    def on_library_orders_screen_done(self, message: Done) -> None:
        """Show the result."""
        self._said = message.words
        self._draw()


_TITLES: Final = {
    "scan-in": lambda: tell("order.scan-in"),
    "facts": lambda: tell("order.facts"),
    "set-members": lambda: tell("order.set-members"),
}


def entry(offer: Offer, number: str) -> Action:
    """Return an order as a target of three lines: its kind, its details, the library system."""
    title = _TITLES[kind(offer.intent)]()
    return Action(title, Pick(number), lines=(title, tell(offer.words), offer.system))


def question(offer: Offer) -> str:
    """Return the confirmation question."""
    return tell("order.ask", system=tell(system_word(offer.system)), barcode=offer.barcode, what=tell(offer.words))
