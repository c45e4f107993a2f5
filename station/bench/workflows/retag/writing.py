"""Carry a retag out: journaled before the first command, proven beyond byte for byte, and its end in the journal."""

from __future__ import annotations

from collections.abc import Callable

from station.base.errors import StationError, TagMismatch
from station.base.words import tell
from station.bench.item.security import eas_of
from station.bench.item.write_steps import Writer
from station.bench.workflows.retag.rules import Draft, blank_of, with_shelf
from station.bench.workflows.workflow import WorkflowDesk
from station.domain.events import TagErased, TagWriteInterrupted, TagWriteStarted, TagWriteVerified
from station.domain.snapshot import TagImage
from station.domain.workflows.retag import RetagTask
from station.encoding.content import TagContent, TagState
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.plan import WritePlan, as_written
from station.encoding.write_plan.verify import element_differences


class RetagWriting:
    """Holds nothing between two tags."""

    def __init__(self, desk: WorkflowDesk, task: RetagTask) -> None:
        self._desk = desk
        self._task = task

    def started(self, draft: Draft, plan: WritePlan, note: str, authorised: str) -> TagWriteStarted:
        """The entry that is journaled before the first byte goes to the port."""
        content = draft.content or draft.recognition.content
        return TagWriteStarted(
            attempt=self._desk.new_id(),
            uid=plan.uid,
            barcode=draft.named,
            part=content.part if content is not None else 1,
            parts=content.parts if content is not None else 1,
            old=draft.image,
            new=plan.new,
            plan_digest=plan.digest,
            steps=len(plan.steps),
            operator=self._desk.worker().id,
            authorised=authorised,
            purpose=self._task.value,
            note=note,
            eas=eas_of(self._desk.reader, self._desk.profile, draft.image.uid)[0],
        )

    def run(
        self,
        plan: WritePlan,
        started: TagWriteStarted,
        content: TagContent | None,
        progress: Callable[[int, int], None],
    ) -> None:
        """Do it, prove it, journal its end. Raises what ended it, after journaling that."""
        writer = Writer(self._desk.reader, plan, progress)
        try:
            self._prove(writer.run() if not plan.empty else plan.new, started, content)
        except StationError as error:
            self._desk.journal.record(
                TagWriteInterrupted(
                    attempt=started.attempt,
                    uid=started.uid,
                    barcode=started.barcode,
                    written=writer.steps_done,
                    planned=len(plan.steps),
                    code=error.code,
                    detail=error.detail,
                )
            )
            raise
        self._desk.journal.record(self._end(started, writer.write_commands))

    def _prove(self, image: TagImage, started: TagWriteStarted, content: TagContent | None) -> None:
        """It reads as what it shall be: blank, or ours and this item with every element."""
        profile = self._desk.profile
        after = recognise(image, profile)
        if self._task is RetagTask.ERASE:
            if after.state is not TagState.BLANK or image.memory != blank_of(image).memory:
                raise TagMismatch(tell("detail.read-back", state=after.state.value))
            return
        wrong: tuple[str, ...] = ()
        if content is not None:
            wanted = as_written(content, with_shelf(profile, content))
            wrong = element_differences(wanted, after, profile.model)
        if wrong or after.state is not TagState.OURS or after.identifier != started.barcode:
            raise TagMismatch("; ".join(wrong) or tell("detail.read-back", state=after.state.value))

    def _end(self, started: TagWriteStarted, writes: int) -> TagErased | TagWriteVerified:
        ended = TagWriteVerified if self._task is RetagTask.MIGRATE else TagErased
        return ended(
            attempt=started.attempt,
            uid=started.uid,
            barcode=started.barcode,
            part=started.part,
            parts=started.parts,
            writes=writes,
            operator=self._desk.worker().id,
            authorised=started.authorised,
        )
