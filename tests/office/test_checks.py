"""The checks of the office: the journal's chain, and reader and library systems. They change nothing."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from station.runtime.data_directory import JOURNAL
from station.store.queries.queries import Queries
from tests.office.desk import BLIND_ITEM, HIDDEN, browser, events, made, text_of

BROKEN = "The journal breaks at event"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def flip(data: Path, number: int) -> None:
    """Change one byte in the content of an event, so that it still reads."""
    with sqlite3.connect(data / JOURNAL) as db:
        (payload,) = db.execute("SELECT payload FROM events WHERE seq = ?", (number,)).fetchone()
        changed = payload.replace(b"beginners", b"begiNners")
        assert changed != payload
        db.execute("DROP TRIGGER events_no_update")
        db.execute("UPDATE events SET payload = ? WHERE seq = ?", (changed, number))
    db.close()


def number_of(data: Path, kind: str) -> int:
    return next(at for at, event in enumerate(events(data), 1) if event.__struct_config__.tag == kind)


def test_verify_now_tells_the_result_and_journals_nothing(data: Path) -> None:
    before = len(events(data))
    with browser(data, "tess") as desk:
        before = len(events(data))
        assert "Not verified" in desk.get("/journal/verify").text
        page = desk.follow(desk.send("/journal/verify")).text
        assert "The journal verifies." in page and "Verified " in page and BROKEN not in page
        listed = desk.get("/journal").text
        assert "/journal/verify" in listed and "Verified " in listed
    assert len(events(data)) == before


def test_a_flipped_byte_is_shown_where_it_is_and_on_every_page(data: Path) -> None:
    number = number_of(data, "correction-opened")
    flip(data, number)
    with browser(data, "tess") as desk:
        assert BROKEN not in desk.get("/items").text, "nobody has looked yet"
        assert "× does not follow" in desk.get(f"/journal/{number}").text
        assert "✓ follows" in desk.get(f"/journal/{number - 1}").text
        for path in ("/items", "/today", "/me"):
            assert f"{BROKEN} {number}: nothing from there on is proved." in desk.get(path).text
        page = desk.follow(desk.send("/journal/verify")).text
        assert "does NOT verify" in page and f"{BROKEN} {number}" in page


def test_the_list_of_the_journal_finds_a_break_by_itself(data: Path) -> None:
    number = number_of(data, "correction-opened")
    flip(data, number)
    with browser(data, "tess") as desk:
        assert f"{BROKEN} {number}" in desk.get("/journal").text


def test_who_may_not_see_others_may_not_verify(data: Path) -> None:
    with browser(data, "bea") as desk:
        assert desk.get("/journal/verify").status_code == 403
        assert desk.post("/journal/verify", {"token": "x"}).status_code == 403
        assert "/journal/verify" not in text_of(desk.get("/journal").text)


def test_one_event_shows_its_fields_and_the_hash_before(data: Path) -> None:
    number = number_of(data, "correction-opened")
    with browser(data, "tess") as desk:
        page = text_of(desk.get(f"/journal/{number}").text)
        assert desk.get("/journal/999999").status_code == desk.get("/journal/x").status_code == 404
    rows = Queries(data / JOURNAL, None).events(number - 1, number)  # type: ignore[arg-type]
    assert all(row.hash in page for row in rows)
    assert "correction-opened" in page and "Soup for beginners" in page and "Tim" in page and "w-tim" not in page


def test_a_hidden_event_shows_neither_fields_nor_hash(data: Path) -> None:
    number = max(at for at, event in enumerate(events(data), 1) if HIDDEN in repr(event))
    with browser(data, "bea") as desk:
        page = desk.get(f"/journal/{number}").text
    assert HIDDEN not in page and BLIND_ITEM in page
    assert len(re.findall("<dd>[0-9a-f]{64}</dd>", page)) <= 1, "only that of the event before"


def test_check_now_asks_the_library_systems_and_journals_nothing(data: Path) -> None:
    with browser(data, "bea") as desk:
        before = len(events(data))
        page = text_of(desk.follow(desk.send("/benches/1/check")).text)
        assert "/benches/1/check" in desk.get("/benches/1").text
    assert "○ Reader: No station runs" in page and "✓ Results file: the results file can be written" in page, page
    assert len(events(data)) == before
