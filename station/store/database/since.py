"""Where a period begins among the events, without an index of times: it would take as much room as a tenth of the
events."""

from __future__ import annotations

from typing import Final

from station.store.database.database import Sql

_LAST: Final = "SELECT coalesce(max(seq), 0) FROM events"
_AT: Final = "SELECT at FROM events WHERE seq >= ? ORDER BY seq LIMIT 1"


def first_since(sql: Sql, since: str) -> int:
    """Return the number of the first event at or after `since` (ISO 8601, UTC); one more than the last if there is none.
    Times ascend, so half of the events is ruled out at a time. After the clock was set back, the order of events counts,
    not their times: every later event belongs to the period."""
    low, high = 1, int(sql.execute(_LAST).fetchone()[0]) + 1
    while low < high:
        middle = (low + high) // 2
        if str(sql.execute(_AT, (middle,)).fetchone()[0]) >= since:
            high = middle
        else:
            low = middle + 1
    return low
