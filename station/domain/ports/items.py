"""What is known of an item: its record, its neighbors on the shelf, packing lists and lists of trucks.

The bench asks from its own thread, once for an item; a call may block for some milliseconds.
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
        """The record; raises `BarcodeUnknown`, or another `CatalogError` where that is not known."""
        ...


# --- statistics -----------------------------------------------------------------------------------------------------


class Shelved(msgspec.Struct, frozen=True):
    """What the shelf list says of an item's call number."""

    others: tuple[str, ...] = ()
    """Other titles with the same call number, as "record: title"; some of them, where there are many."""
    unknown: str = ""
    """Why it is unknown, in a few words; then `others` means nothing."""


class ShelfList(Protocol):
    """All items by call number."""

    def same_number(self, item: ItemRecord) -> Shelved:
        """Other titles whose call number sorts to the same place. Raises nothing."""
        ...


class NoShelfList:
    """Null `ShelfList`, for a station without a catalog index."""

    def same_number(self, item: ItemRecord) -> Shelved:
        del item
        return Shelved(unknown=tell("finding.no-shelf-list"))


class PackingLists(Protocol):
    """Packing lists of vendors."""

    def receipt(self, item: ItemRecord, scanned: str = "") -> Receipt | None:
        """What the lists say of the item; `scanned`: a number that was scanned from the piece. None = no list says anything,
        and nothing says that one should. Raises `StoreError`."""
        ...


class NoPackingLists:
    """Null `PackingLists`."""

    def receipt(self, item: ItemRecord, scanned: str = "") -> Receipt | None:
        del item, scanned
        return None


class TruckLists(Protocol):
    """Lists of trucks in files."""

    def files(self) -> tuple[ListFile, ...]:
        """The newest first, without files that cannot be read. Raises nothing."""
        ...

    def read(self, key: str) -> ListRead:
        """One of `files`, by its key. Raises nothing."""
        ...


class NoTruckLists:
    """Null `TruckLists`."""

    def files(self) -> tuple[ListFile, ...]:
        return ()

    def read(self, key: str) -> ListRead:
        return ListRead(refused=Sentence("release.file-gone", name=key))
