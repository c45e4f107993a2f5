"""How late an unfinished withdrawal is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class Lateness(StrEnum):
    """What the age of a withdrawal means."""

    IN_TIME = "in-time"
    AMBER = "amber"
    RED = "red"


def lateness(since: str, now: str, amber_days: int, red_days: int) -> Lateness:
    """Return how late a withdrawal is of which the age counts from `since`. `since`, `now`: ISO 8601, UTC."""
    days = days_since(since, now)
    if days >= red_days:
        return Lateness.RED
    return Lateness.AMBER if days >= amber_days else Lateness.IN_TIME


def days_since(since: str, now: str) -> int:
    """Return the whole days between two times (ISO 8601, UTC); 0 if one is not known."""
    if not since or not now:
        return 0
    return max(0, (datetime.fromisoformat(now) - datetime.fromisoformat(since)).days)
