"""Conversion of a fuzzer's input to an image, and back (for seeds).

0 block size, chip | 1 DSFID | 2 AFI | 3-6 lock bits of the blocks, first block highest, repeated | 7 .. memory
"""

from __future__ import annotations

from typing import Final

from station.domain.tag_image import TagImage, Uid

BLOCK_SIZES: Final = (4, 8, 1, 2, 16, 32, 3, 0)
UIDS: Final = ("E00401501F453D8F", "E0040108A1B2C3D4", "E00702000012AB01", "E0040108XXXXXXXX", "")
"""SLIX, SLIX2 (80 blocks: the last is a counter), another maker, and two unreadable UIDs."""
HEAD: Final = 7
LONGEST: Final = 2048
"""Bytes of memory that are used: more than any HF library tag has, and enough for every length byte."""


def image(data: bytes) -> TagImage:
    """Return a tag for any bytes."""
    head = data[:HEAD].ljust(HEAD, b"\0")
    memory = data[HEAD : HEAD + LONGEST]
    block_size = BLOCK_SIZES[head[0] & 0x07]
    blocks = -(-len(memory) // block_size) if block_size else 0
    locks = int.from_bytes(head[3:7], "big")
    return TagImage(
        uid=Uid(UIDS[(head[0] >> 3) % len(UIDS)]),
        block_size=block_size,
        memory=memory,
        locked=tuple(bool(locks >> (31 - block % 32) & 1) for block in range(blocks)),
        afi=head[2],
        dsfid=head[1],
    )


def whole(found: TagImage) -> TagImage:
    """Return the same tag as a reader can deliver it: whole blocks of at least one byte."""
    size = max(found.block_size, 1)
    memory = found.memory + bytes(-len(found.memory) % size)
    return TagImage(found.uid, size, memory, found.locked, found.afi, found.dsfid)


def seed(memory: bytes, dsfid: int = 0, afi: int = 0, locks: int = 0, kind: int = 0) -> bytes:
    """Return the input that makes this tag."""
    return bytes([kind, dsfid, afi]) + locks.to_bytes(4, "big") + memory
