"""What keeps an item in the emulated Alma, and how items, holdings and records leave it (docs/reference/systems.md)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulators.library_systems.alma_rig import ITEM, PATH, ROOT, Alma, changed

BIB = f"{ROOT}/bibs/99"
HOLDING = f"{BIB}/holdings/22"
EVERYTHING = f"{PATH}?holdings=delete&bib=delete"
LINE: dict[str, Any] = {
    "number": "POL-1",
    "status": {"value": "SENT"},
    "resource_metadata": {"mms_id": {"value": "99"}},
}


def kinds(alma: Alma) -> list[str]:
    return [effect["kind"] for effect in alma.do("log")["effects"]]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", []),
        ("?bib=delete", []),
        ("?holdings=suppress&bib=delete", ["holding-suppress"]),
        ("?holdings=delete", ["holding-delete"]),
        ("?holdings=delete&bib=suppress", ["holding-delete", "bib-suppress"]),
        ("?holdings=delete&bib=delete", ["holding-delete", "bib-delete"]),
    ],
)
def test_last_item_takes_holding_and_record_along_as_asked(alma: Alma, query: str, left: list[str]) -> None:
    assert alma.ask("DELETE", PATH + query)[0] == 204
    assert kinds(alma) == ["withdraw", *left]
    assert alma.code("GET", f"{ROOT}/items?item_barcode=1") == "401689"
    assert alma.ask("GET", HOLDING)[0] == (400 if "holding-delete" in left else 200)
    if "bib-delete" in left:
        assert alma.code("GET", BIB) == "402203"
    else:
        assert alma.ask("GET", BIB)[2]["suppress_from_publishing"] == str("bib-suppress" in left).lower()


def test_holding_stays_while_it_has_an_item_and_record_while_it_has_a_holding(alma: Alma) -> None:
    second = changed(pid="24", barcode="2")
    third = changed(pid="25", barcode="3", location={"value": "x"})
    third["holding_data"]["holding_id"] = "33"
    alma.do("reset", items={"1": ITEM, "2": second, "3": third})
    for pid, left in (("23", []), ("24", ["holding-delete"])):
        assert alma.ask("DELETE", EVERYTHING.replace("items/23", f"items/{pid}"))[0] == 204
        assert kinds(alma)[-1 - len(left) :] == ["withdraw", *left]
    assert alma.ask("GET", BIB)[0] == 200


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["loan"], "Item is on loan."),
        (["loan", "lose"], "Item has a lost loan."),
        (["loan", "claim-returned"], "Item has a loan claimed returned."),
        (["request"], "Item has requests."),
        (["request", "loan", "return"], "Item has requests."),
        (["work-order"], "Item has work orders."),
        (["loan", "return"], ""),
        (["request", "cancel-request"], ""),
        (["lose"], ""),
    ],
)
def test_loan_request_and_work_order_keep_the_item_unless_overridden(alma: Alma, words: list[str], kept: str) -> None:
    for word in words:
        assert alma.do(word, barcode="1")["ok"]
    if kept:
        error = alma.ask("DELETE", PATH)[2]["errorList"]["error"][0]
        assert (error["errorCode"], error["errorMessage"]) == ("401849", f"Item delete errors: {kept}")
        assert kinds(alma) == []
    assert alma.ask("DELETE", f"{PATH}?override=true")[0] == 204
    assert bool(alma.do("log")["effects"][0]["overridden"]) == bool(kept)
    assert [edit["kind"] for edit in alma.do("log")["edits"]] == words


def test_an_alma_that_never_deletes_what_is_on_loan(alma: Alma) -> None:
    alma.do("hard-loans", on=True)
    alma.do("loan", barcode="1")
    assert alma.code("DELETE", f"{PATH}?override=true") == "401849"
    assert alma.ask("GET", f"{PATH}/loans")[2]["total_record_count"] == 1
    alma.do("return", barcode="1")
    assert alma.ask("GET", f"{PATH}/loans")[2]["total_record_count"] == 0
    assert alma.ask("DELETE", PATH)[0] == 204


def test_requests_of_an_item(alma: Alma) -> None:
    alma.do("request", barcode="1")
    assert alma.ask("GET", f"{PATH}/requests")[2]["user_request"][0]["request_type"] == "HOLD"
    assert alma.ask("GET", PATH)[2]["item_data"]["requested"] is True
    alma.do("cancel-request", barcode="1")
    assert alma.ask("GET", f"{PATH}/requests")[2]["total_record_count"] == 0


def test_an_open_order_line_keeps_the_record_and_then_nothing_is_deleted(alma: Alma) -> None:
    alma.do("reset", items={"1": ITEM}, world={"po_lines": [LINE]})
    assert alma.code("DELETE", EVERYTHING) == "401849"
    assert kinds(alma) == []
    assert alma.ask("DELETE", PATH)[0] == 204
    assert alma.code("DELETE", f"{HOLDING}?bib=delete") == "60212"
    assert alma.ask("DELETE", HOLDING)[0] == 204
    assert alma.code("DELETE", BIB) == "4022020"
    assert alma.ask("DELETE", f"{BIB}?override=true")[0] == 204


def test_refusals_of_holdings_and_records(alma: Alma) -> None:
    assert alma.code("DELETE", f"{PATH}?holdings=keep") == "40166411"
    assert alma.code("DELETE", HOLDING) == "60214", "it has an item"
    assert alma.code("DELETE", f"{HOLDING}?bib=keep") == "60218"
    assert alma.code("DELETE", f"{BIB}/holdings/7") == "60213"
    assert alma.code("DELETE", BIB) == "4022020"
    assert alma.code("DELETE", f"{BIB}?override=maybe") == "401873"
    assert kinds(alma) == []
    alma.ask("DELETE", PATH)
    assert alma.ask("DELETE", HOLDING)[0] == 204
    assert alma.code("DELETE", HOLDING) == "60214", "it is deleted"
    assert alma.code("DELETE", f"{ROOT}/bibs/98") == "402203"


def test_all_items_of_a_record_by_place(alma: Alma) -> None:
    other = changed(pid="24", barcode="2", library={"value": "N", "desc": "North"})
    other["holding_data"]["holding_id"] = "33"
    alma.do("reset", items={"1": ITEM, "2": other})
    items = f"{BIB}/holdings/ALL/items"
    assert alma.ask("GET", items)[2]["total_record_count"] == 2
    assert [row["item_data"]["barcode"] for row in alma.ask("GET", f"{items}?current_library=N")[2]["item"]] == ["2"]
    assert alma.ask("GET", f"{items}?current_library=X")[2]["total_record_count"] == 0


def test_an_item_that_moves_takes_the_call_number_of_its_new_holding(alma: Alma) -> None:
    there = changed(pid="24", barcode="2", library={"value": "N", "desc": "North"})
    there["holding_data"] |= {"holding_id": "33", "call_number": "QA 76"}
    alma.do("reset", items={"1": ITEM, "2": there})
    moved = alma.ask("PUT", PATH, changed(library={"value": "N"}))[2]
    assert (moved["holding_data"]["holding_id"], moved["holding_data"]["call_number"]) == ("33", "QA 76")
    assert alma.ask("GET", PATH)[0] == 400, "the address has the old holding"
    put = alma.do("log")["effects"][-1]
    assert put["before"]["holding_data.holding_id"] == "22"
    assert put["after"]["holding_data.holding_id"] == "33"


def test_a_deletion_by_another_user_is_in_the_log(alma: Alma) -> None:
    alma.do("remove", barcode="1")
    assert alma.code("DELETE", PATH) == "40166411"
    assert [(edit["kind"], edit["barcode"]) for edit in alma.do("log")["edits"]] == [("remove", "1")]
