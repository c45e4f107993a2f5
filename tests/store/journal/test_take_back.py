"""A verdict that is taken back: its deliveries are never sent, nothing counts it, and the journal keeps it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.ports import standing
from station.domain.sampling import By
from station.store.database.database import Sql
from station.store.owner import Store, open_store
from station.store.projections import projections
from tests.conftest import FakeClock
from tests.support import sample_events

ITEM = "31234000000015"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "journal.db", FakeClock())
    yield opened
    opened.close()


def judged(store: Store, wait_s: float = 10.0) -> int:
    waits = msgspec.structs.replace(sample_events.delivery(barcode=ITEM), wait_s=wait_s)
    return store.journal.record(sample_events.judged(ITEM), deliveries=[waits])


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


def test_the_time_before_which_nothing_is_sent_survives_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    store = open_store(tmp_path / "journal.db", clock)
    judged(store)
    store.close()
    clock.pause(3)
    store = open_store(tmp_path / "journal.db", clock)
    (head,) = store.outbox.heads()
    store.close()
    at, until = datetime.fromisoformat(head.event_at), datetime.fromisoformat(head.not_before)
    assert (until - at).total_seconds() == 10


@pytest.mark.parametrize("inside", [True, False], ids=["in the transaction", "after it"])
def test_a_kill_leaves_the_verdict_or_takes_it_back_whole(tmp_path: Path, inside: bool) -> None:
    path = tmp_path / "journal.db"
    pid = os.fork()
    if pid == 0:
        _killed(path, inside)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
    store = open_store(path, FakeClock())
    try:
        left = DeliveryState.PENDING if inside else DeliveryState.DISCARDED
        assert states(store) == [left]
        assert [one.barcode for one in store.queries.unjudged()] == ([] if inside else [ITEM])
        assert (store.queries.last_judged(ITEM) is not None) is inside
        assert store.queries.verify().ok
    finally:
        store.close()


def _killed(path: Path, inside: bool) -> None:
    """Take a verdict back in this process, and die. Never returns."""
    try:
        store = open_store(path, FakeClock())
        seq = judged(store)
        apply: Callable[..., None] = projections.apply

        def dying(sql: Sql, number: int, event: ev.AnyEvent) -> None:
            apply(sql, number, event)
            if isinstance(event, ev.VerdictTakenBack) and inside:
                os.kill(os.getpid(), signal.SIGKILL)

        projections.apply = dying
        store.journal.take_back(taken_back(seq))
        os.kill(os.getpid(), signal.SIGKILL)
    finally:
        os._exit(1)
