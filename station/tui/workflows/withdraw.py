"""Work screen of withdraw: the process screen's questions, for a withdrawal or a lease return."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from station.base.words import tell
from station.domain.commands import Act
from station.domain.snapshot import Snapshot
from station.domain.verdict import Verdict
from station.domain.workflows import WithdrawState, WithdrawView, Workflow
from station.tui.drawing import draw
from station.tui.widgets.touch import Action, Print
from station.tui.workflows.actions import can_go_back, with_way_back
from station.tui.workflows.process import ProcessScreen

TASKS: Final = ("withdrawal", "lease-return")


class WithdrawScreen(ProcessScreen):
    """The choice of the task, its checks, then the verdict."""

    workflow = Workflow.WITHDRAW
    has_rail = False
    main_when_done = True

    def tale_of(self, snapshot: Snapshot, width: int, height: int) -> Content:
        """Draw the coming checks while no item is in hand; else the process screen's content."""
        view = view_of(snapshot)
        if view.state is not WithdrawState.FREE or snapshot.fault is not None:
            return super().tale_of(snapshot, width, height)
        heading = tell("withdraw.heading", task=tell(f"withdraw.task.{view.task}"))
        return draw.stack([draw.rule(heading, width), *draw.paragraph(tell("withdraw.way"), width)], height)

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the answers to the open check; between items, the choice of the task."""
        view = view_of(snapshot)
        if snapshot.fault is not None and not snapshot.fault.choices:
            return (Action(tell("choice.go-on"), Act("settle"), "main"),)
        if snapshot.fault is not None or view.state is WithdrawState.ASKING:
            return super().actions_of(snapshot)
        return tuple(
            Action(tell(f"withdraw.task.{task}"), Act("task", task), "main" if task == view.task else "plain")
            for task in TASKS
        )

    def done_actions(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the slip of an item that failed. Its label is not needed any more."""
        failed = snapshot.verdict is Verdict.FAIL and self.desk.labels is not None
        return (Action(tell("button.print-slip"), Print.SLIP),) if failed else ()

    def strip_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the strip. Back leads to the previous check, or to Process if there is none."""
        strip = super().strip_of(snapshot)
        return strip if can_go_back(snapshot) or self._asking is not None else with_way_back(strip)


def view_of(snapshot: Snapshot) -> WithdrawView:
    """Return the checklist, or one that has not begun."""
    return snapshot.workflow_view if isinstance(snapshot.workflow_view, WithdrawView) else WithdrawView()
