"""The other items of a title in the catalog index, with the time at which the index was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.base.errors import BarcodeUnknown
from station.base.settings import CatalogSettings
from station.catalog.sample import sample
from station.domain.item import Barcode, ItemRecord
from station.store.catalog_index.import_file import import_file
from station.store.catalog_index.index import CatalogIndex


@pytest.fixture
def index(tmp_path: Path) -> CatalogIndex:
    (tmp_path / "sample.mrc").write_bytes(sample.catalog())
    import_file(tmp_path / "sample.mrc", tmp_path / "catalog.db", "symphony-949", CatalogSettings())
    return CatalogIndex(tmp_path / "catalog.db", "symphony-949", CatalogSettings())


@pytest.mark.parametrize(
    ("barcode", "libraries"),
    [("31999000000097", ("SOUTH",)), ("31999000000105", ("MAIN",)), ("31999000000014", ())],
)
def test_the_other_items_of_the_record_by_library(
    index: CatalogIndex, barcode: str, libraries: tuple[str, ...]
) -> None:
    standing = index.title_standing(ItemRecord(barcode=Barcode(barcode)))
    assert (standing.source, standing.libraries, standing.on_loan) == ("catalog", libraries, None)
    assert standing.as_of == index.made_at() != ""


def test_an_item_that_the_index_does_not_have(index: CatalogIndex) -> None:
    with pytest.raises(BarcodeUnknown):
        index.title_standing(ItemRecord(barcode=Barcode("39999999999999")))
    assert index.lacking(["31999000000097", "39999999999999"]) == ["39999999999999"]


def test_a_barcode_that_a_later_file_gave_to_another_record_is_no_other_item(
    index: CatalogIndex, tmp_path: Path
) -> None:
    """The record of its first title still names it."""
    first = Barcode("31999000000105")
    moved = sample.numbered(1).replace(sample.numbered_barcode(1).encode(), first.encode())
    (tmp_path / "later.mrc").write_bytes(moved)
    import_file(tmp_path / "later.mrc", index.path, "symphony-949", CatalogSettings())
    assert index.title_standing(ItemRecord(barcode=Barcode("31999000000097"))).libraries == ()
