"""Locks on the simulated reader: only on request, only after verification, each read back, never in doubt."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from station.base import errors
from station.bench.item.tag_writer import TagOrder, TagWriter
from station.bench.item.write_steps import Writer, read_image, refuse_impossible
from station.domain.inventory import Inventory
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile, TagState
from station.encoding.profiles import profiles
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import new_image
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import LockBlocks, VerifyAll, WritePlan
from tests.conftest import FakeClock
from tests.support.simulated_bench import BOOK, CATALOG, OTHER, MemoryJournal, SimReader, Tag, World
from tests.support.told import raises_told, told

PROFILE = TagProfile("US-InU-Mu")
CONTENT = TagContent("31234567890128")


class LockingReader(SimReader):
    """A reader that can lock, and records the commands in order."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asked: list[str] = []
        self.deaf: set[int] = set()
        """Blocks whose first lock command has no effect."""

    def lock_block(self, uid: Uid, block: int) -> None:
        self._enter()
        tag = self._tag(uid)
        self.asked.append(f"lock {block}")
        if block in tag.locked:
            raise errors.TagRefused(0x11, block=block)
        if self._torn():
            self.world.pad.remove(uid)
            raise errors.TagAbsent(uid)
        if block in self.deaf:
            self.deaf.remove(block)
            return
        tag.locked.add(block)
        self._lost_answer()

    def _write(self, uid: Uid, block: int, data: bytes, *, last: bool) -> None:
        self.asked.append(f"write {block}")
        super()._write(uid, block, data, last=last)

    def reset_field(self) -> None:
        self.asked.append("reset")
        super().reset_field()


@pytest.fixture
def rig() -> tuple[World, LockingReader, Uid]:
    world = World()
    uid = world.tag(1)
    world.place(uid)
    reader = LockingReader(world)
    reader.reconnect()
    return world, reader, uid


Rig = tuple[World, LockingReader, Uid]


def plan_of(reader: LockingReader, uid: Uid, **wanted: Any) -> WritePlan:
    old = read_image(reader, uid)
    return plan_write(old, new_image(old, CONTENT, PROFILE), **wanted)


def carry_out(reader: LockingReader, plan: WritePlan) -> TagImage:
    return Writer(reader, plan, lambda _done, _total: None).run()


def test_nothing_is_locked_unless_it_is_asked_for(rig: Rig) -> None:
    world, reader, uid = rig
    carry_out(reader, plan_of(reader, uid))
    assert world.tags[uid].locked == set()
    assert not any(what.startswith("lock") for what in reader.asked)


def test_locks_come_after_everything_is_proven_with_the_field_off(rig: Rig) -> None:
    world, reader, uid = rig
    plan = plan_of(reader, uid, lock=(0, 1, 5))
    image = carry_out(reader, plan)
    assert world.tags[uid].locked == {0, 1, 5}
    assert [block for block, locked in enumerate(image.locked) if locked] == [0, 1, 5]
    assert image == plan.new
    assert reader.asked[-5:] == ["reset", "lock 0", "lock 1", "lock 5", "reset"]
    assert recognise(image, PROFILE).state is TagState.OURS
    assert plan_of(reader, uid, lock=(0, 1, 5)).empty


def test_a_lock_without_effect_is_seen_and_repeated(rig: Rig) -> None:
    world, reader, uid = rig
    reader.deaf = {1}
    carry_out(reader, plan_of(reader, uid, lock=(0, 1)))
    assert world.tags[uid].locked == {0, 1}
    assert [what for what in reader.asked if what.startswith("lock")] == ["lock 0", "lock 1", "lock 1"]


def test_a_block_that_cannot_be_locked_is_no_success(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    _, reader, uid = rig
    monkeypatch.setattr(reader, "lock_block", lambda _uid, _block: None)
    with raises_told(errors.TagMismatch, match="are still open after the lock command"):
        carry_out(reader, plan_of(reader, uid, lock=(2,)))


@pytest.mark.parametrize("lost", range(1, 10))
def test_a_lost_answer_is_looked_after(rig: Rig, lost: int) -> None:
    world, reader, uid = rig
    world.lose_answers = {lost}
    plan = plan_of(reader, uid, lock=(0, 1), max_blocks_per_write=1)
    assert carry_out(reader, plan) == plan.new
    assert world.tags[uid].locked == {0, 1}


@pytest.mark.parametrize("torn", range(1, 12))
def test_a_write_with_locks_that_was_torn_anywhere_is_taken_up(rig: Rig, torn: int) -> None:
    world, reader, uid = rig
    world.lift_at_write = torn
    plan = plan_of(reader, uid, lock=(0, 1), max_blocks_per_write=1)
    # 6 body, block 0, DSFID, AFI, 2 locks.
    assert plan.write_commands == 11
    with pytest.raises(errors.TagLost) as lost:
        carry_out(reader, plan)
    assert (world.tags[uid].locked != set()) == (torn == 11)
    assert lost.value.planned == len(plan.steps)
    world.place(uid)
    again = plan_of(reader, uid, lock=(0, 1))
    assert carry_out(reader, again) == again.new
    assert world.tags[uid].locked == {0, 1}


def test_what_is_locked_and_right_stays_what_is_locked_and_wrong_is_refused_before_a_write(rig: Rig) -> None:
    world, reader, uid = rig
    carry_out(reader, plan_of(reader, uid, lock=(0, 1)))
    before = world.tags[uid].image()
    writes = world.tags[uid].writes
    other = TagContent("30987654321097")
    with raises_told(errors.TagLocked, match="block 0"):
        new_image(read_image(reader, uid), other, PROFILE)
    assert (world.tags[uid].image(), world.tags[uid].writes) == (before, writes)


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ({"lock_afi": True}, "AFI"),
        ({"lock_dsfid": True}, "DSFID"),
    ],
)
def test_what_the_reader_cannot_do_is_refused_before_anything_is_written(
    rig: Rig, wanted: dict[str, bool], what: str
) -> None:
    world, reader, uid = rig
    plan = plan_of(reader, uid, **wanted)
    with raises_told(errors.NotPossible, match=what) as refused:
        carry_out(reader, plan)
    assert "Nothing was written" in told(refused.value.sentence)
    assert world.tags[uid].image() == (bytes(112), 0, 0)


def test_a_status_that_nobody_can_tell_is_no_proof_of_a_lock(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    _, reader, uid = rig
    plan = plan_of(reader, uid, lock=(0,))
    blind: Callable[..., Any] = lambda *asked: msgspec.structs.replace(SimReader.read_blocks(reader, *asked), locked=())  # noqa: E731
    monkeypatch.setattr(reader, "read_blocks", blind)
    monkeypatch.setattr(reader, "lock_block", lambda _uid, _block: (_ for _ in ()).throw(errors.TagRefused(0x12)))
    with pytest.raises(errors.TagLocked):
        carry_out(reader, plan)


def test_a_tag_that_gives_no_reason_is_looked_at(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """ICODE SLI answers every fault with error 0F (Philips SL2 ICS20 rev. 3.1, 3.5). A locked block is reported as
    locked, a block that is already locked counts as done, and any other case is tried again."""
    world, reader, uid = rig
    no_reason: Callable[..., Any] = lambda *_: (_ for _ in ()).throw(errors.TagRefused(0x0F))  # noqa: E731
    plan = plan_of(reader, uid, lock=(0,))
    locks = reader.lock_block

    def locked_and_refused(of: Uid, block: int) -> None:
        locks(of, block)
        no_reason()

    monkeypatch.setattr(reader, "lock_block", locked_and_refused)
    carry_out(reader, plan)
    assert world.tags[uid].locked == {0}
    tries: list[int] = []
    monkeypatch.setattr(reader, "write_blocks", lambda *_: (tries.append(1), no_reason()))
    world.tags[uid].locked = set()
    world.tags[uid].memory = bytearray(112)
    with raises_told(errors.TagMismatch, match="0F"):
        carry_out(reader, plan)
    assert len(tries) == 3
    world.tags[uid].locked = {1}
    with raises_told(errors.TagLocked, match="blocks 1-"):
        carry_out(reader, plan)


def test_a_reader_that_cannot_lock(rig: Rig) -> None:
    world, reader, uid = rig
    plan = plan_of(reader, uid, lock=(0,))
    capable: Callable[..., Any] = msgspec.structs.replace
    with raises_told(errors.NotPossible, match="lock blocks"):
        refuse_impossible(plan, capable(reader.capabilities, can_lock=False))
    refuse_impossible(plan, reader.capabilities)
    refuse_impossible(plan_of(reader, uid), capable(reader.capabilities, can_lock=False))
    assert world.tags[uid].writes == 0


def test_the_verified_end_compares_the_security_status(rig: Rig) -> None:
    _, reader, uid = rig
    plan = plan_of(reader, uid, lock=(0, 1))
    at = next(place for place, step in enumerate(plan.steps) if isinstance(step, LockBlocks))
    assert any(isinstance(step, VerifyAll) for step in plan.steps[:at])
    unlocked = WritePlan(
        plan.uid, plan.old, plan.new, tuple(s for s in plan.steps if "Lock" not in type(s).__name__), 4
    )
    with raises_told(errors.TagMismatch, match="Block 0: locked expected, open read"):
        carry_out(reader, unlocked)


# --- a site's profile that locks, through the tag writer and its journal ------------------------------------------


def tag_writer(
    reader: LockingReader, journal: MemoryJournal, lock: frozenset[int], clock: FakeClock | None = None
) -> TagWriter:
    ready = profiles.ready("us-28560-2")
    return TagWriter(
        reader=reader,
        journal=journal,
        clock=clock or FakeClock(),
        site=dataclasses.replace(ready, lock=lock),
        isil="US-InU-Mu",
        max_attempts=5,
        new_id=iter(f"attempt-{number}" for number in range(99)).__next__,
    )


def test_a_look_that_showed_a_second_tag_is_not_the_gate_s_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second tag left the pad just now and may come back during the write. The gate takes two looks of its own."""
    world = World()
    reader = LockingReader(world)
    alone, second = world.tag(1), world.tag(2)
    world.place(alone, second)
    reader.reconnect()
    both = reader.inventory()
    world.pad.remove(second)
    looks = 0
    inventory = reader.inventory

    def counted() -> Inventory:
        nonlocal looks
        looks += 1
        return inventory()

    monkeypatch.setattr(reader, "inventory", counted)
    clock = FakeClock()
    work = tag_writer(reader, MemoryJournal(), frozenset(), clock)
    assert (work.single(alone, both, clock.monotonic()), looks) == (1, 2)
    assert (work.single(alone, inventory(), clock.monotonic()), looks) == (1, 3), "a fresh look that showed it alone"


def encode(work: TagWriter, uid: Uid, barcode: str) -> TagImage:
    order = TagOrder(item=CATALOG[barcode], part=1)  # type: ignore[index]
    reading = work.look(uid)
    return work.write(order, 1, reading, work.plan(order.item, 1, reading.image), lambda _done, _total: None).image


def test_a_site_that_locks_the_identifier(rig: Rig) -> None:
    world, reader, uid = rig
    journal = MemoryJournal()
    work = tag_writer(reader, journal, frozenset({1}))
    image = encode(work, uid, BOOK)
    assert world.tags[uid].locked == {0, 1}
    assert image.locked[:3] == (True, True, False)
    assert journal.kinds()[-2:] == ["tag-write-started", "tag-write-verified"]
    # The same item once more: no write is needed, and none is sent.
    writes = world.tags[uid].writes
    encode(work, uid, BOOK)
    assert world.tags[uid].writes == writes
    # Another item on it: refused, and no write is journaled.
    with raises_told(errors.TagLocked, match="block 1"):
        encode(work, uid, OTHER)
    assert world.tags[uid].writes == writes
    assert journal.kinds().count("tag-write-started") == 1


def test_a_lock_that_was_torn_is_journaled_and_taken_up(rig: Rig) -> None:
    world, reader, uid = rig
    journal = MemoryJournal()
    work = tag_writer(reader, journal, frozenset({1}))
    world.lift_at_write = plan_of(reader, uid, lock=(0, 1)).write_commands + 5
    with pytest.raises(errors.TagLost):
        encode(work, uid, BOOK)
    assert journal.kinds()[-1] == "tag-write-interrupted"
    assert 0 < len(world.tags[uid].locked) < 2
    world.place(uid)
    encode(work, uid, BOOK)
    assert world.tags[uid].locked == {0, 1}
    assert journal.open_attempts() == ()


def test_a_reader_that_cannot_lock_writes_nothing_for_such_a_site(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    world, reader, uid = rig
    journal = MemoryJournal()
    monkeypatch.setattr(reader, "capabilities", msgspec.structs.replace(reader.capabilities, can_lock=False))
    with pytest.raises(errors.NotPossible):
        encode(tag_writer(reader, journal, frozenset({1})), uid, BOOK)
    assert world.tags[uid].image() == (bytes(112), 0, 0)
    assert "tag-write-started" not in journal.kinds()
    encode(tag_writer(reader, journal, frozenset()), uid, BOOK)
    assert world.tags[uid].locked == set()


@pytest.mark.parametrize(("number", "what"), [("E0040100", "this reader cannot set"), ("E0070000", "the chip has no")])
def test_a_site_that_wants_the_eas_bit_is_told_who_cannot_do_it(number: str, what: str) -> None:
    world, journal = World(), MemoryJournal()
    uid = Uid(f"{number}00000001")
    world.tags[uid] = Tag(uid)
    world.place(uid)
    reader = LockingReader(world)
    reader.reconnect()
    work = tag_writer(reader, journal, frozenset())
    work._profile = dataclasses.replace(work._profile, eas=True)
    with raises_told(errors.NotPossible, match=what):
        encode(work, uid, BOOK)
    assert world.tags[uid].writes == 0
    assert "tag-write-started" not in journal.kinds()


def test_a_reader_of_badges_makes_no_library_label(rig: Rig) -> None:
    """The nfcpy driver reports this (`iso15693`). The refusal comes before any write and names the cause."""
    _, reader, uid = rig
    plan = plan_of(reader, uid)
    refuse_impossible(plan, reader.capabilities)
    badges = msgspec.structs.replace(reader.capabilities, iso15693=False)
    with raises_told(errors.NotPossible, match="cannot read library labels"):
        refuse_impossible(plan, badges)
