"""A set and its parts: the law of the work on one, what is known of each part, and what is still missing. Pure.

`MOVES` says what can happen when; nothing else can. What is known of a set stands in the journal alone (`Sized` is made from
its events), so that the work goes on after any end of the station: the number of parts as somebody said it, which tag
carries which part, and how many parts that tag says there are. Parts count as there only when their tags were on the pad
since the set was taken in hand: what the journal knows of a tag does not lay it into the box.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

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
    """What moves the work on a set."""

    OPENED = "opened"
    """A set was taken in hand."""
    WRITES = "writes"
    """Tags on the pad are about to be written or proven."""
    WRITTEN = "written"
    """All of them are."""
    ALL_SEEN = "all-seen"
    """Every part that needs a tag was seen right."""
    DOUBT = "doubt"
    """What lies on the pad, or a failed write, stops the work."""
    ORDER_ASKED = "order-asked"
    """Several new tags came at once: may they be numbered in any order?"""
    SIZE_ASKED = "size-asked"
    """Another number of parts was named, or a tag says one."""
    SETTLED = "settled"
    """A doubt is over, or a question was answered."""
    COUNTED = "counted"
    """Somebody said how many pieces have no tag."""
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
"""Where the work goes; nothing else can happen."""


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
        """Somebody has said since the set was opened how many parts it has."""
        self.known: dict[int, Binding] = {}
        self.right: dict[int, Uid] = {}
        self.here: frozenset[Uid] = frozenset()
        self._wanted = 0
        self.answers: tuple[Choice, ...] = ()
        self.asked = 0
        """New tags that the question is about."""
        self.sizes: tuple[tuple[int, SetModel], ...] = ()
        """(parts, model) as they are, and as they would be, that the question is about."""
        self.of_tags = False
        """Tags on the pad gave rise to that question."""
        self.writing = 0
        self.steps = (0, 0)

    # --- moves -----------------------------------------------------------------------------------------------------------

    def move(self, trigger: Trigger) -> None:
        self.state = moved(MOVES, self.state, trigger)

    def can(self, trigger: Trigger) -> bool:
        """True for what can happen now."""
        return (self.state, trigger) in MOVES

    def open(self, item: ItemRecord, said: Sized, bindings: Sequence[Binding]) -> None:
        """Take a set in hand; that was journaled. `said`: parts and model as from now on."""
        self.move(Trigger.OPENED)
        self.item = item
        self.total, self.model, self.record_parts, self.loose = said.parts, said.model, said.record_parts, said.loose
        self.learn(bindings)

    def leave(self) -> None:
        """The set is no longer in hand."""
        self.move(Trigger.LEFT)
        self._forget()

    # --- parts -----------------------------------------------------------------------------------------------------------

    @property
    def needed(self) -> range:
        """The parts that need a tag of their own."""
        return range(1, (1 if self.model is SetModel.MAIN else self.total) + 1)

    def learn(self, bindings: Sequence[Binding]) -> None:
        """What the journal of verified writes says of this set's tags."""
        self.known = {one.part: one for one in bindings}

    def prove(self, part: int, uid: Uid) -> None:
        """The tag of this part was on the pad and is right."""
        self.right[part] = uid
        if self._wanted == part:
            self._wanted = 0

    def resize(self, total: int, model: SetModel) -> None:
        """Another number of parts, or another model: no tag is right any more; that was journaled."""
        self.total, self.model = total, model
        self.size_said = True
        self.right.clear()
        self._wanted = 0

    def choose(self, part: int) -> bool:
        """The next new tag shall carry this part; False for a part that needs no tag."""
        if part not in self.needed:
            return False
        self._wanted = part
        return True

    @property
    def wanted(self) -> int:
        """The part that somebody chose by hand; 0 = nobody did."""
        return self._wanted

    @property
    def next_part(self) -> int:
        """The part that the next new tag will carry: the one chosen, else the first without a tag; 0 = all have one."""
        if self._wanted:
            return self._wanted
        return next((part for part in self.needed if part not in self.known and part not in self.right), 0)

    def free_parts(self) -> list[int]:
        """Parts of which no tag is known, ascending."""
        return [part for part in self.needed if part not in self.known and part not in self.right]

    @property
    def whole(self) -> bool:
        """Every tag that the set needs was seen right."""
        return all(part in self.right for part in self.needed)

    @property
    def missing(self) -> tuple[int, ...]:
        """Parts whose tags were not seen right yet."""
        return tuple(part for part in self.needed if part not in self.right)

    def too_small(self, total: int, model: SetModel) -> int:
        """A part that has a tag and would have no place in a set of this size; 0 = there is none."""
        last = 1 if model is SetModel.MAIN else total
        return next((part for part in sorted({*self.known, *self.right}) if part > last), 0)

    # --- pieces ----------------------------------------------------------------------------------------------------------

    @property
    def pieces(self) -> int | None:
        """What the record's description says."""
        return record_pieces(self.item) if self.item is not None else None

    def remark(self, loose: int | None) -> str:
        """What does not agree about the number of pieces: record, item, tag and count; "" = nothing."""
        if self.item is None:
            return ""
        of_record = msgspec.structs.replace(self.item, parts=self.record_parts)
        check = of_item(of_record, self.total, None if loose is None else self.total + loose)
        return "" if check.agree else check.sentence

    # --- what is shown ---------------------------------------------------------------------------------------------------

    def view(self) -> SetView:
        """For the screen."""
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
    """A number of parts as somebody said it; 0 = it is none."""
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_PARTS else 0
