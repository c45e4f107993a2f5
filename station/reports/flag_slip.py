"""The slip that stays in an item until the item is fixed: its open corrections, owners and due dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from station.base.local_time import local_day
from station.base.words import tell
from station.domain.corrections.correction import Entry
from station.domain.events import CorrectionOpened
from station.domain.finding_words import reason_of
from station.domain.item import Barcode, ItemRecord
from station.printing import content
from station.printing.content import Content, Wrong
from station.store.queries.queries import Queries


def slip(queries: Queries, waiting: Sequence[Entry], names: Mapping[str, str]) -> Content:
    """Return the slip of an item with these open corrections, the oldest first. `queries`: of the viewer."""
    barcode = waiting[0].correction.barcode
    judged = None if barcode in queries.covered() else queries.last_judged(barcode)
    item = ItemRecord(barcode=Barcode(barcode), title=waiting[0].correction.item_title)
    if judged is not None:
        item = judged.event.item
    wrong = [
        Wrong(
            tell(entry.correction.heading),
            "; ".join(part for part in (_reason(entry), tell("label.due", day=entry.correction.due)) if part),
            names.get(entry.correction.owner, entry.correction.owner),
        )
        for entry in waiting
    ]
    return content.flag(item, item.label_lines, wrong, "", local_day(waiting[0].opened_at))


def _reason(entry: Entry) -> str:
    """Return the reason of the newest report."""
    reports = [step.event for step in entry.steps if isinstance(step.event, CorrectionOpened)]
    return tell(reason_of(reports[-1].reason)) if reports else ""
