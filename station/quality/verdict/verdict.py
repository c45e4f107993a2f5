"""The verdict: the worst finding that is not waived. Order does not matter, and no finding is ever removed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from station.domain.findings import Finding, Outcome, Severity
from station.domain.people.sign_on import MACHINE
from station.domain.verdict import Verdict, Waiver


class Judged(msgspec.Struct, frozen=True):
    """Result of all findings."""

    verdict: Verdict
    worst: Severity | None
    """Severity of the worst unwaived fail; None = nothing failed."""
    because: tuple[Finding, ...]
    """The unwaived fails of that severity, ordered by rule id."""
    waived: tuple[Finding, ...]
    """Fails that were waived, ordered by rule id."""


def judge(findings: Sequence[Finding], waivers: Sequence[Waiver] = ()) -> Judged:
    """Return FAIL if an unwaived fail is critical or major, else PASS. A person's "not applicable" to a critical rule
    counts as a fail, because an older version accepted that answer.

    A waiver without a role or a reason has no effect, nor does one for a rule that did not fail.
    """
    waived_rules = {waiver.rule for waiver in waivers if is_sound(waiver)}
    failed = sorted(
        (finding for finding in findings if _stands_against(finding)),
        key=lambda finding: (finding.rule, finding.by, finding.reason),
    )
    waived = tuple(finding for finding in failed if finding.rule in waived_rules)
    standing = [finding for finding in failed if finding.rule not in waived_rules]
    worst = min((finding.severity for finding in standing), key=tuple(Severity).index, default=None)
    because = tuple(finding for finding in standing if finding.severity is worst)
    return Judged(Verdict.FAIL if worst is not None and worst.holds_back else Verdict.PASS, worst, because, waived)


def _stands_against(finding: Finding) -> bool:
    not_looked_at = (
        finding.outcome is Outcome.NOT_APPLICABLE and finding.severity is Severity.CRITICAL and finding.by != MACHINE
    )
    return finding.outcome is Outcome.FAIL or not_looked_at


def verdict(findings: Sequence[Finding], waivers: Sequence[Waiver] = ()) -> Verdict:
    """Return only the verdict of `judge`."""
    return judge(findings, waivers).verdict


def is_sound(waiver: Waiver) -> bool:
    """Return True if the waiver names a rule, a role and a reason."""
    return bool(waiver.rule.strip() and waiver.role.strip() and waiver.reason.strip())


def settled(machine: Sequence[Finding], person: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return all findings of an item. If a person has checked a rule, the machine's abstention on it is removed,
    because it is answered."""
    answered = {finding.rule for finding in person if finding.outcome is not Outcome.ABSTAINED}
    kept = [finding for finding in machine if not (finding.outcome is Outcome.ABSTAINED and finding.rule in answered)]
    return (*kept, *person)


def to_journal(findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return (findings to journal in full, ids of the rules that the machine passed).

    A person's findings, and all findings other than a plain pass, are kept in full. Nothing is kept of rules that do
    not apply, because rules, day and item are in the journal.
    """
    plain = (Outcome.PASS, Outcome.NOT_APPLICABLE)
    whole = tuple(finding for finding in findings if finding.by != MACHINE or finding.outcome not in plain)
    passed = tuple(finding.rule for finding in findings if finding.by == MACHINE and finding.outcome is Outcome.PASS)
    return whole, passed
