"""Parallel lanes: deliveries in progress at once, one probe while the breaker is open, threads that end in order."""

from __future__ import annotations

import threading
from random import Random

import pytest

from station.base.errors import InDoubt, Rejected, StoreLocked, Throttled, Unreachable
from station.base.sentence import Sentence
from station.domain.deliveries.delivery import Confirmation, Delivery, Receipt, Sending, unwitnessed
from station.sync.courier.back_off import BREAKER_FAILURES, POISON_FAILURES, PROBE_S, BackOff
from station.sync.courier.courier import Attempt, Courier
from station.sync.courier.thread import CourierThread
from tests.conftest import FakeClock
from tests.support.patience import PATIENCE_S
from tests.support.told import told
from tests.sync.courier.test_courier import Longest, Shortest, make, run
from tests.sync.fakes import MemoryOutbox, ScriptedSystem, delivery


def begin_all(courier: Courier) -> list[Attempt]:
    attempts = []
    while (attempt := courier.begin()[0]) is not None:
        attempts.append(attempt)
    return attempts


def test_as_many_lanes_as_the_system_allows_and_never_two_of_one(clock: FakeClock) -> None:
    outbox = MemoryOutbox(*(delivery(n, lane="abcde"[n % 5]) for n in range(20)))
    system = ScriptedSystem(side_by_side=3)
    courier = make(outbox, system, clock=clock)
    random = Random(7)
    attempts: list[Attempt] = []
    while True:
        attempts += begin_all(courier)
        assert len(attempts) <= 3
        lanes = [attempt.delivery.lane for attempt in attempts]
        assert len(set(lanes)) == len(lanes)
        if not attempts:
            break
        courier.finish(courier.carry(attempts.pop(random.randrange(len(attempts)))))
    assert outbox.states() == ["delivered"] * 20
    for lane in "abcde":
        effects = [key for key in system.effects if outbox.rows[key].lane == lane]
        assert effects == sorted(effects, key=lambda key: outbox.rows[key].event_seq)


def test_systems_take_turns(clock: FakeClock) -> None:
    rows = [delivery(n, lane=str(n), system=system) for n in range(4) for system in ("alma", "file")]
    alma, file = ScriptedSystem(side_by_side=2), ScriptedSystem("file", side_by_side=2)
    courier = make(MemoryOutbox(*rows), alma, file, clock=clock)
    assert [attempt.delivery.system for attempt in begin_all(courier)] == ["alma", "file", "alma", "file"]


def test_an_open_breaker_lets_one_through_and_closes_on_its_success(clock: FakeClock) -> None:
    outbox = MemoryOutbox(*(delivery(n, lane=str(n)) for n in range(12)))
    system = ScriptedSystem(script=[Unreachable("down")] * 6, side_by_side=6)
    courier = make(outbox, system, clock=clock)
    attempts = begin_all(courier)
    assert len(attempts) == 6
    for attempt in attempts:
        courier.finish(courier.carry(attempt))
    assert begin_all(courier) == []
    clock.seconds += PROBE_S
    probe = begin_all(courier)
    assert len(probe) == 1
    courier.finish(courier.carry(probe[0]))
    assert len(begin_all(courier)) == 6


def test_one_bad_item_does_not_keep_the_breaker_open(clock: FakeClock) -> None:
    """Alma answers 500 for a single item. At first no other delivery waits."""
    outbox = MemoryOutbox(delivery(1, lane="bad"))
    system = ScriptedSystem()

    def before(row: Delivery) -> None:
        if row.lane == "bad":
            raise Unreachable("status 500")

    system.before = before
    courier = make(outbox, system, clock=clock)
    run(courier, clock, 3600)
    assert outbox.states() == ["deferred"], "alone, the failure must count as the system's"
    for number in range(2, 30):
        outbox.add(delivery(number, lane=str(number)))
        run(courier, clock, 400)
    assert outbox.rows["j1-1-alma"].state.value == "parked", "now the failure must count as the item's"
    assert outbox.rows["j1-1-alma"].reason == "again-and-again"
    assert outbox.states()[1:] == ["delivered"] * 28


def test_a_delivery_that_fails_while_others_are_served_goes_to_a_person(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1, lane="bad"), *(delivery(n, lane=str(n)) for n in range(2, 300)))
    system = ScriptedSystem()
    tries = 0

    def before(row: Delivery) -> None:
        nonlocal tries
        clock.seconds += 3
        if row.lane == "bad":
            tries += 1
            raise InDoubt("no answer", body="<h1>oops\x1b[2J</h1>")

    system.before = before
    run(make(outbox, system, clock=clock), clock, 3000)
    row = outbox.rows["j1-1-alma"]
    assert (row.state.value, row.reason, row.sent) == ("parked", "again-and-again", True)
    assert row.body == "<h1>oops[2J</h1>", "the answer must be kept in harmless form"
    assert tries + len(system.confirms) >= POISON_FAILURES
    assert outbox.states()[1:] == ["delivered"] * 298


def test_the_eighth_failure_with_others_served_in_between_is_poison_and_the_seventh_is_not() -> None:
    health = BackOff(Random(1))
    for number in range(1, 9):
        for _ in range(3):  # failures count once while no other item is served in between
            health.failed("bad", Unreachable("no"), 0.0)
        assert health.is_poison("bad") is (number == 8), number
        health.answered("good", 0.0)
    health.answered("bad", 0.0)
    assert not health.is_poison("bad")


def test_an_outage_is_nobodys_poison(clock: FakeClock) -> None:
    outbox = MemoryOutbox(*(delivery(n, lane=str(n)) for n in range(50)))
    system = ScriptedSystem(script=[Unreachable("down")] * 500)
    courier = make(outbox, system, clock=clock)
    run(courier, clock, 8 * 3600)
    assert "parked" not in outbox.states()
    system.script.clear()
    run(courier, clock, 60)
    assert outbox.states() == ["delivered"] * 50


def test_throttles_of_one_burst_count_once_and_later_ones_double() -> None:
    for random, share in ((Shortest(), 0.5), (Longest(), 1.0)):
        health = BackOff(random)
        pauses = []
        now = 0.0
        for _ in range(4):
            at_once = [health.failed(lane, Throttled("t"), now) for lane in "abc"]
            assert len(set(at_once)) == 1
            pauses.append(at_once[0])
            now += health.rests(now)
        assert pauses == [share * 2.0**n for n in range(4)]
        assert not health.is_open, "throttling must count as an answer"


def test_what_cannot_be_told_is_parked_and_not_sent_again(clock: FakeClock) -> None:
    class Blind(ScriptedSystem):
        def confirm(self, row: Delivery) -> Confirmation:
            return Confirmation.CANNOT_TELL

    outbox = MemoryOutbox(delivery(1), delivery(2))
    system = Blind(script=[InDoubt("no answer")])
    run(make(outbox, system, clock=clock), clock, 60)
    assert outbox.states() == ["parked", "delivered"]
    assert (outbox.rows["j1-1-alma"].reason, outbox.rows["j1-1-alma"].sent) == ("cannot-tell", True)
    assert system.effects == ["j1-2-alma"]


def test_a_head_that_a_person_took_away_meanwhile_is_not_sent(clock: FakeClock) -> None:
    import msgspec

    outbox = MemoryOutbox(delivery(1, lane="a"), delivery(2, lane="b"), delivery(3, lane="c"))
    system = ScriptedSystem()
    courier = make(outbox, system, clock=clock)
    courier.step()
    row = outbox.rows["j1-2-alma"]
    outbox.rows[row.id] = msgspec.structs.replace(row, state=type(row.state).DISCARDED)
    run(courier, clock, 1)
    assert system.effects == ["j1-1-alma", "j1-3-alma"]


def test_nothing_is_sent_that_the_store_could_not_write_down(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1))

    def fails(key: str, witness: str) -> None:
        raise StoreLocked("busy")

    working, outbox.sending = outbox.sending, fails  # type: ignore[method-assign]
    system = ScriptedSystem()
    courier = make(outbox, system, clock=clock)
    with pytest.raises(StoreLocked):
        courier.step()
    assert (system.effects, outbox.states()) == ([], ["deferred"])
    outbox.sending = working  # type: ignore[method-assign]
    run(courier, clock, 1)
    assert (system.effects, outbox.states()) == (["j1-1-alma"], ["delivered"])


@pytest.mark.parametrize("error", [Rejected("gone"), ZeroDivisionError("boom")])
def test_doubt_stays_with_what_is_parked_while_it_was_looked_up(clock: FakeClock, error: Exception) -> None:
    outbox = MemoryOutbox(delivery(1))
    run(make(outbox, ScriptedSystem(script=[InDoubt("lost"), error]), clock=clock), clock, 60)
    assert outbox.states() == ["parked"]
    assert outbox.rows["j1-1-alma"].sent, "a retry must look first"


class Gated:
    """Holds every delivery until it is released, and counts the deliveries that it holds."""

    name = "alma"
    side_by_side = 4
    kinds = ScriptedSystem.kinds

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.lock = threading.Lock()
        self.inside = self.most = 0
        self.four = threading.Event()
        self.effects: list[str] = []

    look_up = ScriptedSystem.look_up  # type: ignore[assignment]
    check = ScriptedSystem.check  # type: ignore[assignment]

    def deliver(self, row: Delivery, sending: Sending = unwitnessed) -> Receipt:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            if self.inside == 4:
                self.four.set()
        sending("")
        assert self.let_go.wait(PATIENCE_S)
        with self.lock:
            self.inside -= 1
            self.effects.append(row.id)
        return Receipt(Sentence.verbatim("done"))

    def confirm(self, row: Delivery) -> Confirmation:
        return Confirmation.LANDED if row.id in self.effects else Confirmation.NOT_LANDED


def test_threads_carry_four_at_once_and_stop_finishes_what_is_under_way() -> None:
    from station.base.clock import SystemClock

    outbox = MemoryOutbox(*(delivery(n, lane=str(n)) for n in range(12)))
    system = Gated()
    before = set(threading.enumerate())
    thread = CourierThread(Courier(outbox, {"alma": system}, SystemClock(), Random(1)), outbox)
    thread.start()
    assert system.four.wait(PATIENCE_S)
    stopped: list[bool] = []
    stopper = threading.Thread(target=lambda: stopped.append(thread.stop()))
    stopper.start()
    system.let_go.set()
    stopper.join(PATIENCE_S)
    assert stopped == [True]
    assert system.most == 4
    assert 4 <= len(system.effects) < 12
    assert outbox.states().count("leased") == 0, "all deliveries in progress must be settled"
    assert outbox.states().count("delivered") == len(system.effects)
    assert set(threading.enumerate()) == before
    again = CourierThread(Courier(outbox, {"alma": system}, SystemClock(), Random(1)), outbox)
    done = threading.Event()
    again = CourierThread(
        Courier(outbox, {"alma": system}, SystemClock(), Random(1)),
        outbox,
        lambda status: done.set() if status.depth == 0 and "pending" not in outbox.states() else None,
    )
    again.start()
    assert done.wait(PATIENCE_S)
    assert again.stop()
    assert sorted(system.effects) == sorted(outbox.rows)


def test_breaker_values() -> None:
    health = BackOff(Longest())
    for number in range(BREAKER_FAILURES):
        assert not health.is_open
        health.failed(str(number), Unreachable("x"), 0.0)
    assert health.rests(0.0) == PROBE_S
    health.answered("0", 0.0)
    assert (health.rests(0.0), told(health.sentence)) == (0.0, "")


@pytest.mark.parametrize("jump_days", [-366, 366])
def test_a_wall_clock_that_jumps_by_a_year_starves_and_floods_nobody(jump_days: int) -> None:
    """The same schedule with and without the jump gives the same tries at the same monotonic times."""

    def tries(jump: int) -> list[tuple[float, str]]:
        class Jumping(FakeClock):
            def now(self) -> str:
                moved = FakeClock()
                moved.seconds = self.seconds + (jump * 86_400 if self.seconds > 1030 else 0)
                return moved.now()

        clock = Jumping()
        outbox = MemoryOutbox(*(delivery(n, lane=str(n % 7)) for n in range(30)))
        script = [Unreachable("x"), Throttled("x", retry_after=40), InDoubt("x"), None, Unreachable("x")] * 4
        system = ScriptedSystem(script=list(script))
        at: list[tuple[float, str]] = []
        system.before = lambda row: at.append((clock.seconds, row.id))
        run(Courier(outbox, {"alma": system}, clock, Random(3)), clock, 3600)
        assert outbox.states() == ["delivered"] * 30
        return at

    assert tries(jump_days) == tries(0)


@pytest.mark.parametrize("late", [None, Rejected("no")], ids=["taken", "refused"])
def test_retry_after_stands_though_another_was_answered_meanwhile(clock: FakeClock, late: Exception | None) -> None:
    """Four are in progress when the limit is reached: one must wait, the others still get their answers."""
    outbox = MemoryOutbox(*(delivery(n, lane=str(n)) for n in range(9)))
    system = ScriptedSystem(script=[Throttled("t", retry_after=77.0), late, late, late], side_by_side=4)
    courier = make(outbox, system, clock=clock)
    outcomes = [courier.carry(attempt) for attempt in begin_all(courier)]
    for outcome in outcomes:
        courier.finish(outcome)
        assert begin_all(courier) == []
        assert told(courier.status().systems[0].sentence) == told(Throttled().sentence)
    run(courier, clock, 76.9)
    assert system.calls == 4
    run(courier, clock, 1.0)
    assert system.calls > 4
    assert told(courier.status().note) == ""
