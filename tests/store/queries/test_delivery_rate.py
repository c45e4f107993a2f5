"""The rate of deliveries: computed by hand, from the journal, and with clocks that are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import Throttled, Unreachable
from station.base.sentence import Sentence
from station.domain.deliveries.delivery import DeliveryRate, DeliveryState, Why, time_words
from station.domain.deliveries.intents import Decision
from station.store.owner import Store, open_store
from station.store.queries.delivery_rate import delivery_rate_of
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.for_each import for_each
from tests.support.told import told

START = datetime(2026, 11, 24, 10, tzinfo=UTC)


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat(timespec="microseconds")


def of(ends: list[tuple[float, float]], now: float, waiting: int = 0, oldest: float | None = None) -> DeliveryRate:
    told = [(at(came), at(ended)) for came, ended in ends]
    return delivery_rate_of("alma", waiting, "" if oldest is None else at(oldest), told, at(now))


def test_a_backlog_that_goes_once_in_two_seconds() -> None:
    flow = of([(0, 10 + 2 * n) for n in range(10)], now=29, waiting=600, oldest=0)
    assert (flow.per_minute, flow.left_s, flow.still_s) == (30.0, 1200.0, 0.0)
    assert told(flow.words) == "Alma: 600 waiting, 30 a minute, done in 20 min"


def test_a_quiet_day_is_not_slow() -> None:
    """One item in five minutes, each delivered after half a second: 120 per minute while a delivery waits."""
    flow = of([(300 * n, 300 * n + 0.5) for n in range(5)], now=1300, waiting=1, oldest=1299)
    assert (flow.per_minute, flow.left_s, flow.still_s) == (120.0, 0.5, 0.0)


def test_nothing_is_said_of_too_few() -> None:
    flow = of([(0, 1), (0, 2), (0, 3)], now=4, waiting=7, oldest=0)
    assert (flow.per_minute, flow.left_s) == (None, None)
    assert told(flow.words) == "Alma: 7 waiting, time left not known yet"
    assert of([(0, 1), (0, 2), (0, 3), (0, 4)], now=4, waiting=7, oldest=0).per_minute == 60.0


@pytest.mark.parametrize(
    ("now", "oldest", "still"),
    [(69, 0, 0.0), (71, 0, 61.0), (71, 30, 41.0), (10_000, 9_999, 0.0), (9_999.0 + 61, 9_999, 61.0)],
)
def test_standing_still_is_since_the_last_end_or_since_something_waits(now: float, oldest: float, still: float) -> None:
    flow = of([(0, 7), (0, 8), (0, 9), (0, 10)], now=now, waiting=3, oldest=oldest)
    assert flow.still_s == (still if still > 60 else 0.0)
    assert (flow.left_s is None) is (flow.still_s > 0)


def test_a_slow_one_is_given_ten_times_its_time_before_it_is_said_to_stand_still() -> None:
    ends = [(0.0, 20.0 * n) for n in range(1, 6)]
    assert of(ends, now=299, waiting=3, oldest=0).still_s == 0.0
    still = of(ends, now=301, waiting=3, oldest=0)
    assert still.still_s == 201.0
    assert told(still.words) == "Alma: 3 waiting, nothing sent for 4 min"
    assert told(of(ends, now=301).words) == "Alma: nothing waits"


@given(
    st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), max_size=8),
    st.floats(-1e9, 1e9), st.integers(0, 10**6), st.none() | st.floats(-1e9, 1e9),
)  # fmt: skip
def test_clocks_that_jump_give_no_nonsense(
    ends: list[tuple[float, float]], now: float, waiting: int, oldest: float | None
) -> None:
    flow = of(ends, now, waiting, oldest)
    assert flow.still_s >= 0
    assert flow.per_minute is None or flow.per_minute >= 0
    assert flow.left_s is None or flow.left_s >= 0
    assert told(flow.words).startswith("Alma: ")


@for_each(("seconds", "words"), [
        (0, "less than a minute"), (59.9, "less than a minute"), (60, "1 min"), (61, "2 min"), (119 * 60, "119 min"),
        (120 * 60, "2 h"), (121 * 60, "3 h"), (47 * 3600, "47 h"), (48 * 3600, "2 days"), (49 * 3600, "3 days"),
    ])  # fmt: skip
def test_spans_are_rounded_up(seconds: float, words: str) -> None:
    assert told(time_words(seconds)) == words


# --- from a journal -------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(tmp_path / "journal.db", clock)
    yield opened
    assert opened.close()


def test_a_system_that_does_not_answer_has_no_rate(store: Store) -> None:
    store.journal.record(sample_events.judged(), deliveries=[sample_events.delivery("alma")])
    name = store.outbox.heads()[0].id
    store.outbox.lease(name)
    store.outbox.settle(name, DeliveryState.DEFERRED, Sentence.verbatim("no route"), why=Why(reason=Unreachable.code))
    assert told(store.queries.delivery_rates()[0].words) == "Alma: not answering; 1 waiting, will retry"
    store.outbox.lease(name)
    store.outbox.settle(name, DeliveryState.DEFERRED, Sentence.verbatim("too many"), why=Why(reason=Throttled.code))
    assert not store.queries.delivery_rates()[0].silent, "it answered"


def test_of_a_journal(store: Store, clock: FakeClock) -> None:
    barcodes = [f"312340000{n:05}" for n in range(8)]
    for barcode in barcodes:
        store.journal.record(sample_events.judged(barcode), deliveries=[sample_events.delivery("alma", barcode)])
    store.journal.record(
        sample_events.judged("31234000099998"), deliveries=[sample_events.delivery("file", "31234000099998")]
    )
    rows = list(reversed(store.queries.outbox_page()))
    alma = [row.id for row in rows if row.system == "alma"]
    (by_alma, by_file) = store.queries.delivery_rates()
    assert (by_alma.system, by_alma.waiting, by_alma.per_minute) == ("alma", 8, None)
    assert (by_file.system, by_file.waiting) == ("file", 1)
    for number, name in enumerate(alma[:5]):
        clock.pause(4)
        store.outbox.lease(name)
        state = DeliveryState.PARKED if number == 2 else DeliveryState.DELIVERED
        store.outbox.settle(name, state, "ended")
    store.outbox.lease(alma[5])
    clock.pause(100)
    store.outbox.settle(alma[5], DeliveryState.DEFERRED, Sentence.verbatim("not now"))  # not an end
    assert store.outbox.decide(alma[2], Decision.DISCARD, "ann").value == "queued"  # not an end either
    assert store.queries.delivery_rates()[0] == DeliveryRate(system="alma", waiting=3, per_minute=15.0, still_s=100.0)
    clock.pause(900)
    assert store.queries.delivery_rates()[0].per_minute is None, "too long ago"


def test_a_speed_of_some_milliseconds_is_not_told() -> None:
    rate = DeliveryRate(system="file", waiting=1, per_minute=6271.0, left_s=0.01)
    assert told(rate.words) == "Results file: 1 waiting, sent within a minute"
