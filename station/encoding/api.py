"""The two functions that most programs need: decode bytes to content, encode content to bytes."""

from __future__ import annotations

from typing import Final

from station.base.errors import Undecodable
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import Decoding, TagContent, TagProfile
from station.encoding.recognition.byte_order import byte_order
from station.encoding.recognition.registry import DATA_MODELS, data_model, writable

SLIX: Final = 112
"""User memory of an NXP ICODE SLIX in bytes: 28 blocks of 4 (docs/reference/readers.md#chips)."""
_ANY_UID: Final = Uid("E004000000000000")


def decode(memory: bytes | bytearray | memoryview, *, block_size: int = 4, model: str | None = None) -> Decoding:
    """Read a user memory (any bytes-like value; block 0 first, byte 0 of each block first) by the data model that fits
    best, or only by `model`.

    `Decoding.remarks` lists irregularities; a memory that is only plausible has `sound=False`. This function ignores
    DSFID and AFI: use `recognise` to find out whether the tag was *finished* and whose it is. Raises `Undecodable`
    (with `model`, for that model's reason), `ElementInvalid` for an unknown `model`, `TypeError` for a value that is
    not bytes-like, and `ValueError` for a block size below 1.

    >>> decode(bytes.fromhex("11051CBE991A14 0201D0 140204B3 0000")).content.primary_item_identifier
    '123456789012'
    """
    if block_size < 1:
        raise ValueError("block_size must be at least 1")
    memory = bytes(memoryview(memory))
    image = TagImage(_ANY_UID, block_size, memory, (False,) * (len(memory) // block_size), 0, 0)
    if model is not None:
        return data_model(model).read(image, memory)
    found: list[Decoding] = []
    for candidate in DATA_MODELS:
        try:
            found.append(candidate.read(image, memory))
        except Undecodable:
            continue
    if not found:
        order = byte_order(image, memory, DATA_MODELS)
        raise Undecodable(0, order.sentence if order is not None else "the memory matches no known data model")
    return max(found, key=lambda decoding: decoding.confidence)


def encode(
    content: TagContent,
    *,
    model: str = "28560-2",
    size: int = SLIX,
    block_size: int = 4,
    lock: frozenset[int] = frozenset(),
    reserve: int = 0,
) -> bytes:
    """Return the bytes of `content` for the beginning of a user memory of `size` bytes, including the terminator.

    `lock` holds the relative OIDs whose blocks must be lockable; `reserve` is the number of bytes kept free for later
    (28560-2). Raises `ElementInvalid` for content that the model cannot carry (nothing is dropped: see `migrate`), and
    `DoesNotFit`.

    >>> encode(TagContent("123456789012", "US-InU-Mu", part=3, parts=12)).hex(" ")
    '11 05 1c be 99 1a 14 02 01 c0 03 07 ac c0 9e ba a0 6f 6b 14 02 04 b3 00'
    """
    profile = TagProfile(isil=content.owner_institution, model=model, lock=lock, reserve=reserve)
    return writable(model).encode(content, profile, block_size, size).data
