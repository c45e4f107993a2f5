"""The parts of the Alma client that need no server: note grammar, item object, error table; and which module imports
the HTTP client."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import InDoubt, Recovery, Rejected, SyncError, Throttled, Unreachable
from station.sync.alma import note as alma_note
from station.sync.alma.codes import CODES
from station.sync.alma.errors import refusal_of
from station.sync.alma.item import AlmaItem
from station.sync.alma.record import of_item
from station.sync.http import Answer
from tests.support.for_each import for_each
from tests.support.told import raises_told, told
from tests.sync.fakes import delivery

NOW = "2026-11-24T10:00:00+00:00"


def item(**item_data: Any) -> bytes:
    data = {"pid": "23", "barcode": "39074000218412", "internal_note_3": None, **item_data}
    return json.dumps({"bib_data": {"mms_id": "99"}, "holding_data": {"holding_id": "22"}, "item_data": data}).encode()


def answer(status: int, body: bytes, **headers: str) -> Answer:
    return Answer(status, {"content-type": "application/json", **headers}, body, "https://x/")


def test_entry_in_its_grammar() -> None:
    row = delivery(7, failed=tuple(f"rule.{n}" for n in range(7)))
    expected = "(rule.0, rule.1, rule.2, rule.3, rule.4, 2-more)"
    assert alma_note.entry(row) == f"RFID [j1-7-alma] fail 1/1 E004015012345678 2026-11-24 {expected}"


@given(st.text(max_size=60), st.integers(1, 99))
def test_foreign_text_stays_and_the_entry_is_found(note: str, number: int) -> None:
    changed = alma_note.add(note, delivery(number))
    assert changed.startswith(note if note.strip() else "")
    assert alma_note.names(changed, delivery(number))
    assert alma_note.holds(changed, delivery(number))
    assert not alma_note.names(changed, delivery(number + 100))


def test_oldest_own_entries_make_room_and_foreign_text_does_not() -> None:
    note = "keep me"
    for number in range(9):
        note = alma_note.add(note, delivery(number), limit=200)
    assert len(note) <= 200
    assert note.startswith("keep me | RFID [j1-6")
    assert alma_note.names(note, delivery(8))
    with raises_told(Rejected, match="no room"):
        alma_note.add("x" * 190, delivery(1), limit=200)


def test_text_typed_behind_an_entry_survives_its_removal() -> None:
    note = alma_note.add("", delivery(1)) + " spine torn"
    assert alma_note.add(note, delivery(2), limit=80).startswith(" spine torn | RFID [j1-2")


def test_every_other_byte_goes_back_as_it_came() -> None:
    body = item(replacement_cost=0, future={"x": [1]}).replace(b'"replacement_cost": 0', b'"replacement_cost": 12.10E0')
    body = body.replace(b'"23"', b'"23", "odd": 123456789012345678901234567890')
    sent = AlmaItem(body).with_fields({"internal_note_3": "é\u2028"})
    assert b"12.10E0" in sent
    assert b"123456789012345678901234567890" in sent
    assert json.loads(sent)["item_data"]["internal_note_3"] == "é\u2028"
    assert json.loads(sent)["item_data"]["future"] == {"x": [1]}


@pytest.mark.parametrize("barcode", [None, "", {"value": "", "desc": None}])
def test_an_item_without_barcode_is_never_sent(barcode: object) -> None:
    with raises_told(Rejected, match="no barcode"):
        AlmaItem(item(barcode=barcode)).with_fields({"internal_note_3": "x"})


def test_temporary_location_counts_and_the_permanent_one_is_named() -> None:
    top = json.loads(item(library={"value": "MAIN"}, location={"value": "stacks"}))
    top["holding_data"] |= {
        "in_temp_location": True,
        "temp_library": {"value": "LAW", "desc": None},
        "temp_location": {"value": "res"},
        "temp_call_number": "KF 1",
        "call_number": "PS 1",
    }
    record = of_item(AlmaItem(json.dumps(top).encode()))
    assert (record.library, record.location, record.call_number) == ("LAW", "res", "KF 1")
    assert told(record.call_number_reason).startswith("The item is in a temporary location")
    assert "MAIN stacks" in told(record.origin)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"item_data": 1}', b'{"item_data": {}}', b"[" * 100_000, b"\xff"]
)
def test_what_is_no_item_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected):
        AlmaItem(body)


@for_each("code", sorted(CODES))
def test_every_code_means_what_the_table_says(code: str) -> None:
    body = json.dumps({"errorsExist": True, "errorList": {"error": [{"errorCode": code, "errorMessage": "m\x1b"}]}})
    xml = (
        f"<web_service_result><errorList><error><errorCode>{code}</errorCode></error></errorList></web_service_result>"
    )
    for status in (200, 400, 500):
        for text in (body, xml):
            refusal = refusal_of(answer(status, text.encode()), NOW)
            assert refusal is not None
            assert refusal.error is CODES[code].error
            assert told(CODES[code].sentence) in told(refusal.detail)
            assert "\x1b" not in told(refusal.detail)


@for_each("code", sorted(CODES))
def test_every_code_has_a_sentence_a_recovery_and_a_remedy(code: str) -> None:
    """Staff read the sentence and the remedy of a parked delivery. If the station recovers automatically, the remedy
    says so."""
    meaning = CODES[code]
    assert re.fullmatch(r"[A-Z].*\.", told(meaning.sentence))
    assert re.fullmatch(r"[A-Z].*\.", told(meaning.remedy)) or told(meaning.remedy).endswith("tracking ID.")
    assert meaning.recovery is meaning.error.recovery
    own = meaning.recovery is Recovery.RETRY_SELF
    assert told(meaning.remedy).startswith("None:") is own
    assert meaning.again <= own, "only automatic recovery may repeat a request"
    body = json.dumps({"errorList": {"error": [{"errorCode": code, "errorMessage": "m"}]}})
    refusal = refusal_of(answer(400, body.encode()), NOW)
    assert refusal is not None
    assert (told(meaning.remedy) in told(refusal.detail)) is not own
    error = refusal.exception(changes=False)
    assert (type(error), error.recovery, error.body) == (meaning.error, meaning.recovery, body)


def test_every_error_of_the_reference_is_in_the_table() -> None:
    """docs/reference/systems.md#alma-scan-in and the sets of docs/reference/systems.md#alma-calls."""
    named = {"401689", "401688", "40166411", "40166415", "402203", "402204", "401885", "60105", "401652"}
    sets = {str(code) for code in (*range(60107, 60121), 60176)}
    assert named | sets | {"PER_SECOND_THRESHOLD", "DAILY_THRESHOLD"} <= set(CODES)


def test_recorded_errors(shared: Path) -> None:
    for name, code in (
        ("tul_error", "402203"),
        ("tul_scan_missing_params", "40166415"),
        ("pul_barcode_32101108683143", "401689"),
    ):
        refusal = refusal_of(answer(400, (shared / "data" / "alma" / f"{name}.json").read_bytes()), NOW)
        assert refusal is not None
        assert refusal.code == code


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("5", 5.0),
        ("Tue, 24 Nov 2026 10:01:00 GMT", 60.0),
        ("-1", None),
        ("nan", None),
        ("99999999", 86400.0),
        ("x", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    refusal = refusal_of(answer(429, b"", **{"retry-after": header}), NOW)
    assert refusal is not None
    error = refusal.exception(changes=True)
    assert isinstance(error, Throttled)
    assert error.retry_after == seconds


@pytest.mark.parametrize(("changes", "kind"), [(False, Unreachable), (True, InDoubt)])
def test_a_page_settles_nothing(changes: bool, kind: type[SyncError]) -> None:
    for status in (200, 404, 500, 302):
        refusal = refusal_of(Answer(status, {"content-type": "text/html"}, b"<html>", "https://x/"), NOW)
        assert refusal is not None
        assert type(refusal.exception(changes)) is kind


@pytest.mark.parametrize("status", [401, 403])
def test_a_page_does_not_judge_the_key(status: int) -> None:
    """The institution's own Alma, or a proxy, refuses every request with a page (docs/reference/systems.md#alma-keys)."""
    page = "<!doctype html><title>HTTP Status 401 – Unauthorized</title><h1>x</h1>"
    refusal = refusal_of(Answer(status, {"content-type": "text/html;charset=utf-8"}, page.encode(), "https://x/"), NOW)
    assert refusal is not None and refusal.error is Unreachable
    assert "a web page refuses the request (HTTP Status 401 – Unauthorized)" in told(refusal.detail)


@pytest.mark.parametrize(
    ("body", "good"),
    [
        (b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><test>GET - OK</test>', True),
        (b'{"result": "GET - OK"}', True),
        (b"<!DOCTYPE html><html><body>Log in to the network</body></html>", False),
        (b"", False),
        (b"blocked", False),
    ],
)
def test_the_test_of_a_key_is_answered_with_a_document(body: bytes, good: bool) -> None:
    assert (refusal_of(Answer(200, {}, body, "https://x/"), NOW, "document") is None) is good


def test_errors_are_read_in_every_form_of_their_list() -> None:
    """XML turned into JSON keeps its root, and a list of one is an object."""
    error = {"errorCode": "401689", "errorMessage": "No items found for barcode 1."}
    for body in ({"errorList": {"error": error}}, {"web_service_result": {"errorList": {"error": [error]}}}):
        refusal = refusal_of(answer(400, json.dumps(body).encode()), NOW)
        assert refusal is not None and refusal.code == "401689"


def test_only_one_module_imports_the_http_client() -> None:
    root = Path(__file__).resolve().parents[3] / "station"
    found = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"^\s*(?:import|from) (?:httpx2|httpcore2)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert found == ["sync/http.py"]


@pytest.mark.parametrize("wrong_by_days", [-366, 0, 366])
def test_a_date_is_reckoned_from_the_answers_own_clock(wrong_by_days: int) -> None:
    """The station's clock is wrong by a year; the wait is still the one that the library system requested."""
    from datetime import datetime, timedelta

    ours = (datetime.fromisoformat(NOW) + timedelta(days=wrong_by_days)).isoformat()
    headers = {"retry-after": "Tue, 24 Nov 2026 10:01:30 GMT", "date": "Tue, 24 Nov 2026 10:00:00 GMT"}
    refusal = refusal_of(answer(429, b"", **headers), ours)
    assert refusal is not None
    error = refusal.exception(changes=False)
    assert isinstance(error, Throttled)
    assert error.retry_after == 90
