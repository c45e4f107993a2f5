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


SENTENCES: Final = {
    "bytes": "The bytes in each block of {size} are reversed. In the right order, they are a tag of {title}.",
    "blocks": "The blocks of {size} bytes are in reverse order. In the right order, they are a tag of {title}.",
    "bytes-and-blocks": "All bytes are in reverse order. In the right order, they are a tag of {title}.",
    "locks": "A lock byte is beside each block of {size} bytes. Without the lock bytes, this is a tag of {title}.",
    "locks-and-bytes": "A lock byte is beside each block of {size} bytes, and the block is reversed. "
    "In the right order, without the lock bytes, this is a tag of {title}.",
}
"""Sentence by the code of an order; the message catalog has it as `reading.order.CODE`. `size`: bytes of a block,
without a lock byte."""
_NEXT: Final = " Correct the reader or the dump."


@dataclass(frozen=True, slots=True)
class ByteOrder:
    """An order of bytes in which a memory is a sound tag."""

    code: str
    """Key of `SENTENCES`."""
    title: str
    """The data model's title."""
    block_size: int
    """In bytes, without a lock byte."""

    @property
    def sentence(self) -> str:
        """Return the finding for a librarian."""
        return (SENTENCES[self.code] + _NEXT).format(size=self.block_size, title=self.title)


def byte_order(image: TagImage, memory: bytes, models: tuple[DataModel, ...]) -> ByteOrder | None:
    """Return the order in which `memory` is a sound tag that names an item; None if there is none. For a memory that no
    data model reads as it stands."""
    for code, size, ordered in _orders(memory):
        for model in models:
            if getattr(model, "only_claims", False):
                continue
            try:
                decoding = model.read(image, ordered)
            except Undecodable:
                continue
            if decoding.sound and decoding.content.primary_item_identifier:
                return ByteOrder(code, model.title, size)
    return None


def _orders(memory: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Yield code, block size, and the memory in the right order."""
    for size in _BLOCKS:
        yield "bytes", size, _turned(memory, size)
        yield "bytes-and-blocks", size, memory[::-1]
        yield "blocks", size, _turned(memory[::-1], size)
        for at in (0, size):
            if set(memory[at :: size + 1]) <= _LOCK_BYTES:
                plain = b"".join(
                    memory[block : block + size + 1][:at] + memory[block : block + size + 1][at + 1 :]
                    for block in range(0, len(memory), size + 1)
                )
                yield "locks", size, plain
                yield "locks-and-bytes", size, _turned(plain, size)


def _turned(memory: bytes, size: int) -> bytes:
    return b"".join(memory[block : block + size][::-1] for block in range(0, len(memory), size))
