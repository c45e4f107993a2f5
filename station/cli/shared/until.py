"""Wait for a snapshot of the bench."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.clock import Clock, Deadline
from station.domain.snapshot import Snapshot

_LOOK_S: Final = 0.01
"""Seconds between two looks."""


def until(
    now: Callable[[], Snapshot], clock: Clock, seconds: float, come: Callable[[Snapshot], bool]
) -> Snapshot | None:
    """Return the first snapshot for which `come` is true; None after `seconds`."""
    deadline = Deadline(clock, seconds)
    while not come(snapshot := now()):
        if deadline.expired:
            return None
        clock.pause(_LOOK_S)
    return snapshot
