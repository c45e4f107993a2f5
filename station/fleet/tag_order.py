"""Which write of a tag is its newest, if several benches wrote it.

Their clocks may be wrong, and their events arrive in any order. So the order is that of the contents: a write follows the
one whose content it found on the tag. What comes last is the content that was written more often than it was found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

BLANK: Final = b""
"""Digest of a memory without content."""


class TagWrite(msgspec.Struct, frozen=True):
    """A change of a tag, or (`before` and `after` None) a look that found it as it should be, or destroyed."""

    place: int
    """Orders the writes of one bench."""
    bench: str
    journal: str
    """Name of its copy (`timeline.journal`)."""
    seq: int | None
    """Of the event that proved the tag; None = the write was cut off, or goes on."""
    at: str
    """ISO 8601 UTC, by the bench's clock."""
    barcode: str
    """"" = the tag carries no item, or none that is known."""
    part: int
    parts: int
    before: bytes | None
    after: bytes | None
    lost: bool = False
    """The bench continued from an older copy of its journal, without this write."""


def newest(writes: Sequence[TagWrite]) -> tuple[TagWrite, bool]:
    """Return the newest of the writes of one tag that were proved, at least one, and whether that is certain. If not, some
    write is not known, or was cut off, and clocks decide."""
    writes = _once(writes)
    cut_off = [write for write in writes if write.seq is None]
    proved = [write for write in writes if write.seq is not None]
    changes = [write for write in proved if write.before is not None or not write.barcode] or proved
    last = list({write.bench: write for write in sorted(changes, key=lambda write: write.place)}.values())
    ends = _ends(changes, cut_off)
    left = [write for write in last if write.before is None or write.after in ends]
    named = [write for write in left if write.barcode or not any(_names(other, write) for other in left)]
    found = named or last
    items = {(write.barcode, write.part if write.barcode else 0) for write in found}
    certain = bool(named) and len(items) == 1 and bool(ends or not cut_off)
    return max(found, key=lambda write: (write.at, write.place)), certain


def _once(writes: Sequence[TagWrite]) -> list[TagWrite]:
    """Return each write once. The copies of two benches with a shared past both contain its writes."""
    known: dict[tuple[object, ...], TagWrite] = {}
    for write in sorted(writes, key=lambda write: (write.lost, write.place)):
        event = (write.journal.partition(".")[0], write.seq, write.at, write.barcode, write.before, write.after)
        known.setdefault(event, write)
    return list(known.values())


def _ends(changes: Sequence[TagWrite], cut_off: Sequence[TagWrite]) -> set[bytes | None]:
    """Return the contents with which the chain of writes may end. A tag begins blank: a closed chain ends so, too. A write
    that was cut off found a content and left one that nobody knows: if no other is left, none is returned."""
    written = [change for change in changes if change.before is not None]
    images = Counter(change.after for change in written)
    images.subtract(change.before for change in (*written, *cut_off))
    ends = {image for image, surplus in images.items() if surplus > 0}
    return ends if ends or cut_off else {BLANK} if BLANK in images else set(images)


def _names(other: TagWrite, write: TagWrite) -> bool:
    """Return True if the other write knows the item of the same content: an undo brings back what another bench wrote."""
    return bool(other.barcode) and other.after == write.after and other.after is not None
