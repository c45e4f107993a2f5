"""Undo of a tag's last write, back to the image that was journaled before it. Pure.

None of the peers undoes a write (docs/reference/quality-sources.md#processing-stations). It is possible here because
the journal holds the whole earlier tag. It is safe because it is refused for any tag that does not hold what this
station wrote.
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
from station.domain.people.rights import Right
from station.domain.tag_image import TagImage
from station.domain.workflows import UndoState
from station.encoding.content import Recognition, TagState

if TYPE_CHECKING:
    from station.domain.ports import Logged


class Trigger(StrEnum):
    """Triggers of an undo's moves."""

    ASKED = "asked"
    """The operator wants the last write undone; the station asks for confirmation."""
    KEPT = "kept"
    """The operator declined, or the tag left the pad."""
    DONE = "done"
    """The tag is restored to its state before that write."""
    REFUSED = "refused"
    """The tag does not hold what this station wrote, or the right is missing."""
    BROKEN = "broken"
    """The undo began but did not finish: the tag left, or the reader failed."""
    SETTLED = "settled"
    """The operator has seen the result."""


MOVES: Final[dict[tuple[UndoState, Trigger], UndoState]] = {
    (UndoState.RESTS, Trigger.ASKED): UndoState.ASKED,
    (UndoState.ASKED, Trigger.ASKED): UndoState.ASKED,
    (UndoState.ASKED, Trigger.KEPT): UndoState.RESTS,
    (UndoState.ASKED, Trigger.DONE): UndoState.DONE,
    (UndoState.ASKED, Trigger.REFUSED): UndoState.REFUSED,
    (UndoState.ASKED, Trigger.BROKEN): UndoState.BROKEN,
    (UndoState.BROKEN, Trigger.DONE): UndoState.DONE,
    (UndoState.BROKEN, Trigger.BROKEN): UndoState.BROKEN,
    (UndoState.BROKEN, Trigger.REFUSED): UndoState.REFUSED,
    (UndoState.BROKEN, Trigger.KEPT): UndoState.RESTS,
    (UndoState.REFUSED, Trigger.ASKED): UndoState.ASKED,
    (UndoState.REFUSED, Trigger.SETTLED): UndoState.RESTS,
    (UndoState.DONE, Trigger.SETTLED): UndoState.RESTS,
}
"""Moves of an undo. The tag is written only on leaving `asked` or `broken`."""


class LastWrite(msgspec.Struct, frozen=True):
    """The last write to a tag that has not been undone."""

    write: TagWriteStarted
    """Its `old` is the content of the tag before the first attempt."""
    at: str
    verified: bool
    begun: TagUndoStarted | None = None
    """Undo of this write that was begun and not finished."""
    before: TagWriteVerified | None = None
    """The verified write before it, if this station made one: the item that the old image was bound to."""


def last_write(logged: Iterable[Logged]) -> LastWrite | None:
    """Find the last write among all events that name a tag, oldest first. None: no write, or all of them were
    undone."""
    last: LastWrite | None = None
    newest: TagWriteVerified | None = None
    for entry in logged:
        match entry.event:
            case TagWriteStarted() as event:
                before = last.before if last is not None and event.resumes == last.write.attempt else newest
                last = LastWrite(event, entry.at, verified=False, before=before)
            case TagWriteVerified() as event:
                if last is not None and event.attempt == last.write.attempt:
                    last = msgspec.structs.replace(last, verified=True, at=entry.at)
                newest = event
            case TagErased() as event:
                if last is not None and event.attempt == last.write.attempt:
                    last = msgspec.structs.replace(last, verified=True, at=entry.at)
                newest = None
            case TagWriteAbandoned():
                pass  # the tag stays as it was left, and its earlier content is still known
            case TagUndoStarted() as event if last is not None:
                last = msgspec.structs.replace(last, begun=event)
            case TagUndoVerified():
                last, newest = None, None
            case _:
                pass
    return last


def is_the_one(last: LastWrite, present: TagImage, recognition: Recognition) -> bool:
    """Return True if the tag holds what the station left: the written image, or the remains of an interrupted write or
    undo.

    The AFI is ignored, since the item may have been lent meanwhile. A finished tag with any other content was written
    by another station or program, and undoing "our" write would destroy that content.
    """
    expected = {(last.write.new.memory, last.write.new.dsfid)}
    if not last.verified or last.begun is not None:
        expected.add((last.write.old.memory, last.write.old.dsfid))
    if (present.block_size, len(present.memory)) != (last.write.old.block_size, len(last.write.old.memory)):
        return False
    if (present.memory, present.dsfid) in expected:
        return True
    torn = not last.verified or last.begun is not None
    return torn and recognition.state not in (TagState.OURS, TagState.FOREIGN)


def right_for(last: LastWrite, worker: str) -> Right:
    """Return the right needed to undo this write: for the worker's own write, or for another person's."""
    return Right.UNDO if last.write.operator == worker else Right.UNDO_OTHERS
