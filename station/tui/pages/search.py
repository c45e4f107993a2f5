"""Page that finds an item whose barcode cannot be read: words are typed, and a tap takes the item in hand.

A scan goes into the field too, so that the ISBN on the cover can be scanned. If nothing fits what was scanned, it was a
barcode, and goes to the bench like any scan.
"""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult

from station.base.words import tell
from station.domain.commands import Scan, TakeFound
from station.domain.ports import CatalogSearch, Found, FoundItem, Wanted, with_states
from station.domain.signals import BUTTONS
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import Lines
from station.tui.drawing.words import safe, say
from station.tui.widgets.background_screen import BackgroundScreen
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import Action, ButtonGrid, Go, Pick, TouchButton

LONGEST: Final = 80
"""Maximum characters of the typed text."""
_LEAST: Final = 2
"""Characters from which the catalog is searched."""
_MOST: Final = 18
"""Maximum items of a page."""
_WIDTH: Final = 36
"""Minimum columns of an item."""
_ENTER: Final = frozenset({"enter", "tab", "ctrl+j", "ctrl+m", "ctrl+i"})
"""Keys that end a scan."""
_CLEAR: Final = "clear"


class SearchScreen(BackgroundScreen):
    """The typed words, the items that fit as targets, and the button strip."""

    helps = (BUTTONS, "menu.search")

    def __init__(self, desk: ScreenDesk, search: CatalogSearch) -> None:
        super().__init__(desk)
        self._search = search
        self._text = ""
        self._searched = ""
        """The text that `_found` belongs to."""
        self._found = Found()
        self._problem: Lines = []
        self._scanned = False
        """The text ended as a scan does."""

    def compose(self) -> ComposeResult:
        """Lay out top, typed words, items and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "entries")
        yield ButtonGrid(self.desk.guard, 2, "last")

    # --- typing ---------------------------------------------------------------------------------------------------------

    def type_key(self, key: str, character: str | None) -> None:
        """Take one key of a keyboard or scanner."""
        if key == "escape":
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
        elif key in _ENTER:
            self._scanned = bool(self._text)
            self._look()
        elif key in ("backspace", "delete"):
            self._type(self._text[:-1])
        elif character is not None and safe(character) == character and len(self._text) < LONGEST:
            self._type(self._text + character)

    def scanned(self, text: str) -> None:
        """Take a burst in the scanner's own frame in place of what was typed."""
        self._type(text[:LONGEST])
        self._scanned = True
        self._look()

    def _type(self, text: str) -> None:
        self._text, self._scanned = text, False
        self._look()

    def _look(self) -> None:
        """Search for the text, one search at a time. A number that was scanned and fits nothing goes to the bench."""
        wanted = self._text.strip()
        if len(wanted) < _LEAST:
            self._searched, self._found, self._problem = wanted, Found(), []
        elif wanted != self._searched and self.answered:
            self._ask()
        elif wanted == self._searched and self._scanned and not self._found.items and _is_number(wanted):
            self.post_message(TouchButton.Tapped(Action("", Scan(wanted))))
        self._draw()

    def _ask(self) -> None:
        text = self._text.strip()

        def arrived(answer: Found | None, problem: Lines) -> None:
            self._searched, self._found, self._problem = text, answer or Found(), problem
            self._look()

        views = self.desk.queries.seen_by(self.desk.snapshot.worker)
        self.ask(lambda: with_states(self._search.search(Wanted(text=text)), views), arrived)

    # --- drawing --------------------------------------------------------------------------------------------------------

    def show(self, snapshot: Snapshot) -> None:
        """Draw the typed words and the items."""
        super().show(snapshot)
        self._draw()

    def _draw(self) -> None:
        used = self.above + (5 if self.air else 3) + 1 + 4 + (1 if self.air else 0)
        columns, rows = self.targets(used, _MOST, _WIDTH)
        result = self._problem or draw.paragraph(self._said, self.app.size.width - 4, "bold", 1)
        field = say(f"> {self._text}_", "bold $key")
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack([draw.rule(tell("search.title"), width), field, *result], height)
        )
        entries = self.query_one("#entries", ButtonGrid)
        entries.offer(tuple(item_action(item) for item in self._found.items), columns, rows=rows)
        clear = Action(tell("search.button.clear"), Pick(_CLEAR), enabled=bool(self._text))
        self.query_one("#last", ButtonGrid).offer((clear, Action(tell("button.close"), Go.CLOSE, "main")), 2)

    @property
    def _said(self) -> str:
        if self._found.more:
            return tell("search.more")
        if self._found.items:
            return tell("search.tap")
        if len(self._searched) < _LEAST or self._searched != self._text.strip():
            return tell("search.how")
        return tell("search.none")

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Clear the field; pass other taps on to the app."""
        if message.action.does == Pick(_CLEAR):
            message.stop()
            self._type("")


def item_action(item: FoundItem) -> Action:
    """Return an item as a target: title, author, its state, and what tells it from others of its title."""
    which = " · ".join(filter(None, (*map(tell, (item.state_words, *item.which)), item.call_number, item.location)))
    title = item.title or item.call_number or item.barcode
    return Action(item.barcode, TakeFound(item.barcode), lines=(title, item.author, which))


def _is_number(text: str) -> bool:
    """Return True for text that may be a barcode: one word with a digit."""
    return " " not in text and any(char.isdigit() for char in text)
