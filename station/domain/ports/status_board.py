"""The status board as a value: what a technician wants to know of a bench at a glance, and who can say it."""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from station.domain.reader_health import Advice

LAST_TAGS: Final = 100
"""So many tags of late are counted by themselves, whatever roll they came from."""
ROLLS: Final = 5
"""Rolls that are shown, the newest first."""
SHOWN: Final = 5
"""Lines of a list on the board; the number of all stands before them."""


class RollRow(msgspec.Struct, frozen=True):
    """The tags of one roll. A tag has failed when it could not be used and was not written well later; one that took more
    than one attempt counts as `again`, too."""

    name: str
    """As it was named when it was loaded; "" = before any roll was named."""
    loaded: str = ""
    """ISO 8601, UTC."""
    tags: int = 0
    failed: int = 0
    again: int = 0

    @property
    def rate(self) -> float:
        """Failed tags as a share of all; 0 where there is none."""
        return self.failed / self.tags if self.tags else 0.0


class Waiting(msgspec.Struct, frozen=True):
    """Something that waits for a person: how much of it, and the oldest."""

    count: int = 0
    oldest: tuple[str, ...] = ()
    """A line each, clean."""


class StatusBoard(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, as of `at` (ISO 8601, UTC)."""

    at: str
    in_hand: str = ""
    """Title and barcode of the item in hand; "" = none, or no station runs."""
    running: bool = False
    unfinished: Waiting = Waiting()
    """Tags whose write has no end yet."""
    overdue: Waiting = Waiting()
    """Corrections past their day."""
    open_corrections: int = 0
    lots: Waiting = Waiting()
    """Rejected lots with items that nobody was asked about nor has gone through since."""
    parked: Waiting = Waiting()
    """Deliveries that need a person."""
    waiting: int = 0
    """Deliveries that are on their way."""
    reader: str = ""
    """How it is, in words; "" = not known."""
    reader_ready: bool = False
    advice: tuple[Advice, ...] = ()
    rolls: tuple[RollRow, ...] = ()
    recovered: Waiting = Waiting()
    """PINs that were given without proof by the owner of the files; they stay on the board and wait for nobody."""
    last_tags: RollRow = RollRow("")
    """The same of the last `LAST_TAGS` tags."""

    @property
    def troubled(self) -> bool:
        """Something on it waits for somebody."""
        bad_reader = bool(self.reader) and not self.reader_ready
        return bool(self.unfinished.count or self.overdue.count or self.lots.count or self.parked.count or bad_reader)


class StatusBoardPort(Protocol):
    """May block for some tenths of a second: call from a worker thread. Raises `StationError`."""

    def board(self, viewer: str) -> StatusBoard:
        """As `viewer` may see it (`ports.QueryPort.seen_by`)."""
        ...
