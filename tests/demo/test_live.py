"""Records asked of the library system itself: with their label, and from the index when it does not answer."""

from __future__ import annotations

from pathlib import Path

from station import wiring
from station.demo.stage import Stage


def test_a_live_record_has_its_label_and_the_index_stands_in(tmp_path: Path) -> None:
    with Stage(tmp_path / "data", virtual_clock=True) as stage:
        alma = wiring.systems(stage.settings, stage.data)["alma"]
        index = wiring.catalog_index(stage.settings, stage.data)
        live = wiring.LiveCatalog(alma, index)
        record = stage.records[0]
        found = live.find(record.barcode)
        assert found.origin == "Alma"
        assert found.label_lines == ("QH", "541.5", ".S7", "Q55", "2024")
        stage.ils.call("down")
        assert live.find(record.barcode) == index.find(record.barcode)
