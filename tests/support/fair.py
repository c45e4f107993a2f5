"""A real-time clock that allows for an emulator that gets no processor time on a busy machine.

A driver gives a reader a limited number of milliseconds. If the emulator that plays the reader is not scheduled in that
time, no program is at fault. Therefore this clock advances in small steps only, and before each step the emulator must
complete one pass of its loop and so process all that has arrived. A driver that waits for an answer that never arrives
still times out.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import BinaryIO

from station.base.clock import SystemClock

_PIECE_S = 0.05
"""Maximum number of seconds between two passes of the emulator: the time of one wait of a line (`line.descriptor`)."""
_AT_ONCE_S = 0.001
"""Two readings of the clock within this many seconds need no pass between them."""


class FairClock(SystemClock):
    """The clock of this module. It is thread-safe."""

    def __init__(self, *controls: str) -> None:
        """`controls`: paths of the emulators' control sockets; empty if the peer is a thread of this process."""
        self._lock = threading.Lock()
        self._turns: list[tuple[socket.socket, BinaryIO]] = []
        for path in controls:
            one = socket.socket(socket.AF_UNIX)
            one.connect(path)
            self._turns.append((one, one.makefile("rb")))
        self._at = self._seen = time.monotonic()

    def monotonic(self) -> float:
        with self._lock:
            passed = time.monotonic() - self._seen
            if passed > _AT_ONCE_S:
                self._turn()
                self._at += min(passed, _PIECE_S)
                self._seen = time.monotonic()
            return self._at

    def _turn(self) -> None:
        for asked, answers in self._turns:
            with contextlib.suppress(OSError):  # the emulator has ended: do not wait for it
                asked.sendall(b'{"do": "state"}\n')
                answers.readline()

    def close(self) -> None:
        """Close the connections. Call this before the emulator ends."""
        for asked, answers in self._turns:
            answers.close()
            asked.close()
