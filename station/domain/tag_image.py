"""One tag's memory as read: a value that needs the standard library only, so that `station.encoding` needs nothing
else.

Bytes are in memory order (block 0 first, byte 0 of each block first), whatever order a reader uses on its wire. A UID
is 16 upper-case hexadecimal digits, most significant byte first ("E004..."), as printed on labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType

Uid = NewType("Uid", str)
"""16 upper-case hexadecimal digits, most significant byte first (ISO/IEC 15693-1)."""

NOBODY: Final = Uid("E004000000000000")
"""A UID that no tag has: NXP's chips have 01, 02 or 03 after the maker's code E004 (data sheets of ICODE SLI, SLI-S and
SLI-L, and H20800-16e 9.1), and none has the serial number zero. A command that names this UID changes no tag."""

NOT_TOLD: Final = "not told"
"""Shown if a reader does not report the AFI or the DSFID."""


def shown(byte: int | None) -> str:
    """Return an AFI or DSFID as two hexadecimal digits."""
    return NOT_TOLD if byte is None else f"{byte:02X}"


@dataclass(frozen=True, slots=True)
class TagImage:
    """Everything that can be read from one tag: the undo image."""

    uid: Uid
    block_size: int
    memory: bytes
    locked: tuple[bool, ...]
    """Block security status, one entry per block; () if the reader does not report it. Given (False,): no block is
    locked."""
    afi: int | None
    """None: the reader does not report it (`domain.ports.Lack`)."""
    dsfid: int | None
    """None: the reader does not report it."""

    def __post_init__(self) -> None:
        """Let the journal store the usual status as one entry."""
        if self.locked == (False,) and self.block_size:
            object.__setattr__(self, "locked", (False,) * self.block_count)

    @property
    def block_count(self) -> int:
        """Return the number of blocks."""
        return len(self.memory) // self.block_size

    def block(self, number: int) -> bytes:
        """Return the bytes of one block."""
        return self.memory[number * self.block_size : (number + 1) * self.block_size]
