"""The full product: every route for every role in both languages, over no data, little data, hostile data, and lists of ten
thousand rows. `tests/office/test_every_route.py` has a thin cut of it."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec
import pytest

from benchmarks import long_journal
from station.base.clock import SystemClock
from station.base.settings import load
from station.catalog.sample.sample import numbered
from station.domain import events as ev
from station.domain.people.rights import Role
from station.runtime.data_directory import CATALOG, JOURNAL, PEOPLE
from station.store.catalog_index.import_file import import_file
from station.store.owner import open_store
from station.store.people.names import People
from station.store.queries.queries import Queries
from tests.golden.constant import constant
from tests.office.conftest import TOML, office
from tests.office.desk import (
    BLIND,
    BLIND_ITEM,
    CRITICAL,
    EVIL,
    FAULTY,
    HIDDEN,
    ITEM,
    MENDED,
    OPEN,
    ROLES,
    SECOND,
    browser,
    made,
)
from tests.office.routes import paths, whole
from tests.office.test_every_route import AT, VALUES, ids_of, paths_of
from tests.stories.hostile.hostile_directory import BARCODE, STAFF, bench
from tests.support.hostile_text import MARK
from tests.support.hostile_values import Dealer
from tests.support.sample_events import UID

pytestmark = pytest.mark.soak
ROWS: Final = 10_000
LANGUAGES: Final = ("en", "es")
EACH: Final = {
    "barcode": (ITEM, BLIND_ITEM, FAULTY, "31234000099999"),
    "uid": ("E004010012345678", "e004", "0"),
    "worker": ("w-sue", "w-tess", "w-bea", "w-tim", "tim", "nobody"),
    "rule": ("spine-label", "nothing"),
    "topic": ("first-day", "nothing"),
    "bench": ("1", "2"),
    "vendor": ("ybp", "nobody"),
    "fix/id": (OPEN, MENDED, CRITICAL, SECOND, BLIND, "0"),
    "whose": ("worker", "vendor", "nobody"),
    "lot": ("1", "x", "-1", "9" * 40),
    "number": ("1", "0", "x", "9" * 40),
}
"""Values of each part of a path, also some that do not exist."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("login", ["", *ROLES])
def test_every_route_with_every_value(tmp_path: Path, login: str, language: str) -> None:
    data = made(tmp_path)
    last = ids_of(data)
    with browser(data, login, language) as desk:
        for number in range(max(map(len, EACH.values()))):
            values = {**VALUES, **{name: some[number % len(some)] for name, some in EACH.items()}, **last}
            for _, path in paths(data, values, paths_of(data)):
                for asked in (path, f"{path}{'&' if '?' in path else '?'}as=csv", f"{path.partition('?')[0]}?as=xlsx"):
                    answer = desk.get(asked)
                    whole(answer, asked, language)
                    assert login in ("sue", "tess", "tim") or HIDDEN not in answer.text, asked


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("journal", [False, True])
def test_every_route_without_any_row(tmp_path: Path, journal: bool, language: str) -> None:
    (tmp_path / "station.toml").write_text(TOML, encoding="utf-8")
    if journal:
        open_store(tmp_path / JOURNAL, SystemClock()).close()
    with office(tmp_path, language) as desk:
        for _, path in paths(tmp_path, {**VALUES, "outbox/id": "0", "id": "0"}, AT):
            whole(desk.get(path), path, language)
            whole(desk.get(f"{path.partition('?')[0]}?as=csv"), path, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("login", STAFF)
def test_hostile_text_in_every_stored_text_is_only_text(tmp_path: Path, login: str, language: str) -> None:
    """A journal, a catalog, names and settings that were not cleaned when they were stored."""
    with constant():
        bench(tmp_path, Dealer(), **{"library.name": EVIL, "station.name": EVIL, "station.operator": login})
    queries = Queries(tmp_path / JOURNAL, SystemClock())
    sent = [quote(entry.id, safe="") for entry in queries.outbox_page(limit=1000)]
    ids = [quote(entry.correction.id, safe="") for entry in queries.corrections(closed=True)]
    values = {
        **VALUES,
        "barcode": BARCODE,
        "uid": str(UID),
        "worker": "w-bea",
        "fix/id": "0" * 16,
        "outbox/id": sent[0],
        "shipments/id": queries.shipments(everything=True)[0].id,
        "differences/id": queries.differences(everything=True)[0].id,
        "claims/id": next((row.claim for row in queries.differences(everything=True) if row.claim), "claim-1"),
        "vendor": queries.vendors()[0].id,
    }
    with office(tmp_path, language) as desk:
        for _, path in paths(tmp_path, values):
            for form in ("", "?as=csv", "?as=xlsx"):
                whole(desk.get(path + form), path, language)
        for path in (*(f"/outbox/{name}" for name in sent), *(f"/fix/{name}" for name in ids)):
            for form in ("", "/retry", "/decide") if path.startswith("/outbox") else ("", "/assign", "/take", "/slip"):
                whole(desk.get(path + form), path, language)
        assert MARK in desk.get("/journal").text


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which every list has ten thousand rows."""
    data = tmp_path_factory.mktemp("long")
    long_journal.make(data, 3 * ROWS * long_journal.EVENTS_OF_AN_ITEM, ROWS)
    added = [f"w-{number:05}" for number in range(ROWS)]
    people = [(f"w-{login}", login, login.title()) for login in ROLES if login != "tess"]
    people += [(worker, worker, f"Person {worker}") for worker in added]
    with closing(open_store(data / JOURNAL, SystemClock())) as store:
        store.journal.record(*(ev.WorkerRegistered(worker=f"w-{login}", role=role) for login, role in ROLES.items()))
        store.journal.record(*(ev.WorkerRegistered(worker=worker, role=Role.TRAINEE) for worker in added))
    with People(data / PEOPLE).writing() as sql:
        sql.executemany("INSERT INTO people (worker, login, name) VALUES (?, ?, ?)", people)
    source = data / "books.mrc"
    source.write_bytes(numbered(ROWS))
    settings = load(data / "station.toml").catalog
    import_file(source, data / CATALOG, settings.profile, settings)
    return data


LISTS: Final = {
    "/fix": ROWS,
    "/outbox": 2 * ROWS,
    "/people": ROWS,
    "/journal?kind=people": ROWS,
    "/quality?by=worker&since=2020-01-01": 296,
    "/items?q=imaginary": 100,
}
"""Rows of the whole list for those who see everyone. A search of the catalog ends after a page."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("login", ROLES)
def test_every_list_of_ten_thousand_rows(long: Path, login: str, language: str) -> None:
    settings = load(long / "station.toml")
    settings = msgspec.structs.replace(
        settings, station=msgspec.structs.replace(settings.station, operator=f"w-{login}")
    )
    queries = Queries(long / JOURNAL, SystemClock(), f"w-{login}")
    ids = {"fix/id": queries.correction_briefs()[-1].id, "outbox/id": queries.outbox_page(limit=1)[0].id}
    values = {**VALUES, "id": "0", "barcode": long_journal.barcode_of(1), "worker": "w-0001", **ids}
    sees = login in ("sue", "tess")
    with office(long, language, settings) as desk:
        for _, path in paths(long, values):
            whole(desk.get(path), path, language)
        for path, count in LISTS.items():
            more = "&" if "?" in path else "?"
            whole(desk.get(f"{path}{more}rows=1000"), path, language)
            taken = desk.get(f"{path}{more}as=csv")
            whole(taken, path, language)
            rows = len(list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"))))) - 1
            assert rows >= count or not sees, f"{path}: {rows}"
            assert sees or not path.startswith(("/people", "/quality")) or rows <= 1, f"{path}: {rows}"
        if login == "tess":
            whole(desk.get("/fix?as=xlsx"), "/fix", language)
