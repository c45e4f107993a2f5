"""Sampling at the bench: the draw before the checks, its count with the verdict, and the operator's notice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from station.base.sentence import Sentence
from station.bench.item.in_hand import ItemInHand
from station.domain.correction_states import CorrectionKind
from station.domain.events import AnyEvent
from station.domain.findings import Finding, Outcome
from station.domain.ports import Journal, Worker
from station.domain.sampling import Stream, Whose
from station.quality.rules import Rule
from station.quality.sampling.sampler import TRAINEE, Sampler, to_recheck
from station.quality.verdict.corrections import recheck_order


class Sampling:
    """Draws and counts confirmations. Without a `sampler` every confirmation is asked for every item, and none of it is
    journaled."""

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
        """Draw for the item whose tag was verified. The draw is durable before the operator is asked."""
        if self._sampler is None:
            return
        in_hand.drawn, new = self._sampler.draw(in_hand.item, in_hand.part, worker.id)
        if new:
            self._journal.record(in_hand.drawn)

    def before(self, in_hand: ItemInHand) -> tuple[Stream, ...]:
        """Return the streams that the item's verdict will count in, as they are before it."""
        if self._sampler is None or in_hand.drawn is None or not in_hand.drawn.draws:
            return ()
        return self._sampler.streams_of(in_hand.drawn)

    def follow(self, in_hand: ItemInHand, findings: Sequence[Finding]) -> tuple[AnyEvent, ...]:
        """Return the events that follow from a verdict, to be journaled in its transaction."""
        if self._sampler is None or in_hand.drawn is None or not in_hand.drawn.draws:
            return ()
        counted = self._sampler.count(in_hand.drawn, findings, quick=in_hand.quick)
        if not to_recheck(in_hand.drawn):
            return (counted,)
        order = recheck_order(
            self._new_id(),
            in_hand.item,
            in_hand.part,
            worker=in_hand.drawn.operator,
            due=self._recheck_due(),
            found_by="machine",
            reason=Sentence("sampling.trainee"),
        )
        return (counted, order)


def asks(in_hand: ItemInHand) -> Callable[[Rule], bool]:
    """Return whether the operator must be asked about a rule for this item. A recheck order always asks for all checks,
    whoever carries it out. If the record cannot be read, the machine alone passes nothing."""
    about_all = in_hand.drawn is None or is_demanded(in_hand) or bool(in_hand.item.unread)
    return lambda rule: about_all or rule.always_ask


def is_demanded(in_hand: ItemInHand) -> bool:
    """Return True if a sampling plan or a recheck order demands that a person checks this item."""
    return _is_ordered(in_hand) or (in_hand.drawn is not None and in_hand.drawn.asked)


def is_alone(in_hand: ItemInHand) -> bool:
    """Return True if each check of this item is looked at alone: a recheck order demands it, or a sampling plan for
    another reason than that a trainee gets all questions."""
    drawn = in_hand.drawn
    return _is_ordered(in_hand) or (drawn is not None and drawn.asked and drawn.code != TRAINEE)


def _is_ordered(in_hand: ItemInHand) -> bool:
    return any(flag.kind is CorrectionKind.RECHECK for flag in in_hand.flags)


def all_good_after(in_hand: ItemInHand, seconds: float) -> float:
    """Return the seconds before one tap may pass a page of checks: half of the setting for a worker whose last lots
    were accepted."""
    draws = in_hand.drawn.draws if in_hand.drawn is not None else ()
    proven = any(draw.whose is Whose.WORKER and not draw.level.every_item for draw in draws)
    return seconds / 2 if proven else seconds


def not_sampled(in_hand: ItemInHand) -> Sentence | None:
    """Return a sentence that lists the checks that sampling left out; None if none was."""
    left = [finding.heading for finding in in_hand.findings if finding.outcome is Outcome.NOT_SAMPLED]
    return Sentence("notice.sampled", what=Sentence.joined(left)) if left else None
