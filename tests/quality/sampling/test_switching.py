"""The switching rules: cases by hand, and a state machine with random steps beside the simplest possible ledger."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from station.domain.sampling import Drawn, Level, Plan, Stream, Switch, Whose
from station.quality.sampling.draws import sample_of
from station.quality.sampling.switching import ALLOWED, Policy, Seen, draw, first, judged, ready
from tests.conftest import SOAK
from tests.support.told import told

POLICY = Policy(
    new=Plan(lot=0, sample=4),
    tightened=Plan(lot=0, sample=3),
    normal=Plan(lot=8, sample=4),
    reduced=Plan(lot=8, sample=2),
    reduce_after=2,
    retrain_after=2,
    idle_days=30,
)
SEEDS = [f"{number:032x}" for number in range(200)]


class Bench:
    """A stream, its seeds, and all its switches."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.stream, self.said = first(Whose.WORKER, "ann", policy)
        self.seeds = iter(SEEDS * 50)

    def take(self, step: tuple[Stream, tuple[Switch, ...]]) -> None:
        self.stream, switches = step
        self.said += switches

    def next(self, absent: int = 0, failed_rechecks: int = 0, retrainings: int = 0) -> Drawn:
        step = ready(
            self.stream,
            self.policy,
            next(self.seeds),
            absent=absent,
            failed_rechecks=failed_rechecks,
            retrainings=retrainings,
        )
        self.take(step)
        self.stream, drawn = draw(self.stream)
        return drawn

    def end(self, drawn: Drawn, seen: Seen | None) -> None:
        self.take(judged(self.stream, drawn, seen, self.policy, next(self.seeds)))

    def good(self, count: int) -> None:
        for _ in range(count):
            drawn = self.next()
            self.end(drawn, Seen.GOOD if drawn.asked else None)

    @property
    def codes(self) -> list[str]:
        return [switch.code for switch in self.said]


def test_from_the_first_item_to_trust() -> None:
    bench = Bench()
    bench.good(4)
    assert (bench.stream.level, bench.stream.lot) == (Level.NORMAL, 1)
    bench.good(8)
    assert bench.stream.level is Level.NORMAL, "a lot ends when the next item arrives"
    bench.good(8)
    assert bench.stream.level is Level.NORMAL
    bench.good(1)
    assert bench.stream.level is Level.REDUCED
    assert bench.stream.accepted == 0, "lots are counted from the beginning at each level"
    bench.good(8)
    assert bench.codes == ["first", "qualified", "accepted", "reduced", "accepted"]


def test_one_bad_item_begins_the_count_anew_while_new() -> None:
    bench = Bench()
    bench.good(3)
    bench.end(bench.next(), Seen.BAD)
    bench.good(3)
    assert bench.stream.level is Level.NEW
    bench.good(1)
    assert bench.stream.level is Level.NORMAL


@pytest.mark.parametrize("level", [Level.NORMAL, Level.REDUCED])
def test_one_bad_item_leads_back_to_every_item(level: Level) -> None:
    bench = Bench()
    bench.good(4 if level is Level.NORMAL else 21)
    assert bench.stream.level is level
    bench.good(3)
    left_out = bench.stream.drawn - len(
        sample_of(bench.stream.seed, 8, bench.stream.plan.sample) & set(range(1, bench.stream.drawn + 2))
    )
    bench.end(bench.next(), Seen.BAD)
    last = bench.said[-1]
    assert (last.before, last.after, last.code) == (level, Level.TIGHTENED, "rejected")
    assert last.unasked in (left_out, left_out + 1)
    assert "accept number is 0" in told(last.reason)
    bench.good(3)
    assert bench.stream.level is Level.NORMAL


def test_an_accept_number_lets_so_many_pass() -> None:
    policy = msgspec.structs.replace(POLICY, normal=Plan(lot=8, sample=4, accept=1))
    bench = Bench(policy)
    bench.good(4)
    bench.end(bench.next(), Seen.BAD)
    assert bench.stream.level is Level.NORMAL
    bench.end(bench.next(), Seen.BAD)
    assert bench.stream.level is Level.TIGHTENED


def test_somebody_elses_bad_item_is_neither_good_nor_bad() -> None:
    bench = Bench()
    bench.good(3)
    bench.end(bench.next(), Seen.NOT_THEIRS)
    assert (bench.stream.level, bench.stream.run) == (Level.NEW, 3)


def test_a_sample_without_verdicts_proves_nothing() -> None:
    """The items were set aside and never judged: the lot is not accepted, and the reduced level is lost."""
    bench = Bench()
    bench.good(21)
    assert bench.stream.level is Level.REDUCED
    while bench.stream.drawn < 8:
        bench.end(bench.next(), None)
    bench.next()
    assert (bench.stream.level, bench.said[-1].code) == (Level.NORMAL, "unproven")
    assert "2 of 2 sampled items" in told(bench.said[-1].reason)


def test_a_look_at_an_item_of_an_earlier_lot_does_not_prove_the_present_lot() -> None:
    """The item was drawn, set aside, and judged after its lot had ended."""
    bench = Bench()
    bench.good(4)
    drawn = [bench.next() for _ in range(8)]
    late = next(draw for draw in drawn if draw.asked)
    bench.next()
    assert bench.stream.lot == late.lot + 1
    bench.end(late, Seen.GOOD)
    assert bench.stream.looked == 0


def test_lots_that_earn_the_reduced_level_follow_one_another() -> None:
    """An unproven lot is between two accepted ones: the reduced level needs two in succession."""
    bench = Bench()
    bench.good(4 + 8)
    assert bench.stream.lot == 1
    bench.end(bench.next(), None)
    while bench.stream.drawn < 8:
        bench.end(bench.next(), None)
    bench.good(8 + 1)
    assert bench.codes == ["first", "qualified", "accepted", "unproven", "accepted"]
    assert bench.stream.level is Level.NORMAL


def test_a_look_that_this_draw_did_not_ask_for_is_none_of_its_sample() -> None:
    """Another stream (the vendor's) asked for the item: then the seed alone no longer decides which items are seen."""
    bench = Bench()
    bench.good(4)
    looked = []
    while bench.stream.drawn < 8:
        drawn = bench.next()
        if not drawn.asked:
            bench.end(drawn, Seen.GOOD)
        looked.append(bench.stream.looked)
    assert looked == [0] * 8
    bench.next()
    assert bench.said[-1].code == "unproven"


def test_a_good_item_of_a_former_level_is_none_of_the_run() -> None:
    bench = Bench()
    bench.good(4)
    kept = bench.next()
    bench.end(bench.next(), Seen.BAD)
    assert bench.stream.level is Level.TIGHTENED
    bench.end(kept, Seen.GOOD)
    assert bench.stream.run == 0


def test_who_stays_bad_is_named_to_the_technician_once() -> None:
    bench = Bench()
    bench.good(5)
    for _ in range(4):
        bench.end(bench.next(), Seen.BAD)
    assert bench.codes.count("retrain") == 1
    assert bench.stream.level is Level.TIGHTENED


def test_a_failed_recheck_counts_once() -> None:
    bench = Bench()
    bench.good(5)
    assert bench.next(failed_rechecks=1).asked
    assert (bench.stream.level, bench.said[-1].code) == (Level.TIGHTENED, "recheck")
    for _ in range(3):
        bench.end(bench.next(failed_rechecks=1), Seen.GOOD)
    assert bench.codes.count("recheck") == 1
    assert bench.stream.level is Level.NORMAL, "it leads back to every item only once"


def test_a_long_absence_leads_back_and_a_clock_that_goes_back_does_not() -> None:
    bench = Bench()
    bench.good(5)
    bench.next(absent=30)
    assert bench.stream.level is Level.NORMAL
    bench.next(absent=31)
    assert (bench.stream.level, bench.said[-1].code) == (Level.TIGHTENED, "idle")


def test_a_verdict_that_comes_after_its_lot_counts_only_if_it_is_bad() -> None:
    bench = Bench()
    bench.good(4)
    kept = bench.next()
    while bench.stream.lot == 1:
        drawn = bench.next()
        if drawn.lot == 1:
            bench.end(drawn, Seen.GOOD if drawn.asked else None)
    before = bench.stream
    bench.end(kept, Seen.GOOD)
    assert bench.stream == before
    bench.end(kept, Seen.BAD)
    assert bench.stream.level is Level.TIGHTENED


def test_other_settings_hold_from_the_next_item_or_lot() -> None:
    bench = Bench()
    bench.good(2)
    bench.policy = msgspec.structs.replace(POLICY, new=Plan(lot=0, sample=3), normal=Plan(lot=6, sample=5))
    bench.good(1)
    assert (bench.stream.level, bench.stream.plan.sample) == (Level.NORMAL, 5)
    assert "plan" in bench.codes
    bench.policy = POLICY
    bench.good(6)
    assert bench.stream.plan.lot == 6
    bench.good(1)
    assert bench.stream.plan.lot == 8


def test_a_retraining_begins_anew_once() -> None:
    bench = Bench()
    bench.good(13)
    assert bench.next(failed_rechecks=2, retrainings=1).asked
    assert (bench.stream.level, bench.said[-1].code) == (Level.NEW, "retrained")
    for _ in range(4):
        bench.end(bench.next(failed_rechecks=2, retrainings=1), Seen.GOOD)
    assert bench.stream.lot == 3, "lot numbers continue, so that no seed is used for two lots"
    assert bench.codes.count("retrained") == 1
    assert "recheck" not in bench.codes, "the retraining settles earlier findings"


class Switching(RuleBasedStateMachine):
    """Random steps in any order. Beside them: the draws and findings of each lot, as plain lists."""

    @initialize(lot=st.integers(2, 12), data=st.data(), accept=st.integers(0, 1), reduce_after=st.integers(0, 2))
    def begin(self, lot: int, data: st.DataObject, accept: int, reduce_after: int) -> None:
        normal = data.draw(st.integers(1 + accept, lot))
        self.policy = Policy(
            new=Plan(lot=0, sample=3),
            tightened=Plan(lot=0, sample=2),
            normal=Plan(lot=lot, sample=normal, accept=accept),
            reduced=Plan(lot=lot, sample=data.draw(st.integers(1, normal)), accept=0),
            reduce_after=reduce_after,
            retrain_after=2,
            idle_days=10,
        )
        self.bench = Bench(self.policy)
        self.open: list[Drawn] = []
        self.asked: dict[int, int] = {}
        self.positions: dict[int, int] = {}
        self.rechecks = 0
        self.retrainings = 0
        self.checked = 0

    @rule(absent=st.sampled_from([0, 0, 0, 0, 3, 11]))
    def an_item_comes(self, absent: int) -> None:
        drawn = self.bench.next(absent, self.rechecks, self.retrainings)
        self.open.append(drawn)
        if drawn.position:
            self.asked[drawn.lot] = self.asked.get(drawn.lot, 0) + drawn.asked
            self.positions[drawn.lot] = self.positions.get(drawn.lot, 0) + 1
            assert drawn.position == self.positions[drawn.lot], "no position is omitted or repeated"
        else:
            assert drawn.asked

    @precondition(lambda self: self.open)
    @rule(data=st.data(), seen=st.sampled_from([Seen.GOOD, Seen.GOOD, Seen.GOOD, Seen.BAD, Seen.NOT_THEIRS]))
    def one_gets_its_verdict(self, data: st.DataObject, seen: Seen) -> None:
        drawn = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        level, found = self.bench.stream.level, self.bench.stream.found
        self.bench.end(drawn, seen if drawn.asked or seen is Seen.BAD else None)
        if seen is Seen.BAD and not level.every_item:
            rejected = found + 1 > self.policy.plan(level).accept
            assert (self.bench.stream.level is Level.TIGHTENED) is rejected

    @precondition(lambda self: self.open)
    @rule()
    def one_is_never_judged(self) -> None:
        self.open.pop()

    @rule()
    def a_recheck_fails(self) -> None:
        self.rechecks += 1

    @rule()
    def a_retraining_is_held(self) -> None:
        self.retrainings += 1

    @invariant()
    def every_change_is_allowed_and_says_why(self) -> None:
        said = self.bench.said[self.checked :]
        for switch in said:
            usual = switch.before is switch.after or (switch.before, switch.after) in ALLOWED
            assert usual or (switch.code, switch.after) == ("retrained", Level.NEW)
            assert switch.reason
        self.checked = len(self.bench.said)
        levels = [None, *(switch.after for switch in self.bench.said)]
        assert [switch.before for switch in self.bench.said] == levels[:-1], "every change is reported"
        assert levels[-1] is self.bench.stream.level

    @invariant()
    def the_stream_holds_together(self) -> None:
        stream = self.bench.stream
        assert bool(stream.seed) is not stream.level.every_item
        if stream.level.every_item:
            assert stream.plan == self.policy.plan(stream.level)
            assert stream.run < stream.plan.sample
        else:
            assert stream.looked <= stream.plan.sample
            assert stream.drawn <= stream.plan.lot
            assert stream.found <= stream.plan.accept
        for lot, positions in self.positions.items():
            assert positions <= self.policy.normal.lot
            if positions == self.policy.normal.lot:
                assert self.asked[lot] in (self.policy.normal.sample, self.policy.reduced.sample)


Switching.TestCase.settings = settings(max_examples=60 if SOAK else 30, stateful_step_count=60, deadline=None)
TestSwitching = Switching.TestCase


class SwitchingLong(Switching):
    """The same for long."""


SwitchingLong.TestCase.settings = settings(max_examples=2000, stateful_step_count=200, deadline=None)
TestSwitchingLong = pytest.mark.soak(SwitchingLong.TestCase)
