"""One item: its record, its state at this bench, and what the journal contains about it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from station.base.errors import CatalogError
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Barcodes
from station.catalog.barcodes.barcode import check
from station.domain.item import Barcode, ItemRecord
from station.reports.tables.journal import life
from station.reports.tables.table import Table
from station.store.queries.queries import Queries


class ItemLife(msgspec.Struct, frozen=True):
    """One item as a viewer may see it."""

    barcode: str
    title: str
    """From the catalog, else from the journal; "" = neither has it."""
    record: ItemRecord | None
    no_record: Sentence
    """Why there is no record."""
    state: str
    """`ItemState`; "" = the station has done nothing with it."""
    events: Table
    """The newest first."""

    @property
    def known(self) -> bool:
        """True if the catalog or the journal knows the item."""
        return self.record is not None or bool(self.events.rows)


def item_life(
    queries: Queries, find: Callable[[Barcode], ItemRecord], barcode: str, rules: Barcodes, *, exactly: bool = False
) -> ItemLife:
    """Return one item. `find`: returns its record of the catalog index. `exactly`: with codes and ids in place of titles
    and words. Raises `StoreError`."""
    record, no_record = None, EMPTY
    try:
        checked = check(barcode, rules)
        barcode, record = str(checked), find(checked)
    except CatalogError as error:
        no_record = error.sentence
    if not queries.exists:
        return ItemLife(barcode, record.title if record else "", record, no_record, "", life(()))
    state = queries.state_of(barcode)
    title = record.title if record is not None else queries.titles([barcode]).get(barcode, "")
    events = life(queries.life(barcode), exactly=exactly)
    return ItemLife(barcode, title, record, no_record, state.state.value if state else "", events)
