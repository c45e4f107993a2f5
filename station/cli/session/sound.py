"""`station sound`: try each sound, check sounds and lights, and set the volume of the running station."""

from __future__ import annotations

import subprocess
from typing import Final

import click
import msgspec

from station.base.cells import filled
from station.base.errors import ControlRefused
from station.base.sentence import Sentence
from station.base.words import tell
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, pass_app
from station.cli.shared.record_event import reporter
from station.domain.commands import Loudness, SoundCheck
from station.domain.events import SoundChecked
from station.domain.snapshot import Sound
from station.runtime.lock import hold
from station.runtime.open_journal import open_journal
from station.runtime.socket.client import connect
from station.tui.drawing.words import LIGHTS, LIT
from station.tui.widgets.sounds import TUNES, Speaker, find_player, picture

_PATIENCE_S: Final = 20.0
"""Seconds after which a player that has not ended counts as failed."""


class Heard(msgspec.Struct, frozen=True):
    """Sound that was tried."""

    sound: str
    says: str
    picture: str
    player: str
    """Program that plays sounds; "" = none."""
    played: bool
    """True if the program ended well. It cannot know whether the sound was audible."""


@click.group()
@data_option
def sound() -> None:
    """Sounds of the station: try and check them, make them louder or quieter, mute them."""


@sound.command("test")
@click.argument("names", nargs=-1, type=click.Choice([tune.value for tune in TUNES]), metavar="[SOUND]...")
@click.option("--volume", type=click.IntRange(0, 100), help="Volume, 0 to 100; by default, screen.volume.")
@data_option
@json_option
@pass_app
def try_out(app: App, names: tuple[str, ...], volume: int | None) -> int:
    """Play the sounds in sequence (accepted, good, warning, bad), and draw each."""
    screen = app.settings().screen
    speaker = Speaker(find_player(screen.sound_player))
    loud = screen.volume if volume is None else volume
    heard = []
    try:
        for tune in [Sound(name) for name in names] or list(TUNES):
            says = tell(f"sound.{tune.value}")
            played = _played(speaker.play(tune, loud))
            heard.append(Heard(tune.value, says, picture(tune), speaker.player, played))
    finally:
        speaker.close()
    app.report(heard, [f"{filled(result.picture, 12)} {_heard(result)}" for result in heard])
    if not speaker.player:
        app.note(tell("display.no-player"))
    return DONE if all(result.played for result in heard) else NOT_GOOD


def _heard(result: Heard) -> str:
    return tell("sound.played" if result.played else "sound.not-played", says=result.says)


def _played(process: subprocess.Popen[bytes] | None) -> bool:
    if process is None:
        return False
    try:
        return process.wait(_PATIENCE_S) == 0
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False


class Checked(msgspec.Struct, frozen=True):
    """Result of `sound check`."""

    player: str
    """Program that plays sounds; "" = none."""
    through: str
    """The setting screen.sound_through."""
    sounds: tuple[Heard, ...]
    lights: tuple[tuple[str, str], ...]
    """(symbol and word, meaning) of each light."""
    heard: bool | None
    seen: bool | None


@sound.command()
@click.option("--heard/--not-heard", default=None, help="Your answer: did you hear all four sounds?")
@click.option("--seen/--not-seen", default=None, help="Your answer: can you see all four lights on the screen?")
@data_option
@json_option
@pass_app
def check(app: App, heard: bool | None, seen: bool | None) -> int:
    """Check sounds and lights, as the screen does at the start of a shift.

    Plays the four sounds, and names the four lights. With both answers, they are journaled and count for the day. Exit
    code 1 if a sound was not played, or an answer is no.
    """
    settings = app.settings()
    screen = settings.screen
    speaker = Speaker(() if screen.sound_through == "reader" else find_player(screen.sound_player))
    try:
        sounds = tuple(
            Heard(
                tune.value,
                tell(f"sound.{tune.value}"),
                picture(tune),
                speaker.player,
                _played(speaker.play(tune, screen.volume)),
            )
            for tune in TUNES
        )
    finally:
        speaker.close()
    lights = tuple((f"{LIGHTS[light].symbol} {LIGHTS[light].word}", LIGHTS[light].meaning) for light in LIT)
    if heard is not None and seen is not None:
        _keep(app, SoundCheck(heard=heard, seen=seen))
    lines = [f"{filled(result.picture, 12)} {_heard(result)}" for result in sounds]
    app.report(
        Checked(speaker.player, screen.sound_through, sounds, lights, heard, seen),
        [*lines, *(f"{filled(name, 12)} {meaning}" for name, meaning in lights)],
    )
    if not speaker.player:
        app.note(tell("display.no-player"))
    played = all(result.played for result in sounds)
    return DONE if played and heard is not False and seen is not False else NOT_GOOD


def _keep(app: App, answers: SoundCheck) -> None:
    client = connect(app.data)
    if client is not None:
        with client:
            client.submit(answers)
        return
    settings = app.settings()
    who = reporter(app, "") or settings.station.operator
    with hold(app.data, app.clock):
        store = open_journal(settings, app.data, app.clock)
        try:
            store.journal.record(SoundChecked(heard=answers.heard, seen=answers.seen, operator=who))
        finally:
            store.close()


@sound.command()
@click.argument("level", type=click.IntRange(0, 100))
@data_option
@json_option
@pass_app
def volume(app: App, level: int) -> int:
    """Set the volume of the running station, 0 to 100, until it ends."""
    return _tell_it(app, Loudness(volume=level))


@sound.command()
@data_option
@json_option
@pass_app
def mute(app: App) -> int:
    """Mute the running station, until it ends or is unmuted."""
    return _tell_it(app, Loudness(muted=True))


@sound.command()
@data_option
@json_option
@pass_app
def unmute(app: App) -> int:
    """Unmute the running station."""
    return _tell_it(app, Loudness(muted=False))


def _tell_it(app: App, command: Loudness) -> int:
    app.settings()
    client = connect(app.data)
    if client is None:
        raise ControlRefused(Sentence("sound.no-station"))
    with client:
        client.submit(command)
    values = {key: value for key, value in msgspec.structs.asdict(command).items() if value is not None}
    app.report(values, [_loudness(command)])
    return DONE


def _loudness(command: Loudness) -> str:
    if command.volume is not None:
        return tell("sound.volume", level=command.volume)
    return tell("sound.muted" if command.muted else "sound.unmuted")
