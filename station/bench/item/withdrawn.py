"""A withdrawn item is never begun, written or passed again."""

from __future__ import annotations

from collections.abc import Callable

from station.base.errors import ItemWithdrawn
from station.domain.item import Barcode
from station.domain.item_state import ItemState
from station.domain.ports import Journal
from station.encoding.content import Recognition, TagState


def refuse_withdrawn(journal: Journal, barcode: Barcode, title_of: Callable[[str], str]) -> None:
    """Raise `ItemWithdrawn` for an item that leaves the library. `title_of`: returns the name of the item with a
    barcode."""
    state = journal.state_of(barcode)
    if state is not None and state.state is ItemState.WITHDRAWN:
        raise ItemWithdrawn(title_of(barcode))


def refuse_return(journal: Journal, old: Recognition, title_of: Callable[[str], str]) -> None:
    """Raise `ItemWithdrawn` instead of giving a tag back to an item that leaves the library. `old`: what was on the tag
    before its last write."""
    if old.state is TagState.OURS:
        refuse_withdrawn(journal, Barcode(old.identifier), title_of)
