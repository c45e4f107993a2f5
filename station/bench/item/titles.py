"""Names of items in sentences: the title, by which a person recognizes the item; else what is known of it."""

from __future__ import annotations

from typing import Final

from station.base.cells import cut
from station.base.errors import StationError
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.events import ItemScanned, WithdrawalBegan
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import Catalog, History

LONGEST: Final = 40
"""Cells of a name; the sentences that quote it fit a screen of 80 columns."""


def name_of(item: ItemRecord) -> str:
    """Return the item's title, else its call number, else its barcode, cut to `LONGEST` cells."""
    known = (clean(text, 4 * LONGEST) for text in (item.title, item.call_number, item.barcode))
    return cut(next(filter(None, known), "?"), LONGEST)


def name_of_part(name: str, part: int, parts: int) -> Sentence:
    """Return the name of one part of a set; that of an item with one part is the item's."""
    return Sentence("fault.new.part", title=name, part=part, parts=parts) if parts > 1 else Sentence.verbatim(name)


class Titles:
    """Names of items that are not in hand. `records`: records at hand, without a question to a library system."""

    def __init__(self, records: Catalog, history: History) -> None:
        self._records = records
        self._history = history

    def of(self, barcode: str) -> str:
        """Return the item's name by its record, else by its newest scan at this station, else the barcode."""
        item = self.record(barcode)
        return name_of(item) if item is not None else cut(clean(barcode), LONGEST)

    def record(self, barcode: str) -> ItemRecord | None:
        """Return the item's record at hand, else that of its newest scan at this station; None = neither."""
        try:
            return self._records.find(Barcode(barcode))
        except StationError:
            scans = (entry.event for entry in reversed(self._history.about_item(barcode)))
            return next((event.item for event in scans if isinstance(event, ItemScanned | WithdrawalBegan)), None)
