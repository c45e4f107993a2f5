"""Lock status of blocks, for tags and readers that do not report it in a read, or report it unreliably.

A lock is irreversible, so the station must be able to see existing locks before it sets one. Most chips report their
locks in a read on request. The ICODE SLI never does (`Chip.locks_in_read`; H20800-16e 9.1.7), so its block security
status (2C) is requested at every read. A reader of 2008 may take a newer ICODE for an SLI. So if a read reports an
unlocked block after a lock was sent to that tag, or after the tag refused a write, the security status decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.domain.tag_image import Uid
from station.encoding.chips import Feature, chip_of

MOST: Final = 32
"""Number of blocks per status request: the limit of one FEIG command, and one sector of the ST chips."""

Ask = Callable[[Uid, int, int], "tuple[bool, ...] | None"]
"""Called with (uid, first, count of at most `MOST`); returns one entry for each block, or None if tag or reader does
not have the command."""


class Locks:
    """Determines the lock states that a driver reports. `ask`: sends Get Multiple Block Security Status."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._doubted: Uid | None = None

    def doubted(self, uid: Uid) -> None:
        """Stop trusting "unlocked" in reads of this tag: a lock is being sent to it, or it has refused a write."""
        self._doubted = uid

    def settle(self, uid: Uid, first: int, told: tuple[bool, ...]) -> tuple[bool, ...]:
        """Return one entry for each block from `first` on, given the states `told` by a read; empty if the states
        cannot be determined. Raises what `ask` raises."""
        chip = chip_of(uid)
        if chip.locks_in_read and (uid != self._doubted or all(told)):
            return told
        status = self._status(uid, first, len(told)) if chip.has(Feature.SECURITY_STATUS) else None
        if status is None:
            return told if chip.locks_in_read else ()
        return tuple(said or seen for said, seen in zip(told, status, strict=True))

    def _status(self, uid: Uid, first: int, count: int) -> tuple[bool, ...] | None:
        status: tuple[bool, ...] = ()
        while len(status) < count:
            part = self._ask(uid, first + len(status), min(MOST, count - len(status)))
            if part is None:
                return None
            status += part
        return status
