"""Scans of an item flow: an item, the second gesture of overwriting, a label, or a publisher's number."""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import BarcodeMalformed, CatalogError, NotMovedYet, RecordNotTold, StoreError, SyncError
from station.base.sentence import Sentence
from station.base.text import clean
from station.bench.desk import Desk
from station.bench.item.gate import RETRY, propose_part
from station.bench.item.in_hand import ItemInHand, StopKind, Stopped, fault_of
from station.bench.item.moved import require_moved
from station.bench.item.titles import name_of
from station.bench.item.turned_up import turned_up
from station.bench.item.withdrawn import refuse_withdrawn
from station.bench.remarks import DIFFERS
from station.bench.rules_change import rules_changed
from station.bench.workflows.process.checks import Checks
from station.bench.workflows.process.item_flow import ItemFlow
from station.bench.workflows.process.scanned_again import finished_before, is_on_tag
from station.catalog.barcodes.barcode import check as check_barcode
from station.catalog.labels import compare_scan, is_about
from station.catalog.record.publisher_number import piece_number, publisher_kind
from station.domain.choice import Choice
from station.domain.commands import Answer
from station.domain.events import ChoiceMade, ScanRefused
from station.domain.findings import Outcome
from station.domain.item import Barcode
from station.domain.notices import Notice, notice
from station.domain.people.sign_on import LONGEST_PIN
from station.domain.snapshot import Phase, Sound

_ANOTHER_BARCODE: Final = Sentence("detail.another-barcode")
CATALOGING: Final = Choice(id="cataloging", label=Sentence("choice.cataloging"))
_SHOWN: Final = 2
"""Label differences that are shown; the journal has all of them."""
_DISMISS: Final = Choice(id="dismiss", label=Sentence("choice.set-aside"), main=True)
_DISMISS_TOO: Final = Choice(id="dismiss", label=Sentence("choice.set-aside"))
_FOR_CATALOGING: Final = frozenset({"barcode-unknown", "record-unreadable"})
"""Faults of a scan that a cataloger can resolve."""


class Scans:
    """Handles the scans of one item flow."""

    def __init__(self, desk: Desk, flow: ItemFlow, checks: Checks) -> None:
        self._desk = desk
        self._flow = flow
        self._checks = checks

    def scan(self, text: str, part: int = 0) -> None:
        desk, flow = self._desk, self._flow
        try:
            barcode = check_barcode(text, desk.settings.barcodes)
        except BarcodeMalformed as error:
            if not self._label_scanned(text):
                self._refuse(text, error)
            return
        stopped, in_hand = flow.stopped, flow.in_hand
        if stopped is not None and stopped.armed and in_hand is not None:
            self._second_gesture(barcode, in_hand, stopped)
            return
        checking = in_hand is not None and in_hand.judging and in_hand.verdict is None
        if checking and in_hand and barcode != in_hand.item.barcode and self._label_scanned(text, exact=True):
            return
        self._item(barcode, part)

    def found(self, text: str) -> None:
        """Take an item that the operator chose in the search."""
        desk = self._desk
        try:
            barcode = check_barcode(text, desk.settings.barcodes)
        except BarcodeMalformed as error:  # an import can accept barcodes that the settings refuse
            self._refuse(text, error)
            return
        self._item(barcode, by_search=True)

    def _item(self, barcode: Barcode, part: int = 0, *, by_search: bool = False) -> None:
        """Begin this item, unless it is in hand already, or the one in hand must be finished first."""
        desk, flow = self._desk, self._flow
        stopped, in_hand = flow.stopped, flow.in_hand
        same = in_hand is not None and barcode == in_hand.item.barcode
        if in_hand is not None and in_hand.judging and in_hand.verdict is None:
            if same:
                desk.say(Sentence("notice.in-hand"), Sound.ACCEPTED)
            else:
                desk.other_scan(barcode, in_hand.item)
        elif stopped is not None and stopped.kind is StopKind.INTERRUPTED and in_hand and not same:
            desk.say(Sentence("notice.half-first"), Sound.WARNING)
        elif same and flow.phase in (Phase.NEED_TAG, Phase.STOPPED):
            desk.say(Sentence("notice.scanned-already"), Sound.ACCEPTED)
        else:
            self.new_item(barcode, part, by_search=by_search)

    def new_item(self, barcode: Barcode, part: int = 0, *, by_search: bool = False) -> None:
        """Set the item in hand aside and begin this one. `part` 0: the first part without a tag."""
        desk, flow = self._desk, self._flow
        desk.ledger.ask(barcode=barcode)
        desk.begin_item()
        if rules_changed(desk, lambda: self.new_item(barcode, part, by_search=by_search)):
            return
        before, left_out = flow.in_hand, flow.parts_left
        flow.journal_set_aside(_ANOTHER_BARCODE)
        flow.rest()
        try:
            refuse_withdrawn(desk.journal, barcode, desk.titles.of)
            item = desk.catalog.find(barcode)
            require_moved(desk.ports.departures, desk.journal, item)
            was_lost = None if by_search else turned_up(desk.ports.departures, desk.journal, item)
        except (CatalogError, SyncError, StoreError) as error:
            desk.journal.record(ScanRefused(text=Sentence.verbatim(barcode), code=error.code, reason=error.detail))
            again = not isinstance(error, CatalogError) or isinstance(error, RecordNotTold | NotMovedYet)
            queued = (CATALOGING,) if error.code in _FOR_CATALOGING else ()
            choices = (RETRY, _DISMISS_TOO) if again else (_DISMISS, *queued)
            flow.stop(StopKind.RECORD, msgspec.structs.replace(fault_of(error), choices=choices, barcode=barcode))
            if flow.stopped is not None:
                flow.stopped.barcode, flow.stopped.by_search = barcode, by_search
            return
        known = 1 <= part <= item.tags
        left = next((unjudged.part for unjudged in desk.unjudged if unjudged.barcode == barcode), 0)
        bindings = desk.journal.bindings_for(barcode)
        part_now = part if known else left or propose_part(item, bindings)
        flow.begin(item, part_now, by_search=by_search)
        if before is not None and left_out and before.item.barcode != barcode:
            parts = ", ".join(map(str, left_out))
            desk.say(
                Sentence("notice.parts-left", count=len(left_out), title=name_of(before.item), parts=parts),
                Sound.WARNING,
            )
        if was_lost is not None:
            desk.say(Sentence(f"notice.was-{was_lost.piece}"), Sound.ACCEPTED)
        in_hand = flow.in_hand
        if in_hand is not None and not in_hand.flags and was_lost is None:
            if left:
                desk.say(Sentence("notice.check-again"), Sound.ACCEPTED)
            else:
                in_hand.finished = finished_before(desk, item, bindings)
                in_hand.on_tag = in_hand.finished is not None and is_on_tag(desk, item, part_now, bindings)
        if known and flow.in_hand is not None:
            flow.in_hand.part_chosen = True
        if part and not known:
            desk.say(Sentence("notice.no-part", parts=item.parts, part=part), Sound.WARNING)
        flow.go_on()

    def _second_gesture(self, barcode: Barcode, in_hand: ItemInHand, stopped: Stopped) -> None:
        """Take the second gesture of overwriting: the same item's barcode, with the same single tag on the pad."""
        desk, flow = self._desk, self._flow
        if barcode != in_hand.item.barcode:
            stopped.disarm()
            desk.say(Sentence("notice.other-barcode"), Sound.WARNING)
        elif stopped.uid is not None:
            uid, lent = stopped.uid, stopped.authorised
            desk.journal.record(ChoiceMade(code=stopped.fault.code, choice="overwrite-confirmed", authorised=lent))
            flow.await_tag()
            flow.encode(uid, overwrite=True, authorised=lent)

    def _label_scanned(self, text: str, *, exact: bool = False) -> bool:
        """Answer the open label check with a scan of the label's own text, which a code on the label carries. Return
        False if the scan is not label text. Only an exact match passes. A difference is shown, and the operator
        decides. Without an expected label nothing can be compared: the text is only journaled."""
        desk, flow = self._desk, self._flow
        in_hand = flow.in_hand
        check = desk.judge.label_check(in_hand) if in_hand is not None and flow.phase is Phase.CHECKING else None
        if in_hand is None or check is None:
            return False
        label_text, lines = clean(text), in_hand.item.label_lines
        if not lines and not exact and not piece_number(text)[0]:
            desk.journal.record(ScanRefused(text=self._unless_secret(text), code="label-unknown"))
            desk.say(Sentence("notice.label-unknown"), Sound.WARNING)
            return True
        differences = compare_scan(lines, label_text)
        if differences and (exact or not is_about(lines, label_text)):
            return False
        if differences:
            sentences = [difference.sentence for difference in differences]
            how = Sentence.joined((Sentence.joined(sentences[:_SHOWN], ". "), Sentence.verbatim(".")), "")
            differs = Sentence("notice.label-differs", how=how)
            if len(sentences) > _SHOWN:
                more = Sentence("notice.label-more", count=len(sentences) - _SHOWN)
                differs = Sentence.joined((differs, more), between=" ")
            desk.journal.record(
                ScanRefused(text=Sentence.verbatim(label_text), code="label-differs", reason=Sentence.joined(sentences))
            )
            desk.say(Notice("notice.label-differs", differs), Sound.WARNING)
        else:
            desk.say(Sentence("notice.label-good"), Sound.ACCEPTED)
            self._checks.answer(Answer(check.rule, Outcome.PASS, note=label_text, scanned=True))
        return True

    def _refuse(self, text: str, error: CatalogError) -> None:
        desk, flow = self._desk, self._flow
        stopped, in_hand, (number, is_isbn) = flow.stopped, flow.in_hand, piece_number(text)
        if stopped is not None and is_isbn and CATALOGING in stopped.fault.choices:
            stopped.isbn = number
            desk.say(Sentence("notice.isbn-taken"), Sound.ACCEPTED)
            return
        if number and stopped is None and in_hand is not None and in_hand.verdict is None:
            self._piece(in_hand, number, publisher_kind(text))
            return
        shown = self._unless_secret(text)
        error = error if shown.text is not None else BarcodeMalformed()
        desk.journal.record(ScanRefused(text=shown, code=error.code, reason=error.detail))
        desk.wrong_scan(text, error)

    def _piece(self, in_hand: ItemInHand, number: str, kind: str) -> None:
        """Take the publisher's number on the piece. If a rule fails it, the checks show it until it is taken back, or
        the right one is scanned."""
        desk = self._desk
        wrong = desk.judge.piece_scanned(in_hand, number, kind, desk.clock.day())
        if not wrong:
            desk.say(Sentence("notice.piece-noted"), Sound.ACCEPTED)
            return
        warning = notice(Sentence("notice.piece-differs", how=wrong))
        if self._flow.phase is not Phase.CHECKING:
            desk.notice = warning
            desk.remarks.wrong(DIFFERS)
        desk.answers.comes_to(warning)
        desk.play(Sound.WARNING)

    def _unless_secret(self, text: str) -> Sentence:
        """Return the text of a scan. Digits that may be (part of) a PIN typed without a PIN prompt are counted instead:
        they are neither journaled nor shown."""
        digits = text.strip()
        if self._desk.authenticator is None or len(digits) > LONGEST_PIN or not digits.isdigit():
            return Sentence.verbatim(clean(text))
        return Sentence("people.digits", count=len(digits))
