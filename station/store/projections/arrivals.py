"""Items judged per packing-list line: a projection of `ItemJudged.receipt`. An item counts once."""

from __future__ import annotations

from typing import Final

from station.domain import events as ev
from station.domain.packing_lists.packing_list import LineKey
from station.store.database.database import Sql


def apply(sql: Sql, seq: int, event: ev.ItemJudged) -> None:
    """Bring the table up to date with one event."""
    if event.receipt is not None:
        sql.execute(
            "INSERT INTO arrivals (list, line, barcode, seq) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (event.receipt.list, event.receipt.line, event.barcode, seq),
        )


def forget(sql: Sql) -> None:
    """Empty the table before it is rebuilt."""
    sql.execute("DELETE FROM arrivals")


ROWS: Final = {"arrivals": "SELECT * FROM arrivals ORDER BY list, line, barcode"}
"""The table's rows in a fixed order, for comparison."""


def of(sql: Sql, key: LineKey) -> frozenset[str]:
    """Return the barcodes received for a line."""
    rows = sql.execute("SELECT barcode FROM arrivals WHERE list = ? AND line = ?", (key.list, key.line))
    return frozenset(str(row[0]) for row in rows)
