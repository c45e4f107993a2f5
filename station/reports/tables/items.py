"""Items of a search as a table."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.domain.ports import Found
from station.reports.tables.table import Column, Kind, Table, table


def items(found: Found) -> Table:
    """Return the items that fit."""
    return table(
        (
            Column("title", Sentence("office.head.title"), Kind.TITLE, leads_to="/items", leads_by="barcode"),
            Column("author", Sentence("office.head.author")),
            Column("call_number", Sentence("office.head.call-number")),
            Column("which", Sentence("office.head.which")),
            Column("location", Sentence("office.head.location")),
            Column("state", Sentence("office.head.state"), Kind.STATUS, "item.state"),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
        ),
        [
            (
                item.title,
                item.author,
                item.call_number,
                Sentence.joined(item.which, between=" "),
                item.location,
                item.state,
                str(item.barcode),
            )
            for item in found.items
        ],
    )
