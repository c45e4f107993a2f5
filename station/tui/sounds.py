"""What the operator hears: each sound differs in rhythm and in pitch, so that it is known without looking.

Tones are made with the standard library and played by the configured program (`screen.sound_player`), which is started
and never waited for. Without one, or when it cannot be started, the terminal's bell rings in the sound's rhythm.
"""

from __future__ import annotations

import array
import logging
import math
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from station.model import Sound

RATE: Final = 22_050
"""Samples a second, 16 bits, one channel."""
_LOUDNESS: Final = 0.45
_FADE: Final = 0.008
"""Seconds over which a note swells and fades, so that it does not click."""
_AT_ONCE: Final = 3
"""Players running at the same time; more would only pile up behind a blocked audio device."""

TUNES: Final[dict[Sound, tuple[tuple[float, float], ...]]] = {
    Sound.ACCEPTED: ((1318.5, 0.06),),
    Sound.GOOD: ((784.0, 0.11), (0.0, 0.03), (1046.5, 0.20)),
    Sound.WARNING: ((587.3, 0.28), (0.0, 0.18), (587.3, 0.28)),
    Sound.BAD: ((196.0, 0.12), (0.0, 0.06), (196.0, 0.12), (0.0, 0.06), (196.0, 0.12), (0.0, 0.06), (165.0, 0.30)),
}
"""Notes as (hertz, seconds); 0 hertz is a rest."""

BELLS: Final[dict[Sound, tuple[float, ...]]] = {
    Sound.ACCEPTED: (0.0,),
    Sound.GOOD: (0.0, 0.15),
    Sound.WARNING: (0.0, 0.5),
    Sound.BAD: (0.0, 0.2, 0.4, 0.6),
}
"""The same rhythm for the bell: seconds after the start."""

_log = logging.getLogger(__name__)


def write_tune(path: Path, notes: Sequence[tuple[float, float]]) -> None:
    """Write notes as a WAV file."""
    samples = array.array("h")
    for hertz, seconds in notes:
        count = int(seconds * RATE)
        for index in range(count):
            at = index / RATE
            swell = min(1.0, at / _FADE, (seconds - at) / _FADE)
            tone = math.sin(2 * math.pi * hertz * at) + 0.25 * math.sin(6 * math.pi * hertz * at)
            samples.append(int(32767 * _LOUDNESS * 0.8 * swell * tone))
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


class Speaker:
    """Plays a sound and returns at once. `bell` rings once; `later` calls back after so many seconds."""

    def __init__(
        self,
        player: tuple[str, ...],
        bell: Callable[[], object],
        later: Callable[[float, Callable[[], object]], object],
    ) -> None:
        self._player = player
        self._bell = bell
        self._later = later
        self._running: list[subprocess.Popen[bytes]] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def play(self, sound: Sound) -> None:
        """Make one sound heard."""
        if sound is Sound.NONE:
            return
        if not (self._player and self._started(sound)):
            for seconds in BELLS[sound]:
                if seconds:
                    self._later(seconds, self._bell)
                else:
                    self._bell()

    def close(self) -> None:
        """Forget the tones; a player that still runs ends by itself."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _started(self, sound: Sound) -> bool:
        self._running = [process for process in self._running if process.poll() is None]
        if len(self._running) >= _AT_ONCE:
            return False
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="station-sounds-")
            path = Path(self._folder.name) / f"{sound.value}.wav"
            if not path.exists():
                write_tune(path, TUNES[sound])
            self._running.append(
                subprocess.Popen(
                    [*self._player, str(path)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
        except OSError as error:
            _log.warning("sound player %s cannot be started, the bell rings instead: %s", self._player[0], error)
            self._player = ()
            return False
        return True
