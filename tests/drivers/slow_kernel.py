"""An operating system in virtual time: a descriptor that gives nothing and takes little."""

from __future__ import annotations

from station.drivers.line.descriptor import Kernel
from tests.conftest import FakeClock


class SlowKernel(Kernel):
    """Kernel that never has bytes to read. Every `opens` seconds there is room for `takes` bytes."""

    def __init__(self, clock: FakeClock, opens: float = 0.01) -> None:
        self._clock = clock
        self.opens = opens
        self.takes = 0

    def readable(self, line: int, seconds: float) -> bool:
        self._clock.pause(seconds)
        return False

    def writable(self, line: int, seconds: float) -> bool:
        self._clock.pause(min(seconds, self.opens))
        return seconds >= self.opens

    def write(self, line: int, data: bytes) -> int:
        return min(self.takes, len(data))
