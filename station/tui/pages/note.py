"""Dialog for the note of a failed check and its photo. A tap on a ready note keeps it; another note is typed, and kept by a
tap or Enter. A photo is chosen from the newest by a tap. Both are optional."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical

from station.base.words import tell
from station.domain.commands import Act
from station.domain.finding_words import note_of
from station.domain.findings import Check
from station.domain.ports import Photo
from station.domain.snapshot import Phase, Snapshot
from station.domain.workflows import ReceiveView
from station.tui.drawing import draw
from station.tui.drawing.checks import current_check
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.words import say
from station.tui.pages.typing import MOST, TypingDialog
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.threads import run_in_thread
from station.tui.widgets.touch import MAIN, SMALL, Action, ButtonGrid, Go, Pick, TouchButton

_LONGEST: Final = 3
"""Maximum rows of a note."""
_TEXT: Final = _LONGEST + 3
"""Rows of the text: heading, note, photo, and what to do."""
_COLUMNS: Final = 4
_ROWS: Final = 2
"""Ready notes, or photos, side by side and below each other."""
_READY: Final = "ready:"
_PHOTO: Final = "photo:"
"""Beginnings of an answer, before the number of a ready note or photo."""


class NoteDialog(TypingDialog):
    """Ready notes to tap, and a line to type. A scan ends the note: its text never becomes part of it, and what was typed
    before it is kept."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._check = _rule(desk.snapshot)
        self._ready = desk.settings.corrections.ready_notes
        self._text = tell(note_of(desk.note))
        self._photo = desk.photo
        self._photos: tuple[Photo, ...] | None = None
        """The newest photos, while the operator chooses one."""

    def compose(self) -> ComposeResult:
        """Lay out text, ready notes or photos, and the other buttons."""
        with Vertical(id="dialog"):
            yield Pane("question")
            yield ButtonGrid(self.desk.guard, _COLUMNS * _ROWS, "ready")
            yield ButtonGrid(self.desk.guard, 3, "answers")

    def keep(self) -> None:
        """Keep note and photo, and return to the reasons. A ready note is kept as the settings have it."""
        text = self._text.strip()
        self.desk.note = next((note for note in self._ready if tell(note_of(note)) == text), text)
        self.desk.photo = self._photo
        self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))

    def is_over(self, snapshot: Snapshot) -> bool:
        """Return True when the check has been answered."""
        return snapshot.phase is not Phase.CHECKING or _rule(snapshot) != self._check

    def show(self, snapshot: Snapshot) -> None:
        """Draw the note and its buttons; close when it is over."""
        if self.is_over(snapshot):
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
        lines = self._lines if self._photos is None else self._choice
        question = self.query_one("#question", Pane)
        question.styles.height = _TEXT
        question.show(lambda width, height: draw.stack(lines(width), height))
        offered = self._notes() if self._photos is None else self._photo_actions(self._photos)
        rows = min(_ROWS, -(-len(offered) // _COLUMNS))
        self.query_one("#ready", ButtonGrid).offer(offered, _COLUMNS, rows=max(1, rows), height=SMALL[1])
        self.query_one("#answers", ButtonGrid).offer(self._ways(), 3, height=MAIN[1])

    def _notes(self) -> tuple[Action, ...]:
        return tuple(Action(tell(note_of(note)), Pick(f"{_READY}{at}")) for at, note in enumerate(self._ready))

    def _photo_actions(self, photos: tuple[Photo, ...]) -> tuple[Action, ...]:
        return tuple(
            Action(tell("note.photo-of", number=at + 1, time=self._taken(photo)), Pick(f"{_PHOTO}{at}"))
            for at, photo in enumerate(photos)
        )

    def _taken(self, photo: Photo) -> str:
        """Return when the photo was taken: the time of day, with the date if it was not today."""
        local = self.desk.local
        today = f"{local.now():%Y-%m-%d}" == local.day(photo.at)
        return local.time(photo.at) if today else local.minute(photo.at)

    def _ways(self) -> tuple[Action, ...]:
        """Return the buttons that lead on: keep, choose a photo, close; or back from the photos."""
        if self._photos is not None:
            return (Action(tell("button.back"), Pick("typed"), "quiet", is_back=True),)
        has_photos = self.desk.reports is not None and self.desk.settings.screen.photo_directory
        choose = (Action(tell("button.choose-photo"), Pick("choose")),) if has_photos else ()
        return (
            Action(tell("button.keep"), Pick("keep"), "main"),
            *choose,
            Action(tell("button.close"), Go.CLOSE, "quiet"),
        )

    def _look_for_photos(self) -> None:
        """Search in a thread: the directory may be on a network."""
        reports = self.desk.reports

        def work() -> None:
            photos = reports.photos() if reports is not None else ()
            self.app.call_from_thread(self._photos_found, photos)

        run_in_thread(self, work)

    def _photos_found(self, photos: tuple[Photo, ...]) -> None:
        self._photos = photos
        if self.is_mounted:
            self.show(self.desk.snapshot)

    def _lines(self, width: int) -> Lines:
        photo = draw.field(tell("button.photo"), self._taken(self._photo), width) if self._photo is not None else []
        return [
            draw.rule(tell("note.title"), width),
            *draw.paragraph(f"{self._text}_", width, "bold", _LONGEST),
            *photo,
            say(tell("note.how" if self._ready else "note.type"), "$quiet"),
        ]

    def _choice(self, width: int) -> Lines:
        sentence = tell("note.choose" if self._photos else "note.no-photos")
        return [draw.rule(tell("button.choose-photo"), width), BLANK, *draw.paragraph(sentence, width)]

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Keep the note, or take a ready note or photo."""
        does = message.action.does
        if not isinstance(does, Pick):
            return
        message.stop()
        if does.answer == "choose":
            self._look_for_photos()
        elif does.answer == "keep":
            self.keep()
        elif does.answer.startswith(_READY):
            self._take(self._ready[int(does.answer.removeprefix(_READY))])
        else:
            if does.answer.startswith(_PHOTO) and self._photos is not None:
                self._photo = self._photos[int(does.answer.removeprefix(_PHOTO))]
            self._photos = None
            self.show(self.desk.snapshot)

    def _take(self, note: str) -> None:
        """Keep a ready note: after what was typed, and in place of another ready note."""
        typed, ready = self._text.strip(), {tell(note_of(other)) for other in self._ready}
        words = tell(note_of(note))
        self._text = f"{typed}; {words}"[:MOST] if typed and typed not in ready else words
        self.keep()


class CopyNoteDialog(NoteDialog):
    """Note and photo of the difference at the newest copy of a shipment."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._count = _count(desk.snapshot)
        self._text, self._photo = "", None

    def is_over(self, snapshot: Snapshot) -> bool:
        """Return True when another copy is the newest."""
        return _count(snapshot) != self._count

    def keep(self) -> None:
        """Send note and photo."""
        photo = self._photo.path if self._photo is not None else ""
        for name, text in (("note", self._text.strip()), ("photo", photo)):
            if text:
                self.post_message(TouchButton.Tapped(Action("", Act(name, f"{self._count} {text}"))))
        self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))


def _count(snapshot: Snapshot) -> str:
    view = snapshot.workflow_view
    return view.newest.count if isinstance(view, ReceiveView) and view.newest is not None else ""


def _rule(snapshot: Snapshot) -> str:
    check: Check | None = current_check(snapshot)
    return check.rule if check is not None else ""
