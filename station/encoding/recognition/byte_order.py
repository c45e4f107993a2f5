"""Recognition of a memory whose bytes a reader or a dump program put into another order.

Known orders: the bytes of each block reversed, the blocks in reverse order, or both; and a lock byte beside each block.
FEIG H20800-16e-ID-B, Annex F shows reversed bytes and lock bytes in one answer to B0 23; in ISO/IEC 15693-3, a block
security status stands before each block if the option flag is set. That programs print blocks from the last to the first
is our inference. A memory has such an order if, put right, it is a sound tag of one data model and names an item. This is our
inference. It never gives an identity, because the tag itself may be right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from station.base.errors import Undecodable
from station.domain.tag_image import TagImage
from station.encoding.recognition.data_model import DataModel

_BLOCKS: Final = (4, 8)
"""Block sizes of library chips, in bytes."""
_LOCK_BYTES: Final = frozenset({0, 1})
"""Values of a block security status: open, locked (ISO/IEC 15693-3)."""


@dataclass(frozen=True, slots=True)
class ByteOrder:
    """An order of bytes in which a memory is a sound tag."""

    title: str
    """The data model's title."""
    block_size: int
    """In bytes, without a lock byte."""
    bytes_reversed: bool
    """True if the bytes of each block are reversed."""
    blocks_reversed: bool
    """True if the last block stands first."""
    locks: bool
    """True if a lock byte stands beside each block."""

    @property
    def sentence(self) -> str:
        """Return the finding for a librarian."""
        odd = " and ".join(
            words
            for words, applies in (
                ("a lock byte stands beside each block", self.locks),
                ("the bytes of each block are reversed", self.bytes_reversed),
                ("the last block stands first", self.blocks_reversed),
            )
            if applies
        )
        return (
            f"{odd[0].upper()}{odd[1:]} (blocks of {self.block_size}). Put right, this is a sound tag: {self.title}. "
            "Correct the dump or the reader."
        )


def byte_order(image: TagImage, memory: bytes, models: tuple[DataModel, ...]) -> ByteOrder | None:
    """Return the order in which `memory` is a sound tag that names an item; None if there is none. For a memory that no
    data model reads as it stands."""
    for size, turned, backward, locks, put_right in _orders(memory):
        for model in models:
            if getattr(model, "only_claims", False):
                continue
            try:
                decoding = model.read(image, put_right)
            except Undecodable:
                continue
            if decoding.sound and decoding.content.primary_item_identifier:
                return ByteOrder(model.title, size, turned, backward, locks)
    return None


def _orders(memory: bytes) -> Iterator[tuple[int, bool, bool, bool, bytes]]:
    """Yield block size, bytes reversed, blocks reversed, with lock bytes, and the memory put right."""
    for size in _BLOCKS:
        yield size, True, False, False, _turned(memory, size)
        yield size, True, True, False, memory[::-1]
        yield size, False, True, False, _turned(memory[::-1], size)
        for at in (0, size):
            if set(memory[at :: size + 1]) <= _LOCK_BYTES:
                plain = b"".join(
                    memory[block : block + size + 1][:at] + memory[block : block + size + 1][at + 1 :]
                    for block in range(0, len(memory), size + 1)
                )
                yield size, False, False, True, plain
                yield size, True, False, True, _turned(plain, size)


def _turned(memory: bytes, size: int) -> bytes:
    return b"".join(memory[block : block + size][::-1] for block in range(0, len(memory), size))
