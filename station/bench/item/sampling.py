"""Sampling at the bench: the draw before the checks, its count with the verdict, and what the operator is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from station.base.words import Sentence, tell
from station.bench.item.in_hand import ItemInHand
from station.domain.events import AnyEvent
from station.domain.findings import Finding, Outcome
from station.domain.ports import Journal, Worker
from station.domain.snapshot import CorrectionKind
from station.quality.rules import Rule
from station.quality.sampling.sampler import Sampler, to_recheck
from station.quality.verdict.corrections import recheck_order


class Sampling:
    """`sampler` None: every confirmation for every item, and nothing is journaled about it."""

    def __init__(
        self,
        journal: Journal,
        sampler: Sampler | None,
        new_id: Callable[[], str],
        recheck_due: Callable[[], str],
    ) -> None:
        self._journal = journal
        self._sampler = sampler
        self._new_id = new_id
        self._recheck_due = recheck_due

    def begin(self, in_hand: ItemInHand, worker: Worker) -> None:
        """Draw for the item whose tag was verified; durable before anybody is asked."""
        if self._sampler is None:
            return
        in_hand.drawn, new = self._sampler.draw(in_hand.item, in_hand.part, worker.id)
        if new:
            self._journal.record(in_hand.drawn)

    def follow(self, in_hand: ItemInHand, findings: Sequence[Finding]) -> tuple[AnyEvent, ...]:
        """The events that a verdict brings with it; they are journaled in its transaction."""
        if self._sampler is None or in_hand.drawn is None or not in_hand.drawn.draws:
            return ()
        counted = self._sampler.count(in_hand.drawn, findings)
        if not to_recheck(in_hand.drawn):
            return (counted,)
        order = recheck_order(
            self._new_id(),
            in_hand.item,
            in_hand.part,
            worker=in_hand.drawn.operator,
            due=self._recheck_due(),
            found_by="machine",
            reason=tell("sampling.trainee"),
        )
        return (counted, order)


def asks(in_hand: ItemInHand, rule: Rule) -> bool:
    """True when a person must be asked of this rule for this item. An order to recheck is carried out by all its checks,
    whoever does it; and where the record cannot be read, the machine alone passes nothing."""
    ordered = any(flag.kind is CorrectionKind.RECHECK for flag in in_hand.flags)
    return in_hand.drawn is None or in_hand.drawn.asked or rule.always_ask or ordered or bool(in_hand.item.unread)


def not_sampled(in_hand: ItemInHand) -> Sentence | None:
    """What was not asked, as a sentence for the operator; None when everything is."""
    left = [one.title for one in in_hand.findings if one.outcome is Outcome.NOT_SAMPLED]
    return Sentence("notice.sampled", what="; ".join(left)) if left else None
