"""Corrections and flags from verdicts: what to journal with a verdict, and what the operator sees of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from station.base.sentence import Sentence
from station.base.settings import Corrections
from station.bench.item.in_hand import ItemInHand
from station.domain.correction_states import CorrectionKind, CorrectionState, Flag, Recheck, Result
from station.domain.corrections.correction import Correction, is_second_check
from station.domain.corrections.words import state_of
from station.domain.events import (
    CorrectionClosed,
    CorrectionMended,
    CorrectionOpened,
    CorrectionRechecked,
    CorrectionStep,
    ItemJudged,
)
from station.domain.findings import Finding, Severity
from station.domain.fixed_items import failed_rules
from station.domain.people.sign_on import MACHINE
from station.domain.ports import Journal, Worker
from station.domain.verdict import Verdict
from station.quality.rules import Rule
from station.quality.verdict.corrections import reports, steps
from station.quality.verdict.second_check import to_technician

if TYPE_CHECKING:
    from station.base.clock import Clock

_SHOWN: Final = 2
"""Corrections that a notice names."""


class ItemCorrections:
    """The corrections of the item in hand."""

    def __init__(
        self,
        journal: Journal,
        settings: Corrections,
        clock: Clock,
        new_id: Callable[[], str],
        rule_of: Callable[[str], Rule | None],
        first_verdict: Callable[[str, int, str], ItemJudged | None],
        *,
        second_look: bool,
    ) -> None:
        """`first_verdict`: returns the newest verdict of a worker on a part of an item. `second_look`: people do not
        sign on, so a person may recheck their own mend."""
        self._second_look_counts = second_look
        self._journal = journal
        self._settings = settings
        self._clock = clock
        self._new_id = new_id
        self._rule_of = rule_of
        self._first_verdict = first_verdict

    def look(self, in_hand: ItemInHand) -> None:
        """Read the item's open corrections. An item that leaves is not judged by the rules of new items."""
        before = {correction.id for correction in in_hand.standing}
        standing = self._journal.open_corrections(in_hand.item.barcode)
        leaves = in_hand.task != "processing"
        in_hand.standing = (
            tuple(correction for correction in standing if self._judges(correction, in_hand.task))
            if leaves
            else standing
        )
        today = self._clock.day()
        orders = [correction for correction in in_hand.standing if is_second_check(correction, in_hand.worker.id)]
        # A second check is blind: the first person's findings are hidden until the second person's verdict.
        shown = orders if orders and in_hand.verdict is None else in_hand.standing
        in_hand.flags = tuple(
            Flag(
                correction=correction.id,
                title=Sentence.of(correction.heading),
                owner=correction.owner,
                due=correction.due,
                state=correction.state,
                kind=correction.kind,
                overdue=bool(correction.due) and correction.due < today,
                new=in_hand.verdict is not None and correction.id not in before,
                other_person=correction.recheck is Recheck.PERSON and not self._second_look_counts,
            )
            for correction in shown
        )
        open_rules = {correction.rule for correction in in_hand.standing if correction.kind is CorrectionKind.MEND}
        failed = failed_rules(in_hand.judged) if in_hand.judged is not None else frozenset()
        in_hand.to_fix = {*in_hand.to_fix, *open_rules} if failed else set()
        in_hand.fixed = bool(failed) and failed <= in_hand.to_fix - open_rules

    def _judges(self, correction: Correction, task: str) -> bool:
        rule = self._rule_of(correction.rule)
        return rule is not None and task in rule.applies.tasks

    def follow(
        self, in_hand: ItemInHand, findings: Sequence[Finding], verdict: Verdict, worker: Worker
    ) -> tuple[CorrectionStep | CorrectionOpened, ...]:
        """Return the events that follow from a verdict, to be journaled in its transaction."""
        standing = self._journal.open_corrections(in_hand.item.barcode)
        in_hand.standing = standing
        done = steps(
            standing,
            findings,
            in_hand.part,
            verdict,
            operator=worker.id,
            role=worker.role,
            recheck_due=self.recheck_due(),
            second_look=self._second_look_counts,
        )
        if worker.id != in_hand.worker.id:  # two people did the checks: neither rechecks their own work
            own = {
                correction.id for correction in standing if in_hand.worker.id in (correction.mender, correction.worker)
            }
            done = tuple(step for step in done if step.correction not in own or _by_machine(step))
        if any(is_second_check(correction, in_hand.worker.id) for correction in standing):
            # A second checker's pass after the first person's fail is not a repair: none was reported.
            mended = {step.correction for step in done if isinstance(step, CorrectionMended)}
            done = tuple(step for step in done if step.correction not in mended)
        new = reports(
            findings,
            in_hand.waivers,
            in_hand.item,
            in_hand.part,
            from_severity=Severity(self._settings.from_severity),
            whose=self._whose(in_hand, standing, in_hand.worker.id),
            rule_of=self._rule_of,
            due=self._due,
            new_id=self._new_id,
        )
        return (*done, *new, *self._second_look(in_hand, standing, done, findings))

    def after_withdrawal(
        self, in_hand: ItemInHand, findings: Sequence[Finding], verdict: Verdict, worker: Worker
    ) -> tuple[CorrectionStep | CorrectionOpened, ...]:
        """Return the events that follow from the verdict of a checklist beside the main job. Such a verdict carries out
        no recheck orders. A fault counts as the work of the worker who did this task, not of the worker who processed
        the item. If the item may leave, the corrections end that do not judge its leaving."""
        in_hand.standing = self._journal.open_corrections(in_hand.item.barcode)
        done = steps(
            [correction for correction in in_hand.standing if correction.kind is CorrectionKind.MEND],
            findings,
            in_hand.part,
            verdict,
            operator=worker.id,
            role=worker.role,
            recheck_due=self.recheck_due(),
            second_look=self._second_look_counts,
        )
        new = reports(
            findings,
            (),
            in_hand.item,
            in_hand.part,
            from_severity=Severity(self._settings.from_severity),
            whose=lambda finding: "" if finding.by == MACHINE else worker.id,
            rule_of=self._rule_of,
            due=self._due,
            new_id=self._new_id,
        )
        leaves = verdict is Verdict.PASS
        why = Sentence("correction.why.given-back" if in_hand.task == "lease-return" else "correction.why.withdrawn")
        ended = [
            CorrectionClosed(correction=correction.id, result=Result.WITHDRAWN, reason=why, operator=worker.id)
            for correction in in_hand.standing
            if leaves and not self._judges(correction, in_hand.task)
        ]
        return (*done, *ended, *new)

    def _second_look(
        self,
        in_hand: ItemInHand,
        standing: Sequence[Correction],
        done: Sequence[CorrectionStep],
        findings: Sequence[Finding],
    ) -> tuple[CorrectionOpened, ...]:
        """Open corrections for a technician if this was a second check and its verdict differs from the first."""
        carried_out = {step.correction for step in done if isinstance(step, CorrectionRechecked)}
        new = []
        for order in standing:
            if order.kind is not CorrectionKind.RECHECK or order.id not in carried_out:
                continue
            first = self._first_verdict(in_hand.item.barcode, in_hand.part, order.worker)
            opened = (
                to_technician(
                    order,
                    first,
                    findings,
                    in_hand.item,
                    by=in_hand.worker.id,
                    due=self._due(Severity.MAJOR),
                    name=self._new_id(),
                    unmended=frozenset(
                        correction.rule
                        for correction in standing
                        if correction.kind is CorrectionKind.MEND and correction.state is CorrectionState.OPEN
                    ),
                )
                if first is not None
                else None
            )
            new += [opened] if opened is not None else []
        return tuple(new)

    def _whose(self, in_hand: ItemInHand, standing: Sequence[Correction], operator: str) -> Callable[[Finding], str]:
        """Return a function that names the worker responsible for a finding: the worker whose recheck was ordered;
        otherwise the worker who passed the item before; otherwise the operator, if the item has no vendor. A machine
        finding (tag, record, label text) is assigned to no worker unless a recheck was ordered, as in sampling."""
        orders = [
            correction
            for correction in standing
            if correction.kind is CorrectionKind.RECHECK and correction.worker != operator
        ]
        if orders:
            return lambda _: orders[0].worker
        before = self._journal.passed_by(in_hand.item.barcode, in_hand.part)
        mine = "" if in_hand.item.vendor else operator
        return lambda finding: "" if finding.by == MACHINE else before or mine

    def recheck_due(self) -> str:
        """Return the due day of a recheck ordered now."""
        return self._clock.day(self._settings.recheck_days)

    def _due(self, severity: Severity) -> str:
        settings = self._settings
        days = {Severity.CRITICAL: settings.critical_days, Severity.MAJOR: settings.major_days}
        return self._clock.day(days.get(severity, settings.minor_days))


def _by_machine(step: CorrectionStep) -> bool:
    return not isinstance(step, CorrectionRechecked) or step.by_machine


def flagged(flags: Sequence[Flag]) -> Sentence:
    """Return a sentence that names the open corrections of an item that was just scanned."""
    named = [Sentence("notice.flag", title=flag.title, state=state_of(flag)) for flag in flags[:_SHOWN]]
    if len(flags) > _SHOWN:
        named.append(Sentence("stage.and-more", count=len(flags) - _SHOWN))
    return Sentence("notice.not-done", what=Sentence.joined(named, between=", "))
