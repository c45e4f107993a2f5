"""Known contents of blank tags, as a table: a new pattern is one row.

A pattern is blank only if the whole memory follows it, because other bytes may be data. The table has only patterns
with a source: a memory full of FF or of spaces is "unknown" until such a tag is found and cited. (No available data
sheet of a chip promises the content of a new tag.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from station.base.errors import DoesNotFit


@dataclass(frozen=True, slots=True)
class BlankPattern:
    """`count` bytes of `fill`, then zeros to the end of the memory."""

    name: str
    fill: int
    count: int
    """0 = the whole memory."""
    sentence: str
    """The sentence for a librarian."""
    evidence: str
    """Source that saw or wrote the pattern."""

    def matches(self, memory: bytes) -> bool:
        """Return True if the whole memory follows the pattern. An empty memory follows none."""
        if not memory or memory[0] != self.fill:
            return False
        count = self.count or len(memory)
        return memory[:count] == bytes([self.fill]) * count and not any(memory[count:])

    def matches_behind(self, memory: bytes, first: int) -> bool:
        """Return True if all bytes after the first `first` follow the pattern and include at least half of its
        filling."""
        count = self.count or len(memory)
        seen = count - first
        return seen * 2 >= count and memory[first:count] == bytes([self.fill]) * seen and not any(memory[count:])

    def memory(self, size: int) -> bytes:
        """Return a blank user memory of `size` bytes. Raises `DoesNotFit`."""
        count = self.count or size
        if size < count:
            raise DoesNotFit(count, size)
        return (bytes([self.fill]) * count).ljust(size, b"\0")


ZERO: Final = BlankPattern(
    "zero",
    0x00,
    0,
    "All of the memory is zero.",
    '"Generic blank" of Biblio::RFID::RFID501 (dpavlin/Biblio-RFID); and what this station '
    "leaves (docs/reference/tag-data.md#recognition).",
)
NEW_3M: Final = BlankPattern(
    "3m-new",
    0x55,
    24,
    "The memory holds the filling (55) of a new 3M tag.",
    '"3M Manufacturing Blank" of Biblio::RFID::RFID501: six blocks of 55, then zeros (docs/reference/tag-data.md#3m-layout).',
)
EMPTIED_3M: Final = BlankPattern(
    "3m-emptied",
    0x55,
    20,
    "The memory holds the filling (55) with which an older program empties 3M tags.",
    "Function `blank` of RFID::Biblio::RFID501, an older version of the same module: five blocks of 55, then zeros.",
)

PATTERNS: Final[tuple[BlankPattern, ...]] = (ZERO, NEW_3M, EMPTIED_3M)
"""The table. The first match names the tag."""


def pattern(memory: bytes, patterns: tuple[BlankPattern, ...] = PATTERNS) -> BlankPattern | None:
    """Return the pattern that the whole memory follows, or None."""
    for each in patterns:
        if each.matches(memory):
            return each
    return None


def torn_pattern(memory: bytes, first: int, patterns: tuple[BlankPattern, ...] = PATTERNS) -> BlankPattern | None:
    """Return the filling that all bytes after the first `first` (a block) still hold, or None: the write of a new tag
    was interrupted.

    Only patterns with a filling count, because short content also leaves zeros after the first block.
    """
    for each in patterns:
        if each.fill and each.matches_behind(memory, first):
            return each
    return None
