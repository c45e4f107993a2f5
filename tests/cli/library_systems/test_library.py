"""`station library`: a person's requests to Alma, from the command line to the emulator's log of effects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result

from station.base import settings as configuration
from station.base.clock import SystemClock
from station.cli import station
from station.runtime.data_directory import JOURNAL
from station.runtime.library_systems import close_systems, systems
from station.runtime.lock import hold
from station.runtime.order_offers import carry_out
from station.runtime.socket.server import Orders, Server
from station.store.owner import open_store
from station.sync.courier.courier import Courier
from tests.conftest import FakeClock
from tests.runtime.socket.test_socket import Bench
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.sync.conftest import alma_process

__all__ = ["alma_process"]

TOML = """
[library]
isil = "US-TxDa"
[station]
operator = "ann"
[barcodes]
length = 0
prefixes = []
check_digit = "none"
[delivery.file]
enabled = true
[delivery.alma]
enabled = true
base_url = "{alma}"
mapping = "ours.toml"
library = "MAIN"
department = "TECHSERV"
work_order_type = "RFID"
"""
MAPPING = """
name = "ours"
[fields]
internal_note_3 = "{entry}"
weeding_number = "{weeding_number}"
weeding_date = "{weeding_date}"
physical_condition = "{condition}"
"""
Run = Callable[..., Result]


@pytest.fixture
def alma(alma_process: AlmaProcess) -> AlmaProcess:
    alma_process.reset({code: fictitious(code, 100 + n) for n, code in enumerate(("1", "2", "3"))})
    return alma_process


@pytest.fixture
def data(tmp_path: Path, alma: AlmaProcess) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "station.toml").write_text(TOML.replace("{alma}", alma.base_url), encoding="utf-8")
    (folder / "ours.toml").write_text(MAPPING, encoding="utf-8")
    (folder / "credentials").mkdir(mode=0o700)
    (folder / "credentials" / "alma").write_text(CANARY)
    (folder / "credentials" / "alma").chmod(0o600)
    return folder


@pytest.fixture
def run(data: Path) -> Run:
    return lambda *words: CliRunner().invoke(station, [*map(str, words), "--data", str(data)])


def deliver(data: Path) -> list[str]:
    """Run the courier until no delivery waits. Return the states of all deliveries, oldest first."""
    found = systems(configuration.load(data / "station.toml"), data)
    store = open_store(data / JOURNAL, SystemClock())
    try:
        courier = Courier(store.outbox, found, FakeClock(), Random(1))
        while courier.step() == 0.0:
            pass
        return [row.state.value for row in reversed(store.queries.outbox_page())]
    finally:
        close_systems(found)
        store.close()


def value(result: Result, code: int = 0) -> Any:
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_every_order_is_carried_out_once(run: Run, data: Path, alma: AlmaProcess) -> None:
    assert value(run("library", "note", "1", 'spine "glued"', "--json")) == {"system": "alma", "orders": 1}
    run("library", "facts", "1", "--condition", "BRITTLE", "--weeding-number", "W-7", "--weeding-date", "2026-11-25")
    assert "scan in at the place of the settings" in run("library", "scan-in", "1", "--reason", "it came back").stdout
    run("library", "note", "2", "seen")
    assert deliver(data) == ["delivered"] * 4
    item = alma.item("1")["item_data"]
    assert item["internal_note_3"].endswith("says \"spine 'glued'\"")
    assert (item["weeding_number"], item["weeding_date"]) == ("W-7", "2026-11-25")
    assert (item["physical_condition"]["value"], item["work_order_type"]["value"]) == ("BRITTLE", "RFID")
    lanes = {code: [row["kind"] for row in alma.effects() if row.get("barcode") == code] for code in ("1", "2")}
    assert lanes == {"1": ["item-put", "item-put", "scan-in"], "2": ["item-put"]}, "each lane must keep its order"
    assert [row["kind"] for row in alma.effects() if "barcode" not in row] == []
    assert deliver(data) == ["delivered"] * 4
    assert len(alma.effects()) == 4
    journal = run("journal", "show").stdout
    assert "Ordered for Alma: 1, scan in" in journal
    assert "by ann: it came back" in journal
    assert CANARY not in journal


def test_members_from_a_file_in_batches(run: Run, data: Path, alma: AlmaProcess, tmp_path: Path) -> None:
    found = systems(configuration.load(data / "station.toml"), data)["alma"]
    made = found._sets.create("weeded")  # type: ignore[attr-defined]
    close_systems({"alma": found})
    (tmp_path / "list").write_text("1\n2\n3\n1\n", encoding="utf-8")
    said = value(run("library", "members", made.id, "--from", tmp_path / "list", "--json"))
    assert said == {"system": "alma", "orders": 1}
    assert deliver(data) == ["delivered"]
    assert [len(row["pids"]) for row in alma.effects("set-add")] == [3]
    (tmp_path / "long").write_text("\n".join(str(n) for n in range(1001)), encoding="utf-8")
    assert value(run("library", "members", made.id, "--from", tmp_path / "long", "--json"))["orders"] == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("note", "1", "\x1b\u202e"), "TEXT is empty"),
        (("facts", "1"), "at least one of"),
        (("facts", "1", "--weeding-date", "soon"), "does not match"),
        (("scan-in", "1", "--department", "A", "--desk", "B"), "not both"),
        (("scan-in", "1", "--desk", "B", "--done"), "belongs to a department"),
        (("members", "x", "1"), "number of a set"),
        (("members", "12"), "at least one barcode"),
        (("note", "1", "x", "--system", "sip2"), "cannot do this"),
        (("note", "1", "x", "--field", "barcode"), "not one of"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_not_journaled(
    run: Run, data: Path, words: tuple[str, ...], said: str
) -> None:
    result = run("library", *words)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert not (data / JOURNAL).exists() or deliver(data) == []


def test_without_a_library_system_that_can_do_it(run: Run, data: Path) -> None:
    text = (data / "station.toml").read_text().replace("[delivery.alma]\nenabled = true", "[delivery.alma]")
    (data / "station.toml").write_text(text)
    result = run("library", "note", "1", "x", "--json")
    assert result.exit_code != 0
    assert json.loads(result.stdout)["error"]["code"] == "settings"
    assert run("library", "note", "1", "x", "--system", "file").exit_code == 0
    assert deliver(data) == ["delivered"]
    (line,) = (data / "results.jsonl").read_text().splitlines()
    assert json.loads(line)["kind"] == "note"


@pytest.fixture
def served(data: Path) -> Iterator[None]:
    """A station with the same data; its bench is a fake, its journal is real."""
    with hold(data, FakeClock()) as held:
        store = open_store(data / JOURNAL, FakeClock())
        server = Server(
            held,
            Bench(),
            quit_station=lambda: None,
            orders=cast(Orders, SimpleNamespace(order=lambda events, *_: carry_out(store, events, ("file", "alma")))),
        )
        server.start()
        try:
            yield
        finally:
            assert server.stop(10.0)
            assert store.close()


def test_a_running_station_takes_the_order(run: Run, data: Path, served: None) -> None:
    assert run("library", "note", "1", "over the socket").exit_code == 0
    shown = value(run("outbox", "show", "--json"))
    assert shown["deliveries"][0]["intent"]["text"] == "over the socket"
