"""Records with the number of parts that was counted at the bench, where the record has not changed since.

Every workflow asks here, so that a tag that was numbered "2 of 4" is not written back to "2 of 3" by the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.bench.workflows.sets.rules import Sized, counted, sized
from station.domain.ports import Catalog
from station.domain.snapshot import Barcode, ItemRecord

if TYPE_CHECKING:
    from station.domain.ports.history import Chronicle


class CountedCatalog:
    """`ports.Catalog` over another one."""

    def __init__(self, catalog: Catalog, chronicle: Chronicle) -> None:
        self._catalog = catalog
        self._chronicle = chronicle

    def find(self, barcode: Barcode) -> ItemRecord:
        """See `ports.Catalog.find`."""
        return counted(self.record(barcode), self.said(barcode))

    def record(self, barcode: Barcode) -> ItemRecord:
        """As the record says. Raises what `find` raises."""
        return self._catalog.find(barcode)

    def said(self, barcode: Barcode) -> Sized | None:
        """What was said about the set at the bench; None = nothing."""
        return sized(self._chronicle.of_set(barcode))
