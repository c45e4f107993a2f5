"""The pages of the office: what they show, in whose language, and what they never let through."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from station.base.clock import SystemClock
from station.base.sentence import Sentence
from station.domain.events import ItemSetAside
from station.office.app import FURTHER, PAGES
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.store.owner import open_store
from tests.office.conftest import BARCODE, PORT, TOML, office
from tests.support import sample_events

NAMES = {
    "barcode": BARCODE,
    "uid": "E004010012345678",
    "worker": "ann",
    "vendor": "ybp",
    "upload": "0",
    "rule": "spine-label",
    "topic": "first-day",
    "bench": "1",
    "number": "1",
    "id": "0" * 32,
    "year": "0",
    "kind": "0",
}
PATHS = [path for path, _, _ in PAGES] + [path.format(**NAMES) for path, _ in FURTHER]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_whole_in_both_languages(data: Path, path: str, language: str) -> None:
    with office(data, language) as desk:
        answer = desk.get(path, follow_redirects=True)
    assert answer.status_code in (200, 404) and f'<html lang="{language}">' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert "office." not in answer.text.replace("office.css", "").replace("office.js", ""), "a sentence is missing"


def test_an_item_is_found_by_its_barcode_and_shows_its_life(desk: TestClient) -> None:
    search = desk.get("/items", params={"q": BARCODE})
    assert (search.status_code, search.headers["location"]) == (303, f"/items/{BARCODE}")
    page = desk.get(search.headers["location"])
    assert page.status_code == 200 and "passed" in page.text


def test_a_page_that_does_not_exist_offers_the_search(desk: TestClient) -> None:
    for path in ("/nothing", "/items/31234000099999", "/static/0/office.css", "/static/0/../../pyproject.toml"):
        answer = desk.get(path, follow_redirects=True)
        assert answer.status_code == 404
        assert "static" in path or 'role="search"' in answer.text


def test_a_drawing_of_the_manual_keeps_its_blanks(desk: TestClient) -> None:
    assert re.search(r"<pre[^>]*>(?:[^<]*\n)*[^<\n]+ {5}[^<\n]*[│┐]", desk.get("/rules/spine-label").text)


def test_hostile_text_is_shown_as_text(data: Path) -> None:
    evil = "<script>alert(1)</script>\u202egpj.exe\x1b]52;c;x\x07"
    store = open_store(data / JOURNAL, SystemClock())
    store.journal.record(sample_events.judged(BARCODE))
    store.journal.record(ItemSetAside(barcode=BARCODE, reason=Sentence.verbatim(evil), operator=evil))
    store.close()
    with office(data) as desk:
        for path in (*PATHS, *(f"{path}{quote(evil)}" for path in ("/items?q=", "/journal?before=", "/items/"))):
            text = desk.get(path).text
            assert "<script>alert" not in text and "\u202e" not in text and "\x1b" not in text
        assert "&lt;script&gt;alert" in desk.get("/journal").text


def test_a_download_holds_the_rows_of_the_page_and_no_formula(data: Path) -> None:
    store = open_store(data / JOURNAL, SystemClock())
    store.journal.record(ItemSetAside(barcode=BARCODE, reason=Sentence.verbatim("=1+1"), operator="=HYPERLINK(1)"))
    store.close()
    with office(data) as desk:
        page, taken = desk.get("/journal"), desk.get("/journal?as=csv")
        book = desk.get("/journal?as=xlsx")
    rows = list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert len(rows) - 1 == page.text.count("<tr>") - 1 == 2
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        sheet = parts.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>" not in sheet and sheet.count("<row ") == len(rows) + 1, "and that the list was taken"


def test_a_long_journal_is_read_page_by_page(data: Path) -> None:
    store = open_store(data / JOURNAL, SystemClock())
    for _ in range(4):
        store.journal.record(sample_events.judged(BARCODE))
    store.close()
    with office(data) as desk:
        first = desk.get("/journal?rows=3").text
        assert 'href="/journal?rows=3&amp;before=3"' in first and ">5<" in first and ">2<" not in first
        last = desk.get("/journal?rows=3&before=3").text
        assert ">2<" in last and ">3<" not in last and "before=1" not in last


def test_without_a_journal_the_pages_say_so(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text(TOML)
    with office(tmp_path) as desk:
        assert "has not worked yet" in desk.get("/journal").text
        assert desk.get("/items").status_code == 200
        assert not (tmp_path / JOURNAL).exists(), "a page that is read makes nothing"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example:8444"}, 421),
        ({"host": f"localhost:{PORT + 1}"}, 421),
        ({"x-long": "a" * 20_000}, 431),
    ],
)
def test_a_request_for_another_host_or_too_long_is_refused(
    desk: TestClient, headers: dict[str, str], status: int
) -> None:
    assert desk.get("/items", headers=headers).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-site", "origin": f"https://localhost:{PORT}"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example"},
        {"origin": f"https://localhost:{PORT - 1}"},
    ],
)
def test_a_form_from_elsewhere_is_refused(desk: TestClient, headers: dict[str, str]) -> None:
    assert desk.post("/items", headers=headers).status_code == 403
    assert desk.post("/items", headers={"sec-fetch-site": "same-origin"}).status_code == 405


def test_a_program_of_another_account_is_refused(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with office(data) as desk:
        monkeypatch.setattr("station.https.accounts.Accounts.allow", lambda *_: False)
        assert desk.get("/items").status_code == 403


@pytest.mark.parametrize("path", ["/journal", "/nothing"])
def test_names_that_cannot_be_read_are_a_sentence(data: Path, path: str) -> None:
    (data / PEOPLE).write_bytes(b"no database" * 400)
    with office(data) as desk:
        answer = desk.get(path)
    assert answer.status_code == (503 if path == "/journal" else 404) and "<main" in answer.text


def test_a_defect_of_a_page_is_a_sentence(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.store.queries.queries.Queries.journal_search", lambda *_, **__: 1 / 0)
    with office(data) as desk:
        answer = desk.get("/journal")
    assert (
        answer.status_code == 500 and "Tell the systems librarian" in answer.text and "ZeroDivision" not in answer.text
    )
