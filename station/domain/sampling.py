"""Sampling as values: the plan, the level and the present lot of a worker or vendor; draws, and counts of verdicts.

Words as in ISO 3534-2 and Schilling, "Acceptance Sampling": a *lot* is so many items one after another; its *plan* says
how many of them are looked at (the sample) and how many bad ones are let pass (the accept number, 0 as shipped).
`station.quality.sampling` decides.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Whose(StrEnum):
    """Whose work a stream of items is."""

    WORKER = "worker"
    VENDOR = "vendor"
    RECHECK = "recheck"
    """A trainee's items, once more: those that another person does again. Always at the normal level."""


class Level(StrEnum):
    """How much of somebody's work is looked at."""

    NEW = "new"
    """Every item, until enough of them in succession were good."""
    TIGHTENED = "tightened"
    """Every item again, after bad work was found."""
    NORMAL = "normal"
    """A sample of each lot."""
    REDUCED = "reduced"
    """A smaller sample, after good lots in succession."""

    @property
    def every_item(self) -> bool:
        """True where nothing is left to a draw."""
        return self in (Level.NEW, Level.TIGHTENED)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How many are looked at."""

    lot: int
    """Items of a lot; 0 = a stream without end, of which `sample` in succession must be good."""
    sample: int
    """Items looked at, at most `lot`."""
    accept: int = 0
    """Bad ones in the sample that are let pass."""
    confidence: float = 0.0
    """0 in a table that says none."""
    rate: float = 0.0
    """The share of bad ones that the plan is made to find with that confidence; 0 in a table that says none."""
    source: str = ""
    """"computed", or the site's file."""


class Stream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One worker's or vendor's items, and where they stand after the event that holds this."""

    whose: Whose
    subject: str
    """The worker as events name them, or the vendor."""
    level: Level = Level.NEW
    plan: Plan
    lot: int = 0
    """Number of the present lot, counted from 1 for ever; 0 = there was none yet."""
    seed: str = ""
    """128 random bits as hexadecimal digits, made when the lot began: all draws of the lot follow from them."""
    drawn: int = 0
    """Items of the lot that had their draw."""
    looked: int = 0
    """Items of the lot's sample that a person has judged."""
    found: int = 0
    """Bad ones among all items judged in this lot; at a level with every item: since it began."""
    run: int = 0
    """Good ones in succession, at a level with every item."""
    accepted: int = 0
    """Lots accepted in succession at this level."""
    rechecks: int = 0
    """Failed rechecks by another person that were taken into account so far."""
    retrained: int = 0
    """Retrainings that were taken into account so far."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What one stream's draw says about one item."""

    whose: Whose
    subject: str
    level: Level
    lot: int = 0
    position: int = 0
    """In the lot, from 1; 0 where every item is looked at."""
    asked: bool


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """A stream changed: another level, another lot, or a word to the technician."""

    whose: Whose
    subject: str
    before: Level | None
    """`None`: the first item of this worker or vendor."""
    after: Level
    code: str
    """"first", "qualified", "rejected", "recheck", "accepted", "unproven", "reduced", "idle", "plan", "retrain" (it should be
    done), "retrained" (it was)."""
    reason: str
    """A sentence."""
    lot: int = 0
    """The lot that begins with it; 0 = none."""
    unasked: int = 0
    """Items of the lot that ended which nobody was asked about: after "rejected" they should be looked at."""


class RejectedLot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot in which bad work was found, and its items that passed without anybody being asked about them."""

    whose: Whose
    subject: str
    lot: int
    at: str
    """When it was rejected (ISO 8601 UTC)."""
    items: tuple[str, ...] = ()
    """Barcodes of the items that nobody has gone through since, in the order of their draws: with an order to recheck, or
    without."""
    unordered: tuple[str, ...] = ()
    """Those of them without such an order."""


# --- figures ----------------------------------------------------------------------------------------------------------


class By(StrEnum):
    """What verdicts are counted by."""

    WORKER = "worker"
    VENDOR = "vendor"
    MATERIAL = "material"


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The verdicts of one worker, vendor or material, counted."""

    subject: str
    """"" = not known."""
    judged: int
    """Items with a verdict; the machine has looked at each."""
    machine_bad: int
    """Of these, the machine found something critical or major at so many."""
    looked: int
    """Items that a person was asked about because of the draw for this subject, or because every item was asked about."""
    bad: int
    """Of these, a person found something critical or major at so many."""
    beside: int
    """Bad items that came to light beside the draw; they are in no share."""
    failed: int
    """Verdicts that are a fail, for whatever reason."""
    seconds: float
    """From the first scan to the verdict, all items together."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """So many items in succession that a person was asked about: one point of a chart."""

    subject: str
    number: int
    """From 1."""
    first_at: str
    last_at: str
    """When (ISO 8601 UTC) the first and the last got their verdict."""
    looked: int
    bad: int


def lot_of(lots: tuple[RejectedLot, ...], whose: str, subject: str, lot: int) -> RejectedLot | None:
    """This one among rejected lots."""
    return next((one for one in lots if (one.whose, one.subject, one.lot) == (whose, subject, lot)), None)
