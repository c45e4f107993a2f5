"""Signing in at a desk: who may read, what the browser keeps, and what a session that has ended leaves."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from station.domain.events import PinSet, SignedOff, SignedOn, SignOnRefused
from station.office.app import COOKIE, FORMS, FURTHER, PAGES
from station.office.signing import TRIES
from tests.office.desk import HERE, OPEN, PINS, browser, events, journal, made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def test_without_a_session_no_page_says_anything(data: Path) -> None:
    paths = [path for path, *_ in (*PAGES, *FURTHER, *FORMS)]
    with browser(data) as desk:
        for path in paths:
            answer = desk.get(re.sub(r"\{\w+\}", "1", path))
            assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?to=%2F"), path
        assert desk.get("/live").status_code == 403
        missing = desk.get("/nothing")
    assert missing.status_code == 404 and "/fix" not in missing.text


def test_signing_in_leads_to_the_page_that_was_asked(data: Path) -> None:
    with browser(data) as desk:
        asked = desk.get("/fix?owner=Cataloging")
        answer = desk.send(asked.headers["location"], login="tess", pin=PINS["tess"])
        kept = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
        assert answer.headers["location"] == "/fix?owner=Cataloging"
        assert kept["secure"] and kept["httponly"] and kept["samesite"] == "strict" and kept["path"] == "/"
        assert not kept["domain"] and len(kept.value) >= 43
        assert "Tess" in desk.follow(answer).text
        assert desk.get("/sign-in?to=/journal").headers["location"] == "/journal"
    signed = [event for event in events(data) if isinstance(event, SignedOn)]
    assert [(event.operator, event.via) for event in signed] == [("w-tess", "office")]


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/sign-out", "fix"])
def test_signing_in_leads_to_no_other_place(data: Path, to: str) -> None:
    with browser(data) as desk:
        assert desk.sign_in("tess", to=to).headers["location"] == "/"


def test_a_session_is_new_at_each_sign_in_and_gone_after_it(data: Path) -> None:
    with browser(data) as desk:
        desk.client.cookies.set(COOKIE, "chosen-by-another", domain="localhost.local")
        first = SimpleCookie(desk.sign_in("tess").headers["set-cookie"])[COOKIE].value
        assert first != "chosen-by-another"
        page = desk.get("/fix")
        token = page.text.partition('action="/sign-out"')[2].partition('value="')[2].partition('"')[0]
        assert desk.post("/sign-out", {"token": "wrong"}).status_code == 403 and desk.get("/fix").status_code == 200
        left = desk.post("/sign-out", {"token": token})
        assert left.headers["location"] == "/sign-in" and "Max-Age=0" in left.headers["set-cookie"]
        desk.client.cookies.set(COOKIE, first, domain="localhost.local")
        assert desk.get("/fix").status_code == 303, "a session that was ended is of no use"
        assert SimpleCookie(desk.sign_in("tess").headers["set-cookie"])[COOKIE].value != first
    assert [event.operator for event in events(data) if isinstance(event, SignedOff)] == ["w-tess"]


def test_a_wrong_pin_is_refused_at_its_field_and_journaled(data: Path) -> None:
    with browser(data) as desk:
        answer = desk.sign_in("tess", "111222")
        assert answer.status_code == 403 and "<title>Error: Sign in" in answer.text
        assert 'href="#field-pin"' in answer.text and "111222" not in answer.text and "set-cookie" not in answer.headers
        assert desk.sign_in("nobody", "111222").text.count("do not match") == answer.text.count("do not match")
        assert desk.send("/sign-in?to=/fix", login="tess").status_code == 422
    refused = [event for event in events(data) if isinstance(event, SignOnRefused)]
    assert [(event.worker, event.code, event.via) for event in refused] == [
        ("w-tess", "pin-wrong", "office"),
        ("", "pin-wrong", "office"),
    ]


def test_an_address_may_try_ten_times_a_minute(data: Path) -> None:
    with browser(data) as desk:
        for _ in range(TRIES):
            assert desk.sign_in("nobody", "111222").status_code == 403
        assert desk.sign_in("tess").status_code == 429


def test_a_sign_in_needs_its_token_and_its_own_origin(data: Path) -> None:
    with browser(data) as desk:
        typed = {"login": "tess", "pin": PINS["tess"], "to": "/fix"}
        assert desk.post("/sign-in", typed).status_code == 403
        fields = {**desk.form("/sign-in"), **typed}
        assert desk.post("/sign-in", fields, {"sec-fetch-site": "same-site"}).status_code == 403
        assert desk.post("/sign-in", fields).status_code == 303


def test_a_link_from_elsewhere_loads_itself_once_more(data: Path) -> None:
    """The browser sends a SameSite=Strict cookie only with the second request, which the page itself makes."""
    with browser(data) as desk:
        again = desk.get(f"/fix/{OPEN}?new=3", **{"sec-fetch-site": "cross-site"})
        assert again.status_code == 200 and f'content="0;url=/fix/{OPEN}?new=3"' in again.text
        assert desk.get(f"/fix/{OPEN}?new=3", **HERE).status_code == 303


def test_a_session_that_ended_keeps_what_was_typed(data: Path) -> None:
    with browser(data, "tess") as desk:
        fields = {**desk.form(f"/fix/{OPEN}/close"), "result": "no-defect", "reason": "it is <right> & good"}
        store = journal(data)
        store.journal.record(PinSet(worker="w-tess", mark="new"))
        store.close()
        ended = desk.post(f"/fix/{OPEN}/close", fields)
        assert ended.status_code == 403 and "what you typed is still there" in ended.text
        again = desk.post("/sign-in", {**_inputs(ended.text), "login": "sue", "pin": PINS["sue"]})
        page = desk.follow(again).text
        assert "it is &lt;right&gt; &amp; good</textarea>" in page and 'value="no-defect" checked' in page
        assert "it is" not in desk.get(f"/fix/{OPEN}/close").text, "kept for one look"
        assert not [event for event in events(data) if type(event).__name__ == "CorrectionClosed"]


def test_where_nobody_signs_on_each_page_says_who_acts(tmp_path: Path) -> None:
    data = made(tmp_path, sign_on=False, operator="bea")
    with browser(data) as desk:
        page = desk.get("/fix")
        assert page.status_code == 200 and "Bea" in page.text and "Nobody signs on here" in page.text
        assert "set-cookie" not in page.headers and "/sign-out" not in page.text
        assert desk.get("/sign-in?to=/fix").headers["location"] == "/fix"


def _inputs(page: str) -> dict[str, str]:
    import html

    from tests.office.desk import hidden

    return {name: html.unescape(value) for name, value in hidden(page).items()}
