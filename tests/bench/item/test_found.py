"""An item that the operator chose in the search, because its barcode cannot be read."""

from __future__ import annotations

from station.domain.commands import AllGood, TakeFound
from station.domain.events import ItemScanned, ScanRefused, TagWriteStarted
from station.domain.findings import page
from station.domain.snapshot import Phase, Snapshot
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow
from tests.support.simulated_bench import BOOK, OTHER, Rig


def found(rig: Rig, barcode: str = BOOK) -> Snapshot:
    rig.bench.handle(TakeFound(barcode))
    return rig.now


def begun(rig: Rig) -> list[tuple[str, bool]]:
    return [(one.barcode, one.by_search) for one in rig.journal.events if isinstance(one, ItemScanned)]


def open_rules(shown: Snapshot) -> list[str]:
    return [shown.checks[at].rule for at in page(shown.checks, shown.current_check)]


def test_it_comes_to_hand_as_by_its_scan_and_the_journal_says_how() -> None:
    rig = Rig()
    rig.enter(Workflow.RELEASE)
    shown = found(rig)
    assert (shown.workflow, shown.phase, shown.item and shown.item.barcode) == (Workflow.PROCESS, Phase.NEED_TAG, BOOK)
    assert begun(rig) == [(BOOK, True)]


def test_what_no_barcode_proves_is_asked_on_pages_of_its_own() -> None:
    scanned, rig = Rig(), Rig()
    scanned.scan(BOOK)
    scanned.place(scanned.world.tag(1))
    assert len(open_rules(scanned.now)) > 1
    found(rig)
    assert open_rules(rig.place(rig.world.tag(1))) == ["title-in-hand"]
    rig.bench.handle(AllGood(("title-in-hand", "spine-label")))
    assert open_rules(rig.now) == ["title-in-hand"]
    assert rig.pass_all().verdict is Verdict.PASS


def test_it_is_never_the_second_gesture_of_overwriting() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    rig.scan(OTHER)
    rig.place(tag)
    rig.pass_all()
    rig.lift()
    found(rig)
    rig.place(tag)
    assert rig.choose("overwrite").phase is Phase.STOPPED
    assert found(rig).phase is Phase.STOPPED
    assert len([one for one in rig.journal.events if isinstance(one, TagWriteStarted)]) == 1


def test_an_item_in_checks_is_finished_first_and_a_refused_barcode_changes_nothing() -> None:
    rig = Rig()
    found(rig)
    rig.place(rig.world.tag(1))
    assert found(rig, OTHER).notice.code == "notice.checks-first"
    assert found(rig, "12345").phase is Phase.CHECKING
    assert isinstance(rig.journal.events[-1], ScanRefused)
    assert begun(rig) == [(BOOK, True)]


def test_a_write_that_is_taken_up_after_a_kill_still_asks_for_the_item_alone() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    found(rig)
    rig.world.lift_at_write = 2
    rig.place(tag)
    rig.start()
    rig.place(tag)
    assert begun(rig) == [(BOOK, True), (BOOK, True)]
    assert open_rules(rig.now) == ["title-in-hand"]
