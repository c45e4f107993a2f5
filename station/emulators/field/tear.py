"""Content of a memory cell after the tag left the field while the cell was being programmed.

The models of docs/reference/tag-writing.md#fault-model: M1 old or new; M2 erase-then-program, every bit subset, both
polarities; M3 any content. "weak" is the fourth outcome seen in tear-off experiments: bits that read differently from
one read to the next.
"""

from __future__ import annotations

import random

MODES = ("old", "new", "erased0", "erased1", "subset", "superset", "any", "weak")
ANY_BYTE = 256


def _bits(rng: random.Random, count: int) -> bytes:
    return bytes(rng.randrange(ANY_BYTE) for _ in range(count))


def torn(
    mode: str, old: bytes, new: bytes, rng: random.Random, mask: bytes | None = None, erasing: bool = False
) -> bytes:
    """Return the torn content of one cell.

    mask: fixes which bits had changed (padded with 00). erasing: the erase step is torn (old), else the program step
    (new).
    """
    if mode == "old":
        return old
    if mode == "new":
        return new
    if mode == "erased0":
        return bytes(len(new))
    if mode == "erased1":
        return b"\xff" * len(new)
    moved = _bits(rng, len(new)) if mask is None else mask[: len(new)].ljust(len(new), b"\0")
    base = old if erasing else new
    if mode == "subset":
        return bytes(a & m for a, m in zip(base, moved, strict=True))
    if mode == "superset":
        return bytes(a | m for a, m in zip(base, moved, strict=True))
    if mode == "any":
        return moved
    if mode == "weak":
        return unstable(old, new, rng)
    raise ValueError(f"unknown tear mode {mode!r}; known: {', '.join(MODES)}")


def unstable(old: bytes, new: bytes, rng: random.Random) -> bytes:
    """Return one reading of weak bits: where old and new differ, either value."""
    return bytes((a & ~m) | (b & m) for a, b, m in zip(old, new, _bits(rng, len(new)), strict=True))
