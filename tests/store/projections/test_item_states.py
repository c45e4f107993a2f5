"""The state of an item over its life: by its newest event, and withdrawn for good."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest

from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.deliveries.intents import WithdrawIntent
from station.domain.item_state import ItemState
from station.domain.verdict import Verdict
from station.store.database.migrations import STEPS
from station.store.journal.journal import JournalStore
from station.store.projections import item_states, projections
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support import sample_events

BOOK = "31234000000015"
OTHER = "31234000000023"
ERASED = ev.TagErased(attempt="e", uid=sample_events.UID, barcode=BOOK)
RELEASED = ev.TruckReleased(release="r", right=(BOOK,))


def checked(barcode: str = BOOK, verdict: Verdict = Verdict.PASS) -> ev.WithdrawalJudged:
    return ev.WithdrawalJudged(
        checklist="c",
        task="withdrawal",
        barcode=barcode,
        verdict=verdict,
        findings=(),
        day="2026-11-30",
        item=sample_events.record(barcode),
    )


def ordered(barcode: str = BOOK) -> ev.DeliveryOrdered:
    return ev.DeliveryOrdered(system="alma", intent=WithdrawIntent(barcode=barcode))


@pytest.fixture
def sql() -> Iterator[sqlite3.Connection]:
    with closing(in_memory()) as connection:
        yield connection


def journal(sql: sqlite3.Connection) -> JournalStore:
    return JournalStore(sql, FakeClock())


def test_the_newest_event_decides(sql: sqlite3.Connection) -> None:
    events = (
        (sample_events.verified("a"), ItemState.TAGGED),
        (sample_events.judged(verdict=Verdict.FAIL), ItemState.FAILED),
        (sample_events.judged(), ItemState.PASSED),
        (ev.ItemSetAside(barcode=BOOK, code=ev.SENDER_GONE), ItemState.PASSED),
        (RELEASED, ItemState.RELEASED),
        (ev.ItemSetAside(barcode=BOOK), ItemState.SET_ASIDE),
        (ERASED, ItemState.ERASED),
    )
    for event, state in events:
        journal(sql).record(event)
        found = item_states.state_of(sql, BOOK)
        assert found is not None and found.state is state, event
    assert found is not None and (found.seq, found.kind) == (len(events), "tag-erased")
    assert item_states.state_of(sql, OTHER) is None


@pytest.mark.parametrize("leaves", [checked(), ordered()], ids=["checklist", "order"])
def test_a_withdrawn_item_stays_withdrawn_whatever_comes_after(sql: sqlite3.Connection, leaves: ev.AnyEvent) -> None:
    first = journal(sql).record(sample_events.judged(), leaves)
    for event in (ERASED, sample_events.verified("b"), sample_events.judged(), RELEASED, checked(verdict=Verdict.FAIL)):
        journal(sql).record(event)
        found = item_states.state_of(sql, BOOK)
        assert found is not None and (found.state, found.seq) == (ItemState.WITHDRAWN, first), event


def test_an_order_that_a_person_discards_withdraws_nothing_unless_the_checks_passed(sql: sqlite3.Connection) -> None:
    kept = journal(sql)
    for barcode in (BOOK, OTHER):
        seq = kept.record(sample_events.judged(barcode), ordered(barcode))
        delivery = f"{kept.journal_id}-{seq}-alma"
        if barcode == OTHER:
            kept.record(checked(OTHER))
        kept.record(ev.DeliveryChanged(delivery=delivery, system="alma", state=DeliveryState.DISCARDED))
    found = [item_states.state_of(sql, barcode) for barcode in (BOOK, OTHER)]
    assert [state and state.state for state in found] == [ItemState.PASSED, ItemState.WITHDRAWN]


def test_an_older_journal_gets_the_states_that_its_events_make(sql: sqlite3.Connection) -> None:
    kept = journal(sql)
    everything = [
        event for event in sample_events.ONE_OF_EACH if not isinstance(event, ev.TimelineBegan | ev.DepartureEvent)
    ]
    seq = kept.record(*everything, ordered(), checked(OTHER), checked(OTHER, Verdict.FAIL))
    kept.record(ordered("3"))
    gone = f"{kept.journal_id}-{seq + 1}-alma"
    kept.record(ev.DeliveryChanged(delivery=gone, system="alma", state=DeliveryState.DISCARDED))
    kept.record(sample_events.judged("4"), RELEASED, msgspec.structs.replace(ERASED, barcode=""))
    now = projections.dump(sql)
    assert now["item_states"] and now["withdrawals"]
    name, statements = STEPS[10]
    assert name == "0011-item-states"
    for table in ("item_states", "withdrawals"):
        sql.execute(f"DROP TABLE {table}")
    for statement in statements:
        sql.execute(statement)
    assert projections.dump(sql) == now
    assert projections.compare(sql) == ()
    projections.rebuild(sql)
    assert projections.dump(sql) == now
