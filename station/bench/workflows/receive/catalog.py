"""What the catalog at hand knows of a copy: the record of its number, and whether the title is here already."""

from __future__ import annotations

from typing import Final

from station.base.errors import StationError
from station.bench.item.titles import Titles
from station.bench.workflows.receive.rules import numbers_of
from station.domain.item import ItemRecord
from station.domain.packing_lists.packing_list import PackingLine
from station.domain.ports import CatalogSearch, Wanted
from station.domain.receiving.shipment import AddedCopy, Count, Shipment

_MOST: Final = 8
"""Items of a record that are looked at."""


class CopyCatalog:
    """Asks the catalog index only, never a library system: a count does not wait for another machine."""

    def __init__(self, search: CatalogSearch | None, titles: Titles) -> None:
        self._search = search
        self._titles = titles

    def record_of(self, isbn: str) -> ItemRecord | None:
        """Return the record that has this ISBN of 13 digits, as that of one of its items; None = none is known."""
        return next(iter(self._items(isbn)), None)

    def _items(self, isbn: str) -> list[ItemRecord]:
        """Return items with this ISBN; () if the index cannot be read, for the count does not need it."""
        if self._search is None:
            return []
        try:
            answer = self._search.search(Wanted(isbn=isbn), _MOST)
        except StationError:
            return []
        records = [self._titles.record(item.barcode) for item in answer.items]
        return [record for record in records if record is not None and isbn in record.isbns]

    def added(self, shipment: Shipment, count: Count, barcode: str, line: PackingLine | None) -> AddedCopy:
        """Return what figures ask about a copy that gets our barcode."""
        own = self._titles.record(barcode)
        isbn = next(iter(numbers_of(count.number) or (own.isbns if own is not None else ())), "")
        others = [item for item in (self._items(isbn) if isbn else []) if item.barcode != barcode]
        record = own if own is not None else next(iter(others), None)
        library = count.library or (own.library if own is not None else "")
        return AddedCopy(
            title=count.title or (record.title if record is not None else ""),
            record_id=record.record_id if record is not None else "",
            library=library,
            material=record.material if record is not None else "",
            fund=line.fund if line is not None else "",
            price=line.price if line is not None else "",
            vendor=shipment.vendor,
            order_line=count.order_line,
            title_effect=_title_effect(record, others, library) if isbn and self._search is not None else None,
        )


def _title_effect(record: ItemRecord | None, others: list[ItemRecord], library: str) -> int | None:
    """Return 0 if the library has another item of the record, 1 if the record has none there; None = the catalog does not
    know the record."""
    if record is None or not record.record_id:
        return None
    same = [item for item in others if item.record_id == record.record_id]
    return 0 if any(not library or not item.library or item.library == library for item in same) else 1
