"""The shipment's columns of Alma: receipts of counted copies, what Alma says of order lines, and what is read there."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.sentence import Sentence
from station.domain.deliveries.delivery import DeliveryState, Why
from station.domain.deliveries.intents import ReceiveIntent
from station.domain.events import Added, DeliveryOrdered, OrderLineRead, SystemInvoiceRead
from station.domain.invoices.system_invoice import SystemInvoice
from station.domain.order_question import OrderAnswer, OrderQuestion
from station.domain.people.sign_on import By
from station.domain.receiving.order_line import OrderLine
from station.runtime.acts import Acts
from station.runtime.data_directory import JOURNAL
from station.store.queries.queries import Queries
from tests.office.desk import EVIL, browser, events, invoices, journal, made, received, text_of
from tests.support.harmless import bad_characters

BARCODE = "31234000000049"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A place that receives in Alma, with a counted copy of POL-1 that has our barcode."""
    data = made(tmp_path)
    file = data / "station.toml"
    text = file.read_text(encoding="utf-8")
    head, alma, rest = text.partition("[delivery.alma]\n")
    rest = rest.replace("enabled = false", "enabled = true", 1)
    rest = rest.replace('base_url = ""', 'base_url = "https://alma.invalid"', 1)
    own, orders, after = rest.partition("[delivery.alma.orders]\n")
    assert orders
    after = after.replace("enabled = false", "enabled = true", 1).replace('library = ""', 'library = "MAIN"', 1)
    after = after.replace('department = ""', 'department = "ACQ"', 1)
    file.write_text(f"{head}{alma}{own}{orders}{after}", encoding="utf-8")
    store = journal(data)
    store.journal.order(Added(barcode=BARCODE, count=count_of(data), operator="w-tim"))
    store.close()
    return data


def count_of(data: Path) -> int:
    """Return the number of the counted copy of POL-1."""
    counts = Queries(data / JOURNAL, SystemClock()).counts_of(received(data)["shipment"])
    return next(count.id for count in counts if count.order_line == "POL-1")


def test_a_person_orders_a_receipt_and_sees_how_far_it_is(data: Path) -> None:
    counts = f"/shipments/{received(data)['shipment']}/counts"
    with browser(data, "tim") as desk:
        assert "Order the receipt" in desk.get(counts).text and "In Alma" not in desk.get(counts).text
        form = desk.get(f"/shipments/receipts?id={count_of(data)}").text
        assert "takes no receipt back" in form and BARCODE in form
        waits = desk.follow(desk.send(f"/shipments/receipts?id={count_of(data)}")).text
        again = desk.send(f"/shipments/receipts?id={count_of(data)}")
        assert desk.get("/shipments/receipts").status_code == 409
    (ordered,) = (event for event in events(data) if isinstance(event, DeliveryOrdered))
    assert isinstance(ordered.intent, ReceiveIntent) and (ordered.intent.order_line, ordered.system) == (
        "POL-1",
        "alma-orders",
    )
    delivery = next(
        row.id for row in Queries(data / JOURNAL, SystemClock()).outbox_page() if row.system == "alma-orders"
    )
    assert f'<a href="/outbox/{delivery}">waits</a>' in waits and again.status_code == 409
    store = journal(data)
    assert store.outbox.lease(delivery)
    answer = Sentence.verbatim(f"no such line {EVIL}")
    store.outbox.settle(delivery, DeliveryState.PARKED, answer, why=Why(reason="rejected"))
    store.close()
    with browser(data, "tess") as desk:
        page = desk.get(counts).text
        difference = desk.get(f"/differences/{received(data)['receipt']}").text
    assert f'<a href="/outbox/{delivery}">refused</a>' in page and 'data-mark="▲"' in page
    assert "What Alma answered" in difference and "no such line" in difference
    assert f'href="/outbox/{delivery}"' in difference and not bad_characters(difference, allowed="\n\u00ad")


def test_a_shipment_shows_what_alma_says_of_its_order_lines(data: Path) -> None:
    shipment = f"/shipments/{received(data)['shipment']}"
    line = OrderLine(
        number="POL-1",
        quantity=2,
        title="Introduction to bread",
        expected="2026-01-02",
        rush=True,
        receiving_note="Shelf 3",
    )
    store = journal(data)
    store.journal.record(OrderLineRead(system="alma-orders", content=line))
    store.close()
    with browser(data, "tess") as desk:
        page = text_of(desk.get(shipment).text)
    assert "late" in page and "Jan 2, 2026" in page and "Rush: Introduction to bread. Shelf 3" in page


def test_order_lines_and_an_invoice_are_read_on_request_and_compared(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[OrderQuestion] = []

    def read(_: Acts, question: OrderQuestion, by: By) -> OrderAnswer:
        assert by.operator == "w-tess"
        asked.append(question)
        return OrderAnswer()

    monkeypatch.setattr(Acts, "read", read)
    shipment, invoice = received(data)["shipment"], invoices(data)["ready"]
    with browser(data, "tess") as desk:
        assert f"/shipments/{shipment}/read" in desk.get(f"/shipments/{shipment}").text
        desk.follow(desk.send(f"/shipments/{shipment}/read"))
        assert "In Alma" not in desk.follow(desk.send(f"/invoices/{invoice}/read")).text
        store = journal(data)
        theirs = SystemInvoice(number="Y-1", total="21.00", currency="USD", date="2026-11-02")
        store.journal.record(SystemInvoiceRead(system="alma-orders", invoice=invoice, content=theirs))
        store.close()
        page = text_of(desk.get(f"/invoices/{invoice}").text)
    assert asked == [OrderQuestion(shipment=shipment), OrderQuestion(invoice=invoice)]
    assert "In Alma Read there" in page and "21.00" in page and "Both agree" not in page
