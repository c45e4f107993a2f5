"""The write plan against the algorithm of docs/reference/tag-writing.md#the-algorithm, counted by hand."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import DoesNotFit, ElementInvalid, TagLocked
from station.domain.tag_image import TagImage
from station.encoding.content import BEING_WRITTEN, TagContent, TagProfile, TagState
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import as_written, new_image
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import (
    CheckBlocks,
    CheckDsfid,
    ResetField,
    SetAfi,
    SetBlocks,
    SetDsfid,
    VerifyAll,
)
from station.encoding.write_plan.verify import differences, element_differences
from tests.encoding.write_plan.simulated_tag import run, tears, torn_words
from tests.support.for_each import for_each
from tests.support.sample_tags import ISIL, PROFILE, barcode, danish, image, item, three_m

A, NEAR, OTHER = "31234567890128", "31234567890136", "30987654321097"
ZERO = bytes(4)
SHUT = BEING_WRITTEN
# 26 bytes: 11 06 id(6) | 02 01 E0 | 03 07 isil(7) | 14 01 0B | 65 01 10 = blocks 0 to 6, the last with the terminator.
MEMORY = bytes.fromhex("11061c685d52e4d00201e00307acc09ebaa06f6b14010b650110")
BODY = MEMORY[4:].ljust(24, b"\0")
END = (ResetField(), VerifyAll())


def test_the_bytes_of_a_new_tag() -> None:
    tag = item(A)
    assert tag == image(MEMORY, dsfid=0x06, afi=0x07)
    assert len(MEMORY) == 26


def test_blank_tag_by_hand() -> None:
    new = item(A)
    plan = plan_write(image(), new)
    assert plan.steps == (
        SetBlocks(1, BODY),
        CheckBlocks(1, BODY, twice=True),
        SetBlocks(0, MEMORY[:4]),
        CheckBlocks(0, MEMORY[:4]),
        SetDsfid(0x06),
        CheckDsfid(0x06),
        SetAfi(0x07),
        *END,
    )
    assert (plan.write_commands, plan.block_writes) == (4, 7)


def test_another_item_by_hand() -> None:
    old, new = item(OTHER), item(A)
    plan = plan_write(old, new)
    assert plan.steps == (
        SetDsfid(SHUT),
        CheckDsfid(SHUT),
        SetBlocks(0, ZERO),
        CheckBlocks(0, ZERO),
        SetBlocks(1, MEMORY[4:8]),
        CheckBlocks(1, BODY, twice=True),
        SetBlocks(0, MEMORY[:4]),
        CheckBlocks(0, MEMORY[:4]),
        SetDsfid(0x06),
        CheckDsfid(0x06),
        *END,
    )


@for_each(
    ("old", "single", "grouped", "blocks"),
    [
        # Hand count: commands of one block / commands of as many blocks as possible / blocks. Blank: 6 body + block 0 +
        # DSFID + AFI.
        (image(), 9, 4, 7),
        # The same with a stray DSFID: + DSFID 00.
        (image(dsfid=0x06), 10, 5, 7),
        # The 3M fill pattern is not zero: DSFID is 00 already, + block 0 := 0.
        (image(b"\x55" * 24), 10, 5, 8),
        # Other item: DSFID, block 0, block 1, block 0, DSFID.
        (item(OTHER), 5, 5, 3),
        # A nearby number changes one block, but still needs the whole sentinel: the naive 1 command + 4
        # (docs/reference/tag-writing.md#torn-writes-of-iso-28560-2).
        (item(NEAR), 5, 5, 3),
        # 28560-3 fills blocks 0-8: DSFID, block 0, 8 body, block 0, DSFID (AFI is 07 already).
        (image(danish("1", "DE123456789AB"), dsfid=0x3E, afi=0x07), 12, 5, 10),
        # Only AFI differs, only DSFID differs (whole memory equal).
        (dataclasses.replace(item(A), afi=0xC2), 1, 1, 0),
        (dataclasses.replace(item(A), dsfid=0x00), 1, 1, 0),
    ],
)
def test_number_of_write_commands_by_hand(old: TagImage, single: int, grouped: int, blocks: int) -> None:
    one_by_one = plan_write(old, item(A), max_blocks_per_write=1)
    assert (one_by_one.write_commands, one_by_one.block_writes) == (single, blocks)
    assert single <= 12  # docs/reference/tag-writing.md#wear
    plan = plan_write(old, item(A))
    assert (plan.write_commands, plan.block_writes) == (grouped, blocks)
    assert run(plan) == run(one_by_one) == item(A)


def test_equal_needs_nothing() -> None:
    plan = plan_write(item(A), item(A))
    assert plan.empty
    assert (plan.write_commands, plan.block_writes) == (0, 0)


def test_what_is_invalid_already_is_proven_but_not_written_again() -> None:
    new = item(A)
    half = image(ZERO + item(OTHER).memory[4:], dsfid=SHUT, afi=0x07)
    plan = plan_write(half, new)
    assert plan.steps[:3] == (CheckDsfid(SHUT), CheckBlocks(0, ZERO), SetBlocks(1, MEMORY[4:8]))
    gate_open = dataclasses.replace(half, dsfid=0x06)
    assert plan_write(gate_open, new).steps[:3] == (SetDsfid(SHUT), CheckDsfid(SHUT), CheckBlocks(0, ZERO))


def test_which_gate_goes_first() -> None:
    """If DSFID is 00 and there is content, it may be a torn write of a new tag. Then DSFID, whose write can be torn
    too, is not written before block 0 is cleared. But if a torn block 0 could pass for a new tag or a 3M tag under
    DSFID 00, the mark must come first.
    """
    new = item(A)
    mark, clear = (SetDsfid(SHUT), CheckDsfid(SHUT)), (SetBlocks(0, ZERO), CheckBlocks(0, ZERO))
    torn = image(b"\x11\x06\x08\x40" + item(A).memory[4:], dsfid=0x00)
    assert plan_write(torn, item(OTHER)).steps[:4] == (*clear, *mark)
    for old in (image(three_m("123456")), image(b"45678901234"), image(b"\x11\x01\x2a"), image(b"\x11", dsfid=0x06)):
        assert plan_write(old, new).steps[:4] == (*mark, *clear)
    # A new tag needs no mark, unless its new content is of that kind.
    assert not any(isinstance(step, SetDsfid) and step.value == SHUT for step in plan_write(image(), new).steps)
    assert plan_write(image(), image(three_m("123456"), dsfid=0x06)).steps[:2] == mark
    assert plan_write(image(), image(b"\x11\x01\x2a", dsfid=0x06)).steps[:2] == mark


def test_equal_memory_without_mark_is_read_twice_before_it_is_marked() -> None:
    new = item(A)
    plan = plan_write(dataclasses.replace(new, dsfid=0), new)
    marking = (CheckBlocks(0, new.memory, twice=True), SetDsfid(6), CheckDsfid(6), *END)
    assert plan.steps == marking
    # Another mark is removed first.
    plan = plan_write(dataclasses.replace(new, dsfid=0x86), new)
    assert plan.steps == (SetDsfid(SHUT), CheckDsfid(SHUT), *marking)


def test_unchanged_block_0_still_gets_the_sentinel() -> None:
    old, new = item(NEAR), item(A)
    assert old.block(0) == new.block(0)
    steps = plan_write(old, new).steps
    assert (
        steps.index(SetBlocks(0, ZERO))
        < steps.index(SetBlocks(1, new.block(1)))
        < steps.index(SetBlocks(0, new.block(0)))
    )


OLD = st.one_of(
    st.just(image()),
    st.builds(item, st.integers(10**13, 10**14 - 1).map(str)),
    st.binary(min_size=112, max_size=112).map(lambda memory: image(memory, dsfid=6, afi=7)),
    st.builds(
        lambda m, d, a: image(m, dsfid=d, afi=a), st.binary(max_size=112), st.integers(0, 255), st.integers(0, 255)
    ),
    st.just(image(danish("123456"), dsfid=0x3E)),
    st.just(image(three_m("123456"))),
)


@given(OLD, st.integers(10**13, 10**14 - 1).map(str), st.integers(1, 8))
def test_order_and_end_of_every_plan(old: TagImage, identifier: str, most: int) -> None:
    new = item(identifier)
    plan = plan_write(old, new, max_blocks_per_write=most)
    assert run(plan) == new
    if plan.empty:
        assert old == new
        return
    assert plan.steps[-2:] == END
    writes = [step for step in plan.steps if isinstance(step, SetDsfid | SetBlocks | SetAfi)]
    afi = [place for place, step in enumerate(writes) if isinstance(step, SetAfi)]
    assert afi in ([], [len(writes) - 1])
    blocks = [step for step in writes if isinstance(step, SetBlocks)]
    assert all(len(step.data) <= 4 * most for step in blocks)
    if blocks:
        commit = max(place for place, step in enumerate(writes) if isinstance(step, SetDsfid))
        assert writes[commit] == SetDsfid(new.dsfid)
        assert writes[commit - 1] == SetBlocks(0, new.block(0))
        # While any block changes, the gate is closed; while the body changes, block 0 is zero.
        current = plan.old
        for step in plan.steps:
            if isinstance(step, SetBlocks):
                assert current.dsfid == SHUT or (current.dsfid == 0 and old.dsfid == 0)
                assert step.first == 0 or not any(current.block(0))
            current = run_one(step, current)
        body = [step for step in blocks if step.first]
        assert sum(len(step.data) for step in body) == 4 * sum(
            old.block(block) != new.block(block) for block in range(1, new.block_count)
        )


def run_one(step: object, current: TagImage) -> TagImage:
    from tests.encoding.write_plan.simulated_tag import apply

    return apply(step, current)  # type: ignore[arg-type]


def test_a_plan_from_any_torn_state_ends_at_the_new_image() -> None:
    random = Random(1)
    seen = 0
    for old in (
        image(),
        item(OTHER),
        item(NEAR),
        image(danish("1"), dsfid=0x3E),
        image(three_m("1")),
        image(b"\x55" * 24),
    ):
        new = item(A)
        for torn in tears(plan_write(old, new, max_blocks_per_write=3), 3, 4, random):
            again = plan_write(torn, new)
            assert run(again) == new
            assert again.empty == (torn == new)
            seen += 1
    assert seen > 4000


def test_digest_names_the_plan() -> None:
    plan = plan_write(image(), item(A))
    assert plan.digest == plan_write(image(), item(A)).digest
    assert len(plan.digest) == 64
    others = {plan_write(image(), item(NEAR)).digest, plan_write(item(OTHER), item(A)).digest, plan.digest}
    assert len(others) == 3


# --- refusals before the first write --------------------------------------------------------------------------------


@pytest.mark.parametrize("block", range(7))
def test_a_locked_block_that_must_change_is_named(block: int) -> None:
    locked = image(b"\xff" * 112, locked=frozenset({block}))
    with pytest.raises(TagLocked, match=f"block {block}$"):
        new_image(locked, TagContent(A), PROFILE)
    with pytest.raises(TagLocked, match=f"block {block}$"):
        plan_write(locked, image(MEMORY))


def test_locked_blocks_that_need_no_change_stay() -> None:
    behind = image(item(OTHER).memory[:28] + b"STALE BYTES" + bytes(4), dsfid=6, afi=7, locked=frozenset({7, 8, 20}))
    new = new_image(behind, TagContent(A), PROFILE)
    assert new.memory[28:36] == b"STALE BY"
    assert new.memory[36:40] == bytes(4)
    assert run(plan_write(behind, new)) == new
    assert recognise(new, PROFILE).identifier == A
    # The identifier's blocks are locked and right: only the rest is written, and DSFID is the only gate.
    bound = dataclasses.replace(item(A, type_of_usage=0x20), locked=(True, True, *[False] * 26))
    again = new_image(bound, TagContent(A), PROFILE)
    plan = plan_write(bound, again)
    assert run(plan) == again
    assert plan.steps[:3] == (SetDsfid(SHUT), CheckDsfid(SHUT), SetBlocks(6, again.block(6)))
    assert CheckBlocks(0, again.block(0)) in plan.steps


def test_a_locked_terminator_block_may_be_stale_only_behind_the_terminator() -> None:
    shape = bytearray(item(A).memory)
    shape[27] = 0x41  # byte 26 is the terminator
    kept = dataclasses.replace(item(A), memory=bytes(shape), locked=tuple(block == 6 for block in range(28)))
    assert new_image(kept, TagContent(A), PROFILE).memory == bytes(shape)
    shape[26] = 0x41
    with pytest.raises(TagLocked):
        new_image(dataclasses.replace(kept, memory=bytes(shape)), TagContent(A), PROFILE)


def test_too_small() -> None:
    with pytest.raises(DoesNotFit) as refused:
        new_image(image(blocks=6), TagContent(A), PROFILE)
    assert (refused.value.needed, refused.value.available) == (26, 24)
    profile = TagProfile(isil=ISIL, call_number_on_tag=True)
    content = TagContent(A, shelf_location="QA268.L55")
    full = new_image(image(blocks=9), content, profile)
    assert run(plan_write(image(blocks=9), full)) == full
    # 38 bytes, so that the last block is half full. The smallest tag, of 8 blocks (SLIX-L), holds 28560-2 without call
    # number.
    assert new_image(image(blocks=8), TagContent(A), PROFILE).memory[:26] == MEMORY


def test_content_that_fills_the_tag_needs_no_terminator() -> None:
    content = TagContent(A, shelf_location="AB")  # 26 + 4 = 30; with "ABCD" 6-bit: 26 + 5
    profile = TagProfile(isil=ISIL, call_number_on_tag=True)
    exact = image(bytes(30), blocks=0)
    exact = TagImage(exact.uid, 2, bytes(30), (False,) * 15, 0, 0)
    new = new_image(exact, content, profile)
    assert recognise(new, profile).state is TagState.OURS
    assert element_differences(as_written(content, profile), recognise(new, profile)) == ()


@for_each(
    ("content", "profile"),
    [
        (TagContent(A), TagProfile(isil="")),
        (TagContent(A, "DE-1"), PROFILE),
        (TagContent(""), PROFILE),
        (TagContent("3\x1b1"), PROFILE),
        (TagContent(" 31"), PROFILE),
        (TagContent(A, part=2), PROFILE),
        (TagContent(A, type_of_usage=256), PROFILE),
        (TagContent(A), TagProfile(isil=ISIL, dsfid=0)),
        (TagContent(A), TagProfile(isil="DE 1")),
        (TagContent(A, shelf_location="x\u202e"), TagProfile(isil=ISIL, call_number_on_tag=True)),
        (TagContent(A, shelf_location="x" * 180), TagProfile(isil=ISIL, call_number_on_tag=True)),
    ],
)
def test_what_must_not_be_written(content: TagContent, profile: TagProfile) -> None:
    with pytest.raises(ElementInvalid):
        new_image(image(blocks=80), content, profile)


def test_images_of_different_tags_are_a_mistake_of_the_caller() -> None:
    for other in (image(uid="E004015000000002"), image(blocks=8)):
        with pytest.raises(ValueError, match="same tag"):
            plan_write(other, item(A))
    with pytest.raises(ValueError, match="at least 1"):
        plan_write(image(), item(A), max_blocks_per_write=0)


def test_the_counter_of_a_slix2_is_never_written() -> None:
    old = image(bytes(79 * 4) + bytes.fromhex("05000001"), blocks=80, uid="E00401081F453D8F")
    new = new_image(old, TagContent(A), PROFILE)
    assert new.block(79) == bytes.fromhex("05000001")
    plan = plan_write(old, new)
    assert plan.steps[0] == SetBlocks(1, BODY)  # blank: nothing to invalidate
    assert run(plan) == new


# --- verification ---------------------------------------------------------------------------------------------------


def test_differences_name_the_blocks() -> None:
    want = item(A)
    assert differences(want, want) == ()
    have = dataclasses.replace(want, memory=want.memory[:7] + b"\xff" + want.memory[8:], dsfid=0, afi=0xC2)
    assert differences(want, have) == (
        "Block 1: 5D 52 E4 D0 expected, 5D 52 E4 FF read",
        "DSFID: 06 expected, 00 read",
        "AFI: 07 expected, C2 read",
    )
    assert differences(want, image(blocks=8, uid="E004015000000002"))[0].startswith("UID")
    assert "Memory" in differences(want, image(blocks=8))[0]


def test_every_changed_bit_is_a_difference() -> None:
    want, random = item(A), Random(3)
    for _ in range(300):
        word = random.choice(sorted(torn_words(int.from_bytes(want.block(1), "big"), 0, 2, 2, random)))
        have = dataclasses.replace(want, memory=want.memory[:4] + word.to_bytes(4, "big") + want.memory[8:])
        assert bool(differences(want, have)) == (have != want)


def test_element_differences() -> None:
    profile = TagProfile(isil=ISIL, call_number_on_tag=True)
    content = TagContent(A, part=2, parts=3, shelf_location="QA76 .B3")
    wanted = as_written(content, profile)
    tag = new_image(image(), content, profile)
    assert element_differences(wanted, recognise(tag, profile)) == ()
    other = TagContent(barcode(Random(5)), shelf_location="QA77", type_of_usage=0x20)
    found = element_differences(wanted, recognise(new_image(image(), other, profile), profile))
    assert [line.split(":")[0] for line in found] == [
        "Primary item identifier",
        "Set information",
        "Type of usage",
        "Shelf location",
    ]
    assert "incomplete" in element_differences(wanted, recognise(dataclasses.replace(tag, dsfid=0), profile))[0]
    assert "blank" in element_differences(wanted, recognise(image(), profile))[0]
