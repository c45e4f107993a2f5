"""`station people pin` and `card`: who may use them, what they ask, and that no file or output contains a PIN
afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.cli import station
from station.cli.admin.settings_file import template
from station.domain.events import CardChanged, PinSet, WorkerRegistered
from station.domain.people.rights import Role
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.store.owner import open_store
from station.store.people.names import People
from station.store.queries.queries import Queries
from tests.conftest import FakeClock

Run = Callable[..., Result]
PINS = {"tess": "739105", "bea": "482913", "new": "650284"}
STAFF = {"sys": Role.SYSTEMS, "tess": Role.TECHNICIAN, "bea": Role.OPERATOR, "tim": Role.TRAINEE}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    quick = {"people.pin_memory_kib": 8192, "people.pin_passes": 1}
    text = template(**{"library.isil": "US-TxDa", "station.operator": "tess", **quick})
    (tmp_path / "station.toml").write_text(text, encoding="utf-8")
    people = People(tmp_path / PEOPLE)
    store = open_store(tmp_path / JOURNAL, FakeClock())
    for login, role in STAFF.items():
        people.add(f"w-{login}", login, login.title())
        store.journal.record(WorkerRegistered(worker=f"w-{login}", role=role))
    store.close()
    return tmp_path


@pytest.fixture
def run(data: Path) -> Run:
    return lambda *words, lines=(): CliRunner().invoke(
        station, ["--data", str(data), *words], input="".join(f"{line}\n" for line in lines)
    )


def value(result: Result, code: int = 0) -> Any:
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def events(data: Path, kind: type) -> list[Any]:
    return [row.event for row in Queries(data / JOURNAL, FakeClock()).events() if isinstance(row.event, kind)]


def test_first_pin_change_and_reset(run: Run, data: Path) -> None:
    assert run("people", "pin", "set", "tess", lines=[PINS["tess"]]).exit_code == 0, "as long as no person has a PIN"
    refused = value(run("people", "pin", "set", "bea", "--json", lines=[PINS["tess"], PINS["bea"]]), 35)
    assert refused["error"]["code"] == "pin-change-needed", "a first PIN must allow nothing but its change"
    assert run("people", "pin", "change", "tess", lines=[PINS["tess"], PINS["new"]]).exit_code == 0
    assert run("people", "pin", "set", "bea", lines=[PINS["new"], PINS["bea"]]).exit_code == 0
    assert run("people", "pin", "set", "bea", lines=[PINS["new"], "900137"]).exit_code == 2, (
        "an existing PIN needs `reset`"
    )
    assert run("people", "pin", "reset", "bea", lines=[PINS["new"], "900137"]).exit_code == 0
    rows = {row["login"]: row["pin"] for row in value(run("people", "pin", "list", "--json"))}
    assert rows == {"sys": "none", "tess": "set", "bea": "first", "tim": "none"}
    said = [(event.worker, event.first, event.operator) for event in events(data, PinSet)]
    assert said == [
        ("w-tess", True, "w-tess"),
        ("w-tess", False, "w-tess"),
        ("w-bea", True, "w-tess"),
        ("w-bea", True, "w-tess"),
    ]


def test_no_pin_is_in_the_journal_the_files_or_what_is_printed(run: Run, data: Path) -> None:
    printed = [run("people", "pin", "set", "tess", "--json", lines=[PINS["tess"]]).output]
    printed.append(run("people", "pin", "change", "tess", lines=[PINS["tess"], PINS["new"]]).output)
    printed.append(run("people", "pin", "change", "tess", "--json", lines=["111222", PINS["new"]]).output)
    printed.append(run("people", "pin", "change", "tess", lines=[PINS["new"], "123456"]).output)
    printed.append(run("people", "pin", "set", "bea", lines=[PINS["new"], PINS["bea"]]).output)
    printed.append(run("journal", "show").output + run("people", "pin", "list").output)
    kept = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    for pin in (*PINS.values(), "123456", "111222"):
        assert not any(pin in text for text in printed)
        assert pin.encode() not in kept


def test_only_who_may_sets_pins_and_no_pin_is_an_argument(run: Run) -> None:
    run("people", "pin", "set", "tess", lines=[PINS["tess"]])
    run("people", "pin", "change", "tess", lines=[PINS["tess"], PINS["new"]])
    run("people", "pin", "set", "bea", lines=[PINS["new"], PINS["bea"]])
    run("people", "pin", "change", "bea", lines=[PINS["bea"], "771904"])
    said = value(run("people", "pin", "set", "tim", "--operator", "bea", "--json", lines=["771904", "305882"]), 35)
    assert said["error"]["code"] == "not-allowed"
    assert value(run("people", "pin", "set", "sys", "--json", lines=[PINS["new"], "305882"]), 35)["error"]["code"]
    said = value(run("people", "pin", "set", "tim", "--json", lines=["000111", "305882"]), 35)
    assert said["error"]["code"] == "pin-wrong"
    assert run("people", "pin", "set", "tim", "305882").exit_code == 2
    assert run("people", "pin", "set", "tim", lines=[PINS["new"]]).exit_code == 2, "there is no line for the new PIN"
    assert value(run("people", "pin", "set", "eve", "--json", lines=[]), 35)["error"]["code"] == "worker-unknown"


def test_wrong_ones_lock_out_and_a_new_one_opens(run: Run) -> None:
    run("people", "pin", "set", "tess", lines=[PINS["tess"]])
    codes = []
    for _ in range(6):
        said = value(run("people", "pin", "change", "tess", "--json", lines=["000111", PINS["new"]]), 35)
        codes.append(said["error"]["code"])
    assert codes == ["pin-wrong"] * 5 + ["pin-wait"], "the count must be in the file, across processes"
    said = value(run("people", "pin", "change", "tess", "--json", lines=[PINS["tess"], PINS["new"]]), 35)
    assert said["error"]["code"] == "pin-wait", "even the right PIN must wait"
    rows = {row["login"]: row["wrong"] for row in value(run("people", "pin", "list", "--json"))}
    assert rows == {"sys": 0, "tess": 5, "bea": 0, "tim": 0}


def test_a_bad_new_pin_changes_and_journals_nothing(run: Run, data: Path) -> None:
    run("people", "pin", "set", "tess", lines=[PINS["tess"]])
    for bad in ("12345", "123456", "tessie", PINS["tess"]):
        said = value(run("people", "pin", "change", "tess", "--json", lines=[PINS["tess"], bad]), 35)
        assert said["error"]["code"] == "pin-unfit"
        assert bad not in said["error"]["detail"]
    assert len(events(data, PinSet)) == 1
    assert run("people", "pin", "change", "tess", lines=[PINS["tess"], PINS["new"]]).exit_code == 0


def test_cards_and_badges(run: Run, data: Path) -> None:
    assert run("people", "card", "add", "bea", "STAFF-77").exit_code == 0
    assert run("people", "card", "add", "tim", "04:AA:BB:CC:DD:EE:80", "--badge").exit_code == 0
    for words, code in (
        (("tim", "staff-77"), "card-taken"),
        (("tim", "31234000000016"), "card-unfit"),
        (("tim", "sys"), "card-unfit"),
        (("tim", "08112233", "--badge"), "card-unfit"),
    ):
        assert value(run("people", "card", "add", *words, "--json"), 35)["error"]["code"] == code
    assert run("people", "add", "staff-77").exit_code == 35, "a login that is a person's card"
    assert run("people", "add", "machine").exit_code == 35
    rows = {row["login"]: (row["cards"], row["badges"]) for row in value(run("people", "pin", "list", "--json"))}
    assert (rows["bea"], rows["tim"]) == ((1, 0), (0, 1))
    assert run("people", "card", "remove", "Staff-77").exit_code == 0
    assert value(run("people", "card", "remove", "Staff-77", "--json"), 35)["error"]["code"] == "card-unknown"
    said = [(event.worker, event.what, event.given) for event in events(data, CardChanged)]
    assert said == [("w-bea", "barcode", True), ("w-tim", "badge", True), ("w-bea", "barcode", False)]
    assert b"STAFF-77" not in (data / JOURNAL).read_bytes()
    assert "STAFF-77" not in run("people", "pin", "list").output


def test_who_has_a_pin_proves_it_before_cards_are_given(run: Run) -> None:
    run("people", "pin", "set", "tess", lines=[PINS["tess"]])
    run("people", "pin", "change", "tess", lines=[PINS["tess"], PINS["new"]])
    assert run("people", "card", "add", "bea", "S1", lines=["000111"]).exit_code == 35
    assert run("people", "card", "add", "bea", "S1", lines=[PINS["new"]]).exit_code == 0
    assert run("people", "card", "add", "bea", "S2", "--operator", "bea", lines=["771904"]).exit_code == 35
