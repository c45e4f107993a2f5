"""The blind second check: if two persons disagree about an item, neither of them decides. Pure.

Another person repeats the checks of an item without knowing the first person's answers (MSU has it done so,
docs/reference/quality-sources.md#published-practice; "blind double check", docs/reference/quality-sources.md#sampling).
Only answers by persons are compared: the machine checks the tag and the record as they are now.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain.correction_states import CorrectionKind, Recheck
from station.domain.corrections.correction import SECOND_CHECK, Correction
from station.domain.events import CorrectionOpened, ItemJudged
from station.domain.finding_words import title_of
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import ItemRecord
from station.domain.people.sign_on import MACHINE

TECHNICIAN: Final = "technician"
"""Owner of corrections that only a technician decides, until a technician takes them."""
_SAID: Final = (Outcome.PASS, Outcome.FAIL)


class Disagreement(msgspec.Struct, frozen=True):
    """One rule that the two persons answered differently."""

    rule: str
    title: str
    first: Outcome
    second: Outcome

    @property
    def sentence(self) -> Sentence:
        """Return both answers as a sentence."""
        return Sentence(f"finding.second.{self.first.value}-{self.second.value}", title=title_of(self.rule, self.title))


def disagreements(
    first: Sequence[Finding], second: Sequence[Finding], unmended: Collection[str]
) -> tuple[Disagreement, ...]:
    """Return the rules that one person passed and the other failed, in the order of the second check. A rule that the
    first person failed, and that was reported as mended since (it is not in `unmended`), is left out, because it may be
    right now."""
    before = {finding.rule: finding.outcome for finding in first if finding.by != MACHINE and finding.outcome in _SAID}
    return tuple(
        Disagreement(finding.rule, finding.title, before[finding.rule], finding.outcome)
        for finding in second
        if finding.by != MACHINE
        and finding.outcome in _SAID
        and before.get(finding.rule, finding.outcome) is not finding.outcome
        and (finding.outcome is Outcome.FAIL or finding.rule in unmended)
    )


def to_technician(
    order: Correction,
    first: ItemJudged,
    findings: Sequence[Finding],
    item: ItemRecord,
    *,
    by: str,
    due: str,
    name: str,
    unmended: Collection[str] = (),
) -> CorrectionOpened | None:
    """Return the correction opened by a second check that disagrees; None = the two agree. `by`: the second person;
    `name`: id of the correction; `unmended`: rules whose failed finding was not reported as mended."""
    differing = disagreements(first.findings, findings, unmended)
    if not differing:
        return None
    worst = {finding.rule: finding.severity for finding in (*first.findings, *findings)}
    severity = next(
        (
            severity
            for severity in (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)
            if severity in {worst[d.rule] for d in differing}
        ),
        Severity.INFO,
    )
    return CorrectionOpened(
        correction=name,
        what=CorrectionKind.MEND,
        barcode=item.barcode,
        part=first.part,
        parts=item.parts,
        item_title=item.title,
        rule=SECOND_CHECK,
        title=Sentence("finding.second.title"),
        severity=severity,
        recheck=Recheck.NONE,
        owner=TECHNICIAN,
        due=due,
        worker=order.worker,
        found_by=by,
        reason=Sentence.joined(disagreement.sentence for disagreement in differing),
    )
