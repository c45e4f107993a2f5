"""A withdrawn item does not pass: not in process or convert, in a set, on a truck, or from another program."""

from __future__ import annotations

import pytest

from station.domain.commands import SetSecurity, UndoWrite, UpdateItem
from station.domain.deliveries.intents import WithdrawIntent
from station.domain.events import (
    BoxPacked,
    DefectFound,
    DeliveryOrdered,
    ItemJudged,
    ItemScanned,
    ScanRefused,
    TagWriteStarted,
    TagWriteVerified,
    TruckReleased,
    WithdrawalJudged,
)
from station.domain.snapshot import Phase
from station.domain.verdict import Verdict
from station.domain.workflows import InspectView, ReleaseView, SetView, UndoState, Workflow
from tests.bench.workflows.retag.test_retag import bench as retag_bench
from tests.bench.workflows.retag.test_retag import source_of
from tests.bench.workflows.retag.test_retag import view as retag_view
from tests.bench.workflows.sets.test_sets import lay
from tests.support.packing_bench import PackRig
from tests.support.simulated_bench import BOOK, CATALOG, DVD, Rig, record
from tests.support.told import told

LEAVES = f'"Title of {BOOK}" leaves the library. Put it with the items that leave the library.'


def withdraw(rig: Rig, barcode: str = BOOK) -> None:
    """Pass the checks of a withdrawal."""
    rig.journal.record(
        WithdrawalJudged(
            checklist="c",
            task="withdrawal",
            barcode=barcode,
            verdict=Verdict.PASS,
            findings=(),
            day="2026-11-30",
            item=record(barcode),
        )
    )


def passed() -> Rig:
    """Return a bench at which the book passed and was lifted."""
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.pass_all()
    assert rig.now.verdict is Verdict.PASS
    rig.lift()
    return rig


@pytest.mark.parametrize("workflow", [Workflow.PROCESS, Workflow.CONVERT])
def test_a_scan_of_a_withdrawn_item_stops_with_its_title(workflow: Workflow) -> None:
    rig = Rig()
    withdraw(rig)
    rig.enter(workflow)
    shown = rig.scan(BOOK)
    assert shown.fault is not None and shown.fault.code == "withdrawn"
    assert (
        f"Title of {BOOK}" in told(shown.fault.sentence)
        and told(shown.fault.do) == "Put it with the items that leave the library."
    )
    assert [choice.id for choice in shown.fault.choices] == ["dismiss"]
    uid = rig.world.tag(1)
    rig.place(uid)
    assert not rig.world.tags[uid].writes and rig.now.item is None
    assert not [event for event in rig.journal.events if isinstance(event, ItemScanned)]
    assert isinstance(rig.journal.events[-2], ScanRefused) and rig.journal.events[-2].code == "withdrawn"
    rig.choose("dismiss")
    assert rig.now.fault is None


def test_an_item_that_is_deleted_in_the_library_system_is_not_sent_to_cataloging(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = passed()
    monkeypatch.delitem(CATALOG, BOOK)
    rig.journal.record(DeliveryOrdered(system="alma", intent=WithdrawIntent(barcode=BOOK)))
    shown = rig.scan(BOOK)
    assert (
        shown.fault is not None and shown.fault.code == "withdrawn" and f"Title of {BOOK}" in told(shown.fault.sentence)
    )
    assert [choice.id for choice in shown.fault.choices] == ["dismiss"]


def test_an_item_withdrawn_during_its_checks_gets_no_verdict() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    withdraw(rig)
    rig.pass_all()
    assert rig.now.phase is Phase.STOPPED and rig.now.fault is not None and rig.now.fault.code == "withdrawn"
    assert not [event for event in rig.journal.events if isinstance(event, ItemJudged)]
    assert rig.cancel().fault is None


def test_an_item_withdrawn_before_its_tag_comes_is_not_written() -> None:
    rig = Rig()
    rig.scan(BOOK)
    withdraw(rig)
    rig.place(rig.world.tag(1))
    assert rig.now.fault is not None and rig.now.fault.code == "withdrawn"
    assert not [event for event in rig.journal.events if isinstance(event, TagWriteStarted)]


def test_a_half_written_tag_of_a_withdrawn_item_is_not_finished() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.world.lift_at_write = 3
    uid = rig.world.tag(1)
    rig.place(uid)
    rig.cancel()
    rig.look(2)
    withdraw(rig)
    before = rig.world.tags[uid].image()
    rig.place(uid)
    assert rig.now.fault is not None and rig.now.fault.code == "withdrawn"
    assert rig.world.tags[uid].image() == before


def test_the_tag_of_a_withdrawn_item_is_not_migrated() -> None:
    rig = retag_bench(Workflow.MIGRATE)
    uid = rig.world.tag(1, **source_of("28560-3"))
    withdraw(rig)
    shown = lay(rig, uid)
    assert told(retag_view(shown).refused) == LEAVES and not retag_view(shown).commands
    rig.act("want")
    rig.scan(BOOK)
    assert not rig.world.tags[uid].writes


def test_the_tag_of_an_item_withdrawn_after_the_preview_is_not_migrated() -> None:
    rig = retag_bench(Workflow.MIGRATE)
    uid = rig.world.tag(1, **source_of("28560-3"))
    lay(rig, uid)
    rig.act("want")
    withdraw(rig)
    shown = rig.scan(BOOK)
    assert shown.fault is not None and shown.fault.code == "withdrawn"
    assert not rig.world.tags[uid].writes


def test_a_half_migrated_tag_of_a_withdrawn_item_is_not_finished() -> None:
    rig = retag_bench(Workflow.MIGRATE)
    uid = rig.world.tag(1, **source_of("28560-3"))
    lay(rig, uid)
    rig.act("want")
    rig.world.lift_at_write = 3
    rig.scan(BOOK)
    withdraw(rig)
    before = rig.world.tags[uid].image()
    shown = lay(rig, uid)
    assert shown.fault is not None and shown.fault.code == "withdrawn"
    assert rig.world.tags[uid].image() == before


def test_an_undo_does_not_give_a_withdrawn_item_its_tag_back() -> None:
    rig = passed()
    (uid,) = rig.world.tags
    rig.enter(Workflow.ERASE)
    lay(rig, uid)
    rig.act("want")
    rig.scan(BOOK)
    before = rig.world.tags[uid].image()
    rig.enter(Workflow.INSPECT)
    rig.look(2)
    rig.act("undo")
    withdraw(rig)
    view = rig.act("undo-yes").workflow_view
    assert isinstance(view, InspectView) and (view.undo, told(view.said)) == (UndoState.REFUSED, LEAVES)
    rig.lift()
    rig.place(uid)
    view = rig.look(2).workflow_view
    assert isinstance(view, InspectView) and view.shown is not None and view.shown.undo is not None
    assert told(view.shown.undo.refused) == LEAVES, "it is not offered again"
    answer = rig.ask(UndoWrite(uid=uid, attempt=view.shown.undo.attempt))
    assert answer.refusal is not None and answer.refusal.code == "withdrawn"
    assert rig.world.tags[uid].image() == before


def test_an_undo_that_makes_the_tag_of_a_withdrawn_item_blank_is_no_way_back() -> None:
    rig = passed()
    (uid,) = rig.world.tags
    withdraw(rig)
    rig.enter(Workflow.INSPECT)
    rig.place(uid)
    rig.look(2)
    rig.act("undo")
    view = rig.act("undo-yes").workflow_view
    assert isinstance(view, InspectView) and view.undo is UndoState.DONE
    assert not any(rig.world.tags[uid].memory)


def test_a_withdrawn_set_is_not_gathered() -> None:
    rig = Rig()
    withdraw(rig, DVD)
    rig.enter(Workflow.SETS)
    shown = rig.scan(DVD)
    assert shown.notice.code == "withdrawn" and isinstance(shown.workflow_view, SetView)
    rig.place(rig.world.tag(1))
    assert not [event for event in rig.journal.events if isinstance(event, TagWriteStarted)]


def test_a_withdrawn_item_cannot_go_with_a_truck() -> None:
    rig = passed()
    rig.enter(Workflow.RELEASE)
    for right, reasons in ((True, ()), (False, ("It leaves the library.",))):
        view = rig.scan(BOOK).workflow_view
        assert isinstance(view, ReleaseView)
        assert [(line.right, tuple(map(told, line.reasons))) for line in view.lines] == [(right, reasons)]
        rig.act("clear")
        withdraw(rig)


def test_inspect_says_that_the_item_leaves_by_its_tag_and_by_its_barcode() -> None:
    rig = passed()
    withdraw(rig)
    rig.enter(Workflow.INSPECT)
    shown = rig.scan(BOOK).workflow_view
    assert isinstance(shown, InspectView) and "leaves the library" in told(shown.ledger[0])
    rig.place(*rig.world.tags)
    shown = rig.look(2).workflow_view
    assert isinstance(shown, InspectView) and shown.shown is not None
    assert "leaves the library" in told(shown.shown.lines[-1])


@pytest.mark.parametrize(
    "request_", [SetSecurity(barcode=BOOK, secure=True, source="Alma"), UpdateItem(barcode=BOOK, source="Alma")]
)
def test_another_program_cannot_put_a_withdrawn_item_into_circulation(request_: SetSecurity | UpdateItem) -> None:
    rig = passed()
    withdraw(rig)
    (uid,) = rig.world.tags
    rig.place(uid)
    before = rig.world.tags[uid].image()
    answer = rig.ask(request_)
    assert answer.refusal is not None and answer.refusal.code == "withdrawn"
    assert f"Title of {BOOK}" in told(answer.refusal.sentence)
    assert rig.world.tags[uid].image() == before


def test_the_gate_alarm_of_a_withdrawn_item_can_be_switched_off() -> None:
    rig = passed()
    withdraw(rig)
    rig.place(*rig.world.tags)
    assert rig.ask(SetSecurity(barcode=BOOK, secure=False, source="Alma")).refusal is None


_BEGIN: dict[Workflow, tuple[tuple[str, ...], ...]] = {
    Workflow.PACK: (("new",), ("site", "NORTH")),
    Workflow.RELEASE: (("clear",),),
}
_END: dict[Workflow, tuple[tuple[str, ...], ...]] = {
    Workflow.PACK: (("despite", "it is needed there"), ("close",)),
    Workflow.RELEASE: (("release",),),
    Workflow.MIGRATE: (("want",),),
}
"""Taps before the scan of the item, and after its checks."""
_PASSES = frozenset(Workflow) - {Workflow.RECEIVE, Workflow.INSPECT, Workflow.ERASE, Workflow.WITHDRAW}
"""Workflows that pass an item which stays."""


def passed_by_hand(workflow: Workflow, *, withdrawn: bool) -> bool:
    """Put an item through a workflow by scan, pad and taps. Return whether it got a verdict or a tag, or may go on its
    way."""
    rig, barcode = Rig(), BOOK
    match workflow:
        case Workflow.PACK:
            rig = PackRig()
            barcode = rig.item(1)
            uid = rig.tags[barcode]
        case Workflow.RELEASE | Workflow.ERASE | Workflow.INSPECT:
            rig = passed()
            (uid,) = rig.world.tags
        case Workflow.MIGRATE:
            rig = retag_bench(Workflow.MIGRATE)
            uid = rig.world.tag(1, **source_of("28560-3"))
        case _:
            uid = rig.world.tag(1)
    if workflow is Workflow.SETS:
        barcode = DVD
    if withdrawn:
        withdraw(rig, barcode)
    before = len(rig.journal.events)
    rig.enter(workflow)
    for act in _BEGIN.get(workflow, ()):
        rig.act(*act)
    if workflow is not Workflow.MIGRATE:  # where the scan is the second gesture
        rig.scan(barcode)
    rig.place(uid)
    rig.look(3)
    rig.pass_all()
    for act in _END.get(workflow, ()):
        rig.act(*act)
    rig.scan(barcode)
    rig.look(3)
    assert not any(isinstance(event, DefectFound) for event in rig.journal.events)
    return any(
        isinstance(event, ItemJudged | TagWriteVerified | BoxPacked)
        or (isinstance(event, TruckReleased) and barcode in event.right)
        for event in rig.journal.events[before:]
    )


@pytest.mark.parametrize("workflow", Workflow)
def test_no_workflow_passes_a_withdrawn_item(workflow: Workflow) -> None:
    assert passed_by_hand(workflow, withdrawn=False) == (workflow in _PASSES), "the same hands pass an item that stays"
    assert not passed_by_hand(workflow, withdrawn=True)
