"""The proof that the tag of the item in check is as it was verified. While its page waits, the tag is read again in
steps of one exchange, so that a tap waits for one exchange at most, and the verdict usually for none."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Final, NamedTuple

from station.base.errors import ProtocolError, RemoteProtocolError, TagAbsent, TagError, TransportError
from station.bench.item.write_steps import read_image, reading_steps
from station.bench.pad import Pad
from station.domain.ports import Reader
from station.domain.tag_image import TagImage

if TYPE_CHECKING:
    from station.base.clock import Clock

REREAD_SECONDS: Final = 2.0
"""Seconds from the start of one reading to the start of the next."""

OLDEST_SECONDS: Final = 2.5
"""Maximum age of the reading that the verdict uses: the next one is due, waits for a look, and takes its time."""


class _Moment(NamedTuple):
    changes: int
    """`Pad.changes` at this moment."""
    at: float
    """Monotonic seconds."""


class TagProof:
    """Belongs to the item in hand. A change of the tag by this station sets the item aside, and so ends the proof."""

    def __init__(self, reader: Reader, pad: Pad, clock: Clock, image: TagImage) -> None:
        """`image`: the tag as it was just verified by reading all of it."""
        self._reader = reader
        self._pad = pad
        self._clock = clock
        self._image = image
        self._begun = self._now
        """Start of the newest reading."""
        self._proven: _Moment | None = self._begun
        """Start of the newest whole reading; None = a reading failed since."""
        self._steps: Generator[None, None, TagImage] | None = None

    @property
    def _now(self) -> _Moment:
        return _Moment(self._pad.changes, self._clock.monotonic())

    @property
    def reading(self) -> bool:
        """True while the tag is being read again."""
        return self._steps is not None

    def look(self) -> None:
        """After a look at the pad: begin to read the tag again if the field has changed, or the last reading is too
        old."""
        now, pad = self._now, self._pad
        alone = pad.ready and pad.uids == {self._image.uid} and not pad.inventory.collision
        changed = now.changes != self._begun.changes
        if alone and (changed or now.at - self._begun.at >= REREAD_SECONDS):
            self._begun = now
            self._steps = reading_steps(self._reader, self._image.uid)

    def read_on(self) -> bool:
        """Make the next exchange of the reading. Return False if the tag was read and is not as it was verified."""
        if self._steps is None:
            return True
        try:
            next(self._steps)
        except StopIteration as end:
            self._steps, self._proven = None, self._begun
            return bool(end.value == self._image)
        except (TagError, TransportError, ProtocolError) as error:
            self._steps = self._proven = None
            if not isinstance(error, TagError | RemoteProtocolError):
                self._pad.lost(error)
        return True

    def stands(self) -> bool:
        """Return False if the tag on the pad is not as it was verified. Without the tag or the reader, the verified tag
        stands. Raises `TagError`.

        The newest whole reading decides if it is not too old, and nothing has come or gone in any look since. Otherwise
        the tag is read.
        """
        uid, pad, proven, now = self._image.uid, self._pad, self._proven, self._now
        if not pad.ready or uid not in pad.uids:
            return True
        if proven is not None and proven.changes == now.changes and now.at - proven.at <= OLDEST_SECONDS:
            return True
        try:
            return read_image(self._reader, uid) == self._image
        except TagAbsent:
            return True
        except (TransportError, ProtocolError) as error:
            pad.lost(error)
            return True
