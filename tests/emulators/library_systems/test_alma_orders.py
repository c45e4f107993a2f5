"""The emulated Alma's acquisitions: lists, receiving with its pitfalls, invoices, rights, errors of the vendor."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import missing
from tests.emulators.library_systems.alma_rig import ITEM, ROOT, Alma

LINES = f"{ROOT}/acq/po-lines"
DEPARTMENT = "department=ACQ&department_library=M&receive_date=2026-12-02Z"


def copy_of(pid: str, line: str, barcode: str = "", **data: Any) -> dict[str, Any]:
    """Return an item on order."""
    item: dict[str, Any] = json.loads(json.dumps(ITEM))
    item["item_data"] |= {
        "pid": pid, "barcode": barcode or f"auto-{pid}", "po_line": line, "arrival_date": None,
        "process_type": {"value": "ACQ", "desc": "Acquisition"}, "base_status": {"value": "0", "desc": "Item not in place"},
        **data,
    }  # fmt: skip
    return item


def line(number: str, title: str, **more: Any) -> dict[str, Any]:
    vendor = {"value": "GOBI", "desc": "GOBI Library Solutions"}
    return {"number": number, "owner": {"value": "M", "desc": "Main"}, "vendor": vendor,
            "resource_metadata": {"mms_id": "99", "title": title, "isbn": "9780226405292"}, **more}  # fmt: skip


SERIAL = {
    "type": {"value": "PRINTED_BOOK_SO", "desc": "Standing Order"},
    "status": {"value": "ACTIVE", "desc": "Active"},
}
WORLD = {
    "acq_departments": {"M": ["ACQ", "SERIALS", "GIFTS"]},
    "work_order_types": {"AcqWorkOrder": ["CopyCat", "Binding"]},
    "po_lines": [
        line("POL-1", "Alpha in Rome", vendor_reference_number="99-7", receiving_note="rush shelf", note=[{"note_text": "n"}],
             interested_user=[{"primary_id": "someone"}], expected_receipt_date="2026-11-30Z"),
        line("POL-2", "Beta", **SERIAL),
        line("POL-3", "Gamma", status={"value": "CLOSED", "desc": "Closed"}),
        line("POL-4", "Delta in Rome", status={"value": "CANCELLED", "desc": "Cancelled"}),
    ],
    "invoices": [
        {"id": "71", "number": "55", "vendor": {"value": "GOBI", "desc": "GOBI"}, "total_amount": 12.5,
         "invoice_status": {"value": "ACTIVE"}, "invoice_lines": {"invoice_line": [
             {"id": "1", "number": "1", "po_line": "POL-1", "price": 12.5, "total_price": 12.5, "quantity": 1}]}},
        {"id": "72", "number": "INV 55 B", "vendor": {"value": "GOBI", "desc": "GOBI"}, "invoice_status": {"value": "CLOSED"}},
    ],
}  # fmt: skip


@pytest.fixture
def acquisitions(alma: Alma) -> Alma:
    items = {"1": ITEM, "a": copy_of("31", "POL-1"), "b": copy_of("32", "POL-1"), "c": copy_of("33", "POL-4")}
    alma.do("reset", items=items, world=WORLD)
    return alma


def numbers(alma: Alma, query: str = "") -> list[str]:
    return [row["number"] for row in alma.ask("GET", f"{LINES}?{query}")[2]["po_line"]]


def receive(pid: str, number: str = "POL-1", query: str = DEPARTMENT) -> str:
    return f"{LINES}/{number}/items/{pid}?op=receive&{query}"


def effects(alma: Alma) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = alma.do("log")["effects"]
    return answer


def test_a_list_leaves_out_closed_lines_and_what_was_not_expanded(acquisitions: Alma) -> None:
    assert sorted(numbers(acquisitions)) == ["POL-1", "POL-2", "POL-4"]
    assert numbers(acquisitions, "status=CLOSED") == ["POL-3"]
    assert sorted(numbers(acquisitions, "status=ACTIVE")) == ["POL-1", "POL-2"]
    assert len(numbers(acquisitions, "status=ALL_WITH_CLOSED")) == 4
    (row,) = acquisitions.ask("GET", f"{LINES}?q=number~POL-1")[2]["po_line"]
    assert {"note", "location"}.isdisjoint(row)
    (row,) = acquisitions.ask("GET", f"{LINES}?q=number~POL-1&expand=notes,locations")[2]["po_line"]
    assert [copy["pid"] for place in row["location"] for copy in place["copy"]] == ["31", "32"]
    assert (row["location"][0]["quantity"], row["note"]) == (2, [{"note_text": "n"}])


def test_a_search_knows_the_documented_fields_only(acquisitions: Alma) -> None:
    """The vendor's number of a line is none of them: it is found in the lines of the vendor."""
    assert numbers(acquisitions, "q=title~in_rome&order_by=number&direction=asc") == ["POL-1", "POL-4"]
    assert numbers(acquisitions, "q=title~rome%20AND%20number~POL-4") == ["POL-4"]
    assert numbers(acquisitions, "q=all~99-7") == []
    assert acquisitions.code("GET", f"{LINES}?q=vendor_reference_number~99-7") == "40188600"
    rows = acquisitions.ask("GET", f"{ROOT}/acq/vendors/GOBI/po-lines?limit=100")[2]["po_line"]
    assert [row["number"] for row in rows if row["vendor_reference_number"] == "99-7"] == ["POL-1"]
    assert numbers(acquisitions, "q=item_library~M&order_by=enumeration_a") == ["POL-1", "POL-4"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("order_by=price", "40188604"), ("order_by=title,enumeration_a", "40188603"), ("order_by=enumeration_a", "40188602"),
        ("status=OPEN", "402119"), ("limit=101", "402119"), ("direction=up", "402119"),
        ("min_expected_arrival_date=tomorrow", "402119"),
    ],
)  # fmt: skip
def test_a_list_refuses_other_values(acquisitions: Alma, query: str, code: str) -> None:
    assert acquisitions.code("GET", f"{LINES}?{query}") == code


def test_a_line_shows_its_copies_and_the_people_who_wait(acquisitions: Alma) -> None:
    shown = acquisitions.ask("GET", f"{LINES}/POL-1")[2]
    assert shown["resource_metadata"]["mms_id"]["value"] == "99"
    assert (shown["price"]["sum"], shown["status"]["value"]) == ("0.0", "SENT")
    assert shown["interested_user"] == [{"primary_id": "someone"}]
    listed = acquisitions.ask("GET", f"{LINES}/POL-1/items")[2]
    assert [set(row) for row in listed["item"]] == [{"link", "item_data"}] * 2
    assert acquisitions.code("GET", f"{LINES}/POL-9") == "401871"
    assert numbers(acquisitions, "max_expected_arrival_date=2026-11-30") == ["POL-1"]
    assert numbers(acquisitions, "min_expected_arrival_date=2026-12-01") == []


def test_a_copy_of_a_one_time_order_is_in_transit_and_has_the_barcode_of_the_body(acquisitions: Alma) -> None:
    item = acquisitions.do("dump", pid="31")["item"]
    item["item_data"]["barcode"] = "31234000000017"
    answer = acquisitions.ask("POST", receive("31"), item)[2]["item_data"]
    assert (answer["barcode"], answer["arrival_date"]) == ("31234000000017", "2026-12-02Z")
    assert answer["process_type"]["value"] == "TRANSIT"
    (effect,) = effects(acquisitions)
    assert (effect["kind"], effect["po_line"], effect["department"], effect["at_random"]) == (
        "receive",
        "POL-1",
        "ACQ",
        False,
    )
    assert acquisitions.do("line", number="POL-1")["line"]["status"]["value"] == "SENT"
    acquisitions.ask("POST", receive("32"), {})
    assert acquisitions.do("line", number="POL-1")["line"]["status"]["value"] == "WAITING_FOR_INVOICE"


def test_keeping_a_copy_takes_a_second_call_with_a_status_of_its_type(acquisitions: Alma) -> None:
    acquisitions.ask("POST", receive("31"), {})
    place = f"{ROOT}/bibs/99/holdings/22/items/31?op=scan&library=M&department=ACQ&register_in_house_use=false"
    assert acquisitions.code("POST", f"{place}&work_order_type=Other") == "40166411"
    wrong = acquisitions.ask("POST", f"{place}&work_order_type=AcqWorkOrder&status=CopyCataloging")[2]
    message = wrong["errorList"]["error"][0]["errorMessage"]
    assert message == "The parameter status is invalid. Received: CopyCataloging. Valid options are: [CopyCat,Binding]."
    kept = acquisitions.ask("POST", f"{place}&work_order_type=AcqWorkOrder&status=CopyCat")[2]["item_data"]
    assert kept["process_type"]["value"] == "WORK_ORDER_DEPARTMENT"
    assert [effect["kind"] for effect in effects(acquisitions)] == ["receive", "scan-in"]


def test_without_a_department_one_is_chosen_at_random(acquisitions: Alma) -> None:
    for _ in range(12):
        acquisitions.ask("POST", receive("31", query=""), {})
    assert {effect["department"] for effect in effects(acquisitions)} == {"ACQ", "SERIALS", "GIFTS"}
    assert all(effect["at_random"] for effect in effects(acquisitions))


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (receive("31", "POL-9"), {}, "401871"),
        (receive("33", "POL-4"), {}, "401877"),
        (receive("33"), {}, "40166411"),
        (receive("31", query="department=NONE&department_library=M"), {}, "401875"),
        (receive("31", query="department=ACQ"), {}, "401875"),
        (receive("31", query="department=ACQ&department_library=N"), {}, "40166411"),
        (receive("31", query="receive_date=2026-12-02"), {}, "40166411"),
        (receive("31").replace("op=receive", "op=get"), {}, "40166411"),
        (receive("31"), [], "40166411"),
        (receive("31"), copy_of("31", "POL-1", "1"), "401877"),
    ],
)
def test_a_refused_receipt_has_no_effect(acquisitions: Alma, path: str, body: Any, code: str) -> None:
    assert acquisitions.code("POST", path, body) == code
    assert effects(acquisitions) == []
    assert acquisitions.do("dump", pid="31")["item"]["item_data"]["arrival_date"] is None


def test_an_empty_barcode_is_replaced_and_an_empty_item_changes_nothing(acquisitions: Alma) -> None:
    assert acquisitions.ask("POST", receive("31"), {})[2]["item_data"]["barcode"] == "auto-31"
    empty = copy_of("32", "POL-1")
    empty["item_data"]["barcode"] = ""
    assert re.fullmatch(r"32-\d+", acquisitions.ask("POST", receive("32"), empty)[2]["item_data"]["barcode"])


def test_a_failed_update_leaves_the_copy_received_under_its_old_barcode(acquisitions: Alma) -> None:
    acquisitions.do("update-fails")
    assert acquisitions.code("POST", receive("31"), copy_of("31", "POL-1", "31234000000017")) == "401878"
    data = acquisitions.do("dump", pid="31")["item"]["item_data"]
    assert (data["barcode"], data["arrival_date"]) == ("auto-31", "2026-12-02Z")
    acquisitions.ask("POST", receive("32"), copy_of("32", "POL-1", "31234000000025"))
    assert acquisitions.do("dump", pid="32")["item"]["item_data"]["barcode"] == "31234000000025"


def test_a_continuous_order_takes_a_new_item_that_stays_in_place(acquisitions: Alma) -> None:
    new = {"item_data": {"barcode": "31234000000033", "library": {"value": "M"}, "location": {"value": "st"}}}
    made = acquisitions.ask("POST", f"{LINES}/POL-2/items?{DEPARTMENT}", new)[2]
    assert (made["item_data"]["process_type"]["value"], made["holding_data"]["holding_id"]) == ("", "22")
    (effect,) = effects(acquisitions)
    assert (effect["kind"], effect["after"]["item_data.barcode"]) == ("item-create", "31234000000033")
    assert acquisitions.ask("GET", f"{ROOT}/items?item_barcode=31234000000033")[0] == 302
    again = acquisitions.code("POST", f"{LINES}/POL-2/items?{DEPARTMENT}", new)
    assert (again, len(effects(acquisitions))) == ("401877", 1)
    assert len(acquisitions.do("line", number="POL-2")["line"]["location"][0]["copy"]) == 1


def test_others_cancel_close_receive_and_edit(acquisitions: Alma) -> None:
    acquisitions.do("receive-by-hand", pid="31")
    acquisitions.do("edit-line", number="POL-1", changes={"receiving_note": "new"})
    acquisitions.do("cancel-line", number="POL-1")
    acquisitions.do("close-line", number="POL-2")
    shown = acquisitions.do("line", number="POL-1")["line"]
    assert (shown["receiving_note"], shown["status"]["value"]) == ("new", "CANCELLED")
    assert acquisitions.code("POST", receive("32"), {}) == "401877"
    assert numbers(acquisitions, "status=ACTIVE") == []
    log = acquisitions.do("log")
    assert (log["effects"], [edit["kind"] for edit in log["edits"]]) == ([], ["receive", *["edit-line"] * 3])


def test_the_answer_is_xml_although_json_was_asked_for(acquisitions: Alma) -> None:
    acquisitions.do("xml", n=2)
    _, headers, body = acquisitions.ask("POST", receive("31"), {})
    assert headers["Content-Type"].startswith("application/xml")
    assert ET.fromstring(body).findtext("item_data/barcode") == "auto-31"
    root = ET.fromstring(acquisitions.ask("GET", f"{LINES}/POL-1")[2])
    assert [copy.findtext("pid") for copy in root.iter("copy")] == ["31", "32"]
    assert (root.tag, root.find("vendor").get("desc")) == ("po_line", "GOBI Library Solutions")  # type: ignore[union-attr]
    assert acquisitions.ask("GET", f"{LINES}/POL-1")[1]["Content-Type"].startswith("application/json")


def test_an_invoice_is_searched_by_words_and_has_amounts_as_numbers(acquisitions: Alma) -> None:
    rows = acquisitions.ask("GET", f"{ROOT}/acq/invoices/?q=invoice_number~55")[2]["invoice"]
    assert [(row["id"], row["number"]) for row in rows] == [("71", "55"), ("72", "INV 55 B")]
    (brief,) = acquisitions.ask("GET", f"{ROOT}/acq/invoices/?q=pol_number~POL-1&view=brief")[2]["invoice"]
    assert ("invoice_lines" in brief, brief["number_of_lines"]["value"]) == (False, 1)
    assert acquisitions.ask("GET", f"{ROOT}/acq/invoices/71/lines")[2]["invoice_line"][0]["price"] == 12.5
    assert [row["id"] for row in acquisitions.ask("GET", f"{ROOT}/acq/invoices/?base_status=CLOSED")[2]["invoice"]] == [
        "72"
    ]
    assert acquisitions.code("GET", f"{ROOT}/acq/invoices/9") == "412400"
    assert acquisitions.code("GET", f"{ROOT}/acq/invoices/?q=amount~3") == "401873"
    assert acquisitions.code("POST", f"{ROOT}/acq/invoices/71?op=paid", {}) == "402119"


def test_acquisitions_need_their_own_rights(acquisitions: Alma) -> None:
    acquisitions.do("keys", keys={"reader": ["acq:read"], "bibs": ["bibs:read", "bibs:write"]})
    assert acquisitions.ask("GET", f"{LINES}/POL-1", key="apikey reader")[0] == 200
    for key, method, path in (("reader", "POST", receive("31")), ("bibs", "GET", LINES)):
        status, _, body = acquisitions.ask(method, path, {}, key=f"apikey {key}")
        assert (status, b"UNAUTHORIZED" in body) == (400, True)
    assert acquisitions.ask("GET", f"{ROOT}/acq/test", key="apikey reader")[0] == 200


def test_a_received_copy_outlives_a_restart(acquisitions: Alma) -> None:
    acquisitions.ask("POST", receive("31"), copy_of("31", "POL-1", "31234000000017"))
    saved = json.loads(acquisitions.state.read_text())
    assert saved["31234000000017"]["item_data"]["arrival_date"] == "2026-12-02Z"


def test_invoices_have_the_keys_of_genuine_ones(acquisitions: Alma, shared: Path) -> None:
    source = shared / "data" / "alma-acq" / "mit_invoice_waiting_to_be_sent.json"
    if not source.exists():
        missing("../shared/data/alma-acq")
    genuine = json.loads(source.read_text())
    acquisitions.do("reset", items={"1": ITEM}, world={"invoices": [genuine]})
    answer = acquisitions.ask("GET", f"{ROOT}/acq/invoices/{genuine['id']}")[2]
    assert set(answer) == {*genuine, "link"}
    assert answer["number_of_lines"]["value"] == len(genuine["invoice_lines"]["invoice_line"])
    assert set(answer["invoice_lines"]["invoice_line"][0]) == set(genuine["invoice_lines"]["invoice_line"][0])
