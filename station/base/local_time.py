"""Journaled times (ISO 8601, UTC) for people: in the machine's own time zone, and in the station's language."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from station.base.words import tell

_HALVES: Final = ("page.before-noon", "page.after-noon")


def local_day(at: str) -> str:
    """Return the local date."""
    return _text(at)[:10]


def local_minute(at: str) -> str:
    """Return local date and time, to the minute."""
    return _text(at)[:16]


def local_time(at: str) -> str:
    """Return the local time as the language writes it ("2:05 PM")."""
    local = _local(at)
    return at[:16] if local is None else time_words(local)


def is_today(at: str) -> bool:
    """Return True for a time of the current local day."""
    return local_day(at) == datetime.now().astimezone().isoformat()[:10]


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


def _text(at: str) -> str:
    local = _local(at)
    return at if local is None else local.isoformat(" ")


def _local(at: str) -> datetime | None:
    """Return the local time; None for an unreadable time of a damaged journal."""
    try:
        return datetime.fromisoformat(at).astimezone()
    except (ValueError, OverflowError):
        return None
