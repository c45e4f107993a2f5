"""Pull lists and their lines, as tables."""

from __future__ import annotations

from collections.abc import Iterable

from station.base.sentence import Sentence
from station.domain.withdrawals.pull_list import PullListStanding, PullStanding
from station.reports.tables.table import Column, Kind, Place, Table, table

UNSEEN = "unseen"
"""Outcome of a line for which nobody looked yet."""


def pull_lists(rows: Iterable[PullListStanding]) -> Table:
    """Return pull lists, in this order."""
    return table(
        (
            Column(
                "name", Sentence("pull.head.name"), Kind.TITLE, sorts=True, leads_to="/withdrawals/lists", leads_by="id"
            ),
            Column("count", Sentence("pull.head.count"), Kind.COUNT, sorts=True),
            Column("unseen", Sentence("pull.head.unseen"), Kind.COUNT, sorts=True),
            Column("on_loan", Sentence("pull.head.on-loan"), Kind.COUNT, sorts=True),
            Column("withdrawn", Sentence("pull.head.withdrawn"), Kind.COUNT, sorts=True),
            Column("reason", Sentence("withdrawal.head.reason")),
            Column("destination", Sentence("withdrawal.head.destination")),
            Column("approver", Sentence("withdrawal.head.approver")),
            Column("since", Sentence("office.head.since"), Kind.TIME, sorts=True),
            Column("owner", Sentence("transfer.head.owner"), Kind.PERSON),
            Column("source", Sentence("pull.head.source"), only=Place.FILES),
            Column("closed_at", Sentence("pull.head.closed"), Kind.TIME, only=Place.FILES),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.name,
                row.count,
                row.unseen,
                row.on_loan,
                row.withdrawn,
                row.reason,
                row.destination,
                row.approver,
                row.imported_at,
                row.imported_by,
                row.source,
                row.closed_at,
                row.id,
            )
            for row in rows
        ],
        id_at=12,
    )


def pull_lines(rows: Iterable[PullStanding]) -> Table:
    """Return the lines of a pull list, in this order."""
    return table(
        (
            Column("call_number", Sentence("pull.head.call-number"), sorts=True),
            Column("title", Sentence("office.head.title"), sorts=True),
            Column("author", Sentence("pull.head.author")),
            Column("library", Sentence("pull.head.library"), sorts=True),
            Column("location", Sentence("pull.head.location"), sorts=True),
            Column("outcome", Sentence("pull.head.outcome"), Kind.STATUS, "pull.outcome"),
            Column("note", Sentence("pull.head.note")),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
            Column("withdrawal", Sentence("office.head.number"), Kind.CODE),
            Column("line", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.content.call_number,
                row.content.title or row.content.line,
                row.content.author,
                row.content.library,
                row.content.location,
                "recalled" if row.recalled else (row.outcome.value if row.outcome is not None else UNSEEN),
                row.note or row.content.note,
                row.content.barcode,
                row.withdrawal,
                row.content.line,
            )
            for row in rows
        ],
        id_at=9,
    )
