"""Decide whether an input comes too soon. One guard serves taps, keys, the foot switch and command barcodes; scans of
items never pass through it.

* After every change of the question no input counts for `DEAF_S`, wherever it lands: it was meant for the question
  before. The question changes with the state of the work, with the screen on top, and with what the buttons do.
* A second tap at nearly the same spot within `DOUBLE_TAP` seconds belongs to the first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

DEAF_S: Final = 0.7
"""Seconds after a change of the question in which no input counts. Longer than the slowest double tap that was seen
(0.53 s), and as long as a person needs to see that the screen has changed."""
DOUBLE_TAP: Final = 0.35
"""Seconds within which a second tap at the same spot belongs to the first."""
SPOT: Final = (8, 3)
"""Maximum distance (columns, rows) between the two halves of a double tap."""


class TapGuard:
    """Drops inputs that come too soon. `clock` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.on_change: Callable[[], None] = lambda: None
        """Called when the question has changed, to show that the buttons sleep."""
        self._changed = float("-inf")
        self._last: tuple[float, int, int] | None = None

    def question_changed(self) -> None:
        """Begin to ignore inputs."""
        self._changed = self.clock()
        self.on_change()

    @property
    def deaf_s(self) -> float:
        """Seconds until inputs count; 0 = they count now."""
        return max(0.0, self._changed + DEAF_S - self.clock())

    def accepts(self, column: int, row: int, *, answers: bool = True) -> bool:
        """True if this tap counts. `answers`: False for the demo's hands, which answer no question."""
        now = self.clock()
        if answers and now < self._changed + DEAF_S:
            return False
        if self._last is not None:
            then, x, y = self._last
            if now - then < DOUBLE_TAP and abs(column - x) <= SPOT[0] and abs(row - y) <= SPOT[1]:
                return False
        self._last = (now, column, row)
        return True
