"""The workflow sets: parts come onto the pad in any order, one or several at once, until none is missing.

Every tag on the pad is read before one is written. A tag that belongs to another item, or might be the wrong one, stops
the work, and nothing is written while it is on the pad. A write is addressed to one UID, planned, journaled and
verified as in process (`tag_writer`). Two looks must first show these tags and no others (`TagWriter.together`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from station.base.errors import (
    BarcodeMalformed,
    CatalogError,
    NotAllowed,
    StationError,
    SyncError,
    TagAbsent,
    TagsCollide,
)
from station.base.sentence import EMPTY, Sentence
from station.bench.desk import Desk
from station.bench.item.counted_parts import Sized
from station.bench.item.gate import armed
from station.bench.item.in_hand import fault_of
from station.bench.item.titles import name_of
from station.bench.item.withdrawn import refuse_withdrawn
from station.bench.snapshot import Shown
from station.bench.workflows.guard import Guard, PadAtRest, made_choice, thrown_away
from station.bench.workflows.sets.pad import Doubt, Found, SetsPad, Write
from station.bench.workflows.sets.rules import SetInHand, Trigger, size_of
from station.bench.workflows.workflow import BenchWorkflow
from station.catalog.barcodes.barcode import check as check_barcode
from station.domain.choice import Choice
from station.domain.commands import Act
from station.domain.corrections.correction import lacks
from station.domain.events import (
    CatalogingRequested,
    ItemScanned,
    SetClosed,
    SetOpened,
    SetSized,
)
from station.domain.inventory import Inventory
from station.domain.item import Barcode, ItemRecord
from station.domain.notices import Notice, detailed
from station.domain.people.rights import Right
from station.domain.ports import Worker
from station.domain.snapshot import Fault, Light, Phase, Sound
from station.domain.tag_image import Uid
from station.domain.workflows import SetModel, SetState

_REPLACE: Final = Choice(id="replace", label=Sentence("choice.replace-tag"))
_KEEP: Final = Choice(id="keep", label=Sentence("choice.keep"), main=True)


class _Stopped(msgspec.Struct):
    """A stop of the work, with the tags on the pad at that time."""

    fault: Fault
    uids: frozenset[Uid] | None
    """None: tags collided. The work goes on at the next pad without a collision."""
    uid: str = ""
    half: bool = False
    """The tag is half-written: only its return or a choice lets the work continue."""
    replace: Write | None = None
    """The write that the second gesture would allow."""
    armed: bool = False


class SetsWorkflow(BenchWorkflow):
    """Processes one set at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._guard = Guard(desk, self._broke)
        self._set = SetInHand()
        self._pad = SetsPad(desk)
        self._pad_at_rest = PadAtRest()
        self._stopped: _Stopped | None = None
        self._asked: Found | None = None
        """Tags on the pad that the current question is about."""
        self._job = ""
        """The job of another terminal that took the set in hand; "" = the operator did."""
        self._closed = ""
        """The set that was completed last, until another one is begun."""

    # --- BenchWorkflow ---------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Another workflow may have erased or rewritten tags of the set meanwhile: they must be put down again."""
        self._pad_at_rest.forget()
        self._learn()
        now, journal = self._set, self._desk.journal
        lost = [
            part
            for part, uid in now.right.items()
            if part not in now.known or now.known[part].uid != uid or journal.open_attempt(uid) is not None
        ]
        for part in lost:
            del now.right[part]
        if lost and now.state is SetState.COUNT:
            now.move(Trigger.SETTLED)

    def scan(self, text: str, part: int = 0) -> None:  # noqa: ARG002 - the tags on the pad say their parts
        """Take a barcode: the set to gather, or the second gesture."""
        self._desk.begin_item()
        self._guard.run(lambda: self._scanned(text))

    def look(self) -> None:
        if not self._guard.failed:
            self._guard.run(lambda: self._looked(self._desk.pad.inventory))

    def act(self, act: Act) -> None:
        """Handle the actions part, size, model, loose (each with its argument) and process."""
        self._guard.run(lambda: self._acted(act.name, act.argument))

    def choose(self, choice: str) -> None:
        self._guard.run(lambda: self._chosen(choice))

    def leave(self) -> None:
        """Put the set down as it is. Its missing parts are journaled."""
        self._guard.run(self._left)

    def failed(self, error: StationError) -> None:
        self._guard.fail(error)

    def restored(self) -> bool:
        """Restore the set that was in hand when the station ended. Return True if there was one."""
        opened = self._desk.history.open_set()
        event = opened.event if opened is not None else None
        if not isinstance(event, SetOpened):
            return False
        try:
            self._open(Barcode(event.barcode), again=True)
        except (CatalogError, SyncError):
            return False  # it stays open in the journal, and is listed among the incomplete sets
        return True

    def job_ended(self, job: str) -> Sentence:
        item = self._set.item
        if item is None or self._set.state is SetState.COMPLETE or self._job != job:
            return EMPTY
        self._guard.run(self._left)
        return Sentence.verbatim(item.title or item.barcode)

    @property
    def busy(self) -> Sentence:
        item = self._set.item
        if item is None or self._set.state is SetState.COMPLETE:
            return EMPTY
        return Sentence("detail.in-hand", item=name_of(item))

    # --- scans, looks and taps ---------------------------------------------------------------------------------------------

    def _scanned(self, text: str) -> None:
        try:
            barcode = check_barcode(text, self._desk.settings.barcodes)
        except BarcodeMalformed as error:
            self._desk.wrong_scan(text, error)
            return
        stopped, item = self._stopped, self._set.item
        if stopped is not None and stopped.armed and item is not None:
            self._second_gesture(barcode, item, stopped)
        elif item is None:
            self._open(barcode)
        elif self._set.state is SetState.COMPLETE:
            self._put_down()
            self._open(barcode)
        elif barcode == item.barcode:
            self._desk.say(Sentence("sets.in-hand"), Sound.ACCEPTED)
        elif self._set.state is SetState.GATHER and not self._set.right:
            self._leave()  # no part of it was put down yet
            self._open(barcode)
        else:
            self._desk.say(Sentence("sets.finish-first", barcode=item.barcode), Sound.WARNING)

    def _looked(self, seen: Inventory) -> None:
        self._set.here = seen.uids
        stopped = self._stopped
        if seen.collision:
            if stopped is None and self._set.can(Trigger.DOUBT):
                self._doubt(fault_of(TagsCollide(Sentence("detail.told-apart", count=len(seen.uids)))), None)
            return
        if stopped is not None:
            steady = self._pad_at_rest.steady(seen)
            if not steady or (stopped.uid not in seen.uids if stopped.half else seen.uids == stopped.uids):
                return
            self._settle()
            self._pad_at_rest.steady(seen)  # the pad is at rest: handle its tags at once
        if self._set.state is SetState.ASK_ORDER and self._asked is not None and seen.uids != self._asked.uids:
            self._settle()
        if self._set.state is SetState.COMPLETE and seen.uids and not seen.uids & set(self._set.right.values()):
            self._put_down()  # the next set is put down
        if self._set.state in (SetState.EMPTY, SetState.GATHER, SetState.COUNT) and self._pad_at_rest.steady(seen):
            self._pad_at_rest.done(seen.uids)
            self._laid(seen.uids)

    def _acted(self, name: str, argument: str) -> None:
        state = self._set.state
        match name:
            case "part" if state is SetState.GATHER:
                if self._set.choose(size_of(argument)):
                    self._pad_at_rest.forget()
                    self._desk.play(Sound.ACCEPTED)
            case "size":
                self._ask_size(size_of(argument), self._set.model)
            case "model" if argument in set(SetModel):
                self._ask_size(self._set.total, SetModel(argument))
            case "process" if self._closed:
                self._desk.next_item = self._closed
            case "loose" if state is SetState.COUNT and argument.isascii() and argument.isdigit():
                self._complete(min(int(argument), 999))

    def _left(self) -> None:
        if self._set.item is not None and self._set.can(Trigger.LEFT):
            self._leave()

    def _chosen(self, choice: str) -> None:
        stopped = self._stopped
        if self._set.answers:
            self._answer(choice)
        elif stopped is not None and choice in {offered.id for offered in stopped.fault.choices}:
            made_choice(self._desk, stopped.fault.code, choice)
            match choice:
                case "replace" if self._set.item is not None:
                    stopped.armed = True
                    plain = armed(stopped.fault, self._set.item)
                    stopped.fault = msgspec.structs.replace(plain, choices=(_KEEP,))
                    self._desk.play(Sound.WARNING)
                case "give-up" if stopped.uid:
                    thrown_away(self._desk, Uid(stopped.uid))
                    self._settle()
                case _:
                    self._settle()

    def _broke(self, error: StationError) -> None:
        if isinstance(error, CatalogError | SyncError) or self._set.item is None:
            self._desk.say(detailed(error), Sound.WARNING)
            return
        if not self._set.can(Trigger.DOUBT):
            if self._set.answers:
                self._set.answers, self._asked = (), None
            if self._set.can(Trigger.SETTLED):
                self._set.move(Trigger.SETTLED)
        self._doubt(fault_of(error), self._desk.pad.uids, uid=self._pad.writing)

    def shown(self) -> Shown:
        stopped, view = self._stopped, self._set.view()
        writing = view.state is SetState.WRITING
        shown = Shown(
            view=view,
            phase=Phase.WRITING if writing else Phase.STOPPED if stopped is not None else Phase.IDLE,
            prompt=prompt(self._set, stopped=stopped is not None),
            light=_LIGHTS.get(view.state, Light.NEUTRAL),
            fault=stopped.fault if stopped is not None else None,
            steps=self._set.steps if writing else (0, 0),
        )
        return self._guard.over(shown)

    # --- opening and leaving -----------------------------------------------------------------------------------------------

    def _open(self, barcode: Barcode, *, again: bool = False) -> None:
        desk = self._desk
        refuse_withdrawn(desk.journal, barcode, desk.titles.of)
        item = desk.catalog.record(barcode)
        counted = desk.catalog.said(barcode)
        stands = counted is not None and counted.record_parts == item.parts
        sized = counted if counted is not None and stands else Sized(item.parts, self._default(item), item.parts)
        if not again:
            _record_opened(desk, item, sized)
        self._closed, self._job = "", desk.job_id
        self._set.open(item, sized, desk.journal.bindings_for(barcode))
        self._set.size_said = stands
        self._pad_at_rest.forget()
        if again:
            desk.say(Sentence("sets.again", title=name_of(item)), Sound.WARNING)
        elif item.parts == 1 and sized.parts == 1:
            desk.say(Sentence("sets.one-part"), Sound.WARNING)
        else:
            desk.play(Sound.ACCEPTED)

    def _default(self, item: ItemRecord) -> SetModel:
        return SetModel(self._desk.settings.sets.model) if item.parts > 1 else SetModel.EVERY

    def _leave(self) -> None:
        now = self._set
        self._stopped, self._asked, now.answers = None, None, ()
        if now.state is not SetState.COMPLETE:
            missing = now.missing
            _record_ended(self._desk, now, complete=False, loose=now.loose)
            if missing and now.right:
                self._desk.say(Sentence("sets.left", parts=_numbers(missing)), Sound.WARNING)
        now.leave()
        self._pad_at_rest.forget()

    def _put_down(self) -> None:
        self._set.leave()
        self._pad_at_rest.forget()

    def _complete(self, loose: int) -> None:
        """Complete the set with the count of untagged pieces. If only the main part has a tag, the count covers all
        pieces and is on the tag."""
        now = self._set
        if now.model is SetModel.MAIN:
            if loose != now.total:
                self._ask_size(loose, now.model)
                return
            loose = 0
        remark = now.remark(loose)
        now.loose = loose
        now.move(Trigger.COUNTED)
        _record_ended(self._desk, now, complete=True, loose=loose, remark=remark)
        self._closed = str(now.item.barcode) if now.item is not None else ""
        if remark:
            self._desk.say(Notice("sets.pieces-differ", remark), Sound.WARNING)
        else:
            self._desk.play(Sound.GOOD)

    # --- tags on the pad -----------------------------------------------------------------------------------------------------

    def _laid(self, uids: frozenset[Uid]) -> None:
        now = self._set
        if now.item is None:
            barcode = self._pad.names(uids) if uids else ""
            if not barcode:
                return
            self._open(Barcode(barcode))
        fresh = uids - set(now.right.values())
        if not fresh:
            return
        try:
            tags = self._pad.read(now, fresh, uids)
        except TagAbsent:
            self._pad_at_rest.forget()  # it only passed over the pad
            return
        if tags.total and not now.size_said:
            self._ask_sizes((tags.total, now.model), of_tags=True)
            return
        if len(tags.new) > 1 and not tags.doubt:
            if len(tags.new) <= len(now.free_parts()):
                self._asked, now.asked = tags, len(tags.new)
                now.move(Trigger.ORDER_ASKED)
                now.answers = (
                    Choice("number-them", Sentence("choice.number-them"), main=True),
                    Choice("one-at-a-time", Sentence("choice.one-at-a-time")),
                )
                self._desk.play(Sound.WARNING)
                return
            tags = msgspec.structs.replace(tags, doubt=Doubt(_no_place(now.total, len(tags.new))))
        self._write(tags)

    def _write(self, tags: Found) -> None:
        now = self._set
        if tags.doubt is None:
            tags = self._pad.judged(now, tags)
        if tags.doubt is not None:
            doubt = tags.doubt
            self._doubt(doubt.fault, tags.uids, uid=doubt.uid, replace=doubt.replace)
            return
        if self._desk.lent(Right.LOCK) is None and self._pad.locks(now, tags):
            self._ask_to_lock(tags)
            return
        if not self._pad.still(tags.uids):
            self._pad_at_rest.forget()  # a tag came or left; nothing was written
            return
        now.move(Trigger.WRITES)
        for part, uid in self._pad.write(now, tags, self._progress):
            now.prove(part, uid)
            self._desk.play(Sound.GOOD)
        now.writing, now.steps = 0, (0, 0)
        now.move(Trigger.WRITTEN)
        self._desk.refresh_unfinished()
        self._learn()
        self._all_seen()

    def _ask_to_lock(self, tags: Found) -> None:
        """Ask for a person with the right to lock, because the site's profile locks, and then write these tags."""
        self._doubt(fault_of(lacks(self._desk.worker.role, Right.LOCK) or NotAllowed()), tags.uids)
        stopped = self._stopped

        def granted(who: Worker) -> None:
            self._desk.lend(Right.LOCK, who)
            self._settle()
            self._pad_at_rest.done(tags.uids)
            self._guard.run(lambda: self._write(tags))

        self._desk.ask_for(Right.LOCK, granted, lambda: self._stopped is stopped)

    def _all_seen(self) -> None:
        if self._set.state is SetState.GATHER and self._set.whole and self._set.total > 0:
            self._set.move(Trigger.ALL_SEEN)

    def _learn(self) -> None:
        if self._set.item is not None:
            self._set.learn(self._desk.journal.bindings_for(self._set.item.barcode))

    def _progress(self, part: int, done: int, total: int) -> None:
        same_part = part == self._set.writing
        self._set.writing, self._set.steps = part, (done, total)
        if same_part:
            self._desk.progress(done, total)
        else:
            self._desk.publish()

    # --- doubts ------------------------------------------------------------------------------------------------------------

    def _doubt(self, fault: Fault, uids: frozenset[Uid] | None, *, uid: str = "", replace: Write | None = None) -> None:
        now = self._set
        now.move(Trigger.DOUBT)
        now.writing, now.steps = 0, (0, 0)
        self._learn()
        for part in [part for part, tag in now.right.items() if tag == uid]:
            del now.right[part]
        if replace is not None:
            fault = msgspec.structs.replace(fault, choices=(_REPLACE,))
        elif not {choice.id for choice in fault.choices} & {"retry", "give-up"}:
            fault = msgspec.structs.replace(fault, choices=())
        else:
            kept = tuple(choice for choice in fault.choices if choice.id in ("retry", "give-up"))
            fault = msgspec.structs.replace(fault, choices=kept)
        attempt = self._desk.journal.open_attempt(Uid(uid)) if uid else None
        half = attempt is not None and now.item is not None and attempt.barcode == now.item.barcode
        self._stopped = _Stopped(fault, uids, uid, half, replace)
        self._pad_at_rest.forget()
        barcode = str(now.item.barcode) if now.item is not None else ""
        failed = self._desk.line_stopped(fault, Sound.BAD, barcode, uid)
        if failed is not None:
            raise failed

    def _settle(self) -> None:
        """End the doubt after the pad changed or the operator answered, and look at the pad again."""
        self._stopped, self._asked, self._set.answers = None, None, ()
        if self._set.can(Trigger.SETTLED):
            self._set.move(Trigger.SETTLED)
        self._pad_at_rest.forget()
        self._all_seen()

    def _second_gesture(self, barcode: Barcode, item: ItemRecord, stopped: _Stopped) -> None:
        if barcode != item.barcode or stopped.replace is None or stopped.uids is None:
            self._settle()
            self._desk.say(Sentence("sets.another-barcode"), Sound.WARNING)
            return
        made_choice(self._desk, stopped.fault.code, "overwrite-confirmed")
        write = msgspec.structs.replace(stopped.replace, overwrite=True)
        self._settle()
        self._pad_at_rest.done(stopped.uids)
        self._write(Found(uids=stopped.uids, writes=(write,), judged=True))

    # --- questions -----------------------------------------------------------------------------------------------------------

    def _answer(self, choice: str) -> None:
        now = self._set
        if choice not in {answer.id for answer in now.answers}:
            return
        made_choice(self._desk, f"set-{now.state}", choice)  # not for people
        asked, state = self._asked, now.state
        self._asked, now.answers = None, ()
        now.move(Trigger.SETTLED)
        if state is SetState.ASK_ORDER:
            if choice == "number-them" and asked is not None:
                self._write(self._pad.numbered(now, asked))
            return
        index = int(choice.removeprefix("size-"))
        total, model = now.sizes[index]
        if index:
            self._resize(total, model)
        now.size_said = True
        self._pad_at_rest.forget()
        self._all_seen()

    def _ask_size(self, total: int, model: SetModel) -> None:
        """Ask about another number of parts or another model, and first show the effect on the tags."""
        now = self._set
        if now.item is None or not total or (total, model) == (now.total, now.model) or not now.can(Trigger.SIZE_ASKED):
            return
        too_many = now.too_small(total, model)
        if too_many:
            self._desk.say(Sentence("sets.has-a-tag", part=too_many), Sound.WARNING)
            return
        self._ask_sizes((total, model))

    def _ask_sizes(self, new: tuple[int, SetModel], *, of_tags: bool = False) -> None:
        now = self._set
        now.move(Trigger.SIZE_ASKED)
        now.sizes, now.of_tags = ((now.total, now.model), new), of_tags
        total, model = new
        resized = total != now.total
        change = Sentence("choice.size", parts=total) if resized else Sentence(f"choice.model-{model.value}")
        kept = Sentence("choice.size-stays", parts=now.total) if resized else Sentence("choice.model-stays")
        stays = Sentence("choice.size", parts=now.total) if of_tags else kept
        now.answers = (Choice("size-1", change, main=True), Choice("size-0", stays))
        self._desk.play(Sound.WARNING)

    def _resize(self, total: int, model: SetModel) -> None:
        now = self._set
        too_many = now.too_small(total, model)
        if too_many:
            self._desk.say(Sentence("sets.has-a-tag", part=too_many), Sound.WARNING)
            return
        _record_resized(self._desk, now, total, model)
        now.resize(total, model)


PARTS_DIFFER: Final = "set-parts"
"""Code of the catalogers' request for a set whose number of parts differs from its record."""


def _record_opened(desk: Desk, item: ItemRecord, sized: Sized) -> None:
    """Journal the start of the work on a set."""
    desk.journal.record(
        ItemScanned(barcode=item.barcode, part=1, item=item),
        SetOpened(
            barcode=item.barcode,
            model=sized.model,
            parts=sized.parts,
            record_parts=item.parts,
            operator=desk.worker.id,
        ),
    )


def _record_resized(desk: Desk, now: SetInHand, total: int, model: SetModel) -> None:
    """Journal another number of parts or another model, before a tag is written for it."""
    if now.item is not None:
        desk.journal.record(
            SetSized(
                barcode=now.item.barcode,
                model=model,
                parts=total,
                before=now.total,
                record_parts=now.record_parts,
                operator=desk.worker.id,
            )
        )


def _record_ended(desk: Desk, now: SetInHand, *, complete: bool, loose: int | None, remark: Sentence = EMPTY) -> None:
    """Journal the end of the work, with missing parts. For a complete set whose number of parts differs from its
    record, also journal a request to the catalogers."""
    item = now.item
    if item is None:
        return
    who = desk.worker.id
    closed = SetClosed(
        barcode=item.barcode,
        model=now.model,
        parts=now.total,
        record_parts=now.record_parts,
        complete=complete,
        seen=tuple(sorted(now.right)),
        missing=now.missing,
        loose=loose,
        remark=remark,
        operator=who,
    )
    if not complete or now.total == now.record_parts:
        desk.journal.record(closed)
        return
    wrong = CatalogingRequested(
        request=desk.new_id(),
        barcode=item.barcode,
        title=item.title,
        code=PARTS_DIFFER,
        reason=Sentence("sets.record-differs", parts=now.total, record=now.record_parts),
        record_id=item.record_id,
        operator=who,
    )
    desk.journal.record(closed, wrong)


_LIGHTS: Final = {
    SetState.WRITING: Light.BUSY,
    SetState.STOPPED: Light.BAD,
    SetState.ASK_ORDER: Light.WARNING,
    SetState.ASK_SIZE: Light.WARNING,
    SetState.COMPLETE: Light.GOOD,
}
"""Lights of states; all others are neutral."""


def prompt(now: SetInHand, *, stopped: bool) -> Sentence:
    """Return the sentence that tells the operator what to do next."""
    if stopped:
        return Sentence("sets.take-off")
    match now.state:
        case SetState.GATHER if now.next_part:
            return Sentence("sets.lay", part=now.next_part, parts=now.total)
        case SetState.GATHER:
            return Sentence("sets.lay-known", parts=_numbers(now.missing))
        case SetState.ASK_ORDER:
            return Sentence("sets.ask-order", count=now.asked)
        case SetState.ASK_SIZE:
            return _size_question(now)
        case SetState.WRITING:
            return Sentence("state.writing")
        case SetState.COUNT if now.model is SetModel.MAIN:
            return Sentence("sets.count-main", parts=now.total)
        case SetState.COUNT:
            return Sentence("sets.count")
        case SetState.COMPLETE:
            return Sentence("sets.complete", parts=now.total)
        case _:
            return Sentence("sets.scan")


def _size_question(now: SetInHand) -> Sentence:
    (old, before), (new, model) = now.sizes
    if now.of_tags:
        return Sentence("sets.ask-which", tags=new, record=old)
    if model is not before:
        return Sentence("sets.ask-main" if model is SetModel.MAIN else "sets.ask-every", parts=new)
    again = sorted({*now.known, *now.right})
    return Sentence("sets.ask-size", old=old, new=new, again=_numbers(again) if again else Sentence("sets.none"))


def _numbers(parts: Iterable[int]) -> str:
    """Format part numbers for a sentence."""
    return ", ".join(map(str, parts))


def _no_place(total: int, new: int) -> Fault:
    return Fault(
        code="no-such-part",
        sentence=Sentence("fault.no-such-part", parts=total),
        do=Sentence("do.no-such-part"),
        detail=Sentence("detail.new-tags", count=new),
    )
