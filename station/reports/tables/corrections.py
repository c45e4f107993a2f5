"""Corrections and recheck orders as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from station.base.sentence import EMPTY, Sentence
from station.domain.corrections.correction import Entry
from station.domain.corrections.words import OVERDUE, headline, waits_for
from station.reports.tables.table import Column, Kind, Table, table


def corrections(entries: Sequence[Entry], names: Mapping[str, str]) -> Table:
    """Return corrections, those of one owner together, the oldest first. `names`: as for `cells.shown`."""
    ordered = sorted(entries, key=lambda entry: (not entry.overdue, entry.correction.owner.casefold(), entry.opened_at))
    return table(
        (
            Column("owner", Sentence("office.head.owner")),
            Column("age", Sentence("office.head.days"), Kind.COUNT),
            Column("due", Sentence("office.head.due"), Kind.DAY),
            Column("overdue", Sentence("office.head.overdue")),
            Column("title", Sentence("office.head.title")),
            Column("what", Sentence("office.head.wrong")),
            Column("severity", Sentence("office.head.severity"), Kind.STATUS, "correction.list.severity"),
            Column("waits_for", Sentence("office.head.waits-for")),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                names.get(entry.correction.owner, entry.correction.owner),
                entry.age,
                entry.correction.due,
                OVERDUE if entry.overdue else EMPTY,
                entry.correction.item_title,
                headline(entry),
                entry.correction.severity.value,
                waits_for(entry),
                entry.correction.barcode,
                entry.correction.id,
            )
            for entry in ordered
        ],
    )
