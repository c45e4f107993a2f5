"""The office over all benches: a bench's own pages, with the rows of every bench that the reader sees."""

from __future__ import annotations

import csv
import html
import io
import re
from contextlib import closing
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.settings.fleet import FleetViewer
from station.fleet import projector
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from station.store.postgres.connection import connect
from station.store.postgres.sql import PostgresSql
from station.store.postgres.viewed import Center
from tests.office.desk import HERE, HIDDEN, Browser, text_of
from tests.office.fleet.center import NORTH, SOUTH, SOUTH_ITEM, SOUTHERN, join, office, project, southern
from tests.office.routes import whole

_HREF = re.compile(r'<a\b[^>]*? href="([^"#]*)"')

_SAME = re.compile(r"hide=|sort=|as=xlsx|rows=")
"""Another view of the same rows."""


def crawled(browser: Browser, start: str = "/", most: int = 400) -> dict[str, str]:
    """Return every page that a reader reaches by links, by address. Asserts that each is whole."""
    pages: dict[str, str] = {}
    waiting = [start]
    while waiting and len(pages) < most:
        path = waiting.pop(0)
        if path in pages:
            continue
        answer = browser.get(path)
        if "as=csv" not in path:  # which has negative amounts
            whole(answer, f"/settings, {path}" if path.startswith("/journal/") else path)  # whose fields look like keys
        pages[path] = answer.content.decode("utf-8", "replace")
        if answer.status_code == 303:
            waiting.append(answer.headers["location"])
            continue
        # An item that was never at this bench has no page there.
        assert answer.status_code == 200 or path.startswith("/items/"), (path, answer.status_code)
        waiting += [html.unescape(each) for each in _HREF.findall(answer.text) if not _SAME.search(each)]
    assert len(pages) < most
    return pages


def test_a_list_has_the_rows_of_each_bench_under_its_heading(center: Path) -> None:
    with office(center, "ida") as browser:
        text = text_of(browser.get("/fix").text)
    north, south = text.index("Main Library · Bench 1"), text.index("South Branch · Bench 2")
    assert north < text.index("Soup for beginners") < south < text.index(SOUTHERN)


def test_a_list_is_sorted_over_all_benches_if_it_fits_on_a_page(center: Path) -> None:
    def titles(address: str) -> list[str]:
        rows = csv.DictReader(io.StringIO(browser.get(f"{address}&as=csv").content.decode("utf-8-sig")))
        return [row["Title"].casefold() for row in rows]

    with office(center, "ida") as browser:
        upward, downward = titles("/fix?sort=item_title"), titles("/fix?sort=-item_title")
        assert len(upward) > 3 and upward == sorted(upward) and downward == upward[::-1]
        assert "Main Library · Bench 1" not in text_of(browser.get("/fix?sort=item_title").text)
        longer = text_of(browser.get("/fix?sort=item_title&rows=2").text)
        assert "sorted within each" in longer and "Main Library · Bench 1" in longer


@pytest.mark.parametrize(
    ("login", "seen", "hidden"), [("nora", "Soup", "outhern"), ("sam", SOUTHERN, "Soup"), ("ida", "Soup", "")]
)
def test_a_reader_sees_no_bench_of_another_site(center: Path, login: str, seen: str, hidden: str) -> None:
    with office(center, login) as browser:
        pages = crawled(browser)
    assert any(seen in page for page in pages.values())
    assert len(pages) > 30
    assert not [path for path, page in pages.items() if HIDDEN in page]  # nobody here may know it yet at its bench
    if hidden:
        assert not [path for path, page in pages.items() if hidden in page]


def test_an_address_of_another_site_finds_nothing(center: Path, benches: dict[str, str]) -> None:
    with office(center, "nora") as browser:
        for path in (f"/items/{SOUTH_ITEM}", "/fix/" + "9" * 32, "/vendors/southern"):
            for chosen in ("", f"?bench={benches['Bench 2']}", f"?bench_site={SOUTH}"):
                answer = browser.get(path + chosen)
                assert answer.status_code == 404 and "outhern" not in answer.text, path + chosen
        assert "outhern" not in browser.get(f"/fix?bench={benches['Bench 2']}&as=csv").text


def test_an_item_of_two_benches_has_a_page_at_each(
    center: Path, center_database: str, benches: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "third").mkdir()
    store = open_store(tmp_path / "third" / JOURNAL, SystemClock())
    store.journal.record(*southern()[:2])
    assert store.close()
    third = join(center_database, tmp_path / "third", "Bench 3", NORTH)
    project(center_database)
    with office(center, "ida") as browser:
        for bench, other in ((benches["Bench 2"], third), (third, benches["Bench 2"])):
            page = browser.get(f"/items/{SOUTH_ITEM}?bench={bench}").text
            assert "Other benches" in page and f'"/items/{SOUTH_ITEM}?bench={other}"' in page
            assert "barcode-unknown" not in page and "not in the catalog" not in page
    with office(center, "nora") as browser:
        page = browser.get(f"/items/{SOUTH_ITEM}").text
        assert "Bench 3" in page and "Other benches" not in page and benches["Bench 2"] not in page


def test_without_the_policy_the_test_above_would_fail(center: Path, center_database: str) -> None:
    with closing(connect(center_database)) as connection:
        connection.execute("CREATE POLICY open ON bench FOR SELECT TO station_viewer USING (true)")
    with office(center, "nora") as browser:
        assert "outhern" in browser.get("/fix").text


def test_filters_stay_in_links_and_files(center: Path, benches: dict[str, str]) -> None:
    bench = benches["Bench 2"]
    with office(center, "ida") as browser:
        page = browser.get(f"/fix?bench={bench}").text
        assert "Soup" not in page and SOUTHERN in page
        links = {html.unescape(each) for each in _HREF.findall(page)}
        assert f"/journal?bench={bench}" in links and f"/fix/{'9' * 32}?bench={bench}" in links
        file = browser.get(f"/fix?bench={bench}&as=csv").content.decode("utf-8-sig")
        heads, *rows = csv.reader(io.StringIO(file))
        assert [dict(zip(heads, row, strict=True))["Bench"] for row in rows] == ["Bench 2"]
        both = browser.get("/fix?as=csv").content.decode("utf-8-sig")
        assert {row["Site"] for row in csv.DictReader(io.StringIO(both))} == {NORTH, SOUTH}


def test_a_page_ends_after_its_rows_and_the_next_goes_on(center: Path) -> None:
    """Three rows a page: the pages together have every row once, in the order of the whole."""
    with office(center, "ida") as browser:
        expected = browser.get("/journal?as=csv").content.decode("utf-8-sig").splitlines()[1:]
        rows: list[str] = []
        path = "/journal?rows=7"
        while path:
            page = browser.get(path).text
            body = re.findall(r"<tr>(?!<th)(.*?)</tr>", page.partition("<tbody>")[2], re.S)
            assert len(body) <= 7
            rows += body
            more = re.search(r'rel="next" href="([^"]+)"', page)
            path = html.unescape(more[1]) if more else ""
    assert len(rows) == len(expected) > 20


def test_a_filter_has_the_choices_of_all_benches_and_counts_of_none(center: Path) -> None:
    with office(center, "ida") as browser:
        page = browser.get("/outbox").text
        choices = dict(re.findall(r'<option value="([a-z-]+)">([^<]*)<', page.partition('name="state"')[2]))
        assert {"parked", "pending"} <= set(choices) and not any(re.search(r"\d", words) for words in choices.values())
        assert (
            "Bench 1"
            not in text_of(browser.get("/outbox?state=pending").text).partition("CSV")[0].partition("Apply")[2]
        )


def test_nothing_can_be_changed(center: Path) -> None:
    with office(center, "sam") as browser:
        for path in (f"/fix/{'9' * 32}/close", "/outbox/retry", "/people/new", "/anything"):
            answer = browser.client.post(path, data={"token": "x"}, headers=HERE)
            assert answer.status_code == 403 and "only reads" in answer.text, path
            assert browser.get(path).status_code in (404, 405)
        pages = crawled(browser)
    forms = {form for page in pages.values() for form in re.findall(r"<form[^>]*method=\"post\"[^>]*>", page)}
    assert all('action="/sign-out"' in form for form in forms), forms


def test_who_is_not_named_sees_no_bench(center: Path) -> None:
    viewers = (FleetViewer(person="nobody", sites=("*",)),)
    with office(center, "ida", viewers=viewers) as browser:
        answer = browser.get("/fix")
        assert answer.status_code == 200 and "which sites you see" in answer.text
    with office(center, "ida", viewers=()) as browser:
        assert SOUTHERN in browser.get("/fix").text


def test_the_events_of_an_item_are_found_by_an_index(center_database: str, benches: dict[str, str]) -> None:
    with closing(connect(center_database)) as connection:
        connection.execute(
            "INSERT INTO event SELECT journal, 1000 + n, '', 'check-answered', "
            "convert_to(jsonb_build_object('barcode', n::text, 'uid', n::text)::text, 'UTF8'), '', sha256('x') "
            "FROM timeline, generate_series(1, 10000) AS n WHERE bench = %s AND current",
            (benches["Bench 1"],),
        )
        connection.execute("ANALYZE event")
    with closing(Center(center_database)) as viewed, viewed.reading(None, benches["Bench 1"]) as sql:
        for field in ("barcode", "uid"):
            asked = f"EXPLAIN SELECT seq FROM events WHERE json_extract(CAST(payload AS TEXT), '$.{field}') = ?"
            plan = "\n".join(row[0] for row in sql.execute(asked, ("31234000000015",)))
            assert f"event_{field}" in plan, plan


def test_the_next_events_of_a_bench_are_read_without_those_of_others(
    center_database: str, benches: dict[str, str]
) -> None:
    with closing(connect(center_database)) as connection:
        connection.execute(
            "INSERT INTO event SELECT journal, 1000 + n, '', 'check-answered', repeat('x', 300)::bytea, '', sha256('x') "
            "FROM timeline, generate_series(1, 10000) AS n WHERE current"
        )
        connection.execute("ANALYZE event, timeline")
    with closing(connect(center_database, projector.PROJECTOR)) as connection:
        sql = PostgresSql(connection)
        sql.use(benches["Bench 1"])
        plan = "\n".join(row[0] for row in sql.execute(f"EXPLAIN {projector._NEXT}", (2000, 2500)))
    assert "event_pkey" in plan and "Seq Scan on event" not in plan, plan


def test_without_the_database_a_page_says_so(center: Path) -> None:
    settings = center / "station.toml"
    settings.write_text(re.sub(r"dbname=\w+", "dbname=gone", settings.read_text()))
    with office(center, "ida") as browser:
        answer = browser.get("/fix")
    assert answer.status_code == 503 and "database does not answer" in text_of(answer.text)
