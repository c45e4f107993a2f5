"""Write the undo of a tag's last write, back to the image that was journaled before it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

from station.base.errors import StationError, TagMismatch, UndoRefused
from station.base.sentence import Sentence
from station.bench.item.tag_change import TagChange, WriteRun, carry_out
from station.bench.item.undo import LastWrite, is_the_one, last_write, right_for
from station.bench.item.withdrawn import refuse_return
from station.bench.item.write_steps import as_this_reader_writes, read_image
from station.domain.deliveries.delivery import Delivery, DeliveryState
from station.domain.deliveries.intents import ResultIntent
from station.domain.events import TagUndoInterrupted, TagUndoStarted, TagUndoVerified
from station.domain.item import Barcode
from station.domain.people.rights import lacking, may
from station.domain.ports import History, Journal, Reader, Worker
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagProfile, TagState
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import ChipLimits, WritePlan

_GONE: Final = frozenset({DeliveryState.DELIVERED, DeliveryState.IN_DOUBT})
_WAITING: Final = frozenset({DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.LEASED, DeliveryState.PARKED})


class UndoWriter:
    """Undoes last writes. Keeps no state between tags."""

    def __init__(
        self,
        *,
        reader: Reader,
        journal: Journal,
        history: History,
        profile: TagProfile,
        new_id: Callable[[], str],
        title_of: Callable[[str], str],
    ) -> None:
        """`title_of`: returns the name of the item with a barcode."""
        self._reader = reader
        self._journal = journal
        self._history = history
        self._profile = profile
        self._new_id = new_id
        self._title_of = title_of

    def write(
        self,
        uid: Uid,
        attempt: str,
        worker: Worker,
        progress: Callable[[int, int], None],
        lent: Worker | None = None,
    ) -> tuple[Sentence, ...]:
        """Undo the last write: planned from the tag as it is now, journaled, addressed to this tag, verified by reading
        back. Return what people have to do in the library systems.

        `attempt`: the write to undo, as it was offered. `lent`: the person who lends the right. Raises `UndoRefused`,
        `NotAllowed`, `ItemWithdrawn`, `TagLocked` or `NotPossible` before anything is written. A later error is raised
        after `TagUndoInterrupted` is journaled.
        """
        last = last_write(self._history.about_tag(uid))
        if last is None or last.write.attempt != attempt:
            raise UndoRefused(Sentence("undo.nothing"))
        right = right_for(last, worker.id)
        if not may(worker.role if lent is None else lent.role, right):
            raise lacking(right)
        image = read_image(self._reader, uid)
        if not is_the_one(last, image, recognise(image, self._profile)):
            raise UndoRefused(Sentence("undo.not-the-one"))
        refuse_return(self._journal, recognise(last.write.old, self._profile), self._title_of)
        return self._carry_out(last, image, worker, progress, lent.id if lent is not None else "")

    def _carry_out(
        self,
        last: LastWrite,
        image: TagImage,
        worker: Worker,
        progress: Callable[[int, int], None],
        authorised: str,
    ) -> tuple[Sentence, ...]:
        target = dataclasses.replace(last.write.old, locked=image.locked)
        can_eas = self._reader.capabilities.can_eas and ChipLimits.of(image.uid).has_eas
        eas = last.write.eas if can_eas else None
        plan = self._plan(image, target, eas)
        attempt = self._new_id()
        started = TagUndoStarted(
            attempt=attempt,
            undoes=last.write.attempt,
            uid=image.uid,
            barcode=last.write.barcode,
            part=last.write.part,
            old=image,
            new=plan.new,
            plan_digest=plan.digest,
            steps=len(plan.steps),
            operator=worker.id,
            authorised=authorised,
            resumes=last.begun.attempt if last.begun is not None else "",
            eas=eas,
        )
        to_do: tuple[Sentence, ...] = ()

        def prove(after: TagImage) -> None:
            if (after.memory, after.dsfid, after.afi) != (target.memory, target.dsfid, target.afi):
                raise TagMismatch(Sentence("detail.not-as-before"))
            if eas is not None and self._reader.read_eas(image.uid) is not eas:
                raise TagMismatch(Sentence("detail.eas-not-as-before"))

        def interrupted(error: StationError, run: WriteRun) -> tuple[TagUndoInterrupted]:
            return (
                TagUndoInterrupted(
                    attempt=attempt,
                    uid=image.uid,
                    barcode=last.write.barcode,
                    written=run.steps_done,
                    planned=run.steps_planned,
                    code=error.code,
                    detail=error.detail,
                ),
            )

        def ended(after: TagImage, run: WriteRun) -> TagUndoVerified:
            nonlocal to_do
            restored, part, parts = self._restored(last, after)
            again = (restored, part) == (last.write.barcode, last.write.part)
            systems, to_do = self._work_for_people(last, image.uid, again=again)
            return TagUndoVerified(
                attempt=attempt,
                undoes=last.write.attempt,
                uid=image.uid,
                barcode=last.write.barcode,
                restored=restored,
                part=part,
                parts=parts,
                writes=run.write_commands,
                operator=worker.id,
                authorised=authorised,
                told=systems,
            )

        change = TagChange(plan=plan, started=(started,), prove=prove, interrupted=interrupted, ended=ended)
        carry_out(change, self._reader, self._journal, progress)
        return to_do

    def _plan(self, image: TagImage, target: TagImage, eas: bool | None) -> WritePlan:
        """Plan the steps back to the earlier image. The EAS bit is set only if it is not as it was."""
        new_eas = eas if eas is not None and self._reader.read_eas(image.uid) is not eas else None
        can = self._reader.capabilities
        limits = ChipLimits.of(image.uid)
        plan = plan_write(image, target, max_blocks_per_write=can.max_blocks_per_write, limits=limits, eas=new_eas)
        return as_this_reader_writes(plan, can)

    def _work_for_people(
        self, last: LastWrite, uid: Uid, *, again: bool
    ) -> tuple[tuple[str, ...], tuple[Sentence, ...]]:
        """Return (library systems that have or will get the item's newest result with this tag, what people have to do
        there). The station itself sends nothing without a verdict. `again`: the tag belongs to
        the same item as before (it was erased or rewritten), so the sent results are still right."""
        newest: dict[str, Delivery] = {}
        for delivery in () if again else self._history.deliveries_of(last.write.barcode):
            if isinstance(delivery.intent, ResultIntent) and delivery.intent.part == last.write.part:
                newest[delivery.system] = delivery
        of_tag = [
            delivery
            for delivery in newest.values()
            if isinstance(delivery.intent, ResultIntent) and delivery.intent.uid == uid
        ]
        gone = [delivery.system for delivery in of_tag if delivery.state in _GONE]
        waits = [delivery.system for delivery in of_tag if delivery.state in _WAITING]
        title = self._title_of(last.write.barcode)
        to_do = [Sentence("undo.told", systems=", ".join(gone), title=title)] if gone else []
        to_do += [Sentence("undo.waits", systems=", ".join(waits), title=title)] if waits else []
        if self._profile.eas and last.write.eas is None:
            to_do.append(Sentence("undo.eas"))
        return (*gone, *waits), tuple(to_do)

    def _restored(self, last: LastWrite, after: TagImage) -> tuple[str, int, int]:
        """Return the item that the tag carries again: the one this station verified before, unless another tag carries
        it now."""
        recognition, before = recognise(after, self._profile), last.before
        if recognition.state is not TagState.OURS or recognition.content is None or before is None:
            return "", 1, 1
        content = recognition.content
        if (content.primary_item_identifier, content.part) != (before.barcode, before.part):
            return "", 1, 1
        bindings = self._journal.bindings_for(Barcode(before.barcode))
        if any(binding.part == before.part and binding.uid != after.uid for binding in bindings):
            return "", 1, 1
        return before.barcode, before.part, before.parts
