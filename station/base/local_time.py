"""Times as a wall clock shows them, in the station's language."""

from __future__ import annotations

from datetime import datetime

from station.base.words import tell


def time_words(at: datetime) -> str:
    """Return a local time as the language writes it ("2:05 PM")."""
    half = tell("page.before-noon") if at.hour < 12 else tell("page.after-noon")
    return tell("page.time", hour=at.hour % 12 or 12, minute=f"{at.minute:02}", half=half)


def local_time(at: str) -> str:
    """Return the local time of an instant (ISO 8601, UTC)."""
    return time_words(datetime.fromisoformat(at).astimezone())
