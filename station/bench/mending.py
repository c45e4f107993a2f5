"""From verdicts to corrections and flags: what is journaled beside a verdict, and what the operator sees of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from station.bench.hand import Hand
from station.correction import Correction
from station.correction_words import state_of
from station.events import CorrectionOpened, CorrectionStep
from station.model import CorrectionKind, Finding, Flag, Severity, Verdict
from station.ports import Journal, Worker
from station.quality.corrections import reports, steps
from station.quality.rules import Rule
from station.settings import Corrections

if TYPE_CHECKING:
    from station.clock import Clock

_SHOWN: Final = 2
"""Corrections that a notice names."""


class Mending:
    """The corrections of the item in hand."""

    def __init__(
        self,
        journal: Journal,
        settings: Corrections,
        clock: Clock,
        new_id: Callable[[], str],
        rule_of: Callable[[str], Rule | None],
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._clock = clock
        self._new_id = new_id
        self._rule_of = rule_of

    def look(self, hand: Hand) -> None:
        """Read what is open of the item."""
        before = {one.id for one in hand.standing}
        hand.standing = self._journal.open_corrections(hand.item.barcode)
        today = self._clock.day()
        hand.flags = tuple(
            Flag(
                correction=one.id,
                title=one.title,
                owner=one.owner,
                due=one.due,
                state=one.state,
                kind=one.kind,
                overdue=bool(one.due) and one.due < today,
                new=hand.verdict is not None and one.id not in before,
            )
            for one in hand.standing
        )

    def follow(
        self, hand: Hand, findings: Sequence[Finding], verdict: Verdict, worker: Worker
    ) -> tuple[CorrectionStep | CorrectionOpened, ...]:
        """The events that a verdict brings with it; they are journaled in its transaction."""
        standing = self._journal.open_corrections(hand.item.barcode)
        hand.standing = standing
        done = steps(
            standing,
            findings,
            hand.part,
            verdict,
            operator=worker.id,
            role=worker.role,
            recheck_due=self.recheck_due(),
        )
        new = reports(
            findings,
            hand.waivers,
            hand.item,
            hand.part,
            from_severity=Severity(self._settings.from_severity),
            worker=_whose(standing, worker.id),
            rule_of=self._rule_of,
            due=self._due,
            new_id=self._new_id,
        )
        return (*done, *new)

    def recheck_due(self) -> str:
        """When a recheck must be done that is asked for now."""
        return self._clock.day(self._settings.recheck_days)

    def _due(self, severity: Severity) -> str:
        settings = self._settings
        days = {Severity.CRITICAL: settings.critical_days, Severity.MAJOR: settings.major_days}
        return self._clock.day(days.get(severity, settings.minor_days))


def _whose(standing: Sequence[Correction], operator: str) -> str:
    """Whose work was found wrong: known where a recheck of it was ordered and another person does it."""
    orders = [one for one in standing if one.kind is CorrectionKind.RECHECK and one.worker != operator]
    return orders[0].worker if orders else ""


def flagged(flags: Sequence[Flag]) -> str:
    """What stands open of an item that was just scanned, as a sentence."""
    named = [f"{flag.title} ({state_of(flag)})" for flag in flags[:_SHOWN]]
    more = f", and {len(flags) - _SHOWN} more" if len(flags) > _SHOWN else ""
    return f"This item is not done: {', '.join(named)}{more}."
