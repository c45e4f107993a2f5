"""Waiting on a non-blocking file descriptor (serial port or socket), no longer than until a deadline.

An answer is awaited in pieces, and the deadline's own clock decides when the time is over. In one long wait the kernel's
time would decide, also with a clock that stands still while the other side gets no processor time.
"""

from __future__ import annotations

import os
import select
from typing import Final

from station.base.clock import Deadline

_PIECE_S: Final = 0.05
"""Seconds of one wait of the kernel."""


class Kernel:
    """The operating system's calls on a descriptor. They raise `OSError`."""

    def readable(self, line: int, seconds: float) -> bool:
        """Return True as soon as there is something to read or the line has ended; False after `seconds` without
        either."""
        return bool(select.select([line], [], [], seconds)[0])

    def writable(self, line: int, seconds: float) -> bool:
        """Return True as soon as the line accepts bytes or has ended; False after `seconds` without either."""
        return bool(select.select([], [line], [], seconds)[1])

    def write(self, line: int, data: bytes) -> int:
        """Return how many of the bytes were accepted; this can be 0."""
        try:
            return os.write(line, data)
        except BlockingIOError:
            return 0


def arrives(kernel: Kernel, line: int, deadline: Deadline) -> bool:
    """Return True as soon as there is something to read or the line has ended; False if neither by the deadline. Bytes
    that are there already count also after the deadline."""
    while not kernel.readable(line, min(deadline.remaining, _PIECE_S)):
        if deadline.expired:
            return False
    return True


def send(kernel: Kernel, line: int, data: bytes, deadline: Deadline) -> bool:
    """Write all bytes. Return False if `line` has not accepted all of them by the deadline; a part may then have been
    sent. Bytes that are accepted at once are written even after the deadline: the caller decides whether a request may
    be sent."""
    while data:
        if not kernel.writable(line, deadline.remaining):
            return False
        taken = kernel.write(line, data)
        data = data[taken:]
        if not taken and deadline.expired:
            return False
    return True
