"""Times are local and people are named, whatever the journal holds."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from station.base.sentence import Sentence
from station.domain.ports import JournalRow
from station.tui.drawing.local import Local
from station.tui.pages.journal import journal_lines

NEW_YORK = timezone(timedelta(hours=-5))
LOCAL = Local(lambda: datetime(2026, 11, 24, 14, 5, tzinfo=NEW_YORK))
LOCAL.names = {"w-1": "Ann Quillfeather", "w-12": "another person"}


def row(seq: int, at: str, summary: str) -> JournalRow:
    return JournalRow(seq, at, "item-judged", Sentence.verbatim(summary))


def test_the_journal_has_local_times_under_local_dates_and_names() -> None:
    """The second event is of the evening before, although its UTC date is the same."""
    rows = (
        row(2, "2026-11-24T05:30:00.000000+00:00", "310 passed, by w-1"),
        row(1, "2026-11-24T01:30:00.000000+00:00", "Flag 5b1c goes to w-12; w-1x and xw-1 are no workers"),
    )
    lines, shown = journal_lines(rows, 80, 10, LOCAL)
    assert shown == 2 and [line.plain.rstrip() for line in lines] == [
        "2026-11-24",
        "12:30 AM  310 passed, by Ann Quillfeather",
        "2026-11-23",
        "8:30 PM   Flag 5b1c goes to another person; w-1x and xw-1 are no workers",
    ]


def test_an_event_that_does_not_fit_whole_begins_the_next_page() -> None:
    rows = tuple(row(seq, "2026-11-24T05:30:00.000000+00:00", "word " * 20) for seq in (2, 1))
    lines, shown = journal_lines(rows, 40, 5, LOCAL)
    assert (shown, len(lines)) == (1, 5)


def test_an_unreadable_time_is_shown_as_it_is() -> None:
    assert LOCAL.minute("yesterday evening") == "yesterday evenin"
