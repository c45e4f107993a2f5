"""What a record of the library system proves about a transfer."""

from __future__ import annotations

from typing import Final

from station.domain.events import Reclassified, Transferred
from station.domain.item import ItemRecord
from station.domain.transfers.shelves import shelf_of, shows
from station.domain.transfers.transfer import Shelf, Transfer

Reading = Transferred | Reclassified
_INSTEAD: Final = "item.origin.instead"  # not for people


def is_current(record: ItemRecord) -> bool:
    """Return False for a record that came in place of the library system's present answer."""
    return not record.age and not record.unknown_to and record.origin.key != _INSTEAD


def shown_by(transfer: Transfer, record: ItemRecord, operator: str = "") -> tuple[Reading, ...]:
    """Return the events that journal that the record shows all that is wanted; () = it does not."""
    if transfer.read_at or transfer.canceled_at or not is_current(record):
        return ()
    shelf = shelf_of(record)
    return readings(transfer, shelf, operator=operator) if shows(shelf, transfer.wanted) else ()


def readings(
    transfer: Transfer, shelf: Shelf, *, operator: str, by_hand: bool = False, note: str = ""
) -> tuple[Reading, ...]:
    """Return one event for a new place, and one for a new call number. `by_hand`: a person confirms them."""
    made: list[Reading] = []
    for kind, changes in (
        (Transferred, bool(transfer.wanted.library or transfer.wanted.location)),
        (Reclassified, bool(transfer.wanted.call_number)),
    ):
        if changes:
            made.append(
                kind(
                    transfer=transfer.id,
                    barcode=transfer.barcode,
                    after=shelf,
                    by_hand=by_hand,
                    note=note,
                    operator=operator,
                )
            )
    return tuple(made)
