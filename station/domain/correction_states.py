"""Kinds, states and results of corrections, and the flag that shows an open one at the bench.

Separate from `station.domain.corrections.correction`, because the events hold these values and the life of a correction is made
of events.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import Sentence


class CorrectionKind(StrEnum):
    """Required action."""

    MEND = "mend"
    """A finding failed: mend it."""
    RECHECK = "recheck"
    """Another person repeats the checks of an item, because a sampling plan drew it."""


class CorrectionState(StrEnum):
    """State of a correction."""

    OPEN = "open"
    MENDED = "mended"
    """It was reported as mended and waits for its recheck."""
    CLOSED = "closed"


class Recheck(StrEnum):
    """Who rechecks after a mend; the rule decides."""

    NONE = "none"
    MACHINE = "machine"
    """The machine that found it."""
    PERSON = "person"
    """A person other than the one who mended it."""


class Result(StrEnum):
    """How a correction ended."""

    MENDED = "mended"
    WAIVED = "waived"
    NO_DEFECT = "no-defect"
    """There was nothing to mend."""
    WITHDRAWN = "withdrawn"
    """The item left the collection, or is lost."""
    PASSED = "passed"
    """An ordered recheck found nothing."""
    FAILED = "failed"
    """An ordered recheck found errors; each has its own correction."""


class Flag(msgspec.Struct, frozen=True):
    """A correction as shown to the operator with the item in hand."""

    correction: str
    title: Sentence
    owner: str
    due: str
    """ISO 8601 date."""
    state: CorrectionState
    kind: CorrectionKind = CorrectionKind.MEND
    overdue: bool = False
    new: bool = False
    """True if this verdict opened it."""
    other_person: bool = False
    """True if another person must check it. False where people do not sign on, and for what the station checks."""
