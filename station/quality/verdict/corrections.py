"""Effects of a verdict on corrections: which failed findings open one, and which open ones are mended or rechecked.
Pure.

* A fail that is severe enough opens a correction, or joins the open one for the same item and rule.
* The machine rechecks what the machine found, part by part, whenever the item is on the pad again.
* A person who answers "pass" to a defect found by a person reports it as mended. If another person had already reported
  it as mended, the same answer is its recheck. Where people do not sign on, there may be no other person: the answer is
  a second look, which is also the recheck of one's own mend.
* A recheck order is carried out by repeating the checks, by a person other than the worker who processed the item. Only
  a complete set of answers counts: if the sampling plan left one out, it is not a recheck.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from station.base.sentence import Sentence
from station.domain.correction_states import CorrectionKind, CorrectionState, Recheck
from station.domain.corrections.correction import Correction
from station.domain.events import CorrectionMended, CorrectionOpened, CorrectionRechecked, CorrectionStep
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import ItemRecord
from station.domain.people.rights import Right, Role, may
from station.domain.people.sign_on import MACHINE
from station.domain.verdict import Verdict, Waiver
from station.quality.rules import Rule

_WORST: Final = (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.INFO)


def recheck_of(finding: Finding, rule: Rule | None) -> Recheck:
    """Return who rechecks this once it is mended."""
    if finding.by == MACHINE:
        return Recheck.MACHINE
    if rule is not None and rule.recheck:
        return Recheck(rule.recheck)
    return Recheck.PERSON if finding.severity is Severity.CRITICAL else Recheck.NONE


def reports(
    findings: Sequence[Finding],
    waivers: Sequence[Waiver],
    item: ItemRecord,
    part: int,
    *,
    from_severity: Severity,
    whose: Callable[[Finding], str],
    rule_of: Callable[[str], Rule | None],
    due: Callable[[Severity], str],
    new_id: Callable[[], str],
) -> tuple[CorrectionOpened, ...]:
    """Return a report for each rule that failed, is severe enough and was not waived. `whose`: the worker who processed
    the item, "" = unknown; `due`: the date for a severity."""
    waived = {waiver.rule for waiver in waivers}
    bad = [
        finding
        for finding in findings
        if finding.outcome is Outcome.FAIL
        and finding.rule not in waived
        and _WORST.index(finding.severity) <= _WORST.index(from_severity)
    ]
    by_rule = {
        finding.rule: finding
        for finding in sorted(bad, key=lambda finding: _WORST.index(finding.severity), reverse=True)
    }
    opened = []
    for finding in (finding for finding in bad if by_rule[finding.rule] is finding):
        rule = rule_of(finding.rule)
        opened.append(
            CorrectionOpened(
                correction=new_id(),
                barcode=item.barcode,
                part=part,
                parts=item.parts,
                item_title=item.title,
                rule=finding.rule,
                title=Sentence.of(finding.title),
                severity=finding.severity,
                recheck=recheck_of(finding, rule),
                owner=rule.owner if rule is not None else "",
                due=due(finding.severity),
                worker=whose(finding),
                found_by=finding.by,
                reason=finding.reason,
                note=finding.note,
                photo=finding.photo,
            )
        )
    return tuple(opened)


def steps(
    standing: Sequence[Correction],
    findings: Sequence[Finding],
    part: int,
    verdict: Verdict,
    *,
    operator: str,
    role: Role | None,
    recheck_due: str,
    second_look: bool,
) -> tuple[CorrectionStep, ...]:
    """Return the effects of this verdict on the item's open corrections. Fails join theirs through `reports`.
    `second_look`: people do not sign on, so a person may recheck their own mend."""
    done: list[CorrectionStep] = []
    for correction in standing:
        if correction.kind is CorrectionKind.RECHECK:
            step = _carried_out(correction, findings, part, verdict, operator, role)
            done += [step] if step is not None else []
        else:
            done += _looked_at(correction, findings, part, operator, role, recheck_due, second_look=second_look)
    return tuple(done)


def _carried_out(
    order: Correction, findings: Sequence[Finding], part: int, verdict: Verdict, operator: str, role: Role | None
) -> CorrectionStep | None:
    if operator == order.worker or operator in order.seen or not may(role, Right.RECHECK) or part not in order.parts:
        return None
    if verdict is Verdict.ABANDONED or any(finding.outcome is Outcome.NOT_SAMPLED for finding in findings):
        return None
    wrong = [
        finding.said for finding in findings if finding.outcome is Outcome.FAIL and _WORST.index(finding.severity) < 2
    ]
    return CorrectionRechecked(
        correction=order.id, passed=not wrong, part=part, reason=Sentence.joined(wrong), operator=operator
    )


def _looked_at(
    correction: Correction,
    findings: Sequence[Finding],
    part: int,
    operator: str,
    role: Role | None,
    due: str,
    *,
    second_look: bool,
) -> tuple[CorrectionStep, ...]:
    about = [finding for finding in findings if finding.rule == correction.rule]
    outcomes = {finding.outcome for finding in about}
    if Outcome.PASS not in outcomes or Outcome.FAIL in outcomes or part not in correction.parts:
        return ()
    by_machine = any(finding.by == MACHINE and finding.outcome is Outcome.PASS for finding in about)
    by_person = any(finding.by != MACHINE and finding.outcome is Outcome.PASS for finding in about)
    if correction.recheck is Recheck.MACHINE:
        if not by_machine:
            return ()
        return (
            CorrectionRechecked(correction=correction.id, passed=True, by_machine=True, part=part, operator=operator),
        )
    if not by_person or correction.parts != (part,):
        return ()
    steps: list[CorrectionStep] = []
    mender = correction.mender
    if correction.state is CorrectionState.OPEN:
        if not may(role, Right.MEND):
            return ()
        note = Sentence("finding.passed-at-the-bench")
        steps.append(CorrectionMended(correction=correction.id, note=note, due=due, operator=operator))
        mender = operator
    if correction.recheck is Recheck.PERSON and may(role, Right.RECHECK) and (operator != mender or second_look):
        own = operator == mender
        steps.append(
            CorrectionRechecked(correction=correction.id, passed=True, part=part, second_look=own, operator=operator)
        )
    return tuple(steps)


def recheck_order(
    correction: str, item: ItemRecord, part: int, *, worker: str, due: str, found_by: str, reason: Sentence
) -> CorrectionOpened:
    """Return the order that another person repeats the checks of an item, as drawn by a sampling plan. `found_by`:
    "machine" for a plan, else the person who ordered it; `reason`: the plan and the draw, for the record."""
    return CorrectionOpened(
        correction=correction,
        what=CorrectionKind.RECHECK,
        barcode=item.barcode,
        part=part,
        parts=item.parts,
        item_title=item.title,
        title=Sentence("finding.recheck-title"),
        recheck=Recheck.PERSON,
        due=due,
        worker=worker,
        found_by=found_by,
        reason=reason,
    )
