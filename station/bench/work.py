"""What people ask about people and corrections: who stands here, waivers, and the steps of a correction. A refusal is a
sentence on the screen and never stops the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from station.bench.requests import BenchRequests
from station.commands import Assign, Close, Mend, OnCorrection, Recheck, SignOn, Waive
from station.errors import WorkerGone, WorkError
from station.events import CorrectionAssigned, CorrectionClosed, CorrectionMended, CorrectionRechecked, FindingWaived
from station.model import Finding, Outcome, Phase, Sound, Verdict
from station.quality.waivers import waiver_of
from station.text import clean

if TYPE_CHECKING:
    from station.bench.hand import Hand
    from station.events import CorrectionStep

ME: Final = "me"
"""As an owner: the operator."""


class BenchWork(BenchRequests):
    """The bench's fourth layer."""

    def _sign_on(self, command: SignOn) -> None:
        """Take the person's name, or look again who the present one is. The item in hand stays; what is open of it is looked
        up again, since an order from elsewhere may have ended it."""
        if self._hand is not None:
            self._mending.look(self._hand)
        name = clean(command.operator)
        worker = self._people.find(name or self._operator)
        if name and worker.role is None:
            self._say(WorkerGone(name).message, Sound.WARNING)
            return
        self._worker, self._operator = worker, worker.id

    def _who_is_here(self) -> None:
        """Before an item is begun: raises `WorkerGone` when the operator has left meanwhile."""
        self._worker = self._people.find(self._operator)
        if self._worker.role is None:
            raise WorkerGone(self._operator)

    # --- corrections -----------------------------------------------------------------------------------------------------

    def _on_correction(self, command: OnCorrection) -> None:
        event, said = self._step(command)
        try:
            self._journal.order(event)
        except WorkError as error:
            self._say(error.message, Sound.WARNING)
            return
        if self._hand is not None:
            self._mending.look(self._hand)
        self._say(said, Sound.ACCEPTED)

    def _step(self, command: OnCorrection) -> tuple[CorrectionStep, str]:
        who = self._operator
        match command:
            case Assign():
                owner = who if command.owner == ME else clean(command.owner)
                reason = clean(command.reason)
                assigned = CorrectionAssigned(
                    correction=command.correction, owner=owner, due=clean(command.due), reason=reason, operator=who
                )
                return assigned, "The correction has its owner."
            case Mend():
                mended = CorrectionMended(
                    correction=command.correction,
                    note=clean(command.note),
                    due=self._mending.recheck_due(),
                    operator=who,
                )
                return mended, "Mended. If a recheck is due, it is in the queue."
            case Recheck():
                rechecked = CorrectionRechecked(
                    correction=command.correction,
                    passed=command.passed,
                    reason=clean(command.reason),
                    operator=who,
                )
                return rechecked, "Rechecked."
            case Close():
                closed = CorrectionClosed(
                    correction=command.correction, result=command.result, reason=clean(command.reason), operator=who
                )
                return closed, "Closed."

    # --- waivers ---------------------------------------------------------------------------------------------------------

    def _waive(self, command: Waive) -> None:
        hand = self._hand
        finding = None if hand is None else _failed(hand, command.rule)
        if hand is None or finding is None or self._phase not in (Phase.CHECKING, Phase.DONE):
            self._say("There is no failed finding of that rule to waive.", Sound.WARNING)
            return
        by = self._people.find(clean(command.by)) if command.by else self._worker
        try:
            if by.role is None:
                raise WorkerGone(by.id)
            event = FindingWaived(
                barcode=hand.item.barcode,
                part=hand.part,
                rule=finding.rule,
                title=finding.title,
                severity=finding.severity,
                reason=clean(command.reason),
                operator=by.id,
                role=by.role,
            )
            if hand.verdict is None:
                self._journal.order(event)
                hand.waivers = (*hand.waivers, waiver_of(event))
            else:
                self._judge.rejudge(hand, event)
        except WorkError as error:
            self._say(error.message, Sound.WARNING)
            return
        self._mending.look(hand)
        self._say(f"Waived: {finding.title}.", Sound.GOOD if hand.verdict is Verdict.PASS else Sound.ACCEPTED)


def _failed(hand: Hand, rule: str) -> Finding | None:
    """The item's failed finding of a rule that was not waived yet."""
    said = () if hand.verdict is not None else tuple(check.answer for check in hand.checks if check.answer is not None)
    if rule in {waiver.rule for waiver in hand.waivers}:
        return None
    return next((one for one in (*hand.findings, *said) if one.rule == rule and one.outcome is Outcome.FAIL), None)
