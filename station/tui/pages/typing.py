"""Dialogs with a line to type. A scan ends the line: its text never becomes part of it, and what was typed before it is
kept."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical

from station.base.words import tell
from station.domain.commands import Act, Scan
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.words import safe, say
from station.tui.terminal.scanner import ENTER_KEYS, TAB_KEYS
from station.tui.terminal.typed_scan import TypedScan
from station.tui.widgets.dialogs import Dialog
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import MAIN, Action, ButtonGrid, Go, Pick, TouchButton, Type

MOST: Final = 200
"""Maximum characters of a text."""
_ROWS: Final = 5
"""Rows of question, text and hint."""


class TypingDialog(Dialog):
    """Base: takes the keys."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._text = ""
        self._typed_scan = TypedScan()
        self._typed = ""
        """The text before the characters that may be a scan."""

    def type_key(self, key: str, character: str | None, now: float = 0.0) -> str:
        """Take one key of the keyboard, at monotonic seconds `now`. Return the scan that it ends; "" = none."""
        if key in ENTER_KEYS | TAB_KEYS:
            scan = self._typed_scan.end(now)
            if scan:
                self._text = self._typed
                self.scanned()
            elif key in ENTER_KEYS:
                self.keep()
            return scan
        if key == "backspace":
            self._text = self._text[:-1]
            self._typed_scan.forget()
        elif character is not None and safe(character) == character:
            if self._typed_scan.type(character, now):
                self._typed = self._text
            self._text = (self._text + character)[:MOST]
        self.show(self.desk.snapshot)
        return ""

    def keep(self) -> None:
        """Use the text, and close."""
        raise NotImplementedError

    def scanned(self) -> None:
        """Take the end by a scan, which then goes to the work."""
        self.keep()


class TextDialog(TypingDialog):
    """One question, answered by a typed text. Closes when the work has gone on."""

    def __init__(self, desk: ScreenDesk, wanted: Type) -> None:
        super().__init__(desk)
        self._wanted = wanted
        self._asked = desk.snapshot.workflow_view

    def compose(self) -> ComposeResult:
        """Lay out text above buttons."""
        with Vertical(id="dialog"):
            yield Pane("question")
            yield ButtonGrid(self.desk.guard, 2, "answers")

    def keep(self) -> None:
        """Send the text; an empty one only closes the dialog."""
        text, act = self._text.strip(), self._wanted.act
        if text and self.desk.snapshot.workflow_view == self._asked:
            self.post_message(TouchButton.Tapped(Action("", Act(act, text) if act else Scan(text))))
        self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))

    def scanned(self) -> None:
        """Drop what was typed: the scan is the answer."""

    def show(self, snapshot: Snapshot) -> None:
        """Draw the question and the text so far."""
        if snapshot.workflow_view != self._asked:
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
        question = self.query_one("#question", Pane)
        question.styles.height = _ROWS
        question.show(
            lambda width, height: draw.stack(
                [
                    draw.rule(tell(self._wanted.asks), width),
                    draw.BLANK,
                    *draw.paragraph(f"{self._text}_", width, "bold", 2),
                    say(tell("receive.ask.how"), "$quiet"),
                ],
                height,
            )
        )
        answers = (
            Action(tell("button.keep"), Pick("keep"), "main", enabled=bool(self._text.strip())),
            Action(tell("button.close"), Go.CLOSE, "quiet"),
        )
        self.query_one("#answers", ButtonGrid).offer(answers, 2, height=MAIN[1])

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Use the text at a tap."""
        if message.action.does == Pick("keep"):
            message.stop()
            self.keep()
