"""Since when each item, correction and delivery waits, by the step of the work that is next."""

from __future__ import annotations

from typing import Final

from station.domain.status_board import Step
from station.store.database.database import Sql

_STATEMENTS: Final = {
    Step.NO_VERDICT: "SELECT e.at FROM unjudged u JOIN events e ON e.seq = u.seq ORDER BY u.seq",
    Step.TO_FIX: """SELECT e.at FROM corrections c JOIN events e ON e.seq = c.opened_seq
        WHERE c.closed_seq IS NULL AND c.kind = 'mend' AND c.state <> 'mended'
        AND c.barcode NOT IN (SELECT value FROM json_each(:covered)) ORDER BY c.opened_seq""",
    Step.TO_RECHECK: """SELECT e.at FROM corrections c JOIN events e ON e.seq = c.opened_seq
        WHERE c.closed_seq IS NULL AND (c.kind = 'recheck' OR (c.state = 'mended'
        AND c.barcode NOT IN (SELECT value FROM json_each(:covered)))) ORDER BY c.opened_seq""",
    Step.TO_CATALOG: """SELECT min(e.at) FROM cataloging c JOIN events e ON e.seq = c.seq
        WHERE c.closed_seq IS NULL GROUP BY c.entry ORDER BY min(c.seq)""",
    Step.TO_DECIDE: """SELECT e.at FROM outbox o JOIN events e ON e.seq = o.event_seq
        WHERE o.state = 'parked' AND o.lane NOT IN (SELECT value FROM json_each(:covered)) ORDER BY o.event_seq""",
}


def waiting(sql: Sql, covered: str) -> dict[Step, tuple[str, ...]]:
    """Return the times (ISO 8601, UTC) for each step, oldest first. `covered`: barcodes to leave out (JSON)."""
    return {
        step: tuple(
            str(at) for (at,) in sql.execute(statement, {"covered": covered} if ":covered" in statement else {})
        )
        for step, statement in _STATEMENTS.items()
    }
