"""Requests of other programs for the pad (Alma's page, the command line): read it, set an item's security, write one
tag.

The bench decides in its own thread, between two actions of the operator, so there is never a second writer. While an
item is in hand, or the line is stopped for the operator, the answer is "busy" and nothing is touched. Overwriting from
another program is impossible: if the gate would ask the operator, the request is refused with the sentence that the
screen would show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from station.base.errors import (
    BenchBusy,
    NotAllowed,
    ProtocolError,
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
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.bench.desk import Desk
from station.bench.item.gate import Stop, propose_part
from station.bench.item.security import Security, SecurityChange
from station.bench.item.tag_writer import TagOrder, TagReading
from station.bench.item.undo import last_write
from station.bench.item.withdrawn import refuse_withdrawn
from station.bench.item.write_steps import read_image
from station.bench.workflows.convert.workflow import ConvertWorkflow
from station.bench.workflows.process.item_flow import ItemFlow
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
from station.domain.corrections.correction import lacks
from station.domain.events import PadRequestRefused, SecurityWriteInterrupted
from station.domain.inventory import Inventory
from station.domain.item import Barcode
from station.domain.notices import Notice
from station.domain.pad_answers import PadAnswer, PadTag, Refusal
from station.domain.people.rights import Right, may
from station.domain.people.sign_on import MACHINE, lending, program
from station.domain.ports import Worker
from station.domain.snapshot import Sound
from station.domain.tag_image import TagImage, Uid
from station.domain.workflows import InspectedTag, StackReport
from station.encoding.content import Recognition, TagState
from station.encoding.iso15962.data_elements import MEDIA_FORMAT
from station.encoding.recognition.recognise import recognise

_FINISHED: Final = frozenset({TagState.OURS, TagState.FOREIGN})


class _Refused(Exception):
    """Carries the reason for a refusal; never leaves this file."""

    def __init__(
        self, code: str, sentence: Sentence, detail: str | Sentence = EMPTY, *, right: str = "", uid: str = ""
    ) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, sentence, Sentence.of(detail), right, uid)


class PadRequests:
    """Answers requests of other programs. Independent of the operator's commands."""

    def __init__(
        self, desk: Desk, *, busy: Callable[[], Sentence], convert: ConvertWorkflow, flows: tuple[ItemFlow, ...]
    ) -> None:
        """`busy`: returns why the pad is not free; empty = it is free. `flows`: updated after a tag has changed."""
        self._desk = desk
        self._busy = busy
        self._convert = convert
        self._flows = flows
        self._security = Security(desk.reader, desk.journal, desk.profile, desk.new_id)
        self._close_open_security()

    def _close_open_security(self) -> None:
        """Report and journal, once, a security change that a power cut or kill of the station interrupted."""
        begun = self._desk.journal.open_security()
        if begun is None:
            return
        self._desk.journal.record(
            SecurityWriteInterrupted(
                attempt=begun.attempt,
                uid=begun.uid,
                barcode=begun.barcode,
                secure=begun.secure,
                code=StationClosed.code,
                detail=Sentence("detail.ended-meanwhile"),
                source=begun.source,
            )
        )
        self._desk.say(Sentence("pad.ended", barcode=begun.barcode), Sound.WARNING)

    def ask(self, asked: AskPad) -> None:
        if not self._desk.ports.askers.begin(asked.ticket):
            return
        source = "" if isinstance(asked.request, ReadPad | InspectPad) else clean(asked.request.source)
        self._desk.acting = program(source) if source else MACHINE
        try:
            self._answer_asker(asked)
        finally:
            self._desk.acting = ""

    def _answer_asker(self, asked: AskPad) -> None:
        try:
            answer = self._do(asked.request)
        except _Refused as refused:
            self._desk.ports.askers.answer(asked.ticket, self._refused(asked.request, refused.refusal))
            self._hurt(refused.__cause__)
        except StationError as error:
            right = error.right if isinstance(error, NotAllowed) else ""
            refusal = Refusal(error.code, error.with_remedy, error.detail, right, is_error=True)
            self._desk.ports.askers.answer(asked.ticket, self._refused(asked.request, refusal))
            self._hurt(error)
        except BaseException:
            defect = StationDefect()
            self._desk.ports.askers.answer(
                asked.ticket, PadAnswer(refusal=Refusal(defect.code, defect.with_remedy, is_error=True))
            )
            raise
        else:
            self._desk.ports.askers.answer(asked.ticket, answer)

    @staticmethod
    def _hurt(error: BaseException | None) -> None:
        """Raise a reader or journal failure again: the bench's own screen must show it too."""
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
        """Return the refusal as an answer, after journaling it. A refused look and the answer "busy" are not
        journaled."""
        if not isinstance(request, ReadPad | CheckStack | InspectPad) and refusal.code != BenchBusy.code:
            asked = {SetSecurity: "set-security", UndoWrite: "undo-write"}.get(type(request), "update-item")
            uid = "" if isinstance(request, SetSecurity) else clean(request.uid)
            try:
                event = PadRequestRefused(
                    asked=asked,
                    barcode=self._written_on(uid) if isinstance(request, UndoWrite) else clean(request.barcode),
                    code=refusal.code,
                    reason=Sentence.joined((refusal.sentence, refusal.detail), between=" ")
                    if refusal.code == UndoRefused.code
                    else refusal.sentence,
                    source=clean(request.source),
                    uid=uid,
                )
                self._desk.journal.record(event)
            except StoreError:
                # The journal may be the cause of the refusal. The answer must reach the asker in any case.
                return PadAnswer(refusal=refusal)
        return PadAnswer(refusal=refusal)

    def _written_on(self, uid: str) -> str:
        """Return the item of the tag's last write; "" = no write is known to this station."""
        last = last_write(self._desk.history.about_tag(Uid(uid)))
        return last.write.barcode if last is not None else ""

    def _require_free(self) -> None:
        busy = self._busy()
        if busy:
            raise BenchBusy(busy)

    # --- reading ---------------------------------------------------------------------------------------------------------

    def _look_now(self) -> Inventory:
        """Return the tags on the pad now, not those of the last scheduled look. Raises the reader's error."""
        self._desk.pad.hurry()
        self._desk.pad.look()
        if self._desk.pad.error is not None:
            raise self._desk.pad.error
        return self._desk.pad.inventory

    def _read_all(self) -> list[tuple[TagImage, Recognition]]:
        """Return every tag on the pad. Raises `TagsCollide` if some cannot be read apart: the list would be
        incomplete."""
        seen = self._look_now()
        if seen.collision:
            raise _Refused(TagsCollide.code, Sentence("pad.not-apart"))
        tags: list[tuple[TagImage, Recognition]] = []
        for uid in sorted(seen.uids):
            try:
                image = read_image(self._desk.reader, uid)
            except TagAbsent:
                continue  # lifted meanwhile
            except TagUnreadable:
                raise _Refused(TagUnreadable.code, Sentence("pad.unreadable"), uid) from None
            tags.append((image, recognise(image, self._desk.profile)))
        return tags

    def _inspect(self) -> tuple[InspectedTag, ...]:
        """Return the full report of every tag on the pad."""
        seen = self._look_now()
        if seen.collision:
            raise TagsCollide(Sentence("detail.told-apart", count=len(seen.uids)))
        return tuple(self._desk.tag_reporter.look(uid) for uid in sorted(seen.uids))

    def _undo_write(self, request: UndoWrite) -> InspectedTag:
        """Undo a tag's last write, as on the screen. The asker must have the right to do so."""
        self._require_writable()
        uid = self._single(request.uid)
        # If sign-on is required, a name in a command proves nothing.
        if self._desk.closed:
            raise SignOnNeeded()
        named = bool(request.operator) and self._desk.authenticator is None
        lent = self._lender(request.grant, request.purpose)
        worker = self._desk.people.find(clean(request.operator)) if named else self._desk.worker
        with self._writing():
            to_do = self._desk.undo_writer.write(uid, request.attempt, worker, _quiet, lent)
            return msgspec.structs.replace(self._desk.tag_reporter.look(uid, viewer=worker.id), to_do=to_do)

    def _lender(self, grant: str, purpose: str) -> Worker | None:
        """Return the person who lends a right for this one request; None = no one."""
        if self._desk.authenticator is None or not grant:
            return None
        who = self._desk.people.find(self._desk.authenticator.redeem(grant, lending(purpose)))
        return who if who.registered else None

    def _check_stack(self, request: CheckStack) -> StackReport:
        barcodes = tuple(clean(barcode) for barcode in request.barcodes)
        return self._convert.check_stack(self._look_now(), barcodes, self._desk.acting)

    def _told(self) -> Iterator[PadTag]:
        for image, seen in self._read_all():
            try:
                yield self._pad_tag(image, seen)
            except TagAbsent:
                continue  # lifted meanwhile

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
            afi=image.afi or 0,  # `is_secure` has refused a tag whose AFI is unknown
            media_format=dict(content.further).get(MEDIA_FORMAT, "") if content else "",
            location=content.shelf_location if content else "",
        )

    # --- security --------------------------------------------------------------------------------------------------------

    def _set_security(self, request: SetSecurity) -> PadAnswer:
        self._require_writable()
        barcode = clean(request.barcode)
        if request.secure:
            refuse_withdrawn(self._desk.journal, Barcode(barcode), self._desk.titles.of)
        changes = [
            self._security.change(image, seen.content, secure=request.secure)
            for image, seen in self._tags_of(barcode)
            if seen.content is not None
        ]
        done = self._carry_out(changes, clean(request.source))
        sentence = Sentence("pad.secured" if request.secure else "pad.not-secured", barcode=barcode)
        self._desk.say(_by(request.source, sentence), Sound.ACCEPTED)
        return PadAnswer(tags=done)

    def _tags_of(self, barcode: str) -> list[tuple[TagImage, Recognition]]:
        """Return our finished tags of this item. Refuses tags that might be the wrong ones."""
        on_pad = self._read_all()
        claims = [each for each in on_pad if each[1].content and each[1].content.primary_item_identifier == barcode]
        ours = [(image, seen) for image, seen in claims if seen.state is TagState.OURS]
        if not barcode or not claims:
            raise _Refused(TagAbsent.code, Sentence("pad.not-here"))
        for image, seen in claims:
            if seen.state is TagState.FOREIGN:
                raise _Refused("foreign-tag", Sentence("pad.foreign"), image.uid)
            if seen.state is not TagState.OURS or self._desk.journal.open_attempt(image.uid) is not None:
                raise _Refused("incomplete-tag", Sentence("pad.half"), image.uid)
        parts = [seen.content.part for _, seen in ours if seen.content]
        if len(set(parts)) != len(parts):
            raise _Refused("second-tag", Sentence("pad.same-part"))
        return ours

    def _carry_out(self, changes: list[SecurityChange], source: str) -> tuple[PadTag, ...]:
        done: list[PadTag] = []
        try:
            with self._writing():
                for change in changes:
                    image = self._security.write(change, source, _quiet)
                    seen = recognise(image, self._desk.profile)
                    done.append(self._pad_tag(image, seen))
                    self._show_again(image, seen)
        except StationError as error:
            lifted = isinstance(error, TagAbsent | TagLost)
            sentences = [Sentence("pad.lifted") if lifted else error.sentence, Sentence("pad.not-known")]
            if len(changes) > 1:
                sentences.append(Sentence("pad.some-done", done=len(done), of=len(changes)))
            raise _Refused(error.code, Sentence.joined(sentences, between=" "), error.detail) from error
        return tuple(done)

    def _show_again(self, image: TagImage, seen: Recognition) -> None:
        for flow in self._flows:
            flow.describe_tag(TagReading(image, seen, None))

    # --- the whole tag ---------------------------------------------------------------------------------------------------

    def _update(self, request: UpdateItem) -> PadAnswer:
        self._require_writable()
        barcode = check_barcode(request.barcode, self._desk.settings.barcodes)
        self._desk.ledger.ask(barcode=barcode)
        item = self._desk.catalog.find(barcode)
        if request.part and request.part > item.parts:
            raise _Refused("other-part", Sentence("pad.no-part", parts=item.parts, part=request.part))
        uid = self._single(request.uid)
        answered = self._desk.tag_writer.single(uid, self._desk.pad.inventory, self._desk.pad.looked_at)
        reading = self._desk.tag_writer.look(uid)
        source = clean(request.source)
        order = TagOrder(
            item=item,
            part=request.part or propose_part(item, self._desk.journal.bindings_for(barcode)),
            part_chosen=bool(request.part),
            operator=self._desk.acting,
        )
        decision = self._desk.tag_writer.decide(order, reading)
        if isinstance(decision, Stop):
            fault = decision.fault
            raise _Refused(fault.code, Sentence("pad.nothing-written", sentence=fault.sentence), fault.detail)
        plan = self._desk.tag_writer.plan(item, decision.part, reading.image)
        if plan.irreversible and self._desk.authenticator is not None:
            order = msgspec.structs.replace(order, authorised=self._may_lock(request, uid))
        secure = reading.image.afi != self._desk.profile.afi_on_loan if request.secure is None else request.secure
        with self._writing():
            image = self._desk.tag_writer.write(order, decision.part, reading, plan, _quiet, answered=answered).image
        after = recognise(image, self._desk.profile)
        self._show_again(image, after)
        tags: tuple[PadTag, ...] = (self._pad_tag(image, after),)
        if not secure and after.content is not None:
            tags = self._carry_out([self._security.change(image, after.content, secure=False)], source)
        self._desk.say(_by(request.source, Sentence("pad.anew", barcode=barcode)), Sound.ACCEPTED)
        return PadAnswer(tags=tags)

    def _may_lock(self, request: UpdateItem, uid: Uid) -> str:
        """Return who lent the right to lock blocks of this tag; "" = the operator's own right. Refuses if no one lent
        it."""
        lender = self._lender(request.grant, request.purpose)
        if lender is not None and request.uid == uid and may(lender.role, Right.LOCK):
            return lender.id
        lent = self._desk.lent(Right.LOCK)
        if lent is None:
            refused = lacks(self._desk.worker.role, Right.LOCK) or NotAllowed()
            raise _Refused(refused.code, refused.with_remedy, refused.detail, right=refused.right, uid=uid)
        return lent

    def _single(self, wanted: str) -> Uid:
        inventory = self._look_now()
        if inventory.collision or len(inventory.uids) > 1:
            raise TagsCollide(Sentence("pad.tags-answer", count=len(inventory.uids)))
        if not inventory.uids:
            raise TagAbsent(Sentence("pad.empty"))
        uid = next(iter(inventory.uids))
        if wanted and uid != wanted:
            raise _Refused("other-item", Sentence("pad.other"))
        return uid

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Show that a tag is being written."""
        self._desk.writing = True
        self._desk.publish()
        try:
            yield
        finally:
            self._desk.writing = False
            self._desk.refresh_unfinished()

    def _require_writable(self) -> None:
        if not self._desk.profile.isil:
            raise SettingsError(Sentence("detail.no-isil"))
        if self._desk.site.read_only:
            raise SettingsError(Sentence("detail.read-only", profile=repr(self._desk.site.name)))


def _quiet(_done: int, _total: int) -> None:
    """Ignore the progress of a write, because no screen shows its steps."""


def _by(source: str, sentence: Sentence) -> Notice:
    return Notice(sentence.key, Sentence("pad.by", source=clean(source), said=sentence) if source else sentence)
