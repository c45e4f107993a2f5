"""Journaled times (ISO 8601, UTC) for people: in the machine's own time zone."""

from __future__ import annotations

from datetime import datetime


def local_day(at: str) -> str:
    """Return the local date."""
    return _text(at)[:10]


def local_minute(at: str) -> str:
    """Return local date and time, to the minute."""
    return _text(at)[:16]


def is_today(at: str) -> bool:
    """Return True for a time of the current local day."""
    return local_day(at) == datetime.now().astimezone().isoformat()[:10]


def _text(at: str) -> str:
    local = local_moment(at)
    return at if local is None else local.isoformat(" ")


def local_moment(at: str) -> datetime | None:
    """Return the local time; None for an unreadable time of a damaged journal."""
    try:
        return datetime.fromisoformat(at).astimezone()
    except (ValueError, OverflowError):
        return None
