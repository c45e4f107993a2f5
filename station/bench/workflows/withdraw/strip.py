"""Erase the tags of an item that has left the library system."""

from __future__ import annotations

import msgspec

from station.base.errors import ProtocolError, StationError, TagGivenUp, TagsCollide, TransportError
from station.base.sentence import EMPTY, Sentence
from station.bench.desk import Desk
from station.bench.item.tag_writer import TagReading
from station.bench.item.unfinished import failures
from station.bench.workflows.retag.rules import Draft, blank_of, to_erase, to_finish
from station.bench.workflows.retag.writing import RetagWriting
from station.domain.events import TagErased, TagWriteStarted
from station.domain.item import Barcode
from station.domain.snapshot import Sound
from station.domain.tag_image import Uid
from station.domain.withdrawals.withdrawal import TagStanding, Withdrawal
from station.domain.workflows import RetagTask
from station.encoding.content import TagState
from station.encoding.write_plan.steps import WritePlan


class Strip:
    """Erases one tag at a time: that of the item, never another one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._writing = RetagWriting(desk, RetagTask.ERASE)
        self._done: frozenset[Uid] = frozenset()
        """What was on the pad at the newest try: a tag is tried once until it is lifted."""
        self.steps: tuple[int, int] | None = None
        """Progress of the current erasure; None = nothing is being written."""
        self.uid_of_part: dict[tuple[str, int], Uid] = {}
        """Barcode and part -> a tag that carries them, and that the journal may not know."""

    def forget(self) -> None:
        """Try the tag on the pad again."""
        self._done = frozenset()

    def is_new(self, uids: frozenset[Uid]) -> bool:
        """Return whether a tag on the pad was not tried yet."""
        return bool(uids) and uids != self._done

    def erase(self, withdrawal: Withdrawal, barcode: str, uids: frozenset[Uid]) -> bool:
        """Erase the tag on the pad if it is the item's. Return whether the journal knows more than before."""
        if uids == self._done:
            return False
        self._done = uids
        if len(uids) > 1:
            self._desk.say(TagsCollide(Sentence("pad.tags-answer", count=len(uids))), Sound.WARNING)
        if len(uids) != 1:
            return False
        try:
            return self._erase(withdrawal, barcode, next(iter(uids)))
        except StationError as error:
            if isinstance(error, TransportError | ProtocolError):
                self.forget()  # the tag is not at fault
            self._desk.refresh_unfinished()
            raise

    def _erase(self, withdrawal: Withdrawal, barcode: str, uid: Uid) -> bool:
        desk = self._desk
        with desk.noticing():
            desk.tag_writer.single(uid, desk.pad.inventory, desk.pad.looked_at)
            reading = desk.tag_writer.look(uid)
        owner, part = self._carries(reading, barcode)
        unfinished = reading.retag_write
        if (
            unfinished is not None
            and unfinished.purpose == RetagTask.ERASE
            and unfinished.barcode == barcode == (reading.recognition.identifier or barcode)
        ):
            self._finish(reading, msgspec.structs.replace(unfinished, withdrawal=withdrawal.id))
            return True
        if uid in {tag.uid for tag in withdrawal.tags if tag.standing is TagStanding.ERASED}:
            return False  # it lies there since it was erased
        if owner != barcode:
            title = desk.titles.of(owner) if owner else ""
            key = "withdraw.other-tag" if title else "withdraw.no-tag-of-it"
            desk.say(Sentence(key, title=title), Sound.BAD)
            return False
        self.uid_of_part[barcode, part] = uid
        if withdrawal.part and part != withdrawal.part:
            desk.say(Sentence("withdraw.other-part", part=part), Sound.BAD)
            return False
        draft = to_erase(reading.image, reading.recognition, desk.profile, desk.reader.capabilities)
        if draft.plan is None:
            return self._not_to_write(draft, uid, barcode, part)
        started = msgspec.structs.replace(
            self._writing.started(draft, draft.plan, EMPTY, withdrawal.authorised),
            barcode=barcode,
            withdrawal=withdrawal.id,
        )
        self._write(draft.plan, started)
        return True

    def _carries(self, reading: TagReading, barcode: str) -> tuple[str, int]:
        """Return the item and the part that the tag carries; "" = none that is known. What a finished tag says counts more
        than the journal: another station may have given the tag to another item. A tag that names no owner is the item's if
        it names the barcode that was scanned."""
        bound = self._desk.journal.binding_of(reading.image.uid)
        content, named = reading.recognition.content, reading.recognition.identifier
        if not named and bound is not None:
            return bound.barcode, bound.part
        state = reading.recognition.state
        ours = state is TagState.OURS or (bound is not None and bound.barcode == named)
        if state is TagState.FOREIGN and content is not None and not content.owner_institution:
            ours = ours or named == barcode
        return (named, content.part) if named and content is not None and ours else ("", 0)

    def _not_to_write(self, draft: Draft, uid: Uid, barcode: str, part: int) -> bool:
        """Take a tag that is blank already; a locked one is to destroy."""
        image, new = draft.image, blank_of(draft.image)
        if (image.memory, image.afi, image.dsfid) != (new.memory, new.afi, new.dsfid):
            self._desk.say(Sentence("withdraw.locked"), Sound.BAD)
            return False
        self._desk.journal.record(TagErased(attempt=self._desk.new_id(), uid=uid, barcode=Barcode(barcode), part=part))
        self._desk.play(Sound.GOOD)
        return True

    def _finish(self, reading: TagReading, attempt: TagWriteStarted) -> None:
        """Finish an erasure that was interrupted."""
        desk = self._desk
        failed = failures(desk.journal, attempt)
        if failed >= desk.settings.tag.max_attempts:
            raise TagGivenUp(Sentence("detail.attempts", count=failed))
        eas = False if desk.profile.eas else None
        plan = to_finish(reading.image, attempt.new, desk.reader.capabilities, eas=eas)
        again = msgspec.structs.replace(
            attempt,
            attempt=desk.new_id(),
            resumes=attempt.attempt,
            tries=failed + 1,
            plan_digest=plan.digest,
            steps=len(plan.steps),
            operator=desk.worker.id,
        )
        self._write(plan, again)

    def _write(self, plan: WritePlan, started: TagWriteStarted) -> None:
        try:
            self._writing.write(plan, started, None, self._progress)
        finally:
            self.steps = None
        self._desk.refresh_unfinished()
        self._desk.play(Sound.GOOD)

    def _progress(self, done: int, total: int) -> None:
        self.steps = (done, total)
        self._desk.progress(done, total)
