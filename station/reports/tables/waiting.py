"""What waits for each step of the work, by age, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from station.base.sentence import Sentence
from station.domain.status_board import Ages
from station.reports.tables.table import Column, Kind, Table, table


def waiting(ages: Sequence[Ages]) -> Table:
    """Return the steps with how many wait for them."""
    return table(
        (
            Column("step", Sentence("office.head.waiting"), Kind.STATUS, "board.step"),
            Column("today", Sentence("board.age.today"), Kind.COUNT),
            Column("days_1_3", Sentence("board.age.days-1-3"), Kind.COUNT),
            Column("days_4_7", Sentence("board.age.days-4-7"), Kind.COUNT),
            Column("older", Sentence("board.age.older"), Kind.COUNT),
            Column("oldest", Sentence("board.age.oldest"), Kind.TIME),
        ),
        [(row.step.value, row.today, row.days_1_3, row.days_4_7, row.older, row.oldest) for row in ages],
        id_at=0,
    )
