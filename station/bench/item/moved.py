"""An item that moves is processed once the library system shows its new place."""

from __future__ import annotations

from station.base.errors import DepartureRefused, NotMovedYet
from station.base.sentence import Sentence
from station.domain.item import ItemRecord
from station.domain.ports import Departures, Journal
from station.domain.transfer_reading import shown_by
from station.domain.transfers.shelves import shelf_of
from station.domain.transfers.transfer import Shelf


def require_moved(departures: Departures, journal: Journal, record: ItemRecord) -> None:
    """Journal that the record shows the new place of an item that moves. Raise `NotMovedYet` if it does not."""
    now = departures.transfer_of_item(record.barcode)
    if now is None or now.read_at:
        return
    if shown := shown_by(now, record):
        try:
            journal.order(*shown)
        except DepartureRefused:
            # Another reader was faster: what the record shows is journaled.
            return
        return
    raise NotMovedYet(Sentence("transfer.still-at", wanted=_line(now.wanted), shown=_line(shelf_of(record))))


def _line(shelf: Shelf) -> str:
    return ", ".join(filter(None, (shelf.library, shelf.location, shelf.call_number)))
