"""Tear a write everywhere, in every way we can model, and ask the station's own recogniser: never a wrong identifier.

reliability.md 1.2 to 1.5 and T1. The companion tests show that the question can be answered with "yes": a naive
order, or a reader that does not honour DSFID, does meet wrong identifiers in the very same torn states.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from random import Random

import pytest

from station.encoding.content import TagProfile, TagState
from station.encoding.plan import plan_write
from station.encoding.recognise import recognise
from station.model import TagImage
from tests.encoding.samples import ISIL, PROFILE, barcode, danish, image, item, luhn, three_m
from tests.encoding.simulate import run, tears, torn_run

Pair = tuple[str, TagImage, TagImage, frozenset[str]]
"""What it is, old image, new image, identifiers that may be read."""


def pairs(random: Random, rounds: int) -> Iterator[Pair]:
    for _ in range(rounds):
        new_id, old_id = barcode(random), barcode(random)
        new = item(new_id)
        near_id = luhn(new_id[:-2] + str((int(new_id[-2]) + 1) % 10))
        both, one = frozenset({old_id, new_id}), frozenset({new_id})
        yield "blank", image(), new, one
        yield "blank with a stray DSFID", image(dsfid=0x06), new, one
        yield "3M filling", image(b"\x55" * 24), new, one
        yield "another item", item(old_id), new, both
        yield "a nearby number", item(near_id), new, frozenset({near_id, new_id})
        yield "other usage, same number", item(new_id, type_of_usage=0x20), new, one
        yield "a set", item(old_id, part=2, parts=12), item(new_id, part=3, parts=12), both
        yield "foreign 28560-3", image(danish(old_id), dsfid=0x3E, afi=0x07), new, both
        yield "our own 28560-3", image(danish(old_id, "USInU-Mu"), dsfid=0x3E, afi=0x07), new, both
        yield "Danish without DSFID", image(danish(old_id, size=32)), new, both
        yield "3M", image(three_m(old_id), afi=0xD6), new, both
        short, other = f"AB{new_id[:7]}", f"AB{old_id[:7]}"
        yield "alphanumeric number", item(other), item(short), frozenset({short, other})


class Count:
    """How many states were judged, and how they read."""

    def __init__(self) -> None:
        self.states = 0
        self.ours = 0
        self.incomplete = 0
        self.wrong: list[tuple[str, str]] = []

    def judge(
        self, name: str, states: Iterable[TagImage], allowed: frozenset[str], profile: TagProfile = PROFILE
    ) -> None:
        for state in states:
            found = recognise(state, profile)
            self.states += 1
            self.ours += found.state is TagState.OURS
            self.incomplete += found.state is TagState.INCOMPLETE
            if found.identifier and found.identifier not in allowed:
                self.wrong.append((name, found.identifier))


def torn_twice(old: TagImage, new: TagImage, random: Random, times: int) -> Iterator[TagImage]:
    """Tear a write, take it up again from what is there, and tear that one too."""
    first = list(tears(plan_write(old, new), 2, 2, random))
    for torn in random.sample(first, times):
        yield from tears(plan_write(torn, new), 2, 2, random)


def test_no_torn_write_reads_as_a_wrong_item() -> None:
    random = Random(28560)
    count = Count()
    for most in (32, 1):
        for name, old, new, allowed in pairs(random, 3):
            plan = plan_write(old, new, max_blocks_per_write=most)
            assert run(plan) == new
            count.judge(name, tears(plan, 6, 12, random), allowed)
            count.judge(f"{name}, torn twice", torn_twice(old, new, random, 1), allowed)
    assert count.wrong == []
    assert count.states > 100_000
    assert count.ours > 10_000  # torn AFI, and DSFID bytes that were caught whole
    assert count.incomplete > 50_000


def naive(old: TagImage, new: TagImage, random: Random, few: int = 10, samples: int = 200) -> Iterator[TagImage]:
    """The fewest writes: changed blocks in ascending order, DSFID left as it is."""
    current = old
    for block in range(new.block_count):
        if current.block(block) != new.block(block):
            yield from torn_run(current, block, new.block(block), few, samples, random)
            start = block * 4
            current = dataclasses.replace(
                current, memory=current.memory[:start] + new.block(block) + current.memory[start + 4 :]
            )


def test_the_naive_order_does_read_as_wrong_items() -> None:
    random = Random(28560)
    count = Count()
    for name, old, new, allowed in pairs(random, 3):
        if name in ("another item", "a nearby number"):
            count.judge(name, naive(old, new, random), allowed)
    assert count.states > 5000
    assert len(count.wrong) > 3000
    assert {name for name, _ in count.wrong} == {"another item", "a nearby number"}


def test_a_reader_that_ignores_dsfid_does_meet_wrong_items_even_in_our_order() -> None:
    lenient = TagProfile(isil=ISIL, dsfids_28560_2=tuple(range(256)), dsfids_28560_3=tuple(range(256)))
    random = Random(28560)
    count = Count()
    for name, old, new, allowed in pairs(random, 2):
        count.judge(name, tears(plan_write(old, new), 6, 12, random), allowed, lenient)
    assert len(count.wrong) > 20


@pytest.mark.soak
def test_two_million_torn_states_and_no_wrong_item() -> None:
    random = Random(15693)
    count = Count()
    rounds = 0
    while count.states < 2_000_000:
        rounds += 1
        for name, old, new, allowed in pairs(random, 1):
            count.judge(name, tears(plan_write(old, new, max_blocks_per_write=rounds % 8 + 1), 9, 40, random), allowed)
            count.judge(f"{name}, torn twice", torn_twice(old, new, random, 2), allowed)
    print(f"\ntear: {count.states} states of {rounds} rounds, {count.ours} read as ours, {len(count.wrong)} wrong")
    assert count.wrong == []
