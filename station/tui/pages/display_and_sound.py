"""Display and sound: mute, volume, a sample of each sound, colors and text size, each by a tap.

Changes last until the station ends; the settings `screen.*` hold the initial values.
"""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult

from station.base.words import UNREVIEWED, languages, tell
from station.domain.commands import Loudness
from station.domain.signals import BUTTONS
from station.domain.snapshot import Snapshot, Sound
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.words import SOUNDS
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.sounds import picture
from station.tui.widgets.theme import next_theme
from station.tui.widgets.touch import GAP, SMALL, Action, ButtonGrid, Go, Pick, TouchButton
from station.tui.workflows.actions import next_language

STEP: Final = 20
"""Change of the volume per tap."""
HEAR: Final = "hear:"
_MOST: Final = 12
_PICTURE: Final = 12
"""Cells of a sound's picture, including the blank after it."""


class DisplayAndSoundScreen(StationScreen):
    """Current display and sound settings, with buttons to change them."""

    helps = (BUTTONS, "button.display")

    def compose(self) -> ComposeResult:
        """Lay out top, current settings, buttons and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "actions")
        yield ButtonGrid(self.desk.guard, 1, "last")

    def show(self, snapshot: Snapshot) -> None:
        super().show(snapshot)
        desk = self.desk
        self.query_one("#page", Pane).show(lambda width, height: draw.stack(lines(desk, snapshot, width), height))
        columns = max(1, min(5, (self.app.size.width - 4 + GAP[0]) // (SMALL[0] + GAP[0])))
        actions = actions_of(desk, snapshot)
        self.query_one("#actions", ButtonGrid).offer(
            actions, columns, rows=min(-(-len(actions) // columns), 3 if self.tall else 2), height=SMALL[1]
        )
        self.query_one("#last", ButtonGrid).offer((Action(tell("button.close"), Go.CLOSE, "main"),), 4)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Play a sample sound; pass other taps on to the app."""
        does = message.action.does
        if isinstance(does, Pick) and does.answer.startswith(HEAR):
            message.stop()
            snapshot = self.desk.snapshot
            if self.desk.speaker is not None and not snapshot.muted:
                self.desk.speaker.play(Sound(does.answer.removeprefix(HEAR)), snapshot.volume)


def lines(desk: ScreenDesk, snapshot: Snapshot, width: int) -> Lines:
    """Return the current settings, and the meaning of each sound."""
    player = desk.speaker.player if desk.speaker is not None else ""
    if snapshot.muted:
        heard = tell("display.muted")
    elif not player and not snapshot.silent:
        heard = tell("display.buzzer")
    elif not player:
        heard = tell("display.no-player")
    else:
        heard = tell("display.heard", volume=snapshot.volume, player=player)
    look = tell(f"display.theme.{desk.theme}")
    size = tell("display.large" if desk.large else "display.normal")
    unreviewed = [tell("display.unreviewed", language=name) for code, name in languages().items() if code in UNREVIEWED]
    return [
        *draw.paragraph(heard, width, "bold", 2),
        *draw.paragraph(" ".join((f"{look}, {size}.", *unreviewed)), width, "bold", 2),
        BLANK,
        *(
            line
            for sound in SOUNDS
            for line in draw.headed(picture(sound), "bold $key", SOUNDS[sound], width, _PICTURE)
        ),
    ]


def actions_of(desk: ScreenDesk, snapshot: Snapshot) -> tuple[Action, ...]:
    """Return the buttons: mute first, then display, then a sample of each sound."""
    mute = "display.unmute" if snapshot.muted else "display.mute"
    other = next_theme(desk.theme)
    return (
        Action(tell(mute), Loudness(muted=not snapshot.muted), "main"),
        Action(tell("display.quieter"), Loudness(volume=max(0, snapshot.volume - STEP)), enabled=snapshot.volume > 0),
        Action(
            tell("display.louder"), Loudness(volume=min(100, snapshot.volume + STEP)), enabled=snapshot.volume < 100
        ),
        Action(tell(f"display.to.{other}"), Go.THEME),
        Action(tell("display.to-normal" if desk.large else "display.to-large"), Go.LARGE),
        *next_language(),
        Action(tell("display.check"), Go.SOUND_CHECK),
        *(Action(tell(f"display.hear.{sound.value}"), Pick(f"{HEAR}{sound.value}"), "quiet") for sound in SOUNDS),
    )
