"""Locks, EAS, chip limits, undo: locks only on request, their order, and refusals before the first write."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from station.base.errors import DoesNotFit, ElementInvalid, NotPossible, TagLocked
from station.encoding.content import BEING_WRITTEN, Encoded, TagContent, TagProfile, TagState
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan import image as write_plan_image
from station.encoding.write_plan.plan import plan_item, plan_write, undo
from station.encoding.write_plan.steps import (
    LOCKS,
    CheckLocks,
    ChipLimits,
    LockAfi,
    LockBlocks,
    LockDsfid,
    ResetField,
    SetAfi,
    SetBlocks,
    SetDsfid,
    SetEas,
    VerifyAll,
)
from tests.encoding.write_plan.simulated_tag import run
from tests.support.for_each import for_each
from tests.support.sample_tags import ISIL, PROFILE, danish, image, item, three_m

A, OTHER = "31234567890128", "30987654321097"
END = (ResetField(), VerifyAll())
LAST = (ResetField(), VerifyAll(locks=True))


def test_nothing_is_locked_unless_it_is_asked_for() -> None:
    for old in (image(), item(OTHER), image(three_m("1"))):
        plan = plan_write(old, item(A))
        assert not any(isinstance(step, (*LOCKS, SetEas)) for step in plan.steps)
        assert plan.locks == ()
        assert plan.new.locked == old.locked
        assert plan_item(old, TagContent(A), PROFILE).steps == plan.steps


def test_locks_come_last_each_behind_the_proof_and_read_back() -> None:
    plan = plan_write(image(), item(A), lock=(5, 1, 0, 1), lock_afi=True, lock_dsfid=True)
    assert plan.steps[: -len(LAST) - 6] == plan_write(image(), item(A)).steps
    assert plan.steps[-len(LAST) - 6 :] == (
        LockBlocks(0, 2),
        CheckLocks(0, 2),
        LockBlocks(5, 1),
        CheckLocks(5, 1),
        LockAfi(),
        LockDsfid(),
        *LAST,
    )
    assert plan.locks == (0, 1, 5)
    assert [block for block, locked in enumerate(plan.new.locked) if locked] == [0, 1, 5]
    assert plan.write_commands == plan_write(image(), item(A)).write_commands + 5
    assert run(plan) == plan.new


def test_a_finished_tag_is_proven_anew_before_it_is_locked() -> None:
    tag = item(A)
    assert plan_write(tag, tag, lock=(0,)).steps == (*END, LockBlocks(0, 1), CheckLocks(0, 1), *LAST)
    bound = dataclasses.replace(tag, locked=(True, *[False] * 27))
    assert plan_write(bound, bound, lock=(0,)).empty
    assert plan_write(bound, bound, lock=(0, 1)).locks == (1,)


@pytest.mark.parametrize("lock", [(28,), (-1,), (0, 99)])
def test_blocks_that_are_not_there_are_a_mistake_of_the_caller(lock: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="no block"):
        plan_write(image(), item(A), lock=lock)


def test_the_counter_of_a_slix2_cannot_be_locked() -> None:
    old = image(blocks=80, uid="E00401081F453D8F")
    with pytest.raises(ValueError, match="no block 79"):
        plan_write(old, old, lock=(79,))


@pytest.mark.parametrize(
    ("old", "wanted", "error", "what"),
    [
        (image(), {"limits": ChipLimits(dsfid_locked=True)}, TagLocked, "DSFID"),
        (item(OTHER), {"limits": ChipLimits(dsfid_locked=True)}, TagLocked, "DSFID"),
        (image(), {"limits": ChipLimits(afi_locked=True)}, TagLocked, "AFI"),
        (image(), {"eas": True}, NotPossible, "EAS"),
        (image(), {"lock": (0,), "limits": ChipLimits(can_lock=False)}, NotPossible, "locked"),
        (dataclasses.replace(image(), locked=()), {"lock": (0,)}, NotPossible, "security status"),
    ],
)
def test_what_is_refused_before_anything_is_written(old: Any, wanted: dict[str, Any], error: type, what: str) -> None:
    with pytest.raises(error, match=what):
        plan_write(old, dataclasses.replace(item(A), locked=old.locked), **wanted)


def test_a_locked_dsfid_or_afi_that_need_not_change_is_no_obstacle() -> None:
    limits = ChipLimits(dsfid_locked=True, afi_locked=True)
    assert plan_write(item(A), item(A), limits=limits).empty
    afi = dataclasses.replace(item(A), afi=0xC2)
    assert plan_write(afi, item(A), limits=ChipLimits(dsfid_locked=True)).steps == (SetAfi(7), *END)


def test_eas_comes_behind_the_afi_and_before_the_proof() -> None:
    plan = plan_write(image(), item(A), eas=True, limits=ChipLimits(has_eas=True))
    assert plan.steps[-4:] == (SetAfi(7), SetEas(on=True), *END)
    profile = TagProfile(isil=ISIL, eas=True)
    assert SetEas(on=True) in plan_item(image(), TagContent(A), profile, limits=ChipLimits(has_eas=True)).steps
    assert plan_item(item(A), TagContent(A), profile, limits=ChipLimits(has_eas=True)).empty
    lent = dataclasses.replace(item(A), afi=0xC2)
    returned = plan_item(lent, TagContent(A), profile, limits=ChipLimits(has_eas=True))
    assert returned.steps == (SetAfi(7), SetEas(on=True), *END), "the AFI alone changes, and the gate reads the EAS bit"
    with pytest.raises(NotPossible, match="EAS"):
        plan_item(image(), TagContent(A), profile)


def test_the_chip_s_limit_counts_beside_the_reader_s() -> None:
    for most, limits in ((32, ChipLimits(blocks_per_write=1)), (1, ChipLimits()), (1, None)):
        plan = plan_write(image(), item(A), max_blocks_per_write=most, limits=limits)
        assert all(len(step.data) == 4 for step in plan.steps if isinstance(step, SetBlocks))
    with pytest.raises(ValueError, match="at least 1"):
        plan_write(image(), item(A), limits=ChipLimits(blocks_per_write=0))


# --- from a profile to blocks ---------------------------------------------------------------------------------------


def test_a_profile_that_locks_the_identifier() -> None:
    profile = TagProfile(isil=ISIL, lock=frozenset({1}))
    plan = plan_item(image(), TagContent(A), profile)
    assert plan.locks == (0, 1)
    assert recognise(run(plan), profile).identifier == A
    # The same item again, with another part of its set: the locked blocks are right and stay.
    again = plan_item(plan.new, TagContent(A, part=2, parts=2), profile)
    assert again.locks == ()
    assert not any(isinstance(step, SetBlocks) and step.first < 2 for step in again.steps)
    assert recognise(run(again), profile).identifier == A
    # Another item: refused with the block's number, before anything is planned.
    with pytest.raises(TagLocked, match="block 0"):
        plan_item(plan.new, TagContent(OTHER), profile)


def test_a_profile_that_locks_identifier_and_owner() -> None:
    profile = TagProfile(isil=ISIL, lock=frozenset({1, 3}))
    plan = plan_item(image(), TagContent(A, shelf_location=""), profile)
    locked = b"".join(plan.new.block(block) for block in plan.locks)
    assert bytes.fromhex("acc09ebaa06f6b") in locked
    assert recognise(run(plan), profile).state is TagState.OURS
    assert not any(plan.new.block(block) == bytes(4) for block in plan.locks)


def test_bytes_that_are_no_whole_blocks_are_never_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless:
        def encode(self, *_: object) -> Encoded:
            return Encoded(b"\x11\x01\x2a\x00", 3, ((0, 3),))

    monkeypatch.setattr(write_plan_image, "writable", lambda _name: Careless())
    with pytest.raises(ElementInvalid, match="whole blocks"):
        write_plan_image.blocks_to_lock(image(), TagContent("42"), TagProfile(isil=ISIL, lock=frozenset({1})))


def test_a_tag_that_is_smaller_than_the_profile_allows() -> None:
    with pytest.raises(DoesNotFit) as refused:
        plan_item(image(blocks=8), TagContent(A), TagProfile(isil=ISIL, smallest=112))
    assert (refused.value.needed, refused.value.available) == (112, 32)


def test_the_marks_of_unfinished_tags_cannot_mark_finished_ones() -> None:
    for dsfid in (0x00, BEING_WRITTEN):
        with pytest.raises(ElementInvalid, match=f"{dsfid:02X}"):
            plan_item(image(), TagContent(A), TagProfile(isil=ISIL, dsfid=dsfid))


@pytest.mark.parametrize(
    ("model", "dsfid", "whose"),
    [("28560-3", 0x06, "28560-2"), ("danish-32", 0x06, "28560-2"), ("28560-2", 0x3E, "28560-3")],
)
def test_the_mark_of_another_model_cannot_mark_a_tag(model: str, dsfid: int, whose: str) -> None:
    """Every other reader would take the tag for one of the other model (docs/reference/tag-data.md#dsfid-and-afi)."""
    with pytest.raises(ElementInvalid, match=f"DSFID {dsfid:02X} marks tags of ISO {whose}"):
        plan_item(image(), TagContent(A), TagProfile(isil="DK-718500", model=model, dsfid=dsfid))
    assert plan_item(image(), TagContent(A), TagProfile(isil="DK-718500", model=model, dsfid=0x40)).new.dsfid == 0x40


def test_locked_leftovers_behind_the_end_do_no_harm_to_either_model() -> None:
    three = TagProfile(isil=ISIL, model="28560-3", dsfid=0x3E)
    for profile, first in ((PROFILE, 7), (three, 9)):
        stale = image(bytes(first * 4) + b"STALE BYTES", locked=frozenset({first, first + 2}))
        plan = plan_item(stale, TagContent(A), profile)
        assert plan.new.block(first) == b"STAL"
        assert plan.new.block(first + 1) == bytes(4)
        found = recognise(run(plan), profile)
        assert (found.state, found.identifier) == (TagState.OURS, A)


# --- undo -----------------------------------------------------------------------------------------------------------


@for_each(
    "old",
    [
        image(),
        image(dsfid=0x06),
        item(OTHER),
        image(danish(OTHER), dsfid=0x3E, afi=0x07),
        image(danish(OTHER)),
        image(three_m(OTHER), afi=0xD6),
        image(b"\x55" * 24),
        image(b"TEXT12345678", dsfid=0xFF, afi=0x99),
    ],
)
def test_undo_brings_back_every_byte(old: Any) -> None:
    plan = plan_write(old, item(A))
    back = undo(plan)
    assert (back.old, back.new) == (plan.new, old)
    assert run(back) == old
    assert undo(plan, old).empty
    shut = [step for step in back.steps if isinstance(step, SetDsfid)]
    assert shut[0] == SetDsfid(BEING_WRITTEN)
    assert shut[-1] == SetDsfid(old.dsfid)


def test_what_was_locked_cannot_be_undone_where_it_matters() -> None:
    plan = plan_write(image(), item(A), lock=(1,))
    with pytest.raises(TagLocked, match="block 1"):
        undo(plan)
    # A lock on a block that does not change does not prevent the undo.
    harmless = plan_write(item(OTHER), item(A), lock=(4,))
    assert run(undo(harmless)).memory == item(OTHER).memory
