"""A lost item whose barcode is scanned turned up."""

from __future__ import annotations

from station.base.errors import DepartureRefused
from station.domain.item import ItemRecord
from station.domain.lost_items import LostItem, found
from station.domain.ports import Departures, Journal


def turned_up(departures: Departures, journal: Journal, record: ItemRecord) -> LostItem | None:
    """Journal that an item is found, if it is recorded as lost. Return what was recorded of it; None = nothing."""
    now = departures.lost_item(record.barcode)
    if now is None:
        return None
    try:
        journal.order(found(record, "", ""))
    except DepartureRefused:
        return None  # another bench was faster
    return now
