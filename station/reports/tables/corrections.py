"""Corrections and recheck orders as a table, and which of them a reader wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain.correction_states import CorrectionState, Recheck
from station.domain.corrections.correction import Brief, Entry
from station.domain.corrections.words import OVERDUE, headline, waits_for
from station.reports.tables.table import Column, Kind, Place, Table, table
from station.store.people.visibility import Visibility

_FILES: Final = Place.FILES
_TITLE: Final = Sentence("office.head.title")


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

    def wants(self, brief: Brief) -> bool:
        """Return True for a correction that is wanted, apart from when it was closed."""
        closed = brief.state == CorrectionState.CLOSED
        return (
            (not self.overdue or brief.overdue)
            and (not self.due_by or (not closed and "" < brief.due <= self.due_by))
            and (not self.owner or brief.owner.casefold() == self.owner.casefold())
            and (not self.barcode or brief.barcode == self.barcode)
            and (not self.kind or brief.kind == self.kind)
            and (not self.rule or brief.rule == self.rule)
            and (not self.rechecks or ((brief.kind, brief.state) in _RECHECKED and brief.recheck == Recheck.PERSON))
        )


_RECHECKED: Final = (("recheck", "open"), ("mend", "mended"))
"""Kinds and states that wait for a recheck."""
_BY: Final[dict[str, Callable[[Brief], str | int]]] = {
    "owner": lambda brief: brief.owner.casefold(),
    "age_days": lambda brief: -brief.opened,
    "due": lambda brief: brief.due,
    "item_title": lambda brief: brief.item_title.casefold(),
    "severity": lambda brief: brief.severity,
}


def ordered(briefs: Iterable[Brief], by: str) -> list[Brief]:
    """Return corrections sorted by a column that sorts, "-" before its key = downward; empty cells come last, equal ones
    follow their ids. With any other text: overdue ones first, then those of one owner together, the oldest first."""
    key = _BY.get(by.removeprefix("-"))
    if key is None:
        return sorted(briefs, key=lambda brief: (not brief.overdue, brief.owner.casefold(), brief.opened))
    by_id = sorted(briefs, key=lambda brief: brief.id)
    rows = sorted(
        (brief for brief in by_id if key(brief) != ""), key=lambda brief: _rank(key(brief)), reverse=by[0] == "-"
    )
    return [*rows, *(brief for brief in by_id if key(brief) == "")]


def _rank(value: str | int) -> tuple[int, str]:
    return (0, value) if isinstance(value, str) else (value, "")


def page(visibility: Visibility, briefs: Sequence[Brief], after: str, limit: int) -> Table:
    """Return the `limit` corrections that follow the one with id `after`; "" or an unknown one = the first ones."""
    first = next((at for at, brief in enumerate(briefs, 1) if after and brief.id == after), 0)
    shown = briefs[first : first + limit]
    more = first + limit < len(briefs)
    entries = visibility.corrections_named([brief.id for brief in shown])
    return msgspec.structs.replace(corrections(entries), next=shown[-1].id if more else "")


def corrections(entries: Sequence[Entry]) -> Table:
    """Return corrections, in the order of the entries."""
    return table(
        (
            Column("owner", Sentence("office.head.owner"), Kind.PERSON, sorts=True),
            Column("age_days", Sentence("office.head.days"), Kind.COUNT, sorts=True),
            Column("due", Sentence("office.head.due"), Kind.DAY, sorts=True),
            Column("overdue", Sentence("office.head.overdue"), Kind.FLAG, OVERDUE.key, only=_FILES, part_of="due"),
            Column("item_title", _TITLE, Kind.TITLE, sorts=True, leads_to="/items", leads_by="barcode"),
            Column("what", Sentence("office.head.wrong"), leads_to="/fix", leads_by="id"),
            Column("severity", Sentence("office.head.severity"), Kind.STATUS, "correction.list.severity", sorts=True),
            Column("waits_for", Sentence("office.head.waits-for")),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM, only=_FILES, part_of="item_title"),
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
            for entry in entries
        ],
    )
