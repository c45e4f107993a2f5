"""The plan needs the fewest block writes: a search over every order of writes finds no fewer, without the planner.

Blocks hold letters, not bytes: 0 (zero), or a letter of the old or the new content. While a block is written its
content is torn: zero, the old content, the new content, or a mixture. The search knows one rule, for a reader that
ignores DSFID (the inner gate): two kinds of tags can pass for another item. One has a whole block 0 and an incomplete
body; the other has a block 0 that mixes two contents. A tag that holds only a part of one content (a torn block 0
beside its own body) cannot: CRC and prefix exclude it (docs/reference/tag-writing.md#torn-writes-of-iso-28560-3,
#torn-writes-of-iso-28560-2).
"""

from __future__ import annotations

from collections import deque
from itertools import product

import pytest

from station.domain.tag_image import TagImage
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import SetBlocks
from tests.support.sample_tags import image

Tag = tuple[str, ...]
"""One letter per block."""
MIXED, PART_OF_OLD, PART_OF_NEW = "*", "o", "n"


def safe(state: Tag, old: Tag, new: Tag) -> bool:
    first, body = state[0], state[1:]
    if first == "0":
        return True
    if first in (old[0], PART_OF_OLD) and body == old[1:]:
        return True
    return first in (new[0], PART_OF_NEW) and body == new[1:]


def torn(state: Tag, block: int, becomes: str, old: Tag, new: Tag) -> list[Tag]:
    """Return the possible states of the tag while one block is written."""
    was = state[block]
    parts = {was, becomes} - {"0"}
    if block or len(parts) > 1:
        middle = MIXED
    elif parts == {old[0]} and (old[0] != new[0] or state[1:] == old[1:]):
        middle = PART_OF_OLD
    else:
        middle = PART_OF_NEW
    return [(*state[:block], letter, *state[block + 1 :]) for letter in ("0", was, middle, becomes)]


def fewest(old: Tag, new: Tag) -> int:
    """Return the fewest block writes from `old` to `new`, by any order of writes of zero, old or new contents."""
    distance = {old: 0}
    queue = deque([old])
    while queue:
        state = queue.popleft()
        if state == new:
            return distance[state]
        for block in range(len(state)):
            for becomes in {"0", old[block], new[block]}:
                after = (*state[:block], becomes, *state[block + 1 :])
                if after in distance or not all(safe(each, old, new) for each in torn(state, block, becomes, old, new)):
                    continue
                distance[after] = distance[state] + 1
                queue.append(after)
    pytest.fail(f"no safe way from {old} to {new}")


def tag(letters: Tag, dsfid: int) -> TagImage:
    memory = b"".join(bytes(4) if letter == "0" else letter.encode() * 4 for letter in letters)
    return image(memory, dsfid=dsfid, blocks=len(letters))


def contents(blocks: int) -> list[tuple[Tag, Tag]]:
    """Return every pair of contents of this many blocks: each block zero, the same in both, or different."""
    choices = [("0", "0"), ("0", "B"), ("A", "0"), ("A", "B"), ("S", "S")]
    pairs = [(tuple(x for x, _ in rows), tuple(y for _, y in rows)) for rows in product(choices, repeat=blocks)]
    # Without a first block there is no new content, unless the tag shall be blank.
    return [(old, new) for old, new in pairs if new[0] != "0" or not any(letter != "0" for letter in new)]


@pytest.mark.parametrize("blocks", [1, 2, 3, 4, 5])
def test_no_order_of_writes_that_is_safe_needs_fewer_blocks(blocks: int) -> None:
    counted = 0
    for old, new in contents(blocks):
        if old == new:
            continue
        for dsfid in (0x06, 0x00):
            plan = plan_write(tag(old, dsfid), tag(new, 0x06))
            assert plan.block_writes == fewest(old, new), (old, new)
        counted += 1
    assert counted > 2 * 5 ** (blocks - 1)


def test_the_search_can_find_fewer() -> None:
    """Without the rule, one write for each block that differs is enough. The plan needs two more for the sentinel."""
    old, new = ("A", "S", "A"), ("A", "S", "B")
    assert fewest(old, new) == 3
    naive = sum(x != y for x, y in zip(old, new, strict=True))
    assert naive == 1
    writes = [step for step in plan_write(tag(old, 6), tag(new, 6)).steps if isinstance(step, SetBlocks)]
    assert [step.first for step in writes] == [0, 2, 0]
