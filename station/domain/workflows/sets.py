"""View of the workflow for sets, as values. All text is clean.

Two ways to tag a set are met in the field (docs/reference/quality-sources.md#processing-stations; FE Technologies calls
them type 1 and type 2): every part carries a tag with "n of m", or only the main part carries one, and its set
information gives the number of parts. The standard's element is the same (ISO 28560-1, element 4), so a tag does not
show which way was used, and the station records it in its journal.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.domain.choice import Choice

MOST_PARTS = 99
"""Maximum number of parts in a set: set information of two digits each (docs/reference/tag-data.md#data-elements, OID
4) holds no more."""


class SetModel(StrEnum):
    """Which parts of a set carry a tag."""

    EVERY = "every"
    """Each part, "n of m"."""
    MAIN = "main"
    """The main part, "1 of m"; a person counts the others."""


class PartState(StrEnum):
    """State of one part."""

    NO_TAG = "no-tag"
    """No tag is known for it."""
    NOT_SEEN = "not-seen"
    """The journal knows its tag, which was not on the pad yet."""
    OLD_TOTAL = "old-total"
    """According to the journal, its tag has another number of parts and must be rewritten."""
    RIGHT = "right"
    """Its tag was on the pad and is verified."""
    BY_EYE = "by-eye"
    """Has no tag and needs none: a person counts it."""


class SetState(StrEnum):
    """State of the work on a set; the state table is `bench.workflows.sets.rules.MOVES`."""

    EMPTY = "empty"
    """No set is in hand."""
    GATHER = "gather"
    """Parts are being put on the pad."""
    ASK_ORDER = "ask-order"
    """Several new tags are on the pad. Question: may they be numbered in any order?"""
    ASK_SIZE = "ask-size"
    """The number of parts is to change. Question: shall the tags be rewritten?"""
    WRITING = "writing"
    STOPPED = "stopped"
    """A question or fault is open."""
    COUNT = "count"
    """Every tag is right; the pieces without a tag must be counted."""
    COMPLETE = "complete"


class SetPart(msgspec.Struct, frozen=True):
    """One part of the set in hand."""

    number: int
    state: PartState
    uid: str = ""
    """UID of its tag, if known."""
    here: bool = False
    """True if it is on the pad now."""


class SetView(msgspec.Struct, frozen=True, kw_only=True, tag="set"):
    """The set in hand."""

    state: SetState = SetState.EMPTY
    barcode: str = ""
    title: str = ""
    model: SetModel = SetModel.EVERY
    parts: tuple[SetPart, ...] = ()
    chosen: int = 0
    """The part that the next new tag will carry; 0 = none is left."""
    record_parts: int = 0
    """Number of parts in the item's record."""
    pieces: int | None = None
    """Number of pieces in the record's description (MARC 300); None = not given."""
    loose: int | None = None
    """Pieces without tag or barcode that a person counted in addition to the parts; None = not counted yet."""
    answers: tuple[Choice, ...] = ()
    """Answers offered, if a question is open."""
    writing: int = 0
    """The part whose tag is being written."""
    steps_done: int = 0
    steps_total: int = 0

    @property
    def missing(self) -> tuple[int, ...]:
        """Return the numbers of the parts that have not been seen right yet."""
        return tuple(one.number for one in self.parts if one.state not in (PartState.RIGHT, PartState.BY_EYE))

    @property
    def seen(self) -> tuple[int, ...]:
        """Return the numbers of the parts whose tags are verified."""
        return tuple(one.number for one in self.parts if one.state is PartState.RIGHT)
