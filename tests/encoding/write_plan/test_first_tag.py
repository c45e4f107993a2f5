"""The order for a reader that was not yet seen to set AFI and DSFID, and the way back after a refusal."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest

from station.domain.tag_image import TagImage
from station.encoding.content import BEING_WRITTEN
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import CheckAfi, CheckDsfid, SetAfi, SetBlocks, SetDsfid
from station.encoding.write_plan.trial import put_back, tried_first
from tests.encoding.write_plan.simulated_tag import run, with_blocks
from tests.encoding.write_plan.torn_pairs import random_mixed
from tests.support.sample_tags import image

FIRST = (SetAfi(0x07), CheckAfi(0x07), SetDsfid(BEING_WRITTEN), CheckDsfid(BEING_WRITTEN))
NEW = dataclasses.replace(image(b"a book's tag"), afi=0x07, dsfid=0x06)


def old(memory: bytes, dsfid: int) -> TagImage:
    return dataclasses.replace(image(memory), afi=0x00, dsfid=dsfid)


@pytest.mark.parametrize("dsfid", [0x00, 0x01])
def test_afi_and_mark_come_before_the_memory_and_the_tag_ends_the_same(dsfid: int) -> None:
    plan = tried_first(plan_write(old(b"", dsfid), NEW), afi=True, dsfid=True)
    assert plan.steps[:4] == FIRST
    assert [step for step in plan.steps if isinstance(step, SetAfi)] == [FIRST[0]]
    assert plan.steps.count(FIRST[2]) == 1
    assert run(plan) == NEW


def test_what_is_proven_or_not_changed_is_not_tried() -> None:
    plan = plan_write(old(b"", 0x00), NEW)
    assert tried_first(plan, afi=False, dsfid=False) == plan
    same = dataclasses.replace(NEW, afi=0x00)
    assert tried_first(plan_write(old(b"", 0x00), same), afi=True, dsfid=True).steps[:2] == FIRST[2:]


def test_every_plan_ends_the_same() -> None:
    random = Random(7)
    for _ in range(20):
        for pair in random_mixed(random):
            plan = plan_write(pair.old, pair.new)
            assert run(tried_first(plan, afi=True, dsfid=True)) == run(plan)


def test_old_content_under_dsfid_00_loses_its_first_block_before_the_mark_and_gets_it_back() -> None:
    before = old(b"left by a torn write", 0x00)
    plan = tried_first(plan_write(before, NEW), afi=True, dsfid=True)
    assert isinstance(plan.steps[2], SetBlocks), "a torn DSFID could pass it for finished"
    refused = dataclasses.replace(with_blocks(before, 0, bytes(4)), afi=0x07)
    back = put_back(refused, before)
    assert back is not None and run(back) == before


def test_the_way_back_ends_where_other_memory_has_changed() -> None:
    before = old(b"the tag of another book", 0x06)
    marked = dataclasses.replace(before, afi=0x07, dsfid=BEING_WRITTEN)
    back = put_back(marked, before)
    assert back is not None and run(back) == before
    assert put_back(with_blocks(marked, 1, b"new!"), before) is None
