"""What other programs ask of the pad (Alma's page, the command line): read it, set an item's security, write one tag anew.

The bench decides, in its own thread, between two things that the operator does: there is never a second writer. While an
item is in hand, or the line is stopped for the operator, the answer is "busy" and nothing is touched. Nobody can overwrite
from afar: what the gate does not let pass by itself is refused, with the sentence that the screen would show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from station.base.errors import (
    BenchBusy,
    NotAllowed,
    ProtocolError,
    RecordIncomplete,
    SettingsError,
    SignOnNeeded,
    StationClosed,
    StationDefect,
    StationError,
    StoreError,
    TagAbsent,
    TagLost,
    TagsCollide,
    TagUnreadable,
    TransportError,
    UndoRefused,
)
from station.base.text import clean
from station.base.words import Sentence, tell
from station.bench.bench_ports import BenchPorts
from station.bench.item.gate import Stop, propose_part
from station.bench.item.in_hand import StopKind
from station.bench.item.security import Change, Security
from station.bench.item.tag_writer import Seen, TagOrder
from station.bench.item.undo import last_write
from station.bench.item.write_steps import read_image
from station.bench.item_flow import BenchItemFlow
from station.bench.tag_report import TagReporter
from station.bench.workflows.convert.stack_reading import Stacking
from station.catalog.barcodes.barcode import check as check_barcode
from station.domain.commands import (
    AskPad,
    CheckStack,
    InspectPad,
    PadRequest,
    ReadPad,
    SetSecurity,
    UndoWrite,
    UpdateItem,
)
from station.domain.corrections import lacks
from station.domain.events import PadRequestRefused, SecurityWriteInterrupted, StackChecked
from station.domain.notices import Notice
from station.domain.ports import Worker
from station.domain.rights import Right, may
from station.domain.sign_on import MACHINE, lending
from station.domain.snapshot import Inventory, PadAnswer, PadTag, Phase, Refusal, Sound
from station.domain.tag_image import TagImage, Uid
from station.domain.workflows import DoneItem, InspectedTag, StackReport
from station.encoding.content import Recognition, TagState
from station.encoding.iso15962.data_elements import MEDIA_FORMAT
from station.encoding.recognition.recognise import recognise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_FREE: Final = frozenset({Phase.IDLE, Phase.NEED_SCAN, Phase.DONE})
_FINISHED: Final = frozenset({TagState.OURS, TagState.FOREIGN})
_PAD_STOPS: Final = frozenset({StopKind.PAD, StopKind.TAG})
"""Stops that only say what lies on the pad: with no item in hand they keep nobody from asking about it."""


class _Refused(Exception):
    """Leaves a request with the reason; never leaves this file."""

    def __init__(self, code: str, sentence: str, detail: str = "", *, right: str = "", uid: str = "") -> None:
        super().__init__(sentence)
        self.refusal = Refusal(code, sentence, clean(detail, 500), right, uid)


class BenchPadRequests(BenchItemFlow):
    """Answers requests; knows nothing of the operator's commands."""

    def __init__(self, ports: BenchPorts) -> None:
        super().__init__(ports)
        self._history = ports.history
        self._tag_reporter = TagReporter(
            reader=self._reader,
            journal=self._journal,
            history=self._history,
            profile=self._profile,
            barcodes=self._settings.barcodes,
            new_id=self._new_id,
        )
        self._askers = ports.askers
        self._security = Security(self._reader, self._journal, self._profile, self._new_id)
        self._stacking = Stacking(self._reader, self._journal, self._catalog, self._encoder, self._profile)
        self._close_open_security()

    def _close_open_security(self) -> None:
        """The station ended (power cut, kill) while it set a tag's security: say so once, on screen and in the journal."""
        begun = self._journal.open_security()
        if begun is None:
            return
        self._journal.record(
            SecurityWriteInterrupted(
                attempt=begun.attempt,
                uid=begun.uid,
                barcode=begun.barcode,
                secure=begun.secure,
                code=StationClosed.code,
                detail=tell("detail.ended-meanwhile"),
                source=begun.source,
            )
        )
        self._say(Sentence("pad.ended", barcode=begun.barcode), Sound.WARNING)

    def _ask(self, asked: AskPad) -> None:
        if not self._askers.begin(asked.ticket):
            return
        source = "" if isinstance(asked.request, ReadPad | InspectPad) else clean(asked.request.source)
        self._acting = source or MACHINE
        try:
            self._answer_asker(asked)
        finally:
            self._acting = ""

    def _answer_asker(self, asked: AskPad) -> None:
        try:
            answer = self._do(asked.request)
        except _Refused as refused:
            self._askers.answer(asked.ticket, self._refused(asked.request, refused.refusal))
            self._hurt(refused.__cause__)
        except StationError as error:
            right = error.right if isinstance(error, NotAllowed) else ""
            refusal = Refusal(error.code, error.message, clean(error.detail, 500), right, is_error=True)
            self._askers.answer(asked.ticket, self._refused(asked.request, refusal))
            self._hurt(error)
        except BaseException:
            defect = StationDefect()
            self._askers.answer(asked.ticket, PadAnswer(refusal=Refusal(defect.code, defect.message, is_error=True)))
            raise
        else:
            self._askers.answer(asked.ticket, answer)

    @staticmethod
    def _hurt(error: BaseException | None) -> None:
        """Reader or journal failed: that is not the asker's matter alone, the bench's own screen must say so."""
        if isinstance(error, TransportError | ProtocolError | StoreError):
            raise error

    def _do(self, request: PadRequest) -> PadAnswer:
        self._require_free()
        match request:
            case ReadPad():
                return PadAnswer(tags=tuple(self._told()))
            case SetSecurity():
                return self._set_security(request)
            case UpdateItem():
                return self._update(request)
            case CheckStack():
                return PadAnswer(stack=self._check_stack(request))
            case InspectPad():
                return PadAnswer(inspected=self._inspect())
            case UndoWrite():
                return PadAnswer(inspected=(self._undo_write(request),))

    def _refused(self, request: PadRequest, refusal: Refusal) -> PadAnswer:
        """Every change that was not made stands in the journal; a look that was refused does not."""
        if not isinstance(request, ReadPad | CheckStack | InspectPad) and refusal.code != BenchBusy.code:
            asked = {SetSecurity: "set-security", UndoWrite: "undo-write"}.get(type(request), "update-item")
            uid = "" if isinstance(request, SetSecurity) else clean(request.uid)
            try:
                event = PadRequestRefused(
                    asked=asked,
                    barcode=self._written_on(uid) if isinstance(request, UndoWrite) else clean(request.barcode),
                    code=refusal.code,
                    reason=f"{refusal.sentence} {refusal.detail}"
                    if refusal.code == UndoRefused.code
                    else refusal.sentence,
                    source=clean(request.source),
                    uid=uid,
                )
                self._journal.record(event)
            except StoreError:
                # The journal may be what failed in the first place; the answer must reach its asker in any case.
                return PadAnswer(refusal=refusal)
        return PadAnswer(refusal=refusal)

    def _written_on(self, uid: str) -> str:
        """The item of the tag's last write; "" = this station knows of none."""
        last = last_write(self._history.about_tag(Uid(uid)))
        return last.write.barcode if last is not None else ""

    def _require_free(self) -> None:
        in_hand, stopped = self._in_hand, self._stopped
        if in_hand is not None and in_hand.verdict is None:
            raise BenchBusy(tell("detail.in-hand", barcode=in_hand.item.barcode))
        if self._phase not in _FREE and not (stopped is not None and stopped.kind in _PAD_STOPS):
            raise BenchBusy(stopped.fault.sentence if stopped else self._phase.value)

    # --- reading ---------------------------------------------------------------------------------------------------------

    def _look_now(self) -> Inventory:
        """What lies on the pad at this moment, not at its last turn. Raises what keeps the reader from saying."""
        self._pad.hurry()
        self._pad.look()
        if self._pad.error is not None:
            raise self._pad.error
        return self._pad.inventory

    def _read_all(self) -> list[tuple[TagImage, Recognition]]:
        """Every tag on the pad now. Raises `TagsCollide` when some cannot be told apart: a list would not be the truth."""
        seen = self._look_now()
        if seen.collision:
            raise _Refused(TagsCollide.code, tell("pad.not-apart"))
        found: list[tuple[TagImage, Recognition]] = []
        for uid in sorted(seen.uids):
            try:
                image = read_image(self._reader, uid)
            except TagAbsent:
                continue  # lifted meanwhile: it is not on the pad
            except TagUnreadable:
                raise _Refused(TagUnreadable.code, tell("pad.unreadable"), uid) from None
            found.append((image, recognise(image, self._profile)))
        return found

    def _inspect(self) -> tuple[InspectedTag, ...]:
        """Every tag on the pad from all sides."""
        seen = self._look_now()
        if seen.collision:
            raise TagsCollide(tell("detail.told-apart", count=len(seen.uids)))
        return tuple(self._tag_reporter.look(uid) for uid in sorted(seen.uids))

    def _undo_write(self, request: UndoWrite) -> InspectedTag:
        """Take a last write back, as at the screen; whoever asks must have the right to it."""
        self._require_writable()
        uid = self._single(request.uid)
        # Where people sign on, a name in a command proves nothing.
        if self._closed:
            raise SignOnNeeded()
        named = bool(request.operator) and self._authenticator is None
        lent = self._lender(request.grant, request.purpose)
        worker = self._people.find(clean(request.operator)) if named else self._worker
        before, self._phase = self._phase, Phase.WRITING
        self._publish()
        try:
            return self._tag_reporter.undo(uid, request.attempt, worker, _quiet, lent)
        finally:
            self._phase = before
            self._refresh_unfinished()

    def _lender(self, grant: str, purpose: str) -> Worker | None:
        """Who lends a right for this one request; None = nobody."""
        if self._authenticator is None or not grant:
            return None
        who = self._people.find(self._authenticator.redeem(grant, lending(purpose)))
        return who if who.registered else None

    def _check_stack(self, request: CheckStack) -> StackReport:
        """Every tag on the pad against journal, catalog and the items that are named (or, with none, what the journal has)."""
        expected = self._stacking.parts_of(tuple(clean(one) for one in request.barcodes))
        return self._stack_seen("", lambda _: expected, clean(request.source))

    def _stack_seen(
        self, session: str, expected: Callable[[frozenset[Uid]], Sequence[DoneItem]], source: str
    ) -> StackReport:
        """`expected`: what must lie there, seen what lies there."""
        seen = self._look_now()
        report = self._stacking.look(seen, expected(seen.uids))
        self._journal.record(StackChecked(session=session, lines=report.lines, operator=source))
        return report

    def _told(self) -> Iterator[PadTag]:
        for image, seen in self._read_all():
            try:
                yield self._pad_tag(image, seen)
            except TagAbsent:
                continue  # lifted meanwhile: it is not on the pad

    def _pad_tag(self, image: TagImage, seen: Recognition) -> PadTag:
        content = seen.content if seen.state in _FINISHED else None
        return PadTag(
            uid=image.uid,
            state=seen.state.value,
            barcode=content.primary_item_identifier if content else "",
            owner=content.owner_institution if content else "",
            part=content.part if content else 1,
            parts=content.parts if content else 1,
            secure=self._security.is_secure(image),
            afi=image.afi or 0,  # `is_secure` has refused one that is not told
            media_format=dict(content.further).get(MEDIA_FORMAT, "") if content else "",
            location=content.shelf_location if content else "",
        )

    # --- security --------------------------------------------------------------------------------------------------------

    def _set_security(self, request: SetSecurity) -> PadAnswer:
        self._require_writable()
        barcode = clean(request.barcode)
        changes = [
            self._security.change(image, seen.content, secure=request.secure)
            for image, seen in self._tags_of(barcode)
            if seen.content is not None
        ]
        done = self._carry_out(changes, clean(request.source))
        said = Sentence("pad.secured" if request.secure else "pad.not-secured", barcode=barcode)
        self._say(_by(request.source, said), Sound.ACCEPTED)
        return PadAnswer(tags=done)

    def _tags_of(self, barcode: str) -> list[tuple[TagImage, Recognition]]:
        """Our finished tags of this item; refuses what could be the wrong ones."""
        on_pad = self._read_all()
        claims = [each for each in on_pad if each[1].content and each[1].content.primary_item_identifier == barcode]
        ours = [(image, seen) for image, seen in claims if seen.state is TagState.OURS]
        if not barcode or not claims:
            raise _Refused(TagAbsent.code, tell("pad.not-here"))
        for image, seen in claims:
            if seen.state is TagState.FOREIGN:
                raise _Refused("foreign-tag", tell("pad.foreign"), image.uid)
            if seen.state is not TagState.OURS or self._journal.open_attempt(image.uid) is not None:
                raise _Refused("incomplete-tag", tell("pad.half"), image.uid)
        parts = [seen.content.part for _, seen in ours if seen.content]
        if len(set(parts)) != len(parts):
            raise _Refused("second-tag", tell("pad.same-part"))
        return ours

    def _carry_out(self, changes: list[Change], source: str) -> tuple[PadTag, ...]:
        done: list[PadTag] = []
        before = self._phase
        self._phase = Phase.WRITING
        self._publish()
        try:
            for change in changes:
                image = self._security.carry_out(change, source, lambda _done, _total: None)
                seen = recognise(image, self._profile)
                done.append(self._pad_tag(image, seen))
                self._show_again(image, seen)
        except StationError as error:
            sentence = tell("pad.lifted") if isinstance(error, TagAbsent | TagLost) else error.message
            more = f" {tell('pad.some-done', done=len(done), of=len(changes))}" if len(changes) > 1 else ""
            raise _Refused(error.code, f"{sentence} {tell('pad.not-known')}{more}", error.detail) from error
        finally:
            self._phase = before
        return tuple(done)

    def _show_again(self, image: TagImage, seen: Recognition) -> None:
        """The screen's words for the tag that it shows."""
        if self._tag is not None and self._tag[0] == image.uid:
            self._tag = (image.uid, self._in_words(Seen(image, seen, None)))

    # --- the whole tag ---------------------------------------------------------------------------------------------------

    def _update(self, request: UpdateItem) -> PadAnswer:
        self._require_writable()
        barcode = check_barcode(request.barcode, self._settings.barcodes)
        item = self._catalog.find(barcode)
        if not item.title:
            raise RecordIncomplete("title")
        if request.part and request.part > item.parts:
            raise _Refused("other-part", tell("pad.no-part", parts=item.parts, part=request.part))
        uid = self._single(request.uid)
        answered = self._encoder.single(uid, self._pad.inventory, self._pad.looked_at)
        seen = self._encoder.look(uid)
        source = clean(request.source)
        order = TagOrder(
            item=item,
            part=request.part or propose_part(item, self._journal.bindings_for(barcode)),
            part_chosen=bool(request.part),
            operator=source,
        )
        decision = self._encoder.decide(order, seen)
        if isinstance(decision, Stop):
            fault = decision.fault
            raise _Refused(fault.code, tell("pad.nothing-written", sentence=fault.sentence), fault.detail)
        if self._authenticator is not None and self._encoder.locks(order, decision.part, seen):
            order = msgspec.structs.replace(order, authorised=self._may_lock(request, uid))
        secure = seen.image.afi != self._profile.afi_on_loan if request.secure is None else request.secure
        image = self._write(lambda: self._encoder.write(order, decision.part, seen, _quiet, answered=answered).image)
        after = recognise(image, self._profile)
        self._show_again(image, after)
        tags: tuple[PadTag, ...] = (self._pad_tag(image, after),)
        if not secure and after.content is not None:
            tags = self._carry_out([self._security.change(image, after.content, secure=False)], source)
        self._say(_by(request.source, Sentence("pad.anew", barcode=barcode)), Sound.ACCEPTED)
        return PadAnswer(tags=tags)

    def _may_lock(self, request: UpdateItem, uid: Uid) -> str:
        """By whose right blocks of this tag are locked: "" = the operator's own. Refuses where nobody has lent it."""
        lender = self._lender(request.grant, request.purpose)
        if lender is not None and request.uid == uid and may(lender.role, Right.LOCK):
            return lender.id
        lent = self._lent(Right.LOCK)
        if lent is None:
            refused = lacks(self._worker.role, Right.LOCK) or NotAllowed()
            raise _Refused(refused.code, refused.message, refused.detail, right=refused.right, uid=uid)
        return lent

    def _single(self, wanted: str) -> Uid:
        inventory = self._look_now()
        if inventory.collision or len(inventory.uids) > 1:
            raise TagsCollide(tell("pad.tags-answer", count=len(inventory.uids)))
        if not inventory.uids:
            raise TagAbsent(tell("pad.empty"))
        uid = next(iter(inventory.uids))
        if wanted and uid != wanted:
            raise _Refused("other-item", tell("pad.other"))
        return uid

    def _write(self, write: Callable[[], TagImage]) -> TagImage:
        before = self._phase
        self._phase = Phase.WRITING
        self._publish()
        try:
            return write()
        finally:
            self._phase = before
            self._refresh_unfinished()

    def _require_writable(self) -> None:
        if not self._profile.isil:
            raise SettingsError(tell("detail.no-isil"))
        if self._site.read_only:
            raise SettingsError(tell("detail.read-only", profile=repr(self._site.name)))


def _quiet(_done: int, _total: int) -> None:
    """Progress of a write that nobody watches step by step."""


def _by(source: str, said: Sentence) -> Notice:
    return Notice(said.key, tell("pad.by", source=clean(source), said=said) if source else str(said))
