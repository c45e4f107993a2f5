"""The share of the limit: never exceeded in any second, nearly all of it used with a backlog, people before backlog."""

from __future__ import annotations

import threading
from bisect import bisect_left
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.clock import Deadline, SystemClock
from station.base.errors import Unreachable
from station.sync.courier.rate_limit import MARGIN_S, RateLimit
from tests.conftest import FakeClock
from tests.support.patience import PATIENCE_S
from tests.support.told import raises_told

EXACT = 1e-9


def most_in_a_second(stamps: list[float]) -> int:
    """Return the highest number of stamps in any half-open second, counted independently."""
    ordered = sorted(stamps)
    return max(bisect_left(ordered, at + 1.0 - EXACT) - index for index, at in enumerate(ordered))


@pytest.mark.parametrize(("rate", "allowed"), [(1, 1), (2, 2), (2.5, 2), (5, 5), (20, 20)])
def test_a_backlog_uses_the_share_and_never_more(rate: float, allowed: int) -> None:
    clock = FakeClock()
    rate_limit = RateLimit(rate, clock)
    stamps = []
    for _ in range(10_000):
        rate_limit.take()
        stamps.append(clock.seconds)
    assert most_in_a_second(stamps) == allowed
    assert (len(stamps) - allowed) / (stamps[-1] - stamps[0]) >= 0.95 * allowed


@pytest.mark.parametrize("rate", [1, 5, 20])
def test_requests_that_do_not_travel_equally_fast_keep_the_second(rate: int) -> None:
    """Differences of twenty milliseconds in travel time stay within the share where the requests are counted."""
    clock = FakeClock()
    rate_limit = RateLimit(rate, clock)
    random = Random(1)
    arrived = []
    for _ in range(2_000):
        rate_limit.take()
        arrived.append(clock.seconds + random.uniform(0, 0.02))
    assert most_in_a_second(arrived) == rate


class StandingClock(FakeClock):
    """Clock that changes only when a test advances it. It records waiting threads by name."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: set[str] = set()
        self.changed = threading.Condition()

    def pause(self, seconds: float) -> None:
        with self.changed:
            self.waiting.add(threading.current_thread().name)
            self.changed.notify_all()
            self.changed.wait(0.002)

    def until_waits(self, name: str) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: name in self.waiting, timeout=PATIENCE_S)


def test_who_is_urgent_goes_before_all_that_waited_longer() -> None:
    clock = StandingClock()
    rate_limit = RateLimit(1, clock)
    rate_limit.take()
    order: list[str] = []
    went = threading.Semaphore(0)

    def one(urgent: bool) -> None:
        if urgent:
            with rate_limit.urgent():
                rate_limit.take()
        else:
            rate_limit.take()
        order.append(threading.current_thread().name)
        went.release()

    threads = [threading.Thread(target=one, args=(name == "person",), name=name) for name in ("a", "b", "c", "person")]
    for thread in threads:
        thread.start()
        clock.until_waits(thread.name)
    for _ in threads:
        clock.seconds += 1.5
        assert went.acquire(timeout=PATIENCE_S)
    for thread in threads:
        thread.join()
    assert order == ["person", "a", "b", "c"]


def test_who_cannot_wait_so_long_is_told_at_once_and_nothing_is_counted() -> None:
    clock = FakeClock()
    rate_limit = RateLimit(0.25, clock)
    rate_limit.take()
    before = clock.seconds
    with rate_limit.urgent(Deadline(clock, 3.0)), raises_told(Unreachable, match="is used up for now"):
        rate_limit.take()
    assert clock.seconds == before
    rate_limit.take()
    assert before + 4.0 <= clock.seconds < before + 4.1, "a request that was not sent must not use the share"
    with rate_limit.urgent(Deadline(clock, 5.0)):
        rate_limit.take()


def test_less_than_one_a_second() -> None:
    clock = FakeClock()
    rate_limit = RateLimit(0.25, clock)
    stamps = []
    for _ in range(5):
        rate_limit.take()
        stamps.append(clock.seconds)
    gaps = [later - earlier for earlier, later in pairwise(stamps)]
    assert all(4.0 <= gap < 4.1 for gap in gaps)


@given(st.data(), st.integers(1, 6))
def test_whatever_is_taken_spent_and_given_back_the_second_is_kept(data: st.DataObject, rate: int) -> None:
    """Held requests count until they are sent, even long after they were taken."""
    clock = FakeClock()
    rate_limit = RateLimit(rate, clock)
    stamps = []
    for _ in range(data.draw(st.integers(1, 40))):
        what = data.draw(st.sampled_from(["take", "take-two", "spend", "give", "wait"]))
        if what == "wait":
            clock.pause(data.draw(st.floats(0, 1.5)))
        elif what == "give":
            rate_limit.give(data.draw(st.integers(1, 3)))
        elif what == "spend":
            rate_limit.spend()
            stamps.append(clock.seconds)
        else:
            rate_limit.take(2 if what == "take-two" else 1)
            stamps.append(clock.seconds)
    assert not stamps or most_in_a_second(stamps) <= rate


def test_what_is_held_goes_at_once() -> None:
    clock = FakeClock()
    rate_limit = RateLimit(5, clock)
    for _ in range(3):
        rate_limit.take()
    rate_limit.take(2)
    before = clock.seconds
    rate_limit.spend()
    assert clock.seconds == before
    rate_limit.take()
    assert clock.seconds >= before + 1.0


def test_what_an_error_left_held_is_given_back_by_the_next_take() -> None:
    clock = FakeClock()
    rate_limit = RateLimit(2, clock)
    for _ in range(50):
        rate_limit.take(2)  # and never spent
        clock.pause(2.0)
    before = clock.seconds
    rate_limit.take(2)
    assert clock.seconds == before


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError):
        RateLimit(0, FakeClock())


def test_threads_together_keep_the_share_and_an_urgent_one_goes_first() -> None:
    """Real clock and threads: the test asserts orders and counts of the stamps, not durations."""
    rate_limit = RateLimit(20, SystemClock())
    clock = SystemClock()
    stamps: list[float] = []
    order: list[str] = []
    lock = threading.Lock()
    started = threading.Barrier(5)

    def backlog(seed: int) -> None:
        random = Random(seed)
        started.wait()
        for _ in range(12):
            rate_limit.take(1 + random.randrange(2))
            with lock:
                stamps.append(clock.monotonic())
                order.append("backlog")
            if random.random() < 0.5:
                rate_limit.spend()
                with lock:
                    stamps.append(clock.monotonic())
        rate_limit.give(9)

    def person() -> None:
        started.wait()
        for _ in range(3):
            clock.pause(0.3)
            with lock:
                order.append("asks")
            with rate_limit.urgent():
                rate_limit.take()
            with lock:
                order.append("person")

    threads = [threading.Thread(target=backlog, args=(seed,)) for seed in range(4)] + [threading.Thread(target=person)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A stamp is taken a moment after the request was admitted; the margin covers that moment.
    assert most_in_a_second(stamps) <= 20 + int(20 * MARGIN_S) + 1
    for index, what in enumerate(order):
        if what == "asks":
            # at most those that were admitted already, but had not written it down
            assert "person" in order[index + 1 : index + 1 + 5]
