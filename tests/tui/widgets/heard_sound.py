"""The sound of a WAV file, measured from its samples (RIFF/WAVE, PCM, 16 bits, little-endian).

Nothing here is taken from the program. The file is read by its bytes, the pitch is the strongest line of a Fourier
transform, and a note is where the envelope is above a tenth of its peak.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Note(NamedTuple):
    start: float
    seconds: float
    hertz: float


def read_wav(data: bytes) -> tuple[int, np.ndarray]:
    """Return rate and samples; check every field of the header against the format."""
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WAVE"
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    at, rate, samples = 12, 0, np.zeros(0)
    while at < len(data):
        kind, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        body = data[at + 8 : at + 8 + size]
        if kind == b"fmt ":
            form, channels, rate, per_second, align, bits = struct.unpack("<HHIIHH", body[:16])
            assert (form, channels, bits, align) == (1, 1, 16, 2)
            assert per_second == rate * 2
        elif kind == b"data":
            samples = np.frombuffer(body, dtype="<i2").astype(float)
        at += 8 + size + size % 2
    return rate, samples


def notes(path: Path) -> list[Note]:
    """Return the notes that a listener hears: start, length and pitch."""
    rate, samples = read_wav(path.read_bytes())
    window = rate // 200  # 5 ms
    blocks = np.abs(samples[: len(samples) // window * window]).reshape(-1, window).max(axis=1)
    loud = blocks > blocks.max() / 10
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False])).astype(int)))
    found: list[Note] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        piece = samples[start * window : end * window]
        found.append(Note(start * window / rate, (end - start) * window / rate, pitch(piece, rate)))
    return found


def pitch(piece: np.ndarray, rate: int) -> float:
    """Return the strongest line of the spectrum in hertz."""
    size = 1 << 16
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), size))
    return float(np.argmax(spectrum) * rate / size)


def loudness(path: Path) -> float:
    """Return the root mean square of the samples."""
    _, samples = read_wav(path.read_bytes())
    return float(np.sqrt(np.mean(samples**2)))
