"""From a failed check at the bench to its end: flags, mends, rechecks, waivers, and changes of staff in between.

The journal is the real one, on SQLite in memory. The model that the other bench tests use runs beside it, and both must
agree.
"""

from __future__ import annotations

import unittest.mock
import weakref
from collections.abc import Sequence

import msgspec
import pytest

from station.base.sentence import EMPTY, Sentence
from station.base.settings import Corrections
from station.bench.desk import GONE
from station.bench.item.sampling import asks
from station.domain import events as ev
from station.domain.commands import Answer, Assign, Close, Mend, Recheck, SignOn, Waive
from station.domain.correction_states import CorrectionKind, CorrectionState, Result
from station.domain.corrections.correction import Correction, opened
from station.domain.deliveries.delivery import NewDelivery
from station.domain.events import AnyEvent, ItemDrawn
from station.domain.findings import Check, Finding, Outcome, Severity
from station.domain.item import Barcode, RecordFacts
from station.domain.people.rights import Role
from station.domain.ports import Worker
from station.domain.snapshot import Light, Phase, Snapshot, Sound
from station.domain.verdict import Verdict
from station.domain.workflows import ReleaseView, Workflow
from station.quality.verdict.corrections import recheck_order, steps
from station.quality.verdict.waivers import rejudged
from station.store.journal.journal import JournalStore
from station.store.projections import projections
from tests.bench.staff import Staff
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support import simulated_bench
from tests.support.simulated_bench import BOOK, DVD, OTHER, SETTINGS, MemoryJournal, Rig, record
from tests.support.told import told


class BothJournals(MemoryJournal):
    """The real journal, compared with the model, which records the same events."""

    def __init__(self) -> None:
        super().__init__()
        self.sql = in_memory()
        weakref.finalize(self, self.sql.close)
        self.real = JournalStore(self.sql, FakeClock())
        self.real.record(
            *(ev.WorkerRegistered(worker=who.id, role=who.role) for who in STAFF.values() if who.role is not None)
        )

    def record(self, *new: AnyEvent, deliveries: Sequence[NewDelivery] = ()) -> int:
        seq = self.real.record(*new, deliveries=deliveries)
        super().record(*new, deliveries=deliveries)
        return seq

    def order(
        self,
        *new: ev.WorkOrder | ev.PersonEvent | ev.Reported,
        results: Sequence[tuple[ev.ItemJudged, Sequence[NewDelivery]]] = (),
        expects: int | None = None,
    ) -> int:
        seq = self.real.order(*new, results=results, expects=expects)
        super().order(*new, results=results)
        return seq

    def passed_by(self, barcode: Barcode, part: int) -> str:
        real = self.real.passed_by(barcode, part)
        assert real == super().passed_by(barcode, part)
        return real

    def open_corrections(self, barcode: Barcode) -> tuple[Correction, ...]:
        real = self.real.open_corrections(barcode)
        assert sorted(real, key=lambda one: one.id) == sorted(super().open_corrections(barcode), key=lambda one: one.id)
        assert projections.compare(self.sql) == ()
        return real


STAFF = {
    name: Worker(id=f"w-{name}", name=name.title(), role=role, registered=True)
    for name, role in (
        ("sys", Role.SYSTEMS),
        ("tess", Role.TECHNICIAN),
        ("bea", Role.OPERATOR),
        ("ann", Role.OPERATOR),
        ("tim", Role.TRAINEE),
    )
}


class People:
    """The staff, which tests may change."""

    def __init__(self) -> None:
        self.staff = dict(STAFF)

    def find(self, name: str) -> Worker:
        by_id = {worker.id: worker for worker in self.staff.values()}
        return self.staff.get(name) or by_id.get(name) or Worker(id=name, name=name)

    def ends(self, name: str, *, erased: bool = False) -> None:
        old = self.staff[name]
        self.staff[name] = msgspec.structs.replace(old, role=None, name="" if erased else old.name)


class Doorkeeper(Staff):
    """Believes every grant: a grant is a login."""

    def redeem(self, grant: str, purpose: str) -> str:
        del purpose
        return f"w-{grant}"


class Desk(Rig):
    """A rig with staff, a real journal, and two tags."""

    def __init__(self, operator: str = "ann", corrections: Corrections | None = None, *, sign_on: bool = False) -> None:
        self.both, self.force = BothJournals(), People()
        station = msgspec.structs.replace(SETTINGS.station, operator=operator)
        people = msgspec.structs.replace(SETTINGS.people, sign_on=sign_on)
        settings = msgspec.structs.replace(
            SETTINGS, station=station, corrections=corrections or Corrections(), people=people
        )
        super().__init__(settings, journal=self.both, people=self.force, keeper=Doorkeeper() if sign_on else None)
        self.tags = {barcode: self.world.tag(number) for number, barcode in enumerate((BOOK, OTHER), 1)}

    def as_(self, name: str) -> Desk:
        self.bench.handle(SignOn(name, name if self.keeper is not None else ""))
        return self

    def check(self, barcode: Barcode = BOOK, fail: str = "") -> Snapshot:
        """Scan the item, place its tag, answer every check. The check of the rule `fail` fails with its first
        reason."""
        self.lift()
        self.scan(barcode)
        self.world.place(self.tags[barcode])
        self.look(4)
        while self.now.phase is Phase.CHECKING:
            check = self.now.checks[self.now.current_check]
            wrong = check.rule == fail
            self.bench.handle(
                Answer(check.rule, Outcome.FAIL if wrong else Outcome.PASS, told(check.reasons[0]) if wrong else "")
            )
        assert self.now.phase is Phase.DONE, self.now.fault
        return self.now

    def ask(self, command: Assign | Mend | Recheck | Close | Waive) -> Snapshot:
        self.bench.handle(command)
        return self.now

    @property
    def open(self) -> tuple[Correction, ...]:
        return self.both.open_corrections(BOOK)

    def journaled(self, kind: type[AnyEvent]) -> list[AnyEvent]:
        return [event for event in self.journal.events if isinstance(event, kind)]


def rules_asked(severity: Severity) -> str:
    """Return a rule of this severity that a person is asked about a book."""
    desk = Desk()
    desk.scan(BOOK)
    desk.world.place(desk.tags[BOOK])
    desk.look(4)
    found: list[Check] = [check for check in desk.now.checks if check.severity is severity and check.reasons]
    return found[0].rule


CRITICAL, MAJOR = rules_asked(Severity.CRITICAL), rules_asked(Severity.MAJOR)


def test_a_fail_opens_a_correction_in_the_verdict_s_transaction() -> None:
    desk = Desk()
    shown = desk.check(fail=CRITICAL)
    assert (shown.verdict, shown.light) == (Verdict.FAIL, Light.BAD)
    (one,) = desk.open
    assert (one.rule, one.severity, one.state) == (CRITICAL, Severity.CRITICAL, CorrectionState.OPEN)
    assert one.due == desk.clock.day(1)
    assert one.owner, "the owner must be that of the rule"
    assert desk.journal.kinds()[-2:] == ["correction-opened", "item-judged"]
    (flag,) = shown.flags
    assert (flag.correction, told(flag.title), flag.new, flag.overdue) == (one.id, told(one.title), True, False)


def test_a_pass_opens_nothing() -> None:
    desk = Desk()
    shown = desk.check()
    assert (shown.verdict, shown.light, shown.flags, desk.open) == (Verdict.PASS, Light.GOOD, (), ())


def test_scanned_again_it_says_so() -> None:
    desk = Desk()
    desk.check(fail=CRITICAL)
    desk.lift()
    desk.clock.pause(3 * 86400)
    shown = desk.scan(BOOK)
    (one,) = desk.open
    assert (
        told(one.title) in told(shown.notice.sentence)
        and "overdue" in told(shown.notice.sentence)
        and one.owner in told(shown.notice.sentence)
    )
    assert shown.sound is Sound.WARNING
    assert shown.flags[0].overdue and not shown.flags[0].new
    assert desk.scan(OTHER).notice.code == ""


@pytest.mark.parametrize("times", [2, 3])
def test_judged_again_and_again_it_is_never_doubled(times: int) -> None:
    desk = Desk()
    for who in ["ann", "bea", "tess"][:times]:
        desk.as_(who).check(fail=CRITICAL)
    assert len(desk.open) == 1
    assert len(desk.journaled(ev.CorrectionOpened)) == times


def test_mended_by_one_and_rechecked_by_another_at_the_bench() -> None:
    desk = Desk(sign_on=True).as_("ann")
    desk.check(fail=CRITICAL)
    shown = desk.check()
    assert (shown.verdict, shown.light, shown.sound) == (Verdict.PASS, Light.WARNING, Sound.WARNING)
    assert "another person" in told(shown.prompt)
    (one,) = desk.open
    assert (one.state, one.mender, one.due) == (CorrectionState.MENDED, "w-ann", desk.clock.day(2))
    again = desk.check()
    assert again.flags and desk.open[0].state is CorrectionState.MENDED, "no person rechecks own work"
    trainee = desk.as_("tim").check()
    assert trainee.flags, "a trainee may not recheck"
    good = desk.as_("bea").check()
    assert (good.light, good.flags, desk.open) == (Light.GOOD, (), ())
    assert isinstance(desk.journal.events[-2], ev.CorrectionRechecked)


def test_one_person_passes_a_failed_item_where_nobody_signs_on() -> None:
    desk = Desk()
    desk.check(fail=CRITICAL)
    assert desk.open
    shown = desk.check()
    assert (shown.verdict, shown.light, shown.flags, desk.open) == (Verdict.PASS, Light.GOOD, (), ())
    mended, rechecked = desk.journal.events[-3:-1]
    assert isinstance(mended, ev.CorrectionMended) and isinstance(rechecked, ev.CorrectionRechecked)
    assert rechecked.second_look and rechecked.operator == mended.operator
    desk.lift()
    assert told(desk.scan(BOOK).notice.sentence) == "", "the item is ready"


@pytest.mark.parametrize("sign_on", [True, False])
def test_what_only_the_station_checks_sends_the_item_to_no_other_person(
    monkeypatch: pytest.MonkeyPatch, sign_on: bool
) -> None:
    monkeypatch.setitem(
        simulated_bench.CATALOG, BOOK, record(BOOK, isbns=("9780131103627",), marc=RecordFacts(height_given=True))
    )
    desk = Desk(sign_on=sign_on).as_("ann")
    desk.scan(BOOK)
    desk.scan("9780306406157")
    desk.world.place(desk.tags[BOOK])
    desk.look(4)
    desk.pass_all()
    (one,) = desk.open
    assert one.rule == "piece-number"
    desk.ask(Mend(one.id))
    shown = desk.check()
    assert (shown.verdict, shown.state, shown.light) == (Verdict.PASS, "done-check-left", Light.WARNING)
    desk.lift()
    desk.scan(BOOK)
    desk.scan("9780131103627")
    desk.world.place(desk.tags[BOOK])
    desk.look(4)
    assert (desk.pass_all().state, desk.open) == ("done-lift", ())


def test_a_second_look_at_the_own_mend_is_a_scan_and_never_a_button() -> None:
    desk = Desk()
    desk.check(fail=CRITICAL)
    desk.ask(Mend(desk.open[0].id, "new label"))
    desk.ask(Recheck(desk.open[0].id, passed=True))
    assert desk.now.notice.code == "own-work" and desk.open[0].state is CorrectionState.MENDED
    assert desk.check().flags == () and desk.open == ()


def test_a_fixed_item_stays_failed_until_it_is_scanned_once_more() -> None:
    desk = Desk(sign_on=True).as_("ann")
    desk.check(fail=CRITICAL)
    desk.ask(Mend(desk.open[0].id))
    assert desk.now.state == "done-fail"
    desk.as_("bea").ask(Recheck(desk.open[0].id, passed=True))
    assert told(desk.now.notice.sentence) == '"Title of 31234000000016" is fixed. Scan it once more to finish it.'
    assert (desk.now.state, desk.now.verdict) == ("done-fixed", Verdict.FAIL)
    desk.enter(Workflow.RELEASE)
    view = desk.scan(BOOK).workflow_view
    assert isinstance(view, ReleaseView)
    assert tuple(map(told, view.lines[0].reasons)) == ("It failed and is fixed. Scan it once more to finish it.",)
    desk.enter(Workflow.PROCESS)
    assert desk.check().verdict is Verdict.PASS
    desk.enter(Workflow.RELEASE)
    view = desk.now.workflow_view
    assert isinstance(view, ReleaseView) and view.lines[0].right


def test_what_ended_elsewhere_meanwhile_is_no_flag_any_more() -> None:
    """`station corrections close` while the verdict is still shown: the station tells the bench to update."""
    desk = Desk()
    assert desk.check(fail=CRITICAL).flags
    closed = ev.CorrectionClosed(
        correction=desk.open[0].id, result=Result.NO_DEFECT, reason=Sentence.verbatim("it was right"), operator="w-tess"
    )
    desk.both.order(closed)
    assert desk.now.flags
    desk.bench.handle(SignOn())
    assert desk.now.flags == ()
    assert desk.now.verdict is Verdict.FAIL, "the verdict must stay as it was given"


def test_a_mend_that_did_not_hold_comes_back() -> None:
    desk = Desk()
    desk.check(fail=CRITICAL)
    desk.ask(Mend(desk.open[0].id, "new label"))
    shown = desk.as_("bea").check(fail=CRITICAL)
    (one,) = desk.open
    assert (one.state, one.returned, one.mender) == (CorrectionState.OPEN, 1, "")
    assert [flag.new for flag in shown.flags] == [False]


def test_where_no_recheck_is_asked_for_one_person_is_enough() -> None:
    desk = Desk()
    desk.check(fail=MAJOR)
    assert desk.check().light is Light.GOOD
    assert desk.open == ()


def test_the_machine_rechecks_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(simulated_bench.CATALOG, BOOK, record(BOOK, price=""))
    desk = Desk(corrections=Corrections(from_severity="minor"))
    shown = desk.check()
    assert shown.verdict is Verdict.PASS, "a minor finding does not keep the item back"
    found = [one for one in desk.open if one.severity is Severity.MINOR]
    assert found and all(one.due == desk.clock.day(14) for one in found)
    assert "not all is fixed" in told(shown.prompt)
    refused = (
        told(desk.ask(Mend(found[0].id)).notice.sentence),
        told(desk.as_("bea").ask(Recheck(found[0].id, True)).notice.sentence),
    )
    assert "The station checks this correction: scan" in refused[1]
    monkeypatch.setitem(simulated_bench.CATALOG, BOOK, record(BOOK, price="10.00"))
    desk.as_("ann").check()
    assert not [one for one in desk.open if one.title == found[0].title]
    rechecks = [event for event in desk.journaled(ev.CorrectionRechecked) if isinstance(event, ev.CorrectionRechecked)]
    assert any(event.by_machine and event.passed and event.correction == found[0].id for event in rechecks)


def test_what_is_less_bad_than_asked_for_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(simulated_bench.CATALOG, BOOK, record(BOOK, price=""))
    desk = Desk(corrections=Corrections(from_severity="critical"))
    desk.check(fail=MAJOR)
    assert desk.open == ()


# --- orders to recheck ----------------------------------------------------------------------------------------------


def ordered(desk: Desk) -> None:
    item = simulated_bench.CATALOG[BOOK]
    desk.journal.record(
        recheck_order(
            "order-1",
            item,
            1,
            worker="w-tim",
            due="2026-12-01",
            found_by="machine",
            reason=Sentence.verbatim("plan, draw 7"),
        )
    )


def test_an_order_is_carried_out_by_another_person_going_through_the_checks() -> None:
    desk = Desk("tim")
    ordered(desk)
    assert desk.check().flags, "the worker of the item may not recheck it"
    assert desk.as_("bea").check().flags == ()
    (event,) = desk.journaled(ev.CorrectionRechecked)
    assert isinstance(event, ev.CorrectionRechecked) and event.passed and event.operator == "w-bea"


def test_whose_work_it_is_rechecks_nothing_whatever_the_role() -> None:
    """An operator has the right to recheck, but not the operator's own item; no event may record such a recheck."""
    desk = Desk("bea")
    item = simulated_bench.CATALOG[BOOK]
    desk.journal.record(
        recheck_order("order-2", item, 1, worker="w-bea", due="", found_by="machine", reason=Sentence.verbatim("plan"))
    )
    assert desk.check().flags
    assert desk.journaled(ev.CorrectionRechecked) == []
    assert desk.as_("tess").check().flags == ()


def test_errors_found_by_a_recheck_are_those_of_the_worker() -> None:
    desk = Desk("bea")
    ordered(desk)
    desk.check(fail=CRITICAL)
    (one,) = desk.open
    assert (one.kind, one.rule, one.worker) == (CorrectionKind.MEND, CRITICAL, "w-tim")
    (event,) = desk.journaled(ev.CorrectionRechecked)
    assert isinstance(event, ev.CorrectionRechecked) and not event.passed
    assert told(one.title) in told(event.reason)


# --- waivers --------------------------------------------------------------------------------------------------------


def test_a_waiver_after_the_verdict_makes_it_good_and_the_finding_stays() -> None:
    desk = Desk("tess")
    desk.check(fail=CRITICAL)
    deliveries = len(desk.journal.deliveries)
    shown = desk.ask(Waive(CRITICAL, "old binding"))
    assert (shown.verdict, shown.light, shown.flags, desk.open) == (Verdict.PASS, Light.GOOD, (), ())
    assert [finding.outcome for finding in shown.findings if finding.rule == CRITICAL] == [Outcome.FAIL]
    judged = desk.journal.events[-1]
    assert isinstance(judged, ev.ItemJudged) and judged.verdict is Verdict.PASS
    assert [(w.rule, w.by, w.role, w.reason) for w in judged.waivers] == [
        (CRITICAL, "w-tess", Role.TECHNICIAN, "old binding")
    ]
    assert len(desk.journal.deliveries) == deliveries + 1
    assert desk.journal.deliveries[-1].intent.verdict is Verdict.PASS  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("who", "rule", "reason", "said"),
    [
        ("ann", CRITICAL, "fits", "Only a technician can do this."),
        ("tim", MAJOR, "fits", "Only an operator can do this."),
        ("tess", CRITICAL, " \x07 ", "reason"),
        ("tess", "no-such-rule", "fits", "Nothing failed here"),
    ],
)
def test_a_waiver_that_is_refused_changes_nothing(who: str, rule: str, reason: str, said: str) -> None:
    desk = Desk()
    desk.check(fail=MAJOR if rule == MAJOR else CRITICAL)
    before, opened = len(desk.journal.events), desk.open
    shown = desk.as_(who).ask(Waive(rule, reason))
    assert said in told(shown.notice.sentence)
    assert (shown.verdict, shown.phase, shown.light) == (Verdict.FAIL, Phase.DONE, Light.BAD)
    assert (len(desk.journal.events), desk.open) == (before, opened)


@pytest.mark.parametrize(("who", "offered"), [("tim", ()), ("ann", (MAJOR,)), ("tess", (CRITICAL, MAJOR))])
def test_only_what_this_worker_may_waive_is_offered(who: str, offered: tuple[str, ...]) -> None:
    """Without sign-on no other person can be asked on the spot."""
    for rule in (CRITICAL, MAJOR):
        assert Desk(who).check(fail=rule).may_waive == ((rule,) if rule in offered else ())


def test_a_technician_may_waive_at_an_operator_s_bench() -> None:
    desk = Desk()
    desk.check(fail=CRITICAL)
    shown = desk.ask(Waive(CRITICAL, "fits", by="tess"))
    assert (shown.verdict, told(shown.operator)) == (Verdict.PASS, "Ann")


def test_a_waiver_before_the_verdict_counts_in_it() -> None:
    desk = Desk("tess")
    desk.scan(BOOK)
    desk.world.place(desk.tags[BOOK])
    desk.look(4)
    first = desk.now.checks[0]
    assert first.severity is Severity.CRITICAL
    desk.answer(Outcome.FAIL, first.reasons[0])
    desk.ask(Waive(first.rule, "fits"))
    assert desk.pass_all().verdict is Verdict.PASS
    judged = desk.journal.events[-1]
    assert isinstance(judged, ev.ItemJudged) and [w.rule for w in judged.waivers] == [first.rule]
    assert desk.open == ()
    assert desk.ask(Waive(first.rule, "again")).notice.code == "notice.nothing-to-waive"


def test_one_of_two_fails_waived_is_still_a_fail() -> None:
    desk = Desk("tess")
    desk.scan(BOOK)
    desk.world.place(desk.tags[BOOK])
    desk.look(4)
    for check in desk.now.checks:
        desk.answer(Outcome.FAIL if check.rule in (CRITICAL, MAJOR) else Outcome.PASS, check.reasons[0])
    assert {one.rule for one in desk.open} == {CRITICAL, MAJOR}
    shown = desk.ask(Waive(CRITICAL, "fits"))
    assert (shown.verdict, shown.light) == (Verdict.FAIL, Light.BAD)
    assert [told(flag.title) for flag in shown.flags] == [told(one.title) for one in desk.open]
    assert desk.ask(Waive(MAJOR, "fits")).verdict is Verdict.PASS


def elsewhere(desk: Desk, rule: str, reason: str = "fits") -> ev.ItemJudged | None:
    """Record what a running station records for `station corrections waive` of another process
    (`runtime.order_offers.carry_out`)."""
    verdicts = [one for one in desk.journaled(ev.ItemJudged) if isinstance(one, ev.ItemJudged)]
    severity = Severity.CRITICAL if rule == CRITICAL else Severity.MAJOR
    event = ev.FindingWaived(
        barcode=BOOK, part=1, rule=rule, title=Sentence.verbatim(f"Title of {rule}"), severity=severity,
        reason=reason, operator="w-tess", role=Role.TECHNICIAN,
    )  # fmt: skip
    judged = rejudged(verdicts[-1], event) if verdicts else None
    desk.both.order(event, results=((judged, ()),) if judged is not None else ())
    desk.bench.handle(SignOn())
    return judged


def test_a_waiver_from_elsewhere_is_taken_up_while_the_verdict_stands() -> None:
    desk = Desk()
    desk.check(fail=CRITICAL)
    judged = elsewhere(desk, CRITICAL, "old binding")
    shown = desk.now
    assert judged is not None and judged.verdict is Verdict.PASS
    assert (shown.verdict, shown.light, shown.waived, shown.flags) == (Verdict.PASS, Light.GOOD, (CRITICAL,), ())
    assert (
        shown.notice.code == "notice.waived-elsewhere"
        and "old binding" in told(shown.notice.sentence)
        and shown.sound is Sound.GOOD
    )
    before = desk.now.sound_number
    desk.bench.handle(SignOn())
    assert desk.now.sound_number == before, "the notice must be given once"


def test_a_waiver_at_the_bench_after_one_from_elsewhere_keeps_both() -> None:
    desk = Desk("tess")
    desk.scan(BOOK)
    desk.world.place(desk.tags[BOOK])
    desk.look(4)
    for check in desk.now.checks:
        desk.answer(Outcome.FAIL if check.rule in (CRITICAL, MAJOR) else Outcome.PASS, check.reasons[0])
    elsewhere(desk, CRITICAL)
    assert (desk.now.verdict, desk.now.waived) == (Verdict.FAIL, (CRITICAL,))
    shown = desk.ask(Waive(MAJOR, "fits"))
    assert (shown.verdict, shown.waived) == (Verdict.PASS, (CRITICAL, MAJOR))
    judged = desk.journal.events[-1]
    assert isinstance(judged, ev.ItemJudged)
    assert {one.rule for one in judged.waivers} == {CRITICAL, MAJOR}
    assert desk.ask(Waive(CRITICAL, "again")).notice.code == "notice.nothing-to-waive"


def test_a_waiver_from_elsewhere_before_the_verdict_counts_in_it() -> None:
    desk = Desk()
    desk.check(fail=CRITICAL)
    desk.lift()
    desk.scan(BOOK)
    desk.world.place(desk.tags[BOOK])
    desk.look(4)
    while desk.now.checks[desk.now.current_check].rule != CRITICAL:
        desk.answer(Outcome.PASS)
    desk.answer(Outcome.FAIL, desk.now.checks[desk.now.current_check].reasons[0])
    elsewhere(desk, CRITICAL)
    assert desk.now.waived == (CRITICAL,)
    assert desk.pass_all().verdict is Verdict.PASS


def test_a_waiver_of_an_earlier_day_does_not_count_for_what_fails_now() -> None:
    desk = Desk("tess")
    desk.check(fail=CRITICAL)
    desk.ask(Waive(CRITICAL, "fits"))
    desk.lift()
    shown = desk.check(fail=CRITICAL)
    desk.bench.handle(SignOn())
    assert (desk.now.verdict, desk.now.waived, shown.waived) == (Verdict.FAIL, (), ())


@pytest.mark.parametrize("who", ["tim", "bea"])
def test_what_did_not_keep_an_item_back_is_not_called_waived(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minor finding with a pass: a waiver would change nothing, so it is not journaled, and the notice says so."""
    monkeypatch.setitem(simulated_bench.CATALOG, BOOK, record(BOOK, price=""))
    desk = Desk("bea")
    assert desk.check().verdict is Verdict.PASS
    rule = next(one.rule for one in desk.now.findings if one.outcome is Outcome.FAIL)
    before, delivered = len(desk.journal.events), len(desk.journal.deliveries)
    shown = desk.as_(who).ask(Waive(rule, "fits"))
    assert shown.notice.code == "notice.passed-without"
    assert (shown.verdict, shown.sound) == (Verdict.PASS, Sound.WARNING)
    assert (len(desk.journal.events), len(desk.journal.deliveries)) == (before, delivered)


def test_a_waiver_beside_a_pass_closes_the_correction_and_judges_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(simulated_bench.CATALOG, BOOK, record(BOOK, price=""))
    desk = Desk("bea", corrections=Corrections(from_severity="minor"))
    assert desk.check().verdict is Verdict.PASS
    (one,) = desk.open
    assert desk.as_("tim").ask(Waive(one.rule, "fits")).notice.code == "not-allowed" and desk.open
    verdicts = len(desk.journaled(ev.ItemJudged))
    shown = desk.as_("bea").ask(Waive(one.rule, "fits"))
    assert (shown.notice.code, desk.open) == ("notice.waived", ())
    assert (shown.verdict, len(desk.journaled(ev.ItemJudged))) == (Verdict.PASS, verdicts)
    assert desk.ask(Waive(one.rule, "again")).notice.code == "notice.passed-without"
    assert len(desk.journaled(ev.FindingWaived)) == 1


# --- steps from the screen, people ----------------------------------------------------------------------------------


def test_steps_are_done_in_the_operator_s_name_and_refusals_never_stop_the_line() -> None:
    desk = Desk()
    desk.check(fail=CRITICAL)
    (one,) = desk.open
    desk.ask(Assign(one.id, owner="me"))
    assert desk.open[0].owner == "w-ann"
    assert desk.ask(Assign(one.id, owner="Cataloging")).notice.code == "not-allowed"
    assert desk.ask(Close(one.id, Result.NO_DEFECT, "seen")).notice.code == "not-allowed"
    desk.ask(Mend(one.id))
    assert desk.ask(Recheck(one.id, True)).notice.code == "own-work"
    assert desk.ask(Mend("never")).notice.code == "correction-unknown"
    shown = desk.as_("tess").ask(Close(one.id, Result.WITHDRAWN, "lost"))
    assert (shown.notice.code, shown.flags, shown.phase) == ("notice.closed", (), Phase.DONE)
    assert desk.ask(Close(one.id, Result.WITHDRAWN, "lost")).notice.code == "correction-not-open"


@pytest.mark.parametrize("erased", [False, True])
def test_a_worker_who_vanishes_in_mid_checklist(erased: bool) -> None:
    """The item in process gets its verdict under the worker's id. The next one needs another person."""
    desk = Desk()
    desk.scan(BOOK)
    desk.world.place(desk.tags[BOOK])
    desk.look(4)
    desk.answer()
    desk.force.ends("ann", erased=erased)
    desk.bench.handle(SignOn())
    assert desk.now.operator == GONE and desk.now.phase is Phase.CHECKING
    assert desk.pass_all().verdict is Verdict.PASS
    judged = desk.journal.events[-1]
    assert isinstance(judged, ev.ItemJudged) and judged.operator == "w-ann"
    desk.lift()
    before = len(desk.journal.kinds())
    shown = desk.scan(OTHER)
    assert shown.fault is not None and shown.fault.code == "worker-gone"
    assert desk.journal.kinds()[before:] == ["line-stopped"]
    assert desk.as_("ann").now.operator == GONE, "a person who left cannot return"
    desk.as_("bea").choose("set-aside")
    assert desk.scan(OTHER).phase is Phase.NEED_TAG
    assert told(desk.now.operator) == "Bea"


def test_the_journal_holds_the_id_and_the_screen_the_name() -> None:
    desk = Desk()
    desk.check(fail=CRITICAL)
    assert told(desk.now.operator) == "Ann"
    assert all(b"Ann" not in ev.encode(event) for event in desk.journal.events)
    assert {event.operator for event in desk.journaled(ev.ItemJudged) if isinstance(event, ev.ItemJudged)} == {"w-ann"}


def test_whoever_is_not_registered_works_as_before() -> None:
    desk = Desk("student-07")
    desk.check(fail=CRITICAL)
    judged = desk.journal.events[-1]
    assert isinstance(judged, ev.ItemJudged) and judged.operator == "student-07"
    assert told(desk.now.operator) == "student-07"


def test_a_clock_that_jumps_makes_no_due_date_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The date jumps while the monotonic clock does not, as when a person sets the machine's clock."""
    off = 0
    real = FakeClock.day
    monkeypatch.setattr(FakeClock, "day", lambda clock, ahead=0: real(clock, ahead + off))
    desk = Desk()
    desk.check(fail=CRITICAL)
    due = desk.open[0].due
    off = -400
    desk.as_("bea").check(fail=CRITICAL)
    (one,) = desk.open
    assert one.due < due, "the earlier of the two dates must be kept"
    assert not desk.now.flags[0].overdue
    off = 400
    desk.as_("ann").check(fail=CRITICAL)
    assert desk.open[0].due == one.due
    assert desk.now.flags[0].overdue


def test_a_set_is_one_item(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures in part 2 and part 3 of a set are one correction. The machine must have found both parts good."""
    monkeypatch.setitem(simulated_bench.CATALOG, DVD, record(DVD, parts=3, material="dvd", price=""))
    desk = Desk(corrections=Corrections(from_severity="minor"))
    desk.tags |= {DVD: desk.world.tag(9)}

    def part(number: int) -> None:
        desk.lift()
        desk.tags[DVD] = desk.world.tag(20 + number)
        desk.scan(DVD)
        desk.part(number)
        desk.world.place(desk.tags[DVD])
        desk.look(4)
        desk.pass_all()
        assert desk.now.phase is Phase.DONE

    part(1)
    part(2)
    found = [one for one in desk.both.open_corrections(DVD) if one.recheck.value == "machine"]
    assert found and all(one.parts == (1, 2) for one in found)


def test_an_order_is_carried_out_by_all_checks_whatever_the_sampling_plan_says() -> None:
    """The draw asks for no check, but the order is older than the draw."""
    drawn = ItemDrawn(
        barcode=BOOK,
        part=1,
        asked=False,
        reason=Sentence.verbatim("not in the sample"),
        draws=(),
        streams=(),
        operator="w-bea",
    )
    desk = Desk("bea")
    ordered(desk)
    desk.scan(BOOK)
    in_hand = desk.bench._flow().in_hand
    assert in_hand is not None
    in_hand.drawn = drawn
    rules = {rule.id: rule for rule in simulated_bench.RULES.rules}
    assert asks(in_hand)(rules[MAJOR])
    in_hand.flags = ()
    assert not asks(in_hand)(rules[MAJOR])


def test_a_check_that_was_left_out_makes_it_no_recheck() -> None:
    """The pure function: the same findings with one that the plan left out."""
    order = recheck_order(
        "o", simulated_bench.CATALOG[BOOK], 1, worker="w-tim", due="", found_by="machine", reason=EMPTY
    )
    good = Finding("a", "A", Severity.MAJOR, Outcome.PASS, "w-bea")
    out = Finding("b", "B", Severity.MAJOR, Outcome.NOT_SAMPLED, "w-bea")

    def done(*findings: Finding) -> int:
        who = {"operator": "w-bea", "role": Role.OPERATOR, "recheck_due": "", "second_look": False}
        return len(steps([opened(order)], findings, 1, Verdict.PASS, **who))  # type: ignore[arg-type]

    assert (done(good), done(good, out)) == (1, 0)


# --- the worker of an item ------------------------------------------------------------------------------------------


def whose(desk: Desk) -> str:
    (one,) = desk.open
    return one.worker


def test_what_was_passed_before_is_the_work_of_whoever_passed_it() -> None:
    desk = Desk("tim")
    desk.check()
    desk.as_("bea").check(fail=MAJOR)
    assert whose(desk) == "w-tim"


def test_what_a_person_finds_in_the_own_item_is_the_own_work() -> None:
    desk = Desk("tim")
    desk.check(fail=MAJOR)
    assert whose(desk) == "w-tim"


def test_a_failed_item_was_passed_by_nobody() -> None:
    desk = Desk("tim")
    desk.check(fail=CRITICAL)
    desk.as_("bea").check(fail=MAJOR)
    assert {one.rule: one.worker for one in desk.open}[MAJOR] == "w-bea"


def test_what_comes_from_a_vendor_is_nobodys_by_name_unless_somebody_passed_it() -> None:
    vendors = {BOOK: record(BOOK, vendor="YBP")}
    with unittest.mock.patch.dict(simulated_bench.CATALOG, vendors):
        desk = Desk("tim")
        desk.check(fail=MAJOR)
        assert whose(desk) == ""
        other = Desk("tim")
        other.check()
        other.as_("bea").check(fail=MAJOR)
        assert whose(other) == "w-tim"


def test_what_the_machine_finds_is_nobodys_by_name() -> None:
    with unittest.mock.patch.dict(simulated_bench.CATALOG, {BOOK: record(BOOK, status="missing")}):
        desk = Desk("tim")
        desk.check()
        assert {one.worker for one in desk.open} == {""}
