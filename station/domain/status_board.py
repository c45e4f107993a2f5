"""The status board as a value: a summary of the bench for a technician."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain.reader_health import Advice

LAST_TAGS: Final = 100
"""Number of latest tags that are counted separately, regardless of roll."""


ROLLS: Final = 5
"""Number of rolls shown, newest first."""


SHOWN: Final = 5
"""Number of list lines shown on the board, below the total."""


class RollRow(msgspec.Struct, frozen=True):
    """The tags of one roll. A tag has failed if it could not be used and was not written successfully later. One that
    took more than one attempt also counts as `again`."""

    name: str
    """Name given when the roll was loaded; "" = before any roll was named."""
    loaded: str = ""
    """ISO 8601, UTC."""
    tags: int = 0
    failed: int = 0
    again: int = 0

    @property
    def rate(self) -> float:
        """Return the share of failed tags; 0 if there are no tags."""
        return self.failed / self.tags if self.tags else 0.0


class Step(StrEnum):
    """A step of the work for which items, corrections or deliveries wait."""

    NO_VERDICT = "no-verdict"
    TO_FIX = "to-fix"
    TO_RECHECK = "to-recheck"
    TO_CATALOG = "to-catalog"
    TO_DECIDE = "to-decide"
    """Parked deliveries."""


class Ages(msgspec.Struct, frozen=True, kw_only=True):
    """How many wait for one step, by age in local days, and since when the oldest."""

    step: Step
    today: int = 0
    days_1_3: int = 0
    days_4_7: int = 0
    older: int = 0
    oldest: str = ""
    """ISO 8601, UTC; "" = none waits."""


class Waiting(msgspec.Struct, frozen=True):
    """Entries that wait for a person: their number, and the oldest."""

    count: int = 0
    oldest: tuple[str, ...] = ()
    """One clean line each."""


class DepartingFact(msgspec.Struct, frozen=True):
    """One number of `Departing`."""

    sentence: Sentence
    lines: tuple[str, ...] = ()
    """What it counts, the oldest first."""
    bad: bool = False
    """True if a person should look at it at once."""


class Departing(msgspec.Struct, frozen=True, kw_only=True):
    """What leaves the library. A list waits while it is open and a line is to look for or on loan. Late is what is at least
    `withdrawal.amber_days` old, very late included; very late is what is at least `withdrawal.red_days` old."""

    open: int = 0
    """Withdrawals that are not finished."""
    late: Waiting = Waiting()
    very_late: int = 0
    ready: int = 0
    """Items that are ready to strip (`Withdrawal.ready_to_strip`)."""
    lists: int = 0
    """Open pull lists with lines without a tick."""
    on_loan: int = 0
    """Lines of open pull lists that wait until their piece is back."""
    late_lists: Waiting = Waiting()
    very_late_lists: int = 0

    @property
    def facts(self) -> tuple[DepartingFact, ...]:
        """Return what there is to say, the most urgent first."""
        facts = (
            DepartingFact(Sentence("withdrawal.very-late", count=self.very_late), bad=True),
            DepartingFact(Sentence("withdrawal.late", count=self.late.count), self.late.oldest),
            DepartingFact(Sentence("withdrawal.ready", count=self.ready)),
            DepartingFact(Sentence("pull.very-late", count=self.very_late_lists), bad=True),
            DepartingFact(Sentence("pull.late", count=self.late_lists.count), self.late_lists.oldest),
            DepartingFact(Sentence("pull.unseen", count=self.lists)),
            DepartingFact(Sentence("pull.loans", count=self.on_loan)),
        )
        return tuple(fact for fact in facts if fact.sentence.values["count"])


class StatusBoard(msgspec.Struct, frozen=True, kw_only=True):
    """The whole board, as of `at` (ISO 8601, UTC)."""

    at: str
    called: str = ""
    """The open call for staff: bench, worker, local time and title as one clean line; "" = none."""
    in_hand: str = ""
    """Title and barcode of the item in hand; "" = none, or no station is running."""
    running: bool = False
    unjudged: Waiting = Waiting()
    """Titles of items with a written tag and no verdict, other than the item in hand."""
    open_sets: Waiting = Waiting()
    """Sets with parts that carry no tag, other than the set in hand."""
    unfinished: Waiting = Waiting()
    """Tags whose write has not ended."""
    overdue: Waiting = Waiting()
    """Corrections past their due date."""
    open_corrections: int = 0
    overdue_differences: Waiting = Waiting()
    """Differences with vendors past their due date."""
    open_differences: int = 0
    overdue_boxes: Waiting = Waiting()
    """Boxes that their site should have confirmed by now."""
    missing_items: Waiting = Waiting()
    """Items that a site did not find in its box."""
    departing: Departing = Departing()
    lots: Waiting = Waiting()
    """Rejected lots with items that no person was asked about or has checked since."""
    parked: Waiting = Waiting()
    """Deliveries that need a person."""
    waiting: int = 0
    """Deliveries in progress."""
    center: str = ""
    """What the center lacks or refuses; "" = nothing to say."""
    center_refuses: bool = False
    ages: tuple[Ages, ...] = ()
    """One for each step."""
    reader: str = ""
    """State of the reader as text; "" = unknown."""
    reader_ready: bool = False
    advice: tuple[Advice, ...] = ()
    unusable: Waiting = Waiting()
    """What is wrong with the site's own files that are not used (words, rules)."""
    rolls: tuple[RollRow, ...] = ()
    recovered: Waiting = Waiting()
    """PINs set without proof of identity by the owner of the files. They stay on the board and need no action."""
    last_tags: RollRow = RollRow("")
    """Counts of the last `LAST_TAGS` tags."""

    @property
    def troubled(self) -> bool:
        """Return True if something on the board needs a person."""
        bad_reader = bool(self.reader) and not self.reader_ready
        return bool(
            self.called
            or self.unjudged.count
            or self.open_sets.count
            or self.unfinished.count
            or self.overdue.count
            or self.overdue_differences.count
            or self.overdue_boxes.count
            or self.missing_items.count
            or self.departing.very_late
            or self.departing.very_late_lists
            or self.lots.count
            or self.parked.count
            or self.center_refuses
            or self.unusable.count
            or bad_reader
        )


def parked_words(parked: Waiting) -> Sentence:
    """Return how many deliveries need a decision."""
    return Sentence("board.parked", count=parked.count) if parked.count else Sentence("board.parked-none")
