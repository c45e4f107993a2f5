"""The seams between the bench and what is known of an item beyond its record; see `ports` for all the others.

Both are asked from the bench's thread, once for an item, and may block for some milliseconds.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from station.base.words import tell
from station.domain.item import ItemRecord
from station.domain.packing_lists import Receipt
from station.domain.workflows import ListFile, ListRead


class Shelved(msgspec.Struct, frozen=True):
    """What the shelf list says of an item's call number."""

    others: tuple[str, ...] = ()
    """Other titles with the same call number, as "record: title"; some of them, where there are many."""
    unknown: str = ""
    """Why nobody can say, in a few words; then `others` means nothing."""


class ShelfList(Protocol):
    """All items by call number."""

    def same_number(self, item: ItemRecord) -> Shelved:
        """Titles beside the item's own whose call number stands in the same place of the shelf. Raises nothing."""
        ...


class NoShelfList:
    """`ShelfList` of a station without a catalog index."""

    def same_number(self, item: ItemRecord) -> Shelved:
        """See `ShelfList`."""
        del item
        return Shelved(unknown=tell("finding.no-shelf-list"))


class PackingLists(Protocol):
    """What vendors say they have sent."""

    def receipt(self, item: ItemRecord, scanned: str = "") -> Receipt | None:
        """What the lists say of the item; `scanned`: a number that was scanned from the piece. None = no list says anything,
        and nothing says that one should. Raises `StoreError`."""
        ...


class NoPackingLists:
    """`PackingLists` of a station that was given none."""

    def receipt(self, item: ItemRecord, scanned: str = "") -> Receipt | None:
        """See `PackingLists`."""
        del item, scanned
        return None


class TruckLists(Protocol):
    """Lists of trucks that lie as files where the site puts them."""

    def files(self) -> tuple[ListFile, ...]:
        """The newest first. Raises nothing: what cannot be looked at is not there."""
        ...

    def read(self, key: str) -> ListRead:
        """One of `files`, by its key. Raises nothing."""
        ...


class NoTruckLists:
    """`TruckLists` of a station that was given none."""

    def files(self) -> tuple[ListFile, ...]:
        """See `TruckLists`."""
        return ()

    def read(self, key: str) -> ListRead:
        """See `TruckLists`."""
        return ListRead(refused=tell("release.file-gone", name=key))
