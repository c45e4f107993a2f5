"""A plan with locks over the real FEIG driver and the emulator: the stranger's memory says what was locked, and when."""

from __future__ import annotations

import pytest

from station.bench.writing import Writer, read_image
from station.encoding.content import TagContent, TagProfile, TagState
from station.encoding.image_plan import new_image
from station.encoding.plan import plan_write, undo
from station.encoding.recognise import recognise
from station.errors import TagLocked, TagLost, TagRefused
from tests.drivers.test_feig_against_emulator import A, Bench, connected, plain

__all__ = ["plain"]

PROFILE = TagProfile("US-InU-Mu")
CONTENT = TagContent("31234567890128")


def test_locks_over_the_real_driver(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    old = read_image(reader, A)
    plan = plan_write(old, new_image(old, CONTENT, PROFILE), lock=(0, 1))
    image = Writer(reader, plan, lambda _done, _total: None).run()
    assert image == plan.new
    tag = plain.tag(A)
    assert (tag["locked"], tag["dsfid"], tag["afi"]) == ([0, 1], 6, 7)
    assert bytes.fromhex(tag["memory"]) == plan.new.memory
    assert recognise(image, PROFILE).state is TagState.OURS
    with pytest.raises(TagRefused):
        reader.write_blocks(A, 1, b"\xff" * 4, 4)
    with pytest.raises(TagLocked):
        undo(plan)
    assert plan_write(read_image(reader, A), plan.new, lock=(0, 1)).empty


def test_a_tag_lifted_while_it_is_being_locked_is_finished_when_it_comes_back(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    old = read_image(reader, A)
    plan = plan_write(old, new_image(old, CONTENT, PROFILE), lock=(0, 1))
    writes = 7 + 2  # blocks, DSFID and AFI over the air; the lock of block 0 is torn
    plain.do("lift-after-writes", n=writes + 1, mode="old")
    with pytest.raises(TagLost):
        Writer(reader, plan, lambda _done, _total: None).run()
    assert plain.tag(A)["locked"] == []
    plain.do("place", uid=A)
    again = plan_write(read_image(reader, A), plan.new, lock=(0, 1))
    assert again.write_commands == 2
    Writer(reader, again, lambda _done, _total: None).run()
    assert plain.tag(A)["locked"] == [0, 1]


def test_without_being_asked_nothing_is_locked(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    old = read_image(reader, A)
    plan = plan_write(old, new_image(old, CONTENT, PROFILE))
    Writer(reader, plan, lambda _done, _total: None).run()
    tag = plain.tag(A)
    assert tag["locked"] == []
    assert not any(cell.startswith("lock") for cell in tag["writes"])
    # And back again: the undo image, over the same driver.
    back = undo(plan, read_image(reader, A))
    Writer(reader, back, lambda _done, _total: None).run()
    tag = plain.tag(A)
    assert (bytes.fromhex(tag["memory"]), tag["dsfid"], tag["afi"]) == (bytes(112), 0, 0)
