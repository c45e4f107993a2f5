"""After the tag: machine findings, the person's checklist, the verdict and its deliveries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from station.base.settings import Settings
from station.bench.item.facts import Read, facts_of, ledger_of, receipt_of, site_of
from station.bench.item.in_hand import Hand
from station.bench.item.sampling import asks
from station.domain.commands import Answer
from station.domain.deliveries.delivery import NewDelivery
from station.domain.events import AnyEvent, CheckAnswered, FindingWaived, ItemJudged
from station.domain.findings import Check, Finding, Outcome
from station.domain.item import Barcode
from station.domain.ports import Journal, PackingLists, ShelfList
from station.domain.snapshot import Verdict
from station.encoding.content import TagProfile
from station.quality.checks.facts import Facts
from station.quality.checks.table import PREDICATES
from station.quality.rules import Catalogue
from station.quality.verdict.checklist import (
    answered,
    checks,
    counted_by_hand,
    machine_findings,
    remembered,
    set_apart,
    skipped,
)
from station.quality.verdict.verdict import settled, to_journal
from station.quality.verdict.waivers import deliveries, judged_with, rejudged

Follows = Callable[[Sequence[Finding], Verdict], Sequence[AnyEvent]]
"""Findings and verdict to the events that are journaled with them."""


_PIECE_NUMBERS: Final = ("piece_number", "piece_number_cancelled")
"""The machine checks that look at the number on the piece."""


class Judge:
    """Applies the rules to the item in hand; journals answers and the result."""

    def __init__(
        self,
        journal: Journal,
        rules: Catalogue,
        settings: Settings,
        systems: Sequence[str],
        profile: TagProfile,
        shelf: ShelfList,
        lists: PackingLists,
    ) -> None:
        self._lists = lists
        self._shelf = shelf
        self._journal = journal
        self._rules = rules
        self._settings = settings
        self._systems = systems
        self._profile = profile
        self._site = site_of(settings, profile)

    def begin(self, hand: Hand, today: str, *, each: bool = False, unattended: str = "") -> None:
        """Machine findings and the open checks, once the tag is verified. `today` holds for the item to its end: a clock that
        jumps meanwhile changes nothing. `each`: one tap a rule, as for a trainee. `unattended`: why nobody is asked anything;
        "" = people are, as sampling says."""
        hand.day = today
        self.receive(hand)
        read = Read(
            item=hand.item,
            part=hand.part,
            image=hand.image,
            content=hand.content,
            tags_in_field=hand.tags_in_field,
            others=() if hand.tags_in_field == 1 else None,
            foreign=hand.foreign,
            replaced=hand.replaced,
            eas=hand.eas,
            no_eas=hand.no_eas,
            shelved=self._shelf.same_number(hand.item),
            receipt=hand.receipt,
            no_receipt=hand.no_receipt,
        )
        ledger = ledger_of(self._journal, hand.uid, hand.item, hand.part) if hand.uid is not None else None
        facts = facts_of(read, self._site, self._profile, ledger)
        hand.facts = msgspec.structs.replace(facts, scanned=hand.scanned, task=hand.task)
        asked = partial(asks, hand)
        hand.spared = skipped(self._rules, hand.facts, hand.day, asked, unattended=unattended)
        hand.findings = (*machine_findings(self._rules, hand.facts, hand.day), *hand.spared)
        hand.checks = () if unattended else checks(self._rules, hand.facts, hand.day, each=each, asked=asked)
        hand.current = 0

    def receive(self, hand: Hand) -> None:
        """Look the item up in the packing lists. The vendor of its list stands in where the record names none."""
        hand.item, hand.receipt, hand.no_receipt = receipt_of(self._lists, hand.item, hand.scanned)

    def piece_scanned(self, hand: Hand, number: str, today: str) -> str:
        """Take the publisher's number that was scanned from the piece: rules look at it, now and with the verdict. Returns
        what is wrong with it; "" = nothing, or the record has no number to compare with."""
        hand.scanned = number
        facts = Facts(item=hand.item, site=self._site, scanned=number)
        looking = [rule for rule in self._rules.in_force(hand.day or today) if rule.check in _PIECE_NUMBERS]
        found = [PREDICATES[rule.check].run(facts, rule) for rule in looking]
        return next((one.reason for one in found if one.outcome is Outcome.FAIL), "")

    def label_check(self, hand: Hand) -> Check | None:
        """The open check, if it is the one that compares the label."""
        if hand.verdict is not None or hand.current >= len(hand.checks):
            return None
        check = hand.checks[hand.current]
        rule = self._rules.rule(check.rule, hand.day)
        return check if rule is not None and rule.expectation == "label" else None

    def answer(self, hand: Hand, answer: Answer, operator: str) -> bool:
        """Take the answer to the current check; False when it is not the current one's (a late or double tap).

        A fail without one of the offered reasons is not an answer, nor is "not applicable" to a rule that cannot fail to
        apply. "Not applicable" may name any rule of the check; the others are asked next.
        """
        if hand.current >= len(hand.checks):
            return False
        asked: tuple[Check, ...] = (hand.checks[hand.current],)
        if answer.outcome is Outcome.NOT_APPLICABLE and hand.facts is not None:
            asked = set_apart(self._rules, asked[0], answer.rule, hand.facts, hand.day)
        check = answered(asked[0], answer, operator)
        if check is None:
            return False
        self._journal.record(
            *(
                CheckAnswered(barcode=hand.item.barcode, finding=finding, checklist=hand.checklist, operator=operator)
                for finding in check.findings
            )
        )
        hand.checks = (*hand.checks[: hand.current], check, *asked[1:], *hand.checks[hand.current + 1 :])
        hand.current += 1
        return True

    def must_look(self, hand: Hand, answer: Answer) -> bool:
        """True where "not applicable" was said of a rule of the open check that cannot fail to apply."""
        if answer.outcome is not Outcome.NOT_APPLICABLE or hand.current >= len(hand.checks):
            return False
        return any(one.rule == answer.rule and not one.may_not_apply for one in hand.checks[hand.current].covers)

    def reopen(self, hand: Hand) -> None:
        """Back to the check answered before; the journal keeps both answers, the result only the last."""
        if hand.current > 0 and hand.verdict is None:
            hand.current -= 1

    def remember(self, hand: Hand, said: Mapping[str, Finding]) -> None:
        """Answers that were given before, by rule, stand again; the first check without one is open."""
        hand.checks = tuple(remembered(check, said) for check in hand.checks)
        hand.current = next((at for at, check in enumerate(hand.checks) if check.answer is None), len(hand.checks))

    def settle(self, hand: Hand, polls: tuple[int, int] | None = None) -> tuple[Finding, ...]:
        """All findings. The machine looks once more: by now the pieces are counted, and the tag has been looked at for
        longer."""
        if hand.facts is not None:
            self.receive(hand)  # the number on the piece may have been scanned meanwhile
            hand.facts = msgspec.structs.replace(
                hand.facts,
                item=hand.item,
                counted=counted_by_hand(hand.checks),
                polls=polls,
                scanned=hand.scanned,
                receipt=hand.receipt,
            )
            hand.findings = (*machine_findings(self._rules, hand.facts, hand.day), *hand.spared)
        return settled(hand.findings, [finding for check in hand.checks for finding in check.findings])

    def conclude(
        self,
        hand: Hand,
        operator: str,
        seconds: float,
        also: Follows,
        polls: tuple[int, int] | None = None,
        *,
        finished_by: str = "",
    ) -> None:
        """The result, what follows from it and its deliveries in one transaction; the verdict stands only after it is
        durable."""
        findings = self.settle(hand, polls)
        kept, passed = to_journal(findings)
        judged = ItemJudged(
            barcode=hand.item.barcode,
            uid=hand.uid or "",
            part=hand.part,
            parts=hand.item.parts,
            verdict=judged_with(findings, hand.waivers),
            findings=kept,
            passed=passed,
            day=hand.day,
            item=hand.item,
            operator=operator,
            finished_by=finished_by,
            seconds=round(seconds, 3),
            waivers=hand.waivers,
            receipt=hand.receipt.key if hand.receipt is not None else None,
            session=hand.session,
        )
        follows = also(findings, judged.verdict)
        self._journal.record(*follows, judged, deliveries=self._deliveries(judged))
        hand.findings = findings
        hand.verdict, hand.judged = judged.verdict, judged

    def rejudge(self, hand: Hand, event: FindingWaived) -> bool:
        """The verdict once more, with a waiver that came after it, in one transaction with that; False = it would be the
        same, and nothing is journaled. Raises `WorkError`."""
        judged = rejudged(hand.judged, event) if hand.judged is not None else None
        if judged is None:
            return False
        self._journal.order(event, result=judged, deliveries=self._deliveries(judged))
        hand.verdict, hand.judged, hand.waivers = judged.verdict, judged, judged.waivers
        return True

    def _deliveries(self, judged: ItemJudged) -> list[NewDelivery]:
        passed = self._journal.passed_parts(Barcode(judged.barcode))
        return deliveries(judged, self._systems, passed, self._settings.delivery.scanned_in)
