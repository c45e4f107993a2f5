"""The pages of transfers: a list that is sent, what the catalog shows, and what an item's page says of it."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import msgspec
import pytest

from station.base.settings import load
from station.domain.deliveries.delivery import DeliveryState
from station.domain.events import TransferDecided, Transferred
from station.domain.item import Barcode, ItemRecord
from station.domain.transfers.transfer import Shelf
from station.runtime.data_directory import CATALOG
from station.store.catalog_index.import_file import import_file
from tests.office.desk import EVIL, FAULTY, HERE, ITEM, PINS, browser, events, journal, made, received, text_of

RIVERS, SECOND = "31999000000014", "31999000000022"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def catalog(data: Path, location: bytes = b"STACKS") -> None:
    """Import the sample catalog, whose items stand in this location."""
    settings = load(data / "station.toml")
    with as_file(files("station.catalog") / "data" / "sample.mrc") as sample:
        moved = data / "moved.mrc"
        moved.write_bytes(sample.read_bytes().replace(b"STACKS", location))
    import_file(moved, data / CATALOG, settings.catalog.profile, settings.catalog)


def test_a_list_is_sent_awaited_and_read(data: Path) -> None:
    catalog(data)
    with browser(data, "tess") as desk:
        for text, wrong in (
            (f"barcode,location\n{RIVERS},\n", "line 2: the line names no library"),
            (f"barcode,location\n{EVIL},X\n", "line 2"),
        ):
            sent = {"file": ("summer.csv", text.encode(), "text/csv")}
            answer = desk.client.post(
                "/transfers/new",
                data={**desk.form("/transfers/new"), "pin": PINS["tess"]},
                files=sent,
                headers=dict(HERE),
            )
            assert answer.status_code == 409 and wrong in text_of(answer.text), text_of(answer.text)
        lines = f"barcode,location,note\n{RIVERS},STORED,fragile\n{SECOND},STORED,\n"
        sent = {"file": ("summer.csv", lines.encode(), "text/csv")}
        fields = {**desk.form("/transfers/new"), "pin": PINS["tess"]}
        listed = desk.follow(desk.client.post("/transfers/new", data=fields, files=sent, headers=dict(HERE)))
        assert "summer" in listed.text and "A field guide to imaginary rivers" in listed.text
        ident = f"transfer-{len(events(data)) - 1}"
        assert "does not show the new place" in text_of(desk.send(f"/transfers/{ident}/read").text)
        catalog(data, b"STORED")
        shown = desk.follow(desk.send(f"/transfers/{ident}/read"))
        assert "Process it again" in text_of(shown.text)
        assert "1 item is ready to process." in text_of(desk.get("/transfers").text)
        today = desk.get("/today").text
        assert '<a href="/transfers?step=process">1 item is ready to process.</a>' in today and "late" not in today
        assert "A field guide" not in text_of(desk.get("/transfers?step=wait").text)
        assert "STORED : Process it again" in text_of(desk.get(f"/items/{RIVERS}").text)
        assert desk.get(f"/transfers/{ident}/cancel").status_code == 409
    (read,) = [event for event in events(data) if isinstance(event, Transferred)]
    assert (read.after.location, read.operator, read.by_hand) == ("STORED", "w-tess", False)


def test_an_item_page_says_that_it_is_lost_and_where_it_goes(data: Path) -> None:
    with browser(data, "tim") as desk:
        before = text_of(desk.get(f"/items/{ITEM}").text)
        page = text_of(desk.follow(desk.send(f"/items/{ITEM}/lost", piece="claimed-returned")).text)
        assert desk.send(f"/items/{ITEM}/lost", piece="claimed-returned").status_code == 409
        after = text_of(desk.follow(desk.send(f"/items/{ITEM}/found")).text)
    assert "WEST" in before and "Wait for the library system" in before
    assert "A title is claimed returned. Since" in page and "It is found" in page
    assert "claimed returned. Since" not in after


def test_a_trainee_confirms_nothing_alone(data: Path) -> None:
    ident = received(data)["transfer"]
    with browser(data, "tim") as desk:
        answer = desk.send(f"/transfers/{ident}/confirm", reason="seen", pin=PINS["tim"])
        assert answer.status_code == 422 and "PIN of that person" in text_of(answer.text), text_of(answer.text)
        assert "Tess" not in desk.get(f"/transfers/{ident}").text


def test_a_refused_transfer_is_on_today(data: Path) -> None:
    store = journal(data)
    item = ItemRecord(barcode=Barcode(FAULTY), title="Rivers", library="EAST")
    event = TransferDecided(
        barcode=FAULTY, before=Shelf(library="EAST"), wanted=Shelf(library="WEST"), system="alma", item=item
    )
    store.journal.order(msgspec.structs.replace(event, operator="w-tess"))
    (head,) = store.outbox.heads()
    store.outbox.lease(head.id)
    store.outbox.settle(head.id, DeliveryState.PARKED)
    assert store.close()
    with browser(data, "tess") as desk:
        assert '<a href="/transfers">▲ 1 transfer is late</a>' in desk.get("/today").text
        assert "refused" in text_of(desk.get("/transfers?step=settle").text)
