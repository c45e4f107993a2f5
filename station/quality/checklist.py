"""From rules and facts to machine findings, a person's checklist, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from station.model import Check, Finding, ItemRecord, Outcome, Severity, Verdict
from station.quality.facts import Facts
from station.quality.machine import PREDICATES
from station.quality.rules import Rule

_STOPS = (Severity.CRITICAL, Severity.MAJOR)


def applies(rule: Rule, item: ItemRecord, today: str) -> bool:
    """True when the rule is in force and all its conditions hold for the item."""
    when = rule.applies
    return (
        rule.in_force(today)
        and (not when.materials or item.material in when.materials)
        and (not when.locations or item.location in when.locations)
        and item.parts >= when.parts_at_least
        and (when.accompanying is None or when.accompanying == bool(item.accompanying))
        and (when.label_known is None or when.label_known == bool(item.label_lines))
    )


def machine_findings(rules: Sequence[Rule], facts: Facts, today: str) -> tuple[Finding, ...]:
    """The outcome of every machine rule in force, in the order of the rules."""
    findings = []
    for rule in rules:
        if rule.how != "machine" or not rule.in_force(today):
            continue
        if applies(rule, facts.item, today):
            judgement = PREDICATES[rule.check](facts)
            outcome, reason = judgement.outcome, judgement.reason
        else:
            outcome, reason = Outcome.NOT_APPLICABLE, ""
        findings.append(
            Finding(
                rule=rule.id, title=rule.title, severity=rule.severity, outcome=outcome, by="machine", reason=reason
            )
        )
    return tuple(findings)


def checks(rules: Sequence[Rule], item: ItemRecord, part: int, today: str) -> tuple[Check, ...]:
    """What a person must confirm for this item: only rules that apply, one tap each."""
    return tuple(
        Check(
            rule=rule.id,
            question=rule.question.replace("{part}", str(part)).replace("{parts}", str(item.parts)),
            expectation=_expectation(rule, item, part),
            severity=rule.severity,
            reasons=rule.reasons,
        )
        for rule in rules
        if rule.how == "person" and applies(rule, item, today)
    )


def _expectation(rule: Rule, item: ItemRecord, part: int) -> str:
    lines: tuple[str, ...]
    match rule.expectation:
        case "title":
            lines = (
                item.alternate_title,
                item.title,
                item.alternate_author,
                item.author,
                item.description,
                item.set_note,
            )
        case "label":
            lines = (*item.label_lines, *(f"! {problem}" for problem in item.label_problems))
        case "pieces":
            lines = (item.extent, f"+ {item.accompanying}" if item.accompanying else "")
        case "set":
            lines = (f"Part {part} of {item.parts}", item.description)
        case _:
            lines = ()
    return "\n".join(line for line in lines if line)


def verdict(findings: Sequence[Finding]) -> Verdict:
    """FAIL if anything critical or major failed, by machine or person; else PASS."""
    stopped = any(finding.outcome is Outcome.FAIL and finding.severity in _STOPS for finding in findings)
    return Verdict.FAIL if stopped else Verdict.PASS
