"""Operator commands on corrections, lots, deliveries, waivers and unfinished writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from station.base.sentence import Sentence
from station.base.text import clean
from station.bench.by_right import Answer, by_right, id_of
from station.bench.desk import Desk
from station.bench.item.unfinished import give_up
from station.bench.waivers import waive
from station.bench.workflows.process.item_flow import ItemFlow
from station.domain.commands import (
    Abandon,
    Assign,
    Close,
    Command,
    LookFirst,
    Mend,
    OnCorrection,
    OrderRechecks,
    Recheck,
    Settle,
    Waive,
)
from station.domain.correction_states import Result
from station.domain.deliveries.intents import Decision
from station.domain.events import (
    CorrectionAssigned,
    CorrectionClosed,
    CorrectionMended,
    CorrectionRechecked,
    SecondCheckSeen,
)
from station.domain.fixed_items import is_fixed
from station.domain.item import Barcode
from station.domain.snapshot import Sound
from station.domain.tag_image import Uid

if TYPE_CHECKING:
    from station.domain.events import CorrectionStep
    from station.domain.ports import Worker

_SETTLED: Final = "queued"
"""Answer to a decision that was carried out (`domain.deliveries.delivery.OutboxPort`)."""
ME: Final = "me"
"""Value of a correction's owner that means the operator."""


class Orders:
    """Carries out the operator's commands on corrections, lots, deliveries, waivers and unfinished writes. A refusal is
    a notice and never stops the line."""

    def __init__(self, desk: Desk, *, flow: Callable[[], ItemFlow], flows: tuple[ItemFlow, ...]) -> None:
        """`flow`: returns the flow of the item in hand. `flows`: the flows of all workflows that have one."""
        self._desk = desk
        self._flow = flow
        self._flows = flows

    def takes(self, command: Command) -> bool:
        """Carry out an order. Return False if the command is not an order."""
        match command:
            case Waive():
                waive(self._desk, self._flow(), command)
            case Assign() | Mend() | Recheck() | Close() | LookFirst():
                self._order_step(*self._step(command))
            case Settle():
                self._on_delivery(command)
            case OrderRechecks():
                self._on_lot(command)
            case Abandon(uid=uid, reason=reason):
                self._abandon(Uid(uid), reason)
            case _:
                return False
        return True

    def _abandon(self, uid: Uid, reason: str) -> None:
        desk = self._desk
        if not give_up(desk.journal, uid, Sentence.verbatim(clean(reason)), desk.worker.id):
            desk.say(Sentence("notice.no-half"), Sound.WARNING)
            return
        for flow in self._flows:
            flow.given_up(uid)
        desk.refresh_unfinished()

    # --- corrections -----------------------------------------------------------------------------------------------------

    def _order_step(self, event: CorrectionStep, sentence: Sentence, lent: Worker | None = None) -> None:
        def order() -> Answer:
            self._desk.journal.order(msgspec.structs.replace(event, authorised=id_of(lent)))
            self._look_at_item()
            return self._fixed(event.correction) or sentence, Sound.ACCEPTED

        by_right(self._desk, order, lent, lambda who: self._order_step(event, sentence, who))

    def _fixed(self, name: str) -> Sentence | None:
        """Return what to do next if this step closed the last fault of an item that failed."""
        desk = self._desk
        correction = desk.journal.correction(name)
        if correction is None or correction.result not in (Result.MENDED, Result.NO_DEFECT):
            return None
        barcode = Barcode(correction.barcode)
        if not is_fixed(desk.history.about_item(barcode), desk.journal.open_corrections(barcode)):
            return None
        return Sentence("notice.finish", title=desk.titles.of(barcode))

    def _look_at_item(self) -> None:
        in_hand = self._flow().in_hand
        if in_hand is not None:
            self._desk.corrections.look(in_hand)

    def _step(self, command: OnCorrection) -> tuple[CorrectionStep, Sentence]:
        who = self._desk.worker.id
        match command:
            case Assign():
                owner = who if command.owner == ME else clean(command.owner)
                reason = clean(command.reason)
                assigned = CorrectionAssigned(
                    correction=command.correction, owner=owner, due=clean(command.due), reason=reason, operator=who
                )
                return assigned, Sentence("notice.owner" if owner == who else "notice.assigned")
            case Mend():
                mended = CorrectionMended(
                    correction=command.correction,
                    note=Sentence.verbatim(clean(command.note)),
                    due=self._desk.corrections.recheck_due(),
                    operator=who,
                )
                return mended, Sentence("notice.fixed")
            case Recheck():
                rechecked = CorrectionRechecked(
                    correction=command.correction,
                    passed=command.passed,
                    reason=Sentence.verbatim(clean(command.reason)),
                    operator=who,
                )
                return rechecked, Sentence("notice.rechecked")
            case LookFirst():
                return SecondCheckSeen(correction=command.correction, operator=who), Sentence("notice.looked")
            case Close():
                closed = CorrectionClosed(
                    correction=command.correction,
                    result=command.result,
                    reason=Sentence.verbatim(clean(command.reason)),
                    operator=who,
                )
                return closed, Sentence("notice.closed")

    def _on_lot(self, command: OrderRechecks, lent: Worker | None = None) -> None:
        """Order rechecks of a rejected lot. After a right was lent, only for items that have no order by then."""
        rechecks_of = self._desk.ports.rechecks
        orders = rechecks_of(command.whose, command.subject, command.lot, self._desk.worker.id) if rechecks_of else ()
        if not orders:
            self._desk.say(Sentence("notice.no-rechecks"), Sound.WARNING)
            return

        def order() -> Answer:
            self._desk.journal.order(*(msgspec.structs.replace(recheck, authorised=id_of(lent)) for recheck in orders))
            self._look_at_item()
            return Sentence("notice.rechecks-ordered", count=len(orders)), Sound.ACCEPTED

        what = Sentence("sampling.lend", count=len(orders))
        by_right(self._desk, order, lent, lambda who: self._on_lot(command, who), what=what)

    # --- deliveries ------------------------------------------------------------------------------------------------------

    def _on_delivery(self, command: Settle, lent: Worker | None = None) -> None:
        """Carry out the operator's decision about a delivery."""
        settle = self._desk.ports.settle
        if settle is None or command.decision not in set(Decision):
            return
        arguments = (command.delivery, Decision(command.decision), self._desk.worker.id, clean(command.reason))

        def decide() -> Answer:
            answer = settle(*arguments, id_of(lent))
            return Sentence(f"outbox.answer.{answer}"), Sound.ACCEPTED if answer == _SETTLED else Sound.WARNING

        by_right(self._desk, decide, lent, lambda who: self._on_delivery(command, who))
