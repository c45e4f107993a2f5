"""Sources of item data: record, neighbors on the shelf, packing lists and truck lists.

The bench calls from its own thread, once per item; a call may block for some milliseconds.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.item import Barcode, ItemRecord
from station.domain.item_state import ItemState, StateSince
from station.domain.packing_lists.packing_list import Receipt
from station.domain.withdrawals.withdrawal import NextStep, Withdrawal, next_words, step_words
from station.domain.workflows import ListFile, ListRead


class Catalog(Protocol):
    """Records by barcode."""

    def find(self, barcode: Barcode) -> ItemRecord:
        """Return the record. Raise `BarcodeUnknown`, or another `CatalogError` if the lookup failed."""
        ...


MOST_FOUND = 24
"""Items that a search returns, if nothing else is asked for: some pages of the screen."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a person knows of an item whose barcode cannot be read. All that is given must fit."""

    text: str = ""
    """Words of title and names, a call number, or an ISBN."""
    title: str = ""
    author: str = ""
    call_number: str = ""
    """The number or its beginning, in any way of writing."""
    isbn: str = ""


class FoundItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a search. All text has passed `text.clean`."""

    barcode: Barcode
    title: str = ""
    author: str = ""
    call_number: str = ""
    description: str = ""
    """Volume or part."""
    copy: str = ""
    location: str = ""
    state: str = ""
    """State at this station (`ItemState`); "" = the station has done nothing with it, or the journal was not asked."""

    step: NextStep | None = None
    """Next step of its withdrawal; None = it does not leave, or the journal was not asked."""

    @property
    def state_words(self) -> Sentence:
        """Return the state for display, and what its withdrawal waits for; empty = none."""
        if self.step is not None and self.state == ItemState.WITHDRAWN:
            return Sentence("withdrawal.stands", step=step_words(self.step))
        state = Sentence(f"item.state.{self.state}") if self.state else EMPTY
        return state if self.step is None else Sentence.joined((state, next_words(self.step)), " · ")

    @property
    def which(self) -> tuple[Sentence, ...]:
        """Return what tells this item from others of its title: volume and copy, as far as known."""
        copy = Sentence("search.copy", copy=self.copy) if self.copy.isdigit() else Sentence.verbatim(self.copy)
        return tuple(filter(None, (Sentence.verbatim(self.description), copy)))


class Found(msgspec.Struct, frozen=True):
    """The items that fit, those of the newest records first."""

    items: tuple[FoundItem, ...] = ()
    more: bool = False
    """True if further items fit."""


class Standings(Protocol):
    """What the journal knows of an item."""

    def state_of(self, barcode: str) -> StateSince | None:
        """Return the item's state, and since when."""
        ...

    def withdrawal_of_item(self, barcode: str) -> Withdrawal | None:
        """Return the newest withdrawal of the whole item, or else of a part, that was not canceled."""
        ...


def with_states(result: Found, standings: Standings) -> Found:
    """Add where the items stand."""
    return msgspec.structs.replace(result, items=tuple(_with_state(item, standings) for item in result.items))


def _with_state(item: FoundItem, standings: Standings) -> FoundItem:
    state, leaves = standings.state_of(item.barcode), standings.withdrawal_of_item(item.barcode)
    return msgspec.structs.replace(
        item, state=state.state.value if state else "", step=leaves.next_step if leaves else None
    )


class CatalogSearch(Protocol):
    """Items by words, for an item whose barcode cannot be read."""

    def search(self, wanted: Wanted, most: int = MOST_FOUND) -> Found:
        """Return at most `most` items. Any text is taken as words: none has a special meaning. Raise `CatalogError`,
        `StoreError`."""
        ...


class Shelved(msgspec.Struct, frozen=True):
    """What the catalog index knows beside an item's record: the shelf list, and the rest of its file."""

    others: tuple[str, ...] = ()
    """Other titles with the same call number, as "record: title"; only some of them if there are many."""
    unknown: Sentence = EMPTY
    """Why it is unknown, in a few words. If set, `others` has no meaning."""
    rules_of_file: tuple[str, ...] = ()
    """Ids of the rules that many records of the item's file break: the import told them, and no item fails by them."""


class ShelfList(Protocol):
    """All items by call number."""

    def same_number(self, item: ItemRecord) -> Shelved:
        """Return other titles whose call number sorts to the same place. Raises nothing."""
        ...


class NoShelfList:
    """Null `ShelfList`, for a station without a catalog index."""

    def same_number(self, item: ItemRecord) -> Shelved:
        del item
        return Shelved(unknown=Sentence("finding.no-shelf-list"))


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
