"""Items that failed and are fixed: their verdict stays a fail until they are scanned and checked once more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from station.domain.correction_states import CorrectionKind
from station.domain.corrections.correction import Correction
from station.domain.events import CorrectionOpened, ItemJudged
from station.domain.ports import Logged, standing
from station.domain.verdict import Verdict


def is_fixed(logged: Iterable[Logged], corrections: Sequence[Correction]) -> bool:
    """Return True if the item's newest verdict is a fail, and the correction of each fault that failed it is closed.
    `logged`: the events that name the item, oldest first. `corrections`: its open ones."""
    judged: dict[int, ItemJudged] = {}
    opened: set[str] = set()
    for entry in standing(logged):
        match entry.event:
            case ItemJudged() as event:
                judged[event.part] = event
            case CorrectionOpened(what=CorrectionKind.MEND, rule=rule):
                opened.add(rule)
            case _:
                pass
    failed = {rule for event in judged.values() for rule in failed_rules(event)}
    return bool(failed) and failed <= opened - {correction.rule for correction in corrections}


def failed_rules(event: ItemJudged) -> frozenset[str]:
    """Return the rules that failed the item; none if it passed."""
    if event.verdict is not Verdict.FAIL:
        return frozenset()
    waived = {waiver.rule for waiver in event.waivers}
    return frozenset(finding.rule for finding in event.findings if finding.fails_item and finding.rule not in waived)
