"""`station receiving receipts`: what Alma has received of the counted copies, and what it does not take back."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState, Why
from station.domain.deliveries.intents import ReceiveIntent
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.domain.receiving.order_line import OrderLine, OrderLineState
from station.store.owner import Store, open_store
from tests.cli.receiving.test_lists import run, value
from tests.conftest import FakeClock

BARCODE = "31234000000015"
TOML = """
[library]
isil = "US-TxImag"
[station]
operator = "tess"
[barcodes]
length = 14
prefixes = []
check_digit = "none"
[delivery.alma]
enabled = true
base_url = "https://alma.invalid"
[delivery.alma.orders]
enabled = true
library = "MAIN"
department = "ACQ"
"""


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Path:
    (tmp_path / "station.toml").write_text(TOML)
    (tmp_path / "credentials").mkdir(mode=0o700)
    (tmp_path / "credentials" / "alma").write_text("key", encoding="utf-8")
    (tmp_path / "credentials" / "alma").chmod(0o600)
    value(tmp_path, "people", "add", "tess", "--name", "Tess", "--role", "technician")
    lines = (PackingLine(line="1", numbers=("9780140449136",), title="Rivers", order_line="POL-1", library="MAIN"),)
    store = open_store(tmp_path / "journal.db", clock)
    listed = store.journal.order(
        ev.PackingListImported(content=PackingList(name="INV-7", vendor="YBP", lines=lines), operator="tess")
    )
    opened = store.journal.order(ev.ShipmentOpened(lists=(f"list-{listed}",), operator="tess"))
    store.journal.order(ev.CopyCounted(shipment=f"shipment-{opened}", numbers=("9780140449136",), operator="tess"))
    store.close()
    return tmp_path


def count_of(desk: Path) -> str:
    (row,) = value(desk, "receiving", "shipment", "show")["counts"]
    return str(row["id"])


def settled(desk: Path, clock: FakeClock, state: DeliveryState) -> str:
    """Settle the only delivery of the outbox, as the courier does. Return its id."""
    store: Store = open_store(desk / "journal.db", clock)
    (delivery,) = store.queries.outbox_page()
    assert isinstance(delivery.intent, ReceiveIntent) and store.outbox.lease(delivery.id)
    store.outbox.settle(delivery.id, state, Sentence.verbatim("no such line"), why=Why(reason="rejected"))
    store.close()
    return delivery.id


def test_a_receipt_is_ordered_refused_and_shown_with_its_difference(desk: Path, clock: FakeClock) -> None:
    count = count_of(desk)
    unbound = run(desk, "receiving", "receipts", "order", count, "--yes")
    assert unbound.exit_code == 35 and "Rivers needs our barcode" in unbound.stderr
    store = open_store(desk / "journal.db", clock)
    store.journal.order(ev.Added(barcode=BARCODE, count=int(count), operator="tess"))
    store.close()
    (row,) = value(desk, "receiving", "receipts", "list")
    assert (row["receipt"], row["order_line"]) == ("", "POL-1"), "it was bound before the settings were on"
    asked = run(desk, "receiving", "receipts", "order", count)
    assert asked.exit_code != 0 and "takes no receipt back" in asked.output
    (row,) = value(desk, "receiving", "receipts", "order", f"count-{count}", "--yes")
    assert row["receipt"] == "waiting"
    assert run(desk, "receiving", "receipts", "order", count, "--yes").exit_code == 35, "it has one"
    delivery = settled(desk, clock, DeliveryState.PARKED)
    (row,) = value(desk, "receiving", "receipts", "list", code=1)
    assert (row["receipt"], row["delivery"], "no such line" in row["receipt_detail"]) == ("refused", delivery, True)
    (difference,) = value(desk, "receiving", "differences", "list")
    assert (difference["kind"], difference["delivery"]) == ("receipt", delivery)


def test_a_copy_that_alma_has_received_is_undone_only_by_who_knows_it(desk: Path, clock: FakeClock) -> None:
    count = count_of(desk)
    store = open_store(desk / "journal.db", clock)
    store.journal.order(ev.Added(barcode=BARCODE, count=int(count), operator="tess"))
    store.close()
    value(desk, "receiving", "receipts", "order", count, "--yes")
    settled(desk, clock, DeliveryState.DELIVERED)
    assert value(desk, "receiving", "receipts", "list")[0]["receipt"] == "received"
    assert run(desk, "receiving", "undo", count).exit_code == 35
    assert value(desk, "receiving", "undo", count, "--despite-receipt")[0]["state"] == "undone"
    assert [row["kind"] for row in value(desk, "receiving", "differences", "list")] == ["receipt"]


def test_a_line_shows_how_its_order_line_is_in_alma(desk: Path, clock: FakeClock) -> None:
    store = open_store(desk / "journal.db", clock)
    line = OrderLine(number="POL-1", quantity=2, expected="2000-01-01", receiving_note="Give it to reserves.")
    store.journal.record(ev.OrderLineRead(system="alma-orders", content=line))
    store.close()
    (late,) = value(desk, "receiving", "shipment", "show")["lines"]
    assert (late["order_state"], late["expected"], late["received_there"]) == ("late", "2000-01-01", 0)
    assert late["receiving_note"] == "Give it to reserves."
    store = open_store(desk / "journal.db", clock)
    gone = OrderLine(number="POL-1", state=OrderLineState.CANCELLED, expected="2000-01-01")
    store.journal.record(ev.OrderLineRead(system="alma-orders", content=gone))
    store.close()
    assert value(desk, "receiving", "shipment", "show")["lines"][0]["order_state"] == "cancelled"
