"""Alma's own traps (docs/reference/systems.md#alma-put), with the standard library's HTTP client only."""

from __future__ import annotations

import json
from http.client import RemoteDisconnected

import pytest

from tests.emulators.library_systems.alma_rig import ITEM, PATH, Alma, changed


def test_barcode_leads_by_302_to_the_item(alma: Alma) -> None:
    status, headers, _ = alma.ask("GET", "/almaws/v1/items?item_barcode=1")
    assert (status, headers["Location"]) == (302, f"http://127.0.0.1:{alma.port}{PATH}")
    status, headers, item = alma.ask("GET", PATH)
    assert (status, item) == (200, ITEM)
    assert int(headers["X-Exl-Api-Remaining"]) < 100_000


def test_key_only_in_the_header(alma: Alma) -> None:
    assert alma.ask("GET", PATH, key=None)[0] == 401
    assert alma.ask("GET", f"{PATH}?apikey=k", key=None)[0] == 401


@pytest.mark.parametrize("barcode", ["", None])
def test_empty_barcode_is_made_up(alma: Alma, barcode: str | None) -> None:
    assert alma.ask("PUT", PATH, changed(barcode=barcode))[2]["item_data"]["barcode"] not in ("", "1", None)
    assert alma.ask("GET", "/almaws/v1/items?item_barcode=1")[2]["errorList"]["error"][0]["errorCode"] == "401689"


def test_put_is_the_whole_object(alma: Alma) -> None:
    sent = changed(policy={"value": "B", "desc": "ignored"}, pid="77")
    del sent["item_data"]["is_magnetic"]
    item = alma.ask("PUT", PATH, sent)[2]["item_data"]
    assert (item["policy"]["desc"], item["pid"], item["is_magnetic"]) == ("B", "23", False)
    assert item["modification_date"] > "2020-01-01Z"
    assert json.loads(alma.state.read_text())["1"]["item_data"] == item


def test_a_new_location_moves_to_a_new_holding(alma: Alma) -> None:
    assert alma.ask("PUT", PATH, changed(location={"value": "x"}))[2]["holding_data"]["holding_id"] != "22"


def test_what_is_refused(alma: Alma) -> None:
    assert alma.ask("PUT", PATH, {**ITEM, "rfid": 1})[0] == 400
    assert alma.ask("PUT", PATH, {"item_data": {}})[0] == 400
    assert alma.ask("GET", PATH.replace("/99/", "/98/"))[2]["errorList"]["error"][0]["errorCode"] == "402203"
    assert alma.do("log")["effects"] == []
    assert not alma.do("nonsense")["ok"]


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("item_data", "rfid", "E004015012345678"),
        ("holding_data", "rfid", ""),
        ("item_data", "public_note", {"value": "x"}),
        ("item_data", "policy", "A"),
        ("item_data", "is_magnetic", "no"),
        ("item_data", "weeding_date", "yesterday"),
    ],
)
def test_a_put_takes_the_names_and_kinds_of_the_schema(alma: Alma, part: str, name: str, value: object) -> None:
    assert alma.ask("PUT", PATH, {**ITEM, part: {**ITEM[part], name: value}})[0] == 400
    assert alma.do("log")["effects"] == []


def test_down_and_up_on_the_same_port(alma: Alma) -> None:
    assert alma.do("down") == {"ok": True}
    with pytest.raises(ConnectionRefusedError):
        alma.ask("GET", PATH)
    assert alma.do("up") == {"ok": True}
    assert alma.ask("GET", PATH)[0] == 200


def test_answers_get_lost_before_and_after_the_effect(alma: Alma) -> None:
    for fault, effects in (("drop-before-effect", 0), ("drop-answer-after-effect", 1)):
        alma.do(fault, n=1)
        with pytest.raises((RemoteDisconnected, ConnectionResetError)):
            alma.ask("PUT", PATH, changed(internal_note_3=fault))
        assert len(alma.do("log")["effects"]) == effects
    alma.do("status-after-effect", n=1, code=504)
    assert alma.ask("PUT", PATH, changed(internal_note_3="a gateway"))[0] == 504
    assert alma.do("dump", barcode="1")["item"]["item_data"]["internal_note_3"] == "a gateway"
