"""The courier's rules: back-off values, order, poison, breaker, doubt. The clock is manual."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import msgspec
import pytest

from station.base.errors import (
    Conflict,
    CredentialsRefused,
    InDoubt,
    Rejected,
    StoreLocked,
    SyncError,
    Throttled,
    Unreachable,
)
from station.domain.deliveries.delivery import Confirmation, Delivery
from station.domain.ports import CirculationSystem
from station.sync.courier.back_off import BREAKER_FAILURES, CAP_S, CREDENTIALS_HOLD_S, PROBE_S
from station.sync.courier.courier import Courier
from station.sync.courier.thread import CourierThread
from tests.conftest import FakeClock
from tests.support.patience import PATIENCE_S
from tests.support.told import told
from tests.sync.fakes import MemoryOutbox, ScriptedSystem, delivery


class Longest(Random):
    """Always returns the upper end, so that back-off values are known."""

    def uniform(self, a: float, b: float) -> float:
        return b


class Shortest(Random):
    def uniform(self, a: float, b: float) -> float:
        return a


def make(outbox: MemoryOutbox, *systems: CirculationSystem, clock: FakeClock, random: Random | None = None) -> Courier:
    return Courier(outbox, {system.name: system for system in systems}, clock, random or Longest())


def run(courier: Courier, clock: FakeClock, seconds: float) -> None:
    """Run for this many seconds, with a step whenever the courier asks for one."""
    end = clock.seconds + seconds
    while clock.seconds < end:
        wait = courier.step()
        assert wait >= 0
        clock.seconds = min(end, clock.seconds + wait) if wait else clock.seconds


def test_delivers_in_order_and_says_when_to_look_again(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1), delivery(2), delivery(3, lane="x"))
    system = ScriptedSystem()
    courier = make(outbox, system, clock=clock)
    assert [courier.step() for _ in range(4)] == [0.0, 0.0, 0.0, 10.0]
    assert sorted(system.effects) == ["j1-1-alma", "j1-2-alma", "j1-3-alma"]
    assert system.effects.index("j1-1-alma") < system.effects.index("j1-2-alma"), "the order of the lane must be kept"
    assert outbox.states() == ["delivered"] * 3


def test_back_off_doubles_to_its_cap(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1))
    courier = make(outbox, ScriptedSystem(script=[Unreachable("x")] * 4), clock=clock)
    waits = []
    for _ in range(4):
        assert courier.step() == 0.0
        waits.append(courier.step())
        clock.seconds += waits[-1]
    assert waits == [1.0, 2.0, 4.0, 8.0]
    courier.step()
    assert outbox.states() == ["delivered"]
    assert CAP_S == 300.0


def test_throttled_waits_half_fixed_and_holds_the_whole_system(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1), delivery(2, lane="other"))
    system = ScriptedSystem(script=[Throttled("t")])
    courier = make(outbox, system, clock=clock, random=Shortest())
    courier.step()
    assert courier.step() == 0.5
    assert system.calls == 1


def test_retry_after_is_honoured(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1), delivery(2, lane="other"))
    system = ScriptedSystem(script=[Throttled("t", retry_after=77.0)])
    courier = make(outbox, system, clock=clock)
    courier.step()
    run(courier, clock, 76.9)
    assert system.calls == 1
    run(courier, clock, 0.2)
    assert outbox.states() == ["delivered"] * 2


def test_order_within_a_lane_survives_failure_while_other_lanes_go_on(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1, "a"), delivery(2, "a"), delivery(3, "b"))
    system = ScriptedSystem(script=[Unreachable("x")])
    run(make(outbox, system, clock=clock), clock, 5)
    assert system.effects == ["j1-3-alma", "j1-1-alma", "j1-2-alma"]


@pytest.mark.parametrize(
    "error", [Rejected("no\x1b[2J room", body="<p>no\x1b</p>"), Conflict("other\x1b[2J hand", body="<p>no\x1b</p>")]
)
def test_a_poison_row_is_parked_with_its_reason_and_blocks_nobody(clock: FakeClock, error: Exception) -> None:
    outbox = MemoryOutbox(delivery(1, "a"), delivery(2, "a"), delivery(3, "b"))
    system = ScriptedSystem(script=[error])
    run(make(outbox, system, clock=clock), clock, 1)
    assert outbox.states() == ["parked", "delivered", "delivered"]
    assert "[2J" in told(outbox.rows["j1-1-alma"].detail)
    assert "\x1b" not in told(outbox.rows["j1-1-alma"].detail)
    assert outbox.rows["j1-1-alma"].body == "<p>no</p>", "the answer must be kept for a person"


def test_what_waits_for_a_person_is_counted_beside_what_waits_for_the_courier(clock: FakeClock) -> None:
    """The status shows it nowhere else: the system works, and no delivery waits."""
    outbox = MemoryOutbox(delivery(1, "a"), delivery(2, "b"))
    courier = make(outbox, ScriptedSystem(script=[Conflict("other hand")]), clock=clock)
    run(courier, clock, 1)
    assert (courier.status().depth, courier.status().parked, told(courier.status().note)) == (0, 1, "")
    outbox.rows.pop("j1-1-alma")  # a person decided
    courier.step()
    assert courier.status().parked == 0


def test_a_defect_parks_the_row_and_is_logged(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    outbox = MemoryOutbox(delivery(1, "a"), delivery(2, "b"))
    run(make(outbox, ScriptedSystem(script=[ZeroDivisionError("boom")]), clock=clock), clock, 1)
    assert outbox.states() == ["parked", "delivered"]
    assert told(outbox.rows["j1-1-alma"].detail) == "defect: ZeroDivisionError: boom"
    assert "defect" in caplog.text


def test_breaker_opens_after_five_failures_and_probes_once_in_thirty_seconds(clock: FakeClock) -> None:
    outbox = MemoryOutbox(*(delivery(n, lane=str(n)) for n in range(40)))
    system = ScriptedSystem(script=[Unreachable("down")] * 1000)
    courier = make(outbox, system, clock=clock)
    run(courier, clock, 0.5)
    assert system.calls == BREAKER_FAILURES
    run(courier, clock, 10 * PROBE_S)
    assert system.calls == BREAKER_FAILURES + 10
    assert not courier.status().systems[0].ok
    assert told(courier.status().systems[0].sentence) == told(Unreachable().sentence)
    assert told(courier.status().note) == f"Alma: {told(Unreachable().sentence)}"
    system.script.clear()
    run(courier, clock, PROBE_S + 0.1)  # the backlog is delivered at once
    assert outbox.states() == ["delivered"] * 40
    assert told(courier.status().note) == ""


def test_an_open_breaker_does_not_stop_another_system(clock: FakeClock) -> None:
    outbox = MemoryOutbox(*(delivery(n, lane=str(n)) for n in range(9)), delivery(9, system="file"))
    alma, file = ScriptedSystem(script=[Unreachable("down")] * 99), ScriptedSystem("file")
    run(make(outbox, alma, file, clock=clock), clock, 1)
    assert file.effects == ["j1-9-file"]


def test_refused_credentials_hold_the_system_with_a_sentence(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1, "a"), delivery(2, "b"))
    system = ScriptedSystem(script=[CredentialsRefused("401")])
    courier = make(outbox, system, clock=clock)
    run(courier, clock, CREDENTIALS_HOLD_S - 1)
    assert system.calls == 1
    assert told(courier.status().systems[0].sentence) == told(CredentialsRefused().sentence)
    assert outbox.states() == ["deferred", "pending"]
    courier.retry_now()
    run(courier, clock, 0.1)
    assert outbox.states() == ["delivered"] * 2


@pytest.mark.parametrize("error", [Unreachable("x"), CredentialsRefused("x"), InDoubt("x")])
@pytest.mark.parametrize("failures", [0, BREAKER_FAILURES - 1, BREAKER_FAILURES, 3 * BREAKER_FAILURES])
def test_what_began_before_staff_say_that_the_cause_is_gone_makes_nobody_wait(
    clock: FakeClock, error: SyncError, failures: int
) -> None:
    """One try is in progress when "try again" is pressed, and fails after it, still from the old cause."""
    outbox = MemoryOutbox(*(delivery(n, str(n)) for n in range(4)))
    system = ScriptedSystem(script=[Unreachable("down")] * failures)
    courier = make(outbox, system, clock=clock)
    while system.script:
        clock.seconds += courier.step()
    clock.seconds += PROBE_S
    attempt, _ = courier.begin()
    assert attempt is not None
    system.script = [error]
    failed = courier.carry(attempt)
    courier.retry_now()
    assert courier.begin()[0] is None, "only one may be in progress"
    at = clock.seconds
    courier.finish(failed)
    run(courier, clock, 0.1)
    assert outbox.states() == ["delivered"] * 4
    assert clock.seconds - at < 1.0


def test_a_system_that_throttles_is_given_its_time_whenever_it_was_asked(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1))
    system = ScriptedSystem(script=[Throttled("t", retry_after=77.0)])
    courier = make(outbox, system, clock=clock)
    attempt, _ = courier.begin()
    assert attempt is not None
    failed = courier.carry(attempt)
    courier.retry_now()
    courier.begin()
    courier.finish(failed)
    run(courier, clock, 76.0)
    assert system.calls == 1
    run(courier, clock, 1.1)
    assert outbox.states() == ["delivered"]


def test_doubt_is_looked_up_before_anything_is_sent(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1))
    system = ScriptedSystem(script=[InDoubt("no answer")])
    system.before = lambda row: system.effects.append(row.id) if not system.effects else None
    run(make(outbox, system, clock=clock), clock, 5)
    assert system.confirms == ["j1-1-alma"]
    assert system.effects == ["j1-1-alma"]
    assert outbox.states() == ["delivered"]


def test_not_landed_is_sent_once_more(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1))
    system = ScriptedSystem(script=[InDoubt("no answer")])
    run(make(outbox, system, clock=clock), clock, 5)
    assert (system.confirms, system.effects) == (["j1-1-alma"], ["j1-1-alma"])


def test_what_looking_cannot_tell_is_parked_and_never_sent_again(clock: FakeClock) -> None:
    """At most once: a scan-in without a visible effect was sent and not answered."""
    outbox = MemoryOutbox(delivery(1))
    system = ScriptedSystem(script=[InDoubt("no answer")])
    system.confirm = lambda _: Confirmation.CANNOT_TELL  # type: ignore[method-assign]
    run(make(outbox, system, clock=clock), clock, 3600)
    row = outbox.rows["j1-1-alma"]
    assert (row.state.value, row.reason) == ("parked", "cannot-tell")
    assert "not sent again" in told(row.detail)
    assert (system.calls, system.effects) == (1, [])


@pytest.mark.parametrize("error", [Unreachable("x"), Throttled("x"), CredentialsRefused("x"), InDoubt("x")])
def test_doubt_stays_doubt_until_confirm_has_answered(clock: FakeClock, error: Exception) -> None:
    outbox = MemoryOutbox(delivery(1))
    system = ScriptedSystem(script=[InDoubt("lost"), error])
    courier = make(outbox, system, clock=clock)
    courier.step()
    clock.seconds += 2
    courier.step()
    assert outbox.states() == ["in-doubt"]
    assert system.calls == 1


def test_after_a_restart_what_was_leased_is_confirmed_first(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1))
    outbox.lease("j1-1-alma")
    outbox.sending("j1-1-alma", "")
    assert outbox.recover() == 1
    system = ScriptedSystem()
    system.effects.append("j1-1-alma")
    make(outbox, system, clock=clock).step()
    assert system.effects == ["j1-1-alma"]
    assert outbox.states() == ["delivered"]


def test_an_outcome_that_could_not_be_written_down_is_written_next_time_and_not_sent_again(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1), delivery(2))
    system = ScriptedSystem()
    courier = make(outbox, system, clock=clock)
    outbox.fail = StoreLocked()
    with pytest.raises(StoreLocked):
        courier.step()
    assert outbox.states() == ["leased", "pending"]
    run(courier, clock, 1)
    assert system.effects == ["j1-1-alma", "j1-2-alma"]
    assert outbox.states() == ["delivered"] * 2


def test_a_store_error_after_a_request_was_sent_is_doubt(clock: FakeClock) -> None:
    """An adapter that sends two requests journals each one. The first was sent when the journal refused the second."""
    outbox = MemoryOutbox(delivery(1))
    system = ScriptedSystem(script=[StoreLocked()])
    system.before = lambda row: system.effects.append(row.id)
    courier = make(outbox, system, clock=clock)
    with pytest.raises(StoreLocked):
        courier.step()
    assert outbox.states() == ["in-doubt"]
    run(courier, clock, 60)
    assert (system.confirms, system.calls, outbox.states()) == (["j1-1-alma"], 1, ["delivered"])


def test_a_defect_after_a_request_was_sent_is_parked_as_sent(clock: FakeClock) -> None:
    """Otherwise a retry would send without a look."""
    outbox = MemoryOutbox(delivery(1))
    run(make(outbox, ScriptedSystem(script=[ZeroDivisionError("boom")]), clock=clock), clock, 1)
    assert (outbox.states(), outbox.rows["j1-1-alma"].sent) == (["parked"], True)


def test_rows_for_a_system_that_is_gone_are_kept_and_named(clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1, system="koha"), delivery(2))
    courier = make(outbox, ScriptedSystem(), clock=clock)
    run(courier, clock, 1)
    assert outbox.states() == ["pending", "delivered"]
    assert "koha" in told(courier.status().note)


def test_many_waiting_lanes_do_not_hide_one_behind_them(clock: FakeClock) -> None:
    rows = [delivery(n, lane=str(n), system="koha") for n in range(250)]
    outbox = MemoryOutbox(*rows, delivery(250))
    make(outbox, ScriptedSystem(), clock=clock).step()
    assert outbox.rows["j1-250-alma"].state.value == "delivered"


def test_thread_recovers_delivers_and_joins(clock: FakeClock) -> None:
    import threading

    outbox = MemoryOutbox(delivery(1))
    outbox.lease("j1-1-alma")
    outbox.sending("j1-1-alma", "")
    system = ScriptedSystem()
    done = threading.Event()
    courier = make(outbox, system, clock=clock)
    thread = CourierThread(courier, outbox, lambda status: done.set() if status.depth == 0 else None)
    thread.start()
    assert done.wait(PATIENCE_S)
    assert thread.stop(PATIENCE_S)
    assert system.confirms == ["j1-1-alma"]
    assert outbox.states() == ["delivered"]


def test_a_result_that_can_be_taken_back_is_not_sent_earlier(clock: FakeClock) -> None:
    """The time is in the outbox, so a courier that was started anew keeps it; later results of the item wait too."""
    until = later(clock, 10)
    outbox = MemoryOutbox(held(delivery(1), until), delivery(2), delivery(3, lane="x"))
    system = ScriptedSystem()
    run(make(outbox, system, clock=clock), clock, 4)
    assert system.effects == ["j1-3-alma"]
    again = make(outbox, system, clock=clock)
    run(again, clock, 5)
    assert system.effects == ["j1-3-alma"]
    run(again, clock, 2)
    assert system.effects == ["j1-3-alma", "j1-1-alma", "j1-2-alma"]


def test_a_clock_that_was_set_back_holds_no_result(clock: FakeClock) -> None:
    outbox = MemoryOutbox(held(delivery(1), later(clock, 86400)))
    courier = make(outbox, ScriptedSystem(), clock=clock)
    courier.step()
    assert outbox.states() == ["delivered"]


def later(clock: FakeClock, seconds: float) -> str:
    return (datetime.fromisoformat(clock.now()) + timedelta(seconds=seconds)).isoformat(timespec="microseconds")


def held(one: Delivery, until: str) -> Delivery:
    return msgspec.structs.replace(one, not_before=until)
