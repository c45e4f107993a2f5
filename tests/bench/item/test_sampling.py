"""Sampling at the bench, with a real journal in memory: which checks are asked, what the operator reads, what is
journaled."""

from __future__ import annotations

import copy
import itertools
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from stdnum import luhn

from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.commands import AllGood, SignOn
from station.domain.correction_states import CorrectionKind
from station.domain.findings import Outcome, page
from station.domain.people.rights import Role
from station.domain.ports import History, Logged, Worker
from station.domain.sampling import Level, Plan, Whose
from station.domain.snapshot import Phase, Snapshot
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.quality.sampling.replay import replay
from station.quality.sampling.sampler import Sampler
from station.quality.sampling.switching import Policy
from station.store.database.decoding import Decoder
from station.store.journal.journal import JournalStore, RulesOf
from station.store.projections import projections
from station.store.queries import history as queries_history
from station.store.queries import second_check_cover
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support.simulated_bench import BOOK, CATALOG, OTHER, RULES, Rig, record
from tests.support.told import told

POLICY = Policy(
    new=Plan(lot=0, sample=1),
    tightened=Plan(lot=0, sample=1),
    normal=Plan(lot=40, sample=1),
    reduced=Plan(lot=40, sample=1),
)
ALWAYS = {rule.id for rule in RULES.rules if rule.always_ask}


def asked(shown: Snapshot) -> set[str]:
    """Return the rules that a person is asked about; several may share a tap."""
    return {covered.rule for check in shown.checks for covered in check.covers}


def open_to_the_draw(shown: Snapshot) -> bool:
    """Return whether a rule is asked that sampling may leave out."""
    return bool(asked(shown) - ALWAYS)


class RealJournal(JournalStore):
    """`ports.Journal` and `ports.History` on the same tables, without a thread."""

    viewer: str | None = None

    def __init__(self, sql: sqlite3.Connection, rules: RulesOf | None = None) -> None:
        super().__init__(sql, FakeClock(), rules)
        self.sql = sql

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Return a query of `domain.ports.History` on the same tables."""
        if name not in vars(History):
            raise AttributeError(name)
        return partial(getattr(queries_history, name), self.sql)

    def seen_by(self, viewer: str) -> RealJournal:
        seen = copy.copy(self)
        seen.viewer = viewer
        return seen

    def about_tag(self, uid: str) -> tuple[Logged, ...]:
        return queries_history.about_tag(self.sql, uid, second_check_cover.cover(self.sql, self.viewer))

    def about_item(self, barcode: str) -> tuple[Logged, ...]:
        return queries_history.about_item(self.sql, barcode, second_check_cover.cover(self.sql, self.viewer))

    @property
    def events(self) -> list[ev.AnyEvent]:
        rows = self.sql.execute("SELECT seq, kind, payload FROM events ORDER BY seq")
        return [Decoder(self.sql)(*row) for row in rows]


class Crew:
    """`ports.Workforce`: each person is an operator, unless a test sets another role."""

    def __init__(self) -> None:
        self.roles: dict[str, Role | None] = {}

    def find(self, name: str) -> Worker:
        return Worker(id=name, name=name, role=self.roles.get(name, Role.OPERATOR))


class SampledRig(Rig):
    def __init__(self, sql: sqlite3.Connection, policy: Policy = POLICY) -> None:
        journal = RealJournal(sql)
        seeds = (f"{number:032x}" for number in itertools.count())
        self.sampler = Sampler(policy, journal, lambda: next(seeds))
        self.tags: dict[str, Uid] = {}
        super().__init__(journal=journal, people=Crew())  # type: ignore[arg-type]

    def lay(self, barcode: str):
        """Scan the item and place its tag, up to the first question."""
        self.lift()
        self.scan(barcode)
        if barcode not in self.tags:
            self.tags[barcode] = self.world.tag(len(self.tags) + 1)
        return self.place(self.tags[barcode])

    def done(self, barcode: str):
        self.lay(barcode)
        return self.pass_all()

    def of(self, kind: type) -> list:
        return [event for event in self.journal.events if isinstance(event, kind)]


@pytest.fixture
def sql() -> Iterator[sqlite3.Connection]:
    connection = in_memory()
    yield connection
    connection.close()


@pytest.fixture
def rig(sql: sqlite3.Connection) -> SampledRig:
    return SampledRig(sql)


def barcodes(count: int) -> list[str]:
    """Add this many items to the catalog. Return their barcodes."""
    found = []
    for number in range(count):
        head = f"312340009{number:04d}"
        barcode = head + luhn.calc_check_digit(head)
        CATALOG.setdefault(barcode, record(barcode))  # type: ignore[call-overload]
        found.append(barcode)
    return found


def test_a_site_that_does_nothing_asks_everything_and_journals_nothing_new() -> None:
    plain = Rig()
    uid = plain.world.tag(1)
    plain.scan(BOOK)
    shown = plain.place(uid)
    assert open_to_the_draw(shown)
    plain.pass_all()
    assert not [one for one in plain.journal.events if isinstance(one, ev.ItemDrawn | ev.SamplingCounted)]


def test_a_new_worker_is_asked_everything_and_then_a_sample(rig: SampledRig) -> None:
    first = rig.lay(BOOK)
    everything = asked(first)
    assert everything & ALWAYS and everything - ALWAYS
    rig.pass_all()
    assert rig.of(ev.SamplingCounted)[-1].streams[0].level is Level.NORMAL
    shown = rig.lay(OTHER)
    assert asked(shown) == ALWAYS & everything
    assert shown.notice.code == "notice.sampled"
    for rule in RULES.rules:
        if rule.id in everything - ALWAYS:
            assert rule.title in told(shown.notice.sentence)
    done = rig.pass_all()
    assert (done.phase, done.verdict) == (Phase.DONE, Verdict.PASS)
    left = {one.rule for one in done.findings if one.outcome is Outcome.NOT_SAMPLED}
    assert left == everything - ALWAYS
    judged = rig.of(ev.ItemJudged)[-1]
    assert {one.rule for one in judged.findings if one.outcome is Outcome.NOT_SAMPLED} == left
    drawn = rig.of(ev.ItemDrawn)[-1]
    assert not drawn.asked and "is not sampled (1 of 40)" in told(drawn.reason)


def test_an_item_whose_record_cannot_be_read_is_asked_everything(
    rig: SampledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.done(BOOK)
    assert not open_to_the_draw(rig.lay(OTHER))
    rig.pass_all()
    monkeypatch.setitem(CATALOG, OTHER, record(OTHER, unread=Sentence.verbatim("no right to read it")))
    assert open_to_the_draw(rig.lay(OTHER))


def test_the_draw_is_durable_before_the_first_question(rig: SampledRig) -> None:
    rig.lay(BOOK)
    kinds = [ev.kind(event) for event in rig.journal.events]
    assert kinds.index("item-drawn") > kinds.index("tag-write-verified")
    assert "check-answered" not in kinds


def test_setting_aside_and_scanning_again_does_not_draw_again(rig: SampledRig) -> None:
    rig.done(BOOK)
    for _ in range(3):
        rig.lay(OTHER)
        rig.cancel()
    assert len([one for one in rig.of(ev.ItemDrawn) if one.barcode == OTHER]) == 1


def test_an_item_whose_record_names_another_vendor_by_now_is_drawn_for_that_one_too(
    rig: SampledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.lay(OTHER)
    rig.cancel()
    monkeypatch.setitem(CATALOG, OTHER, record(OTHER, vendor="Baker"))
    rig.lay(OTHER)
    drawn = rig.of(ev.ItemDrawn)
    assert [[one.subject for one in event.draws if one.whose is Whose.VENDOR] for event in drawn] == [[], ["Baker"]]


def test_a_restart_in_mid_checklist_keeps_the_draw(rig: SampledRig) -> None:
    rig.done(BOOK)
    before = rig.lay(OTHER).checks
    rig.start()
    rig.scan(OTHER)
    assert [check.rule for check in rig.look(2).checks] == [check.rule for check in before]
    assert len([one for one in rig.of(ev.ItemDrawn) if one.barcode == OTHER]) == 1


def test_a_bad_item_leads_back_to_every_item_in_one_transaction_with_its_verdict(rig: SampledRig) -> None:
    rig.done(BOOK)
    shown = rig.lay(OTHER)
    rig.answer(Outcome.FAIL, shown.checks[0].reasons[0])
    rig.pass_all()
    kinds = [ev.kind(event) for event in rig.journal.events]
    counted = rig.of(ev.SamplingCounted)[-1]
    assert [one.code for one in counted.switches] == ["rejected"]
    at = len(kinds) - 1 - kinds[::-1].index("sampling-counted")
    assert "item-judged" in kinds[at:]
    (barcode,) = barcodes(1)
    assert open_to_the_draw(rig.lay(barcode))


def test_who_mends_is_asked_everything(rig: SampledRig) -> None:
    rig.done(BOOK)
    shown = rig.lay(OTHER)
    rig.answer(Outcome.FAIL, shown.checks[0].reasons[0])
    rig.pass_all()
    again = rig.lay(OTHER)
    assert open_to_the_draw(again)
    assert "something to fix or check" in told(rig.of(ev.ItemDrawn)[-1].reason)


def test_a_trainees_item_is_done_again_by_another_person(rig: SampledRig, sql: sqlite3.Connection) -> None:
    trainee = rig.settings.station.operator
    rig.journal.record(ev.WorkerRegistered(worker=trainee, role=Role.TRAINEE))
    rig.people.roles[trainee] = Role.TRAINEE  # type: ignore[union-attr]
    rig.sampler._policy = Policy(  # type: ignore[union-attr]
        new=POLICY.new, tightened=POLICY.tightened, normal=Plan(lot=10, sample=10), reduced=POLICY.reduced
    )
    shown = rig.lay(BOOK)
    assert open_to_the_draw(shown)
    done = rig.pass_all()
    (order,) = rig.of(ev.CorrectionOpened)
    assert (order.what, order.worker, order.barcode) == (CorrectionKind.RECHECK, trainee, BOOK)
    assert [flag.kind for flag in done.flags] == [CorrectionKind.RECHECK]
    rig.bench.handle(SignOn("bea"))
    again = rig.lay(BOOK)
    assert asked(again) == asked(shown)
    rig.answer(Outcome.FAIL, again.checks[0].reasons[0])
    rig.pass_all()
    drawn = rig.of(ev.ItemDrawn)[-1]
    assert drawn.draws == () and "another person's work" in told(drawn.reason)
    assert [one.passed for one in rig.of(ev.CorrectionRechecked)] == [False]
    assert list(sql.execute("SELECT worker, by_worker FROM judgements ORDER BY seq")) == [(trainee, 1), ("bea", 0)]
    facts = rig.journal.sampling_facts(BOOK, 1, trainee, "")  # type: ignore[attr-defined]
    assert facts.failed_rechecks == 1


def test_a_trainees_questions_share_pages_until_one_is_passed_too_quickly(rig: SampledRig) -> None:
    trainee = rig.settings.station.operator
    rig.journal.record(ev.WorkerRegistered(worker=trainee, role=Role.TRAINEE))
    rig.people.roles[trainee] = Role.TRAINEE  # type: ignore[union-attr]
    first, second, third = barcodes(3)
    shown = rig.lay(first)
    assert not any(check.alone for check in shown.checks)
    rig.bench.handle(AllGood(tuple(shown.checks[at].rule for at in page(shown.checks, 0))))
    rig.pass_all()
    shown = rig.lay(second)
    assert (rig.of(ev.ItemDrawn)[-1].code, all(check.alone for check in shown.checks)) == ("quick", True)
    rig.pass_all()
    rig.lay(third)
    assert rig.of(ev.ItemDrawn)[-1].code == "trainee"


@pytest.mark.parametrize("missing", [0, 1])
def test_a_lot_of_which_one_sampled_item_was_set_aside_proves_nothing(sql: sqlite3.Connection, missing: int) -> None:
    """The item without a verdict may be the bad one. A sample proves what its plan promises only if it is complete."""
    lot = Plan(lot=6, sample=3)
    rig = SampledRig(sql, Policy(new=POLICY.new, tightened=POLICY.tightened, normal=lot, reduced=lot, reduce_after=1))
    rig.done(BOOK)
    set_aside = 0
    for barcode in barcodes(lot.lot):
        shown = rig.lay(barcode)
        if open_to_the_draw(shown) and set_aside < missing:
            rig.cancel()
            set_aside += 1
        else:
            rig.pass_all()
    assert set_aside == missing
    rig.lay(OTHER)  # the first item of the next lot ends this one
    (ended,) = rig.of(ev.ItemDrawn)[-1].switches
    assert (ended.code, ended.after) == (("unproven", Level.NORMAL) if missing else ("reduced", Level.REDUCED))


def test_everything_in_the_journal_can_be_drawn_again(rig: SampledRig) -> None:
    for number, barcode in enumerate([BOOK, OTHER, *barcodes(12)]):
        shown = rig.lay(barcode)
        if number == 7:
            rig.answer(Outcome.FAIL, shown.checks[0].reasons[0])
        rig.pass_all()
    found = replay(enumerate(rig.journal.events, 1))
    assert found.problems == [] and found.items == 14
    assert projections.compare(rig.journal.sql) == ()  # type: ignore[attr-defined]


def test_a_drawn_item_is_asked_one_question_a_page(rig: SampledRig) -> None:
    first, second, *_ = barcodes(12)
    shown = rig.lay(first)
    assert all(check.alone for check in shown.checks)
    rig.pass_all()
    later = rig.lay(second)
    assert not open_to_the_draw(later)
    assert not all(check.alone for check in later.checks)
    assert later.all_good_after < shown.all_good_after, "the worker's work has proved good"


def test_a_page_passed_too_quickly_asks_everything_about_the_next_item_only(rig: SampledRig) -> None:
    """The draws of the streams stay as their seeds give them."""
    first, second, third, fourth = barcodes(4)
    rig.done(first)
    shown = rig.lay(second)
    assert not open_to_the_draw(shown)
    rig.bench.handle(AllGood(tuple(check.rule for check in shown.checks)))
    assert rig.now.verdict is Verdict.PASS
    assert [one.quick for one in rig.of(ev.SamplingCounted)[-1].streams] == [True]
    rig.start()
    shown = rig.lay(third)
    assert open_to_the_draw(shown) and all(check.alone for check in shown.checks)
    assert rig.of(ev.ItemDrawn)[-1].code == "quick"
    rig.pass_all()
    assert not open_to_the_draw(rig.lay(fourth))
    assert rig.of(ev.ItemDrawn)[-1].code == "not-sample"
    assert replay(enumerate(rig.journal.events, 1)).problems == []
