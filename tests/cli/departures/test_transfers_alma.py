"""`station transfers` beside the emulated Alma: one order moves one item, and Alma's own answer is the proof."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.domain import events as ev
from station.domain.people.rights import Role
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.cli.departures.test_transfers import transfers
from tests.cli.library_systems.test_library import alma, alma_process, data, deliver
from tests.cli.receiving.test_lists import events
from tests.support.alma_process import AlmaProcess

__all__ = ["alma", "alma_process", "data"]


@pytest.fixture
def desk(data: Path) -> Path:
    settings = data / "station.toml"
    settings.write_text(
        settings.read_text().replace("enabled = true\nbase_url", "enabled = true\nlive_records = true\nbase_url")
    )
    store = open_store(data / JOURNAL, SystemClock())
    store.journal.order(ev.WorkerRegistered(worker="ann", role=Role.TECHNICIAN, operator="root"))
    assert store.close()
    return data


def place(alma: AlmaProcess, barcode: str) -> tuple[str, str]:
    item = alma.item(barcode)["item_data"]
    return item["library"]["value"], item["location"]["value"]


def test_alma_moves_an_item_once_and_its_answer_proves_it(desk: Path, alma: AlmaProcess) -> None:
    made = transfers(desk, "decide", "1", "--library", "EAST", "--location", "juv")
    assert (made["before"], made["step"]) == ("MAIN, stacks, QA 76 .N6 2020", "wait")
    assert [row["step"] for row in transfers(desk, "read")] == ["wait"]
    assert deliver(desk) == ["delivered"]
    assert place(alma, "1") == ("EAST", "juv")
    shown = transfers(desk, "show", "1", code=1)
    assert (shown["step"], shown["system"]) == ("process", "proven")
    assert len(events(desk, "transferred")) == 1
    effects = len(alma.effects())
    assert deliver(desk) == ["delivered"]
    assert len(alma.effects()) == effects


def test_a_canceled_order_is_not_sent_and_what_a_person_moves_there_is_read(desk: Path, alma: AlmaProcess) -> None:
    first = transfers(desk, "decide", "2", "--location", "juv")
    transfers(desk, "cancel", first["id"], "--reason", "stays")
    assert deliver(desk) == ["discarded"]
    assert place(alma, "2") == ("MAIN", "stacks") and alma.effects() == []
    second = transfers(desk, "decide", "3", "--location", "juv")
    alma.do("edit", barcode="3", field="location", value={"value": "juv", "desc": "Juvenile"})
    (row,) = transfers(desk, "read", second["id"])
    assert row["step"] == "process", "what is wanted is there, whoever did it"
    assert deliver(desk) == ["discarded", "delivered"]
    assert len(events(desk, "transferred")) == 1
