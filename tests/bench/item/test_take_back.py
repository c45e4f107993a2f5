"""Back after a verdict: the last answer and the verdict are taken back, for ten seconds after the item was lifted, for
twenty in all, or until the next scan."""

from __future__ import annotations

import msgspec
import pytest

from station.domain.commands import Reopen, SetSecurity
from station.domain.events import CheckAnswered, CorrectionClosed, ItemJudged, VerdictTakenBack
from station.domain.findings import Outcome
from station.domain.snapshot import Light, Phase, Snapshot
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow
from tests.bench.item.test_page_of_checks import all_good, open_rules
from tests.bench.item.test_rules import at_the_checks
from tests.support.simulated_bench import BOOK, OTHER, SETTINGS, Rig
from tests.support.told import told


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    at_the_checks(made)
    return made


def take_back(rig: Rig) -> tuple[str, Snapshot]:
    """Send the command with a ticket, as another program does; return the code of its answer."""
    rig.bench.handle(Reopen(), "t")
    return next(one.code for one in reversed(rig.now.answered) if one.ticket == "t"), rig.now


def test_the_whole_last_tap_is_taken_back_and_nothing_is_sent(rig: Rig) -> None:
    rules = open_rules(rig.now)
    assert all_good(rig).take_back_s == 20
    (sent,) = rig.journal.deliveries
    assert sent.wait_s == 20
    code, now = take_back(rig)
    assert (code, now.phase, now.verdict) == ("notice.taken-back", Phase.CHECKING, None)
    assert open_rules(now) == rules
    assert rig.journal.deliveries == []
    assert rig.answer(Outcome.FAIL, now.checks[0].reasons[0], now.checks[0].rule).phase is Phase.CHECKING
    assert all_good(rig).verdict is Verdict.FAIL
    told = [type(one) for one in rig.journal.events if not isinstance(one, CheckAnswered)]
    assert told[-1] is ItemJudged
    assert told.index(VerdictTakenBack) > told.index(ItemJudged), "the journal keeps both verdicts"


def test_all_pages_that_were_passed_are_taken_back(rig: Rig) -> None:
    rules = open_rules(rig.now)
    all_good(rig, rules[:1])  # a small screen splits the page
    assert all_good(rig, rules[1:]).verdict is Verdict.PASS
    assert open_rules(take_back(rig)[1]) == rules


def test_an_item_that_was_lifted_and_put_back_during_the_checks_keeps_its_verdict_page(rig: Rig) -> None:
    (tag,) = rig.world.tags
    rig.lift()
    rig.place(tag)
    all_good(rig)
    shown = rig.look(3)
    assert (shown.phase, shown.verdict, shown.take_back_s > 0) == (Phase.DONE, Verdict.PASS, True)


def test_the_remaining_time_counts_down_and_then_the_verdict_is_final(rig: Rig) -> None:
    all_good(rig)
    rig.clock.pause(2.5)
    assert rig.look().take_back_s == 18
    rig.clock.pause(17.5)
    assert rig.look().take_back_s == 0
    assert take_back(rig)[0] == "notice.final"
    assert rig.now.verdict is Verdict.PASS


def test_lifting_the_passed_item_closes_its_page_and_leaves_ten_seconds(rig: Rig) -> None:
    rules = open_rules(rig.now)
    shown = all_good(rig)
    assert (shown.state, told(shown.prompt), shown.light) == ("done-lift", "Good. Take it off the pad", Light.GOOD)
    rig.clock.pause(3)
    idle = rig.lift()
    assert (idle.phase, idle.item, idle.verdict, idle.take_back_s) == (Phase.IDLE, None, None, 10)
    code, now = take_back(rig)
    assert (code, now.phase, open_rules(now)) == ("notice.taken-back", Phase.CHECKING, rules)
    assert now.item is not None and now.item.barcode == BOOK
    assert all_good(rig).state == "done-pass", "it is off the pad already, so its page waits for the next item"


def test_a_lifted_item_is_final_ten_seconds_later(rig: Rig) -> None:
    all_good(rig)
    rig.lift()
    rig.clock.pause(10)
    assert rig.look().take_back_s == 0
    assert take_back(rig)[0] == "notice.final"


def test_an_item_that_is_lifted_late_is_final_when_its_results_are_due(rig: Rig) -> None:
    all_good(rig)
    rig.clock.pause(15)
    assert rig.lift().take_back_s <= 5, "results wait twenty seconds in all"
    rig.clock.pause(5)
    assert take_back(rig)[0] == "notice.final"


@pytest.mark.parametrize("at_once", [False, True])
def test_the_next_item_on_the_pad_asks_for_its_scan_and_keeps_the_ten_seconds(rig: Rig, at_once: bool) -> None:
    all_good(rig)
    if at_once:
        rig.world.lift()
    else:
        rig.lift()
    rig.place(rig.world.tag(7))
    assert (rig.now.phase, rig.now.take_back_s > 8) == (Phase.NEED_SCAN, True)
    code, now = take_back(rig)
    assert (code, now.phase, told(now.tag_summary)) == ("notice.taken-back", Phase.CHECKING, "written and verified")
    assert rig.look(2).state == "checking-other", "no answer counts while the next item is on the pad"
    rig.lift()
    assert all_good(rig).verdict is Verdict.PASS


@pytest.mark.parametrize("workflow", [Workflow.INSPECT, Workflow.CONVERT])
def test_a_lifted_item_is_final_once_its_tag_or_another_line_is_worked_on(rig: Rig, workflow: Workflow) -> None:
    all_good(rig)
    (tag,) = rig.world.tags
    rig.lift()
    rig.enter(workflow)
    if workflow is Workflow.INSPECT:
        rig.place(tag)
        rig.ask(SetSecurity(barcode=BOOK, secure=False, source="Alma"))
        rig.lift()
    rig.enter(Workflow.PROCESS)
    assert (rig.now.phase, rig.now.take_back_s) == (Phase.IDLE, 0)
    assert take_back(rig)[0] == "notice.final"


def test_a_finished_item_that_comes_back_is_known_by_its_tag(rig: Rig) -> None:
    all_good(rig)
    (tag,) = rig.world.tags
    rig.lift()
    rig.place(tag)
    assert (rig.now.phase, rig.now.finished is not None) == (Phase.NEED_SCAN, True)
    rig.lift()
    rig.place(rig.world.tag(7))
    assert (rig.now.phase, rig.now.finished) == (Phase.NEED_SCAN, None)


def test_a_failed_item_keeps_its_page_after_it_was_lifted(rig: Rig) -> None:
    check = rig.now.checks[0]
    rig.answer(Outcome.FAIL, check.reasons[0], check.rule)
    all_good(rig)
    rig.lift()
    assert (rig.now.phase, rig.now.state, rig.now.verdict) == (Phase.DONE, "done-fail", Verdict.FAIL)


@pytest.mark.parametrize("text", [BOOK, OTHER, "12345"])
def test_the_next_scan_makes_the_verdict_final(rig: Rig, text: str) -> None:
    all_good(rig)
    rig.scan(text)
    assert rig.now.take_back_s == 0
    assert take_back(rig)[0] == "notice.final"
    assert len(rig.journal.deliveries) == 1


def test_a_mistaken_fail_leaves_no_correction(rig: Rig) -> None:
    check = rig.now.checks[0]
    rig.answer(Outcome.FAIL, check.reasons[0], check.rule)
    assert all_good(rig).flags
    take_back(rig)
    assert rig.now.flags == ()
    assert isinstance(rig.journal.events[-2], CorrectionClosed)


def test_a_verdict_that_changed_an_earlier_correction_is_final(rig: Rig) -> None:
    check = rig.now.checks[0]
    rig.answer(Outcome.FAIL, check.reasons[0], check.rule)
    all_good(rig)
    rig.lift()
    rig.scan(BOOK)
    rig.place(next(iter(rig.world.tags)))
    assert rig.pass_all().verdict is Verdict.PASS
    assert rig.now.take_back_s == 0


def test_a_verdict_that_repeats_an_open_correction_is_final(rig: Rig) -> None:
    """The second report joins the correction that people act on."""
    check = rig.now.checks[0]
    for take_back_s in (20, 0):
        rig.answer(Outcome.FAIL, check.reasons[0], check.rule)
        all_good(rig)
        assert (rig.now.verdict, rig.now.take_back_s) == (Verdict.FAIL, take_back_s)
        rig.lift()
        rig.scan(BOOK)
        rig.place(next(iter(rig.world.tags)))


def test_a_delivery_that_has_begun_is_not_taken_back(rig: Rig) -> None:
    all_good(rig)
    rig.journal.sender_was_faster = True
    assert take_back(rig)[0] == "notice.final"
    assert rig.now.verdict is Verdict.PASS


def test_a_site_can_make_every_verdict_final_at_once() -> None:
    final = msgspec.structs.replace(SETTINGS, delivery=msgspec.structs.replace(SETTINGS.delivery, take_back_s=0.0))
    rig = Rig(final)
    at_the_checks(rig)
    assert all_good(rig).take_back_s == 0
    assert [one.wait_s for one in rig.journal.deliveries] == [0]


def test_an_item_left_in_mid_check_stays_in_sight_and_is_asked_anew(rig: Rig) -> None:
    rig.answer()
    assert rig.now.unjudged == (), "the item in hand is no reminder"
    rig.start()
    assert [one.barcode for one in rig.now.unjudged] == [BOOK]
    rig.lift()
    rig.scan(BOOK)
    assert (rig.now.unjudged, rig.now.notice.code) == ((), "notice.check-again")
    rig.place(next(iter(rig.world.tags)))
    assert (rig.now.phase, rig.now.current_check) == (Phase.CHECKING, 0)
    all_good(rig)
    assert rig.journal.unjudged() == ()


def test_after_a_take_back_the_item_has_no_verdict_even_after_a_restart(rig: Rig) -> None:
    all_good(rig)
    take_back(rig)
    rig.start()
    assert [one.barcode for one in rig.now.unjudged] == [BOOK]
