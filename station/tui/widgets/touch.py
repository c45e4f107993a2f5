"""Touch buttons: never focused, never small, and dark while a tap on them would not count.

A tap is a mouse click (terminals have no touch events). A button never takes the focus, so a scanner's Enter cannot
press it. Targets are at least 12 x 3 cells, main actions 20 x 5, with gaps of 2 columns and 1 row (7 inch panels at 80
x 24: 10 mm).

`TapGuard` drops a tap that comes too soon. Commands are also idempotent.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from station.base.words import tell
from station.domain.commands import Command, Loudness
from station.tui.drawing import draw
from station.tui.drawing.words import safe, say
from station.tui.widgets.tap_guard import TapGuard

SMALL: Final = (12, 3)
MAIN: Final = (20, 5)
"""Minimum size of a target (columns, rows)."""
_DIGITS: Final = 9
"""Buttons that a digit can tap."""
GAP: Final = (2, 1)
"""Minimum gap between targets (columns, rows)."""


class OpenCheck(msgspec.Struct, frozen=True):
    """Show one check of a page on its own, with its reasons."""

    rule: str


class Go(StrEnum):
    """Requests of a tap to the screen itself; all other taps are commands to the bench."""

    MENU = "menu"
    JOURNAL = "journal"
    OUTBOX = "outbox"
    ORDER = "order"
    """Show the orders that a library system offers for the item in hand."""
    SEARCH = "search"
    """Find an item whose barcode cannot be read."""
    CORRECTIONS = "corrections"
    STATISTICS = "statistics"
    MINE = "mine"
    """Switch between the whole queue and the operator's own entries."""
    WAIVE = "waive"
    CLOSE_IT = "close-it"
    NOT_GOOD = "not-good"
    BACK = "back"
    SIGN_OFF = "sign-off"
    HELP = "help"
    """Open the manual's page about the current screen."""
    SIGNS = "signs"
    """Show lights, sounds and keys."""
    UNDO = "undo"
    QUIT = "quit"
    QUIT_NOW = "quit-now"
    CLOSE = "close"
    REASONS = "reasons"
    NOT_APPLICABLE = "not-applicable"
    """Ask which of several rules does not apply."""
    NOTE = "note"
    """Type a note for the failed check."""
    COUNT = "count"
    """Count pieces on a digit pad."""
    NO_REASON = "no-reason"
    NEWER = "newer"
    OLDER = "older"
    MORE = "more"
    LAST_ITEMS = "last-items"
    """Show the newest items, to print a label again."""
    BOARD = "board"
    """Show the technician's status board."""
    DISPLAY_AND_SOUND = "display-and-sound"
    SOUND_CHECK = "sound-check"
    """Check sounds and lights, once a day."""
    THEME = "theme"
    LARGE = "large"
    NEXT_LINES = "next-lines"
    """Turn to the next page of a work screen's lines."""
    HANDS = "hands"
    """Turn to the next page of the demo's actions, after the last one to the station's own strip."""


class Print(StrEnum):
    """What a tap prints (`tui.printing`)."""

    LABEL = "label"
    """Spine label of the item in hand."""
    SLIP = "slip"
    """Flag slip of the item in hand."""
    LABEL_AGAIN = "label-again"
    """Spine label of the finished item that is shown."""
    SLIP_AGAIN = "slip-again"
    """Flag slip of the finished item that is shown."""
    TRUCK = "truck"
    """Slip with the lines of the truck list that are not ready."""
    BOX = "box"
    """Label and packing slip of the box in hand."""


class DemoAct(msgspec.Struct, frozen=True):
    """An action of the demo bench."""

    action: str


class Open(msgspec.Struct, frozen=True):
    """Show one correction."""

    correction: str


class OpenLot(msgspec.Struct, frozen=True):
    """Show one rejected lot."""

    whose: str
    subject: str
    lot: int


class Read(msgspec.Struct, frozen=True):
    """Show one page of the manual."""

    topic: str


class Type(msgspec.Struct, frozen=True):
    """Ask for a typed text; the action of the workflow gets it as its argument."""

    act: str
    """Name of the action; "" = the text is taken like a scan."""
    asks: str
    """Catalog key of the question."""


class Pick(msgspec.Struct, frozen=True):
    """An answer to a question of the screen itself."""

    answer: str


class Action(msgspec.Struct, frozen=True):
    """Label and effect of a button. `tone` is a class of the style sheet."""

    label: str
    does: Command | DemoAct | Go | Open | OpenCheck | OpenLot | Pick | Print | Read | Type
    tone: str = "plain"
    key: str = ""
    """Key with the same effect, shown before the label: a function key of the demo, or a number."""
    enabled: bool = True
    says: str = ""
    """A few words below the label of a main target, if there is room."""
    lines: tuple[str, ...] = ()
    """Lines that replace the label of a list entry, left-aligned, each cut to the width."""
    indent: int = 0
    """Cells before each of `lines` but the first."""
    head: str = ""
    """Text before the first of `lines`, in `indent` cells."""
    ends: str = ""
    """Text at the right end of the first of `lines`."""
    picture: draw.Picture | None = None
    """A drawing beside `lines`."""
    is_back: bool = False
    """True for the way back of a work screen, whatever it does there."""


def _answers(action: Action) -> bool:
    """True if a tap on it may answer a question. The demo's hands answer none."""
    return not isinstance(action.does, DemoAct) and action.does is not Go.HANDS


def _question(action: Action | None) -> object:
    """Return what the button asks; None = nothing that a tap meant for another button could harm: the demo's hands, the
    volume, and entries of a list, which wander while others work."""
    does = action.does if action is not None else None
    if isinstance(does, DemoAct | Loudness | Open | OpenLot | Read):
        return None
    return None if action is not None and action.lines and isinstance(does, Pick) else does


class TouchButton(Widget, can_focus=False):
    """A flat block with a label; offers one `Action` at a time, or is hidden."""

    class Tapped(Message):
        """A tap on the button."""

        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

    def __init__(self, guard: TapGuard) -> None:
        super().__init__()
        self._guard = guard
        self.offered: Action | None = None

    def offer(self, action: Action | None) -> None:
        """Show this action; None hides the button."""
        if action == self.offered:
            return
        before, self.offered = self.offered, action
        self.display = action is not None
        if _question(before) != _question(action) and self._on_top:
            self._guard.question_changed()
        if action is not None:
            self.set_classes((f"tone-{action.tone}", *(() if self.lit else ("off",))))  # not for people
            self.refresh()

    @property
    def _on_top(self) -> bool:
        """True if no screen or dialog covers its screen. (Textual's `is_current` is also true under a dialog.)"""
        return self.is_attached and self.app.screen is self.screen

    @property
    def lit(self) -> bool:
        """True if a tap on it counts now."""
        if self.offered is None or not self.offered.enabled or not self._on_top:
            return False
        return not (_answers(self.offered) and self._guard.deaf_s)

    def light(self) -> None:
        """Show whether a tap counts now."""
        if self.offered is not None and self.has_class("off") is self.lit:
            self.set_class(not self.lit, "off")
            self.refresh()

    def render(self) -> Content:
        """Draw the label, wrapped and centered."""
        if self.offered is None:
            return Content("")
        width, height = self.size
        if self.offered.lines:
            shown = [
                say(line, "bold") if at == 0 else say(line).pad_left(self.offered.indent)
                for at, line in enumerate(self.offered.lines)
            ]
            if self.offered.head:
                shown[0] = say(self.offered.head, "bold").truncate(self.offered.indent, pad=True) + shown[0]
            elif self.offered.key:
                shown[0] = Content.assemble((f"{self.offered.key} ", "$key"), shown[0])
            if self.offered.picture is not None:
                shown = draw.beside(shown, self.offered.picture.lines, self.offered.picture.begins, 0)
            if self.offered.ends:
                ends = say(self.offered.ends, "$key" if self.lit else "$off")
                first = shown[0].truncate(max(1, width - ends.cell_length), ellipsis=True, pad=True)
                shown[0] = first + ends
            return Content("\n").join([line.truncate(max(1, width), ellipsis=True) for line in shown[: max(1, height)]])
        label = Content.styled(safe(self.offered.label), "bold")
        if self.offered.key:
            label = Content.assemble((f"{self.offered.key} ", "$key"), label)
        lines = label.wrap(max(2, width))[: max(1, height)]
        if self.offered.says and len(lines) < height:
            lines += say(self.offered.says).wrap(max(2, width))[: height - len(lines)]
        above = (height - len(lines)) // 2
        return Content("\n").join([*[Content("")] * above, *[line.rstrip().center(width) for line in lines]])

    def on_click(self, event: events.Click) -> None:
        """Post the tap unless the button is disabled or the tap comes too soon."""
        event.stop()
        self._tap(event.screen_x, event.screen_y)

    def tap(self) -> None:
        """Tap its middle, for a key or a command barcode: the same guard as for a tap by hand."""
        x, y = self.region.center
        self._tap(int(x), int(y))

    def _tap(self, column: int, row: int) -> None:
        action = self.offered
        if action is None or not action.enabled:
            return
        if self._guard.accepts(column, row, answers=_answers(action)):
            self.post_message(self.Tapped(action))


class ButtonGrid(Grid):
    """A fixed set of buttons that shows as many actions as fit; its last button pages through the rest."""

    def __init__(self, guard: TapGuard, most: int, id: str) -> None:
        super().__init__(id=id)
        self._buttons = [TouchButton(guard) for _ in range(most)]
        self._actions: tuple[Action, ...] = ()
        self._page = 0
        self._shape = (1, 1)
        self._numbered = False
        for button in self._buttons:
            button.display = False

    def compose(self) -> ComposeResult:
        """Yield all buttons, hidden until an action is offered."""
        yield from self._buttons

    def offer(
        self, actions: Sequence[Action], columns: int, rows: int = 1, height: int = 3, *, numbered: bool = False
    ) -> None:
        """Offer these actions in at most `columns` x `rows` targets of `height` rows each. `numbered`: each shown one
        has its number as key, and the paging button has 0."""
        self._numbered = numbered
        # On too small a screen targets shrink, but all stay reachable.
        columns = max(min(2, len(self._buttons)), min(columns, len(self._buttons)))
        if tuple(actions) != self._actions or (columns, rows) != self._shape:
            if [a.label for a in actions] != [a.label for a in self._actions]:
                self._page = 0
            self._actions = tuple(actions)
            self._shape = (columns, rows)
        self.display = bool(actions)
        self.styles.height = rows * height + (rows - 1) * GAP[1]
        self._fill()

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Handle the paging button; pass other taps on."""
        if message.action.does is Go.MORE:
            message.stop()
            self._page += 1
            self._fill()

    def _fill(self) -> None:
        columns, rows = self._shape
        room = min(columns * rows, len(self._buttons))
        shown = list(self._actions)
        if len(shown) > room:
            size = room - 1
            pages = -(-len(shown) // size)
            self._page %= pages
            shown = shown[self._page * size : (self._page + 1) * size]
            shown.append(Action(tell("button.more", page=self._page + 1, pages=pages), Go.MORE, "quiet"))
        if self._numbered:
            shown = [numbered(action, at) for at, action in enumerate(shown, 1)]
        self.styles.grid_size_columns = columns
        self.styles.grid_size_rows = rows
        wide = rows == 1 and len(shown) < columns
        for index, button in enumerate(self._buttons):
            action = shown[index] if index < len(shown) else None
            takes = action is not None and (action.tone == "main" or (action.tone == "good" and len(shown) == 1))
            span = 1 + columns - len(shown) if wide and index == 0 and takes else 1
            button.styles.column_span = span
            button.offer(action)


def numbered(action: Action, number: int) -> Action:
    """Return the action with the digit that taps it: its number, or 0 for further buttons. A tenth has none."""
    key = "0" if action.does is Go.MORE else str(number) if number <= _DIGITS else ""
    return msgspec.structs.replace(action, key=key)


class ButtonColumn(Vertical):
    """A fixed set of buttons below each other, each as high as its lines; one that can be tapped is at least a small
    target."""

    def __init__(self, guard: TapGuard, most: int, id: str) -> None:
        super().__init__(id=id)
        self._buttons = [TouchButton(guard) for _ in range(most)]
        for button in self._buttons:
            button.display = False

    def compose(self) -> ComposeResult:
        """Yield all buttons, hidden until an action is offered."""
        yield from self._buttons

    def offer(self, actions: Sequence[Action]) -> None:
        """Offer these actions, at most as many as there are buttons."""
        for index, button in enumerate(self._buttons):
            action = actions[index] if index < len(actions) else None
            if action is not None:
                least = SMALL[1] if action.enabled else 1
                rows = len(action.picture.rows) if action.picture is not None else 0
                button.styles.height, button.styles.min_height = max(least, len(action.lines), rows), least
            button.offer(action)
