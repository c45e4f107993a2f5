"""Alma's answers about order lines and invoices, as values: in JSON and XML, genuine ones, and bad ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.base.errors import Unreachable
from station.domain.receiving.order_line import OrderedCopy, OrderLine, OrderLineState
from station.sync.alma.document import fields_of, rows, without_people
from station.sync.alma.invoices import figure, invoice_of
from station.sync.alma.order_line import order_line_of

IN_JSON = {
    "number": "POL-9",
    "type": {"value": "PRINTED_BOOK_OT", "desc": "Print Book - One Time"},
    "status": {"value": "SENT", "desc": None},
    "vendor": {"value": "NILE"},
    "vendor_reference_number": "99-1",
    "po_number": "PO-7",
    "price": {"sum": "12.0", "currency": {"value": "USD"}},
    "rush": True,
    "receiving_note": "Give it to the reserve desk.\u001b[2J",
    "vendor_note": "",
    "expected_receipt_date": "2026-04-01Z",
    "resource_metadata": {"title": "Meet the friendly volcano", "mms_id": {"value": "99"}},
    "interested_user": [{"primary_id": "reader-7", "first_name": "Ada"}],
    "location": [
        {
            "quantity": 2,
            "library": {"value": "EAST"},
            "shelving_location": "stacks",
            "copy": [
                {"pid": "23", "barcode": "312", "receive_date": "2026-04-02Z", "permanent_library": {"value": "EAST"}},
                {"pid": "24", "barcode": None},
            ],
        }
    ],
}
IN_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<po_line><number>POL-9</number><type desc="Print Book - One Time">PRINTED_BOOK_OT</type><status>SENT</status>
<vendor desc="Nile">NILE</vendor><vendor_reference_number>99-1</vendor_reference_number><po_number>PO-7</po_number>
<price><sum>12.0</sum><currency desc="US Dollar">USD</currency></price><rush>true</rush>
<receiving_note>Give it to the reserve desk.</receiving_note><vendor_note/>
<expected_receipt_date>2026-04-01Z</expected_receipt_date>
<resource_metadata><mms_id>99</mms_id><title>Meet the friendly volcano</title></resource_metadata>
<interested_users><interested_user><primary_id>reader-7</primary_id></interested_user></interested_users>
<locations><location><quantity>2</quantity><library>EAST</library><shelving_location>stacks</shelving_location>
<copies><copy><pid>23</pid><barcode>312</barcode><receive_date>2026-04-02Z</receive_date></copy>
<copy><pid>24</pid><barcode/></copy></copies></location></locations></po_line>"""
LINE = OrderLine(
    number="POL-9",
    status="SENT",
    title="Meet the friendly volcano",
    vendor="NILE",
    vendor_reference="99-1",
    order="PO-7",
    price="12.0 USD",
    quantity=2,
    copies=(
        OrderedCopy(item="23", barcode="312", library="EAST", location="stacks", received="2026-04-02"),
        OrderedCopy(item="24", library="EAST", location="stacks"),
    ),
    expected="2026-04-01",
    receiving_note="Give it to the reserve desk.",
    rush=True,
)


def test_json_and_xml_are_the_same_order_line() -> None:
    in_json = dict(IN_JSON, receiving_note="Give it to the reserve desk.")
    assert order_line_of(fields_of(json.dumps(in_json).encode())) == LINE
    assert order_line_of(fields_of(IN_XML)) == LINE
    assert "\x1b" not in order_line_of(fields_of(json.dumps(IN_JSON).encode())).receiving_note


def test_states_and_kinds_of_order_lines() -> None:
    assert order_line_of({"number": "1", "status": {"value": "CANCELED"}}).state is OrderLineState.CANCELLED
    assert order_line_of({"number": "1", "status": "CLOSED"}).state is OrderLineState.CLOSED
    assert not order_line_of({"number": "1", "type": {"value": "PRINTED_JOURNAL_CO"}}).one_time
    assert not order_line_of({"number": "1", "type": {"value": "PRINTED_BOOK_SO"}}).one_time
    one = {"location": {"quantity": "1", "copy": {"pid": 7}}}  # a list with one object may come as that object
    assert [copy.item for copy in order_line_of({"number": "1", **one}).copies] == ["7"]


@pytest.mark.parametrize("body", [json.dumps(IN_JSON).encode(), IN_XML, json.dumps(IN_JSON).encode()[:700]])
def test_the_people_who_wait_for_it_never_enter(body: bytes) -> None:
    assert b"interested_user" in body
    left = without_people(body)
    assert b"reader-7" not in left
    assert b"Meet the friendly volcano" in left


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"<a><b></a>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 60 + b"</a>" * 60,
        b"\xff\xfe{",
    ],
)
def test_what_is_no_answer_is_no_order_line(body: bytes) -> None:
    with pytest.raises(Unreachable):
        fields_of(body)


def test_genuine_order_lines_are_read(shared: Path) -> None:
    lines = json.loads((shared / "data" / "alma-acq" / "mit_po_line_records.json").read_text())
    whole = order_line_of(lines["all_fields"])
    assert (whole.number, whole.title, whole.price, whole.quantity, whole.vendor) == (
        "POL-all-fields",
        "Book title",
        "12.0",
        3,
        "CORP",
    )
    assert order_line_of(lines["missing_fields"]) == OrderLine(number="POL-missing-fields")


def test_genuine_invoices_are_read(shared: Path) -> None:
    found = json.loads((shared / "data" / "alma-acq" / "mit_invoice_waiting_to_be_sent.json").read_text())
    invoice = invoice_of(found, rows(found["invoice_lines"], "invoice_line"))
    assert invoice.step == "Waiting to be Sent"
    assert "ADDITIONAL_INVOICE_EXISTS" in invoice.alerts
    assert [line.total for line in invoice.lines][:2] == ["69.75", "239.00"]
    assert len(invoice.lines) == 14


def test_amounts_are_written_without_the_noise_of_floats() -> None:
    assert [*map(figure, ("120", "12.0", "0.30000000000000004", "-40.99", "", "1e5", "NaN", "Infinity"))] == [
        "120.00", "12.00", "0.30", "-40.99", "", "100000.00", "", "",
    ]  # fmt: skip
