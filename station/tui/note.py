"""A note to a fail, and where a photo of it lies: typed on a keyboard, taken over by a tap. Nobody has to give one."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from station.model import Check, Phase, Snapshot
from station.tui import draw
from station.tui.checks import current_check
from station.tui.dialogs import Dialog
from station.tui.draw import BLANK, Lines
from station.tui.pane import Desk, Pane
from station.tui.touch import MAIN, Action, ButtonGrid, Go, Pick, TouchButton
from station.tui.words import safe, say

MOST: Final = {"note": 200, "photo": 500}
"""Characters of a note, and of a photo's path."""
_HEADS: Final = {"note": "Note", "photo": "Photo, path of the file"}
_SWITCH: Final = {"note": Action("Photo", Pick("photo")), "photo": Action("Note", Pick("note"))}


class NoteDialog(Dialog):
    """Keys go into the field that is open; a scan is no key to work with here, and stands in the field to be seen.

    Only the tap on "Keep it" takes the texts over; Enter does nothing, since a scanner sends it.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._check = _rule(desk.snapshot)
        self._field = "note"
        self._texts = {"note": desk.note, "photo": desk.photo}

    def type_key(self, key: str, character: str | None) -> None:
        """One key of the keyboard."""
        text = self._texts[self._field]
        if key == "backspace":
            text = text[:-1]
        elif character is not None and safe(character) == character and len(text) < MOST[self._field]:
            text += character
        self._texts[self._field] = text
        self.show(self.desk.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Both fields. When the check is over, so is its note."""
        if snapshot.phase is not Phase.CHECKING or _rule(snapshot) != self._check:
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
        self.query_one("#question", Pane).show(lambda width, height: draw.stack(self._lines(width), height))
        actions = (Action("Keep it", Pick("keep"), "main"), _SWITCH[self._field], Action("Close", Go.CLOSE, "quiet"))
        self.query_one("#answers", ButtonGrid).offer(actions, 3, height=MAIN[1])

    def _lines(self, width: int) -> Lines:
        lines = [draw.rule("Note to this fail", width)]
        for name, head in _HEADS.items():
            here = name == self._field
            lines.append(Content.styled(f"{'>' if here else ' '} {head}", "bold $key" if here else "$quiet"))
            lines += draw.paragraph(self._texts[name] + ("_" if here else "") or "-", width, "bold" if here else "", 3)
        return [
            *lines,
            BLANK,
            say("Type it on the keyboard; whatever is scanned meanwhile stands here, too.", "$quiet"),
        ]

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Another field, or the texts to the desk and back to the reasons."""
        does = message.action.does
        if not isinstance(does, Pick):
            return
        message.stop()
        if does.answer == "keep":
            self.desk.note, self.desk.photo = (text.strip() for text in self._texts.values())
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
        else:
            self._field = does.answer
            self.show(self.desk.snapshot)


def _rule(snapshot: Snapshot) -> str:
    check: Check | None = current_check(snapshot)
    return check.rule if check is not None else ""
