"""Sentences about a correction: what it waits for, and each step of its history. For screens and the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.domain.correction_states import CorrectionKind, CorrectionState, Flag, Recheck, Result
from station.domain.corrections.correction import SECOND_CHECK, Entry, ItemToFix, Step, is_own_work
from station.domain.events import (
    CorrectionAssigned,
    CorrectionClosed,
    CorrectionMended,
    CorrectionOpened,
    CorrectionRechecked,
    FindingWaived,
    SecondCheckSeen,
)
from station.domain.finding_words import reason_of
from station.domain.people.sign_on import MACHINE

OVERDUE: Final = Sentence("correction.overdue")
"""Symbol and word for an overdue correction."""
_TITLE: Final = 40
"""Maximum characters of a title in the sentence of the next step."""
_BY_SCAN: Final = {
    "piece-number": "correction.to-do-number",
    "piece-number-cancelled": "correction.to-do-number",
    "piece-number-recorded": "correction.to-do-number",
    "spine-label": "correction.to-do-label",
}
"""Rules that the station checks only on a scan, and the key of what to scan."""


def waits_for(entry: Entry, *, short: bool = False) -> Sentence:
    """Return the next required step in a few words. `short`: in at most about 25 letters, to fit one line of a list."""
    now = entry.correction
    if now.result is not None:
        return Sentence("correction.closed", result=Sentence(f"correction.result.{now.result.value}"))
    if now.kind is CorrectionKind.RECHECK:
        return Sentence("correction.short.person" if short else "correction.recheck-order")
    if now.rule == SECOND_CHECK:
        return Sentence("correction.technician-decides")
    if now.state is CorrectionState.MENDED and short:
        return Sentence("correction.short.machine" if now.recheck is Recheck.MACHINE else "correction.short.person")
    if now.state is CorrectionState.MENDED:
        return Sentence("correction.fixed-machine" if now.recheck is Recheck.MACHINE else "correction.fixed-person")
    if now.returned:
        return Sentence("correction.short.again" if short else "correction.again", count=now.returned)
    return Sentence("correction.open")


def to_do(entry: Entry, item: ItemToFix, viewer: str, *, sign_on: bool) -> Sentence:
    """Return the step that takes the correction or its item on, and that no button offers; empty = there is none.
    `sign_on`: people sign on, so that a person cannot recheck their own work."""
    now = entry.correction
    title = clean(now.item_title or now.barcode, _TITLE)
    if entry.closed_at:
        if now.result not in (Result.MENDED, Result.NO_DEFECT):
            return EMPTY
        if item.fixed:
            return Sentence("correction.finish", title=title)
        return Sentence("correction.to-do-left", count=item.left) if item.left and item.failed else EMPTY
    if now.kind is CorrectionKind.RECHECK:
        own = is_own_work(now, viewer)
        return Sentence("correction.to-do-others") if own else Sentence("correction.to-do-scan", title=title)
    if now.state is not CorrectionState.MENDED:
        fix = item.failed and now.rule != SECOND_CHECK
        return Sentence("correction.to-do-fix", title=title) if fix else EMPTY
    if now.recheck is Recheck.MACHINE:
        return Sentence(_BY_SCAN.get(now.rule, "correction.to-do-scan"), title=title)
    if not is_own_work(now, viewer):
        return EMPTY
    return Sentence("correction.to-do-own") if sign_on else Sentence("correction.to-do-again", title=title)


def headline(entry: Entry) -> Sentence:
    """Return the rule's title, and the newest report's description of the defect."""
    now = entry.correction
    if now.kind is CorrectionKind.RECHECK:
        return now.title
    reasons = [
        step.event.reason
        for step in entry.steps
        if isinstance(step.event, CorrectionOpened)
        or (isinstance(step.event, CorrectionRechecked) and not step.event.passed)
    ]
    why = next((reason for reason in reversed(reasons) if reason), EMPTY)
    return Sentence("finding.said", title=now.heading, reason=reason_of(why)) if why else now.heading


def words(step: Step, names: Mapping[str, str]) -> Sentence:
    """Return one event of the history as a sentence."""

    def who(worker: str) -> str | Sentence:
        if worker == MACHINE:
            return Sentence("correction.the-station")
        return names.get(worker, worker) or Sentence("correction.nobody-named")

    sentence = _said(step, who)
    why = Sentence.of(
        step.event.note if isinstance(step.event, CorrectionMended) else getattr(step.event, "reason", "")
    )
    sentence = Sentence("correction.step.why", said=sentence, why=reason_of(why)) if why else sentence
    if not isinstance(step.event, CorrectionOpened):
        return sentence
    photo = Sentence("correction.step.photo", path=step.event.photo) if step.event.photo else EMPTY
    note = Sentence.joined((step.event.note, photo))
    return Sentence("correction.step.note", said=sentence, note=note) if note else sentence


def _said(step: Step, who: Callable[[str], str | Sentence]) -> Sentence:
    """Return the event as a sentence, without its reason."""
    match step.event:
        case CorrectionOpened(part=part, parts=parts) as event:
            if parts > 1:
                return Sentence("correction.step.found-part", part=part, who=who(event.found_by))
            return Sentence("correction.step.found", who=who(event.found_by))
        case CorrectionAssigned() as event:
            by = who(event.operator)
            if event.owner and event.due:
                return Sentence("correction.step.assigned-both", owner=who(event.owner), due=event.due, who=by)
            if event.owner:
                return Sentence("correction.step.assigned", owner=who(event.owner), who=by)
            return Sentence("correction.step.assigned-due", due=event.due, who=by)
        case CorrectionMended() as event:
            return Sentence("correction.step.fixed", who=who(event.operator))
        case CorrectionRechecked(passed=passed, by_machine=True):
            return Sentence("correction.step.machine-good" if passed else "correction.step.machine-bad")
        case CorrectionRechecked(passed=passed) as event:
            good = "correction.step.rechecked-good" if passed else "correction.step.rechecked-bad"
            return Sentence(good, who=who(event.operator))
        case CorrectionClosed() as event:
            how = Sentence(f"correction.result.{event.result.value}")
            return Sentence("correction.step.closed", result=how, who=who(event.operator))
        case SecondCheckSeen() as event:
            return Sentence("correction.step.looked", who=who(event.operator))
        case FindingWaived() as event:
            return Sentence("correction.step.waived", who=who(event.operator), role=event.role.value)


def state_of(flag: Flag) -> Sentence:
    """Return what a flag waits for, as a sentence."""
    if flag.kind is CorrectionKind.RECHECK or flag.state is CorrectionState.MENDED:
        sentence = Sentence("correction.flag-recheck")
    else:
        sentence = Sentence("correction.flag-by", owner=flag.owner) if flag.owner else Sentence("correction.flag-fix")
    return Sentence("correction.flag-late", what=sentence) if flag.overdue else sentence
