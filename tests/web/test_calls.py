"""The three calls over real HTTPS: shapes, sets, statuses, preflights; and the bench's answers in XML."""

from __future__ import annotations

import threading

import pytest

from station.base.errors import StationClosed, walk
from station.base.sentence import Sentence
from station.domain.commands import ReadPad, SetSecurity, UpdateItem
from station.domain.pad_answers import PadAnswer, Refusal
from station.web.app import status_of
from tests.support.patience import PATIENCE_S
from tests.support.served_pad import ALMA, BOOK, DVD, Answer, Desk, security, serving, tag, until, update


def fields(item: object, *names: str) -> list[str | None]:
    return [item.findtext(name) for name in names]  # type: ignore[attr-defined]


# --- getItems -----------------------------------------------------------------------------------------------------------


def test_an_empty_pad(desk: Desk) -> None:
    answer = desk.call("GET", "/getItems?reader_ip=10.0.0.1")
    assert answer.status == 200 and answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert answer.xml.tag == "rfid" and [child.tag for child in answer.xml] == ["items"]
    assert list(answer.xml[0]) == []
    assert desk.pad.asked == [ReadPad()]


def test_a_single_item(desk: Desk) -> None:
    desk.pad.tags = (tag(1, owner="US-TxImag", media_format="01", location="STACKS"),)
    (item,) = desk.call("GET", "/getItems").xml.iter("item")
    assert fields(item, "barcode", "is_secure", "is_complete", "total_num_of_parts") == [BOOK, "true", "true", "1"]
    (one,) = item.iter("tag")
    names = ("tag_id", "part_num", "material_type", "library", "location")
    assert fields(one, *names) == ["E004010000000001", "1", "01", "US-TxImag", "STACKS"]


@pytest.mark.parametrize(
    ("parts", "complete", "total"),
    [
        ([(1, 3), (2, 3), (3, 3)], "true", "3"),
        ([(3, 3), (1, 3), (2, 3)], "true", "3"),
        ([(1, 3), (3, 3)], "false", "3"),
        ([(1, 3)], "false", "3"),
        ([(1, 3), (1, 3), (2, 3), (3, 3)], "false", "3"),
        ([(1, 2), (2, 3), (3, 3)], "false", "3"),
        ([(1, 2), (2, 2), (3, 2)], "false", "2"),
        ([(1, 2), (1, 2)], "false", "2"),
        ([(1, 1)], "true", "1"),
        ([(0, 0)], "true", "1"),
    ],
)
def test_sets_are_answered_truthfully(desk: Desk, parts: list[tuple[int, int]], complete: str, total: str) -> None:
    desk.pad.tags = tuple(tag(n, DVD, part=part, parts=of) for n, (part, of) in enumerate(parts))
    (item,) = desk.call("GET", "/getItems").xml.iter("item")
    assert fields(item, "is_complete", "total_num_of_parts") == [complete, total]
    assert [int(each.findtext("part_num") or "") for each in item.iter("tag")] == sorted(part for part, _ in parts)


def test_one_open_part_and_the_item_is_not_secured(desk: Desk) -> None:
    desk.pad.tags = (tag(1, DVD, part=1, parts=2), tag(2, DVD, part=2, parts=2, secure=False))
    assert desk.call("GET", "/getItems").xml.findtext("items/item/is_secure") == "false"


def test_a_stack_and_what_has_no_identity(desk: Desk) -> None:
    desk.pad.tags = (tag(1), tag(2, DVD), tag(3, ""))
    assert [item.findtext("barcode") for item in desk.call("GET", "/getItems").xml.iter("item")] == [BOOK, DVD]


def test_the_tag_id_may_be_the_barcode(tmp_path: object) -> None:
    with serving(tmp_path, tag_id="barcode") as desk:  # type: ignore[arg-type]
        desk.pad.tags = (tag(1),)
        assert desk.call("GET", "/getItems").xml.findtext("items/item/tags/tag/tag_id") == BOOK
        assert desk.call("POST", "/itemUpdate", update(uid=BOOK)).status == 200
        assert desk.pad.asked[-1] == UpdateItem(barcode=BOOK, part=1, source="Alma")


def test_markup_on_a_tag_stays_text(desk: Desk) -> None:
    hostile = "<script>alert(1)</script>&lt;]]>\"'"
    desk.pad.tags = (tag(1, hostile, location="<!--", owner="&amp;"),)
    answer = desk.call("GET", "/getItems")
    assert answer.xml.findtext("items/item/barcode") == hostile
    assert answer.xml.findtext("items/item/tags/tag/location") == "<!--"
    assert b"<script" not in answer.body
    assert answer.headers["x-content-type-options"] == "nosniff"


# --- changes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        security(secure="false"),
        b"<?xml version='1.0' encoding='UTF-8'?>\n" + security(secure="False"),
        f"<security><reader_ip>1</reader_ip><barcode> {BOOK} </barcode><is_secure> false </is_secure></security>".encode(),
        f"<rfid><item><barcode>{BOOK}</barcode><is_secure>false</is_secure></item></rfid>".encode(),
        f"<rfid><security><barcode>{BOOK}</barcode><secure>false</secure></security></rfid>".encode(),
        f"<x:rfid xmlns:x='urn:x'><x:barcode>{BOOK}</x:barcode><x:is_secure>false</x:is_secure></x:rfid>".encode(),
    ],
)
def test_set_security(desk: Desk, body: bytes) -> None:
    desk.pad.tags = (tag(1),)
    answer = desk.call("POST", "/setSecurity", body)
    assert answer.status == 200 and answer.xml.findtext("success") == "true", answer.body
    assert desk.pad.asked == [SetSecurity(barcode=BOOK, secure=False, source="Alma")]


@pytest.mark.parametrize("kind", ["application/xml", "text/xml; charset=UTF-8", 'application/xml;charset="utf-8"'])
def test_both_names_of_xml(desk: Desk, kind: str) -> None:
    desk.pad.tags = (tag(1),)
    assert desk.call("POST", "/setSecurity", security(), kind=kind).status == 200


def test_item_update(desk: Desk) -> None:
    desk.pad.tags = (tag(1, DVD),)
    answer = desk.call("POST", "/itemUpdate", update(DVD, 2, "e004010000000001", "false"))
    assert answer.status == 200 and answer.xml.findtext("success") == "true"
    assert desk.pad.asked == [
        UpdateItem(barcode=DVD, part=2, uid="E004010000000001", secure=False, source="Alma"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"<rfid/>",
        b"<rfid><items/></rfid>",
        b"<rfid><items><item/></items></rfid>",
        b"<rfid><items><item><barcode>1</barcode></item><item><barcode>2</barcode></item></items></rfid>",
        b"<rfid><item><barcode>1</barcode><tags><tag/><tag/></tags></item></rfid>",
        b"<rfid><item><barcode>1</barcode><tags><tag><part_num>two</part_num></tag></tags></item></rfid>",
        b"<rfid><item><barcode>1</barcode><is_secure>perhaps</is_secure></item></rfid>",
        b"<rfid><item><barcode>1</barcode><barcode>2</barcode></item></rfid>",
        b"<rfid><item>1<barcode>1</barcode></item></rfid>",
        b"<rfid><item><barcode><b>1</b></barcode></item></rfid>",
        b"",
        b"{}",
    ],
)
def test_an_update_that_says_too_little_or_too_much(desk: Desk, body: bytes) -> None:
    answer = desk.call("POST", "/itemUpdate", body)
    assert answer.status == 400 and answer.message
    assert desk.pad.asked == []


@pytest.mark.parametrize("body", [security(""), security(secure=""), security(secure="1"), b"<rfid/>", b"barcode=1"])
def test_a_security_request_that_says_too_little(desk: Desk, body: bytes) -> None:
    assert desk.call("POST", "/setSecurity", body).status == 400
    assert desk.pad.asked == []


def test_only_the_configured_reader(tmp_path: object) -> None:
    with serving(tmp_path, reader_ip="10.1.2.3") as desk:  # type: ignore[arg-type]
        desk.pad.tags = (tag(1),)
        assert desk.call("GET", "/getItems?reader_ip=10.1.2.3").status == 200
        for path in ("/getItems", "/getItems?reader_ip=10.1.2.4"):
            assert desk.call("GET", path).status == 404
        assert desk.call("POST", "/setSecurity", security()).status == 404
        told = security().replace(b"</rfid>", b"<reader_ip>10.1.2.3</reader_ip></rfid>")
        assert desk.call("POST", "/setSecurity", told).status == 200
        assert len(desk.pad.asked) == 2


# --- refusals of the bench ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("tag-absent", 404),
        ("barcode-unknown", 404),
        ("record-not-told", 503),
        ("barcode-malformed", 400),
        ("foreign-tag", 409),
        ("tags-collide", 409),
        ("bench-busy", 503),
        ("station-closed", 503),
        ("port-lost", 503),
        ("reader-silent", 503),
        ("tag-lost", 500),
        ("tag-mismatch", 500),
        ("store-full", 500),
        ("settings", 500),
        ("defect", 500),
    ],
)
def test_the_benchs_sentence_arrives_with_its_status(desk: Desk, code: str, status: int) -> None:
    desk.pad.refusal = Refusal(code, Sentence.verbatim("A sentence with <markup>."))
    for answer in (desk.call("GET", "/getItems"), desk.call("POST", "/setSecurity", security())):
        assert answer.status == status
        assert answer.message.startswith("A sentence with <markup>.")
        assert answer.headers["access-control-allow-origin"] == ALMA, "the page may read the reason"


def test_every_error_has_a_status() -> None:
    assert {status_of(error.code) for error in walk()} <= {400, 404, 409, 500, 503}
    assert status_of("other-item") == 409


# --- time ---------------------------------------------------------------------------------------------------------------


def test_a_request_that_is_not_begun_in_time_is_taken_back(tmp_path: object) -> None:
    with serving(tmp_path, answer_s=0.2) as desk:  # type: ignore[arg-type]
        desk.pad.hold = True
        answer = desk.call("POST", "/setSecurity", security())
        assert answer.status == 503 and "working on an item" in answer.message
        assert desk.pad.open[0].cancelled(), "the request is not carried out later"


def test_a_request_that_is_begun_and_stuck_is_said_to_be_unknown(tmp_path: object) -> None:
    with serving(tmp_path, answer_s=0.2) as desk:  # type: ignore[arg-type]
        desk.pad.stuck = True
        answer = desk.call("POST", "/setSecurity", security())
        assert answer.status == 504 and "not known" in answer.message


def test_who_goes_away_gets_nothing_done(desk: Desk) -> None:
    desk.pad.hold = True
    with desk.socket() as connection:
        body = security()
        head = f"POST /setSecurity HTTP/1.1\r\nHost: localhost:{desk.server.port}\r\nOrigin: {ALMA}\r\n"
        head += f"Content-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        until(lambda: bool(desk.pad.open))
        assert not desk.pad.open[0].done()
    until(lambda: desk.pad.open[0].cancelled())


def test_a_station_that_closes_says_so(desk: Desk) -> None:
    desk.pad.hold = True
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(desk.call("GET", "/getItems")))
    thread.start()
    until(lambda: bool(desk.pad.open))
    desk.pad.open[0].set_exception(StationClosed())
    thread.join(PATIENCE_S)
    assert answers[0].status == 503 and "is closing" in answers[0].message


def test_a_defect_is_an_answer_without_its_secrets(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_request: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(desk.pad, "ask", broken)
    answer = desk.call("GET", "/getItems")
    assert answer.status == 500 and b"secret" not in answer.body and b"Traceback" not in answer.body
    assert "defect" in answer.message
    assert answer.headers["access-control-allow-origin"] == ALMA


def test_a_stop_answers_what_is_in_work(tmp_path: object) -> None:
    with serving(tmp_path) as desk:  # type: ignore[arg-type]
        desk.pad.stuck = True
        answers: list[int] = []
        thread = threading.Thread(target=lambda: answers.append(desk.call("GET", "/getItems").status))
        thread.start()
        until(lambda: bool(desk.pad.open))
        stopping = threading.Thread(target=desk.server.stop)
        stopping.start()
        desk.pad.open[0].set_result(PadAnswer())
        thread.join(PATIENCE_S)
        stopping.join(PATIENCE_S)
        assert answers == [200]


# --- preflight and paths --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/getItems", "/setSecurity", "/itemUpdate"])
def test_a_preflight(desk: Desk, path: str) -> None:
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
        "Access-Control-Request-Private-Network": "true",
        "Access-Control-Request-Local-Network": "true",
    }
    answer = desk.call("OPTIONS", path, headers=asked)
    assert answer.status == 204 and answer.body == b""
    assert answer.headers["access-control-allow-origin"] == ALMA and answer.headers["vary"] == "Origin"
    assert answer.headers["access-control-allow-methods"] == "GET, POST, OPTIONS"
    assert "content-type" in answer.headers["access-control-allow-headers"].lower()
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert answer.headers["access-control-allow-local-network"] == "true"
    assert "access-control-allow-credentials" not in answer.headers
    assert desk.pad.asked == []


def test_a_preflight_that_does_not_ask_for_the_network_is_not_told_of_it(desk: Desk) -> None:
    answer = desk.call("OPTIONS", "/getItems", headers={"Access-Control-Request-Method": "GET"})
    assert not any("network" in name for name in answer.headers)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/getItems/", 404),
        ("GET", "/../getItems", 404),
        ("GET", "/setSecurity", 405),
        ("HEAD", "/getItems", 405),
        ("POST", "/getItems", 405),
        ("DELETE", "/itemUpdate", 405),
        ("TRACE", "/getItems", 405),
    ],
)
def test_other_places_and_methods(desk: Desk, method: str, path: str, status: int) -> None:
    answer = desk.call(method, path)
    assert answer.status == status
    if status == 405:
        assert "OPTIONS" in answer.headers["allow"]
    assert desk.pad.asked == []


def test_the_page_for_a_person_who_tries_the_certificate(desk: Desk) -> None:
    answer = desk.call("GET", "/", origin=None)
    assert answer.status == 200 and b"trusts its certificate" in answer.body
    assert desk.pad.asked == []
