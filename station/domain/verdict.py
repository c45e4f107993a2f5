"""The verdict on an item, and the waiver of a failed finding."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.domain.people.rights import Role


class Waiver(msgspec.Struct, frozen=True):
    """A failed finding accepted by a person with the right to do so. The finding stays as it is; the verdict no longer
    counts it (`rights.Right.WAIVE`; for a critical finding: `WAIVE_CRITICAL`)."""

    rule: str
    by: str
    """The worker's id, or the name of a person who is not registered."""
    role: Role
    reason: str


class Verdict(StrEnum):
    """Result of the work on an item."""

    PASS = "pass"
    FAIL = "fail"
    """A critical or major finding failed: the item is held back."""
    ABANDONED = "abandoned"
    """The operator set it aside before it was finished."""
