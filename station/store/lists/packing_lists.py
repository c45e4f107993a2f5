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
        numbers, count = _numbers(item, scanned), self._queries.count_of_item(item.barcode)
        counted_on = count.key if count is not None else None
        # An item received for a list that was closed later still belongs to that list.
        lines = [
            line
            for line in self._queries.fitting_lines(item.barcode, item.purchase, numbers)
            if not line.closed or item.barcode in line.barcodes or line.key == counted_on
        ]
        if not lines:
            return self._missing(item)

        def rank(line: ListLine) -> tuple[bool, bool, bool, bool, bool]:
            return (
                line.key != counted_on,
                item.barcode not in line.barcodes,
                line.line.barcode != item.barcode,
                not (item.purchase and line.line.order_line == item.purchase),
                len(line.barcodes) >= line.line.quantity,
            )

        best = min(lines, key=rank)
        named = next((line.line for line in lines if line.line.barcode == item.barcode), None)
        invoiced = self._queries.replacement_price(item.barcode)
        is_other = named is not None and bool(named.numbers) and bool(numbers) and not numbers & set(named.numbers)
        return Receipt(
            listed=True,
            ordered=best.line.ordered,
            shipped=best.line.quantity,
            received=max(len(best.barcodes | {item.barcode}), best.counted),
            library=best.line.library,
            vendor=best.vendor,
            price=best.line.price,
            order_line=best.line.order_line,
            listed_barcode=count.listed_barcode if count is not None else best.line.barcode,
            other_title=named.title or named.numbers[0] if named is not None and is_other else "",
            key=best.key,
            invoiced_price="" if invoiced is None else f"{invoiced.amount} {invoiced.currency}",
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
