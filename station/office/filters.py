"""Filters of a list: parameters of its URL. Those that are set show above the table, and each can be taken off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from station.base.words import tell
from station.base.words.times import date_words

YES: Final = "1"


class Filter(msgspec.Struct, frozen=True):
    """One filter of a list."""

    name: str
    """Parameter of the URL."""
    label: str
    choices: Sequence[tuple[str, str]] | None = None
    """Values with their words; None = any text."""
    day: bool = False
    """The value is a local date (ISO 8601)."""

    def value(self, text: str) -> str:
        """Return the text of the parameter, or "" for one that is no value of this filter."""
        if self.day:
            return text if _day(text) is not None else ""
        return text if self.choices is None or text in dict(self.choices) else ""

    def words(self, value: str) -> str:
        """Return a value as a person reads it."""
        return date_words(value) if self.day else dict(self.choices or ()).get(value, value)


def only(name: str, label: str) -> Filter:
    """Return a filter that is set or not."""
    return Filter(name, label, ((YES, tell("office.filter.yes")),))


def period() -> tuple[Filter, Filter]:
    """Return the filters by first and last day."""
    return Filter("since", tell("office.filter.since"), day=True), Filter(
        "until", tell("office.filter.until"), day=True
    )


def begin_of(day: str, *, later: int = 0) -> str:
    """Return when a local day begins, or the day `later` days after it (ISO 8601, UTC); "" for ""."""
    begin = _day(day)
    return "" if begin is None else (begin + timedelta(days=later)).astimezone(UTC).isoformat(timespec="microseconds")


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - a local day
    except ValueError:
        return None
