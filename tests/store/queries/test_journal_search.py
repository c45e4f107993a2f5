"""A page of the journal reads few events, also from a database that gives all rows of a statement at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.domain.events import ItemScanned, RollLoaded
from station.store.database.database import Rows, SqlValue, open_reader
from station.store.owner import open_store
from station.store.queries import journal_search
from station.store.queries.journal_search import EventFilter
from station.store.queries.second_check_cover import NOTHING
from tests.support import sample_events

EVENTS = 1200


class Eager:
    """Gives all rows of a statement at once, and counts statements and rows."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql
        self.statements = self.rows = 0
        self.in_transaction = False

    def execute(self, sql: str, parameters: Sequence[SqlValue] | Mapping[str, SqlValue] = (), /) -> Rows:
        rows = self._sql.execute(sql, parameters).fetchall()
        self.statements += 1
        self.rows += len(rows)
        return _Given(rows)


class _Given:
    def __init__(self, rows: list[tuple[object, ...]]) -> None:
        self._left = rows

    def __iter__(self) -> Iterator[object]:
        return iter(self.fetchall())

    def fetchone(self) -> object:
        return next(iter(self.fetchmany(1)), None)

    def fetchmany(self, size: int, /) -> list[object]:
        taken, self._left = self._left[:size], self._left[size:]
        return list(taken)

    def fetchall(self) -> list[object]:
        return self.fetchmany(len(self._left))


@pytest.fixture
def sql(tmp_path: Path) -> Iterator[Eager]:
    path = tmp_path / "journal.db"
    store = open_store(path, SystemClock())
    store.journal.record(RollLoaded(name="first", operator="tess"))
    item = sample_events.record("31234000000015")
    for _ in range(EVENTS // 100):
        store.journal.record(*[ItemScanned(barcode=item.barcode, part=1, item=item, operator="tess")] * 100)
    assert store.close()
    with closing(open_reader(path)) as reader:
        yield Eager(reader)


def page(sql: Eager, wanted: EventFilter, before: int | None = None) -> list[int]:
    found = journal_search.search(sql, NOTHING, wanted, before, 5, plain=False)
    return [row.seq for row in found.rows]


def test_a_page_reads_the_events_of_a_page(sql: Eager) -> None:
    newest = page(sql, EventFilter())
    assert newest == list(range(newest[0], newest[0] - 5, -1)) and newest[0] > EVENTS
    assert sql.rows < 200


def test_a_rare_event_is_found_by_few_statements(sql: Eager) -> None:
    assert len(page(sql, EventFilter(kinds=frozenset({"roll-loaded"})))) == 1
    assert sql.statements < 20


def test_a_number_beyond_the_journal_costs_no_more(sql: Eager) -> None:
    assert page(sql, EventFilter(), before=2**62) == page(sql, EventFilter())
    assert sql.statements < 20
