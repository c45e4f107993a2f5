"""What a reader did in one session, as a table."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.domain.reader_health import ReaderHealth
from station.reports.tables.table import Column, Kind, Table, table


def operations(health: ReaderHealth | None) -> Table:
    """Return the operations with how often they were done and failed. None = no reader was ever used."""
    rows = () if health is None else health.operations
    return table(
        (
            Column("operation", Sentence("office.head.operation")),
            Column("done", Sentence("office.head.done"), Kind.COUNT),
            Column("failed", Sentence("office.head.failures"), Kind.COUNT),
        ),
        [(row.name, row.done, sum(row.errors.values())) for row in rows],
        id_at=0,
    )
