"""The volume of the station: one state for screen and reader, changed by a command, with its start value from the
settings."""

from __future__ import annotations

import msgspec
import pytest

from station.base.settings import Screen
from station.domain.commands import Loudness, Scan, SoundCheck, TrySound
from station.domain.events import SoundChecked
from station.domain.ports import ReaderCapabilities, Signal
from station.domain.snapshot import Sound
from tests.support.simulated_bench import SETTINGS, UNKNOWN, Rig


class Lamp:
    """Records the signals sent to the reader."""

    def __init__(self, bed: Rig) -> None:
        self.shown: list[Signal] = []
        bed.reader.capabilities = ReaderCapabilities("simulated", can_signal=True)
        bed.reader.signal = self.shown.append


def test_volume_and_mute_are_shown_and_change_by_command() -> None:
    bed = Rig()
    bed.bench.handle(Loudness(volume=80))
    assert (bed.shown[-1].volume, bed.shown[-1].muted) == (80, False)
    bed.bench.handle(Loudness(muted=True))
    assert (bed.shown[-1].volume, bed.shown[-1].muted) == (80, True)
    bed.bench.handle(Loudness(muted=False, volume=0))
    assert (bed.shown[-1].volume, bed.shown[-1].muted) == (0, False)


@pytest.mark.parametrize(
    ("screen", "command", "shown"),
    [
        (Screen(), None, True),
        (Screen(sound_through="reader"), None, True),
        (Screen(sound_through="audio"), None, False),
        (Screen(sound=False), None, False),
        (Screen(sound=False), Loudness(muted=False), True),
        (Screen(), Loudness(muted=True), False),
    ],
)
def test_the_readers_buzzer_is_silent_when_the_station_is(
    screen: Screen, command: Loudness | None, shown: bool
) -> None:
    bed = Rig(msgspec.structs.replace(SETTINGS, screen=screen))
    lamp = Lamp(bed)
    if command is not None:
        bed.bench.handle(command)
    bed.bench.handle(Scan(UNKNOWN))
    assert lamp.shown == ([Signal.BAD] if shown else [])


def test_without_a_player_the_readers_buzzer_sounds_for_everything_else_the_bench_is_silent() -> None:
    bed = Rig()
    lamp = Lamp(bed)
    bed.bench.handle(Loudness(player=False))
    assert not bed.shown[-1].silent
    bed.bench.handle(Scan(UNKNOWN))
    bed.bench.handle(TrySound(Sound.GOOD))
    assert lamp.shown == [Signal.BAD, Signal.GOOD], "each sound once"
    mute = Rig()
    mute.bench.handle(Loudness(player=False))
    assert mute.shown[-1].silent, "this reader has no buzzer"


def test_the_answers_to_the_sound_check_are_journaled() -> None:
    bed = Rig()
    bed.bench.handle(SoundCheck(heard=True, seen=False))
    (kept,) = [event for event in bed.journal.events if isinstance(event, SoundChecked)]
    assert (kept.heard, kept.seen, kept.operator) == (True, False, bed.shown[-1].worker)


def test_a_volume_outside_of_its_range_is_no_command() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"type": "loudness", "volume": 101}', type=Loudness)
