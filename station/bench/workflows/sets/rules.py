"""A set and its parts: its moves, known parts, and missing parts. Pure.

`MOVES` lists every possible move. A set is stored only in the journal (`Sized` is made from its events), so the work
continues after a restart: the number of parts as stated, the tag of each part, and the number of parts on that tag. A
part counts as present only if its tag was on the pad since the set was taken in hand; a journal entry does not prove
that it is in the box.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.bench.item.counted_parts import Sized
from station.bench.moves import moved
from station.domain.choice import Choice
from station.domain.item import ItemRecord
from station.domain.ports import Binding
from station.domain.tag_image import Uid
from station.domain.workflows import MOST_PARTS, PartState, SetModel, SetPart, SetState, SetView
from station.quality.checks.piece_count import of_item, record_pieces

if TYPE_CHECKING:
    pass


class Trigger(StrEnum):
    """Triggers of the moves of the work on a set."""

    OPENED = "opened"
    """A set was taken in hand."""
    WRITES = "writes"
    """Tags on the pad are about to be written or verified."""
    WRITTEN = "written"
    """All these tags are written and verified."""
    ALL_SEEN = "all-seen"
    """Every part that needs a tag was seen right."""
    DOUBT = "doubt"
    """A tag on the pad, or a failed write, stops the work."""
    ORDER_ASKED = "order-asked"
    """Several new tags came at once: may they be numbered in any order?"""
    SIZE_ASKED = "size-asked"
    """The operator or a tag named another number of parts."""
    SETTLED = "settled"
    """A doubt is over, a question was answered, or a tag of the set was changed in another workflow."""
    COUNTED = "counted"
    """The operator entered how many pieces have no tag."""
    LEFT = "left"
    """The set is no longer in hand; its end was journaled."""


_S, _H = SetState, Trigger
_OPEN: Final = (_S.GATHER, _S.ASK_ORDER, _S.ASK_SIZE, _S.STOPPED, _S.COUNT, _S.COMPLETE)
MOVES: Final[dict[tuple[SetState, Trigger], SetState]] = {
    (_S.EMPTY, _H.OPENED): _S.GATHER,
    (_S.GATHER, _H.WRITES): _S.WRITING,
    (_S.COUNT, _H.WRITES): _S.WRITING,
    (_S.WRITING, _H.WRITTEN): _S.GATHER,
    (_S.WRITING, _H.DOUBT): _S.STOPPED,
    (_S.GATHER, _H.DOUBT): _S.STOPPED,
    (_S.COUNT, _H.DOUBT): _S.STOPPED,
    (_S.COUNT, _H.SETTLED): _S.GATHER,
    (_S.STOPPED, _H.DOUBT): _S.STOPPED,
    (_S.STOPPED, _H.SETTLED): _S.GATHER,
    (_S.GATHER, _H.ORDER_ASKED): _S.ASK_ORDER,
    (_S.ASK_ORDER, _H.SETTLED): _S.GATHER,
    (_S.GATHER, _H.SIZE_ASKED): _S.ASK_SIZE,
    (_S.COUNT, _H.SIZE_ASKED): _S.ASK_SIZE,
    (_S.COMPLETE, _H.SIZE_ASKED): _S.ASK_SIZE,
    (_S.ASK_SIZE, _H.SETTLED): _S.GATHER,
    (_S.GATHER, _H.ALL_SEEN): _S.COUNT,
    (_S.COUNT, _H.COUNTED): _S.COMPLETE,
    **{(state, _H.LEFT): _S.EMPTY for state in _OPEN},
}
"""All moves of the work on a set; no other move is possible."""


class SetInHand:
    """The set that is being gathered; empty until `open`."""

    def __init__(self) -> None:
        self.state = SetState.EMPTY
        self._forget()

    def _forget(self) -> None:
        self.item: ItemRecord | None = None
        self.model = SetModel.EVERY
        self.total = 0
        self.record_parts = 0
        self.loose: int | None = None
        self.size_said = False
        """The number of parts was confirmed after the set was opened."""
        self.known: dict[int, Binding] = {}
        self.right: dict[int, Uid] = {}
        self.here: frozenset[Uid] = frozenset()
        self._wanted = 0
        self.answers: tuple[Choice, ...] = ()
        self.asked = 0
        """Number of new tags that the question is about."""
        self.sizes: tuple[tuple[int, SetModel], ...] = ()
        """Current and proposed (parts, model) that the question is about."""
        self.of_tags = False
        """Tags on the pad caused that question."""
        self.writing = 0
        self.steps = (0, 0)

    # --- moves -----------------------------------------------------------------------------------------------------------

    def move(self, trigger: Trigger) -> None:
        self.state = moved(MOVES, self.state, trigger)

    def can(self, trigger: Trigger) -> bool:
        """Return True if this move is possible now."""
        return (self.state, trigger) in MOVES

    def open(self, item: ItemRecord, size: Sized, bindings: Sequence[Binding]) -> None:
        """Take a set in hand after the opening was journaled. `size`: the set's parts and model from now on."""
        self.move(Trigger.OPENED)
        self.item = item
        self.total, self.model, self.record_parts, self.loose = size.parts, size.model, size.record_parts, size.loose
        self.learn(bindings)

    def leave(self) -> None:
        """Clear the set in hand."""
        self.move(Trigger.LEFT)
        self._forget()

    # --- parts -----------------------------------------------------------------------------------------------------------

    @property
    def needed(self) -> range:
        """The parts that need a tag of their own."""
        return range(1, (1 if self.model is SetModel.MAIN else self.total) + 1)

    def learn(self, bindings: Sequence[Binding]) -> None:
        """Store the tags of this set according to the journal of verified writes."""
        self.known = {binding.part: binding for binding in bindings}

    def prove(self, part: int, uid: Uid) -> None:
        """Mark the part as right: its tag was on the pad and was verified."""
        self.right[part] = uid
        if self._wanted == part:
            self._wanted = 0

    def resize(self, total: int, model: SetModel) -> None:
        """Set another number of parts or another model, after that was journaled. No tag counts as right any longer."""
        self.total, self.model = total, model
        self.size_said = True
        self.right.clear()
        self._wanted = 0

    def choose(self, part: int) -> bool:
        """Choose the part for the next new tag. Return False for a part that needs no tag."""
        if part not in self.needed:
            return False
        self._wanted = part
        return True

    @property
    def wanted(self) -> int:
        """The part that the operator chose; 0 = none."""
        return self._wanted

    @property
    def next_part(self) -> int:
        """The part that the next new tag will carry: the chosen one, or else the first without a tag; 0 = all have
        one."""
        if self._wanted:
            return self._wanted
        return next((part for part in self.needed if part not in self.known and part not in self.right), 0)

    def free_parts(self) -> list[int]:
        """Return the parts without a known tag, ascending."""
        return [part for part in self.needed if part not in self.known and part not in self.right]

    @property
    def whole(self) -> bool:
        """True if every tag that the set needs was seen right."""
        return all(part in self.right for part in self.needed)

    @property
    def missing(self) -> tuple[int, ...]:
        """Parts whose tags were not seen right yet."""
        return tuple(part for part in self.needed if part not in self.right)

    def too_small(self, total: int, model: SetModel) -> int:
        """Return a part that has a tag but would not fit into a set of this size; 0 = none."""
        last = 1 if model is SetModel.MAIN else total
        return next((part for part in sorted({*self.known, *self.right}) if part > last), 0)

    # --- pieces ----------------------------------------------------------------------------------------------------------

    @property
    def pieces(self) -> int | None:
        """Number of pieces in the record's description."""
        return record_pieces(self.item) if self.item is not None else None

    def remark(self, loose: int | None) -> Sentence:
        """Return the disagreement about the number of pieces among record, item, tag and count; empty = none."""
        if self.item is None:
            return EMPTY
        of_record = msgspec.structs.replace(self.item, parts=self.record_parts)
        check = of_item(of_record, self.total, None if loose is None else self.total + loose)
        return EMPTY if check.agree else check.sentence

    # --- display ---------------------------------------------------------------------------------------------------------

    def view(self) -> SetView:
        """Return the view for the screen."""
        item = self.item
        return SetView(
            state=self.state,
            barcode=item.barcode if item is not None else "",
            title=item.title if item is not None else "",
            model=self.model,
            parts=tuple(self._part(number) for number in range(1, self.total + 1)),
            chosen=self.next_part,
            record_parts=self.record_parts,
            pieces=self.pieces,
            loose=self.loose,
            answers=self.answers,
            writing=self.writing,
            steps_done=self.steps[0],
            steps_total=self.steps[1],
        )

    def _part(self, number: int) -> SetPart:
        known = self.known.get(number)
        uid = self.right.get(number) or (known.uid if known is not None else Uid(""))
        if number not in self.needed:
            state = PartState.BY_EYE
        elif number in self.right:
            state = PartState.RIGHT
        elif known is None:
            state = PartState.NO_TAG
        else:
            state = PartState.NOT_SEEN if known.parts == self.total else PartState.OLD_TOTAL
        return SetPart(number, state, uid, here=uid in self.here)


def size_of(text: str) -> int:
    """Return the number of parts in this text; 0 = not a valid number."""
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_PARTS else 0
