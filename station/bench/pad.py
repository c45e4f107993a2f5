"""The pad as the bench sees it: tags that answer, looks that missed a tag, and the reader's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from station.base.errors import PortMissing, ProtocolError, ReaderSilent, TransportError
from station.base.sentence import Sentence
from station.domain.inventory import Inventory
from station.domain.ports import Reader
from station.domain.tag_image import Uid

if TYPE_CHECKING:
    from station.base.clock import Clock

GONE: Final = 2
"""Consecutive looks without a tag after which it counts as removed."""

RECONNECT_SECONDS: Final = (0.0, 0.5, 1.0, 2.0)
"""Waits between attempts to reconnect to the reader; the last one repeats."""


class Pad:
    """Looks at the pad and keeps the reader connected. Never raises errors of the cable or the reader."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._connected = False
        self._failures = 0
        self._next_try = clock.monotonic()
        self._missing: dict[Uid, int] = {}
        self._counting: Uid | None = None
        self._answered = self._gaps = self._gap = 0
        self.error: TransportError | ProtocolError | None = PortMissing(Sentence("detail.not-opened"))
        self.inventory = Inventory(())
        self.uids: frozenset[Uid] = frozenset()
        """The UIDs of `inventory`."""
        self.changes = 0
        """Number of times that something came or went, an answer could not be resolved, or the reader failed."""
        self.looked_at = float("-inf")
        """Start of the newest inventory (monotonic seconds)."""
        self.finished: Uid | None = None
        """Tag of the previous item. It must leave the pad before another tag is written; None once it has left."""

    @property
    def ready(self) -> bool:
        """True while the reader answers."""
        return self.error is None

    def looks_without(self, uid: Uid) -> int:
        """Return the number of consecutive looks in which `uid` did not answer."""
        return self._missing.get(uid, GONE)

    def count(self, uid: Uid) -> None:
        """Start counting the looks in which this tag answers."""
        self._counting = uid
        self._answered = self._gaps = self._gap = 0

    def counted(self, uid: Uid) -> tuple[int, int] | None:
        """Return (looks in which the tag answered, looks while it was on the pad) since `count`; None for another tag.

        A single look that missed the tag counts as a look while it was on the pad. Two in a row are taken for a lift.
        """
        return (self._answered, self._answered + self._gaps) if uid == self._counting else None

    def hurry(self) -> None:
        """Let the next look try to reconnect to the reader at once."""
        self._next_try = self._clock.monotonic()

    def look(self) -> bool:
        """Take an inventory; reconnect first when the reader was lost and the wait is over. Return `ready`."""
        if not self._connected and not self._reconnect():
            return False
        began = self._clock.monotonic()
        try:
            seen = self._reader.inventory()
            if seen.collision and not self.inventory.collision:
                self.changes += 1
                seen = self._reader.inventory()  # a tag that leaves while it answers looks like a collision, once
            self._saw(seen)
            self.looked_at = began
        except (TransportError, ProtocolError) as error:
            self.lost(error)
        return self.error is None

    def lost(self, error: TransportError | ProtocolError) -> None:
        """Record that the reader failed during a command: show the error, and reconnect at the next looks."""
        self.changes += 1
        if isinstance(error, ReaderSilent | ProtocolError) and self._connected and self._failures == 0:
            # One bad answer is noise: greet the reader again at once, and report it as gone only if that fails.
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
        uids = inventory.uids
        for uid in self.uids | set(self._missing):
            self._missing[uid] = self._missing.get(uid, 0) + 1
        for uid in uids:
            self._missing[uid] = 0
        if self._counting in uids:
            self._answered += 1
            self._gaps += self._gap if self._gap < GONE else 0
            self._gap = 0
        else:
            self._gap += 1
        self._missing = {uid: looks for uid, looks in self._missing.items() if looks < GONE}
        self.changes += (uids, inventory.collision) != (self.uids, self.inventory.collision)
        self.inventory, self.uids = inventory, uids
        self.error = None
        if self.finished is not None and self.looks_without(self.finished) >= GONE:
            self.finished = None
