"""Taps in one workflow do not reach an item that waits in another."""

from __future__ import annotations

import pytest

from station.domain.commands import Cancel, Choose, Command, ReadPad, Reopen, SelectPart
from station.domain.snapshot import Phase
from station.domain.workflows import Workflow
from tests.support.simulated_bench import BOOK, DVD, UNKNOWN, Rig
from tests.support.told import told

OTHERS = [one for one in Workflow if one is not Workflow.PROCESS]


def after(scanned: str, workflow: Workflow, *taps: Command) -> Rig:
    """Scan an item in process, send the taps in another workflow, and return to process."""
    rig = Rig()
    rig.scan(scanned)
    rig.enter(workflow)
    for tap in taps:
        rig.bench.handle(tap)
    rig.enter(Workflow.PROCESS)
    return rig


@pytest.mark.parametrize("workflow", OTHERS)
def test_set_aside_in_another_workflow_leaves_the_item_in_hand(workflow: Workflow) -> None:
    rig = after(BOOK, workflow, Cancel(), Reopen())
    assert rig.now.item is not None and rig.now.item.barcode == BOOK
    assert "item-set-aside" not in rig.journal.kinds()


@pytest.mark.parametrize("workflow", OTHERS)
def test_a_choice_in_another_workflow_leaves_the_stop(workflow: Workflow) -> None:
    rig = after(UNKNOWN, workflow, Choose("set-aside"), Choose("go-on"))
    assert rig.now.phase is Phase.STOPPED and "choice-made" not in rig.journal.kinds()


@pytest.mark.parametrize("workflow", OTHERS)
def test_a_part_that_is_chosen_in_another_workflow_is_not_this_items(workflow: Workflow) -> None:
    assert after(DVD, workflow, SelectPart(2)).now.part == 1


def test_the_checks_wait_while_another_item_is_converted() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    asked = rig.now.checks
    rig.enter(Workflow.CONVERT)
    rig.lift()
    rig.scan(DVD)
    rig.place(rig.world.tag(2))
    rig.enter(Workflow.PROCESS)
    assert (rig.now.phase, rig.now.checks) == (Phase.CHECKING, asked)
    assert rig.now.item is not None and rig.now.item.barcode == BOOK


def test_the_pad_is_not_free_for_a_program_while_an_item_waits_behind_another_workflow() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.enter(Workflow.RELEASE)
    refusal = rig.ask(ReadPad()).refusal
    assert refusal is not None and refusal.code == "bench-busy" and BOOK in told(refusal.detail)
