"""Sounds differ audibly in pitch and in rhythm, and never block the screen; the bell never rings."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from station.domain.commands import Loudness
from station.domain.snapshot import Sound
from station.tui.widgets.sounds import TUNES, Speaker, find_player, picture, write_tune
from station.tui.widgets.touch import Go
from tests.support import forked
from tests.support.patience import PATIENCE_S
from tests.tui.running_app import EVERY_SIZE, running
from tests.tui.scenes import SCENES
from tests.tui.widgets import heard_sound

HEARD = [sound for sound in Sound if sound is not Sound.NONE]


@pytest.fixture
def fake_player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program `aplay` on the PATH that keeps its input; return the folder with it."""
    kept, programs = tmp_path / "kept", tmp_path / "bin"
    kept.mkdir()
    programs.mkdir()
    script = programs / "aplay"
    script.write_text(
        f"#!{sys.executable}\nimport os, pathlib, shutil, sys\n"
        f"number = len(list(pathlib.Path({str(kept)!r}).iterdir()))\n"
        f"half = pathlib.Path({str(tmp_path)!r}) / f'half-{{os.getpid()}}'\n"
        f"shutil.copy(sys.argv[-1], half)\n"
        f"half.rename(pathlib.Path({str(kept)!r}) / f'{{number}}-' f'{{pathlib.Path(sys.argv[-1]).name}}')\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    return kept


def tune(folder: Path, sound: Sound, volume: int = 100) -> Path:
    path = folder / f"{sound.value}.wav"
    write_tune(path, TUNES[sound], volume)
    return path


# --- the sounds as heard ------------------------------------------------------------------------------------------------


def test_no_two_sounds_share_their_rhythm(tmp_path: Path) -> None:
    """Notes and rests, to 30 ms: a listener does not hear a smaller difference."""
    rhythms = {}
    for sound in HEARD:
        heard = heard_sound.notes(tune(tmp_path, sound))
        rhythms[sound] = [(note.start, note.seconds) for note in heard]
    for one, two in itertools.combinations(HEARD, 2):
        same = len(rhythms[one]) == len(rhythms[two]) and all(
            abs(a - b) < 0.03
            for left, right in zip(rhythms[one], rhythms[two], strict=True)
            for a, b in zip(left, right, strict=True)
        )
        assert not same, (one, two)


def test_no_two_sounds_share_a_pitch(tmp_path: Path) -> None:
    """Every note of one sound is at least two semitones from every note of another."""
    heard = {sound: [note.hertz for note in heard_sound.notes(tune(tmp_path, sound))] for sound in HEARD}
    for one, two in itertools.combinations(HEARD, 2):
        for a, b in itertools.product(heard[one], heard[two]):
            assert max(a, b) / min(a, b) > 2 ** (2 / 12), (one, two, a, b)


def test_each_says_what_the_manual_says(tmp_path: Path) -> None:
    """One tick; two rising notes; two slow equal notes; four quick low notes."""
    (tick,) = heard_sound.notes(tune(tmp_path, Sound.ACCEPTED))
    assert tick.seconds < 0.1
    first, second = heard_sound.notes(tune(tmp_path, Sound.GOOD))
    assert second.hertz > first.hertz * 1.2
    slow, equal = heard_sound.notes(tune(tmp_path, Sound.WARNING))
    assert slow.hertz == pytest.approx(equal.hertz, rel=0.01)
    assert slow.seconds == pytest.approx(equal.seconds, abs=0.02)
    assert slow.seconds > 0.2
    low = heard_sound.notes(tune(tmp_path, Sound.BAD))
    assert len(low) == 4
    assert max(note.hertz for note in low) < 250
    assert all(note.seconds < 0.15 for note in low[:3])


@pytest.mark.parametrize("sound", HEARD)
def test_volume_is_heard_and_nothing_clips(sound: Sound, tmp_path: Path) -> None:
    loud, half, soft = (
        heard_sound.loudness(tune(tmp_path / str(volume), sound, volume))
        for volume in (100, 50, 20)
        if (tmp_path / str(volume)).mkdir() is None
    )
    assert loud > 3 * half > 9 * soft > 0
    rate, samples = heard_sound.read_wav(tune(tmp_path, sound, 100).read_bytes())
    assert max(abs(samples)) < 32767
    edge = 2 * rate // 1000
    assert max(abs(samples[:edge])) < 0.35 * max(abs(samples)), "the note swells, without a click at the start"
    assert max(abs(samples[-edge:])) < 0.35 * max(abs(samples)), "the note fades"


@pytest.mark.parametrize("sound", HEARD)
def test_volume_nought_is_silence(sound: Sound, tmp_path: Path) -> None:
    _, samples = heard_sound.read_wav(tune(tmp_path, sound, 0).read_bytes())
    assert len(samples) > 1000 and not samples.any()


def test_each_sound_has_its_own_picture() -> None:
    assert len({picture(sound) for sound in HEARD}) == len(HEARD)
    assert picture(Sound.GOOD).split()[0][0] < picture(Sound.GOOD).split()[1][0], "the blocks rise with the notes"
    assert picture(Sound.BAD).count(" ") == 3
    assert picture(Sound.NONE) == ""


# --- the program that plays ------------------------------------------------------------------------------------------------


def test_the_first_player_of_the_machine_is_taken() -> None:
    assert find_player((), {"paplay": "/x", "aplay": "/x"}.get) == ("paplay",)
    assert find_player((), {"aplay": "/x"}.get) == ("aplay", "-q")
    assert find_player((), {}.get) == ()
    assert find_player(("mine", "-x"), {"aplay": "/x"}.get) == ("mine", "-x")


def test_the_player_gets_the_file_and_is_not_waited_for(fake_player: Path) -> None:
    one = Speaker(find_player())
    assert one.player == "aplay"
    process = one.play(Sound.GOOD, 60)
    assert process is not None
    assert process.wait(PATIENCE_S) == 0
    (kept,) = fake_player.iterdir()
    assert [round(note.hertz) for note in heard_sound.notes(kept)] == [784, 1046]  # G5, C6 at a1 = 440 Hz
    one.close()


def test_silence_is_silent(fake_player: Path) -> None:
    one = Speaker(find_player())
    assert one.play(Sound.NONE, 60) is None
    assert one.play(Sound.GOOD, 0) is None
    assert Speaker(()).play(Sound.GOOD, 60) is None
    assert list(fake_player.iterdir()) == []
    one.close()


def test_a_player_that_hangs_does_not_pile_up() -> None:
    one = Speaker((sys.executable, "-c", "import time; time.sleep(600)"))
    started = [one.play(Sound.GOOD, 60) for _ in range(5)]
    running_ones = [process for process in started if process is not None]
    for process in running_ones:
        process.kill()
        process.wait()
    one.close()
    assert len(running_ones) == 3


def test_a_player_that_is_not_there_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    one = Speaker(("/nonexistent/player",))
    assert one.play(Sound.BAD, 60) is None
    assert one.play(Sound.BAD, 60) is None
    assert one.player == ""
    assert len(caplog.records) == 1
    one.close()


# --- at the screen ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_the_screen_of_sounds_by_taps(size: tuple[int, int], fake_player: Path) -> None:
    async with running("idle", size) as desk:
        await desk.open(Go.DISPLAY_AND_SOUND)
        assert "volume 60 of 100, through aplay" in desk.text
        for sound in HEARD:
            assert picture(sound) in desk.text
        await desk.tap("Louder")
        await desk.tap("Mute")
        assert desk.bench.sent == [Loudness(volume=80), Loudness(muted=True)]
        await desk.show(msgspec.structs.replace(SCENES["idle"], muted=True, volume=0))
        assert "Sounds are off." in desk.text
        await desk.tap("Sound on")
        assert desk.bench.sent[-1] == Loudness(muted=False)
        await desk.tap("Quieter")
        assert len(desk.bench.sent) == 3, "quieter than nothing is not offered"


async def test_a_sound_of_the_bench_is_played_once_unless_muted(fake_player: Path) -> None:
    async with running("idle") as desk:
        played: list[tuple[Sound, int]] = []
        desk.app._speaker.play = lambda sound, volume: played.append((sound, volume))
        loud = msgspec.structs.replace(SCENES["idle"], sound=Sound.BAD, sound_number=1, volume=30)
        await desk.show(loud)
        await desk.show(loud)
        await desk.show(msgspec.structs.replace(loud, sound_number=2, muted=True))
        assert played == [(Sound.BAD, 30)]


async def test_nobody_rings_the_terminals_bell() -> None:
    async with running("idle") as desk:
        rung: list[int] = []
        desk.app.bell = lambda: rung.append(1)
        for number, sound in enumerate(HEARD, 1):
            await desk.show(msgspec.structs.replace(SCENES["idle"], sound=sound, sound_number=number))
        assert rung == []


# --- its twin on the command line -----------------------------------------------------------------------------------------


def _station(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return forked.run(*words, "--data", folder, text=True)


def test_sound_test_plays_all_four(tmp_path: Path, fake_player: Path) -> None:
    (tmp_path / "station.toml").write_text("[screen]\nvolume = 40\n")
    done = _station(tmp_path, "sound", "test")
    assert done.returncode == 0, done.stderr
    heard = sorted(fake_player.iterdir(), key=lambda path: path.name)
    assert [path.name for path in heard] == [f"{at}-{sound.value}-40.wav" for at, sound in enumerate(HEARD)]
    assert len({tuple(round(note.hertz, -1) for note in heard_sound.notes(path)) for path in heard}) == 4
    for sound in HEARD:
        assert picture(sound) in done.stdout


def test_sound_test_says_when_nothing_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "station.toml").write_text("")
    monkeypatch.setenv("PATH", str(tmp_path))
    done = _station(tmp_path, "sound", "test", "bad", "--json")
    assert done.returncode == 1
    (told,) = msgspec.json.decode(done.stdout)
    assert (told["sound"], told["played"], told["player"]) == ("bad", False, "")
    done = _station(tmp_path, "sound", "mute")
    assert done.returncode == 4
