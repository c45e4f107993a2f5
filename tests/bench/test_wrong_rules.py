"""With a bad rule file no item is begun or judged, in any workflow. Tags can still be inspected."""

from __future__ import annotations

import pytest

from station.base.sentence import Sentence
from station.domain.events import ItemJudged, WithdrawalBegan
from station.domain.snapshot import Phase
from station.domain.workflows import Workflow
from tests.support.simulated_bench import BOOK, DVD, Rig
from tests.support.told import told

WRONG = "rules.toml, line 4: own: no such field"


@pytest.mark.parametrize("workflow", [Workflow.PROCESS, Workflow.CONVERT, Workflow.SETS, Workflow.WITHDRAW])
def test_no_item_is_begun(workflow: Workflow) -> None:
    rig = Rig()
    rig.start_with(wrong_rules=Sentence.verbatim(WRONG))
    rig.enter(workflow)
    rig.scan(DVD if workflow is Workflow.SETS else BOOK)
    assert rig.now.fault is not None and rig.now.fault.code == "rules-unusable"
    assert WRONG in told(rig.now.fault.sentence)
    assert "restart the station" in told(rig.now.fault.do)
    assert "retry" not in {choice.id for choice in rig.now.fault.choices}, "the file is read only at the start"
    rig.place(rig.world.tag(1))
    assert rig.world.write_commands == 0
    assert not [event for event in rig.journal.events if isinstance(event, WithdrawalBegan)]


def test_an_item_in_hand_gets_no_verdict() -> None:
    """Its tag was written before the station started again with a bad rule file."""
    rig = Rig()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(tag)
    assert rig.now.phase is Phase.CHECKING
    rig.start_with(wrong_rules=Sentence.verbatim(WRONG))
    for _ in range(3):
        assert rig.look().phase is not Phase.CHECKING
        rig.scan(BOOK)
        assert rig.now.fault is not None and rig.now.fault.code == "rules-unusable"
    assert [one.barcode for one in rig.now.unjudged] == [BOOK]
    assert not [event for event in rig.journal.events if isinstance(event, ItemJudged)]
    rig.start()
    rig.scan(BOOK)
    rig.pass_all()
    assert [event.barcode for event in rig.journal.events if isinstance(event, ItemJudged)] == [BOOK]


def test_a_half_written_tag_is_finished_and_gets_no_verdict() -> None:
    """The bench finishes an interrupted write without a scan; the item then waits for usable rules."""
    rig = Rig()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.world.lift_at_write = 4
    rig.place(tag)
    rig.start_with(wrong_rules=Sentence.verbatim(WRONG))
    rig.place(tag)
    rig.look(3)
    assert rig.now.fault is not None and rig.now.fault.code == "rules-unusable"
    assert not [event for event in rig.journal.events if isinstance(event, ItemJudged)]


def test_a_checklist_that_was_open_waits_for_usable_rules() -> None:
    rig = Rig()
    rig.enter(Workflow.WITHDRAW)
    rig.scan(BOOK)
    begun = rig.now.checks
    rig.start_with(wrong_rules=Sentence.verbatim(WRONG))
    assert rig.now.workflow is Workflow.PROCESS and rig.now.checks == ()
    rig.start()
    assert rig.now.workflow is Workflow.WITHDRAW and rig.now.checks == begun


def test_tags_are_still_inspected() -> None:
    rig = Rig()
    rig.start_with(wrong_rules=Sentence.verbatim(WRONG))
    rig.enter(Workflow.INSPECT)
    rig.place(rig.world.tag(1))
    rig.look(2)
    assert rig.now.fault is None and rig.now.workflow_view is not None
