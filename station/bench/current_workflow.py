"""Run the workflows beside process and convert (`workflow.BenchWorkflow`): pass them scans, taps and looks at the pad.

While one of them has the bench, process and convert rest: no tag on the pad is written for their item in hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec

from station.base.errors import BenchBusy
from station.base.text import clean
from station.base.words import tell
from station.bench.bench_ports import BenchPorts
from station.bench.item.counted_parts import CountedCatalog
from station.bench.item.in_hand import StopKind
from station.bench.item.undo import last_write
from station.bench.item_workflows import BenchItemWorkflows
from station.bench.snapshot import asked, in_words, prompt, reader_fault
from station.bench.workflows.inspect import InspectWorkflow
from station.bench.workflows.release.workflow import ReleaseWorkflow
from station.bench.workflows.retag.workflow import EraseWorkflow, MigrateWorkflow
from station.bench.workflows.sets.workflow import SetsWorkflow
from station.bench.workflows.withdraw import WithdrawWorkflow
from station.bench.workflows.workflow import BenchWorkflow, CheckingWorkflow, WorkflowDesk
from station.bench.workflows.writing_workflow import WritingWorkflow
from station.domain.commands import Act
from station.domain.events import LineStopped, TagUndoStarted
from station.domain.notices import NONE, Notice
from station.domain.snapshot import Fault, Light, Phase, Snapshot, Sound
from station.domain.tag_image import Uid
from station.domain.workflows import Workflow

WORKFLOWS: Final[dict[Workflow, Callable[[WorkflowDesk], BenchWorkflow]]] = {
    Workflow.RELEASE: ReleaseWorkflow,
    Workflow.SETS: SetsWorkflow,
    Workflow.WITHDRAW: WithdrawWorkflow,
    Workflow.INSPECT: InspectWorkflow,
    Workflow.ERASE: EraseWorkflow,
    Workflow.MIGRATE: MigrateWorkflow,
}
"""How each is made."""


class BenchCurrentWorkflow(BenchItemWorkflows):
    """Gives the bench to a workflow and takes it back."""

    def __init__(self, ports: BenchPorts) -> None:
        self._workflows: dict[Workflow, BenchWorkflow] = {}
        counted = CountedCatalog(ports.catalog, ports.history)
        super().__init__(replace(ports, catalog=counted))
        desk = WorkflowDesk(
            reader=self._reader,
            pad=self._pad,
            journal=self._journal,
            catalog=counted,
            history=self._history,
            encoder=self._encoder,
            tag_reporter=self._tag_reporter,
            profile=self._profile,
            site=self._site,
            settings=self._settings,
            clock=self._clock,
            people=self._people,
            judge=self._judge,
            corrections=self._corrections,
            truck_lists=ports.truck_lists,
            new_id=self._new_id,
            worker=lambda: self._worker,
            say=self._say,
            play=self._play,
            undone=self._was_undone,
            ask_for=self._ask_for,
            lent=self._lent,
            lend=self._lend,
            publish=self._publish,
        )
        self._workflows = {name: make(desk) for name, make in WORKFLOWS.items()}
        newest = self._history.newest_write()
        if newest is not None:
            self._signed_journal.wrote(newest.event)
        if self._workflow is Workflow.PROCESS:
            self._take_up_again()

    def _was_undone(self, uid: Uid) -> None:
        """The last write does not stand any more; an item in hand whose tag that was has none, and no verdict to come."""
        self._forget_item_of(uid)
        lost = [one.event for one in self._history.about_tag(uid) if isinstance(one.event, TagUndoStarted)]
        if lost:
            self._convert.undone(lost[-1].barcode, lost[-1].part)
        self._refresh_unfinished()

    def _known_of(self, uid: Uid, fault: Fault) -> Fault:
        """A tag that is unfinished because an undo was cut short: this station knows what it was."""
        if fault.code != "incomplete-tag":
            return fault
        last = last_write(self._history.about_tag(uid))
        if last is None or last.begun is None:
            return fault
        return msgspec.structs.replace(fault, code="undo-unfinished", sentence=tell("fault.undo-unfinished"))

    def _take_up_again(self) -> None:
        """Something was in hand when the station ended: its workflow has the bench."""
        for name, current in self._workflows.items():
            if isinstance(current, WritingWorkflow | CheckingWorkflow) and current.restored():
                self._workflow = name
                return

    @property
    def _current(self) -> BenchWorkflow | None:
        return self._workflows.get(self._workflow)

    def _enter(self, workflow: Workflow) -> None:
        before = self._workflow
        super()._enter(workflow)
        current = self._current
        if current is not None and workflow is not before:
            current.enter()

    def _act(self, act: Act) -> None:
        current = self._current
        if current is None:
            super()._act(act)
            return
        self._notice = NONE
        if not self._with_writing_workflow(lambda hands: hands.act(act)):
            current.act(act)

    def _refuses_scan(self, text: str) -> bool:
        current = self._current
        if current is None:
            return super()._refuses_scan(text)
        self._who_is_here()
        if isinstance(current, CheckingWorkflow) and self._rules_changed(lambda: current.scan(text)):
            return True
        if not self._with_writing_workflow(lambda hands: hands.scan(text)):
            current.scan(text)
        return True

    def _on_pad(self) -> None:
        current = self._current
        if current is None:
            super()._on_pad()
        elif not self._with_writing_workflow(lambda hands: hands.look()):
            current.look()

    def _with_writing_workflow(self, do: Callable[[WritingWorkflow], None]) -> bool:
        """Let the workflow do it, if it is one that writes tags; False otherwise."""
        current = self._current
        if not isinstance(current, WritingWorkflow):
            return False
        do(current)
        if current.wrote:
            current.wrote = False
            self._refresh_unfinished()
        return True

    def _rules_changed(self, go_on: Callable[[], None]) -> bool:  # noqa: ARG002 - the layer above asks
        """True when somebody is asked first whether the changed rules are meant."""
        return False

    def _with_checking_workflow(self, do: Callable[[CheckingWorkflow], None]) -> bool:
        """Let the workflow do it, if it is one that asks a person; False otherwise."""
        current = self._current
        if not isinstance(current, CheckingWorkflow):
            return False
        self._notice = NONE
        do(current)
        return True

    def _handed_over(self) -> str:
        """The barcode that a workflow gives to the main job; "" = it does not."""
        current = self._current
        barcode = current.for_process if isinstance(current, WritingWorkflow) else ""
        if isinstance(current, WritingWorkflow):
            current.for_process = ""
        return barcode

    def _require_free(self) -> None:
        current = self._current
        if isinstance(current, WritingWorkflow) and current.in_hand:
            raise BenchBusy(tell("detail.in-hand", barcode=current.in_hand))
        super()._require_free()

    def _stop(self, kind: StopKind, fault: Fault, *, uid: Uid | None = None, may_overwrite: bool = False) -> None:
        """A workflow's failure is its own: the items of process and convert stay as they are."""
        current = self._current
        if current is None:
            super()._stop(kind, fault, uid=uid, may_overwrite=may_overwrite)
            return
        current.failed(msgspec.structs.replace(fault, choices=()))
        self._comes_to(Notice(fault.code, fault.sentence))
        self._play(Sound.BAD)
        self._journal_safely(
            LineStopped(
                code=fault.code, sentence=fault.sentence, detail=clean(fault.detail, 500), barcode="", uid=uid or ""
            )
        )

    def _dressed(self, snapshot: Snapshot) -> Snapshot:
        current = self._current
        if current is None:
            return super()._dressed(snapshot)
        shown = current.shown()
        plain = msgspec.structs.replace(
            snapshot,
            workflow=self._workflow,
            workflow_view=shown.view,
            item=None,
            planned=None,
            tag_uid="",
            tag_summary="",
            checks=(),
            findings=(),
            verdict=None,
            flags=(),
        )
        if shown.in_hand is not None and shown.fault is None:
            plain = asked(plain, shown.in_hand)
        if (gone := self._pad.error) is not None and (snapshot.fault is not None or shown.in_hand is None):
            # The reader's own fault stands over everything, also where a verdict of the main job waits behind.
            said, light, fault = prompt("stopped", None), Light.BAD, in_words(reader_fault(gone))
            return msgspec.structs.replace(
                plain, phase=Phase.STOPPED, state="stopped", prompt=said, light=light, fault=fault
            )
        done, total = shown.steps or (0, 0)
        rests = plain.phase if shown.in_hand is not None else Phase.IDLE
        return msgspec.structs.replace(
            plain,
            phase=Phase.WRITING if shown.steps else Phase.STOPPED if shown.fault else rests,
            prompt=shown.prompt,
            light=shown.light,
            fault=in_words(shown.fault) if shown.fault is not None else None,
            steps_done=done,
            steps_total=total,
        )
