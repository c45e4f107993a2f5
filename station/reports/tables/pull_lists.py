"""Pull lists and their lines, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.base.settings.withdrawal import WithdrawalOptions
from station.domain.withdrawals.pull_list import PullListStanding, PullStanding
from station.reports.lateness import Lateness, days_since, lateness
from station.reports.tables.table import Column, Kind, Place, Table, table
from station.reports.tables.withdrawals import named

UNSEEN, RECALLED, WITHOUT = "unseen", "recalled", "without"
"""Outcomes of a line, besides those of `PullOutcome`: nobody looked yet; on loan, and a person recalled it; its item was
withdrawn although nobody found it."""
_WITHDRAWN: Final = "pull.is-withdrawn"
_BETWEEN: Final = " · "
LISTS = "/withdrawals/lists"
"""Folder of the pages of pull lists."""


class PullFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are wanted. An empty field wants all."""

    outcome: str = ""
    """As `outcome_of` returns it. `UNSEEN` wants all lines to look for."""
    place: tuple[str, str] | None = None
    """Library and location."""
    open: bool = False
    """Only lines whose item was not withdrawn."""

    def wants(self, line: PullStanding) -> bool:
        return (
            (self.outcome in ("", outcome_of(line)) or (self.outcome == UNSEEN and line.to_look_for))
            and (self.place is None or place_of(line) == self.place)
            and not (self.open and line.withdrawal)
        )


def outcome_of(line: PullStanding) -> str:
    """Return a line's outcome, `UNSEEN`, `RECALLED` or `WITHOUT`."""
    if line.recalled:
        return RECALLED
    if line.outcome is not None:
        return line.outcome.value
    return WITHOUT if line.withdrawal else UNSEEN


def place_of(line: PullStanding) -> tuple[str, str]:
    """Return library and location of a line."""
    return line.content.library, line.content.location


def place_words(place: tuple[str, str]) -> str:
    """Return library and location as people read them."""
    return _BETWEEN.join(filter(None, place))


def late(row: PullListStanding, options: WithdrawalOptions, now: str) -> Lateness:
    """Return how late a list is; one that does not wait is not. `now`: ISO 8601, UTC."""
    if not row.waits:
        return Lateness.IN_TIME
    return lateness(row.imported_at, now, options.amber_days, options.red_days)


def pull_lists(rows: Iterable[PullListStanding], options: WithdrawalOptions, now: str) -> Table:
    """Return pull lists, in this order. `now`: ISO 8601, UTC."""
    return table(
        (
            Column("name", Sentence("pull.head.name"), Kind.TITLE, sorts=True, leads_to=LISTS, leads_by="id"),
            Column("count", Sentence("pull.head.count"), Kind.COUNT, sorts=True),
            Column("unseen", Sentence("pull.head.unseen"), Kind.COUNT, sorts=True),
            Column("on_loan", Sentence("pull.head.on-loan"), Kind.COUNT, sorts=True),
            Column("withdrawn", Sentence("pull.head.withdrawn"), Kind.COUNT, sorts=True),
            Column("late", Sentence("withdrawal.head.late"), Kind.STATUS, "withdrawal.late", sorts=True),
            Column("days", Sentence("withdrawal.head.days"), Kind.COUNT, sorts=True),
            Column("reason_name", Sentence("withdrawal.head.reason")),
            Column("destination_name", Sentence("withdrawal.head.destination")),
            Column("owner", Sentence("office.head.owner"), Kind.PERSON),
            Column("approver", Sentence("withdrawal.head.approver"), only=Place.FILES),
            Column("since", Sentence("office.head.since"), Kind.TIME, only=Place.FILES),
            Column("source", Sentence("pull.head.source"), only=Place.FILES),
            Column("note", Sentence("pull.head.note"), only=Place.FILES),
            Column("closed_at", Sentence("pull.head.closed"), Kind.TIME),
            Column("reason", Sentence("withdrawal.head.reason"), Kind.CODE),
            Column("destination", Sentence("withdrawal.head.destination"), Kind.CODE),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.name,
                row.count,
                row.unseen,
                row.on_loan,
                row.withdrawn,
                late(row, options, now).value,
                days_since(row.imported_at, row.closed_at or now),
                named(row.reason, options.reasons),
                named(row.destination, options.destinations),
                row.imported_by,
                row.approver,
                row.imported_at,
                row.source,
                row.note,
                row.closed_at,
                row.reason,
                row.destination,
                row.id,
            )
            for row in rows
        ],
    )


def pull_lines(rows: Iterable[PullStanding], ident: str) -> Table:
    """Return the lines of the pull list with this id, in this order."""
    return table(
        (
            Column("call_number", Sentence("pull.head.call-number"), sorts=True),
            Column(
                "title",
                Sentence("office.head.title"),
                Kind.TITLE,
                sorts=True,
                leads_to=f"{LISTS}/{ident}/lines",
                leads_by="line",
            ),
            Column("author", Sentence("pull.head.author"), only=Place.FILES),
            Column("place", Sentence("pull.head.place"), only=Place.PAGES),
            Column("library", Sentence("pull.head.library"), sorts=True, only=Place.FILES, part_of="place"),
            Column("location", Sentence("pull.head.location"), sorts=True, only=Place.FILES, part_of="place"),
            Column("outcome", Sentence("pull.head.outcome"), Kind.STATUS, "pull.outcome", sorts=True),
            Column("by", Sentence("shipment.head.by"), Kind.PERSON),
            Column("at", Sentence("office.head.time"), Kind.TIME, only=Place.FILES),
            Column("note", Sentence("pull.head.note"), only=Place.FILES),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
            Column(
                "is_withdrawn",
                Sentence("pull.head.is-withdrawn"),
                Kind.FLAG,
                _WITHDRAWN,
                leads_to="/withdrawals",
                leads_by="withdrawal",
            ),
            Column("withdrawal", Sentence("office.head.number"), Kind.CODE),
            Column("line", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.content.call_number,
                row.content.title or row.content.line,
                row.content.author,
                place_words(place_of(row)),
                *place_of(row),
                outcome_of(row),
                row.by,
                row.at,
                row.note or row.content.note,
                row.content.barcode,
                bool(row.withdrawal),
                row.withdrawal,
                row.content.line,
            )
            for row in rows
        ],
    )
