"""Ask the library system whether the loaned lines of a pull list are back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from station.base.errors import CatalogError, DepartureRefused, SyncError
from station.base.sentence import Sentence
from station.domain.events import PullTicked
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.withdrawals.pull_list import PullListStanding, PullOutcome, PullStanding
from station.domain.withdrawals.stop_signs import Reply, Sign

MOST_ASKED: Final = 200
"""Most lines about which the library system is asked at once."""
GIVES_UP: Final = 5
"""Lines without an answer, one after the other, after which it is asked no more."""


class LoansAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What the library system answered about the lines of a list that were on loan."""

    ticks: tuple[PullTicked, ...] = ()
    """To journal: lines that are back, or gone. Of a list with more loans than are asked about at once also those that are still
    on loan: then the others come first the next time."""
    still: int = 0
    """Lines that are still on loan."""
    unanswered: int = 0
    """Lines without an answer of the library system, or about which it was not asked."""

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Return what there is to say."""
        counts = {
            "back": sum(tick.outcome is PullOutcome.BACK for tick in self.ticks),
            "gone": sum(tick.outcome is PullOutcome.GONE for tick in self.ticks),
            "still": self.still,
            "unanswered": self.unanswered,
        }
        return tuple(Sentence(f"pull.asked.{what}", count=count) for what, count in counts.items() if count)


def loans_of(now: PullListStanding, lines: Iterable[PullStanding]) -> tuple[PullStanding, ...]:
    """Return the lines of a list that are on loan, the oldest tick first. Raise `DepartureRefused` if the list is closed."""
    if now.closed_at:
        raise DepartureRefused(Sentence("pull.closed", name=now.name))
    return tuple(sorted((line for line in lines if line.on_loan), key=lambda line: line.at))


def asked_loans(
    loans: Sequence[PullStanding], ask: Callable[[ItemQuestion], ItemAnswer], systems: Collection[str], operator: str
) -> LoansAsked:
    """Return what the library system says of lines on loan. `ask` raises `SyncError` and `CatalogError` for a line without an
    answer. `systems`: names of the library systems."""
    ticks: list[PullTicked] = []
    still = unanswered = silent = 0
    for at, line in enumerate(loans):
        answer = None
        if at < MOST_ASKED and silent < GIVES_UP and line.content.barcode:
            with suppress(SyncError, CatalogError):  # counted below
                answer = ask(ItemQuestion(barcode=line.content.barcode, signs=True))
        outcome, source = _outcome(answer, systems)
        silent = silent + 1 if outcome is None else 0
        if outcome is None:
            unanswered += 1
            continue
        is_still = outcome is PullOutcome.ON_LOAN
        still += is_still
        if not is_still or len(loans) > MOST_ASKED:
            ticks.append(
                PullTicked(
                    list=line.list,
                    line=line.content.line,
                    outcome=outcome,
                    recalled=is_still and line.recalled,
                    source=source,
                    title=line.content.title,
                    operator=operator,
                )
            )
    return LoansAsked(ticks=tuple(ticks), still=still, unanswered=unanswered)


def _outcome(answer: ItemAnswer | None, systems: Collection[str]) -> tuple[PullOutcome | None, str]:
    """Return how a loaned line stands by an answer, and the library system that says so. None = it says nothing: what the record
    or the catalog index says of a loan may be old."""
    if answer is None:
        return None, ""
    if answer.unknown_to:
        return PullOutcome.GONE, answer.unknown_to
    loan = next((sign for sign in answer.signs if sign.sign is Sign.LOAN and sign.source in systems), None)
    if loan is None or loan.reply is Reply.NOT_KNOWN:
        return None, ""
    return (PullOutcome.ON_LOAN if loan.reply is Reply.YES else PullOutcome.BACK), loan.source
