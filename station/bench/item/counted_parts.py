"""Records with the number of parts that was counted at the bench, where the record has not changed since.

Every workflow asks here, so that a tag that was numbered "2 of 4" is not written back to "2 of 3" by the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from station.domain.events import SetClosed, SetOpened, SetSized
from station.domain.ports import Catalog
from station.domain.snapshot import Barcode, ItemRecord
from station.domain.workflows.sets import SetModel

if TYPE_CHECKING:
    from station.domain.ports.history import History, Logged


class Sized(msgspec.Struct, frozen=True):
    """What somebody said about a set, as the journal has it."""

    parts: int
    model: SetModel
    record_parts: int
    loose: int | None = None


def sized(told: Iterable[Logged]) -> Sized | None:
    """What the events of one set come to; None = nobody ever had it in hand."""
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
    """The item with as many parts as were counted at the bench, until its record says another number than it did then."""
    if said is None or said.record_parts != item.parts:
        return item
    tagged = 1 if said.model is SetModel.MAIN and said.parts > 1 else 0
    if (said.parts, tagged) == (item.parts, item.tagged):
        return item
    return msgspec.structs.replace(item, parts=said.parts, tagged=tagged)


class CountedCatalog:
    """`ports.Catalog` over another one."""

    def __init__(self, catalog: Catalog, history: History) -> None:
        self._catalog = catalog
        self._history = history

    def find(self, barcode: Barcode) -> ItemRecord:
        """See `ports.Catalog.find`."""
        return counted(self.record(barcode), self.said(barcode))

    def record(self, barcode: Barcode) -> ItemRecord:
        """As the record says. Raises what `find` raises."""
        return self._catalog.find(barcode)

    def said(self, barcode: Barcode) -> Sized | None:
        """What was said about the set at the bench; None = nothing."""
        return sized(self._history.of_set(barcode))
