"""Choices that a stop of an item flow offers, and the operator's choice of the part in hand."""

from __future__ import annotations

from typing import Final

from station.base.sentence import Sentence
from station.bench.desk import Desk
from station.bench.item.gate import armed
from station.bench.item.in_hand import ItemInHand, StopKind, Stopped
from station.bench.item.unfinished import give_up
from station.bench.workflows.process.item_flow import ItemFlow
from station.bench.workflows.process.scans import Scans
from station.domain.events import CatalogingRequested, ChoiceMade
from station.domain.item import Barcode
from station.domain.notices import NONE
from station.domain.people.rights import Right, may
from station.domain.snapshot import Phase, Sound

_NOT_OURS: Final = frozenset({"foreign-tag", "unknown-content"})
"""Faults of the gate that another library's tag may have caused."""
_PART_FAULTS: Final = frozenset({"second-tag", "other-part"})


class Choices:
    """Handles the choices of one item flow."""

    def __init__(self, desk: Desk, flow: ItemFlow, scans: Scans) -> None:
        self._desk = desk
        self._flow = flow
        self._scans = scans

    def choose(self, choice: str) -> None:
        desk, flow = self._desk, self._flow
        stopped = flow.stopped
        if stopped is None or choice not in {offered.id for offered in stopped.fault.choices}:
            return
        desk.notice = NONE
        desk.journal.record(ChoiceMade(code=stopped.fault.code, choice=choice, operator=desk.worker.id))
        match choice:
            case "set-aside":
                why = stopped.original or stopped.fault  # after the first gesture, the fault is an instruction
                flow.set_aside(why.sentence, why.code)
            case "overwrite" if stopped.may_overwrite and flow.in_hand is not None:
                self._arm(stopped, flow.in_hand)
            case "keep":
                stopped.disarm()
            case "finish-first" if stopped.uid is not None:
                attempt = desk.journal.open_attempt(stopped.uid)
                if attempt is not None:
                    flow.journal_set_aside(Sentence("detail.half-first"))
                    flow.rest()
                    flow.take_up(Barcode(attempt.barcode), attempt.part)
            case "go-on" if flow.in_hand is not None:
                flow.in_hand.accepted.add(stopped.fault.code)
                flow.go_on()
            case "give-up" if stopped.uid is not None:
                give_up(desk.journal, stopped.uid, Sentence("detail.too-often"), desk.worker.id)
                desk.refresh_unfinished()
                if flow.in_hand is not None and flow.in_hand.half == stopped.uid:
                    flow.in_hand.half = None
                flow.go_on()
            case "dismiss":
                flow.rest()
            case "cataloging" if stopped.barcode is not None:
                self._send_to_cataloging(stopped, stopped.barcode)
            case "retry":
                self._retry(stopped)

    def select_part(self, part: int) -> None:
        """Set the part of its set that is in hand."""
        flow = self._flow
        in_hand, stopped = flow.in_hand, flow.stopped
        if in_hand is None or flow.phase not in (Phase.NEED_TAG, Phase.STOPPED) or not 1 <= part <= in_hand.item.tags:
            return
        if stopped is not None and stopped.kind is not StopKind.PAD and stopped.fault.code not in _PART_FAULTS:
            return
        in_hand.part, in_hand.part_chosen = part, True
        flow.go_on()

    def _arm(self, stopped: Stopped, in_hand: ItemInHand) -> None:
        """Take the first gesture of overwriting. If sign-on is required, a tag that is not ours needs a person with the
        right."""
        desk, flow = self._desk, self._flow

        def arm(lent: str) -> None:
            stopped.original, stopped.armed, stopped.authorised = stopped.fault, True, lent
            stopped.fault = armed(stopped.fault, in_hand.item)
            desk.play(Sound.WARNING)

        right = Right.OVERWRITE_FOREIGN
        allowed = stopped.fault.code not in _NOT_OURS or may(desk.worker.role, right)
        if allowed or not desk.ask_for(right, lambda who: arm(who.id), lambda: flow.stopped is stopped):
            arm("")

    def _send_to_cataloging(self, stopped: Stopped, barcode: Barcode) -> None:
        desk = self._desk
        desk.journal.record(
            CatalogingRequested(
                request=desk.new_id(),
                barcode=barcode,
                isbn=stopped.isbn,
                code=stopped.fault.code,
                reason=stopped.fault.detail or stopped.fault.sentence,
                operator=desk.worker.id,
            )
        )
        self._flow.rest()
        desk.say(Sentence("notice.cataloging", barcode=barcode), Sound.ACCEPTED)

    def _retry(self, stopped: Stopped) -> None:
        interrupted = stopped.kind is StopKind.INTERRUPTED
        if interrupted and stopped.uid is not None and stopped.uid not in self._desk.pad.uids:
            self._desk.say(Sentence("notice.half-not-here"), Sound.WARNING)
        elif stopped.barcode is not None:
            self._scans.new_item(stopped.barcode, by_search=stopped.by_search)
        elif interrupted:
            stopped.until_lifted = False
            self._desk.look()
        else:
            self._flow.go_on()
