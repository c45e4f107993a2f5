"""The blind second check: where two persons disagree about one item, neither of them decides. Pure.

Another person goes through the checks of an item without knowing what the first one said (MSU has it done so, [P61] in
processing-and-quality.md 4.1; "blind double check", 4.4). Only what persons said is compared: the machine looks at the tag
and the record as they are now.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from station.base.words import tell
from station.domain.corrections import MACHINE, SECOND_CHECK, Correction
from station.domain.events import CorrectionOpened, ItemJudged
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import ItemRecord
from station.domain.snapshot import CorrectionKind, Recheck

TECHNICIAN: Final = "technician"
"""Owner of what only a technician decides, until one takes it."""
_SAID: Final = (Outcome.PASS, Outcome.FAIL)


class Disagreement(msgspec.Struct, frozen=True):
    """One rule about which the two said different things."""

    rule: str
    title: str
    first: Outcome
    second: Outcome

    @property
    def sentence(self) -> str:
        """Both answers."""
        return tell(f"finding.second.{self.first.value}-{self.second.value}", title=self.title)


def disagreements(
    first: Sequence[Finding], second: Sequence[Finding], unmended: Collection[str]
) -> tuple[Disagreement, ...]:
    """The rules that one person passed and the other failed, in the order of the second check. What the first one failed and
    somebody has mended since (it is not in `unmended`) may well be right now."""
    before = {one.rule: one.outcome for one in first if one.by != MACHINE and one.outcome in _SAID}
    return tuple(
        Disagreement(one.rule, one.title, before[one.rule], one.outcome)
        for one in second
        if one.by != MACHINE
        and one.outcome in _SAID
        and before.get(one.rule, one.outcome) is not one.outcome
        and (one.outcome is Outcome.FAIL or one.rule in unmended)
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
    """What a second check that disagrees opens; None = the two agree. `by`: the second person; `name`: its id; `unmended`:
    rules whose failed finding nobody has called mended."""
    found = disagreements(first.findings, findings, unmended)
    if not found:
        return None
    worst = {one.rule: one.severity for one in (*first.findings, *findings)}
    severity = next(
        (one for one in (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR) if one in {worst[d.rule] for d in found}),
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
        title=tell("finding.second.title"),
        severity=severity,
        recheck=Recheck.NONE,
        owner=TECHNICIAN,
        due=due,
        worker=order.worker,
        found_by=by,
        reason="; ".join(one.sentence for one in found),
    )
