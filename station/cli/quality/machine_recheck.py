"""Recheck by the machine without the item: the rule is applied again to the present record.

There is no tag in hand. A result that needs the tag is unknown, and the correction stays as it is.
"""

from __future__ import annotations

from station.base.errors import CorrectionNotOpen
from station.base.sentence import Sentence
from station.bench.item.facts import Read, facts_of, site_of
from station.bench.item.tag_content import tag_profile
from station.cli.shared.app import App
from station.domain.corrections.correction import Correction
from station.domain.events import CorrectionRechecked
from station.domain.findings import Outcome
from station.domain.item import Barcode
from station.domain.people.sign_on import MACHINE
from station.quality.verdict.checklist import machine_findings
from station.runtime.library_systems import catalog, load_rules
from station.runtime.station import load_profile


def looked_at(app: App, correction: Correction, operator: str) -> tuple[CorrectionRechecked, ...]:
    """Return the results of the recheck, a step for each part that failed.

    Raises `CorrectionNotOpen` if the machine cannot decide, and `CatalogError` if there is no record.
    """
    settings = app.settings()
    item = catalog(settings, app.data).find(Barcode(correction.barcode))
    profile = tag_profile(settings, load_profile(settings, app.data))
    rules, day = load_rules(settings, app.data), app.clock.now()[:10]
    steps = []
    for part in correction.parts:
        facts = facts_of(Read(item=item, part=part), site_of(settings, profile), profile, None)
        findings = [
            finding
            for finding in machine_findings(rules, facts, day)
            if finding.rule == correction.rule and finding.by == MACHINE
        ]
        outcomes = {finding.outcome for finding in findings}
        if not outcomes & {Outcome.PASS, Outcome.FAIL}:
            why = Sentence.joined(finding.reason for finding in findings) or Sentence("correction.does-not-apply")
            raise CorrectionNotOpen(Sentence("correction.cannot-tell", why=why))
        failed = next((finding for finding in findings if finding.outcome is Outcome.FAIL), None)
        steps.append(
            CorrectionRechecked(
                correction=correction.id,
                passed=failed is None,
                by_machine=True,
                part=part,
                reason=Sentence.of(failed.reason if failed is not None else ""),
                operator=operator,
            )
        )
    return tuple(steps)
