"""`station transfers`, with the sample catalog as the library system that shows the new place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from station.store.owner import open_store
from tests.cli.receiving.test_lists import events, run, value
from tests.conftest import FakeClock
from tests.support import sample_events

SAMPLE = Path(__file__).resolve().parents[3] / "station" / "catalog" / "data" / "sample.mrc"
RIVERS, SECOND = "31999000000014", "31999000000022"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(
        '[library]\nisil = "US-TxImag"\n[station]\noperator = "tess"\n'
        '[distribution]\nsites = [{code = "EAST", libraries = ["E1"]}]\n'
    )
    value(tmp_path, "people", "add", "tess", "--name", "Tess", "--role", "technician")
    value(tmp_path, "people", "add", "bea", "--name", "Bea", "--role", "operator")
    value(tmp_path, "catalog", "import", str(SAMPLE))
    return tmp_path


def transfers(desk: Path, *words: str, code: int = 0) -> Any:
    return value(desk, "transfers", *words, code=code)


def refused(desk: Path, *words: str) -> str:
    ran = run(desk, "transfers", *words)
    assert ran.exit_code == 35, ran.output
    return str(ran.stderr)


def test_a_location_is_awaited_read_and_then_the_item_is_processed_again(desk: Path) -> None:
    made = transfers(desk, "decide", RIVERS, "--location", "STORED", "--reason", "no room")
    assert (made["before"], made["wanted"], made["step"], made["place"]) == (
        "MAIN, STACKS, QH541.5.S7 Q55 2024",
        "STORED",
        "wait",
        "not-needed",
    )
    assert [row["step"] for row in transfers(desk, "read")] == ["wait"], "the catalog shows the old place"
    assert "to STORED: Wait for the library system" in run(desk, "item", RIVERS).output
    assert "open transfer" in refused(desk, "decide", RIVERS, "--location", "ATTIC")

    (desk / "moved.mrc").write_bytes(SAMPLE.read_bytes().replace(b"STACKS", b"STORED"))
    value(desk, "catalog", "import", "--replace", str(desk / "moved.mrc"))
    (read,) = transfers(desk, "read", RIVERS)
    assert (read["step"], read["system"], read["tag"]) == ("process", "proven", "open")
    (event,) = events(desk, "transferred")
    assert (event["after"]["location"], event["price"], event["reason"]) == ("STORED", "34.00", "no room")

    store = open_store(desk / "journal.db", FakeClock())
    store.journal.record(sample_events.judged(RIVERS))
    store.close()
    assert transfers(desk, "list") == []
    assert [row["step"] for row in transfers(desk, "list", "--all")] == ["nothing"]


def test_a_call_number_is_confirmed_by_a_person_or_canceled(desk: Path) -> None:
    made = transfers(desk, "decide", RIVERS, "--library", "E1", "--call-number", "QH541 Q55")
    assert made["place"] == "open", "another site: it goes into a box"
    assert "technician" in refused(desk, "confirm", made["id"], "--reason", "seen", "--operator", "bea")
    confirmed = transfers(desk, "confirm", made["id"], "--reason", "seen in the client")
    assert confirmed["system"] == "by-hand"
    assert len(events(desk, "transferred")) == len(events(desk, "reclassified")) == 1
    other = transfers(desk, "decide", SECOND, "--library", "E1")
    assert transfers(desk, "cancel", other["id"], "--reason", "stays")["canceled_at"]


def test_a_list_is_taken_whole_or_not_at_all(desk: Path) -> None:
    file = desk / "east.csv"
    file.write_text(f"Item barcode;New library;note\n{RIVERS};E1;\n{SECOND};;\n")
    assert "east.csv, line 3: the line names no library" in refused(desk, "import", str(file))
    assert transfers(desk, "list") == []
    file.write_text(f"Item barcode;New library;note\n{RIVERS};E1;fragile\n{SECOND};E1;\n")
    made = transfers(desk, "import", str(file), "--reason", "to East")
    assert [(row["barcode"], row["list"], row["reason"]) for row in made] == [
        (RIVERS, "east", "to East"),
        (SECOND, "east", "to East"),
    ]


def test_an_item_is_lost_and_turns_up(desk: Path) -> None:
    assert transfers(desk, "lost", RIVERS, "--as", "missing", "--reason", "not on the shelf")["piece"] == "missing"
    assert "imaginary rivers is missing." in run(desk, "item", RIVERS).output
    assert "already" in refused(desk, "lost", RIVERS, "--as", "missing")
    assert transfers(desk, "found", RIVERS, "--operator", "bea")["piece"] == "present"
    assert [event["effect"] for event in events(desk, "lost")] == ["title"], "the catalog has no other item of it"
    assert [event["title"] for event in events(desk, "found")] == ["A field guide to imaginary rivers"]
