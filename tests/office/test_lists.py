"""The frame of all lists: filters, order, pages and downloads, and that no filter finds what its reader may not see."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.errors import StoreIo
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind
from station.domain.deliveries.delivery import NewDelivery
from station.domain.deliveries.intents import ScanInIntent
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.lock import hold
from station.store.owner import open_store
from station.store.people.names import People
from station.store.queries.queries import Queries
from station.store.queries.summaries import summary
from tests.office.conftest import BARCODE, office
from tests.support import sample_events
from tests.support.told import told

DAYS = ("2026-11-06", "2026-11-28", "2999-01-01")


def opened(number: int, *, owner: str = "Cataloging", due: str = DAYS[2]) -> ev.CorrectionOpened:
    return ev.CorrectionOpened(
        correction=f"c{number:03}",
        barcode=f"3123400000{number:04}",
        rule="spine-label",
        title=Sentence.verbatim("Spine label"),
        item_title=f"Title {number:03}",
        owner=owner,
        due=due,
        worker="tim",
        found_by="tess",
        reason=Sentence.verbatim("a line is missing"),
    )


def recorded(data: Path, *events: ev.AnyEvent) -> Path:
    store = open_store(data / JOURNAL, SystemClock())
    store.journal.record(*events)
    store.close()
    return data


@pytest.fixture
def to_fix(data: Path) -> Path:
    owners = ("Cataloging", "Marking", "Cataloging")
    return recorded(data, *(opened(number, owner=owners[number], due=DAYS[number]) for number in range(3)))


def titles(text: str) -> list[str]:
    return re.findall(r"Title \d{3}", text)


def test_filters_are_in_the_url_and_each_can_be_taken_off(to_fix: Path) -> None:
    with office(to_fix) as desk:
        page = desk.get("/fix?owner=Cataloging&due=overdue").text
        assert titles(page) == ["Title 000"]
        assert 'href="/fix?owner=Cataloging"' in page and 'href="/fix?due=overdue"' in page, "chips"
        assert '<li class="clear"><a href="/fix">' in page
        assert titles(desk.get("/fix?owner=Nobody").text) == titles(desk.get("/fix").text), "no value of the filter"
        form = desk.get("/fix?owner=Marking&kind=&due=&sort=")
        assert (form.status_code, form.headers["location"]) == (303, "/fix?owner=Marking")


def test_an_empty_list_says_whether_its_filters_made_it_so(data: Path) -> None:
    with office(data) as desk:
        assert "✓ Nothing to fix." in desk.get("/fix").text
        page = desk.get("/fix?kind=recheck").text
    assert "Nothing with these filters." in page and '<a href="/fix">Show all</a>' in page


def test_the_head_sorts_and_says_so(to_fix: Path) -> None:
    with office(to_fix) as desk:
        page = desk.get("/fix?sort=-item_title").text
        assert titles(page) == ["Title 002", "Title 001", "Title 000"]
        assert 'aria-sort="descending"><a href="/fix?sort=item_title">' in page
        assert titles(desk.get("/fix?sort=owner").text) == ["Title 000", "Title 002", "Title 001"], "ties by id"


def test_pages_follow_each_other_by_key(to_fix: Path) -> None:
    with office(to_fix) as desk:
        first = desk.get("/fix?sort=item_title&rows=2").text
        assert titles(first) == ["Title 000", "Title 001"]
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following is not None and "after=c001" in following[1]
        recorded(to_fix, opened(0, due=DAYS[2]))  # the list changes meanwhile
        last = desk.get(following[1].replace("&amp;", "&")).text
        assert titles(last) == ["Title 002"] and 'rel="next"' not in last


def test_a_download_has_all_pages_of_exactly_these_rows(to_fix: Path) -> None:
    recorded(to_fix, *(opened(number, owner="Marking") for number in range(3, 150)))
    with office(to_fix) as desk:
        taken = desk.get("/fix?owner=Marking&sort=item_title&as=csv").content.decode("utf-8-sig")
        book = desk.get("/fix?owner=Marking&as=xlsx").content
        journal = desk.get("/journal?kind=to-fix&rows=2&as=csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(taken)))
    assert titles(taken) == [f"Title {number:03}" for number in (1, *range(3, 150))] and len(rows) == 149
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        about = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "Marking" in about and "<v>148</v>" in about
    assert len(journal.splitlines()) == 151


def test_a_table_that_is_too_long_for_a_workbook_is_csv_only(to_fix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.reports.tables.workbook.MOST_ROWS", 2)
    with office(to_fix) as desk:
        assert desk.get("/fix?as=xlsx").status_code == 413
        assert len(desk.get("/fix?as=csv").content.splitlines()) == 4


@pytest.fixture
def covered(data: Path) -> Path:
    """An item that Ann must check blind, after Tim failed it; Ann is the reader."""
    people = People(data / PEOPLE)
    for worker in ("ann", "tim"):
        people.add(worker, worker, worker.title())
    order = ev.CorrectionOpened(
        correction="order",
        what=CorrectionKind.RECHECK,
        barcode=BARCODE,
        title=Sentence.verbatim("All checks"),
        due=DAYS[2],
        worker="tim",
        found_by="machine",
        item_title="A title",
    )
    roles = [ev.WorkerRegistered(worker=worker, role=sample_events.Role.OPERATOR) for worker in ("ann", "tim")]
    shelved = ev.ItemSetAside(barcode=BARCODE, reason=Sentence.verbatim("MARK"), operator="ann")
    return recorded(data, *roles, order, shelved)


def test_no_filter_finds_a_hidden_event(covered: Path) -> None:
    with office(covered) as desk:
        everything = desk.get("/journal").text
        assert "hidden" in everything or "second check" in everything, "shown as hidden"
        for query in ("kind=items", "person=ann", f"item={BARCODE}"):
            for page in (desk.get(f"/journal?{query}").text, desk.get(f"/journal?{query}&as=csv").text):
                assert "MARK" not in page and "second check" not in page.partition("<table>")[2], query
        assert "<td" not in desk.get("/journal?kind=items&person=ann").text


def test_another_persons_events_are_not_found_by_who_may_not_see_them(covered: Path) -> None:
    recorded(covered, *(ev.SoundChecked(heard=True, seen=True, operator=who) for who in ("tim", "ann")))
    with office(covered) as desk:
        own = desk.get("/journal?person=ann&kind=station").text
        assert own.count("<tr>") == 2 and 'value="tim"' not in own
        files = [desk.get(f"/journal?{query}as=csv").text for query in ("person=tim&", "")]
    others, unfiltered = ([line for line in text.splitlines() if " was taken as " not in line] for text in files)
    assert others == unfiltered, "no value of this reader's filter"


def test_a_search_that_looks_at_many_events_goes_on(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(data, *(ev.SoundChecked(heard=True, seen=True, operator="ann") for _ in range(20)))
    monkeypatch.setattr("station.store.queries.journal_search.LOOK", 5)
    with office(data) as desk:
        page = desk.get("/journal?kind=items").text
        assert "Looked back to" in page and 'href="/journal?kind=items&amp;before=17"' in page
        taken = desk.get("/journal?kind=items&as=csv").text
    assert len(taken.splitlines()) == 2, "a file goes on by itself"


def test_the_outbox_pages_by_delivery(data: Path) -> None:
    store = open_store(data / JOURNAL, SystemClock())
    for number in range(3):
        intent = ScanInIntent(barcode=f"b{number}")
        store.journal.record(sample_events.judged(BARCODE), deliveries=[NewDelivery("file", f"b{number}", intent)])
    store.close()
    with office(data) as desk:
        first = desk.get("/outbox?rows=2&state=pending").text
        assert re.findall(r"/items/(b\d)", first) == ["b2", "b1"]
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following is not None
        assert re.findall(r"/items/(b\d)", desk.get(following[1].replace("&amp;", "&")).text) == ["b0"]


def test_a_file_that_cannot_be_read_is_a_page_not_half_a_file(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise StoreIo("a page of the disk")

    monkeypatch.setattr("station.store.queries.queries.Queries.journal_search", fails)
    with office(data) as desk:
        answer = desk.get("/journal?as=csv")
    assert answer.status_code == 503 and "<main" in answer.text


def test_a_list_that_names_people_is_journaled_before_it_is_taken(to_fix: Path) -> None:
    with office(to_fix) as desk:
        for path in ("/fix?as=csv", "/people?as=xlsx", "/journal?as=csv", "/items?as=csv", "/rules?as=csv", "/fix"):
            assert desk.get(path).status_code == 200
    taken = [
        row.event
        for row in Queries(to_fix / JOURNAL, SystemClock()).events(limit=10_000)
        if isinstance(row.event, ev.ListTaken)
    ]
    lists = [(event.list, event.form) for event in taken]
    assert lists == [("/fix", "csv"), ("/people", "xlsx"), ("/journal", "csv")], "no page, and no list without people"
    assert {(event.operator, event.via) for event in taken} == {("ann", "office")}
    assert taken[0].rows == 3 and told(summary(taken[0])) == "/fix was taken as csv: 3 rows, by ann (in the office)"


def test_a_list_that_cannot_be_journaled_is_not_taken(to_fix: Path) -> None:
    with office(to_fix) as desk, hold(to_fix):
        answer = desk.get("/fix?as=csv")
    assert answer.status_code == 503 and "csv" not in answer.headers["content-type"]


def test_no_page_is_longer_than_the_longest(to_fix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.office.asked.MOST", 2)
    with office(to_fix) as desk:
        page = desk.get("/fix?rows=1000&sort=item_title").text
    assert titles(page) == ["Title 000", "Title 001"]
