"""Item records with the number of parts that was counted at the bench, if the record has not changed since.

Every workflow uses these records, so that no workflow rewrites a tag numbered "2 of 4" as "2 of 3".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from station.domain.events import SetClosed, SetOpened, SetSized
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import Catalog
from station.domain.workflows import SetModel

if TYPE_CHECKING:
    from station.domain.ports import History, Logged


class Sized(msgspec.Struct, frozen=True):
    """Size of a set as counted at the bench, from the journal."""

    parts: int
    model: SetModel
    record_parts: int
    loose: int | None = None


def sized(told: Iterable[Logged]) -> Sized | None:
    """Return the size that the events of one set establish; None = the set was never in hand."""
    now: Sized | None = None
    for one in told:
        match one.event:
            case SetOpened(parts=parts, model=model, record_parts=record):
                now = Sized(parts, model, record, now.loose if now is not None else None)
            case SetSized(parts=parts, model=model, record_parts=record):
                now = Sized(parts, model, record, now.loose if now is not None else None)
            case SetClosed(parts=parts, model=model, record_parts=record, loose=loose):
                now = Sized(parts, model, record, loose)
    return now


def counted(item: ItemRecord, said: Sized | None) -> ItemRecord:
    """Return the item with the parts counted at the bench, unless its record's number of parts has changed since."""
    if said is None or said.record_parts != item.parts:
        return item
    tagged = 1 if said.model is SetModel.MAIN and said.parts > 1 else 0
    if (said.parts, tagged) == (item.parts, item.tagged):
        return item
    return msgspec.structs.replace(item, parts=said.parts, tagged=tagged)


class CountedCatalog:
    """Implements `ports.Catalog` over another catalog."""

    def __init__(self, catalog: Catalog, history: History) -> None:
        self._catalog = catalog
        self._history = history

    def find(self, barcode: Barcode) -> ItemRecord:
        return counted(self.record(barcode), self.said(barcode))

    def record(self, barcode: Barcode) -> ItemRecord:
        """Return the item as the record describes it. Raises the errors of `find`."""
        return self._catalog.find(barcode)

    def said(self, barcode: Barcode) -> Sized | None:
        """Return the size of the set as counted at the bench; None = not counted."""
        return sized(self._history.of_set(barcode))
