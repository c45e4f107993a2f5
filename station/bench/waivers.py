"""Waivers of the item in hand: given here, or meanwhile elsewhere (`station corrections waive`)."""

from __future__ import annotations

from station.base.errors import WorkerGone
from station.base.sentence import Sentence
from station.base.text import clean
from station.bench.by_right import Answer, by_right, id_of
from station.bench.desk import Desk
from station.bench.item.in_hand import ItemInHand
from station.bench.workflows.process.item_flow import ItemFlow
from station.domain.commands import Waive
from station.domain.correction_states import CorrectionKind
from station.domain.events import FindingWaived, ItemJudged, ItemScanned
from station.domain.finding_words import title_of
from station.domain.findings import Finding, Outcome
from station.domain.ports import Worker, standing
from station.domain.snapshot import Phase, Sound
from station.domain.verdict import Verdict
from station.quality.verdict.waivers import waiver_of


def waive(desk: Desk, flow: ItemFlow, command: Waive) -> None:
    """Waive a failed finding of the item in hand."""
    in_hand = flow.in_hand
    if in_hand is not None:
        take_up_waivers(desk, in_hand)
    finding = None if in_hand is None else _failed(in_hand, command.rule)
    if in_hand is None or finding is None or flow.phase not in (Phase.CHECKING, Phase.DONE):
        desk.say(Sentence("notice.nothing-to-waive"), Sound.WARNING)
        return
    # If sign-on is required, a name in a command proves nothing.
    by = desk.people.find(clean(command.by)) if command.by and desk.authenticator is None else desk.worker
    _waive_by(desk, flow, in_hand, finding, clean(command.reason), by)


def _waive_by(
    desk: Desk,
    flow: ItemFlow,
    in_hand: ItemInHand,
    finding: Finding,
    reason: str,
    by: Worker,
    lent: Worker | None = None,
) -> None:
    def order() -> Answer:
        role = by.role if lent is None else lent.role
        if role is None:
            raise WorkerGone(by.id)
        event = FindingWaived(
            barcode=in_hand.item.barcode,
            part=in_hand.part,
            rule=finding.rule,
            title=Sentence.verbatim(finding.title),
            severity=finding.severity,
            reason=reason,
            operator=by.id,
            role=role,
            authorised=id_of(lent),
        )
        if in_hand.verdict is None:
            desk.journal.order(event)
            in_hand.waivers = (*in_hand.waivers, waiver_of(event))
        elif not desk.judge.rejudge(in_hand, event) and not _close_correction(desk, in_hand, event):
            return Sentence("notice.passed-without"), Sound.WARNING
        desk.corrections.look(in_hand)
        passed = in_hand.verdict is Verdict.PASS
        return Sentence("notice.waived", finding=finding.said), Sound.GOOD if passed else Sound.ACCEPTED

    by_right(
        desk,
        order,
        lent,
        lambda who: _waive_by(desk, flow, in_hand, finding, reason, by, who),
        still=lambda: flow.in_hand is in_hand,
    )


def _close_correction(desk: Desk, in_hand: ItemInHand, event: FindingWaived) -> bool:
    """Close a correction that this finding opened; the item passed with the finding, so its verdict stays. Return
    False, and journal nothing, if there is no such correction."""
    mends = [
        correction
        for correction in in_hand.standing
        if correction.kind is CorrectionKind.MEND and correction.rule == event.rule
    ]
    if mends:
        desk.journal.order(event)
    return bool(mends)


def take_up_waivers(desk: Desk, in_hand: ItemInHand) -> None:
    """Read the waivers that were given elsewhere while the item is in hand. Update the verdict to the one in the
    journal; a verdict still to come includes them."""
    before = {waiver.rule for waiver in in_hand.waivers}
    waived: dict[str, FindingWaived] = {}
    judged: ItemJudged | None = None
    for logged in standing(desk.history.about_item(in_hand.item.barcode)):
        match logged.event:
            case ItemScanned(part=in_hand.part):
                waived, judged = {}, None  # earlier waivers belong to another verdict
            case FindingWaived(part=in_hand.part) as event:
                waived[event.rule] = event
            case ItemJudged(part=in_hand.part) as event:
                judged = event
            case _:
                pass
    if judged is not None and in_hand.judged is not None and _again(judged, in_hand.judged):
        in_hand.verdict, in_hand.judged, in_hand.waivers = judged.verdict, judged, judged.waivers
    if in_hand.verdict is None:
        new = [event for rule, event in waived.items() if _failed(in_hand, rule) is not None]
        in_hand.waivers = (*in_hand.waivers, *map(waiver_of, new))
    for waiver in in_hand.waivers:
        if waiver.rule not in before:
            title = next(
                (_title(event) for event in waived.values() if event.rule == waiver.rule),
                Sentence.verbatim(waiver.rule),
            )
            passed = in_hand.verdict is Verdict.PASS
            sentence = Sentence("notice.waived-elsewhere", title=title, reason=waiver.reason)
            desk.say(sentence, Sound.GOOD if passed else Sound.ACCEPTED)


def _title(event: FindingWaived) -> Sentence:
    text = event.title.text
    return event.title if text is None else title_of(event.rule, text)


def _again(newer: ItemJudged, known: ItemJudged) -> bool:
    """Return True for the same verdict with a waiver that `known` lacks."""
    same = (newer.uid, newer.seconds, newer.operator) == (known.uid, known.seconds, known.operator)
    return same and len(newer.waivers) > len(known.waivers)


def _failed(in_hand: ItemInHand, rule: str) -> Finding | None:
    """Return the item's failed finding of this rule, unless it is already waived."""
    answers = (
        ()
        if in_hand.verdict is not None
        else tuple(check.answer for check in in_hand.checks if check.answer is not None)
    )
    if rule in {waiver.rule for waiver in in_hand.waivers}:
        return None
    return next(
        (
            finding
            for finding in (*in_hand.findings, *answers)
            if finding.rule == rule and finding.outcome is Outcome.FAIL
        ),
        None,
    )
