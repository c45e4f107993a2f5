"""Receiving and keeping at the adapter: the right copy, at most once, and no word of it that is not true in Alma."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from station.base import settings
from station.base.credentials import Secret
from station.base.errors import Conflict, InDoubt, Rejected
from station.base.settings.delivery import AlmaOrders as Config
from station.domain.deliveries.delivery import Confirmation, Delivery, Receipt
from station.domain.deliveries.intents import Decision, Intent, KeepIntent, ReceiveIntent, Side
from station.domain.item import Barcode
from station.domain.receiving.order_line import OrderLineState
from station.sync.alma.acquisitions import Acquisitions
from station.sync.alma.orders import AlmaOrders
from tests.conftest import FakeClock
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.support.told import raises_told
from tests.sync.system_rigs import delivery_of

OURS = "31234000000017"
VENDORS = "70000000000001"
DAY = "2026-11-23"
"""Another day than that of the delivery's event."""


def copy(pid: int, library: str = "MAIN", barcode: str = "", line: str = "POL-1", **more: Any) -> dict[str, Any]:
    return fictitious(
        barcode,
        pid=pid,
        po_line=line,
        library={"value": library},
        process_type={"value": "ACQ"},
        internal_note_1="theirs",
        **more,
    )


def world(process: AlmaProcess, *copies: dict[str, Any], **line: Any) -> None:
    """Reset Alma to one order line with these copies."""
    whole = {"number": "POL-1", "owner": {"value": "MAIN"}, "resource_metadata": {"mms_id": "99"}, **line}
    more = {"number": "POL-2", "owner": {"value": "MAIN"}, "resource_metadata": {"mms_id": "99"}}
    process.reset(
        {str(number): item for number, item in enumerate(copies)},
        {
            "po_lines": [whole, more],
            "departments": ["ACQ"],
            "acq_departments": {"MAIN": ["ACQ", "OTHER"], "EAST": ["ACQ"]},
        },
    )


@pytest.fixture
def adapter(alma_process: AlmaProcess) -> Iterator[AlmaOrders]:
    orders = Config(enabled=True, library="MAIN", department="ACQ")
    config = settings.Alma(base_url=alma_process.base_url, orders=orders)
    made = AlmaOrders(config, lambda: Secret(CANARY), FakeClock())
    yield made
    made.close()


def receive(adapter: AlmaOrders, witness: list[str], **more: str) -> Receipt:
    return adapter.deliver(receipt(**more), witness.append)


def receipt(**more: str) -> Delivery:
    return made(ReceiveIntent(order_line="POL-1", barcode=OURS, received=DAY, **more))


def made(intent: Intent) -> Delivery:
    return delivery_of(1, intent, "alma-orders")


def sent(row: Delivery, witness: list[str]) -> Delivery:
    return msgspec.structs.replace(row, sent=True, witness=witness[-1])


def test_the_copy_of_the_library_gets_our_barcode_in_the_call_that_receives_it(
    adapter: AlmaOrders, alma_process: AlmaProcess
) -> None:
    world(alma_process, copy(23, "EAST"), copy(24, "MAIN", barcode="x"), copy(25, "MAIN"))
    assert not receive(adapter, witness := [], library="MAIN").unchanged
    (effect,) = alma_process.effects()
    assert (effect["kind"], effect["pid"], effect["department"], effect["department_library"]) == (
        "receive", "25", "ACQ", "MAIN",
    )  # fmt: skip
    item = alma_process.do("dump", pid="25")["item"]["item_data"]
    assert (item["barcode"], item["arrival_date"], item["internal_note_1"]) == (OURS, f"{DAY}Z", "theirs")
    assert not effect["at_random"]
    assert len(witness) == 1
    assert receive(adapter, witness).unchanged, "it is received, and not received again"
    assert len(alma_process.effects()) == 1


def test_a_receipt_that_the_order_line_does_not_show_is_in_doubt(
    adapter: AlmaOrders, alma_process: AlmaProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another person changes the barcode as soon as Alma has received the copy."""
    received = Acquisitions.receive

    def then_changed(*arguments: Any) -> None:
        received(*arguments)
        alma_process.do("edit", barcode=OURS, field="barcode", value=VENDORS)

    monkeypatch.setattr(Acquisitions, "receive", then_changed)
    world(alma_process, copy(23))
    with pytest.raises(InDoubt):
        receive(adapter, [])


def test_the_vendors_barcode_names_the_copy(adapter: AlmaOrders, alma_process: AlmaProcess) -> None:
    world(alma_process, copy(23), copy(24, barcode=VENDORS))
    receive(adapter, [], listed_barcode=VENDORS)
    assert [effect["pid"] for effect in alma_process.effects()] == ["24"]


@pytest.mark.parametrize(("received", "standing"), [("2020-01-01Z", "not-landed"), (f"{DAY}Z", "cannot-tell")])
def test_without_a_witness_a_copy_received_since_may_be_ours(
    adapter: AlmaOrders, alma_process: AlmaProcess, received: str, standing: str
) -> None:
    """An older journal was restored: it holds no witness of what was sent."""
    world(alma_process, copy(23, arrival_date=received), copy(24))
    assert adapter.confirm(msgspec.structs.replace(receipt(), sent=True, witness="")) == standing


REFUSALS: dict[str, tuple[str, dict[str, str]]] = {
    "another branch": ("no open copy for WEST, only for EAST, MAIN", {"library": "WEST"}),
    "two branches": ("open copies for several libraries (EAST, MAIN)", {}),
    "the vendor's copy is another branch's": (
        "no open copy for EAST, only for MAIN",
        {"library": "EAST", "listed_barcode": VENDORS},
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_branch_is_never_guessed(adapter: AlmaOrders, alma_process: AlmaProcess, case: str) -> None:
    world(alma_process, copy(23, "EAST"), copy(24, barcode=VENDORS))
    words, more = REFUSALS[case]
    with raises_told(Rejected, match=words.replace("(", r"\(").replace(")", r"\)")):
        receive(adapter, witness := [], **more)
    assert witness == []
    assert alma_process.effects() == []


def test_what_alma_cannot_receive_is_refused_before_anything_is_sent(
    adapter: AlmaOrders, alma_process: AlmaProcess
) -> None:
    world(alma_process, copy(23), copy(24, line="POL-2", barcode=OURS))
    with raises_told(Rejected, match="Another item in Alma has the barcode"):
        receive(adapter, witness := [])
    for state, words in (("CANCELLED", "is canceled"), ("CLOSED", "is closed")):
        world(alma_process, copy(23), status={"value": state})
        with raises_told(Rejected, match=words):
            receive(adapter, witness)
    world(alma_process, copy(23, barcode=VENDORS))
    alma_process.do("receive-by-hand", pid="23")
    with raises_told(Rejected, match="received the copy with the vendor's barcode"):
        receive(adapter, witness, listed_barcode=VENDORS)
    with raises_told(Rejected, match="All copies"):
        receive(adapter, witness)
    with raises_told(Rejected, match="has no order line POL-9"):
        adapter.deliver(made(ReceiveIntent(order_line="POL-9", barcode=OURS)), witness.append)
    for name in ("..", "../../bibs/99", ""):
        with pytest.raises(Rejected):
            adapter.deliver(made(ReceiveIntent(order_line=name, barcode=OURS)), witness.append)
    assert witness == []
    assert alma_process.effects("receive", "item-create") == []


def test_a_wrong_department_is_refused_with_both_codes(alma_process: AlmaProcess) -> None:
    world(alma_process, copy(23))
    config = settings.Alma(
        base_url=alma_process.base_url, orders=Config(enabled=True, library="MAIN", department="NONE")
    )
    adapter = AlmaOrders(config, lambda: Secret(CANARY), FakeClock())
    with raises_told(Rejected, match=r"401875.*NONE.*MAIN"):
        receive(adapter, witness := [])
    assert len(witness) == 1
    assert alma_process.effects() == []
    adapter.close()


@pytest.mark.parametrize("kind", ["PRINTED_BOOK_OT", "PRINTED_BOOK_SO"])
def test_received_without_our_barcode_is_for_a_person_and_never_received_again(
    adapter: AlmaOrders, alma_process: AlmaProcess, kind: str
) -> None:
    world(alma_process, copy(23), copy(24), type={"value": kind})
    alma_process.do("update-fails", n=1)
    with pytest.raises(InDoubt):
        receive(adapter, witness := [])
    assert adapter.confirm(sent(receipt(), witness)) is Confirmation.CANNOT_TELL
    assert len(alma_process.effects()) == 1
    pid = alma_process.effects()[0]["pid"]
    shown = alma_process.do("dump", pid=pid)["item"]["item_data"]["barcode"]
    alma_process.do("edit", barcode=shown, field="barcode", value=OURS) if shown else None
    if shown:
        assert adapter.confirm(sent(receipt(), witness)) is Confirmation.LANDED, "a person gave it our barcode"


def test_another_person_who_receives_the_copy_meanwhile_is_seen(adapter: AlmaOrders, alma_process: AlmaProcess) -> None:
    world(alma_process, copy(23), copy(24))
    alma_process.do("drop-before-effect", n=1)
    with pytest.raises(InDoubt):
        receive(adapter, witness := [])
    assert adapter.confirm(sent(receipt(), witness)) is Confirmation.NOT_LANDED
    alma_process.do("receive-by-hand", pid="23")
    assert adapter.confirm(sent(receipt(), witness)) is Confirmation.CANNOT_TELL


def test_a_continuous_order_gets_a_new_item_once(adapter: AlmaOrders, alma_process: AlmaProcess) -> None:
    world(alma_process, copy(23), type={"value": "PRINTED_BOOK_SO"})
    alma_process.do("drop-answer-after-effect", n=1)
    with pytest.raises(InDoubt):
        receive(adapter, witness := [])
    assert adapter.confirm(sent(receipt(), witness)) is Confirmation.LANDED
    assert receive(adapter, witness).unchanged
    assert [effect["kind"] for effect in alma_process.effects("receive", "item-create")] == ["item-create"]


def test_answers_in_xml_are_understood(adapter: AlmaOrders, alma_process: AlmaProcess) -> None:
    world(alma_process, copy(23), title="x")
    alma_process.do("xml", n=20)
    receive(adapter, [])
    assert [effect["kind"] for effect in alma_process.effects()] == ["receive"]


def kept(**more: Any) -> Delivery:
    return msgspec.structs.replace(made(KeepIntent(order_line="POL-1", barcode=OURS)), **more)


def test_a_received_copy_is_kept_once_and_without_an_in_house_use(
    adapter: AlmaOrders, alma_process: AlmaProcess
) -> None:
    world(alma_process, copy(23))
    with raises_told(Rejected, match="401689"):
        adapter.deliver(kept())
    receive(adapter, [])
    adapter.deliver(kept())
    item = alma_process.item(OURS)["item_data"]
    assert [item[name]["value"] for name in ("process_type", "work_order_type", "work_order_at")] == [
        "WORK_ORDER_DEPARTMENT", "AcqWorkOrder", "ACQ",
    ]  # fmt: skip
    assert adapter.deliver(kept()).unchanged
    assert len(alma_process.effects("scan-in")) == 1
    assert alma_process.do("log")["in_house_uses"] in (0, [], {})


def test_a_copy_that_is_not_received_or_is_at_work_elsewhere_is_not_kept(
    adapter: AlmaOrders, alma_process: AlmaProcess
) -> None:
    world(alma_process, copy(23, barcode=OURS))
    with raises_told(Rejected, match="has not received"):
        adapter.deliver(kept())
    receive(adapter, [])
    alma_process.do("loan", barcode=OURS)
    with pytest.raises(Conflict) as caught:
        adapter.deliver(kept())
    assert alma_process.effects("scan-in") == []
    sides = tuple(Side(*side) for side in caught.value.sides)
    adapter.deliver(kept(decision=Decision.SEND_OURS, sides=sides))
    assert len(alma_process.effects("scan-in")) == 1


def test_order_lines_are_found_by_number_vendors_number_and_item(
    adapter: AlmaOrders, alma_process: AlmaProcess
) -> None:
    world(
        alma_process, copy(23, barcode=OURS), vendor={"value": "NILE"}, vendor_reference_number="N-77",
        interested_user=[{"primary_id": "reader-7"}], receiving_note="Call Ada.",
    )  # fmt: skip
    line = adapter.order_line("POL-1")
    assert line is not None
    assert (line.receiving_note, [each.barcode for each in line.copies]) == ("Call Ada.", [OURS])
    assert b"reader-7" not in adapter.client.ask("/almaws/v1/acq/po-lines/POL-1").body
    assert adapter.order_line("POL-9") is None
    assert adapter.order_line_of_item(Barcode(OURS)) == line
    assert adapter.order_line_of_item(Barcode("39999999999999")) is None
    assert adapter.order_lines_of("n-77") == (line,)
    alma_process.do("cancel-line", number="POL-1")
    (cancelled,) = adapter.order_lines_of("N-77", "NILE")
    assert cancelled.state is OrderLineState.CANCELLED


def test_an_invoice_is_read_with_all_its_lines(adapter: AlmaOrders, alma_process: AlmaProcess) -> None:
    rows = [
        {"id": str(number), "number": str(number), "type": {"value": "REGULAR"}, "po_line": f"POL-{number}",
         "price": 2.5, "total_price": 2.5, "quantity": 1}
        for number in range(1, 251)
    ]  # fmt: skip
    invoices = [
        {"id": "901", "number": "INV-1", "vendor": {"value": "NILE"}, "invoice_date": "2026-11-24Z", "total_amount": 625,
         "currency": {"value": "USD"}, "invoice_lines": {"invoice_line": rows}},
        {"id": "902", "number": "INV-10", "vendor": {"value": "NILE"}, "total_amount": 1, "currency": {"value": "USD"}},
    ]  # fmt: skip
    alma_process.reset({}, {"invoices": invoices})
    (invoice,) = adapter.invoices("INV-1")
    assert (invoice.id, invoice.total, invoice.date, len(invoice.lines)) == ("901", "625.00", "2026-11-24", 250)
    assert invoice.lines[-1].order_line == "POL-250"
    assert adapter.invoices("INV-9") == ()
