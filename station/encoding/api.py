"""The two functions that most programs need: bytes to content, content to bytes."""

from __future__ import annotations

from typing import Final

from station.base.errors import Undecodable
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import Decoding, TagContent, TagProfile
from station.encoding.recognition.registry import DATA_MODELS, data_model, writable

SLIX: Final = 112
"""User memory of an NXP ICODE SLIX in bytes: 28 blocks of 4 (tag-data-models.md 6)."""
_ANY_UID: Final = Uid("E004000000000000")


def decode(memory: bytes, *, block_size: int = 4, model: str | None = None) -> Decoding:
    """Read a user memory (block 0 first, byte 0 of each block first) by the data model that fits best, or by `model` alone.

    What is odd is in `Decoding.remarks`; a memory that is only plausible has `sound=False`. DSFID and AFI are not asked:
    whether the tag was *finished*, and whose it is, says `recognise`. Raises `Undecodable`, for `model` its own reason,
    and `ElementInvalid` for a `model` that nobody knows.

    >>> decode(bytes.fromhex("11051CBE991A14 0201D0 140204B3 0000")).content.primary_item_identifier
    '123456789012'
    """
    if block_size < 1:
        raise ValueError("block_size must be at least 1")
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
        raise Undecodable(0, "the memory follows no data model that is known")
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
    """The bytes that `content` needs at the beginning of a user memory of `size` bytes, its terminator included.

    `lock` names the relative OIDs whose blocks shall be lockable, `reserve` the bytes kept free for later (28560-2). Raises
    `ElementInvalid` for what the model cannot carry (nothing is dropped: see `migrate`) and `DoesNotFit`.

    >>> encode(TagContent("123456789012", "US-InU-Mu", part=3, parts=12)).hex(" ")
    '11 05 1c be 99 1a 14 02 01 c0 03 07 ac c0 9e ba a0 6f 6b 14 02 04 b3 00'
    """
    profile = TagProfile(isil=content.owner_institution, model=model, lock=lock, reserve=reserve)
    return writable(model).encode(content, profile, block_size, size).data
