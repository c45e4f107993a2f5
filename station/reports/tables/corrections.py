"""Corrections and recheck orders as a table, and which of them a reader wants."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from station.base.sentence import Sentence
from station.domain.correction_states import Recheck
from station.domain.corrections.correction import Entry
from station.domain.corrections.words import OVERDUE, headline, waits_for
from station.reports.tables.table import Column, Kind, Table, table


class CorrectionFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which corrections are wanted. An empty field wants all."""

    overdue: bool = False
    due_by: str = ""
    """Last due date (ISO 8601)."""
    owner: str = ""
    barcode: str = ""
    kind: str = ""
    """`CorrectionKind`."""
    rule: str = ""
    rechecks: bool = False
    """Only those that wait for another person's recheck."""
    closed_since: str = ""
    """Of the closed ones, those since this time (ISO 8601, UTC)."""

    def wants(self, entry: Entry) -> bool:
        """Return True for a correction that is wanted."""
        now = entry.correction
        return (
            (not self.overdue or entry.overdue)
            and (not self.due_by or (not entry.closed_at and "" < now.due <= self.due_by))
            and (not self.owner or now.owner.casefold() == self.owner.casefold())
            and (not self.barcode or now.barcode == self.barcode)
            and (not self.kind or now.kind.value == self.kind)
            and (not self.rule or now.rule == self.rule)
            and (not self.rechecks or _waits_for_person(entry))
            and (not entry.closed_at or entry.closed_at >= self.closed_since)
        )


def _waits_for_person(entry: Entry) -> bool:
    now = entry.correction
    waits = (now.kind.value, now.state.value) in (("recheck", "open"), ("mend", "mended"))
    return not entry.closed_at and now.recheck is Recheck.PERSON and waits


def corrections(entries: Sequence[Entry]) -> Table:
    """Return corrections: overdue ones first, then those of one owner together, the oldest first."""
    rows = sorted(entries, key=lambda entry: (not entry.overdue, entry.correction.owner.casefold(), entry.opened_at))
    return table(
        (
            Column("owner", Sentence("office.head.owner"), Kind.PERSON, sorts=True),
            Column("age_days", Sentence("office.head.days"), Kind.COUNT, sorts=True),
            Column("due", Sentence("office.head.due"), Kind.DAY, sorts=True),
            Column("overdue", Sentence("office.head.overdue"), Kind.FLAG, OVERDUE.key),
            Column("item_title", Sentence("office.head.title"), sorts=True),
            Column("what", Sentence("office.head.wrong")),
            Column("severity", Sentence("office.head.severity"), Kind.STATUS, "correction.list.severity", sorts=True),
            Column("waits_for", Sentence("office.head.waits-for")),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                entry.correction.owner,
                entry.age,
                entry.correction.due,
                entry.overdue,
                entry.correction.item_title,
                headline(entry),
                entry.correction.severity.value,
                waits_for(entry),
                entry.correction.barcode,
                entry.correction.id,
            )
            for entry in rows
        ],
    )
