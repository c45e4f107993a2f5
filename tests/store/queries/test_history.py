"""Histories of tags, items and sessions: what is found, and that an index finds it without a scan of the table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest

from station.domain import events as ev
from station.domain.deliveries.intents import item_of
from station.domain.workflows import SetModel
from station.store.journal import journal as journal_store
from station.store.journal.journal import JournalStore
from station.store.queries import delivery_rate, lately
from station.store.queries import history as queries_history
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support import sample_events
from tests.support.sample_events import UID, delivery, judged, started, verified

OTHER = "E004010012345679"
ITEM, ELSE = "31234000000015", "31234000000023"


@pytest.fixture
def sql() -> Iterator[sqlite3.Connection]:
    with closing(in_memory()) as connection:
        yield connection


@pytest.fixture
def journal(sql: sqlite3.Connection) -> JournalStore:
    """Return a journal with an event of each kind."""
    journal = JournalStore(sql, FakeClock())
    journal.record(*sample_events.ONE_OF_EACH)
    return journal


@pytest.mark.usefixtures("journal")
def test_histories_hold_every_event_that_names_the_tag_or_the_item(sql: sqlite3.Connection) -> None:
    seqs = dict(enumerate(sample_events.ONE_OF_EACH, 1))
    of_tag = {seq for seq, event in seqs.items() if getattr(event, "uid", None) == UID}
    of_item = {seq for seq, event in seqs.items() if getattr(event, "barcode", None) == ITEM}
    assert [one.seq for one in queries_history.about_tag(sql, UID)] == sorted(of_tag) and len(of_tag) > 5
    assert [one.seq for one in queries_history.about_item(sql, ITEM)] == sorted(of_item) and len(of_item) > 8
    for one in queries_history.about_item(sql, ITEM):
        assert one.event == msgspec.structs.replace(seqs[one.seq], operator=one.event.operator)
    assert queries_history.about_tag(sql, "E0") == () == queries_history.about_item(sql, "' OR 1=1 --")


def test_the_ledger_is_every_verified_write(sql: sqlite3.Connection, journal: JournalStore) -> None:
    journal.record(started("n", OTHER, ELSE), verified("n", OTHER, ELSE))
    assert [one.event.uid for one in queries_history.writes(sql) if isinstance(one.event, ev.TagWriteVerified)] == [
        UID,
        OTHER,
    ]


def test_the_newest_write_is_a_change_of_a_tag_an_erasure_or_an_undo(
    sql: sqlite3.Connection, journal: JournalStore
) -> None:
    erased = ev.TagErased(attempt="e", uid=OTHER, barcode=ELSE)
    taken_back = ev.TagUndoVerified(attempt="u", undoes="e", uid=OTHER, barcode=ELSE)
    for name, event in (("n", verified("n", OTHER, ELSE)), ("e", erased), ("u", taken_back)):
        journal.record(started(name, OTHER, ELSE), event, judged())
        newest = queries_history.newest_write(sql)
        assert newest is not None and ev.kind(newest.event) == ev.kind(event)
    journal.record(started("m", UID, ITEM), msgspec.structs.replace(verified("m", UID, ITEM), unchanged=True))
    newest = queries_history.newest_write(sql)
    assert newest is not None and ev.kind(newest.event) == "tag-undo-verified", "that write changed no tag"


def test_a_session_is_open_until_its_end(sql: sqlite3.Connection, journal: JournalStore) -> None:
    assert queries_history.open_session(sql) is None
    seq = journal.record(ev.ConvertBegan(session="c2", operator="ann"))
    journal.record(judged(), ev.StationStopped())
    found = queries_history.open_session(sql)
    assert found is not None and (found.seq, found.event) == (seq, ev.ConvertBegan(session="c2", operator="ann"))
    assert [ev.kind(one.event) for one in queries_history.of_session(sql, seq)] == ["conversion-began", "item-judged"]
    journal.record(ev.ConvertEnded(session="c2", done=1))
    assert queries_history.open_session(sql) is None


def test_deliveries_of_one_item(sql: sqlite3.Connection, journal: JournalStore) -> None:
    journal.record(judged(), deliveries=[delivery("file"), delivery("alma")])
    journal.record(judged(ELSE), deliveries=[delivery("file", ELSE)])
    found = queries_history.deliveries_of(sql, ITEM)
    assert [one.system for one in found if item_of(one.intent) == ITEM] == ["alma", "file"]
    assert {one.lane for one in found} == {ITEM}


@pytest.mark.usefixtures("journal")
def test_every_question_goes_by_an_index(sql: sqlite3.Connection) -> None:
    questions = (
        (queries_history._ABOUT_TAG, (UID,), "events_uid"),
        (queries_history._ABOUT_ITEM, (ITEM,), "events_barcode"),
        (queries_history._LANE, (ITEM,), "outbox_lane"),
        (queries_history._WRITES, (), "events_by_kind"),
        (queries_history._NEWEST_SESSION, (), ""),
        (journal_store._NEWEST_RULES, (), "events_by_kind"),
        (journal_store._NEWEST_RECORD, (ITEM,), "events_barcode"),
        (lately._NEWEST, ("item-judged", 1, 16), "events_by_kind (kind=? AND rowid>?)"),
        (lately._PACE, (1, ""), "SEARCH j USING INTEGER PRIMARY KEY"),
        (lately._TODAY, (1,), "SEARCH judgements USING INTEGER PRIMARY KEY"),
        (delivery_rate._NEWEST, (1, 9), "events_by_kind (kind=? AND rowid>?)"),
        (lately._STATE, (), "COVERING INDEX events_by_kind"),
    )
    for question, parameters, index in questions:
        plan = " ".join(str(row[3]) for row in sql.execute(f"EXPLAIN QUERY PLAN {question}", parameters))
        assert index in plan, plan
        assert not index or "SCAN events" not in plan, plan


def test_a_set_that_is_open_is_the_newest_without_an_end(sql: sqlite3.Connection, journal: JournalStore) -> None:
    assert queries_history.open_set(sql) is None
    of_set = [type(one.event) for one in queries_history.of_set(sql, ITEM)]
    assert of_set == [ev.SetOpened, ev.SetSized, ev.SetClosed] and queries_history.of_set(sql, ELSE) == ()
    opened = ev.SetOpened(barcode=ELSE, model=SetModel.MAIN, parts=2, record_parts=2, operator="ann")
    journal.record(opened)
    found = queries_history.open_set(sql)
    assert found is not None and found.event == opened
    assert [one.event for one in queries_history.sets(sql)][-1] == opened
    journal.record(ev.SetClosed(barcode=ELSE, model=SetModel.MAIN, parts=2, record_parts=2, complete=True))
    assert queries_history.open_set(sql) is None
