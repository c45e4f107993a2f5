"""The deletion watch as a table."""

from __future__ import annotations

from collections.abc import Sequence

from station.base.sentence import Sentence
from station.domain.deliveries.delivery import system_word
from station.domain.withdrawals.deletion_watch import WatchRow
from station.reports.tables.table import Column, Kind, Table, table


def deletion_watch(rows: Sequence[WatchRow]) -> Table:
    """Return items that are in only one of library system and journal, in this order."""
    return table(
        (
            Column("title", Sentence("office.head.title"), Kind.TITLE, sorts=True),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM, sorts=True),
            Column("kind", Sentence("watch.head.kind"), Kind.STATUS, "watch.kind", sorts=True),
            Column("says", Sentence("watch.head.source"), sorts=True),
            Column("as_of", Sentence("watch.head.as-of"), Kind.TIME, sorts=True),
            Column("source", Sentence("watch.head.source"), Kind.CODE),
            Column("withdrawal", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.title or row.barcode,
                row.barcode,
                row.kind.value,
                Sentence("watch.source.catalog") if row.source == "catalog" else system_word(row.source),
                row.as_of,
                row.source,
                row.withdrawal,
            )
            for row in rows
        ],
        id_at=1,
    )
