"""Compare the journal with the catalog index, and add what look-ups in the library system showed."""

from __future__ import annotations

from typing import Final

from station.base.errors import StationError
from station.domain.withdrawals.deletion_watch import Watch, WatchedCatalog, WatchKind, WatchRow
from station.store.catalog_index.index import CatalogIndex
from station.store.queries.queries import Queries

_WHOLE: Final = 0.9
"""Share of the items in use that an index has which holds the whole catalog; else it was made of some files only."""


def watch(queries: Queries, index: CatalogIndex) -> Watch:
    """Return the items that are in only one of the two, each once: an answer of the library system comes first. An item
    that changed here after the index was made is not compared with it."""
    told = queries.presence_contradictions()
    known = {row.barcode for row in told}
    try:
        rows, state = _of_catalog(queries, index)
    except StationError:
        rows, state = [], WatchedCatalog.NONE
    return Watch(rows=(*told, *(row for row in rows if row.barcode not in known)), catalog=state)


def _of_catalog(queries: Queries, index: CatalogIndex) -> tuple[list[WatchRow], WatchedCatalog]:
    made = index.made_at()
    if not made:
        return [], WatchedCatalog.NONE
    gone = {barcode: name for barcode, name, at in queries.gone_items() if at < made}
    for barcode in index.lacking([*gone]):
        del gone[barcode]
    titles = queries.titles(gone)
    rows = [_row(WatchKind.STILL_THERE, barcode, titles.get(barcode, ""), made, name) for barcode, name in gone.items()]
    in_use = [barcode for barcode, at in queries.items_in_use() if at < made]
    missing = index.lacking(in_use)
    if len(missing) > (1 - _WHOLE) * len(in_use):
        return rows, WatchedCatalog.PARTIAL
    titles = queries.titles(missing)
    rows += [_row(WatchKind.GONE_THERE, barcode, titles.get(barcode, ""), made) for barcode in missing]
    return rows, WatchedCatalog.COMPARED


def _row(kind: WatchKind, barcode: str, title: str, as_of: str, withdrawal: str = "") -> WatchRow:
    return WatchRow(kind=kind, barcode=barcode, title=title, source="catalog", as_of=as_of, withdrawal=withdrawal)
