"""Bad input for quality control at a bench: a worker leaves in the middle of a checklist, one item is on two
benches."""

from __future__ import annotations

from station.domain.commands import Answer, SignOn
from station.domain.events import ItemJudged, ItemSetAside
from station.domain.findings import Outcome
from station.domain.snapshot import Phase
from station.domain.verdict import Verdict
from tests.bench.item.test_corrections import CRITICAL, Desk
from tests.support.simulated_bench import BOOK, OTHER, Rig
from tests.support.told import told


def begun(desk: Desk) -> None:
    """Place BOOK and answer its first check."""
    desk.scan(BOOK)
    desk.world.place(desk.tags[BOOK])
    desk.look(4)
    assert desk.now.phase is Phase.CHECKING
    assert len(desk.now.checks) > 1
    desk.bench.handle(Answer(desk.now.checks[0].rule, Outcome.PASS))
    assert desk.now.current_check == 1


def test_a_worker_who_vanishes_leaves_the_item_in_hand_and_the_next_one_is_named() -> None:
    """The worker's answers stay theirs; the verdict names who began the item and who finished it."""
    desk = Desk("ann")
    begun(desk)
    desk.clock.pause(4 * 3600)
    desk.look(10)
    assert (desk.now.phase, desk.now.current_check) == (Phase.CHECKING, 1), "time alone must not judge"
    assert desk.journaled(ItemJudged) == []
    desk.bench.handle(SignOn("bea"))
    while desk.now.phase is Phase.CHECKING:
        desk.bench.handle(Answer(desk.now.checks[desk.now.current_check].rule, Outcome.PASS))
    (judged,) = desk.journaled(ItemJudged)
    assert isinstance(judged, ItemJudged)
    assert (judged.operator, judged.finished_by) == ("w-ann", "w-bea")
    by = {one.by for one in judged.findings if one.by != "machine"}
    assert by == {"w-ann", "w-bea"}


def test_a_worker_who_vanishes_for_good_costs_the_item_nothing_but_its_checks() -> None:
    """Another item can be scanned only after this one was set aside; it then has no verdict and is checked again from
    the beginning."""
    desk = Desk("ann")
    begun(desk)
    desk.lift()
    desk.scan(OTHER)
    assert desk.now.item is not None
    assert desk.now.item.barcode == BOOK, "a scan must not replace an item during its checks"
    desk.cancel()
    assert desk.journaled(ItemJudged) == []
    assert isinstance(desk.journaled(ItemSetAside)[0], ItemSetAside)
    shown = desk.as_("bea").check()
    assert shown.verdict is Verdict.PASS
    assert len(desk.journaled(ItemJudged)) == 1


def test_a_bench_that_ends_in_mid_checklist_gives_no_verdict() -> None:
    desk = Desk("ann")
    begun(desk)
    desk.start()  # kill -9 and a restart
    assert desk.now.phase is not Phase.DONE
    assert desk.journaled(ItemJudged) == []
    assert desk.check().verdict is Verdict.PASS


def test_one_item_on_two_benches_has_one_correction_and_two_verdicts() -> None:
    """Two benches with one journal process the same item at once: both fail it, and both results are kept."""
    first = Desk("ann")
    second = Rig(first.settings, first.world, first.both, first.force)
    second.bench.handle(SignOn("bea"))
    begun(first)
    second.scan(BOOK)
    second.look(4)
    assert second.now.phase is Phase.CHECKING, second.now.fault
    for rig in (first, second):
        while rig.now.phase is Phase.CHECKING:
            check = rig.now.checks[rig.now.current_check]
            wrong = check.rule == CRITICAL or CRITICAL in {one.rule for one in check.covers}
            outcome = Outcome.FAIL if wrong else Outcome.PASS
            rig.bench.handle(Answer(check.rule, outcome, told(check.reasons[0]) if wrong else ""))
        assert rig.now.phase is Phase.DONE, rig.now.fault
    judged = first.journaled(ItemJudged)
    assert [one.operator for one in judged if isinstance(one, ItemJudged)] == ["w-ann", "w-bea"]
    assert second.now.verdict is Verdict.FAIL
    open_ones = [one for one in first.open if one.rule == CRITICAL]
    assert len(open_ones) == 1, "the second report must join the open correction"
