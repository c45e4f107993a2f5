"""Sampling as values: plan, level and current lot of a worker or vendor; draws, and counts of verdicts.

Terms as in ISO 3534-2 and Schilling, "Acceptance Sampling": a *lot* is a number of consecutive items; its *plan* says
how many of them are checked (the sample) and how many bad ones are accepted (the accept number, 0 as shipped).
`station.quality.sampling` decides.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import Sentence


class Whose(StrEnum):
    """Kind of stream: whose work its items are."""

    WORKER = "worker"
    VENDOR = "vendor"
    RECHECK = "recheck"
    """A trainee's items that another person rechecks. Always at the normal level."""


class Level(StrEnum):
    """Inspection level: how much of a worker's or vendor's work is checked."""

    NEW = "new"
    """Every item, until enough consecutive items were good."""
    TIGHTENED = "tightened"
    """Every item again, after bad work was found."""
    NORMAL = "normal"
    """A sample of each lot."""
    REDUCED = "reduced"
    """A smaller sample, after consecutive good lots."""

    @property
    def every_item(self) -> bool:
        """Return True if every item is checked, without a draw."""
        return self in (Level.NEW, Level.TIGHTENED)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Sample size for a lot."""

    lot: int
    """Items in a lot; 0 = an endless stream, of which `sample` consecutive items must be good."""
    sample: int
    """Items to check, at most `lot`."""
    accept: int = 0
    """Number of bad items in the sample that are accepted."""
    confidence: float = 0.0
    """Confidence of the plan; 0 if its table gives none."""
    rate: float = 0.0
    """Share of bad items that the plan is designed to detect with that confidence; 0 if its table gives none."""
    source: str = ""
    """"computed", or the site's file."""


class Stream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One worker's or vendor's stream of items, and its state after the event that holds this."""

    whose: Whose
    subject: str
    """The worker as named in events, or the vendor."""
    level: Level = Level.NEW
    plan: Plan
    lot: int = 0
    """Number of the current lot, counted from 1 without reset; 0 = no lot yet."""
    seed: str = ""
    """128 random bits as hexadecimal digits, made when the lot began. All draws of the lot follow from them."""
    drawn: int = 0
    """Items of the lot that were drawn for."""
    looked: int = 0
    """Items of the lot's sample that a person has judged."""
    found: int = 0
    """Bad items among all items judged in this lot; at a level with every item: since the level began."""
    run: int = 0
    """Consecutive good items, at a level with every item."""
    accepted: int = 0
    """Consecutive lots accepted at this level."""
    rechecks: int = 0
    """Failed rechecks by another person that have been taken into account."""
    retrained: int = 0
    """Retrainings that have been taken into account."""
    quick: bool = False
    """True if a page of the newest judged item was passed sooner than the screen allows; the next item is asked
    about."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """One stream's draw for one item."""

    whose: Whose
    subject: str
    level: Level
    lot: int = 0
    position: int = 0
    """Position in the lot, from 1; 0 if every item is checked."""
    asked: bool


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a stream: another level, another lot, or a notice to the technician."""

    whose: Whose
    subject: str
    before: Level | None
    """`None`: this is the first item of the worker or vendor."""
    after: Level
    code: str
    """"first", "qualified", "rejected", "recheck", "accepted", "unproven", "reduced", "idle", "plan", "retrain"
    (retraining is due), "retrained" (retraining was held)."""
    reason: Sentence
    lot: int = 0
    """The lot that begins with the change; 0 = none."""
    unasked: int = 0
    """Items of the ended lot that no person was asked about; after "rejected" they should be checked."""


class RejectedLot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot in which bad work was found, and its items that passed although no person was asked about them."""

    whose: Whose
    subject: str
    lot: int
    at: str
    """Time of the rejection (ISO 8601 UTC)."""
    items: tuple[str, ...] = ()
    """Barcodes of the items that no person has checked since, in the order of their draws, with or without a recheck
    order."""
    unordered: tuple[str, ...] = ()
    """The items among them without a recheck order."""


# --- figures ----------------------------------------------------------------------------------------------------------


class By(StrEnum):
    """Grouping of verdict counts."""

    WORKER = "worker"
    VENDOR = "vendor"
    MATERIAL = "material"


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Verdict counts of one worker, vendor or material."""

    subject: str
    """Empty = unknown."""
    judged: int
    """Items with a verdict; the machine checked each of them."""
    machine_bad: int
    """Judged items with a critical or major finding by the machine."""
    looked: int
    """Items that a person was asked about because of the draw for this subject, or because every item was asked
    about."""
    bad: int
    """Items in `looked` with a critical or major finding by a person."""
    beside: int
    """Bad items found outside the draw; they are counted in no share."""
    failed: int
    """Verdicts that are a fail, for any reason."""
    seconds: float
    """Seconds from the first scan to the verdict, summed over all items."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A number of consecutive items that a person was asked about: one point of a chart."""

    subject: str
    number: int
    """Group number, from 1."""
    first_at: str
    last_at: str
    """Times (ISO 8601 UTC) of the verdicts on the first and the last item."""
    looked: int
    bad: int


def lot_of(lots: tuple[RejectedLot, ...], whose: str, subject: str, lot: int) -> RejectedLot | None:
    """Return the rejected lot with this key, or None."""
    return next(
        (rejected for rejected in lots if (rejected.whose, rejected.subject, rejected.lot) == (whose, subject, lot)),
        None,
    )
