"""The work screen of what leaves the library: the main job's questions, for a withdrawal or a lease return."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from station.base.words import tell
from station.domain.commands import Act
from station.domain.snapshot import Snapshot, Verdict, Workflow
from station.domain.workflows import WithdrawState, WithdrawView
from station.tui.drawing import draw
from station.tui.widgets.touch import Action, Go
from station.tui.workflows.actions import can_go_back, with_way_back
from station.tui.workflows.process import ProcessScreen

TASKS: Final = ("withdrawal", "lease-return")


class WithdrawScreen(ProcessScreen):
    """Which task it is, then its checks, then the verdict."""

    workflow = Workflow.WITHDRAW
    main_when_done = True

    def tale_of(self, snapshot: Snapshot, width: int, height: int) -> Content:
        """What will be checked while no item is in hand; else as in the main job."""
        view = view_of(snapshot)
        if view.state is not WithdrawState.FREE or snapshot.fault is not None:
            return super().tale_of(snapshot, width, height)
        heading = tell("withdraw.heading", task=tell(f"withdraw.task.{view.task}"))
        return draw.stack([draw.rule(heading, width), *draw.paragraph(tell("withdraw.way"), width)], height)

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """The answers to the open check; between two items, which task it is."""
        view = view_of(snapshot)
        if snapshot.fault is not None and not snapshot.fault.choices:
            return (Action(tell("choice.go-on"), Act("settle"), "main"),)
        if snapshot.fault is not None or view.state is WithdrawState.ASKING:
            return super().actions_of(snapshot)
        tasks = tuple(
            Action(tell(f"withdraw.task.{task}"), Act("task", task), "main" if task == view.task else "plain")
            for task in TASKS
        )
        failed = snapshot.verdict is Verdict.FAIL and self.desk.labels is not None
        return (*tasks, *((Action(tell("button.print-slip"), Go.PRINT_SLIP),) if failed else ()))

    def strip_of(self, snapshot: Snapshot, room: int) -> tuple[Action, ...]:
        """Back leads to the check before, and where there is none, to Process."""
        strip = super().strip_of(snapshot, room)
        return strip if can_go_back(snapshot) or self._asking is not None else with_way_back(strip)


def view_of(snapshot: Snapshot) -> WithdrawView:
    """The checklist, or one that has not begun."""
    return snapshot.workflow_view if isinstance(snapshot.workflow_view, WithdrawView) else WithdrawView()
