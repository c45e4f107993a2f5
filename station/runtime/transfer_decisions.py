"""Make the decision of a transfer from an item's record and the settings, and open the source of its record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station.base.settings import Settings
from station.base.text import clean
from station.domain.distribution.sites import sites_of
from station.domain.events import TransferDecided
from station.domain.item import ItemRecord
from station.domain.ports import Catalog
from station.domain.transfers.shelves import changed, new_site, shelf_of
from station.domain.transfers.transfer import Shelf
from station.domain.withdrawals.proofs import title_effect
from station.domain.withdrawals.stop_signs import SignAnswer
from station.domain.withdrawals.withdrawal import TitleEffect
from station.runtime.library_systems import catalog, close_systems, systems

LONGEST_NOTE = 300


@contextmanager
def records(settings: Settings, data: Path) -> Iterator[Catalog]:
    """Open the source of records: the library system if it is asked for records, else the catalog index."""
    opened = systems(settings, data)
    try:
        yield catalog(settings, data, opened)
    finally:
        close_systems(opened)


def moving_system(settings: Settings, wanted: Shelf) -> str:
    """Return the name of the library system that can be ordered to move an item so; "" = a person changes it there."""
    return "alma" if settings.delivery.alma.enabled and not wanted.call_number else ""


def decision(
    settings: Settings,
    record: ItemRecord,
    wanted: Shelf,
    *,
    operator: str,
    reason: str = "",
    note: str = "",
    approver: str = "",
    name_of_list: str = "",
    signs: tuple[SignAnswer, ...] = (),
) -> TransferDecided:
    """Return the event that decides a transfer. `signs`: the stop signs of the item, if they were asked."""
    before = shelf_of(record)
    changes = changed(before, wanted)
    return TransferDecided(
        barcode=record.barcode,
        before=before,
        wanted=changes,
        reason=clean(reason, LONGEST_NOTE),
        note=clean(note, LONGEST_NOTE),
        approver=clean(approver, 100),
        list=clean(name_of_list, 60),
        site=new_site(before, changes, sites_of(settings.distribution)),
        system=moving_system(settings, changes),
        effect=title_effect(0, signs) if changes.library else TitleEffect.NOT_KNOWN,
        item=record,
        operator=operator,
    )
