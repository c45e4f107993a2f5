"""A descriptor of the operating system that does not block, serial port or socket: waited for until a deadline, no longer."""

from __future__ import annotations

import os
import select

from station.base.clock import Deadline


class Kernel:
    """What the operating system does with a descriptor; raises `OSError`."""

    def readable(self, line: int, seconds: float) -> bool:
        """True as soon as there is something to read (or the line has ended); False when there is nothing after `seconds`."""
        return bool(select.select([line], [], [], seconds)[0])

    def writable(self, line: int, seconds: float) -> bool:
        """The same for writing."""
        return bool(select.select([], [line], [], seconds)[1])

    def write(self, line: int, data: bytes) -> int:
        """How many of these bytes were taken, perhaps none."""
        try:
            return os.write(line, data)
        except BlockingIOError:
            return 0


def send(kernel: Kernel, line: int, data: bytes, deadline: Deadline) -> bool:
    """Write all of it. False when `line` has not taken all by the deadline; a part of it may have gone then. What is taken
    at once is written at any time: whether something may still be asked is the caller's to know."""
    while data:
        if not kernel.writable(line, deadline.remaining):
            return False
        taken = kernel.write(line, data)
        data = data[taken:]
        if not taken and deadline.expired:
            return False
    return True
