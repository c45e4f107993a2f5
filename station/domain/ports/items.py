"""Sources of item data: record, neighbors on the shelf, packing lists and truck lists.

The bench calls from its own thread, once per item; a call may block for some milliseconds.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from station.base.words import Sentence, tell
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists import Receipt
from station.domain.workflows import ListFile, ListRead


class Catalog(Protocol):
    """Records by barcode."""

    def find(self, barcode: Barcode) -> ItemRecord:
        """Return the record. Raise `BarcodeUnknown`, or another `CatalogError` if the lookup failed."""
        ...


class Shelved(msgspec.Struct, frozen=True):
    """Shelf-list data for an item's call number."""

    others: tuple[str, ...] = ()
    """Other titles with the same call number, as "record: title"; only some of them if there are many."""
    unknown: str = ""
    """Why it is unknown, in a few words. If set, `others` has no meaning."""


class ShelfList(Protocol):
    """All items by call number."""

    def same_number(self, item: ItemRecord) -> Shelved:
        """Return other titles whose call number sorts to the same place. Raises nothing."""
        ...


class NoShelfList:
    """Null `ShelfList`, for a station without a catalog index."""

    def same_number(self, item: ItemRecord) -> Shelved:
        del item
        return Shelved(unknown=tell("finding.no-shelf-list"))


class PackingLists(Protocol):
    """Packing lists of vendors."""

    def receipt(self, item: ItemRecord, scanned: str = "") -> Receipt | None:
        """Return the lists' data about the item; `scanned`: a number scanned from the piece. None = no list has data
        about it, and no source claims that one should. Raise `StoreError`."""
        ...


class NoPackingLists:
    """Null `PackingLists`."""

    def receipt(self, item: ItemRecord, scanned: str = "") -> Receipt | None:
        del item, scanned
        return None


class TruckLists(Protocol):
    """Truck lists in files."""

    def files(self) -> tuple[ListFile, ...]:
        """Return the readable files, newest first. Raises nothing."""
        ...

    def read(self, key: str) -> ListRead:
        """Return the contents of one of `files`, by its key. Raises nothing."""
        ...


class NoTruckLists:
    """Null `TruckLists`."""

    def files(self) -> tuple[ListFile, ...]:
        return ()

    def read(self, key: str) -> ListRead:
        return ListRead(refused=Sentence("release.file-gone", name=key))
