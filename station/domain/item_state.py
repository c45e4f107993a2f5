"""State of an item over its life at this station, as its newest event left it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import Sentence


class ItemState(StrEnum):
    """State of an item. A withdrawn item keeps that state, whatever happens to its tag afterwards."""

    TAGGED = "tagged"
    """A tag was written and read back; there is no verdict since."""
    PASSED = "passed"
    FAILED = "failed"
    SET_ASIDE = "set-aside"
    ERASED = "erased"
    """Its tag was made blank, or its write undone."""
    RELEASED = "released"
    """It left the bench with a truck."""
    WITHDRAWN = "withdrawn"
    """It leaves the library: the checks of a withdrawal or a lease return passed, or its withdrawal from a library
    system was ordered and not discarded."""


class StateSince(msgspec.Struct, frozen=True, kw_only=True):
    """An item's state, and the event that made it."""

    state: ItemState
    at: str
    """ISO 8601, UTC."""
    seq: int
    kind: str
    """Kind of the event; "hidden" for a viewer from whom the verdict is hidden."""

    @property
    def words(self) -> Sentence:
        """Return the state for display."""
        return Sentence(f"item.state.{self.state.value}")
