"""Wait for a snapshot of the bench."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.clock import Clock, Deadline
from station.domain.snapshot import Snapshot

_LOOK_S: Final = 0.01
"""Between two looks, seconds."""


def until(
    now: Callable[[], Snapshot], clock: Clock, seconds: float, come: Callable[[Snapshot], bool]
) -> Snapshot | None:
    """The first snapshot that `come` is true of; None when that takes longer than so many seconds."""
    deadline = Deadline(clock, seconds)
    while not come(snapshot := now()):
        if deadline.expired:
            return None
        clock.pause(_LOOK_S)
    return snapshot
