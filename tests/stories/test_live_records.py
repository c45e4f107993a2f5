"""Records requested from the library system, with their label and shelving status, and cached for when it does not
answer."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from station.base.errors import StoreError
from station.cli import station
from station.demo.stage import Stage
from station.domain.item import ItemRecord
from station.runtime import library_systems as systems_of
from tests.conftest import FakeClock
from tests.support.told import told


def test_a_live_record_has_its_label_is_remembered_and_the_index_stands_in(tmp_path: Path) -> None:
    clock = FakeClock()
    with Stage(tmp_path / "data", virtual_clock=True) as stage:
        alma = systems_of.systems(stage.settings, stage.data)["alma"]
        index = systems_of.catalog_index(stage.settings, stage.data)
        live = systems_of.live_catalog(stage.settings, stage.data, alma, clock)
        record, other = stage.records[0], stage.records[1]
        found = live.find(record.barcode)
        assert (told(found.origin), told(found.age)) == ("Alma", "")
        assert found.label_lines == ("QH", "541.5", ".S7", "Q55", "2024")
        assert found.call_number_source == "holdings 852 $k$h$i$m"
        stage.ils.call("down")
        clock.seconds += 2 * 3600
        old = live.find(record.barcode)
        assert (told(old.origin), told(old.age)) == ("Alma", "2 hours old")
        assert old.label_lines == found.label_lines
        assert_instead(live.find(other.barcode), index.find(other.barcode))  # this record was never requested from Alma
        clock.seconds += 73 * 3600
        assert_instead(live.find(record.barcode), index.find(record.barcode))  # too old
        stage.ils.call("up")
        clock.seconds += 31
        stage.ils.call("loan", barcode=record.barcode)
        stage.ils.call("suppress", barcode=record.barcode)
        found = live.find(record.barcode)
        assert tuple(map(told, found.standing)) == (
            "The item is on loan. It should not be here.",
            "The item's holdings are suppressed from publishing: readers do not find it.",
        )
        systems_of.close_systems({"alma": alma})


def assert_instead(found: ItemRecord, indexed: ItemRecord) -> None:
    """Assert that the index's record is used, and that its origin says why."""
    assert found == msgspec.structs.replace(indexed, origin=found.origin)
    assert told(found.origin).startswith("catalog index, not Alma: ")


def test_what_cannot_be_put_away_keeps_nothing_else_from_it(tmp_path: Path) -> None:
    stage, left = Stage(tmp_path), ["folder", "emulator"]

    def fails() -> None:
        raise StoreError("the disk is full")

    stage._undo = [lambda: left.remove("folder"), fails, lambda: left.remove("emulator")]
    with pytest.raises(StoreError):
        stage.__exit__(None, None, None)
    assert left == []


@pytest.mark.parametrize("state", ["up", "down"])
def test_the_command_line_shows_the_age(tmp_path: Path, state: str) -> None:
    with Stage(tmp_path / "data", virtual_clock=True) as stage:
        command = ["catalog", "show", str(stage.records[0].barcode), "--live", "--json", "--data", str(stage.data)]
        first = CliRunner().invoke(station, command)
        assert first.exit_code == 0, first.output
        stage.ils.call(state)
        again = CliRunner().invoke(station, command)
        ages = [json.loads(result.output)["age"] for result in (first, again)]
        assert ages == ["", "" if state == "up" else "under a minute old"]
