"""The page of the account plan: recorded by a file with a PIN, why a line has its accounts, and no text that acts."""

from __future__ import annotations

from pathlib import Path

import httpx2
import msgspec
import pytest

from station.acquisitions.account_plan_file import read
from station.domain.events import AccountPlanRecorded
from tests.acquisitions.test_account_plan_file import FILE, PLAN
from tests.office.desk import EVIL, HERE, PINS, Browser, browser, events, made, text_of
from tests.support.harmless import bad_characters

PATH = "/accounts/record"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def sent(desk: Browser, content: str, **typed: str) -> httpx2.Response:
    return desk.client.post(
        PATH,
        data={**desk.form(PATH), **typed},
        files={"file": ("plan.toml", content.encode(), "application/toml")},
        headers=HERE,
    )


def recorded(data: Path) -> list[AccountPlanRecorded]:
    """Return the plans that were recorded after that of the desk."""
    return [event for event in events(data) if isinstance(event, AccountPlanRecorded)][1:]


def test_a_technician_records_a_plan_and_asks_why(data: Path) -> None:
    with browser(data, "tess") as desk:
        broken = sent(desk, FILE.replace('percent = "40"', 'percent = "41"'), pin=PINS["tess"])
        assert "plan.toml, line 21: several shares need percent" in text_of(broken.text) and not recorded(data)
        page = text_of(desk.follow(sent(desk, FILE, pin=PINS["tess"])).text)
        assert "Saved" in page and "shipping: account 90-MAIL" in page and "a half to the even digit" in page
        again = sent(desk, FILE, pin=PINS["tess"])
        assert again.status_code == 409 and "is as in the file" in again.text
        why = text_of(desk.get("/accounts/try?library=MAIN&material=dvd&date=2026-12-01").text)
        assert "another vendor" in why and "rest counts: 10-BOOKS" in why and "owes the state 8.25 % tax" in why
        assert read(desk.get("/accounts/file").content, "plan.toml") == PLAN
    (event,) = recorded(data)
    assert (event.content, event.operator, event.via) == (PLAN, "w-tess", "office")


def test_only_a_technician_records_and_no_text_of_a_plan_acts(data: Path) -> None:
    with browser(data, "tim") as desk:
        answer = sent(desk, FILE, pin=PINS["tim"])
        assert "Approved by" in answer.text and not recorded(data)
    evil = msgspec.json.encode(f"={EVIL}"[:90]).decode()
    plan = f'[[codes]]\naccount = {evil}\ntitle = {evil}\n[[rules]]\nid = "any"\nfund = {evil}\nshares = [{{account = {evil}}}]\n'
    with browser(data, "tess") as desk:
        desk.follow(sent(desk, plan, pin=PINS["tess"]))
        for path in ("/accounts", "/accounts/try"):
            page = desk.get(path)
            assert "&lt;script&gt;" in page.text and "<script>alert" not in page.text
            assert not bad_characters(page.text, allowed="\n")
