"""Dialog for the note of a failed check and the path of its photo: typed on a keyboard, kept by a tap or Enter. Both are
optional."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from station.base.words import tell
from station.domain.findings import Check
from station.domain.snapshot import Phase, Snapshot
from station.tui.drawing import draw
from station.tui.drawing.checks import current_check
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.words import safe, say
from station.tui.terminal.scanner import ENTER_KEYS, TAB_KEYS
from station.tui.terminal.typed_scan import TypedScan
from station.tui.widgets.dialogs import Dialog
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.threads import run_in_thread
from station.tui.widgets.touch import MAIN, SMALL, Action, ButtonGrid, Go, Pick, TouchButton

MOST: Final = {"note": 200, "photo": 500}
"""Maximum characters of a note, and of a photo's path."""
_PHOTO: Final = "photo:"
_OTHER: Final = {"note": "photo", "photo": "note"}


class NoteDialog(Dialog):
    """Typing goes into the selected field. A scan ends the note: its text never becomes part of it, and what was typed
    before it is kept."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._check = _rule(desk.snapshot)
        self._field = "note"
        self._photos: tuple[str, ...] | None = None
        """The newest photos, while the operator chooses one."""
        self._texts = {"note": desk.note, "photo": desk.photo}
        self._typed_scan = TypedScan()
        self._typed = ""
        """Text of the field before the characters that may be a scan."""

    def type_key(self, key: str, character: str | None, now: float = 0.0) -> str:
        """Take one key of the keyboard, at monotonic seconds `now`. Return the scan that it ends; "" = none."""
        text = self._texts[self._field]
        if key in ENTER_KEYS | TAB_KEYS:
            scan = self._typed_scan.end(now)
            if scan:
                self._texts[self._field] = self._typed
            if scan or key in ENTER_KEYS:
                self.keep()
            return scan
        if key == "backspace":
            text = text[:-1]
            self._typed_scan.forget()
        elif character is not None and safe(character) == character:
            if self._typed_scan.type(character, now):
                self._typed = text
            text = (text + character)[: MOST[self._field]]
        self._texts[self._field] = text
        self.show(self.desk.snapshot)
        return ""

    def keep(self) -> None:
        """Keep the texts, and return to the reasons."""
        self.desk.note, self.desk.photo = (text.strip() for text in self._texts.values())
        self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))

    def show(self, snapshot: Snapshot) -> None:
        """Draw both fields; close when the check has been answered."""
        if snapshot.phase is not Phase.CHECKING or _rule(snapshot) != self._check:
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
        self.query_one("#question", Pane).show(lambda width, height: draw.stack(self._lines(width), height))
        if self._photos is not None:
            self._offer_photos(self._photos)
            return
        there = _OTHER[self._field]
        other = Action(tell(f"note.to.{there}"), Pick(there))
        choose = (Action(tell("button.choose-photo"), Pick("choose")),) if self._directory else ()
        actions = (
            Action(tell("button.keep"), Pick("keep"), "main"),
            other,
            *choose,
            Action(tell("button.close"), Go.CLOSE, "quiet"),
        )
        rows, height = (1, MAIN[1]) if len(actions) <= 3 else (2, SMALL[1])
        self.query_one("#answers", ButtonGrid).offer(actions, 3, rows=rows, height=height)

    @property
    def _directory(self) -> str:
        return self.desk.settings.screen.photo_directory if self.desk.reports is not None else ""

    def _offer_photos(self, photos: tuple[str, ...]) -> None:
        sentence = tell("note.choose") if photos else tell("note.no-photos", directory=self._directory)
        self.query_one("#question", Pane).show(
            lambda width, height: draw.stack(
                [draw.rule(tell("button.choose-photo"), width), BLANK, *draw.paragraph(sentence, width)], height
            )
        )
        actions = [Action(path.rpartition("/")[2], Pick(f"{_PHOTO}{path}")) for path in photos]
        back = Action(tell("button.back"), Pick("typed"), "quiet", is_back=True)
        self.query_one("#answers", ButtonGrid).offer((back, *actions), 3, rows=2, height=SMALL[1])

    def _look_for_photos(self) -> None:
        """Search in a thread: the directory may be on a network."""
        reports = self.desk.reports

        def work() -> None:
            photos = reports.photos() if reports is not None else ()
            self.app.call_from_thread(self._photos_found, photos)

        run_in_thread(self, work)

    def _photos_found(self, photos: tuple[str, ...]) -> None:
        self._photos = photos
        if self.is_mounted:
            self.show(self.desk.snapshot)

    def _lines(self, width: int) -> Lines:
        lines = [draw.rule(tell("note.title"), width)]
        for name in _OTHER:
            here = name == self._field
            lines.append(
                Content.styled(f"{'>' if here else ' '} {tell(f'note.{name}')}", "bold $key" if here else "$quiet")
            )
            lines += draw.paragraph(self._texts[name] + ("_" if here else "") or "-", width, "bold" if here else "", 3)
        return [
            *lines,
            BLANK,
            say(tell("note.how"), "$quiet"),
        ]

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Select another field, or keep the texts and return to the reasons."""
        does = message.action.does
        if not isinstance(does, Pick):
            return
        message.stop()
        if does.answer == "keep":
            self.keep()
        elif does.answer == "choose":
            self._look_for_photos()
        else:
            self._photos = None
            if does.answer.startswith(_PHOTO):
                self._texts["photo"] = does.answer.removeprefix(_PHOTO)[: MOST["photo"]]
            elif does.answer in _OTHER:
                self._field = does.answer
            self.show(self.desk.snapshot)


def _rule(snapshot: Snapshot) -> str:
    check: Check | None = current_check(snapshot)
    return check.rule if check is not None else ""
