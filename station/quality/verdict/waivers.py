"""Effect of a waiver on an earlier verdict: the same findings, judged without the waived one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from station.domain.deliveries.delivery import NewDelivery
from station.domain.deliveries.intents import ResultIntent, ScanInIntent
from station.domain.events import FindingWaived, ItemJudged
from station.domain.findings import Finding, Outcome
from station.domain.verdict import Verdict, Waiver
from station.quality.verdict.verdict import is_sound, verdict


def unwaived(findings: Sequence[Finding], waivers: Sequence[Waiver]) -> tuple[Finding, ...]:
    """Return the findings that count."""
    waived = {waiver.rule for waiver in waivers if is_sound(waiver)}
    return tuple(finding for finding in findings if finding.rule not in waived)


def judged_with(findings: Sequence[Finding], waivers: Sequence[Waiver]) -> Verdict:
    """Return the verdict: the worst finding that is not waived."""
    return verdict(findings, waivers)


def waiver_of(event: FindingWaived) -> Waiver:
    """Return the waiver as stored with the verdict."""
    return Waiver(rule=event.rule, by=event.authorised or event.operator, role=event.role, reason=event.reason)


def rejudged(judged: ItemJudged, event: FindingWaived) -> ItemJudged | None:
    """Return the new verdict. None = there is nothing to judge again: the item passed, or that rule did not fail, or it
    was waived before."""
    known = {waiver.rule for waiver in judged.waivers}
    failed = {finding.rule for finding in judged.findings if finding.outcome is Outcome.FAIL}
    if judged.verdict is not Verdict.FAIL or event.rule not in failed - known:
        return None
    waivers = (*judged.waivers, waiver_of(event))
    return msgspec.structs.replace(judged, waivers=waivers, verdict=judged_with(judged.findings, waivers))


def deliveries(
    judged: ItemJudged, systems: Sequence[str], passed: frozenset[int], scan_in: Sequence[str] = ()
) -> list[NewDelivery]:
    """Return the deliveries that tell the library systems about a verdict, with the fails that count. `passed` = parts
    that passed before; `scan_in` = systems where an item is scanned in, at the place in their settings, once all of it
    has passed."""
    tagged = judged.item.tagged or judged.parts  # the other parts were counted together with those that carry a tag
    others = frozenset(range(1, tagged + 1)) - {judged.part}
    intent = ResultIntent(
        barcode=judged.barcode,
        uid=judged.uid,
        part=judged.part,
        parts=judged.parts,
        verdict=judged.verdict,
        findings=tuple(
            finding for finding in unwaived(judged.findings, judged.waivers) if finding.outcome is Outcome.FAIL
        ),
        whole=judged.verdict is Verdict.PASS and others <= passed,
        operator=judged.operator,
    )
    planned = [NewDelivery(system=system, lane=judged.barcode, intent=intent) for system in systems]
    if intent.whole:
        arrived = ScanInIntent(barcode=judged.barcode, operator=judged.operator)
        planned += [
            NewDelivery(system=system, lane=judged.barcode, intent=arrived) for system in systems if system in scan_in
        ]
    return planned
