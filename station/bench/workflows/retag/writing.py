"""Writes and journals one tag that is erased or migrated."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from station.base.errors import TagMismatch
from station.base.sentence import Sentence
from station.bench.desk import Desk
from station.bench.item.security import eas_of
from station.bench.item.tag_change import TagChange, carry_out
from station.bench.item.unfinished import interrupted
from station.bench.workflows.retag.rules import Draft, blank_of, with_shelf
from station.domain.events import TagErased, TagWriteStarted, TagWriteVerified
from station.domain.item import Barcode
from station.domain.tag_image import TagImage
from station.domain.workflows import RetagTask
from station.encoding.content import TagContent, TagState
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import as_written
from station.encoding.write_plan.steps import WritePlan
from station.encoding.write_plan.verify import element_differences


class RetagWriting:
    """Writes and journals one tag. Holds no state between tags."""

    def __init__(self, desk: Desk, task: RetagTask) -> None:
        self._desk = desk
        self._task = task

    def started(self, draft: Draft, plan: WritePlan, note: Sentence, authorised: str) -> TagWriteStarted:
        """Return the event to journal before the first byte goes to the reader."""
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
            operator=self._desk.worker.id,
            authorised=authorised,
            purpose=self._task.value,
            note=note,
            eas=eas_of(self._desk.reader, self._desk.profile, draft.image.uid)[0],
        )

    def write(
        self,
        plan: WritePlan,
        started: TagWriteStarted,
        content: TagContent | None,
        progress: Callable[[int, int], None],
    ) -> None:
        """Write and verify one tag. A later error than `NotPossible` is raised after the interruption is journaled."""
        desk = self._desk
        change = TagChange(
            plan=plan,
            started=(started,),
            prove=lambda image: self._prove(image, started, content),
            interrupted=lambda error, run: interrupted(desk.reader, started, error, run),
            ended=lambda _image, run: self._end(started, run.write_commands),
        )
        carry_out(change, desk.reader, desk.journal, progress)

    def _prove(self, image: TagImage, started: TagWriteStarted, content: TagContent | None) -> None:
        """Check the result: blank, or ours with this item and every element. Raises `TagMismatch`."""
        profile = self._desk.profile
        after = recognise(image, profile)
        if self._task is RetagTask.ERASE:
            if after.state is not TagState.BLANK or image.memory != blank_of(image).memory:
                raise TagMismatch(Sentence("detail.read-back", state=after.state.value))
            return
        wrong: tuple[str, ...] = ()
        if content is not None:
            wanted = as_written(content, with_shelf(profile, content))
            wrong = element_differences(wanted, after, profile.model)
        if wrong or after.state is not TagState.OURS or after.identifier != started.barcode:
            raise TagMismatch("; ".join(wrong) or Sentence("detail.read-back", state=after.state.value))

    def _end(self, started: TagWriteStarted, writes: int) -> TagErased | TagWriteVerified:
        ended = TagWriteVerified if self._task is RetagTask.MIGRATE else TagErased
        event = ended(
            attempt=started.attempt,
            uid=started.uid,
            barcode=started.barcode,
            part=started.part,
            parts=started.parts,
            writes=writes,
            operator=self._desk.worker.id,
            authorised=started.authorised,
        )
        if not isinstance(event, TagErased):
            return event
        bindings = self._desk.journal.bindings_for(Barcode(event.barcode))
        stray = any(binding.part == event.part and binding.uid != event.uid for binding in bindings)
        return msgspec.structs.replace(event, stray=stray)
