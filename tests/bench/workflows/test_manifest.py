"""The tables of classes and views agree with the rows of the workflows."""

from __future__ import annotations

from typing import get_args

import pytest

from station.domain.workflows import Workflow, WorkflowView
from tests.support.simulated_bench import Rig


@pytest.mark.parametrize("workflow", Workflow)
def test_the_bench_enters_the_workflow_and_shows_the_view_of_its_row(workflow: Workflow) -> None:
    rig = Rig()
    rig.enter(workflow)
    assert rig.now.workflow is workflow
    assert type(rig.now.workflow_view) is (workflow.row.view or type(None))


def test_every_view_is_in_a_row() -> None:
    views = {workflow.row.view for workflow in Workflow} - {None}
    assert views == set(get_args(WorkflowView)), "the socket decodes only the views of the union"


def test_the_workflows_that_handle_items_have_an_item_flow() -> None:
    assert set(Rig().bench._flows) == {workflow for workflow in Workflow if workflow.row.handles_items}
