"""Check of sound and sight at the start of a shift: it plays each sound and shows each light, and asks about both.

The answers are journaled and count for the day. They stop nobody: an operator who hears nothing, or who does not see
the colors, gets the advice that helps, and works on.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from station.base.words import tell
from station.domain.commands import SoundCheck, TrySound
from station.domain.signals import BUTTONS
from station.domain.snapshot import Light, Snapshot, Sound
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.snapshot_views import PICTURES
from station.tui.drawing.words import LIGHTS, LIT, SOUNDS, say
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.sounds import picture
from station.tui.widgets.touch import MAIN, SMALL, Action, ButtonGrid, Go, Pick, TouchButton

PAUSE_S: Final = 1.2
"""Seconds from one sound to the next."""
_PICTURE: Final = 12
"""Cells of a sound's picture, including the blank after it."""
_YES, _NO, _PLAY = "yes", "no", "play"


class SoundCheckScreen(StationScreen):
    """First the sounds, then the lights, then the result."""

    helps = (BUTTONS, "display.check")

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._heard: bool | None = None
        self._seen: bool | None = None

    def compose(self) -> ComposeResult:
        """Lay out top, page, the four lights, answers and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        with Vertical(id="lights"):
            for light in LIT:
                yield Pane(f"light-{light.value}")  # not for people
        yield ButtonGrid(self.desk.guard, 3, "actions")
        yield ButtonGrid(self.desk.guard, 2, "last")

    def _play(self) -> None:
        """Play the sounds one after the other, as the bench plays them: through the computer or the reader."""
        for at, sound in enumerate(SOUNDS):
            self.set_timer(0.05 + at * PAUSE_S, partial(self._try, sound))

    def _try(self, sound: Sound) -> None:
        self.post_message(TouchButton.Tapped(Action("", TrySound(sound))))

    def heading_of(self, snapshot: Snapshot) -> tuple[str, str]:
        """Return the title and the question."""
        title = super().heading_of(snapshot)[0]
        if self._heard is None:
            return title, tell("display.check.silent" if snapshot.silent else "display.check.heard")
        return title, tell("display.check.seen") if self._seen is None else tell("display.check.done")

    def show(self, snapshot: Snapshot) -> None:
        super().show(snapshot)
        lights = self._heard is not None and self._seen is None
        self.query_one("#lights").display = lights
        for light in LIT:
            pane = self.query_one(f"#light-{light.value}", Pane)
            pane.show(partial(_light, light))
        page = self.query_one("#page", Pane)
        page.display = not lights
        page.show(lambda width, height: draw.stack(self._lines(snapshot, width), height))
        self.query_one("#actions", ButtonGrid).offer(self._actions(), 3, height=SMALL[1] if lights else MAIN[1])
        self.query_one("#last", ButtonGrid).offer((Action(tell("button.close"), Go.CLOSE, "quiet"),), 4)

    def _lines(self, snapshot: Snapshot, width: int) -> Lines:
        if self._heard is None:
            silent = draw.paragraph(tell("display.no-player"), width, "bold") if snapshot.silent else []
            sounds = [
                line
                for sound in SOUNDS
                for line in draw.headed(picture(sound), "bold $key", SOUNDS[sound], width, _PICTURE)
            ]
            return [*silent, *sounds]
        heard = draw.paragraph(tell("display.check.is-heard" if self._heard else "display.check.not-heard"), width)
        seen = draw.paragraph(tell("display.check.is-seen" if self._seen else "display.check.not-seen"), width)
        return [*heard, BLANK, *seen]

    def _actions(self) -> tuple[Action, ...]:
        if self._seen is not None:
            return (Action(tell("button.display"), Go.DISPLAY_AND_SOUND, "main"),)
        yes, no = Action(tell("display.check.yes"), Pick(_YES), "main"), Action(tell("display.check.no"), Pick(_NO))
        return (Action(tell("display.check.play"), Pick(_PLAY)), yes, no) if self._heard is None else (yes, no)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Take an answer; the second one sends both to the bench."""
        does = message.action.does
        if not isinstance(does, Pick):
            return
        message.stop()
        if does.answer == _PLAY:
            self._play()
        elif self._heard is None:
            self._heard = does.answer == _YES
        else:
            self._seen = does.answer == _YES
            self.post_message(TouchButton.Tapped(Action("", SoundCheck(heard=self._heard, seen=self._seen))))
        self.show(self.desk.snapshot)


def _light(light: Light, _width: int, height: int) -> Content:
    art = [Content(row) for row in draw.picture(PICTURES[light])]
    words = LIGHTS[light]
    said = [say(f"{words.symbol} {words.word}", "bold"), say(words.meaning)]
    return draw.stack(draw.beside(art, said, 10), height)
