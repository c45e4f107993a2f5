"""`station withdraw`: an item leaves by commands alone, from its stop signs to the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from station.base.clock import SystemClock
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.cli.receiving.test_lists import events, run, value
from tests.conftest import ROOT
from tests.support import sample_events

BARCODE, OTHER, DISCS = "31999000000014", "31999000000022", "31999000000147"
UID = "E004015012345678"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with the sample catalog, a live tag, and no library system that deletes."""
    data = tmp_path_factory.mktemp("desk")
    (data / "station.toml").write_text(
        '[library]\nisil = "US-TxImag"\n[station]\noperator = "tess"\n[withdrawal]\noclc_owner = "by-hand"\n'
    )
    value(data, "people", "add", "tess", "--name", "Tess", "--role", "technician")
    value(data, "people", "add", "bea", "--name", "Bea", "--role", "operator")
    run(data, "catalog", "import", str(ROOT / "station/catalog/data/sample.mrc"))
    store = open_store(data / JOURNAL, SystemClock())
    store.journal.record(sample_events.started("a1", UID, BARCODE), sample_events.verified("a1", UID, BARCODE))
    store.close()
    return data


def withdraw(data: Path, *words: str, code: int = 0) -> Any:
    return value(data, "withdraw", *words, code=code)


def refused(data: Path, *words: str) -> str:
    ran = run(data, "withdraw", *words)
    assert ran.exit_code not in (0, 1), ran.output
    return " ".join(ran.output.split())


def decided(data: Path, barcode: str, *more: str) -> Any:
    words = ("--reason", "weeded", "--destination", "recycle", "--despite", "the new edition is here", *more)
    return withdraw(data, "decide", barcode, *words)


def test_an_item_leaves_by_commands_alone(desk: Path) -> None:
    choice = ("--reason", "weeded", "--destination", "recycle")
    assert "Stop signs: Last in this library" in refused(desk, "decide", BARCODE, *choice)
    assert "No reason mouldy" in refused(desk, "decide", BARCODE, "--reason", "mouldy", "--destination", "recycle")
    nowhere = refused(desk, "decide", BARCODE, "--reason", "weeded")
    assert "No destination is chosen. Choose one of these: " in nowhere
    assert refused(desk, "decide", BARCODE, *choice, "--despite", "x", "--operator", "bea")
    row = decided(desk, BARCODE)
    ident = row["id"]
    assert (row["step"], row["decision"], row["system"], row["tag"]) == ("confirm", "proven", "open", "waiting")
    replies = {sign["sign"]: (sign["reply"], sign["despite"]) for sign in row["signs"]}
    assert (replies["last-here"], replies["last-anywhere"]) == (("yes", True), ("not-known", False))
    assert refused(desk, "destroyed", ident) and refused(desk, "place", ident)
    assert withdraw(desk, "confirm", ident, "--reason", "seen in the catalog")["step"] == "strip"
    assert refused(desk, "cancel", ident, "--reason", "a mistake")
    assert withdraw(desk, "destroyed", BARCODE, "--how", "tag-cut")["tags"][0]["standing"] == "destroyed"
    assert withdraw(desk, "assign", ident.removeprefix("withdrawal-"), "--owner", "bea")["step"] == "strike"
    assert [row["id"] for row in withdraw(desk, "list", "--owner", "bea", "--step", "strike")] == [ident]
    ready = [row["id"] for row in withdraw(desk, "list", "--step", "ready")]
    assert ready == [ident] and value(desk, "board")["departing"]["ready"] == len(ready)
    assert withdraw(desk, "list", "--late", "red") == []
    placed = withdraw(desk, "place", ident, "--in", "Pallet 3", "--operator", "bea")
    assert (placed["place"], placed["place_name"], placed["oclc"]) == ("proven", "Pallet 3", "open")
    assert withdraw(desk, "oclc", ident, "--note", "removed in Connexion")["oclc"] == "by-hand"
    whole = withdraw(desk, "show", ident, code=1)
    assert [proof["layer"] for proof in whole["proofs"]][:3] == ["decision", "signs", "system"]
    assert any("Pallet 3" in str(event["summary"]) for event in whole["history"])
    text = run(desk, "withdraw", "show", ident).output
    assert "confirmed by a person" in text and UID in text and "overruled" in text
    counts = {group["name"]: group for group in withdraw(desk, "report", "reasons")}
    assert counts["Weeded"]["title"] == 1
    (item,) = (item for item in withdraw(desk, "report", "items") if item["barcode"] == BARCODE)
    assert item["by_hand"]


def test_a_withdrawal_is_taken_back_before_its_deletion(desk: Path) -> None:
    ident = decided(desk, OTHER, "--piece", "lost")["id"]
    assert refused(desk, "cancel", ident, "--reason", "it turned up", "--operator", "bea")
    assert withdraw(desk, "cancel", OTHER, "--reason", "it turned up")["canceled_at"]
    assert ident not in str(withdraw(desk, "list")) and ident in str(withdraw(desk, "list", "--all"))


def test_a_part_of_a_set_leaves_and_is_counted_as_a_part(desk: Path) -> None:
    row = decided(desk, DISCS, "--part", "2")
    assert (row["part"], row["system"]) == ("2", "not-needed")
    counts = {group["name"]: group for group in withdraw(desk, "report", "reasons")}
    assert counts["Weeded"]["part"] == 1
    assert DISCS in [item["barcode"] for item in withdraw(desk, "report", "items")]
    assert withdraw(desk, "report", "--until", "2000-01-01") == [] == withdraw(desk, "report", "--kind", "lost")


def test_a_report_is_written_as_csv_and_workbook(desk: Path, tmp_path: Path) -> None:
    paths = (tmp_path / "a.csv", tmp_path / "a.xlsx")
    withdraw(desk, "report", "months", "--csv", str(paths[0]), "--xlsx", str(paths[1]))
    assert paths[0].read_bytes().startswith(b"\xef\xbb\xbf") and paths[1].read_bytes().startswith(b"PK")


def test_a_cart_lends_the_right_once(desk: Path) -> None:
    third = "31999000000030"
    words = ("cart", "open", "Weeding 12", "--reason", "damaged", "--destination", "surplus", "--in", "Box 7")
    assert refused(desk, *words, "--operator", "bea")
    cart = withdraw(desk, *words)
    assert "Weeding 12" in run(desk, "withdraw", "cart", "list").output
    row = withdraw(desk, "decide", third, "--cart", "weeding 12", "--despite", "mouldy")
    assert (row["cart"], row["reason"]) == (cart["id"], "damaged")
    assert withdraw(desk, "list", "--cart", "Weeding 12")[0]["id"] == row["id"]
    assert withdraw(desk, "cart", "close", cart["id"])["closed_at"]
    assert withdraw(desk, "cart", "list", "--open") == []
    (opened,), last = events(desk, "withdrawal-cart-opened"), events(desk, "withdrawal-decided")[-1]
    assert (opened["place"], last["cart"], last["destination"]) == ("Box 7", cart["id"], "surplus")
