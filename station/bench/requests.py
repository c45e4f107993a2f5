"""What other programs ask of the pad (Alma's page, the command line): read it, set an item's security, write one tag anew.

The bench decides, in its own thread, between two things that the operator does: there is never a second writer. While an
item is in hand, or the line is stopped for the operator, the answer is "busy" and nothing is touched. Nobody can overwrite
from afar: what the gate does not let pass by itself is refused, with the sentence that the screen would show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from station.bench.encode import Job, Seen
from station.bench.gate import Stop, propose_part
from station.bench.hand import StopKind
from station.bench.onpad import BenchPad
from station.bench.security import Change, Security
from station.bench.writing import read_image
from station.catalog.barcode import check as check_barcode
from station.commands import AskPad, PadRequest, ReadPad, SetSecurity, UpdateItem
from station.encoding.content import Recognition, TagState
from station.encoding.oids import MEDIA_FORMAT
from station.encoding.recognise import recognise
from station.errors import (
    BenchBusy,
    ProtocolError,
    RecordIncomplete,
    SettingsError,
    StationClosed,
    StationDefect,
    StationError,
    StoreError,
    TagAbsent,
    TagLost,
    TagsCollide,
    TagUnreadable,
    TransportError,
)
from station.events import PadRequestRefused, SecurityWriteInterrupted
from station.model import PadAnswer, PadTag, Phase, Refusal, Sound, TagImage, Uid
from station.pad_ports import Askers
from station.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

_FREE: Final = frozenset({Phase.IDLE, Phase.NEED_SCAN, Phase.DONE})
_FINISHED: Final = frozenset({TagState.OURS, TagState.FOREIGN})
_PAD_STOPS: Final = frozenset({StopKind.PAD, StopKind.TAG})
"""Stops that only say what lies on the pad: with no item in hand they keep nobody from asking about it."""


class Nobody:
    """Nobody ever waits: for a bench without other programs."""

    def begin(self, ticket: str) -> bool:  # noqa: ARG002 - the port names it
        """See `pad_ports.Askers`."""
        return False

    def answer(self, ticket: str, answer: PadAnswer) -> None:
        """See `pad_ports.Askers`."""


class _Refused(Exception):
    """Leaves a request with the reason; never leaves this file."""

    def __init__(self, code: str, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.refusal = Refusal(code, sentence, clean(detail, 500))


class BenchRequests(BenchPad):
    """Answers requests; knows nothing of the operator's commands."""

    def __init__(self, *, askers: Askers | None = None, **world: Any) -> None:
        super().__init__(**world)
        self._askers: Askers = askers or Nobody()
        self._security = Security(self._reader, self._journal, self._profile, self._new_id)
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
                detail="the station ended while it was set",
                source=begun.source,
            )
        )
        self._say(f"The station ended while the security of {begun.barcode} was set. {_NOT_KNOWN}", Sound.WARNING)

    def _ask(self, asked: AskPad) -> None:
        if not self._askers.begin(asked.ticket):
            return
        try:
            answer = self._do(asked.request)
        except _Refused as refused:
            self._askers.answer(asked.ticket, self._refused(asked.request, refused.refusal))
            self._hurt(refused.__cause__)
        except StationError as error:
            refusal = Refusal(error.code, error.message, clean(error.detail, 500))
            self._askers.answer(asked.ticket, self._refused(asked.request, refusal))
            self._hurt(error)
        except BaseException:
            defect = StationDefect()
            self._askers.answer(asked.ticket, PadAnswer(refusal=Refusal(defect.code, defect.message)))
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
                return PadAnswer(tags=tuple(self._pad_tag(image, seen) for image, seen in self._read_all()))
            case SetSecurity():
                return self._set_security(request)
            case UpdateItem():
                return self._update(request)

    def _refused(self, request: PadRequest, refusal: Refusal) -> PadAnswer:
        """Every change that was not made stands in the journal; a look that was refused does not."""
        if not isinstance(request, ReadPad) and refusal.code != BenchBusy.code:
            event = PadRequestRefused(
                asked="set-security" if isinstance(request, SetSecurity) else "update-item",
                barcode=clean(request.barcode),
                code=refusal.code,
                reason=refusal.sentence,
                source=clean(request.source),
            )
            try:
                self._journal.record(event)
            except StoreError:
                # The journal may be what failed in the first place; the answer must reach its asker in any case.
                return PadAnswer(refusal=refusal)
        return PadAnswer(refusal=refusal)

    def _require_free(self) -> None:
        hand, stopped = self._hand, self._stopped
        if hand is not None and hand.verdict is None:
            raise BenchBusy(f"{hand.item.barcode} is in hand")
        if self._phase not in _FREE and not (stopped is not None and stopped.kind in _PAD_STOPS):
            raise BenchBusy(stopped.fault.sentence if stopped else self._phase.value)

    # --- reading ---------------------------------------------------------------------------------------------------------

    def _read_all(self) -> list[tuple[TagImage, Recognition]]:
        """Every tag on the pad now. Raises `TagsCollide` when some cannot be told apart: a list would not be the truth."""
        self._pad.hurry()
        self._pad.look()
        if self._pad.error is not None:
            raise self._pad.error
        if self._pad.inventory.collision:
            raise _Refused(TagsCollide.code, "The tags on the pad cannot be told apart. Take some items off it.")
        found: list[tuple[TagImage, Recognition]] = []
        for uid in sorted(self._pad.inventory.uids):
            try:
                image = read_image(self._reader, uid)
            except TagAbsent:
                continue  # lifted meanwhile: it is not on the pad
            except TagUnreadable:
                raise _Refused(
                    TagUnreadable.code, "A tag on the pad cannot be read. Move the items to the middle of the pad.", uid
                ) from None
            found.append((image, recognise(image, self._profile)))
        return found

    def _pad_tag(self, image: TagImage, seen: Recognition) -> PadTag:
        content = seen.content if seen.state in _FINISHED else None
        return PadTag(
            uid=image.uid,
            state=seen.state.value,
            barcode=content.primary_item_identifier if content else "",
            owner=content.owner_institution if content else "",
            part=content.part if content else 1,
            parts=content.parts if content else 1,
            secure=image.afi == self._profile.afi_in_stock,
            afi=image.afi,
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
        self._say(f"{_by(request.source)}{barcode} is {_security(request.secure)} now.", Sound.ACCEPTED)
        return PadAnswer(tags=done)

    def _tags_of(self, barcode: str) -> list[tuple[TagImage, Recognition]]:
        """Our finished tags of this item; refuses what could be the wrong ones."""
        on_pad = self._read_all()
        claims = [each for each in on_pad if each[1].content and each[1].content.primary_item_identifier == barcode]
        ours = [(image, seen) for image, seen in claims if seen.state is TagState.OURS]
        if not barcode or not claims:
            raise _Refused(TagAbsent.code, "This item is not on the pad. Lay it flat on the middle of the pad.")
        for image, seen in claims:
            if seen.state is TagState.FOREIGN:
                raise _Refused("foreign-tag", "This tag belongs to another library. Nothing was written.", image.uid)
            if seen.state is not TagState.OURS or self._journal.open_attempt(image.uid) is not None:
                raise _Refused("incomplete-tag", "This tag is half written. Finish it at the station first.", image.uid)
        parts = [seen.content.part for _, seen in ours if seen.content]
        if len(set(parts)) != len(parts):
            raise _Refused(
                "second-tag", "Two tags on the pad say that they are the same part of this item. Nothing was written."
            )
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
            sentence = _LIFTED if isinstance(error, TagAbsent | TagLost) else error.message
            more = f" {len(done)} of the {len(changes)} tags had been done." if len(changes) > 1 else ""
            raise _Refused(error.code, f"{sentence} {_NOT_KNOWN}{more}", error.detail) from error
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
            raise _Refused("other-part", f"The record has {item.parts} part(s), so there is no part {request.part}.")
        uid = self._single(request.uid)
        answered = self._encoder.single(uid, self._pad.inventory, self._pad.looked_at)
        seen = self._encoder.look(uid)
        source = clean(request.source)
        job = Job(
            item=item,
            part=request.part or propose_part(item, self._journal.bindings_for(barcode)),
            part_chosen=bool(request.part),
            operator=source,
        )
        decision = self._encoder.decide(job, seen)
        if isinstance(decision, Stop):
            fault = decision.fault
            raise _Refused(fault.code, f"{fault.sentence} Nothing was written.", fault.detail)
        secure = seen.image.afi != self._profile.afi_on_loan if request.secure is None else request.secure
        image = self._write(lambda: self._encoder.write(job, decision.part, seen, _quiet, answered=answered).image)
        after = recognise(image, self._profile)
        self._show_again(image, after)
        tags: tuple[PadTag, ...] = (self._pad_tag(image, after),)
        if not secure and after.content is not None:
            tags = self._carry_out([self._security.change(image, after.content, secure=False)], source)
        self._say(f"{_by(request.source)}the tag of {barcode} was written anew.", Sound.ACCEPTED)
        return PadAnswer(tags=tags)

    def _single(self, wanted: str) -> Uid:
        self._pad.hurry()
        self._pad.look()
        if self._pad.error is not None:
            raise self._pad.error
        inventory = self._pad.inventory
        if inventory.collision or len(inventory.uids) > 1:
            raise TagsCollide(f"{len(inventory.uids)} tags answer")
        if not inventory.uids:
            raise TagAbsent("the pad is empty")
        uid = next(iter(inventory.uids))
        if wanted and uid != wanted:
            raise _Refused("other-item", "Another tag than the one that is meant lies on the pad. Nothing was written.")
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
            raise SettingsError("library.isil is not set: no tag is written before the station knows whose it is")
        if self._site.read_only:
            raise SettingsError(f"tag.profile: tags of the profile {self._site.name!r} are read, never written")


_LIFTED: Final = "The item was lifted while its tag was being written."
_NOT_KNOWN: Final = "Its security is not known: put it back on the pad and set it again."


def _quiet(_done: int, _total: int) -> None:
    """Progress of a write that nobody watches step by step."""


def _by(source: str) -> str:
    return f"{clean(source)}: " if source else ""


def _security(secure: bool) -> str:
    return "secured" if secure else "not secured (on loan)"
