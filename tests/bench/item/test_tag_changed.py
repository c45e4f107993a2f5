"""The tag of the item in hand is changed during the checks: the item gets no verdict on a tag that is no longer so."""

from __future__ import annotations

from station.domain.commands import Act, EndJob, Enter, Scan, SetSecurity
from station.domain.events import ItemJudged, ItemSetAside
from station.domain.snapshot import Phase
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow
from tests.bench.item.test_page_of_checks import all_good
from tests.bench.item.test_rules import at_the_checks
from tests.bench.test_jobs import JOB
from tests.bench.workflows.retag.test_retag import in_model
from tests.support.simulated_bench import BOOK, Rig
from tests.support.told import told


def set_aside(rig: Rig) -> list[str]:
    return [told(event.reason) for event in rig.journal.events if isinstance(event, ItemSetAside)]


def judged(rig: Rig) -> bool:
    return any(isinstance(event, ItemJudged) for event in rig.journal.events)


def test_an_erased_tag_sets_the_item_aside() -> None:
    rig = Rig()
    at_the_checks(rig)
    rig.enter(Workflow.ERASE)
    rig.look(2)
    rig.act("want")
    rig.scan(BOOK)
    rig.enter(Workflow.PROCESS)
    assert rig.now.item is None and rig.now.phase is Phase.IDLE
    assert set_aside(rig) == ["its tag was erased"] and not judged(rig)
    assert rig.now.unjudged == ()


def test_a_migrated_tag_sets_the_item_aside() -> None:
    """Another program wrote another layout to the tag of the item in check, and the operator migrates it back."""
    rig = Rig()
    uid = at_the_checks(rig).tag_uid
    tag, other = rig.world.tags[uid], in_model("28560-3", BOOK)
    vars(tag).update(other)
    rig.enter(Workflow.MIGRATE)
    rig.look(2)
    rig.act("want")
    rig.scan(BOOK)
    assert (tag.afi, tag.dsfid) == (0x07, 0x06)
    rig.enter(Workflow.PROCESS)
    assert rig.now.item is None and rig.now.phase is Phase.IDLE
    assert set_aside(rig) == ["its tag was changed elsewhere"] and not judged(rig)


def test_an_undo_that_is_cut_off_sets_the_item_aside() -> None:
    rig = Rig()
    at_the_checks(rig)
    rig.enter(Workflow.INSPECT)
    rig.look(2)
    rig.act("undo")
    rig.world.lift_at_write = 2
    rig.act("undo-yes")
    rig.enter(Workflow.PROCESS)
    assert rig.now.item is None and set_aside(rig) == ["its tag write was undone"]


def test_another_security_sets_the_item_aside() -> None:
    rig = Rig()
    at_the_checks(rig)
    rig.enter(Workflow.CONVERT)  # the item waits in Process, and the pad is free for other programs
    assert rig.ask(SetSecurity(barcode=BOOK, secure=False, source="Alma")).refusal is None
    rig.enter(Workflow.PROCESS)
    assert rig.now.item is None and set_aside(rig) == ["its tag was changed elsewhere"]


def test_a_verdict_stays_when_only_the_security_changes_and_can_no_longer_be_taken_back() -> None:
    rig = Rig()
    at_the_checks(rig)
    all_good(rig)
    assert rig.ask(SetSecurity(barcode=BOOK, secure=False, source="Alma")).refusal is None
    assert rig.now.verdict is Verdict.PASS
    assert rig.reopen().verdict is Verdict.PASS


def test_a_tag_that_another_program_changed_on_the_pad_gets_no_verdict() -> None:
    rig = Rig()
    uid = at_the_checks(rig).tag_uid
    tag = rig.world.tags[uid]
    tag.memory[:] = bytes(len(tag.memory))
    rig.clock.pause(3)
    now = all_good(rig)
    assert now.fault is not None and (now.phase, now.fault.code) == (Phase.STOPPED, "tag-changed")
    rig.lift()
    assert rig.now.phase is Phase.STOPPED, "lifting must not end it"
    rig.choose("set-aside")
    assert not judged(rig) and set_aside(rig) == ["This tag was changed after it was written."]
    rig.scan(BOOK)
    assert rig.place(uid).phase is Phase.CHECKING
    assert all_good(rig).verdict is Verdict.PASS


def test_a_tag_in_the_hand_is_not_read_again() -> None:
    rig = Rig()
    uid = at_the_checks(rig).tag_uid
    rig.lift()
    rig.world.tags[uid].afi = 0
    assert all_good(rig).verdict is Verdict.PASS


def test_a_tag_that_was_erased_before_its_scan_is_described_as_it_is_now() -> None:
    rig = Rig()
    at_the_checks(rig)
    all_good(rig)
    rig.lift()
    rig.place(*rig.world.tags)
    assert rig.now.phase is Phase.NEED_SCAN and BOOK in told(rig.now.tag_summary)
    rig.bench.handle(JOB, job=JOB.job)
    rig.bench.handle(Enter(Workflow.ERASE), job=JOB.job)
    rig.look(2)
    rig.bench.handle(Act("want"), job=JOB.job)
    rig.bench.handle(Scan(BOOK), job=JOB.job)
    rig.bench.handle(Enter(Workflow.PROCESS), job=JOB.job)
    rig.bench.handle(EndJob(JOB.job))
    rig.look()
    assert rig.now.phase is Phase.NEED_SCAN and BOOK not in told(rig.now.tag_summary)
