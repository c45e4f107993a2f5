"""Packing lists at the bench: which line an item belongs to, by the lists in the journal.

A list that is imported while the station runs applies from the next item on.
"""

from __future__ import annotations

from station.acquisitions.packing_lists import number_of
from station.base.settings import Receiving
from station.domain.item import ItemRecord
from station.domain.packing_lists.packing_list import ListLine, Receipt
from station.store.queries.queries import Queries


class PackingLists:
    """Implements `domain.ports.PackingLists` over the journal. Any thread may call it."""

    def __init__(self, queries: Queries, settings: Receiving) -> None:
        self._queries = queries
        self._settings = settings

    def receipt(self, item: ItemRecord, scanned: str = "") -> Receipt | None:
        """Implement `domain.ports.PackingLists.receipt`. Raises `StoreError`."""
        if not self._queries.exists:
            return None
        # An item received for a list that was closed later still belongs to that list.
        lines = [
            line
            for line in self._queries.fitting_lines(item.barcode, item.purchase, _numbers(item, scanned))
            if not line.closed or item.barcode in line.barcodes
        ]
        if not lines:
            return self._missing(item)

        def rank(line: ListLine) -> tuple[bool, bool, bool, bool]:
            return (
                item.barcode not in line.barcodes,
                line.line.barcode != item.barcode,
                not (item.purchase and line.line.order_line == item.purchase),
                len(line.barcodes) >= line.line.quantity,
            )

        best = min(lines, key=rank)
        return Receipt(
            listed=True,
            ordered=best.line.ordered,
            shipped=best.line.quantity,
            received=len(best.barcodes | {item.barcode}),
            library=best.line.library,
            vendor=best.vendor,
            price=best.line.price,
            order_line=best.line.order_line,
            key=best.key,
        )

    def _missing(self, item: ItemRecord) -> Receipt | None:
        """Return a receipt for an item that is on no open list, if the settings expect it on one."""
        expect = self._settings.expect_listed
        if expect == "never":
            return None
        known = {vendor.casefold() for vendor in self._queries.open_vendors()}
        known.update(*(vendor.known_as for vendor in self._queries.vendors() if vendor.known_as & known))
        due = expect == "always" or (item.vendor and item.vendor.casefold() in known)
        return Receipt(listed=False, vendor=item.vendor) if due and known else None


def _numbers(item: ItemRecord, scanned: str) -> frozenset[str]:
    """Return all numbers of an item in the form of the lists."""
    others = item.marc.other_numbers if item.marc is not None else ()
    return frozenset((*item.isbns, *others, *((number_of(scanned),) if scanned else ()))) - {""}
