"""The pages that only a center has: benches, tags, refused events, goals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.store.postgres.connection import connect
from tests.office.desk import EVIL, text_of
from tests.office.fleet.center import NORTH, SOUTH, office
from tests.office.routes import whole
from tests.support import sample_events

BEAT = {
    "version": "0.9.1",
    "rules": "ab" * 32,
    "worker": "w-tim",
    "hour": 31,
    "today": 140,
    "reader_ready": True,
    "unsent": 7,
    "unsent_since": "2026-12-01T10:00:00+00:00",
}


@pytest.fixture
def beats(center_database: str, benches: dict[str, str]) -> dict[str, str]:
    """Bench 1 is alive; Bench 2 was seen yesterday, and sent a heartbeat that nobody can read."""
    with connect(center_database) as connection:
        connection.execute(
            "UPDATE bench SET snapshot = %s, seen = clock_timestamp(), refused = 19 WHERE bench = %s",
            (json.dumps(BEAT), benches["Bench 1"]),
        )
        connection.execute(
            "UPDATE bench SET snapshot = %s, seen = clock_timestamp() - interval '1 day' WHERE bench = %s",
            (json.dumps({"hour": "many", "version": EVIL}), benches["Bench 2"]),
        )
    return benches


def test_the_benches_show_how_each_one_is(center: Path, beats: dict[str, str]) -> None:
    with office(center, "nora") as browser:
        text = text_of(browser.get("/benches").text)
        assert "✓ &nbsp;alive" in text and "0.9.1" in text and "abababababab" in text and "w-tim" in text
        assert " 7 0 19 w-tim 31 ✓ &nbsp;ready 0.9.1" in text
        assert browser.get("/benches?as=csv").text.splitlines()[1].count("140") == 1
        assert "Bench 2" not in text
    with office(center, "sam") as browser:
        text = text_of(browser.get("/benches").text)
        assert "» &nbsp;silent" in text and "not known" in text and "Bench 1" not in text and "alert(1)" not in text
    with office(center, "ida") as browser:
        assert "another person" in browser.get("/benches").text
        only = text_of(browser.get("/benches?state=silent").text)
        assert "Bench 1 " not in only.partition("Columns")[2] and "South Branch" in only


def test_a_bench_on_two_machines_and_one_whose_tables_stopped_need_a_person(
    center: Path, center_database: str, beats: dict[str, str]
) -> None:
    with connect(center_database) as connection:
        connection.execute("UPDATE bench SET moved = clock_timestamp() WHERE bench = %s", (beats["Bench 1"],))
        connection.execute("UPDATE projected SET stopped_seq = 3, why = 'x' WHERE bench = %s", (beats["Bench 2"],))
    with office(center, "ida") as browser:
        text = text_of(browser.get("/benches").text)
    assert "2 benches need a person" in text and "▲ &nbsp;on two machines" in text and "▲ &nbsp;tables stopped" in text


def test_refused_events_show_escaped_and_never_what_they_say(
    center: Path, center_database: str, benches: dict[str, str]
) -> None:
    with connect(center_database) as connection:
        for number in range(5):
            connection.execute(
                "INSERT INTO quarantine (bench, journal, seq, hash, at, kind, payload, deliveries, why) "
                "VALUES (%s, %s, %s, sha256('x'), %s, %s, 'secret', '[]', %s)",
                (benches["Bench 2"], f"~{EVIL}~", number, EVIL, EVIL, ("fork", "hash")[number % 2]),
            )
    with office(center, "sam") as browser:
        page = browser.get("/quarantine?rows=2")
        whole(page, "/quarantine")
        assert "two journals with one number" in page.text and "secret" not in page.text
        for form in ("csv", "xlsx"):
            whole(browser.get(f"/quarantine?as={form}"), f"/quarantine.{form}")
        assert browser.get("/quarantine?as=csv").text.count("hash does not fit") == 2
        assert browser.get("/quarantine?as=csv&why=fork").text.count("Bench 2") == 3
        assert "5" in text_of(browser.get("/benches").text)
    with office(center, "nora") as browser:
        assert "Nothing was refused" in browser.get("/quarantine").text


def test_the_ledger_shows_what_each_tag_carries(center: Path, center_database: str, benches: dict[str, str]) -> None:
    with connect(center_database) as connection:
        for number, (bench, barcode) in enumerate(
            [("Bench 1", "31234000000015"), ("Bench 2", "31999000000055"), ("Bench 2", "")]
        ):
            connection.execute(
                "INSERT INTO holding (uid, barcode, part, parts, bench, journal, seq, at, certain, lost) "
                "VALUES (%s, %s, 1, 1, %s, 'j', 1, '2026-12-01T10:00:00+00:00', %s, false)",
                (f"E00401500000000{number}", barcode, benches[bench], number != 1),
            )
    with office(center, "ida") as browser:
        rows = text_of(browser.get("/ledger").text)
        assert "Southern winds" in rows and "A title" in rows and "No item" in rows
        first = browser.get("/ledger?rows=2").text
        assert f"/tags/E004015000000001?bench={benches['Bench 2']}" in first and "after=E004015000000001" in first
        assert "A title" not in text_of(browser.get("/ledger?only=open").text)
        assert "Southern" not in text_of(browser.get("/ledger?what=31234000000015").text)
    with office(center, "nora") as browser:
        assert "Southern" not in browser.get("/ledger").text


def test_the_ledger_shows_two_tags_of_one_item(center: Path, center_database: str, benches: dict[str, str]) -> None:
    with connect(center_database) as connection:
        for number, (bench, barcode) in enumerate([("Bench 1", "1"), ("Bench 2", "1"), ("Bench 1", "2")]):
            connection.execute(
                "INSERT INTO holding (uid, barcode, part, parts, bench, journal, seq, at, certain, lost) "
                "VALUES (%s, %s, 1, 1, %s, 'j', 1, '2026-12-01T10:00:00+00:00', true, false)",
                (f"E00401500000000{number}", barcode, benches[bench]),
            )
        connection.execute(
            "INSERT INTO second_tag VALUES ('E004015000000001', 'E004015000000000', '1', 1, %s, %s, '', '')",
            (benches["Bench 2"], benches["Bench 1"]),
        )
    with office(center, "ida") as browser:
        assert text_of(browser.get("/ledger").text).count("▲ &nbsp;one of two tags") == 2
        only = browser.get("/ledger?only=second&as=csv").text
        assert [line.count("E00401500000000") for line in only.splitlines()] == [0, 1, 1]


@pytest.mark.parametrize(
    ("days", "total", "expected"),
    [
        (4, 4, "4 of 4 tagged; done South Branch 4 4 "),
        (4, 3000, "4 of 3,000 tagged; too early to say when done South Branch 4 3,000 "),
        (5, 3000, "5 of 3,000 tagged; done on "),
    ],
)
def test_a_goal_says_when_it_is_reached_after_five_working_days(
    center: Path, center_database: str, benches: dict[str, str], days: int, total: int, expected: str
) -> None:
    with connect(center_database) as connection:
        connection.execute("INSERT INTO goal VALUES ('Library 12', %s, %s), ('Far', 'Elsewhere', 9)", (SOUTH, total))
        for day in range(days):
            connection.execute(
                "INSERT INTO holding (uid, barcode, part, parts, bench, journal, seq, at, certain, lost) VALUES (%s, %s, 1, 1, "
                "%s, 'j', 1, to_char(clock_timestamp() AT TIME ZONE 'UTC' - %s * interval '1 day', "
                "'YYYY-MM-DD\"T\"HH24:MI:SS+00:00'), true, false)",
                (f"E00401500000000{day}", str(day), benches["Bench 2"], day),
            )
    with office(center, "sam") as browser:
        text = text_of(browser.get("/goals").text)
        assert "Library 12" in text and expected in text and "Elsewhere" not in text
    with office(center, "ida") as browser:
        assert "0 of 9 tagged; none in the last four weeks" in text_of(browser.get("/goals").text)
        assert "Library 12" not in text_of(browser.get(f"/goals?bench_site={NORTH}").text)


def test_the_search_leads_to_item_and_tag(center: Path, benches: dict[str, str]) -> None:
    with office(center, "ida") as browser:
        assert browser.get("/items?q=31234000000015").headers["location"] == "/items/31234000000015"
        assert browser.get(f"/items?q={sample_events.UID}").headers["location"] == f"/tags/{sample_events.UID}"
        assert "Scan or type a barcode" in browser.get("/items").text
