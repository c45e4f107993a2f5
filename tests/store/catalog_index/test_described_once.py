"""An item is described once while it is in hand. A changed record, template or day is seen at once."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

from benchmarks import catalog_records as made
from station.base.clock import SystemClock
from station.base.settings import CatalogSettings
from station.catalog.findings.record_facts import describe_with_facts
from station.catalog.labels import shipped
from station.domain.item import Barcode
from station.store.catalog_index.import_file import import_file
from station.store.catalog_index.index import CatalogIndex

PROFILE, SETTINGS = "symphony-949", CatalogSettings()
BARCODE = Barcode(made.barcode(4))
DESCRIBE = "station.store.catalog_index.index.describe_with_facts"


def test_an_item_is_described_again_only_after_a_change(tmp_path: Path) -> None:
    source, path = tmp_path / "made.mrc", tmp_path / "catalog.db"
    source.write_bytes(made.record(4))
    import_file(source, path, PROFILE, SETTINGS)
    clock = mock.Mock(spec=SystemClock)
    clock.day.return_value = "2026-12-31"
    catalog = CatalogIndex(path, PROFILE, SETTINGS, clock=clock)
    with mock.patch(DESCRIBE, wraps=describe_with_facts) as describe:
        first = catalog.find(BARCODE)
        assert catalog.find(BARCODE) == first
        assert describe.call_count == 1
        clock.day.return_value = "2027-01-01"
        catalog.find(BARCODE)
        assert describe.call_count == 2, "a year of publication may no longer be in the future"
        source.write_bytes(made.record(4, edition=2))
        import_file(source, path, PROFILE, SETTINGS)
        assert catalog.find(BARCODE).title == made.title(4, edition=2) != first.title
    with_other_template = CatalogIndex(path, PROFILE, SETTINGS, shipped("alma-1"), clock=clock)
    changed = with_other_template.find(BARCODE)
    assert changed.label_lines != first.label_lines
    catalog.close()
    with_other_template.close()
