"""A tag that carries out a plan's steps, and the ways in which one step can be torn
(docs/reference/tag-writing.md#fault-model).

M1: a block is old or new. M2, erase then program: every bit subset of old or new, both polarities, and every subset of
the bits that differ. M3: any content. DSFID and AFI bytes: all 256 values.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from random import Random

from station.domain.tag_image import TagImage
from station.encoding.write_plan.steps import (
    CheckAfi,
    CheckBlocks,
    CheckDsfid,
    CheckLocks,
    LockBlocks,
    SetAfi,
    SetBlocks,
    SetDsfid,
    Step,
    VerifyAll,
    WritePlan,
)


def with_blocks(image: TagImage, first: int, data: bytes) -> TagImage:
    start = first * image.block_size
    memory = image.memory[:start] + data + image.memory[start + len(data) :]
    assert len(memory) == len(image.memory)
    return dataclasses.replace(image, memory=memory)


def apply(step: Step, image: TagImage) -> TagImage:
    """Return the tag after a step. Raise AssertionError for a check that fails on this tag."""
    match step:
        case SetDsfid(value):
            return dataclasses.replace(image, dsfid=value)
        case SetAfi(value):
            return dataclasses.replace(image, afi=value)
        case SetBlocks(first, data):
            for block in range(first, first + len(data) // image.block_size):
                assert not image.locked[block], f"write to locked block {block}"
            return with_blocks(image, first, data)
        case LockBlocks(first, count):
            blocks = range(first, first + count)
            locked = tuple(was or block in blocks for block, was in enumerate(image.locked))
            return dataclasses.replace(image, locked=locked)
        case CheckLocks(first, count):
            assert all(image.locked[first : first + count]), step
        case CheckBlocks(first, data):
            start = first * image.block_size
            assert image.memory[start : start + len(data)] == data, step
        case CheckDsfid(value):
            assert image.dsfid == value, step
        case CheckAfi(value):
            assert image.afi == value, step
        case _:
            pass
    return image


def run(plan: WritePlan) -> TagImage:
    """Return the tag after the whole plan. Before a lock step it must hold everything except the locks."""
    image = plan.old
    for step in plan.steps:
        image = apply(step, image)
        if isinstance(step, VerifyAll):
            assert image == (plan.new if step.locks else dataclasses.replace(plan.new, locked=plan.old.locked))
    assert image == plan.new or not plan.steps
    return image


def subsets(mask: int, few: int, samples: int, random: Random) -> Iterator[int]:
    """Return every subset of `mask`'s bits if it has at most `few`, else `samples` random subsets and both ends."""
    if mask.bit_count() <= few:
        sub = mask
        while True:
            yield sub
            if sub == 0:
                return
            sub = (sub - 1) & mask
    yield from (0, mask)
    for _ in range(samples):
        yield mask & random.getrandbits(32)


def torn_words(old: int, new: int, few: int, samples: int, random: Random) -> set[int]:
    """Return every content that one 32-bit block can have while it changes from `old` to `new`."""
    full = 0xFFFF_FFFF
    found = {old, new, 0, full}
    for value in (old, new):
        found.update(subsets(value, few, samples, random))
        found.update(value | extra for extra in subsets(full & ~value, few, samples, random))
    found.update(old ^ change for change in subsets(old ^ new, few, samples, random))
    found.update(random.getrandbits(32) for _ in range(samples))
    return found


def tears(plan: WritePlan, few: int, samples: int, random: Random) -> Iterator[TagImage]:
    """Yield every state in which the tag may be found if power fails at any step of the plan, each at least once."""
    image = plan.old
    yield image
    for step in plan.steps:
        match step:
            case SetDsfid():
                yield from (dataclasses.replace(image, dsfid=value) for value in range(256))
            case SetAfi():
                yield from (dataclasses.replace(image, afi=value) for value in range(256))
            case SetBlocks(first, data):
                yield from torn_run(image, first, data, few, samples, random)
            case _:
                pass
        image = apply(step, image)
        yield image


def torn_run(image: TagImage, first: int, data: bytes, few: int, samples: int, random: Random) -> Iterator[TagImage]:
    """Yield one write command over several blocks, torn inside each of them, with the earlier blocks written."""
    size = image.block_size
    for at in range(0, len(data), size):
        block = first + at // size
        old = int.from_bytes(image.block(block), "big")
        new = int.from_bytes(data[at : at + size], "big")
        for word in torn_words(old, new, few, samples, random):
            yield with_blocks(image, block, word.to_bytes(size, "big"))
        image = with_blocks(image, block, data[at : at + size])
