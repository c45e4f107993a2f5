"""What the operator hears: each sound differs in rhythm and in pitch, so that it is known without looking.

Tones are made with the standard library and played through the audio device by a program that is started and never
waited for (`screen.sound_player`, else the first of `PLAYERS` on the PATH). The terminal's bell is no sound system and
never rings. What a sound says, the screen says too: `picture` draws it, and the band has its light, symbol and word.
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
"""Samples a second, 16 bits, one channel."""
_FADE: Final = 0.008
"""Seconds over which a note swells and fades, so that it does not click."""
_AT_ONCE: Final = 3
"""Players running at the same time; more would only pile up behind a blocked audio device."""
_STEP: Final = 0.1
"""Seconds of a cell in the picture of a sound."""

PLAYERS: Final = (("pw-play",), ("paplay",), ("aplay", "-q"))
"""Programs that play a WAV file, of PipeWire, PulseAudio and ALSA; the first that is there is taken."""

TUNES: Final[dict[Sound, tuple[tuple[float, float], ...]]] = {
    Sound.ACCEPTED: ((1318.5, 0.06),),
    Sound.GOOD: ((784.0, 0.11), (0.0, 0.03), (1046.5, 0.20)),
    Sound.WARNING: ((587.3, 0.28), (0.0, 0.18), (587.3, 0.28)),
    Sound.BAD: ((196.0, 0.12), (0.0, 0.06), (196.0, 0.12), (0.0, 0.06), (196.0, 0.12), (0.0, 0.06), (165.0, 0.30)),
}
"""Notes as (hertz, seconds); 0 hertz is a rest."""

_log = logging.getLogger(__name__)


def find_player(configured: tuple[str, ...] = (), which: Callable[[str], str | None] = shutil.which) -> tuple[str, ...]:
    """The program that plays, with its arguments; () = there is none. What the site names is taken as it is."""
    return configured or next((player for player in PLAYERS if which(player[0])), ())


def samples(notes: Sequence[tuple[float, float]], volume: int) -> array.array[int]:
    """Notes as 16-bit samples. `volume` 0 to 100; the amplitude grows with its square, as loudness is heard."""
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
    """The sound for the eyes: time from left to right, a block as high as its note, a gap for a rest."""
    bars = "▁▂▃▄▅▆▇█"
    drawn = []
    for hertz, seconds in TUNES.get(sound, ()):
        cells = max(1, round(seconds / _STEP))
        level = round(math.log2(hertz / 160) * (len(bars) - 1) / math.log2(1400 / 160)) if hertz else 0
        drawn.append(bars[level] * cells if hertz else " ")
    return "".join(drawn)


class Speaker:
    """Plays a sound and returns at once. `player`: the program and its arguments; () = nothing is heard."""

    def __init__(self, player: tuple[str, ...]) -> None:
        self._player = player
        self._running: list[subprocess.Popen[bytes]] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def player(self) -> str:
        """The program that plays; "" = there is none, or it could not be started."""
        return self._player[0] if self._player else ""

    def play(self, sound: Sound, volume: int) -> subprocess.Popen[bytes] | None:
        """Make one sound heard; None = nothing was started."""
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
        """Forget the tones; a player that still runs ends by itself."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
