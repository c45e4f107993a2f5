"""The emulated Alma's services: label view, MARCXML, scan-in, withdrawal, sets, configuration, keys, limits."""

from __future__ import annotations

import http.client
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import missing
from tests.emulators.library_systems.alma_rig import ITEM, PATH, ROOT, Alma, changed
from tests.support.patience import PATIENCE_S

HOLDING = f"{ROOT}/bibs/99/holdings/22"


def test_label_view_adds_and_changes_nothing(alma: Alma) -> None:
    _, headers, _ = alma.ask("GET", f"{ROOT}/items?view=label&item_barcode=1")
    assert headers["Location"].endswith("/items/23?view=label")
    plain, labelled = (alma.ask("GET", PATH + view)[2]["item_data"] for view in ("", "?view=label"))
    assert {name: labelled[name] for name in plain} == plain
    assert {"parsed_call_number", "title_abcnph", "library_details"} <= set(labelled)


@pytest.mark.parametrize("path", [HOLDING, f"{ROOT}/bibs/99"])
def test_marc_inside_json_and_xml(alma: Alma, path: str) -> None:
    """JSON holds MARCXML with a UTF-16 declaration (as recorded); XML holds it as elements."""
    _, headers, answer = alma.ask("GET", path)
    assert headers["Content-Type"].startswith("application/json")
    (text,) = answer["anies"]
    assert text.startswith('<?xml version="1.0" encoding="UTF-16"?><record>')
    _, headers, body = alma.ask("GET", path, accept="application/xml")
    assert headers["Content-Type"].startswith("application/xml")
    record = ET.fromstring(body).find("record")
    assert record is not None
    assert ET.tostring(record).decode() == ET.tostring(ET.fromstring(text)).decode()


def test_records_take_no_json(alma: Alma) -> None:
    assert alma.code("PUT", HOLDING, {}) == alma.code("PUT", f"{ROOT}/bibs/99", {}) == "60105"
    assert alma.code("GET", f"{ROOT}/bibs/98") == "402203"
    assert alma.code("GET", f"{ROOT}/bibs/x") == "402204"


def test_scan_in_wants_one_place(alma: Alma) -> None:
    assert alma.code("POST", f"{PATH}?op=scan&library=M") == "40166415"
    for wrong in ("department=NONE", "circ_desk=NONE", "department=TECHSERV&circ_desk=DEFAULT_CIRC_DESK",
                  "circ_desk=DEFAULT_CIRC_DESK&done=true"):  # fmt: skip
        assert alma.code("POST", f"{PATH}?op=scan&library=M&{wrong}") == "40166411", wrong
    assert alma.code("POST", f"{PATH}?op=scan&department=TECHSERV") == "40166411"
    assert alma.code("POST", f"{PATH}?op=open&library=M&department=TECHSERV") == "40166411"
    assert alma.do("log")["effects"] == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("library=NONE&department=TECHSERV", "library"),
        ("library=M&circ_desk=DEFAULT_CIRC_DESK&status=READY", "circ_desk"),
        ("library=M&department=TECHSERV&done=yes", "done"),
        ("library=M&department=TECHSERV&register_in_house_use=0", "register_in_house_use"),
        ("library=M&department=TECHSERV&tag=E004", "tag"),
    ],
)
def test_scan_in_takes_what_the_wadl_has(alma: Alma, wrong: str, named: str) -> None:
    status, _, body = alma.ask("POST", f"{PATH}?op=scan&{wrong}")
    assert (status, error(body)["errorCode"]) == (400, "40166411")
    assert f"Parameter: {named}." in error(body)["errorMessage"]
    assert alma.do("log")["effects"] == []


def test_the_record_stands_first_in_an_address_and_outlives_its_items(alma: Alma) -> None:
    assert alma.code("GET", PATH.replace("/99/", "/x/")) == "402204"
    for path in (PATH, HOLDING, f"{ROOT}/bibs/99/holdings", f"{ROOT}/bibs/99/holdings/22/items"):
        assert alma.code("GET", path.replace("/99/", "/98/")) == "402203", path
    alma.ask("DELETE", PATH)
    assert alma.ask("GET", f"{ROOT}/bibs/99")[0] == 200
    assert alma.code("GET", PATH) == "40166411"


def test_scan_in_counts_in_house_use_unless_told(alma: Alma) -> None:
    """register_in_house_use is true by default (WADL)."""
    scan = f"{PATH}?op=scan&library=M&circ_desk=DEFAULT_CIRC_DESK"
    status, _, answer = alma.ask("POST", scan)
    assert status == 200
    assert answer["additional_info"].startswith("Item's destination is: ")
    assert alma.do("log")["in_house_uses"] == 1
    alma.ask("POST", f"{scan}&register_in_house_use=false")
    log = alma.do("log")
    assert log["in_house_uses"] == 1
    assert [effect["in_house_use"] for effect in log["effects"]] == [True, False]


def test_work_order_begins_and_is_done(alma: Alma) -> None:
    at = f"{PATH}?op=scan&library=M&department=TECHSERV&work_order_type=RFID&register_in_house_use=false"
    data = alma.ask("POST", at)[2]["item_data"]
    assert (data["process_type"]["value"], data["work_order_type"]["value"]) == ("WORK_ORDER_DEPARTMENT", "RFID")
    assert (data["base_status"]["value"], data["work_order_at"]["value"]) == ("0", "TECHSERV")
    data = alma.ask("POST", f"{at}&done=true")[2]["item_data"]
    assert (data["process_type"]["value"], data["base_status"]["value"]) == ("", "1")


def test_a_move_to_a_place_with_a_holding_creates_none(alma: Alma) -> None:
    moved = alma.ask("PUT", PATH, changed(location={"value": "x"}))[2]
    number = moved["holding_data"]["holding_id"]
    assert number != "22"
    back = {**moved, "item_data": {**moved["item_data"], "location": {"value": "st"}}}
    back = alma.ask("PUT", PATH.replace("/22/", f"/{number}/"), back)[2]
    assert back["holding_data"]["holding_id"] == "22"
    assert [effect["kind"] for effect in alma.do("log")["effects"]] == ["holding-create", "item-put", "item-put"]


def test_sets_take_members_in_batches_and_page(alma: Alma) -> None:
    items = {str(n): changed(pid=str(1000 + n), barcode=str(n)) for n in range(250)}
    alma.do("reset", items=items)
    new = {"name": "shelf-ready", "type": {"value": "ITEMIZED"}, "content": {"value": "ITEM"}}
    made = alma.ask("POST", f"{ROOT}/conf/sets", new)[2]
    assert alma.code("POST", f"{ROOT}/conf/sets", {**new, "name": "x", "type": {"value": "LOGICAL"}}) == "60108"
    add = f"{ROOT}/conf/sets/{made['id']}?op=add_members&id_type=BARCODE"
    members = [{"id": str(n)} for n in range(250)] + [{"id": "nobody"}]
    assert alma.code("POST", add, {"members": {"member": members}}) == "60115"
    assert alma.code("POST", add, {"members": {"member": members * 5}}) == "60113"
    done = alma.ask("POST", f"{add}&fail_on_invalid_id=false", {"members": {"member": members}})[2]
    assert done["number_of_members"]["value"] == 250
    pages = [alma.ask("GET", f"{ROOT}/conf/sets/{made['id']}/members?limit=100&offset={at}")[2] for at in (0, 100, 200)]
    assert [len(page["member"]) for page in pages] == [100, 100, 50]
    assert {page["total_record_count"] for page in pages} == {250}
    assert [row["description"] for page in pages for row in page["member"]] == [str(n) for n in range(250)]
    assert alma.code("GET", f"{ROOT}/conf/sets/{made['id']}/members?limit=101") == "40166411"
    found = alma.ask("GET", f"{ROOT}/conf/sets?q=name~SHELF")[2]
    assert (found["total_record_count"], found["set"][0]["name"]) == (1, "shelf-ready")
    assert [effect["kind"] for effect in alma.do("log")["effects"]] == ["set-create", "set-add"]


def test_configuration_is_listed(alma: Alma) -> None:
    assert alma.ask("GET", f"{ROOT}/conf/departments")[2]["department"][0]["code"] == "TECHSERV"
    assert alma.ask("GET", f"{ROOT}/conf/libraries")[2]["library"][0]["code"] == "M"
    assert alma.ask("GET", f"{ROOT}/conf/libraries/M/circ-desks")[2]["circ_desk"][0]["code"] == "DEFAULT_CIRC_DESK"
    assert alma.ask("GET", f"{ROOT}/conf/libraries/M/locations")[2]["location"][0]["code"] == "st"
    assert alma.ask("GET", f"{ROOT}/conf/libraries/none/locations")[0] == 400


def test_keys_have_rights(alma: Alma) -> None:
    alma.do("keys", keys={"reader": ["bibs:read"]})
    assert alma.ask("GET", PATH, key="apikey reader")[0] == 200
    for method, path in (("PUT", PATH), ("POST", f"{ROOT}/bibs/test"), ("GET", f"{ROOT}/conf/departments")):
        status, headers, body = alma.ask(method, path, ITEM, key="apikey reader")
        assert (status, headers["Content-Type"].partition(";")[0]) == (400, "application/xml")
        assert b"<errorCode>UNAUTHORIZED</errorCode>" in body
    assert alma.ask("GET", PATH, key="apikey other")[0] == 401


def test_the_answer_to_the_test_of_a_key_is_xml_whatever_was_asked_for(alma: Alma) -> None:
    for method in ("GET", "POST"):
        status, headers, body = alma.ask(method, f"{ROOT}/bibs/test")
        assert (status, headers["Content-Type"].partition(";")[0]) == (200, "application/xml")
        assert body.endswith(f"<test>{method} - OK</test>".encode())
    alma.do("tests-as", **{"as": "json"})
    assert alma.ask("GET", f"{ROOT}/conf/test")[2] == {"result": "GET - OK"}


def test_a_bib_is_as_full_as_it_was_asked_for(alma: Alma) -> None:
    """docs/reference/systems.md#alma-calls: brief has no MARC, p_avail adds one AVA for each holding."""
    path = ROOT + "/bibs/" + ITEM["bib_data"]["mms_id"]

    def tags(query: str) -> set[str]:
        body = alma.ask("GET", path + query, accept="application/xml")[2]
        return set(re.findall(r'tag="(...)"', body.decode()))

    assert tags("") == tags("?view=full") > {"245"}
    assert tags("?view=brief") == set()
    assert tags("?expand=p_avail") - tags("") == {"AVA"}


def test_limits_of_a_second_and_a_day(alma: Alma) -> None:
    alma.do("time", at=0)
    alma.do("limits", per_second=3)
    assert [alma.ask("GET", PATH)[0] for _ in range(5)] == [200, 200, 200, 429, 429]
    assert alma.code("GET", PATH) == "PER_SECOND_THRESHOLD"
    alma.do("time", at=1.0)
    assert alma.ask("GET", PATH)[0] == 200
    alma.do("limits", per_second=0, per_day=2)
    remaining = [alma.ask("GET", PATH)[1]["X-Exl-Api-Remaining"] for _ in range(3)]
    assert remaining == ["1", "0", "0"]
    assert alma.code("GET", PATH) == "DAILY_THRESHOLD"
    assert alma.do("log")["peak"] == 6


def test_faults_choose_their_request(alma: Alma) -> None:
    alma.do("status", n=1, code=503, method="PUT", path="/items/", after=1)
    assert alma.ask("GET", PATH)[0] == 200
    assert alma.ask("PUT", PATH, ITEM)[0] == 200
    assert alma.ask("PUT", PATH, ITEM)[0] == 503
    assert alma.do("log")["faults"] == []
    assert not alma.do("status", path="(")["ok"]


@pytest.mark.parametrize("chunked", [False, True])
def test_flood_goes_on_until_the_client_leaves(alma: Alma, chunked: bool) -> None:
    alma.do("flood", n=1, chunked=chunked)
    connection = http.client.HTTPConnection("127.0.0.1", alma.port, timeout=PATIENCE_S)
    connection.request("GET", PATH, headers={"Authorization": "apikey k"})
    answer = connection.getresponse()
    assert len(answer.read(3_000_000)) == 3_000_000
    connection.close()
    assert alma.ask("GET", PATH)[0] == 200


def test_poisoned_records(alma: Alma) -> None:
    alma.do("poison", **{"as": "entities"})
    assert "<!ENTITY" in alma.ask("GET", HOLDING)[2]["anies"][0]
    alma.do("poison", **{"as": "external"})
    assert b"file:///" in alma.ask("GET", HOLDING, accept="application/xml")[2]
    alma.do("poison", **{"as": "utf16-declared"})
    assert alma.ask("GET", HOLDING, accept="application/xml")[2].startswith(b'<?xml version="1.0" encoding="UTF-16"?><')
    alma.do("poison", **{"as": "utf16-encoded"})
    body = alma.ask("GET", HOLDING, accept="application/xml")[2]
    assert ET.fromstring(body).findtext("holding_id") == "22"
    assert "<!ENTITY" not in alma.ask("GET", HOLDING)[2]["anies"][0]


def test_two_items_a_suppressed_holding_and_a_loan(alma: Alma) -> None:
    alma.do("suppress", barcode="1")
    alma.do("loan", barcode="1")
    dump = alma.do("dump", barcode="1")
    assert dump["holding"]["suppress_from_publishing"] == "true"
    assert dump["item"]["item_data"]["base_status"]["value"] == "0"
    alma.do("twin", barcode="1", **{"as": "list"})
    assert alma.ask("GET", f"{ROOT}/items?item_barcode=1")[2]["total_record_count"] == 2
    alma.do("twin", barcode="1", **{"as": "error"})
    assert alma.code("GET", f"{ROOT}/items?item_barcode=1") == "EMULATED_TWO_ITEMS"
    log = alma.do("log")
    assert log["effects"] == []
    assert [edit["kind"] for edit in log["edits"]] == ["edit", "loan"]


def test_effects_and_edits_share_one_order_and_show_both_values(alma: Alma) -> None:
    alma.ask("PUT", PATH, changed(internal_note_3="ours"))
    alma.do("edit", barcode="1", field="public_note", value="theirs")
    alma.ask("PUT", PATH, changed(internal_note_3="again", public_note="theirs"))
    log = alma.do("log")
    assert [(row["seq"], row["kind"]) for row in sorted(log["effects"] + log["edits"], key=lambda row: row["seq"])] == [
        (1, "item-put"), (2, "edit"), (3, "item-put"),
    ]  # fmt: skip
    assert log["effects"][1]["before"]["item_data.internal_note_3"] == "ours"
    assert log["effects"][1]["after"]["item_data.internal_note_3"] == "again"
    alma.do("reset", items={"7": changed(barcode="7")})
    assert alma.do("log")["effects"] == []
    assert alma.ask("GET", f"{ROOT}/items?item_barcode=7")[0] == 302


def test_clock_wrong_by_a_year(alma: Alma) -> None:
    before = alma.ask("PUT", PATH, ITEM)[2]["item_data"]["modification_date"]
    alma.do("clock", offset_s=366 * 86_400)
    after = alma.ask("PUT", PATH, ITEM)
    assert int(after[2]["item_data"]["modification_date"][:4]) > int(before[:4])
    assert after[2]["item_data"]["modification_date"][:4] in after[1]["Date"]


def test_errors_and_bodies_are_shaped_as_recorded(alma: Alma, shared: Path) -> None:
    """Key by key, against genuine answers of Temple and Princeton."""
    source = shared / "data" / "alma"
    if not source.is_dir():
        missing("../shared/data/alma")

    def genuine(name: str) -> Any:
        return json.loads((source / name).read_text())

    assert shape(alma.ask("GET", f"{ROOT}/items?item_barcode=9")[2]) == shape(
        genuine("pul_barcode_32101108683143.json")
    )
    missing_place = genuine("tul_scan_missing_params.json")
    sent = alma.ask("POST", f"{PATH}?op=scan&library=M")[2]
    assert shape(sent) == shape(missing_place)
    assert error(sent)["errorMessage"] == error(missing_place)["errorMessage"]
    assert error(alma.ask("GET", f"{ROOT}/bibs/98")[2])["errorCode"] == error(genuine("tul_error.json"))["errorCode"]
    item = genuine("tul_item_from_barcode.json")
    alma.do("reset", items={"x": item})
    path = f"{ROOT}/bibs/99117110763506421/holdings/22195173890006421"
    holding = alma.ask("GET", path)[2]
    assert {"holding_id", "anies", "created_by", "suppress_from_publishing"} <= set(holding) & set(
        genuine("tul_single_holding.json")
    )
    place = "op=scan&library=firestone&department=TECHSERV"
    scanned = alma.ask("POST", f"{path}/items/23195173880006421?{place}")[2]
    assert {name: type(value) for name, value in scanned["item_data"].items() if name == "requested"} == {
        "requested": type(genuine("tul_scan.json")["item_data"]["requested"])
    }
    assert set(scanned) == set(genuine("tul_scan.json"))
    assert scanned["additional_info"].startswith(genuine("tul_scan.json")["additional_info"][:35])


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__


def error(body: Any) -> Any:
    return body["errorList"]["error"][0]
