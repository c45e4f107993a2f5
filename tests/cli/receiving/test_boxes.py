"""`station receiving boxes`: the same checks as at the bench, and what the site says of a box."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from station.domain import events as ev
from station.domain.item import Barcode
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.store.owner import open_store
from tests.cli.receiving.test_lists import events, run, value
from tests.conftest import FakeClock
from tests.support import sample_events

HERE, FAR, UNDONE, OTHER = "31234000000015", "31234000000023", "31234000000031", "31234000000049"
"""Items: for East and done; for West and done; for East and not judged; done, and on the list for another title."""


def done(barcode: str) -> tuple[ev.AnyEvent, ...]:
    """Return the events of an item that passed with a tag."""
    uid = f"E00401{barcode[-10:]}"
    verdict = msgspec.structs.replace(sample_events.judged(barcode), uid=uid)
    return (
        sample_events.started(barcode, uid, barcode),
        ev.TagWriteVerified(attempt=barcode, uid=uid, barcode=Barcode(barcode), part=1, parts=1, writes=1),
        verdict,
    )


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Path:
    (tmp_path / "station.toml").write_text(
        '[library]\nisil = "US-TxImag"\n[station]\noperator = "tess"\n'
        '[barcodes]\nlength = 14\nprefixes = []\ncheck_digit = "none"\n[distribution]\nsites = '
        '[{code = "EAST", name = "East Library", libraries = ["E1"], days = 3}, {code = "WEST"}]\n'
    )
    value(tmp_path, "people", "add", "tess", "--name", "Tess", "--role", "technician")
    value(tmp_path, "people", "add", "bea", "--name", "Bea", "--role", "operator")
    lines = (
        PackingLine(line="1", barcode=HERE, title="Soup", library="E1"),
        PackingLine(line="2", barcode=FAR, title="Rivers", library="WEST"),
        PackingLine(line="3", barcode=UNDONE, title="Stars", library="e1"),
        PackingLine(line="4", barcode=OTHER, title="Maps", library="E1", order_line="POL-4"),
        PackingLine(line="5", numbers=("9780306406157",), title="Shadows", library="E1", order_line="POL-5"),
    )
    store = open_store(tmp_path / "journal.db", clock)
    store.journal.record(
        *(event for barcode in (HERE, FAR, OTHER) for event in done(barcode)),
        ev.PackingListImported(content=PackingList(name="INV-7", vendor="YBP", lines=lines)),
    )
    store.close()
    return tmp_path


def refused(desk: Path, *words: str) -> str:
    ran = run(desk, "receiving", "boxes", *words)
    assert ran.exit_code == 35, ran.output
    return str(ran.stderr)


def boxes(desk: Path, *words: str, code: int = 0) -> Any:
    return value(desk, "receiving", "boxes", *words, code=code)


def test_an_item_goes_only_into_a_box_of_its_site_and_only_if_it_is_done(desk: Path) -> None:
    opened = boxes(desk, "open", "east")
    assert (opened["site"], opened["site_name"], opened["state"]) == ("EAST", "East Library", "open")
    number = opened["id"].removeprefix("box-")
    assert "It is for WEST. Put it into a box for WEST." in refused(desk, "pack", number, FAR)
    assert "It is not done." in refused(desk, "pack", number, UNDONE)
    assert "site is unknown" in refused(desk, "pack", number, "31234000000999")
    refused(desk, "pack", number, HERE, FAR)
    assert boxes(desk, "show", number)["items"] == 0, "all or none"
    assert boxes(desk, "pack", f"BOX-{number}", HERE)["items"] == 1
    assert [event["library"] for event in events(desk, "box-packed")] == ["E1"]
    assert boxes(desk, "take-out", number, HERE)["items"] == 0
    assert "nothing in this box" in refused(desk, "close", number)
    assert "There is no box" in refused(desk, "show", "box-999")


def test_a_technician_packs_despite_a_disagreement_about_the_copy_and_says_why(desk: Path, clock: FakeClock) -> None:
    store = open_store(desk / "journal.db", clock)
    lists = tuple(row.id for row in store.queries.packing_lists())
    shipment = store.journal.order(ev.ShipmentOpened(lists=lists, operator="tess"))
    count = store.journal.order(
        ev.CopyCounted(shipment=f"shipment-{shipment}", numbers=("9780306406157",), operator="tess")
    )
    store.journal.order(ev.Added(barcode=OTHER, count=count, operator="tess"))
    store.close()
    number = boxes(desk, "open", "EAST")["id"]
    assert "for another title: Maps" in refused(desk, "pack", number, OTHER)
    ran = run(desk, "receiving", "boxes", "pack", number, OTHER, "--despite", "looked", "--operator", "bea")
    assert ran.exit_code != 0 and not events(desk, "box-packed"), "an operator may not"
    assert boxes(desk, "pack", number, OTHER, "--despite", "looked at both")["items"] == 1
    (packed,) = events(desk, "box-packed")
    assert (packed["despite"], packed["reason"]) == (["other-copy"], "looked at both")
    assert "It is for WEST" in refused(desk, "pack", number, FAR, "--despite", "it is close")


def test_a_site_receives_by_a_list_and_what_lacks_is_missing_until_the_newest_receipt(desk: Path) -> None:
    number = boxes(desk, "open", "EAST")["id"]
    boxes(desk, "pack", number, HERE, OTHER)
    closed = boxes(desk, "close", number)
    assert closed["state"] == "closed" and closed["due"] > closed["closed_at"][:10]
    came = desk / "came.txt"
    came.write_text(f"{number.upper()}\n{HERE}\n{FAR}\n")
    assert f"Not packed in this box: {FAR}" in refused(desk, "receive", number, "--list", str(came))
    came.write_text(f"{HERE}\n")
    received = boxes(desk, "receive", number, "--list", str(came), "--note", "one lacks", code=1)
    assert (received["state"], received["missing"]) == ("received", 1)
    shown = boxes(desk, "show", number, code=1)
    assert [(item["barcode"], item["state"]) for item in shown["packed"]] == [(OTHER, "missing"), (HERE, "packed")]
    assert [box["id"] for box in boxes(desk, "list", "--missing")] == [number]
    ran = run(desk, "board")
    assert ran.exit_code == 1 and "! 1 item missing at its site" in ran.output
    assert boxes(desk, "receive", number)["missing"] == 0 and boxes(desk, "list") == []
    assert [box["state"] for box in boxes(desk, "list", "--state", "received")] == ["received"]
    assert boxes(desk, "reopen", number, "--reason", "wrong label")["reason"] == "wrong label"


def test_an_overdue_box_is_on_the_board(desk: Path, clock: FakeClock) -> None:
    number = boxes(desk, "open", "EAST")["id"]
    boxes(desk, "pack", number, HERE)
    store = open_store(desk / "journal.db", clock)
    store.journal.order(ev.BoxClosed(box=number, due="2000-01-01", operator="tess"))
    store.close()
    assert [box["id"] for box in boxes(desk, "list", "--overdue", "--site", "east")] == [number]
    assert boxes(desk, "list", "--overdue", "--site", "west") == []
    board = value(desk, "board", code=1)
    assert board["overdue_boxes"]["oldest"] == [f"Box {number[4:]} for EAST (due 2000-01-01)"]
