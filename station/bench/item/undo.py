"""What of a tag can be taken back: its last write, to the image that was journaled before it. Pure.

None of the peers undoes a write (processing-and-quality.md 9, rank 14). It is possible here because the journal holds the
whole tag as it was, and safe because it is refused for any tag that does not hold what this station wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from station.domain.events import (
    TagErased,
    TagUndoStarted,
    TagUndoVerified,
    TagWriteAbandoned,
    TagWriteStarted,
    TagWriteVerified,
)
from station.domain.rights import Right
from station.domain.tag_image import TagImage
from station.domain.workflows import UndoState
from station.encoding.content import Recognition, TagState

if TYPE_CHECKING:
    from station.domain.ports import Logged


class Trigger(StrEnum):
    """What moves an undo."""

    ASKED = "asked"
    """The operator wants the last write undone: the station asks first."""
    KEPT = "kept"
    """The operator does not want it, or the tag has gone."""
    DONE = "done"
    """The tag is as it was before that write."""
    REFUSED = "refused"
    """The tag is not what this station left, or the right is missing."""
    BROKEN = "broken"
    """It was begun and not finished: the tag left, the reader failed."""
    SETTLED = "settled"
    """The result was seen."""


_S, _H = UndoState, Trigger
MOVES: Final[dict[tuple[UndoState, Trigger], UndoState]] = {
    (_S.RESTS, _H.ASKED): _S.ASKED,
    (_S.ASKED, _H.ASKED): _S.ASKED,
    (_S.ASKED, _H.KEPT): _S.RESTS,
    (_S.ASKED, _H.DONE): _S.DONE,
    (_S.ASKED, _H.REFUSED): _S.REFUSED,
    (_S.ASKED, _H.BROKEN): _S.BROKEN,
    (_S.BROKEN, _H.DONE): _S.DONE,
    (_S.BROKEN, _H.BROKEN): _S.BROKEN,
    (_S.BROKEN, _H.REFUSED): _S.REFUSED,
    (_S.BROKEN, _H.KEPT): _S.RESTS,
    (_S.REFUSED, _H.ASKED): _S.ASKED,
    (_S.REFUSED, _H.SETTLED): _S.RESTS,
    (_S.DONE, _H.SETTLED): _S.RESTS,
}
"""Where an undo goes. Nothing is written but on the way out of `asked` or `broken`."""


class LastWrite(msgspec.Struct, frozen=True):
    """The last write to a tag that still stands."""

    write: TagWriteStarted
    """Its `old` is what the tag held before the first attempt."""
    at: str
    verified: bool
    begun: TagUndoStarted | None = None
    """An undo of it that was begun and not finished."""
    before: TagWriteVerified | None = None
    """The verified write before it, if this station made one: what the old image was bound to."""


def last_write(logged: Iterable[Logged]) -> LastWrite | None:
    """From everything that names a tag, the oldest first. None: nothing was written, or all of it was taken back."""
    found: LastWrite | None = None
    newest: TagWriteVerified | None = None
    for one in logged:
        match one.event:
            case TagWriteStarted() as event:
                before = found.before if found is not None and event.resumes == found.write.attempt else newest
                found = LastWrite(event, one.at, verified=False, before=before)
            case TagWriteVerified() as event:
                if found is not None and event.attempt == found.write.attempt:
                    found = msgspec.structs.replace(found, verified=True, at=one.at)
                newest = event
            case TagErased() as event:
                if found is not None and event.attempt == found.write.attempt:
                    found = msgspec.structs.replace(found, verified=True, at=one.at)
                newest = None
            case TagWriteAbandoned():
                pass  # the tag stays as it was left, and what it held before is still known
            case TagUndoStarted() as event if found is not None:
                found = msgspec.structs.replace(found, begun=event)
            case TagUndoVerified():
                found, newest = None, None
            case _:
                pass
    return found


def is_the_one(last: LastWrite, present: TagImage, seen: Recognition) -> bool:
    """True when the tag holds what the station left on it: the written image, or what a write or undo cut short leaves.

    AFI is not looked at: the item may have been lent since. A finished tag that says anything else was written by
    somebody else, and taking "our" write back would destroy that.
    """
    wanted = {(last.write.new.memory, last.write.new.dsfid)}
    if not last.verified or last.begun is not None:
        wanted.add((last.write.old.memory, last.write.old.dsfid))
    if (present.block_size, len(present.memory)) != (last.write.old.block_size, len(last.write.old.memory)):
        return False
    if (present.memory, present.dsfid) in wanted:
        return True
    torn = not last.verified or last.begun is not None
    return torn and seen.state not in (TagState.OURS, TagState.FOREIGN)


def right_for(last: LastWrite, worker: str) -> Right:
    """Which right it takes: one's own write, or another person's."""
    return Right.UNDO if last.write.operator == worker else Right.UNDO_OTHERS
