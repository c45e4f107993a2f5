"""What lies on the pad and what becomes of it: tag first, barcode first, interrupted writes, overwriting."""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import (
    EncodingError,
    NotAllowed,
    ProtocolError,
    RecordIncomplete,
    TagAbsent,
    TagError,
    TagLost,
    TagsCollide,
    TransportError,
)
from station.base.words import Sentence, tell
from station.bench import snapshot
from station.bench.desk import BenchDesk
from station.bench.item.corrections import flagged
from station.bench.item.gate import Stop, propose_part
from station.bench.item.in_hand import ItemInHand, StopKind, fault_of
from station.bench.item.sampling import not_sampled
from station.bench.item.security import eas_of
from station.bench.item.tag_writer import Seen, TagOrder
from station.bench.pad import GONE
from station.domain.choice import Choice
from station.domain.corrections import lacks
from station.domain.events import ItemScanned
from station.domain.item import Barcode, ItemRecord
from station.domain.notices import BEGUN, NONE, Notice, notice
from station.domain.ports import Signal, Worker
from station.domain.rights import Right, Role, may
from station.domain.snapshot import Fault, Phase, Sound
from station.domain.tag_image import Uid
from station.encoding.content import TagState

NO_TAG_SECONDS: Final = 10.0
"""Waiting longer than this for a tag becomes a sentence with a choice."""


class BenchItemFlow(BenchDesk):
    """Looks at the pad and encodes; knows nothing of commands."""

    # --- the pad ---------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        was_ready = self._pad.ready
        self._pad.look()
        if not self._pad.ready:
            if was_ready:
                self._play(Sound.BAD)
            return
        if not was_ready:
            self._play(Sound.ACCEPTED)
            if self._in_hand is not None:
                self._in_hand.waiting_since = self._clock.monotonic()
        if self._finished is not None and self._pad.looks_without(self._finished) >= GONE:
            self._finished = None
        self._on_pad()

    def _on_pad(self) -> None:
        """What lies there now means something in some phases, and nothing in others."""
        seen = self._pad.inventory
        here = seen.uids - {self._finished}
        crowded = seen.collision or len(here) > 1 or (len(here) == 1 and self._finished in seen.uids)
        match self._phase:
            case Phase.STOPPED:
                self._on_pad_stopped(here, crowded=crowded)
            case Phase.CHECKING | Phase.WRITING:
                return
            case _ if crowded:
                self._stop(StopKind.PAD, fault_of(TagsCollide(tell("pad.tags-answer", count=len(seen.uids)))))
            case Phase.NEED_TAG if here:
                self._encode(next(iter(here)))
            case Phase.NEED_TAG:
                self._no_tag_yet()
            case Phase.IDLE | Phase.DONE | Phase.NEED_SCAN if here:
                uid = next(iter(here))
                if self._tag is None or self._tag[0] != uid or self._phase is not Phase.NEED_SCAN:
                    self._tag_first(uid)
            case Phase.NEED_SCAN if self._tag and self._pad.looks_without(self._tag[0]) >= GONE:
                self._rest()

    def _on_pad_stopped(self, here: frozenset[Uid], *, crowded: bool) -> None:
        stopped = self._stopped
        if stopped is None:
            return
        if stopped.kind is StopKind.PAD:
            if not crowded and (here or stopped.fault.code == TagsCollide.code):
                self._go_on()
        elif stopped.kind is StopKind.TAG:
            if stopped.uid is not None and self._pad.looks_without(stopped.uid) >= GONE:
                self._go_on()
        elif stopped.kind is StopKind.INTERRUPTED and stopped.uid is not None:
            if stopped.uid in here and not crowded and self._in_hand is not None:
                self._clear_stop(Phase.NEED_TAG)
                self._encode(stopped.uid)
            elif crowded:
                self._notice = notice(Sentence("notice.crowded"))
            elif here:
                self._notice = notice(Sentence("notice.other-tag", ends=stopped.uid[-6:]))
            elif self._notice.code in _ABOUT_PAD:
                self._notice = NONE

    def _no_tag_yet(self) -> None:
        in_hand = self._in_hand
        if in_hand and self._finished is None and self._clock.monotonic() - in_hand.waiting_since > NO_TAG_SECONDS:
            self._stop(StopKind.PAD, fault_of(TagAbsent("waiting")))

    def _tag_first(self, uid: Uid) -> None:
        """A tag before a barcode: say what it is; an unfinished write is taken up at once."""
        try:
            seen = self._encoder.look(uid)
        except TagAbsent:
            # It only passed over the pad: nobody asked for anything yet.
            if self._phase is Phase.NEED_SCAN:
                self._rest()
            return
        except TagError as error:
            self._tag = (uid, tell("tag.unreadable"))
            self._stop(self._kind(error), fault_of(error), uid=uid)
            return
        except (TransportError, ProtocolError) as error:
            if self._phase is Phase.NEED_SCAN:
                self._rest()
            self._reader_failed(error, uid)
            return
        self._noise = 0
        self._tag = (uid, self._in_words(seen))
        if self._phase is Phase.DONE:
            self._in_hand = None
        if seen.attempt is not None:
            self._take_up(Barcode(seen.attempt.barcode), seen.attempt.part)
            return
        self._phase = Phase.NEED_SCAN
        self._play(Sound.ACCEPTED)

    def _in_words(self, seen: Seen) -> str:
        if seen.retag_write is not None:
            return tell("tag.half-erased" if seen.retag_write.purpose == "erase" else "tag.half-migrated")
        return snapshot.tag_in_words(seen.recognition, on_loan=seen.image.afi == self._profile.afi_on_loan)

    def _take_up(self, barcode: Barcode, part: int) -> None:
        item = self._catalog.find(barcode)
        if part > item.parts:
            part = propose_part(item, self._journal.bindings_for(barcode))
        self._begin(item, part)
        self._on_pad()

    # --- encoding --------------------------------------------------------------------------------------------------------

    def _encode(self, uid: Uid, *, overwrite: bool = False, authorised: str = "") -> None:
        in_hand = self._in_hand
        if in_hand is None:
            return
        order = TagOrder(
            item=in_hand.item,
            part=in_hand.part,
            part_chosen=in_hand.part_chosen,
            overwrite=overwrite,
            operator=self._operator,
            authorised=authorised,
        )
        try:
            answered = self._encoder.single(uid, self._pad.inventory, self._pad.looked_at)
            seen = self._encoder.look(uid)
            self._noise = 0
            self._tag = (uid, self._in_words(seen))
            decision = self._encoder.decide(order, seen)
            if isinstance(decision, Stop):
                fault = self._known_of(uid, decision.fault)
                self._stop(StopKind.TAG, fault, uid=uid, may_overwrite=decision.may_overwrite)
                return
            if self._authenticator is not None and self._encoder.locks(order, decision.part, seen):
                lent = self._lent(Right.LOCK)
                if lent is None:
                    self._ask_to_lock(uid)
                    return
                order = msgspec.structs.replace(order, authorised=order.authorised or lent)
            in_hand.part, in_hand.half = decision.part, uid
            self._phase = Phase.WRITING
            self._publish()
            written = self._encoder.write(order, decision.part, seen, self._progress, answered=answered)
        except (TagError, EncodingError, TransportError, ProtocolError) as error:
            self._not_written(in_hand, uid, error)
            return
        in_hand.uid, in_hand.image, in_hand.content = uid, written.image, written.content
        in_hand.tags_in_field, in_hand.half = written.tags_in_field, None
        in_hand.eas, in_hand.no_eas = eas_of(self._reader, self._profile, uid)
        in_hand.replaced, in_hand.foreign = written.replaced, seen.recognition.state is TagState.FOREIGN
        self._pad.count(uid)
        self._tag = (uid, tell("tag.verified", barcode=in_hand.item.barcode))
        self._finished = uid
        self._begin_checks(in_hand)
        in_hand.judging = True
        self._phase = Phase.CHECKING
        self._refresh_unfinished()
        self._play(Sound.GOOD)
        self._signal(Signal.GOOD)
        if not in_hand.checks:
            self._conclude(in_hand)

    def _known_of(self, uid: Uid, fault: Fault) -> Fault:  # noqa: ARG002 - a layer above knows more
        """What the gate says of this tag, with what the journal knows besides."""
        return fault

    def _lent(self, right: Right) -> str | None:
        lent = self._grants.get(right, "")
        return lent if lent or self._authenticator is None or may(self._worker.role, right) else None

    def _lend(self, right: Right, who: Worker) -> None:
        self._grants[right] = who.id

    def _ask_to_lock(self, uid: Uid) -> None:
        """The site's profile locks: somebody with the right to it says so once, until the operator changes."""
        self._stop(StopKind.TAG, fault_of(lacks(self._worker.role, Right.LOCK) or NotAllowed()), uid=uid)
        stopped = self._stopped

        def granted(who: Worker) -> None:
            self._lend(Right.LOCK, who)
            self._go_on()

        self._ask_for(Right.LOCK, granted, lambda: self._stopped is stopped)

    def _begin_checks(self, in_hand: ItemInHand) -> None:
        """What the machine finds, and what a person is asked."""
        self._sampling.begin(in_hand, in_hand.worker)
        trainee = Role.TRAINEE in (in_hand.worker.role, self._worker.role)
        self._judge.begin(in_hand, self._clock.now()[:10], each=trainee)
        left_out = not_sampled(in_hand)
        if left_out is not None:
            self._notice = notice(left_out)

    def _not_written(
        self, in_hand: ItemInHand, uid: Uid, error: TagError | EncodingError | TransportError | ProtocolError
    ) -> None:
        """What the tag's journal says decides: a write that has begun must come to its end on this very tag."""
        if isinstance(error, TagError):
            self._pad.look()
        self._refresh_unfinished()
        attempt = self._journal.open_attempt(uid)
        half = attempt is not None and attempt.barcode == in_hand.item.barcode
        in_hand.half = None
        self._phase = Phase.NEED_TAG
        if half and isinstance(error, TagAbsent | TagLost | TagsCollide | TransportError | ProtocolError):
            in_hand.half = uid
            self._tag = (uid, tell("tag.half-written", barcode=in_hand.item.barcode))
            plain = error if isinstance(error, TagLost | TagsCollide) else TagLost(*in_hand.steps, error.code)
            self._stop(StopKind.INTERRUPTED, fault_of(plain), uid=uid)
            if isinstance(error, TransportError | ProtocolError):
                self._pad.lost(error)
        elif isinstance(error, TagAbsent):
            self._notice = notice(Sentence("notice.lifted"))
        elif isinstance(error, TagError | EncodingError):
            self._stop(self._kind(error), fault_of(error), uid=uid)
        else:
            self._reader_failed(error, uid)

    def _progress(self, done: int, total: int) -> None:
        if self._in_hand:
            self._in_hand.steps = (done, total)
            self._publish()

    # --- the item in hand ----------------------------------------------------------------------------------------------

    def _begin(self, item: ItemRecord, part: int) -> None:
        self._journal.record(ItemScanned(barcode=item.barcode, part=part, item=item))
        now = self._clock.monotonic()
        self._in_hand = ItemInHand(item=item, part=part, started=now, worker=self._worker, waiting_since=now)
        self._comes_to(Notice(BEGUN))
        self._clear_stop(Phase.NEED_TAG)
        self._judge.receive(self._in_hand)
        self._corrections.look(self._in_hand)
        if self._in_hand.flags:
            self._say(flagged(self._in_hand.flags), Sound.WARNING)
        else:
            self._play(Sound.ACCEPTED)
        self._publish()

    def _go_on(self) -> None:
        """Leave a stop (or a scan) for the phase that fits, and act on what lies on the pad."""
        in_hand = self._in_hand
        if in_hand is None:
            self._rest()
        elif in_hand.judging:
            self._clear_stop(Phase.CHECKING)
            if in_hand.current == len(in_hand.checks):
                self._conclude(in_hand)
            return
        elif in_hand.half is not None and self._is_half_written(in_hand.half, in_hand.item.barcode):
            self._stop(StopKind.INTERRUPTED, fault_of(TagLost(*in_hand.steps)), uid=in_hand.half)
        else:
            self._clear_stop(Phase.NEED_TAG)
            in_hand.waiting_since = self._clock.monotonic()
            doubt = self._doubt(in_hand)
            if doubt is not None:
                self._stop(StopKind.RECORD, doubt)
                return
        if self._pad.ready:
            self._look()

    def _doubt(self, in_hand: ItemInHand) -> Fault | None:
        """What about the item itself stops the line before anything is written."""
        fault = fault_of(RecordIncomplete("call number"))  # not for people
        if in_hand.item.call_number or fault.code in in_hand.accepted:
            return None
        return msgspec.structs.replace(fault, choices=(SET_ASIDE_MAIN, _GO_ON))

    def _is_half_written(self, uid: Uid, barcode: Barcode) -> bool:
        attempt = self._journal.open_attempt(uid)
        return attempt is not None and attempt.barcode == barcode

    def _conclude(self, in_hand: ItemInHand) -> None:
        worker = self._worker
        self._judge.conclude(
            in_hand,
            in_hand.worker.id,
            self._clock.monotonic() - in_hand.started,
            lambda findings, verdict: (
                *self._sampling.follow(in_hand, findings),
                *self._corrections.follow(in_hand, findings, verdict, worker),
            ),
            self._pad.counted(in_hand.uid) if in_hand.uid is not None else None,
            finished_by="" if worker.id == in_hand.worker.id else worker.id,
        )
        self._corrections.look(in_hand)
        self._phase = Phase.DONE
        good = in_hand.verdict is not None and in_hand.verdict.value == "pass"
        if good and in_hand.flags:
            self._play(Sound.WARNING)
            self._signal(Signal.WARNING)
        else:
            self._play(Sound.GOOD if good else Sound.BAD)
            self._signal(Signal.GOOD if good else Signal.BAD)


_ABOUT_PAD: Final = frozenset({"notice.crowded", "notice.other-tag"})
"""Codes of notices about what lies on the pad: they go when that does."""
SET_ASIDE_MAIN: Final = Choice(id="set-aside", label="choice.set-aside", main=True)
_GO_ON: Final = Choice(id="go-on", label="choice.go-on-no-label")
