"""What the workflow of sets shows, as values. All text is clean.

Two ways to tag a set are met in the field (processing-and-quality.md 3, "Sets"; FE Technologies [P3] calls them type 1 and
type 2): every part carries a tag that says "n of m", or the main part alone carries one, and its set information says how
many parts there are. The standard's element is the same (ISO 28560-1, element 4); so a tag does not tell which way was
meant, and the station remembers it in its journal.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

MOST_PARTS = 99
"""Parts of a set at most: set information of two digits each (tag-data-models.md 1, OID 4) holds no more."""


class SetModel(StrEnum):
    """Which parts of a set carry a tag."""

    EVERY = "every"
    """Each one, "n of m"."""
    MAIN = "main"
    """The main part, "1 of m"; the others are counted by eye."""


class PartState(StrEnum):
    """Where one part stands."""

    NO_TAG = "no-tag"
    """No tag is known that carries it."""
    NOT_SEEN = "not-seen"
    """The journal knows its tag, which was not on the pad yet."""
    OLD_TOTAL = "old-total"
    """Its tag says another number of parts, as far as the journal knows: it must be written anew."""
    RIGHT = "right"
    """Its tag was on the pad and is proven."""
    BY_EYE = "by-eye"
    """Has no tag and needs none: somebody counts it."""


class SetState(StrEnum):
    """Where the work on a set stands; `bench.workflows.sets.rules.MOVES` is its law."""

    EMPTY = "empty"
    """No set is in hand."""
    GATHER = "gather"
    """Parts come onto the pad."""
    ASK_ORDER = "ask-order"
    """Several new tags lie there: may they be numbered in any order?"""
    ASK_SIZE = "ask-size"
    """The number of parts is to change: shall the tags be written anew?"""
    WRITING = "writing"
    STOPPED = "stopped"
    """A doubt stands."""
    COUNT = "count"
    """Every tag is right; the pieces without a tag are to be counted."""
    COMPLETE = "complete"


class SetPart(msgspec.Struct, frozen=True):
    """One part of the set in hand."""

    number: int
    state: PartState
    uid: str = ""
    """Its tag, where one is known."""
    here: bool = False
    """It lies on the pad now."""


class WorkflowAnswer(msgspec.Struct, frozen=True):
    """One button of a question."""

    id: str
    label: str
    main: bool = False


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
    """Parts that the record has for the item."""
    pieces: int | None = None
    """Pieces that the record's description names (MARC 300); None = it does not say."""
    loose: int | None = None
    """Pieces without tag or barcode that somebody counted beside the parts; None = not counted yet."""
    answers: tuple[WorkflowAnswer, ...] = ()
    """What can be answered, where something is asked."""
    writing: int = 0
    """The part whose tag is being written."""
    steps_done: int = 0
    steps_total: int = 0

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the parts that were not seen right yet."""
        return tuple(one.number for one in self.parts if one.state not in (PartState.RIGHT, PartState.BY_EYE))

    @property
    def seen(self) -> tuple[int, ...]:
        """The numbers of the parts whose tags are proven."""
        return tuple(one.number for one in self.parts if one.state is PartState.RIGHT)
