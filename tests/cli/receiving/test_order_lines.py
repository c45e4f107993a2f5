"""`station receiving order-lines` and `invoices compare`, beside the emulated Alma."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.domain import events as ev
from station.domain.invoices.invoice import Invoice, InvoiceLine
from station.domain.receiving.order_line import OrderLineState
from station.domain.receiving.vendor import Vendor
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.cli.receiving.test_lists import run, value
from tests.cli.receiving.test_receipts import TOML
from tests.conftest import FakeClock
from tests.support.alma_process import CANARY, AlmaProcess, fictitious

ITEM = "31234000000015"
LINE: dict[str, Any] = {
    "number": "POL-1",
    "resource_metadata": {"title": "Meet the friendly volcano", "mms_id": {"value": "99"}},
    "vendor": {"value": "NILE"},
    "vendor_reference_number": "N-77",
    "expected_receipt_date": "2026-01-05Z",
    "receiving_note": "Call the law desk.",
    "interested_user": [{"primary_id": "reader-7", "last_name": "Marlowe"}],
}
INVOICE: dict[str, Any] = {
    "id": "901",
    "number": "INV-9",
    "vendor": {"value": "NILE"},
    "invoice_date": "2026-11-24Z",
    "total_amount": 22.5,
    "currency": {"value": "USD"},
    "alert": [{"value": "DIFF_PRICE_THAN_POLINE"}],
    "invoice_lines": {"invoice_line": [{"po_line": "POL-1", "total_price": 22.5, "quantity": 2}]},
}


@pytest.fixture(scope="module")
def alma_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlmaProcess]:
    process = AlmaProcess(tmp_path_factory.mktemp("alma"))
    yield process
    process.close()


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock, alma_process: AlmaProcess) -> Path:
    items = {ITEM: fictitious(ITEM, po_line="POL-1"), "2": fictitious("", pid=24, po_line="POL-1")}
    alma_process.reset(items, {"po_lines": [LINE], "invoices": [INVOICE]})
    (tmp_path / "station.toml").write_text(TOML.replace("https://alma.invalid", alma_process.base_url))
    (tmp_path / "credentials").mkdir(mode=0o700)
    (tmp_path / "credentials" / "alma").write_text(CANARY)
    (tmp_path / "credentials" / "alma").chmod(0o600)
    value(tmp_path, "people", "add", "tess", "--name", "Tess", "--role", "technician")
    store = open_store(tmp_path / "journal.db", clock)
    store.journal.record(ev.VendorRecorded(content=Vendor(id="nile", name="Nile"), operator="tess"))
    content = Invoice(
        vendor="nile",
        number="INV-9",
        date="2026-11-24",
        currency="USD",
        lines=(InvoiceLine(line="1", amount="20.00", copies=2, order_line="POL-1"),),
    )
    store.journal.record(ev.InvoiceRecorded(content=content, operator="tess"))
    store.close()
    return tmp_path


def read(desk: Path) -> list[ev.OrderLineRead]:
    rows = Queries(desk / "journal.db", FakeClock()).events()
    return [row.event for row in rows if isinstance(row.event, ev.OrderLineRead)]


def test_an_order_line_is_found_in_three_ways_and_journaled_once(desk: Path, alma_process: AlmaProcess) -> None:
    ways = (
        ("POL-1",),
        ("--vendor-reference", "N-77"),
        ("--vendor-reference", "N-77", "--vendor", "NILE"),
        ("--barcode", ITEM),
    )
    for way in ways:
        answer = value(desk, "receiving", "order-lines", "show", *way)
        (line,) = answer["order_lines"]
        assert (line["id"], line["title"], line["receiving_note"]) == (
            "POL-1", "Meet the friendly volcano", "Call the law desk.",
        )  # fmt: skip
        assert [copy.get("barcode", "") for copy in line["copies"]] == [ITEM, ""]
    (event,) = read(desk)
    assert (event.system, event.operator == "") == ("alma-orders", False)
    assert b"reader-7" not in (desk / "journal.db").read_bytes()
    alma_process.do("cancel-line", number="POL-1")
    shown = run(desk, "receiving", "order-lines", "show", "POL-1", "POL-9")
    assert shown.exit_code == 1
    assert "canceled" in shown.stdout and "no order line POL-9" in shown.stdout
    assert [event.content.state for event in read(desk)] == [OrderLineState.ACTIVE, OrderLineState.CANCELLED]


def test_late_and_canceled_lines_are_listed_without_asking_alma(desk: Path, alma_process: AlmaProcess) -> None:
    value(desk, "receiving", "order-lines", "show", "POL-1")
    asked = len(alma_process.asked())
    assert [row["state"] for row in value(desk, "receiving", "order-lines", "list", "--late")] == ["late"]
    assert value(desk, "receiving", "order-lines", "list", "--canceled") == []
    assert len(alma_process.asked()) == asked


def test_an_invoice_is_compared_and_nothing_is_written_there(desk: Path, alma_process: AlmaProcess) -> None:
    shown = run(desk, "receiving", "invoices", "compare", "INV-9")
    assert shown.exit_code == 1
    assert "Total: 20.00 here, 22.5" in shown.stdout
    assert "Amount of order line POL-1: 20.00 here, 22.5" in shown.stdout
    assert "warns: DIFF_PRICE_THAN_POLINE" in shown.stdout
    assert {method for method, _ in alma_process.asked()} == {"GET"}
    assert alma_process.effects() == []


def test_without_alma_it_says_which_setting_is_missing(desk: Path) -> None:
    (desk / "station.toml").write_text(TOML.partition("[delivery.alma]")[0])
    shown = run(desk, "receiving", "order-lines", "show", "POL-1")
    assert shown.exit_code != 0 and "delivery.alma.orders" in shown.stderr
    assert run(desk, "receiving", "order-lines", "show").exit_code == 2


@pytest.mark.parametrize("missing", ["library", "department"])
def test_orders_without_library_or_department_are_refused(desk: Path, missing: str) -> None:
    text = (desk / "station.toml").read_text()
    (desk / "station.toml").write_text("\n".join(line for line in text.splitlines() if not line.startswith(missing)))
    shown = run(desk, "receiving", "order-lines", "show", "POL-1")
    assert shown.exit_code != 0 and f"delivery.alma.orders.{missing}" in shown.stderr
