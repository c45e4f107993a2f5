"""The verdict: the worst finding that is not waived. Order does not matter, and no finding is ever removed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from station.domain.findings import Finding, Outcome, Severity
from station.domain.verdict import Verdict, Waiver
from station.quality.verdict.checklist import MACHINE, ORDER


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
    waived_rules = {one.rule for one in waivers if is_sound(one)}
    failed = sorted((one for one in findings if _stands_against(one)), key=lambda one: (one.rule, one.by, one.reason))
    waived = tuple(one for one in failed if one.rule in waived_rules)
    standing = [one for one in failed if one.rule not in waived_rules]
    worst = min((one.severity for one in standing), key=ORDER.index, default=None)
    because = tuple(one for one in standing if one.severity is worst)
    return Judged(Verdict.FAIL if worst is not None and worst.holds_back else Verdict.PASS, worst, because, waived)


def _stands_against(one: Finding) -> bool:
    not_looked_at = one.outcome is Outcome.NOT_APPLICABLE and one.severity is Severity.CRITICAL and one.by != MACHINE
    return one.outcome is Outcome.FAIL or not_looked_at


def verdict(findings: Sequence[Finding], waivers: Sequence[Waiver] = ()) -> Verdict:
    """Return only the verdict of `judge`."""
    return judge(findings, waivers).verdict


def is_sound(waiver: Waiver) -> bool:
    """Return True if the waiver names a rule, a role and a reason."""
    return bool(waiver.rule.strip() and waiver.role.strip() and waiver.reason.strip())


def settled(machine: Sequence[Finding], person: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return all findings of an item. If a person has checked a rule, the machine's abstention on it is removed,
    because it is answered."""
    answered = {one.rule for one in person if one.outcome is not Outcome.ABSTAINED}
    kept = [one for one in machine if not (one.outcome is Outcome.ABSTAINED and one.rule in answered)]
    return (*kept, *person)


def to_journal(findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return (findings to journal in full, ids of the rules that the machine passed).

    A person's findings, and all findings other than a plain pass, are kept in full. Nothing is kept of rules that do
    not apply, because rules, day and item are in the journal.
    """
    plain = (Outcome.PASS, Outcome.NOT_APPLICABLE)
    whole = tuple(one for one in findings if one.by != MACHINE or one.outcome not in plain)
    passed = tuple(one.rule for one in findings if one.by == MACHINE and one.outcome is Outcome.PASS)
    return whole, passed
