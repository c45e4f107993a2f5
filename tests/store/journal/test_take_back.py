"""A verdict that is taken back: its deliveries are never sent, nothing counts it, and the journal keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.ports import standing
from station.domain.sampling import By
from station.store.owner import Store, open_store
from tests.conftest import FakeClock
from tests.support import sample_events

ITEM = "31234000000015"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "journal.db", FakeClock())
    yield opened
    opened.close()


def judged(store: Store) -> int:
    return store.journal.record(sample_events.judged(ITEM), deliveries=[sample_events.delivery(barcode=ITEM)])


def taken_back(judged: int) -> ev.VerdictTakenBack:
    return ev.VerdictTakenBack(
        barcode=ITEM, uid=sample_events.UID, part=1, judged=judged, first=judged, rules=("label",)
    )


def states(store: Store) -> list[DeliveryState]:
    return [one.state for one in store.queries.deliveries_of(ITEM)]


def test_nothing_is_sent_and_nothing_counts_it(store: Store) -> None:
    seq = judged(store)
    assert store.journal.take_back(taken_back(seq))
    assert states(store) == [DeliveryState.DISCARDED]
    assert store.outbox.heads() == ()
    assert store.queries.tallies(By.WORKER) == ()
    assert store.queries.last_judged(ITEM) is None
    assert [one.barcode for one in store.queries.unjudged()] == [ITEM]
    assert not any(isinstance(one.event, ev.ItemJudged) for one in standing(store.queries.about_item(ITEM)))
    assert store.queries.verify().ok


def test_the_next_verdict_counts_and_is_sent(store: Store) -> None:
    store.journal.take_back(taken_back(judged(store)))
    again = judged(store)
    assert states(store) == [DeliveryState.DISCARDED, DeliveryState.PENDING]
    assert [one.judged for one in store.queries.tallies(By.MATERIAL)] == [1]
    assert store.queries.unjudged() == ()
    assert store.journal.take_back(taken_back(again))
    store.rebuild()
    assert store.queries.verify().ok


def test_a_delivery_that_has_begun_keeps_the_verdict(store: Store) -> None:
    seq = judged(store)
    (head,) = store.outbox.heads()
    assert store.outbox.lease(head.id) is not None
    assert not store.journal.take_back(taken_back(seq))
    store.outbox.settle(head.id, DeliveryState.DEFERRED)
    assert not store.journal.take_back(taken_back(seq)), "a try was made"
    assert store.queries.last_judged(ITEM) is not None


def test_a_verdict_is_taken_back_once_and_only_the_newest(store: Store) -> None:
    first = judged(store)
    second = judged(store)
    assert not store.journal.take_back(taken_back(first))
    assert store.journal.take_back(taken_back(second))
    assert not store.journal.take_back(taken_back(second))
