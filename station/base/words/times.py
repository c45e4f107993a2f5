"""Times of day as a language writes them ("2:05 PM")."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from station.base.local_time import local_moment
from station.base.words import tell

_HALVES: Final = ("page.before-noon", "page.after-noon")


def local_time(at: str) -> str:
    """Return the local time of a journaled one."""
    local = local_moment(at)
    return at[:16] if local is None else time_words(local)


def time_words(at: datetime) -> str:
    """Return a local time as the language writes it."""
    half = tell(_HALVES[at.hour >= 12])
    return tell("page.time", hour=at.hour % 12 or 12, minute=f"{at.minute:02}", half=half)


def time_cells() -> int:
    """Return the characters of the longest local time in the language."""
    return max(len(tell("page.time", hour=12, minute="00", half=tell(half))) for half in _HALVES)


def clock_words(clock: str) -> str:
    """Return a local time of day ("14:05") as the language writes it."""
    try:
        return time_words(datetime.strptime(clock, "%H:%M"))  # noqa: DTZ007 - a time of day without a date
    except ValueError:
        return clock


def local_day_and_time(at: str) -> str:
    """Return the local date and time of a journaled time ("Nov 6, 2026, 2:05 PM"). Each part is without line breaks."""
    local = local_moment(at)
    return at[:16] if local is None else tell("office.day-and-time", day=day_words(local), time=time_words(local))


def date_words(day: str) -> str:
    """Return a date (ISO 8601) as the language writes it."""
    try:
        return day_words(datetime.fromisoformat(day))
    except ValueError:
        return day


def day_words(at: datetime) -> str:
    """Return a local date as the language writes it ("Nov 6, 2026")."""
    return tell("office.day", month=tell(f"office.month.{at.month}"), day=at.day, year=at.year)
