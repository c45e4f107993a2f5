"""Times and dates as each language writes them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from station.base.words import Library, Session, open_session
from station.base.words.times import date_words, day_words, time_words


def test_a_time_and_a_date_follow_the_language_that_is_in_use_now(tmp_path: Path) -> None:
    at = datetime.fromisoformat("2026-11-06T14:05")
    try:
        open_session(Session(Library("en", tmp_path)))
        assert [time_words(at.replace(hour=hour, minute=minute)) for hour, minute in ((14, 5), (14, 6), (0, 5))] == [
            "2:05 PM",
            "2:06 PM",
            "12:05 AM",
        ]
        english = day_words(at)
        open_session(Session(Library("es", tmp_path)))
        assert time_words(at) != "2:05 PM"
        assert (english, day_words(at)) == ("Nov 6, 2026", "6 nov 2026")
        assert date_words("2026-11-07") == "7 nov 2026"
    finally:
        open_session(Session(Library("en", tmp_path)))
