"""The first event of a period, found without an index of times."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from station.store.database.since import first_since
from tests.support.for_each import for_each


@for_each(
    ("times", "since", "first"),
    [
        ((), "2026-12-01", 1),
        (("2026-11-30T09", "2026-11-30T10"), "2026-12-01", 3),
        (("2026-12-01T09", "2026-12-01T10"), "2026-12-01", 1),
        (("2026-11-30T09", "2026-12-01T09", "2026-12-01T09", "2026-12-01T10"), "2026-12-01T09", 2),
        (("1970-01-01T00", "2026-11-30T10", "2026-12-01T09"), "2026-12-01", 3),
    ],
)
def test_the_first_event_at_or_after_a_time(times: tuple[str, ...], since: str, first: int) -> None:
    with closing(sqlite3.connect(":memory:")) as sql:
        sql.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT)")
        sql.executemany("INSERT INTO events VALUES (?, ?)", enumerate(times, start=1))
        assert first_since(sql, since) == first


@for_each("number", range(1, 34))
def test_half_of_the_events_is_ruled_out_at_a_time(number: int) -> None:
    asked: list[str] = []
    with closing(sqlite3.connect(":memory:")) as sql:
        sql.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT)")
        sql.executemany("INSERT INTO events VALUES (?, ?)", ((seq, f"{seq:03}") for seq in range(1, 33)))
        sql.set_trace_callback(asked.append)
        assert first_since(sql, f"{number:03}") == number
    assert len(asked) <= 7
