"""Real time that is fair to an emulator on a busy machine.

A driver gives a reader so many milliseconds. Where the emulator that plays the reader is not given the processor in that
time, nothing is wrong with anybody. So time passes here in small pieces only, and before each of them the emulator has gone
around its loop once, which is to say: it has done what had arrived. A test that waits in vain waits as long as ever.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import BinaryIO

from station.base.clock import SystemClock

_PIECE_S = 0.05
"""The most that passes between two turns of the emulator: what the serial line waits at once."""
_AT_ONCE_S = 0.001
"""Looks at the clock that lie so close together need no turn in between."""


class FairClock(SystemClock):
    """See the module. Safe for threads."""

    def __init__(self, *controls: str) -> None:
        """`controls`: paths of the emulators' control sockets; none for a peer that is a thread of this process."""
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
            with contextlib.suppress(OSError):  # it has ended: nobody is waited for
                asked.sendall(b'{"do": "state"}\n')
                answers.readline()

    def close(self) -> None:
        """Before the emulator ends."""
        for asked, answers in self._turns:
            answers.close()
            asked.close()
