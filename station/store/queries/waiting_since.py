"""How long items, corrections and deliveries have waited, by the step of the work that is next."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from station.domain.status_board import Step
from station.store.database.database import Sql
from station.store.database.since import first_since

_STATEMENTS: Final = {
    Step.NO_VERDICT: "SELECT seq FROM unjudged ORDER BY seq",
    Step.TO_FIX: """SELECT opened_seq FROM corrections INDEXED BY corrections_waiting
        WHERE closed_seq IS NULL AND kind = 'mend' AND state <> 'mended'
        AND barcode NOT IN (SELECT value FROM json_each(:covered)) ORDER BY opened_seq""",
    Step.TO_RECHECK: """SELECT opened_seq FROM corrections INDEXED BY corrections_waiting
        WHERE closed_seq IS NULL AND (kind = 'recheck' OR (state = 'mended'
        AND barcode NOT IN (SELECT value FROM json_each(:covered)))) ORDER BY opened_seq""",
    Step.TO_CATALOG: "SELECT min(seq) FROM cataloging WHERE closed_seq IS NULL GROUP BY entry ORDER BY min(seq)",
    Step.TO_DECIDE: """SELECT event_seq FROM outbox
        WHERE state = 'parked' AND lane NOT IN (SELECT value FROM json_each(:covered)) ORDER BY event_seq""",
}
"""Numbers of the events since which something waits: times are in the events, which are large."""
_AT: Final = "SELECT at FROM events WHERE seq = ?"


class WaitingSince(msgspec.Struct, frozen=True):
    """What waits for one step."""

    counts: tuple[int, ...]
    """How much has waited since before the first time, since then but before the second, ..., since the last."""
    oldest: str = ""
    """Since when the oldest waits (ISO 8601, UTC); "" = nothing waits."""


def waiting(sql: Sql, covered: str, times: Sequence[str]) -> dict[Step, WaitingSince]:
    """Return what waits for each step, counted by times (ISO 8601, UTC) that ascend. `covered`: barcodes to leave out
    (JSON)."""
    bounds = [first_since(sql, at) for at in times]
    return {step: _counted(sql, statement, covered, bounds) for step, statement in _STATEMENTS.items()}


def _counted(sql: Sql, statement: str, covered: str, bounds: Sequence[int]) -> WaitingSince:
    values = {"covered": covered} if ":covered" in statement else {}
    numbers = [int(number) for (number,) in sql.execute(statement, values)]
    ends = [0, *(bisect_left(numbers, bound) for bound in bounds), len(numbers)]
    counts = tuple(end - begin for begin, end in pairwise(ends))
    return WaitingSince(counts, str(sql.execute(_AT, (numbers[0],)).fetchone()[0]) if numbers else "")
