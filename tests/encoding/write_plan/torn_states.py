"""Torn states by the million: possible results of one interrupted write command, as numpy arrays
(docs/reference/tag-writing.md#fault-model).

A block of four bytes is a 32-bit word, first byte highest. `Tear` names a model and how thoroughly it is enumerated:

- ERASE_0: erased to 0, then programmed: every subset of the old word's ones, every subset of the new word's, and every
  mix of old and new bits (which includes every mix of bytes);
- ERASE_1: erased to 1: the same with the zeros;
- ANY: any content, at random (M3);
- and between blocks (M1): the old and the new word of each.

A command over several blocks is torn block by block (with the earlier blocks written), and, beyond the first model of
docs/reference/tag-writing.md#fault-model, in all blocks at once. DSFID and AFI pass through all 256 values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from station.domain.tag_image import TagImage
from station.encoding.write_plan.steps import SetAfi, SetBlocks, SetDsfid, WritePlan
from tests.encoding.write_plan.simulated_tag import apply, with_blocks

Words = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]
FULL = 0xFFFF_FFFF
SIZE = 4


class Model(StrEnum):
    ERASE_0 = "erase to 0"
    ERASE_1 = "erase to 1"
    ANY = "any content"


@dataclass(frozen=True)
class Tear:
    """Way to tear a block: model, bits up to which every subset is taken, and number of random words beyond it."""

    model: Model
    few: int
    samples: int
    at_once: int = 16
    """States with all blocks of one command torn together."""


def subsets(mask: int, few: int, samples: int, random: np.random.Generator) -> Words:
    """Return every subset of the ones of `mask` if it has at most `few`, else random subsets and both ends."""
    if mask.bit_count() <= few:
        found = np.zeros(1, np.uint32)
        for bit in range(32):
            if mask >> bit & 1:
                found = np.concatenate((found, found | np.uint32(1 << bit)))
        return found
    drawn = random.integers(0, 1 << 32, samples, dtype=np.uint32) & np.uint32(mask)
    return np.concatenate((np.array([0, mask], np.uint32), drawn))


def torn_words(old: int, new: int, tear: Tear, random: np.random.Generator) -> Words:
    """Return each word once that a block can hold while it changes from `old` to `new`."""

    def some(mask: int) -> Words:
        return subsets(mask, tear.few, tear.samples, random)

    ends = np.array([old, new], np.uint32)
    match tear.model:
        case Model.ERASE_0:
            mixes = some(old ^ new) ^ np.uint32(old)
            return np.unique(np.concatenate((ends, some(old), some(new), mixes)))
        case Model.ERASE_1:
            ones = (some(FULL & ~old) | np.uint32(old), some(FULL & ~new) | np.uint32(new))
            return np.unique(np.concatenate((ends, *ones)))
        case _:
            drawn = random.integers(0, 1 << 32, tear.samples, dtype=np.uint32)
            return np.unique(np.concatenate((ends, drawn)))


@dataclass(frozen=True)
class States:
    """Many states of one tag with their DSFIDs: a known memory with one block that varies, or whole memories."""

    memory: bytes
    block: int
    words: Words | None
    """The block's words, or None."""
    whole: Bytes | None
    """(n, size) whole memories, or None."""
    dsfid: Bytes
    """(n,)"""
    model: Model

    @property
    def count(self) -> int:
        return len(self.dsfid)

    @property
    def size(self) -> int:
        return len(self.memory)

    def byte(self, at: int) -> int | Bytes:
        """Return byte `at` of every state: one number if it is the same in all."""
        if self.whole is not None:
            column: Bytes = self.whole[:, at]
            return column
        if self.words is None or at // SIZE != self.block:
            return self.memory[at]
        shifted: Bytes = (self.words >> np.uint32(24 - 8 * (at % SIZE))).astype(np.uint8)
        return shifted

    def rows(self, which: npt.NDArray[np.intp]) -> Bytes:
        """Return the (k, size) whole memories of some states."""
        if self.whole is not None:
            rows: Bytes = self.whole[which]
            return rows
        rows = np.tile(np.frombuffer(self.memory, np.uint8), (len(which), 1))
        if self.words is not None:
            start = self.block * SIZE
            rows[:, start : start + SIZE] = self.words[which].astype(">u4").view(np.uint8).reshape(-1, SIZE)
        return rows


def word(image: TagImage, block: int) -> int:
    return int.from_bytes(image.block(block), "big")


def one_block(image: TagImage, block: int, words: Words, model: Model) -> States:
    dsfid = np.full(len(words), image.dsfid, np.uint8)
    return States(image.memory, block, words, None, dsfid, model)


def whole(memories: Bytes, dsfid: Bytes, model: Model = Model.ANY) -> States:
    """Return states of whole memories, for cross-checks."""
    return States(bytes(memories.shape[1]), 0, None, memories, dsfid, model)


def torn_run(image: TagImage, first: int, data: bytes, tear: Tear, random: np.random.Generator) -> Iterator[States]:
    """Yield one write command, torn in each of its blocks, and in all of them at once."""
    blocks = range(first, first + len(data) // SIZE)
    if len(blocks) > 1:
        yield _all_at_once(image, blocks, data, tear, random)
    for block in blocks:
        at = (block - first) * SIZE
        new = int.from_bytes(data[at : at + SIZE], "big")
        yield one_block(image, block, torn_words(word(image, block), new, tear, random), tear.model)
        image = with_blocks(image, block, data[at : at + SIZE])


def _all_at_once(image: TagImage, blocks: range, data: bytes, tear: Tear, random: np.random.Generator) -> States:
    rows = np.tile(np.frombuffer(image.memory, np.uint8), (tear.at_once, 1))
    for block in blocks:
        at = (block - blocks.start) * SIZE
        new = int.from_bytes(data[at : at + SIZE], "big")
        choice = random.choice(torn_words(word(image, block), new, Tear(tear.model, 0, 8), random), tear.at_once)
        start = block * SIZE
        rows[:, start : start + SIZE] = choice.astype(">u4").view(np.uint8).reshape(-1, SIZE)
    return States(image.memory, 0, None, rows, np.full(tear.at_once, image.dsfid, np.uint8), tear.model)


def tears(plan: WritePlan, tear: Tear, random: np.random.Generator) -> Iterator[States]:
    """Yield every state in which the tag may be found if power fails at any moment of the plan."""
    image = plan.old
    every = np.arange(256, dtype=np.uint8)
    for step in plan.steps:
        match step:
            case SetDsfid():
                yield States(image.memory, 0, None, None, every, tear.model)
            case SetAfi():
                yield States(image.memory, 0, None, None, np.full(256, image.dsfid, np.uint8), tear.model)
            case SetBlocks(first, data):
                yield from torn_run(image, first, data, tear, random)
            case _:
                pass
        image = apply(step, image)
