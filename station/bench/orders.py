"""What people ask about people and corrections: who stands here, waivers, and the steps of a correction. A refusal is a
sentence on the screen and never stops the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from station.base.errors import NotAllowed, SettingsError, WorkerGone, WorkError
from station.base.text import clean
from station.base.words import Sentence, tell
from station.bench.desk import always
from station.bench.pad_requests import BenchPadRequests
from station.domain.commands import (
    Assign,
    Close,
    GiveOrder,
    LookFirst,
    Mend,
    OnCorrection,
    OrderRechecks,
    Recheck,
    Settle,
    SignOn,
    Waive,
)
from station.domain.corrections import is_second_check
from station.domain.deliveries.intents import Decision
from station.domain.events import (
    CorrectionAssigned,
    CorrectionClosed,
    CorrectionMended,
    CorrectionRechecked,
    FindingWaived,
    ItemJudged,
    ItemScanned,
    SecondCheckSeen,
)
from station.domain.findings import Finding, Outcome
from station.domain.notices import NONE, Said
from station.domain.rights import Right
from station.domain.snapshot import CorrectionKind, Phase, Sound, Verdict
from station.quality.verdict.waivers import waiver_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.base.errors import StationError
    from station.bench.item.in_hand import ItemInHand
    from station.domain.events import CorrectionStep
    from station.domain.ports import Worker

_SETTLED: Final = "queued"
"""What becomes of a decision that is carried out (`domain.deliveries.delivery.OutboxPort`)."""
ME: Final = "me"
"""As an owner: the operator."""
Answer = tuple[Said, Sound]
"""What came of it, and its sound."""


class BenchOrders(BenchPadRequests):
    """The bench's fourth layer."""

    def _sign_on(self, command: SignOn) -> None:
        """Take the person's name, or look again who the present one is. The item in hand stays; what is open of it is looked
        up again, since an order from elsewhere may have ended it."""
        if self._in_hand is not None:
            self._corrections.look(self._in_hand)
            self._take_up_waivers(self._in_hand)
        name = clean(command.operator)
        worker = self._people.find(name or self._operator)
        if name and worker.role is None:
            self._say(WorkerGone(name), Sound.WARNING)
            return
        self._worker, self._operator = worker, worker.id
        self._hide_result()

    def _hide_result(self) -> None:
        """Somebody else works here now: the result of an item to which he owes a blind second check leaves the screen."""
        in_hand = self._in_hand
        if in_hand is None or in_hand.verdict is None or in_hand.worker.id == self._operator:
            return
        if any(is_second_check(one, self._operator) for one in in_hand.standing):
            self._notice = NONE
            self._rest()

    def _who_is_here(self) -> None:
        """Before an item is begun: raises `WorkerGone` when the operator has left meanwhile."""
        self._worker = self._people.find(self._operator)
        if self._worker.role is None:
            raise WorkerGone(self._operator)

    # --- corrections -----------------------------------------------------------------------------------------------------

    def _on_correction(self, command: OnCorrection) -> None:
        self._order_step(*self._step(command))

    def _order_step(self, event: CorrectionStep, said: Sentence, lent: Worker | None = None) -> None:
        def order() -> Answer:
            self._journal.order(msgspec.structs.replace(event, authorised=_id_of(lent)))
            self._look_at_item()
            return said, Sound.ACCEPTED

        self._by_right(order, lent, lambda who: self._order_step(event, said, who))

    def _look_at_item(self) -> None:
        if self._in_hand is not None:
            self._corrections.look(self._in_hand)

    def _step(self, command: OnCorrection) -> tuple[CorrectionStep, Sentence]:
        who = self._operator
        match command:
            case Assign():
                owner = who if command.owner == ME else clean(command.owner)
                reason = clean(command.reason)
                assigned = CorrectionAssigned(
                    correction=command.correction, owner=owner, due=clean(command.due), reason=reason, operator=who
                )
                return assigned, Sentence("notice.owner")
            case Mend():
                mended = CorrectionMended(
                    correction=command.correction,
                    note=clean(command.note),
                    due=self._corrections.recheck_due(),
                    operator=who,
                )
                return mended, Sentence("notice.mended")
            case Recheck():
                rechecked = CorrectionRechecked(
                    correction=command.correction,
                    passed=command.passed,
                    reason=clean(command.reason),
                    operator=who,
                )
                return rechecked, Sentence("notice.rechecked")
            case LookFirst():
                return SecondCheckSeen(correction=command.correction, operator=who), Sentence("notice.looked")
            case Close():
                closed = CorrectionClosed(
                    correction=command.correction, result=command.result, reason=clean(command.reason), operator=who
                )
                return closed, Sentence("notice.closed")

    def _on_lot(self, command: OrderRechecks, lent: Worker | None = None) -> None:
        """Order rechecks of a rejected lot: by lent right of what has none by then."""
        if self._rechecks_of is None:
            return
        orders = self._rechecks_of(command.whose, command.subject, command.lot, self._operator)
        if not orders:
            self._say(Sentence("notice.no-rechecks"), Sound.WARNING)
            return

        def order() -> Answer:
            self._journal.order(*(msgspec.structs.replace(one, authorised=_id_of(lent)) for one in orders))
            self._look_at_item()
            return Sentence("notice.rechecks-ordered", count=len(orders)), Sound.ACCEPTED

        what = tell("sampling.lend", count=len(orders))
        self._by_right(order, lent, lambda who: self._on_lot(command, who), what=what)

    # --- by whose right --------------------------------------------------------------------------------------------------

    def _by_right(
        self,
        act: Callable[[], Answer],
        lent: Worker | None,
        again: Callable[[Worker], None],
        *,
        still: Callable[[], bool] = always,
        what: str = "",
        refusals: tuple[type[StationError], ...] = (WorkError,),
    ) -> None:
        """Do it and say what came of it: by the operator's own right, or by that of whoever `lent` it. Where the own right does
        not suffice, somebody is asked for whose does, and it is done `again` by that, once, if it is `still` wanted. What is
        refused has changed nothing and is a warning. `what`: see `_ask_for`."""
        try:
            said, sound = act()
        except refusals as error:
            right = error.right if isinstance(error, NotAllowed) and lent is None else ""
            if right and self._ask_for(Right(right), again, still, what):
                return
            said, sound = error, Sound.WARNING
        self._say(said, sound)

    # --- deliveries ------------------------------------------------------------------------------------------------------

    def _on_delivery(self, command: Settle, lent: Worker | None = None) -> None:
        """What the operator decides about a delivery."""
        settle = self._settle_delivery
        if settle is None or command.decision not in set(Decision):
            return
        told = (command.delivery, Decision(command.decision), self._operator, clean(command.reason))

        def decide() -> Answer:
            answer = settle(*told, _id_of(lent))
            return Sentence(f"outbox.answer.{answer}"), Sound.ACCEPTED if answer == _SETTLED else Sound.WARNING

        self._by_right(decide, lent, lambda who: self._on_delivery(command, who))

    def _on_order(self, command: GiveOrder, lent: Worker | None = None) -> None:
        """What the operator orders of a library system."""
        give = self._give_order
        if give is None:
            return
        told = (command.system, command.barcode, command.offer, self._operator)

        def order() -> Answer:
            given = give(*told, _id_of(lent))
            return Sentence("order.given" if given else "order.not-offered"), Sound.ACCEPTED if given else Sound.WARNING

        of_offer = command.offer.partition(": ")[2]
        what = tell("order.lend", system=command.system, barcode=command.barcode, what=of_offer)
        refusals = (WorkError, SettingsError)
        self._by_right(order, lent, lambda who: self._on_order(command, who), what=what, refusals=refusals)

    # --- waivers ---------------------------------------------------------------------------------------------------------

    def _waive(self, command: Waive) -> None:
        in_hand = self._in_hand
        if in_hand is not None:
            self._take_up_waivers(in_hand)
        finding = None if in_hand is None else _failed(in_hand, command.rule)
        if in_hand is None or finding is None or self._phase not in (Phase.CHECKING, Phase.DONE):
            self._say(Sentence("notice.nothing-to-waive"), Sound.WARNING)
            return
        # Where people sign on, a name in a command proves nothing.
        by = self._people.find(clean(command.by)) if command.by and self._authenticator is None else self._worker
        self._waive_by(in_hand, finding, clean(command.reason), by)

    def _waive_by(
        self, in_hand: ItemInHand, finding: Finding, reason: str, by: Worker, lent: Worker | None = None
    ) -> None:
        def waive() -> Answer:
            role = by.role if lent is None else lent.role
            if role is None:
                raise WorkerGone(by.id)
            event = FindingWaived(
                barcode=in_hand.item.barcode,
                part=in_hand.part,
                rule=finding.rule,
                title=finding.title,
                severity=finding.severity,
                reason=reason,
                operator=by.id,
                role=role,
                authorised=_id_of(lent),
            )
            if in_hand.verdict is None:
                self._journal.order(event)
                in_hand.waivers = (*in_hand.waivers, waiver_of(event))
            elif not self._judge.rejudge(in_hand, event) and not self._let_go(in_hand, event):
                return Sentence("notice.passed-without"), Sound.WARNING
            self._corrections.look(in_hand)
            passed = in_hand.verdict is Verdict.PASS
            return Sentence("notice.waived", title=finding.title), Sound.GOOD if passed else Sound.ACCEPTED

        self._by_right(
            waive,
            lent,
            lambda who: self._waive_by(in_hand, finding, reason, by, who),
            still=lambda: self._in_hand is in_hand,
        )

    def _take_up_waivers(self, in_hand: ItemInHand) -> None:
        """What somebody let stand from elsewhere (`station corrections waive`) while the item is in hand: the verdict is the
        one that the journal has by now, and one that is still to come counts them."""
        before = {waiver.rule for waiver in in_hand.waivers}
        given: dict[str, FindingWaived] = {}
        judged: ItemJudged | None = None
        for logged in self._history.about_item(in_hand.item.barcode):
            match logged.event:
                case ItemScanned(part=in_hand.part):
                    given, judged = {}, None  # what was let stand before this item came was about another verdict
                case FindingWaived(part=in_hand.part) as event:
                    given[event.rule] = event
                case ItemJudged(part=in_hand.part) as event:
                    judged = event
                case _:
                    pass
        if judged is not None and in_hand.judged is not None and _again(judged, in_hand.judged):
            in_hand.verdict, in_hand.judged, in_hand.waivers = judged.verdict, judged, judged.waivers
        if in_hand.verdict is None:
            new = [one for rule, one in given.items() if _failed(in_hand, rule) is not None]
            in_hand.waivers = (*in_hand.waivers, *map(waiver_of, new))
        for waiver in in_hand.waivers:
            if waiver.rule not in before:
                title = next((one.title for one in given.values() if one.rule == waiver.rule), waiver.rule)
                passed = in_hand.verdict is Verdict.PASS
                said = Sentence("notice.waived-elsewhere", title=title, reason=waiver.reason)
                self._say(said, Sound.GOOD if passed else Sound.ACCEPTED)

    def _let_go(self, in_hand: ItemInHand, event: FindingWaived) -> bool:
        """The item passed with this finding, so its verdict stands; a correction that it opened is closed by the waiver.
        False = there is none, and nothing is journaled."""
        mends = [one for one in in_hand.standing if one.kind is CorrectionKind.MEND and one.rule == event.rule]
        if mends:
            self._journal.order(event)
        return bool(mends)


def _id_of(lent: Worker | None) -> str:
    return lent.id if lent is not None else ""


def _again(newer: ItemJudged, known: ItemJudged) -> bool:
    """True for the same verdict once more, with a waiver that `known` does not have."""
    same = (newer.uid, newer.seconds, newer.operator) == (known.uid, known.seconds, known.operator)
    return same and len(newer.waivers) > len(known.waivers)


def _failed(in_hand: ItemInHand, rule: str) -> Finding | None:
    """The item's failed finding of a rule that was not waived yet."""
    said = (
        ()
        if in_hand.verdict is not None
        else tuple(check.answer for check in in_hand.checks if check.answer is not None)
    )
    if rule in {waiver.rule for waiver in in_hand.waivers}:
        return None
    return next((one for one in (*in_hand.findings, *said) if one.rule == rule and one.outcome is Outcome.FAIL), None)
