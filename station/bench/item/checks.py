"""Machine findings, the operator's checklist, the verdict and its deliveries, once the tag is verified."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from station.base.errors import RulesUnusable
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.bench.item.facts import Read, facts_of, ledger_of, ledger_of_leaving, receipt_of, site_of
from station.bench.item.in_hand import Given, ItemInHand, LastWord
from station.bench.item.sampling import all_good_after, asks
from station.domain.commands import AllGood, Answer
from station.domain.correction_states import Result
from station.domain.corrections.correction import Correction
from station.domain.deliveries.delivery import NewDelivery
from station.domain.events import (
    AnyEvent,
    CheckAnswered,
    CorrectionClosed,
    CorrectionOpened,
    FindingWaived,
    ItemJudged,
    SamplingCounted,
    VerdictTakenBack,
)
from station.domain.findings import Check, Finding, Outcome, page, seconds_to_look
from station.domain.item import Barcode
from station.domain.ports import Journal, PackingLists, ShelfList
from station.domain.sampling import Stream
from station.domain.verdict import Verdict
from station.encoding.content import TagProfile
from station.quality.checks.facts import Facts
from station.quality.checks.table import PREDICATES
from station.quality.rules import Catalogue
from station.quality.verdict.checklist import (
    answered,
    checks,
    counted_by_hand,
    left_open,
    machine_findings,
    remembered,
    set_apart,
    skipped,
)
from station.quality.verdict.verdict import settled, to_journal
from station.quality.verdict.waivers import deliveries, judged_with, rejudged

if TYPE_CHECKING:
    from station.base.clock import Clock

Follows = Callable[[Sequence[Finding], Verdict], Sequence[AnyEvent]]
"""Takes findings and verdict, and returns the events to journal with them."""


_PIECE_NUMBERS: Final = ("piece_number", "piece_number_cancelled", "piece_number_recorded")
"""Machine checks of the number on the piece."""


class Judge:
    """Applies the rules to the item in hand, and journals answers and results."""

    def __init__(
        self,
        journal: Journal,
        rules: Catalogue,
        settings: Settings,
        systems: Sequence[str],
        profile: TagProfile,
        shelf: ShelfList,
        lists: PackingLists,
        clock: Clock,
        *,
        wrong_rules: Sentence = EMPTY,
    ) -> None:
        """`wrong_rules`: see `BenchPorts.wrong_rules`."""
        self._wrong_rules = wrong_rules
        self._clock = clock
        self._lists = lists
        self._shelf = shelf
        self._journal = journal
        self._rules = rules
        self._settings = settings
        self._systems = systems
        self._profile = profile
        self._site = site_of(settings, profile)

    def require_rules(self) -> None:
        """Raise `RulesUnusable` if the site's rule file cannot be used: no item is judged by other rules."""
        if self._wrong_rules:
            raise RulesUnusable(self._wrong_rules)

    def begin(
        self,
        in_hand: ItemInHand,
        today: str,
        now: float,
        *,
        each: bool = False,
        alone: bool = False,
        unattended: Sentence = EMPTY,
    ) -> None:
        """Make the machine findings and the open checks, once the tag is verified. `today` stays in force until the
        item is finished, even if the clock jumps. `now`: monotonic seconds. `each`: one question per rule, as for
        a trainee. `alone`: one check per page. `unattended`: why the operator is asked nothing; "" = the operator is asked, as
        sampling decides."""
        self.require_rules()
        in_hand.day = today
        self.receive(in_hand)
        read = Read(
            item=in_hand.item,
            part=in_hand.part,
            image=in_hand.image,
            content=in_hand.content,
            tags_in_field=in_hand.tags_in_field,
            others=() if in_hand.tags_in_field == 1 else None,
            foreign=in_hand.foreign,
            replaced=in_hand.replaced,
            eas=in_hand.eas,
            no_eas=in_hand.no_eas,
            shelved=self._shelf.same_number(in_hand.item),
            receipt=in_hand.receipt,
            no_receipt=in_hand.no_receipt,
        )
        ledger = ledger_of(self._journal, in_hand.uid, in_hand.item, in_hand.part) if in_hand.uid is not None else None
        if in_hand.task != "processing":
            ledger = ledger_of_leaving(ledger, self._journal, in_hand.item, erased=in_hand.erased)
        facts = facts_of(read, self._site, self._profile, ledger)
        in_hand.facts = msgspec.structs.replace(
            facts, scanned=in_hand.scanned, task=in_hand.task, by_search=in_hand.by_search
        )
        asked = asks(in_hand)
        in_hand.spared = skipped(self._rules, in_hand.facts, in_hand.day, asked, unattended=unattended)
        in_hand.findings = (*machine_findings(self._rules, in_hand.facts, in_hand.day), *in_hand.spared)
        in_hand.checks = (
            () if unattended else checks(self._rules, in_hand.facts, in_hand.day, each=each, alone=alone, asked=asked)
        )
        in_hand.current, in_hand.given, in_hand.page_since, in_hand.quick = 0, [], now, False
        in_hand.all_good_after = all_good_after(in_hand, self._settings.screen.all_good_after)

    def receive(self, in_hand: ItemInHand) -> None:
        """Look the item up in the packing lists. If the record names no vendor, the item gets the vendor of its packing
        list."""
        in_hand.item, in_hand.receipt, in_hand.no_receipt = receipt_of(self._lists, in_hand.item, in_hand.scanned)

    def piece_scanned(self, in_hand: ItemInHand, number: str, kind: str, today: str) -> Sentence:
        """Store the publisher's number that was scanned from the piece; rules check it now and again with the verdict.
        Return the reason of the first failure; empty = none, or the record has no number to compare with. `kind`: see
        `publisher_kind`. "" as the number removes the one that was scanned."""
        in_hand.scanned = number
        facts = Facts(item=in_hand.item, site=self._site, scanned=number)
        looking = [rule for rule in self._rules.in_force(in_hand.day or today) if rule.check in _PIECE_NUMBERS]
        judgements = [PREDICATES[rule.check].run(facts, rule) for rule in looking]
        wrong = next((judgement.reason for judgement in judgements if judgement.outcome is Outcome.FAIL), EMPTY)
        in_hand.differs = kind if wrong else ""
        return wrong

    def label_check(self, in_hand: ItemInHand) -> Check | None:
        """Return the open check of the current page that compares the label."""
        if in_hand.verdict is not None:
            return None
        for at in page(in_hand.checks, in_hand.current):
            check = in_hand.checks[at]
            rule = self._rules.rule(check.rule, in_hand.day)
            if check.answer is None and rule is not None and rule.expectation == "label":
                return check
        return None

    def answer(self, in_hand: ItemInHand, answer: Answer, operator: str, now: float) -> bool:
        """Take the answer to an open check of the current page. Return False if it belongs to another check (a late or
        double tap). `now`: monotonic seconds.

        A fail must have one of the offered reasons, and "not applicable" must be possible for the rule; any other
        answer is ignored. "Not applicable" may name any rule of the check; the other rules are asked next.
        """
        at = _asked_about(in_hand, answer.rule)
        if at is None:
            return False
        asked: tuple[Check, ...] = (in_hand.checks[at],)
        if answer.outcome is Outcome.NOT_APPLICABLE and in_hand.facts is not None:
            asked = set_apart(self._rules, asked[0], answer.rule, in_hand.facts, in_hand.day)
        check = answered(asked[0], answer, operator)
        if check is None:
            return False
        rest = [msgspec.structs.replace(other, alone=check.alone) for other in asked[1:]]
        after = (*in_hand.checks[:at], check, *rest, *in_hand.checks[at + 1 :])
        self._take(in_hand, (check,), after, operator, now)
        return True

    def answer_all(self, in_hand: ItemInHand, all_good: AllGood, operator: str, now: float) -> bool:
        """Pass the named checks. Return False if one of them is not an open check of the current page."""
        shown = [in_hand.checks[at] for at in page(in_hand.checks, in_hand.current)]
        named = [check for check in shown if check.answer is None and check.rule in all_good.rules]
        if not named or len(named) != len(all_good.rules):
            return False
        results = [answered(check, Answer(check.rule, Outcome.PASS, count=check.counted), operator) for check in named]
        passed = tuple(check for check in results if check is not None)
        if len(passed) != len(named):  # a pass of one of them needs a reason
            return False
        by_rule = {check.rule: check for check in passed}
        after = tuple(by_rule.get(check.rule, check) for check in in_hand.checks)
        self._take(in_hand, passed, after, operator, now, together=True)
        return True

    def _take(
        self,
        in_hand: ItemInHand,
        answers: Sequence[Check],
        after: tuple[Check, ...],
        operator: str,
        now: float,
        *,
        together: bool = False,
    ) -> None:
        """Journal the answers given with one tap. Then take `after`, the checks with these answers, and go to the next
        open one."""
        seconds = round(now - in_hand.page_since, 1)
        quick = together and seconds < seconds_to_look(answers, in_hand.all_good_after)
        in_hand.quick = in_hand.quick or quick
        self._journal.record(
            *(
                CheckAnswered(
                    barcode=in_hand.item.barcode,
                    finding=finding,
                    checklist=in_hand.checklist,
                    together=together,
                    seconds=seconds,
                    quick=quick,
                    operator=operator,
                )
                for check in answers
                for finding in check.findings
            )
        )
        in_hand.checks = after
        in_hand.given.append(Given(tuple(check.rule for check in answers), together))
        in_hand.current, in_hand.page_since = _first_open(after), now

    def must_look(self, in_hand: ItemInHand, answer: Answer) -> bool:
        """Return True if the answer is "not applicable" to a rule of the open check that always applies."""
        at = _asked_about(in_hand, answer.rule)
        if answer.outcome is not Outcome.NOT_APPLICABLE or at is None:
            return False
        return any(covered.rule == answer.rule and not covered.may_not_apply for covered in in_hand.checks[at].covers)

    def needs_reason(self, in_hand: ItemInHand, answer: Answer) -> bool:
        """Return True if the answer passes the open check without the reason that it needs."""
        at = _asked_about(in_hand, answer.rule)
        if answer.outcome is not Outcome.PASS or at is None:
            return False
        check = in_hand.checks[at]
        return bool(check.pass_reasons) and answered(check, answer, "") is None

    def left_open(self, in_hand: ItemInHand, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Return the findings, with a fail that the machine found left open if the rule may stay open."""
        return left_open(self._rules, findings, in_hand.day)

    def reopen(self, in_hand: ItemInHand, now: float) -> None:
        """Take the last answer back, before the verdict. The journal keeps it, the result has only the new one."""
        if not in_hand.given or in_hand.verdict is not None:
            return
        self._reopen(in_hand, in_hand.given[-1].rules, now)

    def _reopen(self, in_hand: ItemInHand, rules: Sequence[str], now: float) -> None:
        in_hand.given = [tap for tap in in_hand.given if not set(tap.rules) & set(rules)]
        in_hand.checks = tuple(
            msgspec.structs.replace(check, answer=None, others=()) if check.rule in rules else check
            for check in in_hand.checks
        )
        in_hand.current, in_hand.page_since = _first_open(in_hand.checks), now

    def remember(self, in_hand: ItemInHand, answers: Mapping[str, Finding]) -> None:
        """Restore earlier answers, by rule. The first check without an answer becomes the open one."""
        in_hand.checks = tuple(remembered(check, answers) for check in in_hand.checks)
        in_hand.given = [Given((check.rule,)) for check in in_hand.checks if check.answer is not None]
        in_hand.current = _first_open(in_hand.checks)

    def settle(self, in_hand: ItemInHand, polls: tuple[int, int] | None = None) -> tuple[Finding, ...]:
        """Return all findings. The machine checks run again: by now the pieces are counted, and the tag has been
        observed for longer."""
        self.require_rules()
        if in_hand.facts is not None:
            self.receive(in_hand)  # the number on the piece may have been scanned meanwhile
            in_hand.facts = msgspec.structs.replace(
                in_hand.facts,
                item=in_hand.item,
                counted=counted_by_hand(in_hand.checks),
                polls=polls,
                scanned=in_hand.scanned,
                receipt=in_hand.receipt,
            )
            in_hand.findings = (*machine_findings(self._rules, in_hand.facts, in_hand.day), *in_hand.spared)
        return settled(in_hand.findings, [finding for check in in_hand.checks for finding in check.findings])

    def conclude(
        self,
        in_hand: ItemInHand,
        operator: str,
        seconds: float,
        also: Follows,
        polls: tuple[int, int] | None = None,
        *,
        finished_by: str = "",
        before: Callable[[], tuple[Stream, ...]] = tuple,
    ) -> None:
        """Journal the result, the events that follow from it, and its deliveries in one transaction. The item gets its
        verdict only after they are durable. `before`: returns the item's sampling streams before the verdict."""
        findings = self.settle(in_hand, polls)
        kept, passed = to_journal(findings)
        judged = ItemJudged(
            barcode=in_hand.item.barcode,
            uid=in_hand.uid or "",
            part=in_hand.part,
            parts=in_hand.item.parts,
            verdict=judged_with(findings, in_hand.waivers),
            findings=kept,
            passed=passed,
            day=in_hand.day,
            item=in_hand.item,
            operator=operator,
            finished_by=finished_by,
            seconds=round(seconds, 3),
            waivers=in_hand.waivers,
            receipt=in_hand.receipt.key if in_hand.receipt is not None else None,
            session=in_hand.session,
        )
        streams = before()
        follows = also(findings, judged.verdict)
        # Time to lift the item, and the same again after that.
        window = 2 * self._settings.delivery.take_back_s if in_hand.given and not in_hand.session else 0.0
        if not _is_reversible(follows, in_hand.standing):
            window = 0.0
        seq = self._journal.record(*follows, judged, deliveries=self._deliveries(judged, window))
        in_hand.findings = findings
        in_hand.verdict, in_hand.judged = judged.verdict, judged
        if window:
            opened = tuple(event.correction for event in follows if isinstance(event, CorrectionOpened))
            until = self._clock.monotonic() + window
            in_hand.last_word = LastWord(seq, seq - len(follows), opened, streams, until)

    def left_to_take_back(self, in_hand: ItemInHand) -> float:
        """Return the seconds in which the verdict can still be taken back."""
        return max(0.0, in_hand.last_word.until - self._clock.monotonic()) if in_hand.last_word is not None else 0.0

    def lifted(self, in_hand: ItemInHand) -> None:
        """Let the verdict be taken back for `delivery.take_back_s` from now, at most until its deliveries are due."""
        if in_hand.last_word is not None:
            until = self._clock.monotonic() + self._settings.delivery.take_back_s
            in_hand.last_word = replace(in_hand.last_word, until=min(in_hand.last_word.until, until))

    def take_back(self, in_hand: ItemInHand, operator: str) -> bool:
        """Take the last answer and its verdict back. Open the answers of the last tap again, and all that were given
        together; discard the deliveries. Return False, and change nothing, if the verdict is final."""
        last = in_hand.last_word
        if last is None or not self.left_to_take_back(in_hand) or not in_hand.given:
            return False
        *before, latest = in_hand.given
        earlier = [tap for tap in before if tap.together]  # a small screen splits a page, so one tap becomes several
        event = VerdictTakenBack(
            barcode=in_hand.item.barcode,
            uid=in_hand.uid or "",
            part=in_hand.part,
            judged=last.judged,
            first=last.first,
            rules=tuple(rule for tap in (*earlier, latest) for rule in tap.rules),
            streams=last.streams,
            operator=operator,
        )
        reason = Sentence("detail.verdict-taken-back")
        closed = [
            CorrectionClosed(
                correction=correction, result=Result.NO_DEFECT, reason=Sentence.of(reason), operator=operator
            )
            for correction in last.opened
        ]
        in_hand.last_word = None
        if not self._journal.take_back(event, *closed):
            return False
        in_hand.verdict = in_hand.judged = None
        in_hand.waivers = tuple(waiver for waiver in in_hand.waivers if waiver.rule not in event.rules)
        if in_hand.facts is not None:
            in_hand.findings = (*machine_findings(self._rules, in_hand.facts, in_hand.day), *in_hand.spared)
        self._reopen(in_hand, event.rules, self._clock.monotonic())
        return True

    def rejudge(self, in_hand: ItemInHand, event: FindingWaived) -> bool:
        """Judge again with a waiver that was given after the verdict, and journal both in one transaction. Return
        False, and journal nothing, if the verdict stays the same. Raises `WorkError` and `RulesUnusable`."""
        self.require_rules()
        judged = rejudged(in_hand.judged, event) if in_hand.judged is not None else None
        if judged is None:
            return False
        self._journal.order(event, results=((judged, self._deliveries(judged)),))
        in_hand.verdict, in_hand.judged, in_hand.waivers = judged.verdict, judged, judged.waivers
        in_hand.last_word = None
        return True

    def _deliveries(self, judged: ItemJudged, window: float = 0.0) -> list[NewDelivery]:
        """Return the verdict's deliveries. They wait for `window` seconds."""
        passed = self._journal.passed_parts(Barcode(judged.barcode))
        new = deliveries(judged, self._systems, passed, self._settings.delivery.scanned_in)
        return [msgspec.structs.replace(delivery, wait_s=window) for delivery in new]


def _asked_about(in_hand: ItemInHand, rule: str) -> int | None:
    """Return the position of the open check of the current page that answers this rule; None = there is none."""
    for at in page(in_hand.checks, in_hand.current):
        check = in_hand.checks[at]
        if check.answer is None and (rule == check.rule or any(covered.rule == rule for covered in check.covers)):
            return at
    return None


def _is_reversible(follows: Sequence[AnyEvent], standing: Sequence[Correction]) -> bool:
    """Return True if the verdict leaves earlier corrections as they are. If it carried out a step of one, other people
    act on it, and a blind second check has been shown what it must not know before its verdict."""
    known = {(correction.rule, correction.kind) for correction in standing}
    return all(
        isinstance(event, SamplingCounted)
        or (isinstance(event, CorrectionOpened) and (event.rule, event.what) not in known)
        for event in follows
    )


def _first_open(checks: Sequence[Check]) -> int:
    return next((at for at, check in enumerate(checks) if check.answer is None), len(checks))
