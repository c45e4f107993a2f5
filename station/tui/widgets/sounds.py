"""The station's sounds: each differs in rhythm and pitch, so that operators know it without looking.

The standard library makes the tones. A player program (`screen.sound_player`, else the first of `PLAYERS` on the PATH)
plays them through the audio device; the station never waits for it. The terminal's bell never rings, because it cannot
play tones. The screen shows each sound too: `picture` draws it, and the band has its light, symbol and word.
"""

from __future__ import annotations

import array
import logging
import math
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from station.domain.snapshot import Sound

RATE: Final = 22_050
"""Samples per second, 16 bits, one channel."""
_FADE: Final = 0.008
"""Seconds of fade-in and fade-out of a note, which prevent clicks."""
_AT_ONCE: Final = 3
"""Maximum players at the same time; more would only queue behind a blocked audio device."""
_STEP: Final = 0.1
"""Seconds per cell in the picture of a sound."""

PLAYERS: Final = (("pw-play",), ("paplay",), ("aplay", "-q"))
"""Players of WAV files, of PipeWire, PulseAudio and ALSA; the first one on the PATH is used."""

TUNES: Final[dict[Sound, tuple[tuple[float, float], ...]]] = {
    Sound.ACCEPTED: ((1318.5, 0.06),),
    Sound.GOOD: ((784.0, 0.11), (0.0, 0.03), (1046.5, 0.20)),
    Sound.WARNING: ((587.3, 0.28), (0.0, 0.18), (587.3, 0.28)),
    Sound.BAD: ((196.0, 0.12), (0.0, 0.06), (196.0, 0.12), (0.0, 0.06), (196.0, 0.12), (0.0, 0.06), (165.0, 0.30)),
}
"""Notes as (hertz, seconds); 0 hertz is a rest."""

_log = logging.getLogger(__name__)


def find_player(configured: tuple[str, ...] = (), which: Callable[[str], str | None] = shutil.which) -> tuple[str, ...]:
    """Return the player with its arguments; () = there is none. The site's configured player is not checked."""
    return configured or next((player for player in PLAYERS if which(player[0])), ())


def samples(notes: Sequence[tuple[float, float]], volume: int) -> array.array[int]:
    """Return notes as 16-bit samples. `volume` is 0 to 100; the amplitude grows with its square, to match perceived
    loudness."""
    loudness = 0.8 * (min(100, max(0, volume)) / 100) ** 2
    found = array.array("h")
    for hertz, seconds in notes:
        for index in range(int(seconds * RATE)):
            at = index / RATE
            swell = min(1.0, at / _FADE, (seconds - at) / _FADE)
            tone = math.sin(2 * math.pi * hertz * at) + 0.25 * math.sin(6 * math.pi * hertz * at)
            found.append(int(32767 * loudness * 0.8 * swell * tone))
    return found


def write_tune(path: Path, notes: Sequence[tuple[float, float]], volume: int = 100) -> None:
    """Write notes as a WAV file."""
    found = samples(notes, volume)
    if sys.byteorder == "big":
        found.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(found.tobytes())


def picture(sound: Sound) -> str:
    """Draw the sound: time from left to right, blocks as high as their notes, a gap for a rest."""
    bars = "▁▂▃▄▅▆▇█"
    drawn = []
    for hertz, seconds in TUNES.get(sound, ()):
        cells = max(1, round(seconds / _STEP))
        level = round(math.log2(hertz / 160) * (len(bars) - 1) / math.log2(1400 / 160)) if hertz else 0
        drawn.append(bars[level] * cells if hertz else " ")
    return "".join(drawn)


class Speaker:
    """Plays a sound and returns at once. `player`: the program and its arguments; () = silence."""

    def __init__(self, player: tuple[str, ...]) -> None:
        self._player = player
        self._running: list[subprocess.Popen[bytes]] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def player(self) -> str:
        """The player program; "" = there is none, or it could not be started."""
        return self._player[0] if self._player else ""

    def play(self, sound: Sound, volume: int) -> subprocess.Popen[bytes] | None:
        """Play one sound; None = nothing was started."""
        if sound is Sound.NONE or volume <= 0 or not self._player:
            return None
        self._running = [process for process in self._running if process.poll() is None]
        if len(self._running) >= _AT_ONCE:
            return None
        try:
            process = subprocess.Popen(
                [*self._player, str(self._file(sound, volume))],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            _log.warning("sound player %s cannot be started, nothing is heard: %s", self._player[0], error)
            self._player = ()
            return None
        self._running.append(process)
        return process

    def _file(self, sound: Sound, volume: int) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="station-sounds-")
        path = Path(self._folder.name) / f"{sound.value}-{volume}.wav"
        if not path.exists():
            write_tune(path, TUNES[sound], volume)
        return path

    def close(self) -> None:
        """Delete the sound files; a running player ends when its sound does."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
