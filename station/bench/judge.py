"""After the tag: machine findings, the person's checklist, the verdict and its deliveries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from station.bench.hand import Hand
from station.bench.sampling import asks
from station.commands import Answer
from station.correction import MACHINE
from station.deliveries import NewDelivery
from station.events import AnyEvent, CheckAnswered, FindingWaived, ItemJudged
from station.model import Barcode, Check, Finding, Outcome, Verdict
from station.ports import Journal
from station.quality.checklist import checks, machine_findings
from station.quality.facts import Facts
from station.quality.rules import Rule
from station.quality.waivers import deliveries, judged_with, rejudged
from station.settings import Settings
from station.text import clean

Follows = Callable[[Sequence[Finding], Verdict], Sequence[AnyEvent]]
"""Findings and verdict to the events that are journaled with them."""


class Judge:
    """Applies the rules to the item in hand; journals answers and the result."""

    def __init__(
        self, journal: Journal, rules: Sequence[Rule], settings: Settings, systems: Sequence[str], afi_in_stock: int
    ) -> None:
        self._journal = journal
        self._rules = rules
        self._settings = settings
        self._systems = systems
        self._afi_in_stock = afi_in_stock

    def begin(self, hand: Hand, today: str) -> None:
        """Machine findings and the open checks, once the tag is verified."""
        settings = self._settings
        facts = Facts(
            item=hand.item,
            part=hand.part,
            tag=hand.content,
            afi=hand.image.afi if hand.image else None,
            tags_in_field=hand.tags_in_field,
            isil=settings.library.isil,
            afi_in_stock=self._afi_in_stock,
            oversize_cm=settings.rules.oversize_cm,
            oversize_locations=settings.rules.oversize_locations,
        )
        open_checks = checks(self._rules, hand.item, hand.part, today)
        rules = {rule.id: rule for rule in self._rules}
        left = [rules[check.rule] for check in open_checks if not asks(hand, rules[check.rule])]
        hand.findings = (*machine_findings(self._rules, facts, today), *(_not_asked(rule) for rule in left))
        hand.checks = tuple(check for check in open_checks if asks(hand, rules[check.rule]))
        hand.current = 0

    def label_check(self, hand: Hand) -> Check | None:
        """The open check, if it is the one that compares the label."""
        if hand.verdict is not None or hand.current >= len(hand.checks):
            return None
        check = hand.checks[hand.current]
        labels = {rule.id for rule in self._rules if rule.expectation == "label"}
        return check if check.rule in labels else None

    def answer(self, hand: Hand, answer: Answer, operator: str) -> bool:
        """Take the answer to the current check; False when it is not the current one's (a late or double tap).

        A fail without one of the offered reasons is not an answer.
        """
        if hand.current >= len(hand.checks):
            return False
        check = hand.checks[hand.current]
        if answer.rule != check.rule or answer.outcome is Outcome.ABSTAINED:
            return False
        if answer.outcome is Outcome.FAIL and answer.reason not in check.reasons:
            return False
        title = next((rule.title for rule in self._rules if rule.id == check.rule), check.rule)
        finding = Finding(
            rule=check.rule,
            title=title,
            severity=check.severity,
            outcome=answer.outcome,
            by=operator,
            reason=answer.reason if answer.outcome is Outcome.FAIL else "",
            note=clean(answer.note),
        )
        self._journal.record(CheckAnswered(barcode=hand.item.barcode, finding=finding, operator=operator))
        hand.checks = (
            *hand.checks[: hand.current],
            msgspec.structs.replace(check, answer=finding),
            *hand.checks[hand.current + 1 :],
        )
        hand.current += 1
        return True

    def reopen(self, hand: Hand) -> None:
        """Back to the check answered before; the journal keeps both answers, the result only the last."""
        if hand.current > 0 and hand.verdict is None:
            hand.current -= 1

    def conclude(self, hand: Hand, operator: str, seconds: float, also: Follows) -> None:
        """The result, what follows from it and its deliveries in one transaction; the verdict stands only after it is
        durable."""
        findings = (*hand.findings, *(check.answer for check in hand.checks if check.answer is not None))
        judged = ItemJudged(
            barcode=hand.item.barcode,
            uid=hand.uid or "",
            part=hand.part,
            parts=hand.item.parts,
            verdict=judged_with(findings, hand.waivers),
            findings=findings,
            item=hand.item,
            operator=operator,
            seconds=round(seconds, 3),
            waivers=hand.waivers,
        )
        follows = also(findings, judged.verdict)
        self._journal.record(*follows, judged, deliveries=self._deliveries(judged))
        hand.findings = findings
        hand.verdict, hand.judged = judged.verdict, judged

    def rejudge(self, hand: Hand, event: FindingWaived) -> None:
        """The verdict once more, with a waiver that came after it, in one transaction with that. Raises `WorkError`."""
        judged = rejudged(hand.judged, event) if hand.judged is not None else None
        if judged is not None:
            self._journal.order(event, result=judged, deliveries=self._deliveries(judged))
            hand.verdict, hand.judged, hand.waivers = judged.verdict, judged, judged.waivers

    def _deliveries(self, judged: ItemJudged) -> list[NewDelivery]:
        passed = self._journal.passed_parts(Barcode(judged.barcode))
        return deliveries(judged, self._systems, passed, self._settings.delivery.scanned_in)


def _not_asked(rule: Rule) -> Finding:
    return Finding(rule.id, rule.title, rule.severity, Outcome.NOT_SAMPLED, MACHINE)
