"""Sounds differ in rhythm and pitch, never hold the screen up, and fall back to the bell."""

from __future__ import annotations

import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from station.model import Sound
from station.tui.sounds import BELLS, RATE, TUNES, Speaker, write_tune

HEARD = [sound for sound in Sound if sound is not Sound.NONE]


class Bell:
    def __init__(self) -> None:
        self.rung: list[float] = []

    def now(self) -> None:
        self.rung.append(0.0)

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        self.rung.append(seconds)


def speaker(player: tuple[str, ...] = ()) -> tuple[Speaker, Bell]:
    bell = Bell()
    return Speaker(player, bell.now, bell.later), bell


def test_every_sound_has_its_tune_and_its_bell() -> None:
    assert set(TUNES) == set(BELLS) == set(HEARD)


def test_no_two_sounds_share_rhythm_or_pitch() -> None:
    assert len({tuple(seconds for _, seconds in notes) for notes in TUNES.values()}) == len(TUNES)
    assert len({frozenset(hertz for hertz, _ in notes if hertz) for notes in TUNES.values()}) == len(TUNES)
    assert len(set(BELLS.values())) == len(BELLS)


@pytest.mark.parametrize("sound", HEARD)
def test_tunes_are_wave_files_of_their_length(sound: Sound, tmp_path: Path) -> None:
    write_tune(tmp_path / "tune.wav", TUNES[sound])
    with wave.open(str(tmp_path / "tune.wav")) as file:
        samples = memoryview(file.readframes(file.getnframes())).cast("h")
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
    assert len(samples) == sum(int(seconds * RATE) for _, seconds in TUNES[sound])
    assert 5_000 < max(samples) < 32_000
    assert abs(samples[0]) < 500  # no click at the start


@pytest.mark.parametrize("sound", HEARD)
def test_without_a_player_the_bell_rings_in_rhythm(sound: Sound) -> None:
    one, bell = speaker()
    one.play(sound)
    assert tuple(bell.rung) == BELLS[sound]


def test_silence_is_silent() -> None:
    one, bell = speaker()
    one.play(Sound.NONE)
    assert bell.rung == []


def test_the_player_gets_the_file_and_is_not_waited_for(tmp_path: Path) -> None:
    record = tmp_path / "record"
    script = "import pathlib,sys; pathlib.Path(sys.argv[1]).write_bytes(pathlib.Path(sys.argv[2]).read_bytes())"
    one, bell = speaker((sys.executable, "-c", script, str(record)))
    one.play(Sound.GOOD)
    (process,) = one._running
    assert process.wait(30) == 0
    assert record.read_bytes().startswith(b"RIFF")
    assert bell.rung == []
    one.close()


def test_a_player_that_hangs_does_not_pile_up() -> None:
    one, bell = speaker((sys.executable, "-c", "import time; time.sleep(600)"))
    for _ in range(5):
        one.play(Sound.GOOD)
    running = list(one._running)
    for process in running:
        process.kill()
        process.wait()
    one.close()
    assert len(running) == 3
    assert bell.rung == [*BELLS[Sound.GOOD]] * 2


def test_a_player_that_is_not_there_is_said_once_and_the_bell_rings(caplog: pytest.LogCaptureFixture) -> None:
    one, bell = speaker(("/nonexistent/player",))
    one.play(Sound.BAD)
    one.play(Sound.BAD)
    assert tuple(bell.rung) == BELLS[Sound.BAD] * 2
    assert len(caplog.records) == 1
    one.close()
