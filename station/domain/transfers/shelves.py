"""Compare where an item belongs with where the library system has it."""

from __future__ import annotations

from collections.abc import Sequence

from station.domain.distribution.box import Site
from station.domain.distribution.packing import site_of
from station.domain.item import ItemRecord
from station.domain.transfers.transfer import Shelf


def shelf_of(record: ItemRecord) -> Shelf:
    return Shelf(library=record.library, location=record.location, call_number=record.call_number)


def shows(shelf: Shelf, wanted: Shelf) -> bool:
    """Return whether the shelf has all that is wanted. Case and spacing do not count."""
    pairs = (
        (wanted.library, shelf.library),
        (wanted.location, shelf.location),
        (wanted.call_number, shelf.call_number),
    )
    return all(not ours.strip() or _plain(ours) == _plain(theirs) for ours, theirs in pairs)


def changed(before: Shelf, wanted: Shelf) -> Shelf:
    """Return of what is wanted only what differs from before."""
    return Shelf(
        library=_new(before.library, wanted.library),
        location=_new(before.location, wanted.location),
        call_number=_new(before.call_number, wanted.call_number),
    )


def after(before: Shelf, wanted: Shelf) -> Shelf:
    """Return the shelf once everything wanted is done."""
    return Shelf(
        library=wanted.library or before.library,
        location=wanted.location or before.location,
        call_number=wanted.call_number or before.call_number,
    )


def new_site(before: Shelf, wanted: Shelf, sites: Sequence[Site]) -> str:
    """Return the code of the site into whose box the item goes; "" = it stays at its site."""
    goes_to = site_of(wanted.library, sites)
    stays_at = site_of(before.library, sites)
    if goes_to is None or (stays_at is not None and stays_at.code == goes_to.code):
        return ""
    return goes_to.code


def _new(before: str, wanted: str) -> str:
    return wanted.strip() if _plain(wanted) != _plain(before) else ""


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
