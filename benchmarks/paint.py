"""Key to paint: type the terminator of a scanner's burst into a real pty, and measure until the whole picture is
written.

The clock stops at the last byte of the picture: the chunk after which the terminal is quiet, once the scanned barcode
has appeared in the output. For comparison, a minimal Textual app (`paint_apps`) gets the same keys in alternation with
ours.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.report import Row, Section, duration, percentile
from station.catalog.sample.sample import numbered_barcode

SIZE: Final = (40, 120)
QUIET: Final = 0.04
"""Seconds without a byte after which a picture is complete."""
PATIENCE: Final = 20.0
"""Seconds after which the measurement fails."""
_APPS: Final = "benchmarks.paint_apps"
_ROOT: Final = Path(__file__).resolve().parent.parent


class Terminal:
    """`python -m MODULE ARGUMENTS` on its own pty."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TEXTUAL", "CI")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=_ROOT,
            env={**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        while self._process.poll() is None:
            self.take(0.05)
        os.close(self._master)

    @property
    def pid(self) -> int:
        """Process number."""
        return self._process.pid

    def scan(self, barcode: str) -> float:
        """Type a burst; return the seconds from its terminator to the last byte that it paints."""
        self.type(barcode.encode())
        self._drain()
        began = time.perf_counter()
        self.type(b"\r")
        return self.until(barcode.encode()) - began

    def until(self, text: bytes) -> float:
        """Return the time of the last byte of the picture that contains `text`."""
        seen = bytearray()
        end = time.perf_counter() + PATIENCE
        while text not in seen:
            seen += self.take(0.5)
            if time.perf_counter() > end:
                raise RuntimeError(f"never painted: {text!r}; the end was {bytes(seen[-300:])!r}")
        last = time.perf_counter()
        while self.take(QUIET):
            last = time.perf_counter()
        return last

    def _drain(self) -> None:
        while self.take(QUIET):
            pass

    def type(self, keys: bytes) -> None:
        """Send bytes as if typed."""
        os.write(self._master, keys)

    def take(self, seconds: float) -> bytes:
        """Return the next bytes, or none after so many seconds."""
        if not select.select([self._master], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self._master, 65536)
        except OSError:
            return b""


def section(keys: int) -> Section:
    """Type this many bursts into each app, in alternation."""
    own: list[float] = []
    other: list[float] = []
    with Terminal(_APPS, "station") as station, Terminal(_APPS, "minimal") as minimal:
        station.until(b"Scan a barcode")
        minimal.until(b"ready")
        for number in range(1, keys + 11):
            barcode = numbered_barcode(number)
            own.append(station.scan(barcode))
            other.append(minimal.scan(barcode))
    own, other = own[10:], other[10:]  # the first ten are a warm-up
    rows = []
    figures = {}
    for percent in (50, 99):
        mine, beside = percentile(own, percent), percentile(other, percent)
        figures[f"station p{percent} ms"] = mine * 1e3
        figures[f"minimal app p{percent} ms"] = beside * 1e3
        rows.append(
            Row(
                what=f"terminator to painted, p{percent}",
                value=duration(mine),
                beside=duration(beside),
                ratio=mine / beside,
            )
        )
    return Section(
        title="5. Key to paint",
        how=f"{keys} bursts, real pty {SIZE[1]} x {SIZE[0]}, every burst another item; beside: a Textual app of one Static",
        rows=tuple(rows),
        figures=figures,
    )
