"""Times of day as a language writes them ("2:05 PM")."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Final

from station.base.local_time import local_moment
from station.base.words import active, tell
from station.base.words.catalogue import Catalogue

_HALVES: Final = ("page.before-noon", "page.after-noon")


def local_time(at: str) -> str:
    """Return the local time of a journaled one."""
    local = local_moment(at)
    return at[:16] if local is None else time_words(local)


def time_words(at: datetime) -> str:
    """Return a local time as the language writes it."""
    return _time_words(active(), at.hour, at.minute)


@lru_cache(maxsize=24 * 60)
def _time_words(_: Catalogue, hour: int, minute: int) -> str:
    """Return a time of day in the words of the catalog in use: a list has one in each line."""
    half = tell(_HALVES[hour >= 12])
    return tell("page.time", hour=hour % 12 or 12, minute=f"{minute:02}", half=half)


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
    return _day_words(active(), at.year, at.month, at.day)


@lru_cache(maxsize=512)
def _day_words(_: Catalogue, year: int, month: int, day: int) -> str:
    """Return a date in the words of the catalog in use: the lines of a list have few."""
    return tell("office.day", month=tell(f"office.month.{month}"), day=day, year=year)
