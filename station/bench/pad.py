"""The pad as the bench sees it: which tags answer, for how many looks one has been away, and how the reader is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from station.base.errors import PortMissing, ProtocolError, ReaderSilent, TransportError
from station.base.words import tell
from station.domain.ports import Reader
from station.domain.snapshot import Inventory
from station.domain.tag_image import Uid

if TYPE_CHECKING:
    from station.base.clock import Clock

GONE: Final = 2
"""A tag counts as taken away after so many looks without it."""

RECONNECT_SECONDS: Final = (0.0, 0.5, 1.0, 2.0)
"""Waits between attempts to reach the reader; the last one repeats."""


class Pad:
    """Looks at the pad and keeps the reader connected. Never raises what the cable or the reader does."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._connected = False
        self._failures = 0
        self._next_try = clock.monotonic()
        self._missing: dict[Uid, int] = {}
        self._counting: Uid | None = None
        self._answered = self._gaps = self._gap = 0
        self.error: TransportError | ProtocolError | None = PortMissing(tell("detail.not-opened"))
        self.inventory = Inventory(())
        self.looked_at = float("-inf")
        """When the newest inventory began (monotonic seconds)."""
        self.finished: Uid | None = None
        """The tag of the item before: it must leave before another tag is written. None once it has left."""

    @property
    def ready(self) -> bool:
        """True while the reader answers."""
        return self.error is None

    def looks_without(self, uid: Uid) -> int:
        """Successive looks in which `uid` did not answer."""
        return self._missing.get(uid, GONE)

    def count(self, uid: Uid) -> None:
        """From now on count the looks in which this tag answers."""
        self._counting = uid
        self._answered = self._gaps = self._gap = 0

    def counted(self, uid: Uid) -> tuple[int, int] | None:
        """(looks in which it answered, looks while it lay there) since `count`; None for another tag.

        A look without it counts if the very next one had it again. Two in a row are taken for a lift.
        """
        return (self._answered, self._answered + self._gaps) if uid == self._counting else None

    def hurry(self) -> None:
        """Somebody asks for it: let the next look try to reach the reader at once."""
        self._next_try = self._clock.monotonic()

    def look(self) -> None:
        """Take an inventory; reconnect first when the reader was lost and the wait is over."""
        if not self._connected and not self._reconnect():
            return
        began = self._clock.monotonic()
        try:
            seen = self._reader.inventory()
            if seen.collision and not self.inventory.collision:
                seen = self._reader.inventory()  # a tag that leaves while it answers looks like a collision, once
            self._saw(seen)
            self.looked_at = began
        except (TransportError, ProtocolError) as error:
            self.lost(error)

    def lost(self, error: TransportError | ProtocolError) -> None:
        """The reader failed in somebody's hands: show it and reconnect at the next looks."""
        if isinstance(error, ReaderSilent | ProtocolError) and self._connected and self._failures == 0:
            # One bad answer is noise: greet the reader again at once, and only then say that it is gone.
            self._failures = 1
            self._connected = False
            self._next_try = self._clock.monotonic()
            if self._reconnect():
                return
        self._connected = False
        self.error = error

    def _reconnect(self) -> bool:
        if self._clock.monotonic() < self._next_try:
            return False
        try:
            self._reader.reconnect()
        except (TransportError, ProtocolError) as error:
            self.error = error
            wait = RECONNECT_SECONDS[min(self._failures, len(RECONNECT_SECONDS) - 1)]
            self._failures += 1
            self._next_try = self._clock.monotonic() + wait
            return False
        self._connected = True
        self.error = None
        return True

    def _saw(self, inventory: Inventory) -> None:
        self._failures = 0
        for uid in self.inventory.uids | set(self._missing):
            self._missing[uid] = self._missing.get(uid, 0) + 1
        for uid in inventory.uids:
            self._missing[uid] = 0
        if self._counting in inventory.uids:
            self._answered += 1
            self._gaps += self._gap if self._gap < GONE else 0
            self._gap = 0
        else:
            self._gap += 1
        self._missing = {uid: looks for uid, looks in self._missing.items() if looks < GONE}
        self.inventory = inventory
        self.error = None
        if self.finished is not None and self.looks_without(self.finished) >= GONE:
            self.finished = None
