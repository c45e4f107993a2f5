"""Ask library system and catalog about an item, for a person at a desk or a command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from station.base.clock import Clock
from station.base.errors import BarcodeUnknown
from station.base.settings import Settings
from station.domain.item import Barcode
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.ports import Catalog, CirculationSystem, DeliverySystem, StopSigns
from station.runtime.library_systems import catalog, catalog_index, live_system
from station.runtime.presence import noting
from station.runtime.stop_signs import asked_signs
from station.store.owner import Store


class ItemAsking:
    """`live`: the library system that `catalog` asks first; None = it asks none."""

    def __init__(self, catalog: Catalog, live: CirculationSystem | None, signs: StopSigns) -> None:
        self._catalog = catalog
        self._live = live
        self._signs = signs

    def answer(self, question: ItemQuestion) -> ItemAnswer:
        """Return what the station knows now. Raises `SyncError` and `CatalogError`, except for an unknown barcode."""
        try:
            record = self._catalog.find(Barcode(question.barcode))
        except BarcodeUnknown:
            return ItemAnswer(unknown_to=self._live.name if self._live is not None else "")
        return ItemAnswer(
            record=record,
            unknown_to=record.unknown_to,
            signs=self._signs.answers(record) if question.signs else (),
        )


def item_asking(
    settings: Settings, data: Path, opened: Mapping[str, DeliverySystem], clock: Clock, store: Store
) -> ItemAsking:
    """Return what asks the open library systems and the catalog. `store`: journals an answer that contradicts it."""
    signs = asked_signs(opened, catalog_index(settings, data), settings, clock)
    return ItemAsking(catalog(settings, data, opened, noting(lambda: store)), live_system(settings, opened), signs)
