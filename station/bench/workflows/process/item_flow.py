"""One item from scan to verdict: its tag on the pad, the write, the checks. Process and convert own one flow each."""

from __future__ import annotations

from math import ceil
from typing import Final, Protocol

import msgspec

from station.base.errors import (
    CatalogError,
    EncodingError,
    LocalProtocolError,
    NotAllowed,
    NotPossible,
    ProtocolError,
    ReaderRefused,
    StationError,
    TagAbsent,
    TagError,
    TagLost,
    TagsCollide,
    TransportError,
)
from station.base.sentence import EMPTY, Sentence
from station.bench import snapshot
from station.bench.desk import Desk
from station.bench.item.corrections import flagged
from station.bench.item.gate import SET_ASIDE_MAIN, Stop, propose_part
from station.bench.item.in_hand import ItemInHand, StopKind, Stopped, fault_of
from station.bench.item.security import eas_of
from station.bench.item.tag_proof import TagProof
from station.bench.item.tag_writer import TagOrder, TagReading
from station.bench.item.titles import name_of
from station.bench.item.undo import last_write
from station.bench.item.withdrawn import refuse_withdrawn
from station.bench.moves import moved
from station.bench.pad import GONE
from station.bench.snapshot import Shown
from station.bench.workflows.process.moves import MOVES, Trigger
from station.bench.workflows.process.scanned_again import finished_before
from station.domain.corrections.correction import is_second_check, lacks
from station.domain.events import (
    SENDER_GONE,
    ItemScanned,
    ItemSetAside,
    SecurityWriteStarted,
    TagChangeStarted,
    TagUndoStarted,
    TagWriteStarted,
)
from station.domain.item import Barcode, ItemRecord
from station.domain.notices import BEGUN, NONE, Notice, notice
from station.domain.people.rights import Right
from station.domain.ports import Signal, Worker
from station.domain.signals import of_code
from station.domain.snapshot import Fault, Finished, Phase, PlannedTag, Sound
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.encoding.content import TagState
from station.encoding.iso15962.data_elements import element
from station.encoding.recognition.registry import data_model

NO_TAG_SECONDS: Final = 10.0
"""Longest wait for a tag before the line stops and offers choices."""


class ItemPolicy(Protocol):
    """Decisions about the item in hand that differ between process and convert."""

    @property
    def session(self) -> str:
        """Id of the conversion session; "" = there is none."""
        ...

    def doubt(self, in_hand: ItemInHand) -> Fault | None:
        """Return a fault that must stop the work before anything is written; None = none."""
        ...

    def begin_checks(self, in_hand: ItemInHand) -> None:
        """Make the machine findings and the operator's checks, now that the tag is verified."""
        ...

    def judged(self, in_hand: ItemInHand) -> None:
        """React to a verdict that was journaled."""
        ...

    def stopped(self) -> None:
        """React to a stop of the flow."""
        ...

    def stop_ended(self) -> None:
        """React to the end of a stop, or to a flow at rest."""
        ...


class ItemFlow:
    """The item in hand, its current stop, and reactions to the pad."""

    def __init__(self, desk: Desk, policy: ItemPolicy) -> None:
        self._desk = desk
        self._policy = policy
        self.phase = Phase.IDLE
        self.in_hand: ItemInHand | None = None
        self.stopped: Stopped | None = None
        self.tag: tuple[Uid, Sentence] | None = None
        """The tag that was read last, and its description."""
        self._tag_finished: Finished | None = None
        """When the item was finished that the tag on the pad names, before its scan."""
        self._tag_changed = False
        """Another part of the station changes the tag that was read last: the next look describes it anew."""
        self._warned_of_other = False
        """The look before found another item on the pad during the checks."""
        self.lifted: ItemInHand | None = None
        """The passed item that was lifted last, until something else begins: its verdict may still be taken back."""
        self._passed_on_pad = False
        """The item passed while its tag was on the pad: lifting it closes its page."""

    def _move(self, trigger: Trigger) -> None:
        self.phase = moved(MOVES, self.phase, trigger)

    # --- stops -----------------------------------------------------------------------------------------------------------

    def failed(self, error: StationError) -> None:
        """Stop for an error. The kind of error decides what lets the line continue."""
        match error:
            case TagsCollide():
                kind = StopKind.PAD
            case TagError() | EncodingError():
                kind = StopKind.TAG
            case CatalogError():
                kind = StopKind.RECORD
            case _:
                kind = StopKind.LINE
        self.stop(kind, fault_of(error))

    def stop(
        self,
        kind: StopKind,
        fault: Fault,
        *,
        uid: Uid | None = None,
        may_overwrite: bool = False,
        until_lifted: bool = False,
    ) -> None:
        if self.in_hand is not None and self.in_hand.verdict is not None:
            self.in_hand = None  # Its result is journaled; the new stop concerns something else.
        in_hand = self.in_hand
        if uid is None and kind is StopKind.TAG and self.tag is not None:
            uid = self.tag[0]
        self.stopped = Stopped(kind, fault, uid=uid, may_overwrite=may_overwrite, until_lifted=until_lifted)
        self._move(Trigger.STOPPED)
        sound = Sound.BAD if kind is StopKind.INTERRUPTED else of_code(fault.code).sound
        barcode = in_hand.item.barcode if in_hand else ""
        failed = self._desk.line_stopped(fault, sound, barcode, uid or "")
        if failed is not None:
            self.stopped = Stopped(StopKind.LINE, fault_of(failed))
        self._desk.signal(Signal.BAD)
        self._policy.stopped()

    def _leave_stop(self, trigger: Trigger) -> None:
        self.stopped = None
        self._move(trigger)
        self._policy.stop_ended()

    def rest(self) -> None:
        """Clear the item in hand and the stop."""
        self.in_hand = None
        self.tag = None
        self._leave_stop(Trigger.RESTS)
        self._desk.refresh_unfinished()

    def await_tag(self) -> None:
        """Leave a stop, and wait for the tag of the item in hand."""
        self._leave_stop(Trigger.AWAITS_TAG)

    def go_on(self) -> None:
        """Leave a stop (or a scan) for the fitting phase, and react to the tags on the pad."""
        in_hand = self.in_hand
        if in_hand is None:
            self.rest()
        elif in_hand.judging:
            self._leave_stop(Trigger.CHECKS_GO_ON)
            if in_hand.current == len(in_hand.checks):
                self.finish(in_hand)
            return
        elif in_hand.half is not None and self._is_half_written(in_hand.half, in_hand.item.barcode):
            self.stop(StopKind.INTERRUPTED, fault_of(TagLost(*in_hand.steps)), uid=in_hand.half)
        else:
            self.await_tag()
            in_hand.waiting_since = self._desk.clock.monotonic()
            doubt = self._policy.doubt(in_hand)
            if doubt is not None:
                self.stop(StopKind.RECORD, doubt)
                return
        if self._desk.pad.ready:
            self._desk.look()

    # --- the pad ---------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """React to the tags on the pad, in the phases in which they matter."""
        pad = self._desk.pad
        seen, finished, collision = pad.uids, pad.finished, pad.inventory.collision
        here = seen - {finished}
        crowded = collision or len(here) > 1 or (len(here) == 1 and finished in seen)
        match self.phase:
            case Phase.STOPPED:
                self._look_stopped(here, crowded=crowded)
            case Phase.CHECKING:
                self._look_checking()
            case Phase.WRITING:
                return
            case Phase.DONE if self.parts_left and len(here) == 1 and finished in seen and not collision:
                return  # the finished part is still beside the next one; the prompt says to take it off
            case _ if crowded:
                self.stop(StopKind.PAD, fault_of(TagsCollide(Sentence("pad.tags-answer", count=len(seen)))))
            case Phase.DONE if self._was_lifted():
                self._keep_lifted()
                self.rest()
            case Phase.NEED_TAG if here:
                self.encode(next(iter(here)))
            case Phase.NEED_TAG:
                self._no_tag_yet()
            case Phase.IDLE | Phase.DONE | Phase.NEED_SCAN if here:
                uid = next(iter(here))
                described = self.tag is not None and self.tag[0] == uid and not self._tag_changed
                if not described or self.phase is not Phase.NEED_SCAN:
                    self._tag_first(uid)
            case Phase.NEED_SCAN if self.tag and pad.looks_without(self.tag[0]) >= GONE:
                self.rest()

    def _was_lifted(self) -> bool:
        """True if the passed item was on the pad and has left it. A page that names more work stays."""
        in_hand, pad = self.in_hand, self._desk.pad
        if in_hand is None or in_hand.uid is None or not self._passed_on_pad or not pad.ready:
            return False
        return pad.looks_without(in_hand.uid) >= GONE

    def _keep_lifted(self) -> None:
        """Let the verdict on the passed item that has left the pad be taken back for a while."""
        if self._passed_on_pad and self.in_hand is not None:
            self._desk.judge.lifted(self.in_hand)
            self.lifted = self.in_hand

    def _look_stopped(self, here: frozenset[Uid], *, crowded: bool) -> None:
        stopped, desk = self.stopped, self._desk
        if stopped is None:
            return
        if stopped.kind is StopKind.PAD:
            if not crowded and (here or stopped.fault.code == TagsCollide.code):
                self.go_on()
        elif stopped.kind is StopKind.TAG:
            if stopped.uid is not None and desk.pad.looks_without(stopped.uid) >= GONE:
                self.tag = None
                self.go_on()
        elif stopped.kind is StopKind.INTERRUPTED and stopped.uid is not None:
            if stopped.until_lifted:
                stopped.until_lifted = desk.pad.looks_without(stopped.uid) < GONE
            elif stopped.uid in here and not crowded and self.in_hand is not None:
                self.await_tag()
                self.encode(stopped.uid)
            elif crowded:
                desk.notice = notice(Sentence("notice.crowded"))
            elif here and self.in_hand is not None:
                desk.notice = notice(Sentence("notice.other-tag", title=name_of(self.in_hand.item)))
            elif desk.notice.code in _ABOUT_PAD:
                desk.notice = NONE

    @property
    def other_on_pad(self) -> bool:
        """True while the item in check is off the pad and the tag of another one is on it."""
        in_hand, pad = self.in_hand, self._desk.pad
        if self.phase is not Phase.CHECKING or in_hand is None or in_hand.uid is None or not pad.ready:
            return False
        return bool(pad.uids) and pad.looks_without(in_hand.uid) >= GONE

    def look_for_other(self) -> bool:
        """Return `other_on_pad` for a tap. If only the newest look has missed the tag, and found another one, a second
        look decides."""
        in_hand, pad = self.in_hand, self._desk.pad
        if in_hand is not None and pad.uids and pad.looks_without(in_hand.uid or Uid("")) == GONE - 1:
            self._desk.look()
        return self.other_on_pad

    def _look_checking(self) -> None:
        """Warn once of another item, and see whether the tag must be read again. The item in check may be lifted, since
        people look at it in their hands."""
        if self.in_hand is not None and self.in_hand.proof is not None:
            self.in_hand.proof.look()
        other = self.other_on_pad
        if other and not self._warned_of_other:
            self._desk.play(Sound.WARNING)
        self._warned_of_other = other

    def _no_tag_yet(self) -> None:
        in_hand, desk = self.in_hand, self._desk
        waited = in_hand is not None and desk.clock.monotonic() - in_hand.waiting_since > NO_TAG_SECONDS
        if waited and desk.pad.finished is None:
            self.stop(StopKind.PAD, fault_of(TagAbsent("waiting")))

    def reader_returned(self) -> None:
        """Restart the wait for a tag."""
        if self.in_hand is not None:
            self.in_hand.waiting_since = self._desk.clock.monotonic()

    def _tag_first(self, uid: Uid) -> None:
        """Describe a tag that is on the pad before a scan. Resume an unfinished write at once."""
        self._tag_changed = False
        try:
            with self._desk.noticing():
                reading = self._desk.tag_writer.look(uid)
        except TagAbsent:
            # The tag only passed over the pad; no item is in hand.
            if self.phase is Phase.NEED_SCAN:
                self.rest()
            return
        except TagError as error:
            self.tag = (uid, Sentence("tag.unreadable"))
            self.stop(StopKind.PAD if isinstance(error, TagsCollide) else StopKind.TAG, fault_of(error), uid=uid)
            return
        except (TransportError, ProtocolError) as error:
            if self.phase is Phase.NEED_SCAN:
                self.rest()
            self._reader_failed(error, uid)
            return
        self._desk.reader_worked()
        if self._continues_set(reading):
            return
        self.tag = (uid, self._in_words(reading))
        self._tag_finished = self._finished_by_tag(reading)
        if self.phase is Phase.DONE:
            self._keep_lifted()
            self.in_hand = None
        if reading.attempt is not None:
            self.take_up(Barcode(reading.attempt.barcode), reading.attempt.part)
            return
        self._move(Trigger.TAG_SEEN)
        self._desk.play(Sound.ACCEPTED)

    @property
    def parts_left(self) -> tuple[int, ...]:
        """The parts without a tag of the set whose part was just passed; () = another item may come."""
        return self.in_hand.parts_left if self.phase is Phase.DONE and self.in_hand is not None else ()

    def _continues_set(self, reading: TagReading) -> bool:
        """Begin the next part of the set with a blank tag, or with a tag of this set, as the prompt asks. Any other tag
        needs a scan first. Return True if the tag was handled."""
        in_hand, left, content = self.in_hand, self.parts_left, reading.recognition.content
        if in_hand is None or not left or reading.attempt is not None or reading.retag_write is not None:
            return False
        same = (
            reading.recognition.state is TagState.OURS
            and content is not None
            and content.primary_item_identifier == in_hand.item.barcode
        )
        if content is not None and same and content.part not in left:
            self._desk.pad.finished = reading.image.uid
            self._desk.say(Sentence("notice.part-done", part=content.part, next=left[0]), Sound.WARNING)
            return True
        if not same and reading.recognition.state is not TagState.BLANK:
            return False
        self._desk.require_worker()
        self.begin(in_hand.item, left[0], by_search=in_hand.by_search)
        self.go_on()
        return True

    def _finished_by_tag(self, reading: TagReading) -> Finished | None:
        """Return when the item that this tag names was finished; None = it was not, or the tag names none of ours."""
        item, desk = self._item_of(reading), self._desk
        return finished_before(desk, item, desk.journal.bindings_for(item.barcode)) if item is not None else None

    def _item_of(self, reading: TagReading) -> ItemRecord | None:
        """Return the record of the item that this tag of ours names; None = it is not known, or the tag is none of ours."""
        content = reading.recognition.content
        if reading.recognition.state is not TagState.OURS or content is None:
            return None
        return self._desk.titles.record(content.primary_item_identifier)

    def _reader_failed(self, error: TransportError | ProtocolError, uid: Uid) -> None:
        if self._desk.reader_failed(error):
            self.stop(StopKind.TAG, fault_of(error), uid=uid)

    def _in_words(self, reading: TagReading) -> Sentence:
        if reading.retag_write is not None:
            return Sentence("tag.half-erased" if reading.retag_write.purpose == "erase" else "tag.half-migrated")
        on_loan = reading.image.afi == self._desk.profile.afi_on_loan
        item = self._item_of(reading)
        return snapshot.tag_in_words(reading.recognition, on_loan=on_loan, title=name_of(item) if item else "")

    def describe_tag(self, reading: TagReading) -> None:
        """Update the description of the shown tag after another program had it written."""
        if self.tag is not None and self.tag[0] == reading.image.uid:
            self.tag, self._tag_changed = (self.tag[0], self._in_words(reading)), False

    def take_up(self, barcode: Barcode, part: int) -> None:
        """Begin the item of an unfinished write, and resume that write."""
        desk = self._desk
        desk.ledger.ask(barcode=barcode)
        item = desk.catalog.find(barcode)
        if part > item.parts:
            part = propose_part(item, desk.journal.bindings_for(barcode))
        scanned = [entry.event for entry in desk.history.about_item(barcode) if isinstance(entry.event, ItemScanned)]
        self.begin(item, part, by_search=bool(scanned) and scanned[-1].by_search)
        self.look()

    # --- the write -------------------------------------------------------------------------------------------------------

    def encode(self, uid: Uid, *, overwrite: bool = False, authorised: str = "") -> None:
        """Write and verify the item's tag, or stop. `authorised`: id of the person who lent the right to overwrite
        it."""
        in_hand, desk = self.in_hand, self._desk
        if in_hand is None:
            return
        order = TagOrder(
            item=in_hand.item,
            part=in_hand.part,
            part_chosen=in_hand.part_chosen,
            overwrite=overwrite,
            operator=desk.worker.id,
            authorised=authorised,
            to_check=True,
        )
        try:
            with desk.noticing():
                answered = desk.tag_writer.single(uid, desk.pad.inventory, desk.pad.looked_at)
                reading = desk.tag_writer.look(uid)
            desk.reader_worked()
            self.tag = (uid, self._in_words(reading))
            decision = desk.tag_writer.decide(order, reading)
            if isinstance(decision, Stop):
                fault = self._known_of(uid, decision.fault)
                self.stop(StopKind.TAG, fault, uid=uid, may_overwrite=decision.may_overwrite)
                return
            # `plan` refuses what chip or reader cannot do, before the screen says that the tag is being written.
            plan = desk.tag_writer.plan(order.item, decision.part, reading.image)
            if plan.irreversible and desk.authenticator is not None:
                lent = desk.lent(Right.LOCK)
                if lent is None:
                    self._ask_to_lock(uid)
                    return
                order = msgspec.structs.replace(order, authorised=order.authorised or lent)
            in_hand.part, in_hand.half = decision.part, uid
            self._move(Trigger.WRITES)
            desk.publish()
            written = desk.tag_writer.write(order, decision.part, reading, plan, self._progress, answered=answered)
        except (TagError, EncodingError, TransportError, ProtocolError) as error:
            self._not_written(in_hand, uid, error)
            return
        in_hand.uid, in_hand.image, in_hand.content = uid, written.image, written.content
        in_hand.proof = TagProof(desk.reader, desk.pad, desk.clock, written.image)
        in_hand.tags_in_field, in_hand.half = written.tags_in_field, None
        in_hand.eas, in_hand.no_eas = eas_of(desk.reader, desk.profile, uid)
        in_hand.replaced, in_hand.foreign = written.replaced, reading.recognition.state is TagState.FOREIGN
        desk.pad.count(uid)
        self.tag = (uid, Sentence("tag.verified"))
        desk.pad.finished = uid
        self._policy.begin_checks(in_hand)
        in_hand.judging = True
        self._move(Trigger.VERIFIED)
        desk.refresh_unfinished()
        desk.play(Sound.GOOD)
        desk.signal(Signal.GOOD)
        if not in_hand.checks:
            self.conclude(in_hand)

    def _known_of(self, uid: Uid, fault: Fault) -> Fault:
        """Return a more exact fault if the tag is unfinished because an undo was interrupted."""
        if fault.code != "incomplete-tag":
            return fault
        last = last_write(self._desk.history.about_tag(uid))
        if last is None or last.begun is None:
            return fault
        return msgspec.structs.replace(
            fault, code="undo-unfinished", sentence=Sentence("fault.undo-unfinished"), do=Sentence("do.undo-unfinished")
        )

    def _ask_to_lock(self, uid: Uid) -> None:
        """Ask for a person with the right to lock, because the site's profile locks. The loan lasts until the worker
        changes."""
        desk = self._desk
        self.stop(StopKind.TAG, fault_of(lacks(desk.worker.role, Right.LOCK) or NotAllowed()), uid=uid)
        stopped = self.stopped

        def granted(who: Worker) -> None:
            desk.lend(Right.LOCK, who)
            self.go_on()

        desk.ask_for(Right.LOCK, granted, lambda: self.stopped is stopped)

    def _not_written(
        self, in_hand: ItemInHand, uid: Uid, error: TagError | EncodingError | TransportError | ProtocolError
    ) -> None:
        """Stop after a failed write. If the journal has it as begun, it must be finished on this tag."""
        desk = self._desk
        if isinstance(error, TagError):
            desk.pad.look()
        desk.refresh_unfinished()
        attempt = desk.journal.open_attempt(uid)
        half = attempt is not None and attempt.barcode == in_hand.item.barcode
        begun = self.phase is Phase.WRITING
        refused = isinstance(error, ReaderRefused | LocalProtocolError | NotPossible)
        in_hand.half = None
        self._move(Trigger.AWAITS_TAG)
        if half and (refused or isinstance(error, TagAbsent | TagLost | TagsCollide | TransportError | ProtocolError)):
            in_hand.half = uid
            self.tag = (uid, Sentence("tag.half-written", barcode=in_hand.item.barcode))
            shown: StationError = error
            if isinstance(error, TagAbsent | TransportError):
                shown = TagLost(*in_hand.steps, error.code)
            elif isinstance(error, NotPossible):
                shown = ReaderRefused(
                    None, error.detail, error.lacks
                )  # "Nothing was written" is not true of a half-written tag
            self.stop(StopKind.INTERRUPTED, fault_of(shown), uid=uid, until_lifted=refused)
            if isinstance(error, TransportError | ProtocolError) and not refused:
                desk.pad.lost(error)
        elif isinstance(error, ReaderRefused) and begun:
            self.stop(StopKind.TAG, fault_of(error), uid=uid)
        elif isinstance(error, TagAbsent):
            desk.notice = notice(Sentence("notice.lifted"))
        elif isinstance(error, TagError | EncodingError):
            self.stop(StopKind.PAD if isinstance(error, TagsCollide) else StopKind.TAG, fault_of(error), uid=uid)
        else:
            self._reader_failed(error, uid)

    def _is_half_written(self, uid: Uid, barcode: Barcode) -> bool:
        attempt = self._desk.journal.open_attempt(uid)
        return attempt is not None and attempt.barcode == barcode

    def _progress(self, done: int, total: int) -> None:
        if self.in_hand:
            self.in_hand.steps = (done, total)
            self._desk.progress(done, total)

    # --- the item in hand ------------------------------------------------------------------------------------------------

    def begin(self, item: ItemRecord, part: int, *, by_search: bool = False) -> None:
        desk = self._desk
        session = self._policy.session
        desk.journal.record(
            ItemScanned(barcode=item.barcode, part=part, item=item, by_search=by_search, session=session)
        )
        now = desk.clock.monotonic()
        self.lifted = None
        in_hand = self.in_hand = ItemInHand(
            item=item,
            part=part,
            started=now,
            worker=desk.worker,
            waiting_since=now,
            job=desk.job_id,
            by_search=by_search,
            session=session,
        )
        desk.answers.comes_to(Notice(BEGUN))
        self.await_tag()
        desk.judge.receive(in_hand)
        desk.corrections.look(in_hand)
        if in_hand.flags:
            desk.say(flagged(in_hand.flags), Sound.WARNING)
        else:
            desk.play(Sound.ACCEPTED)
        desk.publish()

    def finish(self, in_hand: ItemInHand) -> None:
        """Judge the item after its checks, unless its tag is on the pad and no longer as it was written. People may
        have changed the tag with another program, or the tag may have failed."""
        try:
            stands = in_hand.proof is None or in_hand.proof.stands()
        except TagError as error:
            self.stop(StopKind.TAG, fault_of(error), uid=in_hand.uid)
            return
        if stands:
            self.conclude(in_hand)
        else:
            self._stop_changed(in_hand)

    @property
    def reading(self) -> bool:
        """True while the tag in check is being read again."""
        proof = self.in_hand.proof if self.in_hand is not None else None
        return self.phase is Phase.CHECKING and proof is not None and proof.reading

    def read_on(self) -> None:
        """Make the next exchange of that reading. A tag that was changed stops the line at once."""
        in_hand = self.in_hand
        if in_hand is not None and in_hand.proof is not None and not in_hand.proof.read_on():
            self._stop_changed(in_hand)

    def _stop_changed(self, in_hand: ItemInHand) -> None:
        fault = Fault(
            code="tag-changed",
            sentence=Sentence("fault.tag-changed"),
            do=Sentence("do.tag-changed"),
            choices=(SET_ASIDE_MAIN,),
        )
        self.stop(StopKind.RECORD, fault, uid=in_hand.uid)

    def conclude(self, in_hand: ItemInHand) -> None:
        """Judge the item. Findings, corrections and deliveries are journaled in one transaction. Raises
        `ItemWithdrawn`."""
        desk, worker = self._desk, self._desk.worker
        refuse_withdrawn(desk.journal, in_hand.item.barcode, desk.titles.of)
        desk.judge.conclude(
            in_hand,
            in_hand.worker.id,
            desk.clock.monotonic() - in_hand.started,
            lambda findings, verdict: (
                *desk.sampling.follow(in_hand, findings),
                *desk.corrections.follow(in_hand, findings, verdict, worker),
            ),
            desk.pad.counted(in_hand.uid) if in_hand.uid is not None else None,
            finished_by="" if worker.id == in_hand.worker.id else worker.id,
            before=lambda: desk.sampling.before(in_hand),
        )
        desk.corrections.look(in_hand)
        desk.refresh_unfinished()
        self._move(Trigger.JUDGED)
        if in_hand.uid in desk.pad.uids:  # it was lifted and put back during the checks
            desk.pad.finished = in_hand.uid
        good = in_hand.verdict is Verdict.PASS
        in_hand.parts_left = self._without_tag(in_hand.item) if good else ()
        on_pad = in_hand.uid is not None and desk.pad.looks_without(in_hand.uid) < GONE
        self._passed_on_pad = good and on_pad and not in_hand.parts_left and not in_hand.flags
        if in_hand.parts_left:
            desk.play(Sound.ACCEPTED)
            desk.signal(Signal.GOOD)
        elif good and in_hand.flags:
            desk.play(Sound.WARNING)
            desk.signal(Signal.WARNING)
        else:
            desk.play(Sound.GOOD if good else Sound.BAD)
            desk.signal(Signal.GOOD if good else Signal.BAD)
        self._policy.judged(in_hand)

    def _without_tag(self, item: ItemRecord) -> tuple[int, ...]:
        bound = {binding.part for binding in self._desk.journal.bindings_for(item.barcode)}
        return tuple(part for part in range(1, item.tags + 1) if part not in bound) if item.tags > 1 else ()

    def take_back(self) -> None:
        """Take the last answer back, and with it the verdict if it can be; the checks go on."""
        desk, in_hand = self._desk, self.in_hand or self.lifted
        if self.phase is Phase.CHECKING and in_hand is not None and in_hand.given:
            desk.judge.reopen(in_hand, desk.clock.monotonic())
        elif self.phase in _JUDGED and in_hand is not None and desk.judge.take_back(in_hand, desk.worker.id):
            if in_hand is self.lifted and in_hand.uid is not None:
                self.tag = (in_hand.uid, Sentence("tag.verified"))
            self.in_hand, self.lifted = in_hand, None
            desk.corrections.look(in_hand)
            in_hand.parts_left = ()
            self._move(Trigger.TAKEN_BACK)
            desk.refresh_unfinished()
            desk.say(Sentence("notice.taken-back"), Sound.ACCEPTED)
        else:
            desk.say(Sentence("notice.final"), Sound.WARNING)

    def end_take_back(self) -> None:
        """Make the verdict final: the operator goes on to something else."""
        if self.in_hand is not None:
            self.in_hand.last_word = None
        self.lifted = None

    def set_aside(self, reason: Sentence, code: str = "") -> None:
        """Set the item aside without a verdict, and say where it belongs. A single tag on the pad counts as its tag
        until it is removed. `code`: see `ItemSetAside`."""
        in_hand = self.in_hand
        if in_hand is not None and in_hand.verdict is None and not in_hand.job:
            self._desk.notice = notice(Sentence("notice.set-aside", title=name_of(in_hand.item)))
        self.journal_set_aside(reason, code)
        on_pad = self._desk.pad.uids
        if len(on_pad) == 1:
            self._desk.pad.finished = next(iter(on_pad))
        self.lifted = None
        self.rest()

    def journal_set_aside(self, reason: Sentence, code: str = "") -> None:
        in_hand = self.in_hand
        if in_hand is None or in_hand.verdict is not None:
            return
        uid = in_hand.uid or in_hand.half or (self.stopped.uid if self.stopped else None) or ""
        self._desk.journal.record(
            ItemSetAside(
                barcode=in_hand.item.barcode,
                uid=uid,
                reason=reason,
                code=code,
                operator=self._desk.worker.id,
            )
        )

    def tag_changes(self, event: TagChangeStarted) -> None:
        """Set the item aside, or stop showing its verdict, because another part of the station changes its tag. The
        verdict on an item stays if only the security of its tag changes."""
        in_hand = self.in_hand
        self._tag_changed = self._tag_changed or (self.tag is not None and event.uid == self.tag[0])
        if self.lifted is not None and event.uid == self.lifted.uid:
            self.lifted = None
        if self.phase is Phase.WRITING or in_hand is None or event.uid not in (in_hand.uid, in_hand.half):
            return  # while the phase is WRITING, the flow itself writes the tag
        if in_hand.verdict is None:
            self.journal_set_aside(_why(event))
        elif isinstance(event, SecurityWriteStarted):
            self.end_take_back()
            return
        self.rest()

    def job_ended(self, job: str) -> Sentence:
        """Set aside the item that this job began. Return its title, or else its barcode; empty = there is none."""
        in_hand = self.in_hand
        if in_hand is None or in_hand.job != job:
            return EMPTY
        if in_hand.verdict is not None:
            if self.parts_left:
                self.rest()  # no one at the bench was asked for the next part
            return EMPTY
        self.set_aside(Sentence("detail.sender-gone"), SENDER_GONE)
        return Sentence.verbatim(in_hand.item.title or in_hand.item.barcode)

    def given_up(self, uid: Uid) -> None:
        """Continue after the unfinished write to this tag was given up."""
        in_hand = self.in_hand
        if in_hand is not None and in_hand.half == uid:
            in_hand.half = None
            if self.stopped is not None and self.stopped.kind is StopKind.INTERRUPTED:
                self.go_on()

    def hide_result(self) -> None:
        """After a change of worker, make the verdict final, and hide the result of an item that the new worker still
        has to check blind."""
        self.end_take_back()
        in_hand, worker = self.in_hand, self._desk.worker
        if in_hand is None or in_hand.verdict is None or in_hand.worker.id == worker.id:
            return
        if any(is_second_check(correction, worker.id) for correction in in_hand.standing):
            self._desk.notice = NONE
            self.rest()

    # --- display ---------------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> Sentence:
        """Reason why the pad is not free for another program; empty = it is free."""
        in_hand, stopped = self.in_hand, self.stopped
        if in_hand is not None and in_hand.verdict is None:
            return Sentence("detail.in-hand", item=name_of(in_hand.item))
        if self.phase in _FREE or (stopped is not None and stopped.kind in _PAD_STOPS):
            return EMPTY
        return stopped.fault.sentence if stopped else Sentence.verbatim(self.phase.value)

    def shown(self) -> Shown:
        in_hand = self.in_hand
        state, prompt, light = snapshot.step(
            self.phase,
            in_hand,
            self.stopped,
            finished_on_pad=self._desk.pad.finished is not None,
            other_on_pad=self.other_on_pad,
        )
        return Shown(
            finished=self._finished(),
            phase=self.phase,
            state=state,
            prompt=prompt,
            light=light,
            fault=self.stopped.fault if self.stopped else None,
            steps=in_hand.steps if in_hand else (0, 0),
            in_hand=in_hand,
            tag=self.tag,
            planned=self._planned(),
            # During the checks and after the verdict, only the title line shows that the reader is gone.
            without_reader=self.phase in (Phase.CHECKING, Phase.DONE),
            take_back_s=self._take_back_s(),
        )

    def _finished(self) -> Finished | None:
        match self.phase:
            case Phase.NEED_TAG if self.in_hand is not None:
                return self.in_hand.finished
            case Phase.NEED_SCAN:
                return self._tag_finished
            case _:
                return None

    def _take_back_s(self) -> int:
        judged = self.in_hand or (self.lifted if self.phase in _JUDGED else None)
        if judged is None or judged.last_word is None:
            return 0
        return ceil(self._desk.judge.left_to_take_back(judged))

    def _planned(self) -> PlannedTag | None:
        in_hand = self.in_hand
        if in_hand is None:
            return None
        planned = in_hand.planned
        if planned is None or planned.part != in_hand.part:
            planned = in_hand.planned = self._plan_tag(in_hand)
        on_tag = in_hand.on_tag and self.phase is Phase.NEED_TAG
        return msgspec.structs.replace(planned, on_tag=True) if planned is not None and on_tag else planned

    def _plan_tag(self, in_hand: ItemInHand) -> PlannedTag | None:
        """Return the planned content; None for a read-only profile."""
        desk = self._desk
        if desk.site.read_only:
            return None
        content = desk.tag_writer.content(in_hand.item, in_hand.part)
        rows: list[tuple[int, str | Sentence]] = [(1, content.primary_item_identifier), (3, content.owner_institution)]
        if content.parts > 1:
            rows.append((4, Sentence("item.part-of", part=content.part, parts=content.parts)))
        if content.shelf_location:
            rows.append((6, content.shelf_location))
        rows += content.further
        return PlannedTag(
            model=data_model(desk.profile.model).title,
            elements=tuple((element(oid).name, Sentence.of(value)) for oid, value in rows if value),
            afi=desk.profile.afi_in_stock,
            part=in_hand.part,
            parts=in_hand.item.parts,
        )


def _why(event: TagChangeStarted) -> Sentence:
    """Return the reason why the item is set aside whose tag changes."""
    match event:
        case TagUndoStarted():
            return Sentence("undo.taken-back")
        case TagWriteStarted(purpose="erase"):
            return Sentence("detail.tag-erased")
        case _:
            return Sentence("detail.tag-rewritten")


_ABOUT_PAD: Final = frozenset({"notice.crowded", "notice.other-tag"})
"""Codes of notices about the pad; they disappear when their cause leaves the pad."""
_JUDGED: Final = frozenset({Phase.DONE, Phase.IDLE, Phase.NEED_SCAN})
"""Phases after a verdict: IDLE if the item was lifted, NEED_SCAN if the next one is on the pad."""
_FREE: Final = frozenset({Phase.IDLE, Phase.NEED_SCAN, Phase.DONE})
_PAD_STOPS: Final = frozenset({StopKind.PAD, StopKind.TAG})
"""Stops that only concern the tags on the pad. Without an item in hand they do not make the pad busy."""
