"""The bench: one item at a time from scan to verdict. Commands and looks at the pad in, snapshots and events out.

A plain object for one thread, in eight layers, the lowest first: `desk` (state and publishing), `item_flow` (the item and its
tag), `pad_requests` (other programs), `orders` (people and corrections), `item_workflows` (process and convert),
`current_workflow` (all other workflows), `sign_on` (who works here) and this file (what the operator asks).
A `StationError` becomes a fault with a
sentence; any other exception is a defect: it is journaled and shown, and the line stops.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import (
    BarcodeMalformed,
    CatalogError,
    RecordIncomplete,
    RecordNotTold,
    StoreError,
    SyncError,
)
from station.base.text import clean
from station.base.words import Sentence, tell
from station.bench import snapshot
from station.bench.item.gate import RETRY, armed, propose_part
from station.bench.item.in_hand import ItemInHand, StopKind, Stopped, fault_of
from station.bench.sign_on import BenchSignOn
from station.catalog.barcodes.barcode import check as check_barcode
from station.catalog.labels import compare_scan, is_about
from station.catalog.record.publisher_number import piece_number
from station.domain.choice import Choice
from station.domain.commands import (
    Abandon,
    Act,
    Answer,
    AskPad,
    Assign,
    Authorise,
    Badge,
    Cancel,
    CancelQuestion,
    Choose,
    Close,
    Command,
    Enter,
    GiveOrder,
    GivePin,
    LoadRoll,
    LookFirst,
    Loudness,
    Mend,
    OrderRechecks,
    Quit,
    Recheck,
    Reopen,
    Scan,
    SelectPart,
    Settle,
    SignOff,
    SignOn,
    Tick,
    Waive,
)
from station.domain.events import CatalogingRequested, ChoiceMade, ItemSetAside, ScanRefused, TagWriteAbandoned
from station.domain.findings import Outcome
from station.domain.item import Barcode
from station.domain.notices import NONE, Notice, detailed
from station.domain.rights import Right, may
from station.domain.snapshot import Phase, Sound
from station.domain.tag_image import Uid
from station.domain.workflows import Workflow


class Bench(BenchSignOn):
    """The whole bench; see the module."""

    # --- commands and time -----------------------------------------------------------------------------------------------

    def handle(self, command: Command, ticket: str = "") -> None:
        """Do what is asked. Never raises what tag, reader, catalog or journal do. `ticket`: see `Snapshot.answered`."""

        def work() -> None:
            with self._answering(ticket):
                self._dispatch(command)

        self._guarded(work)

    def tick(self) -> float:
        """Look at the pad; returns the seconds until the next look."""
        self._guarded(self._tick)
        return self._settings.reader.poll_ms / 1000

    def _tick(self) -> None:
        self._time_passes()
        self._look()
        self._hands_seen()

    def _work_scan(self, text: str) -> None:
        self._scan(text)

    def _dispatch(self, command: Command) -> None:
        if self._at_sign_on(command):
            return
        match command:
            case Scan(text=text, part=part):
                self._notice = NONE
                if not self._refuses_scan(text):
                    self._scan(text, part)
                self._go_on_in_process()
            case Choose(choice=choice):
                if not self._pad.ready or not self._with_writing_workflow(lambda current: current.choose(choice)):
                    self._choose(choice)
            case Answer():
                if not self._with_checking_workflow(lambda current: current.answer(command)):
                    self._answer(command)
            case Reopen():
                if (
                    not self._with_checking_workflow(lambda current: current.reopen())
                    and self._phase is Phase.CHECKING
                    and self._in_hand
                ):
                    self._judge.reopen(self._in_hand)
            case Cancel():
                if not self._with_writing_workflow(
                    lambda current: current.leave()
                ) and not self._with_checking_workflow(lambda current: current.leave()):
                    self._set_aside(tell("detail.set-aside"))
            case SelectPart(part=part):
                self._select_part(part)
            case Abandon(uid=uid, reason=reason):
                self._abandon(Uid(uid), reason)
            case AskPad():
                self._ask(command)
            case SignOn():
                self._sign_on(command)
            case Waive():
                self._waive(command)
            case Assign() | Mend() | Recheck() | Close() | LookFirst():
                self._on_correction(command)
            case Settle():
                self._on_delivery(command)
            case GiveOrder():
                self._on_order(command)
            case OrderRechecks():
                self._on_lot(command)
            case Enter(workflow=workflow):
                self._enter(workflow)
            case Act():
                self._act(command)
                self._go_on_in_process()
            case LoadRoll(name=name):
                self._load_roll(name)
            case Loudness():
                self._loudness(command)
            case Tick():
                self._tick()
            case Quit() | Badge() | GivePin() | CancelQuestion() | Authorise() | SignOff():
                pass

    def _go_on_in_process(self) -> None:
        """A workflow may end with its item in the main job's hands."""
        barcode = self._handed_over()
        if barcode:
            self._enter(Workflow.PROCESS)
            self._scan(barcode)

    # --- scanning --------------------------------------------------------------------------------------------------------

    def _scan(self, text: str, part: int = 0) -> None:
        try:
            barcode = check_barcode(text, self._settings.barcodes)
        except BarcodeMalformed as error:
            if not self._label_scanned(text):
                self._refuse(text, error)
            return
        stopped, in_hand = self._stopped, self._in_hand
        if stopped is not None and stopped.armed and in_hand is not None:
            self._second_gesture(barcode, in_hand, stopped)
        elif in_hand is not None and in_hand.judging and in_hand.verdict is None:
            same = barcode == in_hand.item.barcode
            if not same and self._label_scanned(text, exact=True):
                return
            self._say(
                Sentence("notice.in-hand" if same else "notice.checks-first"),
                Sound.ACCEPTED if same else Sound.WARNING,
            )
        elif (
            stopped is not None and stopped.kind is StopKind.INTERRUPTED and in_hand and barcode != in_hand.item.barcode
        ):
            self._say(Sentence("notice.half-first"), Sound.WARNING)
        elif in_hand is not None and barcode == in_hand.item.barcode and self._phase in (Phase.NEED_TAG, Phase.STOPPED):
            self._say(Sentence("notice.scanned-already"), Sound.ACCEPTED)
        else:
            self._new_item(barcode, part)

    def _label_scanned(self, text: str, *, exact: bool = False) -> bool:
        """A scan of the label's own text (a code on the label carries it) answers the open label check; False if it is none.

        Only what says exactly what it must passes; a difference is said and answers nothing: the operator decides.
        """
        in_hand = self._in_hand
        check = self._judge.label_check(in_hand) if in_hand is not None and self._phase is Phase.CHECKING else None
        if in_hand is None or check is None:
            return False
        said, lines = clean(text), in_hand.item.label_lines
        differences = compare_scan(lines, said)
        if differences and (exact or not is_about(lines, said)):
            return False
        if differences:
            sentences = [one.sentence for one in differences]
            more = f" {tell('notice.label-more', count=len(sentences) - _SHOWN)}" if len(sentences) > _SHOWN else ""
            differs = tell("notice.label-differs", how=". ".join(sentences[:_SHOWN]) + ".") + more
            self._journal.record(ScanRefused(text=said, code="label-differs", reason="; ".join(sentences)))
            self._say(Notice("notice.label-differs", differs), Sound.WARNING)
        else:
            self._say(Sentence("notice.label-good"), Sound.ACCEPTED)
            self._answer(
                Answer(check.rule, Outcome.PASS, note=tell("detail.scanned", text=said), scanned=True), keep_notice=True
            )
        return True

    def _refuse(self, text: str, error: CatalogError) -> None:
        stopped, in_hand, (number, is_isbn) = self._stopped, self._in_hand, piece_number(text)
        if stopped is not None and is_isbn and _CATALOGING in stopped.fault.choices:
            stopped.isbn = number
            self._say(Sentence("notice.isbn-taken"), Sound.ACCEPTED)
            return
        if number and stopped is None and in_hand is not None and in_hand.verdict is None:
            wrong = self._judge.piece_scanned(in_hand, number, self._clock.day())
            said = Sentence("notice.piece-differs", how=wrong) if wrong else Sentence("notice.piece-noted")
            self._say(said, Sound.WARNING if wrong else Sound.ACCEPTED)
            return
        text, error = self._unless_secret(text, error)
        self._journal.record(ScanRefused(text=clean(text), code=error.code, reason=error.detail))
        self._say(detailed(error), Sound.WARNING)

    def _new_item(self, barcode: Barcode, part: int = 0) -> None:
        self._who_is_here()
        if self._rules_changed(lambda: self._new_item(barcode, part)):
            return
        self._journal_set_aside(tell("detail.another-barcode"))
        self._rest()
        item = None
        try:
            item = self._catalog.find(barcode)
            if not item.title:
                raise RecordIncomplete("title")
        except (CatalogError, SyncError, StoreError) as error:
            self._journal.record(ScanRefused(text=barcode, code=error.code, reason=error.detail))
            again = not isinstance(error, CatalogError) or isinstance(error, RecordNotTold)
            queued = (_CATALOGING,) if error.code in _FOR_CATALOGING else ()
            choices = (RETRY, _DISMISS_TOO) if again else (_DISMISS, *queued)
            self._stop(StopKind.RECORD, msgspec.structs.replace(fault_of(error), choices=choices, new=str(barcode)))
            if self._stopped is not None:
                self._stopped.barcode = barcode
                self._stopped.record_id = item.record_id if item else ""
            return
        known = 1 <= part <= item.tags
        self._begin(item, part if known else propose_part(item, self._journal.bindings_for(barcode)))
        if known and self._in_hand is not None:
            self._in_hand.part_chosen = True
        if part and not known:
            self._say(Sentence("notice.no-part", parts=item.parts, part=part), Sound.WARNING)
        self._go_on()

    # --- choices ---------------------------------------------------------------------------------------------------------

    def _choose(self, choice: str) -> None:
        if not self._pad.ready:
            # The reader's fault hides every other one, and with it their choices.
            if choice == snapshot.TRY_NOW.id:
                self._pad.hurry()
                self._look()
            return
        stopped = self._stopped
        if stopped is None or choice not in {offered.id for offered in stopped.fault.choices}:
            return
        self._notice = NONE
        self._journal.record(ChoiceMade(code=stopped.fault.code, choice=choice, operator=self._operator))
        match choice:
            case "set-aside":
                self._set_aside(stopped.fault.code)
            case "overwrite" if stopped.may_overwrite and self._in_hand is not None:
                self._overwrite_asked(stopped, self._in_hand)
            case "keep" if stopped.original is not None:
                stopped.fault, stopped.armed, stopped.original = stopped.original, False, None
            case "finish-first" if stopped.uid is not None:
                attempt = self._journal.open_attempt(stopped.uid)
                if attempt is not None:
                    self._journal_set_aside(tell("detail.half-first"))
                    self._rest()
                    self._take_up(Barcode(attempt.barcode), attempt.part)
            case "go-on" if self._in_hand is not None:
                self._in_hand.accepted.add(stopped.fault.code)
                self._go_on()
            case "give-up" if stopped.uid is not None:
                self._abandon(stopped.uid, tell("detail.too-often"))
                self._go_on()
            case "dismiss":
                self._rest()
            case "cataloging" if stopped.barcode is not None:
                self._send_to_cataloging(stopped, stopped.barcode)
            case "retry":
                self._retry(stopped)

    def _send_to_cataloging(self, stopped: Stopped, barcode: Barcode) -> None:
        self._journal.record(
            CatalogingRequested(
                request=self._new_id(),
                barcode=barcode,
                isbn=stopped.isbn,
                code=stopped.fault.code,
                reason=clean(stopped.fault.detail or stopped.fault.sentence),
                record_id=stopped.record_id,
                operator=self._operator,
            )
        )
        self._rest()
        self._say(Sentence("notice.cataloging", barcode=barcode), Sound.ACCEPTED)

    def _retry(self, stopped: Stopped) -> None:
        if (
            stopped.kind is StopKind.INTERRUPTED
            and stopped.uid is not None
            and stopped.uid not in self._pad.inventory.uids
        ):
            self._say(Sentence("notice.half-not-here"), Sound.WARNING)
        elif stopped.barcode is not None:
            self._new_item(stopped.barcode)
        elif stopped.kind is StopKind.INTERRUPTED:
            self._look()
        else:
            self._go_on()

    def _second_gesture(self, barcode: Barcode, in_hand: ItemInHand, stopped: Stopped) -> None:
        """The overwriting gesture's second half: the same item's barcode, with the same single tag on the pad."""
        if barcode != in_hand.item.barcode:
            if stopped.original is not None:
                stopped.fault, stopped.armed, stopped.original = stopped.original, False, None
            self._say(Sentence("notice.other-barcode"), Sound.WARNING)
        elif stopped.uid is not None:
            uid = stopped.uid
            lent = stopped.authorised
            self._journal.record(ChoiceMade(code=stopped.fault.code, choice="overwrite-confirmed", authorised=lent))
            self._clear_stop(Phase.NEED_TAG)
            self._encode(uid, overwrite=True, authorised=lent)

    def _overwrite_asked(self, stopped: Stopped, in_hand: ItemInHand) -> None:
        """The first half of the gesture. What is not ours needs somebody with the right to it, where people sign on."""

        def arm(lent: str) -> None:
            stopped.original, stopped.armed, stopped.authorised = stopped.fault, True, lent
            stopped.fault = armed(stopped.fault, in_hand.item.barcode)
            self._play(Sound.WARNING)

        right = Right.OVERWRITE_FOREIGN
        allowed = stopped.fault.code not in _NOT_OURS or may(self._worker.role, right)
        if allowed or not self._ask_for(right, lambda who: arm(who.id), lambda: self._stopped is stopped):
            arm("")

    def _answer(self, answer: Answer, *, keep_notice: bool = False) -> None:
        in_hand = self._in_hand
        if self._phase is not Phase.CHECKING or in_hand is None:
            return
        if not keep_notice:
            self._notice = NONE
        if self._judge.must_look(in_hand, answer):
            self._say(Sentence("notice.must-look"), Sound.WARNING)
        elif self._judge.answer(in_hand, answer, self._operator) and in_hand.current == len(in_hand.checks):
            self._conclude(in_hand)

    def _select_part(self, part: int) -> None:
        in_hand = self._in_hand
        if in_hand is None or self._phase not in (Phase.NEED_TAG, Phase.STOPPED) or not 1 <= part <= in_hand.item.tags:
            return
        if (
            self._stopped is not None
            and self._stopped.kind is not StopKind.PAD
            and self._stopped.fault.code not in _PART_FAULTS
        ):
            return
        in_hand.part, in_hand.part_chosen = part, True
        self._go_on()

    def _abandon(self, uid: Uid, reason: str) -> None:
        attempt = self._journal.open_attempt(uid)
        if attempt is None:
            self._say(Sentence("notice.no-half"), Sound.WARNING)
            return
        self._journal.record(
            TagWriteAbandoned(
                attempt=attempt.attempt,
                uid=attempt.uid,
                barcode=attempt.barcode,
                reason=clean(reason) or tell("detail.given-up"),
                operator=self._operator,
            )
        )
        in_hand = self._in_hand
        if in_hand is not None and in_hand.half == uid:
            in_hand.half = None
            if self._stopped is not None and self._stopped.kind is StopKind.INTERRUPTED:
                self._go_on()
        self._refresh_unfinished()

    def _set_aside(self, reason: str) -> None:
        self._journal_set_aside(reason)
        on_pad = self._pad.inventory.uids
        if len(on_pad) == 1:
            self._finished = next(iter(on_pad))
        self._rest()

    def _journal_set_aside(self, reason: str) -> None:
        in_hand = self._in_hand
        if in_hand is None or in_hand.verdict is not None:
            return
        uid = in_hand.uid or in_hand.half or (self._stopped.uid if self._stopped else None) or ""
        self._journal.record(
            ItemSetAside(barcode=in_hand.item.barcode, uid=uid, reason=reason, operator=self._operator)
        )


_SHOWN: Final = 2
"""Differences of a label that are shown; the journal has all."""
_DISMISS: Final = Choice(id="dismiss", label="choice.set-aside", main=True)
_DISMISS_TOO: Final = Choice(id="dismiss", label="choice.set-aside")
_CATALOGING: Final = Choice(id="cataloging", label="choice.cataloging")
_FOR_CATALOGING: Final = frozenset({"barcode-unknown", "record-incomplete"})
"""Faults of a scan that a cataloger can end."""
_NOT_OURS: Final = frozenset({"foreign-tag", "unknown-content"})
"""Faults of the gate behind which another's tag may be."""
_PART_FAULTS: Final = frozenset({"second-tag", "other-part"})
