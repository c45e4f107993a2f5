"""Full report of one tag (state, bytes, diagnoses, history, ledger), and undo of its last write."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from station.base.errors import BarcodeMalformed, ItemWithdrawn, StationError, TagMismatch, UndoRefused
from station.base.sentence import Sentence
from station.base.settings import Barcodes
from station.base.words import tell
from station.bench.item.ledger import ledger, of_tag, state_line
from station.bench.item.undo import LastWrite, is_the_one, last_write, right_for
from station.bench.item.withdrawn import refuse_withdrawn
from station.bench.item.write_steps import Writer, read_image, refuse_impossible
from station.bench.snapshot import tag_in_words
from station.catalog.barcodes.barcode import check as check_barcode
from station.domain.deliveries.delivery import Delivery, DeliveryState
from station.domain.deliveries.intents import ResultIntent
from station.domain.events import TagUndoInterrupted, TagUndoStarted, TagUndoVerified
from station.domain.item import Barcode
from station.domain.people.rights import lacking, may
from station.domain.ports import History, Journal, Logged, Reader, Worker
from station.domain.tag_image import TagImage, Uid
from station.domain.workflows import HistoryLine, InspectedTag, TagDiagnosis, TagRange, UndoOffer
from station.encoding.chips import chip_of
from station.encoding.content import Recognition, TagContent, TagProfile, TagState, locked_blocks
from station.encoding.doctor.doctor import examine
from station.encoding.recognition.annotate import annotate
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import ChipLimits
from station.quality.diagnoses import advice, sentence
from station.quality.tag_overview import dump, overview

MOST_HISTORY: Final = 60
"""Most history lines shown, newest first; `station tag history` lists all."""
_WAITING: Final = (DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.LEASED, DeliveryState.PARKED)


class TagReporter:
    """Reads tags and undoes last writes. Keeps no state between calls."""

    def __init__(
        self,
        *,
        reader: Reader,
        journal: Journal,
        history: History,
        profile: TagProfile,
        barcodes: Barcodes,
        new_id: Callable[[], str],
        title_of: Callable[[str], str],
    ) -> None:
        """`title_of`: returns the name of the item with a barcode."""
        self._title_of = title_of
        self._reader = reader
        self._journal = journal
        self._history = history
        self._profile = profile
        self._barcodes = barcodes
        self._new_id = new_id

    # --- looking ---------------------------------------------------------------------------------------------------------

    def look(self, uid: Uid, siblings: Iterable[TagContent] = (), viewer: str = "") -> InspectedTag:
        """Read and explain one tag. The history is limited to what `viewer` may see ("" = viewer unknown).

        Raises `TagAbsent`, `TagUnreadable`, and the errors of the transport.
        """
        image = read_image(self._reader, uid)
        seen = recognise(image, self._profile)
        content = seen.content if seen.state in (TagState.OURS, TagState.FOREIGN) else None
        logged, seen_history = self._history.about_tag(uid), self._history.seen_by(viewer)
        ranges = annotate(image, seen)
        summary = tag_in_words(seen, on_loan=image.afi == self._profile.afi_on_loan)
        if seen.state is TagState.BLANK and locked_blocks(image):
            summary = tell("tag.blank-locked")
        says = (content.primary_item_identifier, content.part) if content is not None else None
        return InspectedTag(
            uid=uid,
            chip=chip_of(uid).name,
            state=seen.state.value,
            summary=summary,
            barcode=says[0] if says else "",
            afi=image.afi,
            dsfid=image.dsfid,
            block_size=image.block_size,
            memory=image.memory,
            locked=tuple(block for block, locked in enumerate(image.locked) if locked),
            lines=(
                *overview(image, seen, self._profile),
                *state_line(seen_history.state_of(says[0]) if says is not None else None),
            ),
            ranges=tuple(
                TagRange(offset=r.offset, length=r.length, part=r.part.value, label=r.label, value=r.value, note=r.note)
                for r in ranges
            ),
            dump=dump(image.memory, ranges),
            diagnoses=self._diagnoses(image, siblings),
            ledger=of_tag(ledger(self._history.writes()), uid, says),
            history=history_lines(seen_history.about_tag(uid)),
            undo=self._offer(last_write(logged), image, seen),
        )

    def contents(self, uids: Iterable[Uid]) -> dict[Uid, TagContent]:
        """Return the contents of finished tags. Skips tags that cannot be read."""
        found = {}
        for uid in uids:
            try:
                seen = recognise(read_image(self._reader, uid), self._profile)
            except StationError:
                continue
            if seen.content is not None and seen.state is TagState.OURS:
                found[uid] = seen.content
        return found

    def _diagnoses(self, image: TagImage, siblings: Iterable[TagContent]) -> tuple[TagDiagnosis, ...]:
        found = examine(
            image,
            self._profile,
            unfinished=self._journal.open_attempt(image.uid) is not None,
            siblings=siblings,
            in_stock=image.afi != self._profile.afi_on_loan,
            is_barcode=self._is_barcode,
        )
        return tuple(
            TagDiagnosis(
                code=one.code, severity=one.severity.value, sentence=str(sentence(one)), advice=str(advice(one))
            )
            for one in found
        )

    def _is_barcode(self, text: str) -> bool:
        try:
            check_barcode(text, self._barcodes)
        except BarcodeMalformed:
            return False
        return True

    def _offer(self, last: LastWrite | None, image: TagImage, seen: Recognition) -> UndoOffer | None:
        if last is None:
            return None
        old = recognise(last.write.old, self._profile)
        back_to = tag_in_words(old, on_loan=last.write.old.afi == self._profile.afi_on_loan)
        title = self._title_of(last.write.barcode) if last.write.barcode else last.write.uid
        question = tell("undo.really", title=title)
        if old.state is not TagState.BLANK:
            question = tell("undo.really-old", title=title, before=back_to)
        why = "" if is_the_one(last, image, seen) else tell("undo.not-the-one")
        try:
            self._refuse_withdrawn(old)
        except ItemWithdrawn as error:
            why = error.told
        return UndoOffer(
            attempt=last.write.attempt,
            barcode=last.write.barcode,
            at=last.at,
            operator=last.write.operator,
            title=title,
            question=question,
            back_to=back_to,
            begun=last.begun is not None,
            refused=why,
        )

    # --- undo --------------------------------------------------------------------------------------------------------------

    def undo(
        self,
        uid: Uid,
        attempt: str,
        worker: Worker,
        progress: Callable[[int, int], None],
        lent: Worker | None = None,
    ) -> InspectedTag:
        """Undo the last write: planned from the tag as it is now, journaled, addressed to this tag, verified by reading
        back.

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
        self._refuse_withdrawn(recognise(last.write.old, self._profile))
        to_do = self._write(last, image, worker, progress, lent.id if lent is not None else "")
        return msgspec.structs.replace(self.look(uid, viewer=worker.id), to_do=to_do)

    def _refuse_withdrawn(self, old: Recognition) -> None:
        """Raise `ItemWithdrawn` instead of giving its tag back to an item that leaves the library."""
        if old.state is TagState.OURS:
            refuse_withdrawn(self._journal, Barcode(old.identifier), self._title_of)

    def _write(
        self,
        last: LastWrite,
        image: TagImage,
        worker: Worker,
        progress: Callable[[int, int], None],
        authorised: str,
    ) -> tuple[str, ...]:
        capabilities = self._reader.capabilities
        target = dataclasses.replace(last.write.old, locked=image.locked)
        plan = plan_write(
            image, target, max_blocks_per_write=capabilities.max_blocks_per_write, limits=ChipLimits.of(image.uid)
        )
        eas = last.write.eas if capabilities.can_eas and ChipLimits.of(image.uid).has_eas else None
        if eas is not None and self._reader.read_eas(image.uid) is not eas:
            plan = plan_write(
                image,
                target,
                max_blocks_per_write=capabilities.max_blocks_per_write,
                limits=ChipLimits.of(image.uid),
                eas=eas,
            )
        refuse_impossible(plan, capabilities)
        name = self._new_id()
        writer = Writer(self._reader, plan, progress)
        self._journal.record(
            TagUndoStarted(
                attempt=name,
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
        )
        try:
            after = writer.run()
            if (after.memory, after.dsfid, after.afi) != (target.memory, target.dsfid, target.afi):
                raise TagMismatch(Sentence("detail.not-as-before"))
            if eas is not None and self._reader.read_eas(image.uid) is not eas:
                raise TagMismatch(Sentence("detail.eas-not-as-before"))
        except StationError as error:
            self._journal.record(
                TagUndoInterrupted(
                    attempt=name,
                    uid=image.uid,
                    barcode=last.write.barcode,
                    written=writer.steps_done,
                    planned=len(plan.steps),
                    code=error.code,
                    detail=tell(error.detail),
                )
            )
            raise
        restored, part, parts = self._restored(last, after)
        again = (restored, part) == (last.write.barcode, last.write.part)
        told, to_do = self._work_for_people(last, image.uid, again=again)
        self._journal.record(
            TagUndoVerified(
                attempt=name,
                undoes=last.write.attempt,
                uid=image.uid,
                barcode=last.write.barcode,
                restored=restored,
                part=part,
                parts=parts,
                writes=writer.write_commands,
                operator=worker.id,
                authorised=authorised,
                told=told,
            )
        )
        return to_do

    def _work_for_people(self, last: LastWrite, uid: Uid, *, again: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return (library systems that have or will get the item's newest result with this tag, sentences that list
        what people have to do there). The station itself sends nothing without a verdict. `again`: the tag belongs to
        the same item as before (it was erased or rewritten), so the sent results are still right."""
        newest: dict[str, Delivery] = {}
        for one in () if again else self._history.deliveries_of(last.write.barcode):
            if isinstance(one.intent, ResultIntent) and one.intent.part == last.write.part:
                newest[one.system] = one
        ours = [one for one in newest.values() if isinstance(one.intent, ResultIntent) and one.intent.uid == uid]
        gone = [one.system for one in ours if one.state in (DeliveryState.DELIVERED, DeliveryState.IN_DOUBT)]
        waits = [one.system for one in ours if one.state in _WAITING]
        title = self._title_of(last.write.barcode)
        to_do = [tell("undo.told", systems=", ".join(gone), title=title)] if gone else []
        to_do += [tell("undo.waits", systems=", ".join(waits), title=title)] if waits else []
        if self._profile.eas and last.write.eas is None:
            to_do.append(tell("undo.eas"))
        return (*gone, *waits), tuple(to_do)

    def _restored(self, last: LastWrite, after: TagImage) -> tuple[str, int, int]:
        """Return the item that the tag carries again: the one this station verified before, unless another tag carries
        it now."""
        seen, before = recognise(after, self._profile), last.before
        if seen.state is not TagState.OURS or seen.content is None or before is None:
            return "", 1, 1
        content = seen.content
        if (content.primary_item_identifier, content.part) != (before.barcode, before.part):
            return "", 1, 1
        held = self._journal.bindings_for(Barcode(before.barcode))
        if any(one.part == before.part and one.uid != after.uid for one in held):
            return "", 1, 1
        return before.barcode, before.part, before.parts


def history_lines(logged: Iterable[Logged]) -> tuple[HistoryLine, ...]:
    """Return the newest lines first, at most `MOST_HISTORY`."""
    lines = [HistoryLine(seq=one.seq, at=one.at, said=one.said, plain=one.plain) for one in logged]
    return tuple(reversed(lines))[:MOST_HISTORY]
