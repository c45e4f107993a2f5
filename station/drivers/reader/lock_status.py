"""Which blocks of a tag are locked, where the read itself does not tell it, or may not.

A lock cannot be taken back, so it has to be possible to see one before one is made. Most chips tell their locks in a read
that asks for them. The ICODE SLI never does (`Chip.locks_in_read`; H20800-16e 9.1.7): it is asked for its block security
status (2C) at every read. A reader of 2008 may take a newer ICODE for an SLI: where a read calls a block open after a
lock was sent to that tag, or after the tag has refused a write, the security status has the last word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.domain.tag_image import Uid
from station.encoding.chips import Feature, chip_of

MOST: Final = 32
"""Blocks whose status is asked for at once: what one FEIG command may name, and a sector of the ST chips."""

Ask = Callable[[Uid, int, int], "tuple[bool, ...] | None"]
"""(uid, first, count of at most `MOST`) to one entry a block, or None: tag or reader does not have this command."""


class Locks:
    """What a driver says about locks. `ask` is its way to Get Multiple Block Security Status."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._doubted: Uid | None = None

    def doubted(self, uid: Uid) -> None:
        """A lock goes to this tag, or it has refused a write: from now on "open" in a read of it is not simply believed."""
        self._doubted = uid

    def settle(self, uid: Uid, first: int, told: tuple[bool, ...]) -> tuple[bool, ...]:
        """One entry a block from `first` on, by what a read `told`; empty where nobody can say. Raises what `ask` raises."""
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
