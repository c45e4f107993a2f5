"""The deletion watch compares the journal with a catalog index that holds the whole catalog."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import create_autospec

from station.base.settings import CatalogSettings
from station.domain.withdrawals.deletion_watch import WatchedCatalog, WatchKind, WatchRow
from station.runtime.deletion_watch import watch
from station.store.catalog_index.index import CatalogIndex
from station.store.queries.queries import Queries

MADE, BEFORE, AFTER = "2026-11-20", "2026-11-10", "2026-11-30"


def compared(
    in_use: dict[str, str], gone: dict[str, str], known: set[str], told: tuple[WatchRow, ...] = ()
) -> tuple[list[tuple[WatchKind, str, str]], WatchedCatalog]:
    queries, index = create_autospec(Queries, instance=True), create_autospec(CatalogIndex, instance=True)
    queries.presence_contradictions.return_value = told
    queries.items_in_use.return_value = tuple(in_use.items())
    queries.gone_items.return_value = tuple((barcode, f"w-{barcode}", at) for barcode, at in gone.items())
    queries.titles.return_value = {}
    index.made_at.return_value = MADE
    index.lacking.side_effect = lambda barcodes: [barcode for barcode in barcodes if barcode not in known]
    now = watch(queries, index)
    return [(row.kind, row.barcode, row.source) for row in now.rows], now.catalog


HERE = {f"i{n}": BEFORE for n in range(20)}


def test_an_item_that_only_one_of_both_has_is_listed() -> None:
    rows, state = compared(HERE, {"g1": BEFORE, "g2": BEFORE}, {*HERE, "g1"} - {"i3"})
    assert rows == [(WatchKind.STILL_THERE, "g1", "catalog"), (WatchKind.GONE_THERE, "i3", "catalog")]
    assert state is WatchedCatalog.COMPARED


def test_what_changed_here_after_the_index_was_made_is_not_compared() -> None:
    rows, _ = compared({**HERE, "new": AFTER}, {"g1": AFTER}, {*HERE, "g1"})
    assert rows == []


def test_an_index_of_some_files_only_tells_nothing_of_missing_items() -> None:
    rows, state = compared(HERE, {"g1": BEFORE}, {"i1", "i2", "g1"})
    assert (rows, state) == ([(WatchKind.STILL_THERE, "g1", "catalog")], WatchedCatalog.PARTIAL)


def test_an_answer_of_the_library_system_comes_before_the_catalog() -> None:
    told = WatchRow(kind=WatchKind.GONE_THERE, barcode="i3", source="alma", as_of=AFTER)
    rows, _ = compared(HERE, {}, {*HERE} - {"i3"}, (told,))
    assert rows == [(WatchKind.GONE_THERE, "i3", "alma")]


def test_without_an_index_the_answers_remain(tmp_path: Path) -> None:
    queries = create_autospec(Queries, instance=True)
    queries.presence_contradictions.return_value = ()
    index = CatalogIndex(tmp_path / "catalog.db", "symphony-949", CatalogSettings())
    assert watch(queries, index).catalog is WatchedCatalog.NONE
