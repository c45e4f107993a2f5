"""Items that leave the library: a withdrawal and a lease return, answered at the bench, journaled tap by tap, and
resumed."""

from __future__ import annotations

import msgspec
import pytest

from station.base.sentence import Sentence
from station.bench.workflows.withdraw.workflow import MOVES, Trigger
from station.domain import events
from station.domain.commands import Answer
from station.domain.correction_states import CorrectionKind, Result
from station.domain.deliveries.intents import WithdrawIntent
from station.domain.events import (
    CheckAnswered,
    CorrectionClosed,
    CorrectionOpened,
    WithdrawalBegan,
    WithdrawalJudged,
    WithdrawalLeft,
)
from station.domain.findings import Outcome
from station.domain.item import Barcode
from station.domain.people.rights import Role
from station.domain.people.sign_on import MACHINE
from station.domain.ports import Worker
from station.domain.snapshot import Light, Phase, Snapshot, Sound
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.workflows import WithdrawState, WithdrawView, Workflow
from tests.support.simulated_bench import BOOK, CATALOG, OTHER, UNKNOWN, Rig, record
from tests.support.told import told

DUE = Barcode("31234000000073")
KEPT = Barcode("31234000000081")


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOG, DUE, record(DUE, item_type="LEASE", notes=("Box 7",)))
    monkeypatch.setitem(CATALOG, KEPT, record(KEPT, retained=True))


class WithdrawRig(Rig):
    """The bench with the checklists for items that leave."""

    def open(self, task: str = "withdrawal") -> Snapshot:
        self.enter(Workflow.WITHDRAW)
        return self.act("task", task)

    @property
    def view(self) -> WithdrawView:
        assert isinstance(self.now.workflow_view, WithdrawView)
        return self.now.workflow_view

    @property
    def open_check(self) -> str:
        return self.now.checks[self.now.current_check].rule

    def tap(self, outcome: Outcome = Outcome.PASS, reason: str = "") -> Snapshot:
        """Answer the open check; a pass that needs a reason gets the last one offered."""
        check = self.now.checks[self.now.current_check]
        needed = check.pass_reasons[-1] if check.pass_reasons and outcome is Outcome.PASS else ""
        self.bench.handle(Answer(check.rule, outcome, reason or told(needed)))
        return self.now

    def finish(self) -> Snapshot:
        """Pass every open check."""
        while self.now.phase is Phase.CHECKING:
            before = self.now.current_check
            self.tap()
            assert self.now.phase is not Phase.CHECKING or self.now.current_check > before
        return self.now

    def tagged(self, barcode: str = BOOK) -> Uid:
        """Process an item, so that the journal knows its tag; then open the withdrawal."""
        uid = self.world.tag(len(self.world.tags) + 1)
        self.scan(barcode)
        self.place(uid)
        self.pass_all()
        self.lift()
        self.open()
        return uid

    def erase(self, uid: Uid) -> None:
        """Erase the tag, as the workflow Erase does."""
        tag = self.world.tags[uid]
        tag.memory[:], tag.afi, tag.dsfid = bytes(len(tag.memory)), 0, 0
        self.journal.record(events.TagErased(attempt=f"e-{uid}", uid=uid, barcode=BOOK))

    def of(self, kind: type[msgspec.Struct]) -> list[events.AnyEvent]:
        return [event for event in self.journal.events if type(event) is kind]


def test_a_withdrawal_is_answered_tap_by_tap_and_judged() -> None:
    rig = WithdrawRig()
    assert told(rig.open().prompt) == "Scan the item to withdraw"
    shown = rig.scan(BOOK)
    assert (shown.phase, shown.item and shown.item.barcode) == (Phase.CHECKING, BOOK)
    asked = []
    while rig.now.phase is Phase.CHECKING:
        asked.append(rig.open_check)
        rig.tap()
    assert asked == ["title-in-hand", "tag-released", "marks-cancelled"]
    assert (rig.now.verdict, rig.now.light, rig.now.state) == (Verdict.PASS, Light.GOOD, "done-pass")
    assert [type(event) for event in rig.journal.events][-5:] == [
        WithdrawalBegan,
        *[CheckAnswered] * 3,
        WithdrawalJudged,
    ]
    (judged,) = rig.of(WithdrawalJudged)
    assert isinstance(judged, WithdrawalJudged)
    assert (judged.task, judged.barcode, judged.verdict) == ("withdrawal", BOOK, Verdict.PASS)
    assert {one.rule for one in judged.findings if one.outcome is Outcome.PASS} == set(asked)
    assert "barcode-known" in judged.passed
    # it is not a verdict about the work on the item, and sends no delivery
    assert not rig.of(events.ItemJudged) and not rig.journal.deliveries


def test_a_commitment_to_keep_the_piece_is_said_at_once_and_fails() -> None:
    rig = WithdrawRig()
    rig.open()
    shown = rig.scan(KEPT)
    assert shown.notice.code == "withdraw.stops" and shown.sound is Sound.BAD
    rig.finish()
    assert (rig.now.verdict, rig.now.light) == (Verdict.FAIL, Light.BAD)
    (opened,) = rig.of(CorrectionOpened)
    assert isinstance(opened, CorrectionOpened)
    assert (opened.rule, opened.found_by, opened.worker) == ("retention-kept", MACHINE, "")
    assert [told(flag.title) for flag in rig.now.flags] == [told(opened.title)]


def test_a_persons_fail_is_the_work_of_who_does_it_now_and_the_next_pass_mends_it() -> None:
    rig = WithdrawRig()
    rig.open()
    rig.scan(BOOK)
    rig.tap()
    rig.tap()
    rig.tap(Outcome.FAIL, "Barcode not struck out")
    (opened,) = rig.of(CorrectionOpened)
    assert isinstance(opened, CorrectionOpened)
    assert (opened.rule, opened.worker) == ("marks-cancelled", rig.now.worker)
    assert rig.now.verdict is Verdict.FAIL
    rig.scan(BOOK)
    for _ in range(3):
        rig.tap()
    assert rig.now.verdict is Verdict.PASS and rig.now.flags == ()
    assert rig.of(events.CorrectionMended)


def test_the_tag_on_the_pad_is_looked_at_and_looked_at_again_when_it_was_erased() -> None:
    rig = WithdrawRig()
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    rig.pass_all()
    rig.lift()
    rig.open()
    rig.scan(BOOK)
    rig.tap()  # the title was answered before the item was placed: that answer stays
    rig.place(uid)
    rig.look(2)
    assert f"still has the barcode {BOOK}" in told(rig.now.notice.sentence) and rig.now.tag_uid == uid
    assert [check.rule for check in rig.now.checks] == ["title-in-hand", "marks-cancelled"]
    assert rig.open_check == "marks-cancelled"
    writes = rig.world.tags[uid].writes
    rig.enter(Workflow.INSPECT)
    tag = rig.world.tags[uid]
    tag.memory[:], tag.afi, tag.dsfid = bytes(len(tag.memory)), 0, 0  # another program erases it
    rig.enter(Workflow.WITHDRAW)
    rig.look(3)
    rig.tap()
    (judged,) = rig.of(WithdrawalJudged)
    assert isinstance(judged, WithdrawalJudged)
    assert (judged.verdict, judged.uid) == (Verdict.PASS, uid)
    assert "tag-released" in judged.passed
    assert rig.world.tags[uid].writes == writes, "a checklist must write nothing"


def test_the_tag_of_another_item_is_not_taken_for_this_ones() -> None:
    rig = WithdrawRig()
    uid = rig.world.tag(1)
    rig.scan(OTHER)
    rig.place(uid)
    rig.pass_all()
    rig.open()
    rig.scan(BOOK)
    rig.look(3)
    assert rig.now.fault is not None and rig.now.fault.code == "other-leaves"
    assert f'Another item is on the pad: "Title of {OTHER}"' in told(rig.now.fault.sentence)
    assert (rig.now.light, rig.now.sound) == (Light.BAD, Sound.BAD)
    rig.bench.handle(Answer("title-in-hand", Outcome.PASS))
    assert not rig.of(CheckAnswered)[-1:] or rig.of(CheckAnswered)[-1].barcode == OTHER, (
        "it may be about the other item"
    )
    assert rig.lift().fault is None and rig.open_check == "title-in-hand"
    assert "tag-released" in {check.rule for check in rig.now.checks} and rig.now.tag_uid == ""
    rig.place(uid)
    rig.look(3)
    rig.choose("set-aside")
    assert rig.view.state is WithdrawState.FREE and rig.now.fault is None


def test_the_tag_is_not_passed_by_a_blind_tap() -> None:
    rig = WithdrawRig()
    rig.open()
    rig.scan(BOOK)
    rig.tap()
    assert tuple(map(told, rig.now.checks[rig.now.current_check].pass_reasons)) == (
        "Tag cut up",
        "Tag does not answer",
        "It has no tag",
    )
    rig.bench.handle(Answer("tag-released", Outcome.PASS))
    assert rig.open_check == "tag-released" and rig.now.notice.code == "withdraw.say-how"
    rig.tap(reason="no-tag")
    rig.tap()
    (judged,) = rig.of(WithdrawalJudged)
    assert isinstance(judged, WithdrawalJudged)
    assert [(told(one.reason), one.code) for one in judged.findings if one.rule == "tag-released"] == [
        ("it has no tag", "no-tag")
    ]


def test_a_tag_that_the_journal_knows_stays_open_until_it_is_erased() -> None:
    rig = WithdrawRig()
    uid = rig.tagged()
    rig.scan(BOOK)
    rig.tap()
    check = rig.now.checks[rig.now.current_check]
    assert (check.rule, told(check.expectation)) == ("tag-released", f"Tag ...{uid[-6:]}")
    assert tuple(map(told, check.pass_reasons)) == ("Tag cut up", "Tag does not answer"), (
        "the journal knows that it has a tag"
    )
    rig.tap(Outcome.ABSTAINED)
    rig.finish()
    assert (rig.now.verdict, rig.now.light) == (Verdict.PASS, Light.WARNING)
    assert told(rig.now.prompt) == "Checked. Erase its tag, then it may leave"
    assert not rig.of(CorrectionOpened)
    rig.enter(Workflow.ERASE)
    rig.erase(uid)
    rig.open()
    rig.scan(BOOK)
    assert "tag-released" not in {check.rule for check in rig.now.checks}, "the journal has its erasure"
    assert rig.finish().light is Light.GOOD


def test_an_item_can_be_checked_after_the_library_system_deleted_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = WithdrawRig()
    rig.tagged()
    monkeypatch.delitem(CATALOG, BOOK)
    assert rig.scan(BOOK).notice.code == "barcode-unknown"
    rig.journal.record(events.DeliveryOrdered(system="alma", intent=WithdrawIntent(barcode=BOOK)))
    shown = rig.scan(BOOK)
    assert shown.phase is Phase.CHECKING and shown.item is not None and shown.item.title == f"Title of {BOOK}"


def test_that_the_library_system_deleted_a_withdrawn_item_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = WithdrawRig()
    rig.tagged()
    monkeypatch.setitem(CATALOG, BOOK, record(BOOK, unknown_to="alma"))
    rig.scan(BOOK)
    assert rig.finish().verdict is Verdict.FAIL, "nobody ordered its deletion"
    rig.journal.record(events.DeliveryOrdered(system="alma", intent=WithdrawIntent(barcode=BOOK)))
    rig.scan(BOOK)
    assert rig.finish().verdict is Verdict.PASS


def test_another_blank_tag_on_the_pad_is_not_the_erased_tag() -> None:
    rig = WithdrawRig()
    rig.tagged()
    rig.scan(BOOK)
    rig.place(rig.world.tag(9))
    rig.look(3)
    assert "tag-released" in {check.rule for check in rig.now.checks}


def test_a_live_tag_on_the_pad_leaves_the_check_open_and_opens_no_correction() -> None:
    rig = WithdrawRig()
    uid = rig.tagged()
    rig.scan(BOOK)
    rig.place(uid)
    rig.look(3)
    rig.finish()
    assert (rig.now.verdict, rig.now.light) == (Verdict.PASS, Light.WARNING)
    assert not rig.of(CorrectionOpened) and not rig.now.flags


def test_the_check_closes_when_the_tag_is_erased_before_the_last_answer() -> None:
    rig = WithdrawRig()
    uid = rig.tagged()
    rig.scan(BOOK)
    rig.tap()
    rig.tap(Outcome.ABSTAINED)
    rig.enter(Workflow.ERASE)
    rig.erase(uid)
    rig.enter(Workflow.WITHDRAW)
    assert [check.rule for check in rig.now.checks] == ["title-in-hand", "marks-cancelled"]
    assert rig.tap().light is Light.GOOD


def test_the_rules_of_new_items_do_not_judge_an_item_that_leaves() -> None:
    rig = WithdrawRig()
    opened = CorrectionOpened(
        correction="c-1",
        barcode=BOOK,
        rule="spine-label",
        title=Sentence.verbatim("Spine label"),
        due="2026-12-01",
        owner="Cataloging",
    )
    rig.journal.record(opened)
    rig.open()
    rig.scan(BOOK)
    assert rig.now.flags == ()
    assert (rig.finish().light, told(rig.now.prompt)) == (Light.GOOD, "Done: it may leave. Scan the next one")


def test_what_was_to_fix_on_a_new_item_ends_with_its_withdrawal() -> None:
    rig = WithdrawRig()
    fix = CorrectionOpened(
        correction="label", barcode=BOOK, rule="spine-label", title=Sentence.verbatim("Spine label"), due="2026-12-01"
    )
    rig.journal.record(
        fix, msgspec.structs.replace(fix, correction="again", rule="", what=CorrectionKind.RECHECK, worker="w-tim")
    )
    rig.open()
    rig.scan(BOOK)
    rig.tap()
    rig.tap()
    rig.tap(Outcome.FAIL, "Barcode not struck out")
    assert len(rig.journal.open_corrections(BOOK)) == 3, "it does not leave yet"
    rig.scan(BOOK)
    assert rig.finish().verdict is Verdict.PASS
    assert rig.journal.open_corrections(BOOK) == ()
    ended = {event.correction: event for event in rig.of(CorrectionClosed) if isinstance(event, CorrectionClosed)}
    assert set(ended) == {"label", "again"}, "canceled marks were mended"
    assert {(one.result, told(one.reason), one.operator) for one in ended.values()} == {
        (Result.WITHDRAWN, "Withdrawn", rig.now.worker)
    }


def test_a_lease_return_has_its_own_questions() -> None:
    rig = WithdrawRig()
    assert told(rig.open("lease-return").prompt) == "Scan the leased item to return"
    rig.scan(DUE)
    asked = []
    while rig.now.phase is Phase.CHECKING:
        asked.append(rig.open_check)
        rig.tap()
    assert asked == ["title-in-hand", "tag-released", "own-marks-off", "note-read"]
    (judged,) = rig.of(WithdrawalJudged)
    assert isinstance(judged, WithdrawalJudged) and judged.task == "lease-return"


def test_it_is_taken_up_after_the_end_of_the_station_with_every_answer() -> None:
    rig = WithdrawRig()
    rig.open("lease-return")
    rig.scan(DUE)
    rig.tap()
    rig.tap()
    rig.start()
    assert (rig.now.workflow, rig.now.phase, rig.view.task) == (Workflow.WITHDRAW, Phase.CHECKING, "lease-return")
    assert rig.open_check == "own-marks-off" and DUE in told(rig.now.notice.sentence)
    assert [check.answer is not None for check in rig.now.checks] == [True, True, False, False]
    rig.tap(Outcome.FAIL, "Marks of ours left")
    rig.tap()
    (judged,) = rig.of(WithdrawalJudged)
    assert isinstance(judged, WithdrawalJudged)
    assert len([one for one in judged.findings if one.by == rig.now.worker]) == 5, (
        "the first tap must include the check of damage"
    )
    rig.start()
    assert rig.now.workflow is Workflow.PROCESS, "a judged checklist must not be resumed"


def test_not_applicable_is_refused_and_an_older_journals_is_asked_again() -> None:
    """An older version journaled "not applicable" for a critical rule. Its open checklist asks that check again."""
    rig = WithdrawRig()
    rig.open()
    rig.scan(BOOK)
    assert rig.tap(Outcome.NOT_APPLICABLE).notice.code == "notice.must-look" and rig.open_check == "title-in-hand"
    rig.tap()
    at = max(at for at, event in enumerate(rig.journal.events) if type(event) is CheckAnswered)
    answered = rig.journal.events[at]
    assert isinstance(answered, CheckAnswered)
    older = msgspec.structs.replace(answered.finding, outcome=Outcome.NOT_APPLICABLE)
    rig.journal.events[at] = msgspec.structs.replace(answered, finding=older)
    rig.start()
    assert rig.open_check == "title-in-hand"


def test_an_older_journals_blind_pass_of_the_tag_is_asked_again() -> None:
    rig = WithdrawRig()
    rig.open()
    rig.scan(BOOK)
    rig.tap()
    rig.tap()
    at = max(at for at, event in enumerate(rig.journal.events) if type(event) is CheckAnswered)
    answered = rig.journal.events[at]
    assert isinstance(answered, CheckAnswered) and answered.finding.code == "no-tag"
    older = msgspec.structs.replace(answered.finding, code="", reason="")
    rig.journal.events[at] = msgspec.structs.replace(answered, finding=older)
    rig.start()
    assert rig.open_check == "tag-released"


def test_the_end_between_the_last_answer_and_the_verdict() -> None:
    rig = WithdrawRig()
    rig.open()
    rig.scan(BOOK)
    for _ in range(3):
        rig.tap()
    assert type(rig.journal.events.pop()) is WithdrawalJudged
    rig.start()
    assert rig.now.verdict is Verdict.PASS and len(rig.of(WithdrawalJudged)) == 1


def test_a_tag_that_comes_does_not_answer_a_check_that_was_opened_again() -> None:
    rig = WithdrawRig()
    rig.open()
    rig.scan(BOOK)
    rig.tap()
    rig.reopen()
    rig.place(rig.world.tag(1))
    rig.look(3)
    assert rig.now.tag_uid and rig.open_check == "title-in-hand"


def test_back_late_taps_and_other_items() -> None:
    rig = WithdrawRig()
    rig.open()
    rig.scan(BOOK)
    rig.tap()
    rig.bench.handle(Answer("title-in-hand", Outcome.PASS))
    assert rig.now.current_check == 1, "a late tap must do nothing"
    rig.reopen()
    rig.tap(Outcome.FAIL, "Other title")
    assert rig.scan(OTHER).sound is Sound.WARNING and rig.now.item and rig.now.item.barcode == BOOK
    rig.act("task", "lease-return")
    assert rig.view.task == "withdrawal", "the task must not change during an item"
    rig.cancel()
    assert (rig.view.state, rig.now.item) == (WithdrawState.FREE, None)
    (left,) = rig.of(WithdrawalLeft)
    assert isinstance(left, WithdrawalLeft) and left.barcode == BOOK
    rig.start()
    assert rig.now.workflow is Workflow.PROCESS, "a checklist that was left must not be resumed"
    rig.open()
    rig.scan("rubbish")
    assert rig.now.notice.code == "barcode-malformed" and rig.view.state is WithdrawState.FREE
    rig.scan(UNKNOWN)
    assert rig.now.notice.code == "barcode-unknown" and not rig.now.checks


def test_an_item_in_hand_in_the_main_job_is_not_answered_here() -> None:
    rig = WithdrawRig()
    rig.scan(OTHER)
    rig.place(rig.world.tag(1))
    rig.lift()
    waits = rig.now.checks
    rig.open()
    rig.scan(BOOK)
    for _ in range(3):
        rig.tap()
    rig.cancel()
    rig.enter(Workflow.PROCESS)
    assert rig.now.checks == waits and rig.now.current_check == 0


class Staff:
    """`ports.Workforce` with one trainee."""

    def find(self, name: str) -> Worker:
        return Worker(id="tim", name=name or "Tim", role=Role.TRAINEE)


def test_a_trainee_gets_one_tap_a_rule() -> None:
    rig = WithdrawRig(people=Staff())
    rig.open("lease-return")
    rig.scan(DUE)
    assert [check.rule for check in rig.now.checks] == [
        "title-in-hand", "undamaged", "tag-released", "own-marks-off", "note-read"
    ]  # fmt: skip


@pytest.mark.parametrize("state", list(WithdrawState))
@pytest.mark.parametrize("trigger", list(Trigger))
def test_the_law_of_a_checklist(state: WithdrawState, trigger: Trigger) -> None:
    """The next item cannot begin while the checks of an item are open; only open checks can be judged or left."""
    allowed = {
        WithdrawState.FREE: {Trigger.BEGUN},
        WithdrawState.ASKING: {Trigger.JUDGED, Trigger.LEFT},
        WithdrawState.DONE: {Trigger.BEGUN, Trigger.PUT_DOWN},
    }
    assert ((state, trigger) in MOVES) is (trigger in allowed.get(state, set()))
