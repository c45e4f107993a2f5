"""Layout of elements: order, block boundaries around locked elements, reserved room."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import ElementInvalid
from station.encoding.content import TagContent, TagProfile
from station.encoding.iso15962 import elements
from station.encoding.iso15962.elements import PaddedOrder
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_2.codec import Iso28560Part2
from station.encoding.iso28560_2.layout import RESERVE_MAX, Choices
from tests.encoding.iso28560_2.test_codec import CONTENT

# The complete worked example at the end of ISO 28560-2:2014, docs/reference/tag-data.md#worked-example: nine blocks of
# four bytes.
EXAMPLE = """
91 00 05 1C
BE 99 1A 14
02 01 D0 14
02 04 B3 46
07 44 1C B6
E2 E3 35 D6
83 02 07 AC
C0 9E BA A0
6F 6B 00 00
"""
EXAMPLE_CONTENT = TagContent("123456789012", "US-InU-Mu", 3, 12, None, "QA268.L55")
LOCK_1_3 = frozenset({1, 3})


def test_the_worked_example_of_the_standard() -> None:
    layout = iso28560_2_codec.place(EXAMPLE_CONTENT, 4, LOCK_1_3)
    assert layout.data == bytes.fromhex(EXAMPLE)
    # Its lock map is ll....lll: blocks 0-1 and 6-8.
    assert layout.locks == ((0, 8), (24, 12))


def test_the_same_as_a_data_model_with_the_sites_profile() -> None:
    profile = TagProfile(isil="US-InU-Mu", lock=LOCK_1_3)
    encoded = Iso28560Part2().encode(EXAMPLE_CONTENT, profile, 4, 112)
    assert encoded.data == bytes.fromhex(EXAMPLE) + b"\0"
    assert (encoded.content_end, encoded.lock_bytes) == (36, ((0, 8), (24, 12)))


def test_reserved_room_as_dp2_has_it() -> None:
    # dp2 TestChip.cs Test_chip_complex_layout_2: the same with four zero bytes after the bitmap, lock map ll.....lll.
    memory = bytes.fromhex("9100051cbe991a140205d000000000140204b34607441cb6e2e335d6830207acc09ebaa06f6b0000")
    layout = iso28560_2_codec.place(EXAMPLE_CONTENT, 4, LOCK_1_3, reserve=4)
    assert layout.data == memory
    assert layout.locks == ((0, 8), (28, 12))
    profile = TagProfile(isil="US-InU-Mu", lock=LOCK_1_3, reserve=4)
    assert Iso28560Part2().encode(EXAMPLE_CONTENT, profile, 4, 40).data == memory


def test_what_alignment_needs_becomes_room_in_the_content_parameter() -> None:
    # The identifier as in the example, eight bytes. {3, 4, 5} = E0: 02 01 E0, 14 01 0B and 65 01 10 are nine bytes, so
    # three zeros follow the bitmap. The owner DE-7 has five bytes: by three = 83 02 03 and two zeros.
    layout = iso28560_2_codec.place(TagContent("123456789012", "DE-7", type_of_usage=0x10), 4, LOCK_1_3)
    assert layout.data.hex(" ", -4) == "9100051c be991a14 0204e000 00001401 0b650110 83020321 41f70000"
    assert layout.locks == ((0, 8), (20, 8))


def test_nothing_locked_nothing_aligned() -> None:
    layout = iso28560_2_codec.place(EXAMPLE_CONTENT, 4, frozenset())
    assert layout.locks == ()
    assert [item.offset_bit for item in iso28560_2_codec.decode(layout.data).raw] == [False] * 5
    # A lock policy for elements that the tag does not have.
    assert iso28560_2_codec.place(EXAMPLE_CONTENT, 4, frozenset({17, 23})).data == layout.data


def test_a_single_locked_identifier() -> None:
    # dp2 TestChip.cs layout_4: "ww", and only the identifier.
    assert iso28560_2_codec.encode_elements([(1, "123456789012")], 4, frozenset({1})).hex() == "9100051cbe991a14"


@pytest.mark.parametrize("reserve", [0, 1, 4, RESERVE_MAX])
def test_reserve_is_zero_bytes_behind_the_bitmap(reserve: int) -> None:
    plain = iso28560_2_codec.encode(EXAMPLE_CONTENT)
    roomy = iso28560_2_codec.encode(EXAMPLE_CONTENT, reserve=reserve)
    assert len(roomy) == len(plain) + reserve
    parameter = next(item for item in iso28560_2_codec.decode(roomy).raw if item.oid == 2)
    assert parameter.data == b"\xd0" + bytes(reserve)
    assert iso28560_2_codec.decode(roomy).remarks == ()


def test_reserve_alone_makes_a_content_parameter() -> None:
    # 61 01 37, and a bitmap of two zero bytes.
    assert iso28560_2_codec.encode_elements([(1, "7")], reserve=2).hex() == "610137" + "02020000"


@pytest.mark.parametrize("reserve", [-1, RESERVE_MAX + 1])
def test_an_impossible_reserve_is_refused(reserve: int) -> None:
    with pytest.raises(ElementInvalid, match="reserved"):
        iso28560_2_codec.encode(EXAMPLE_CONTENT, reserve=reserve)


def test_an_impossible_block_size_is_refused() -> None:
    with pytest.raises(ElementInvalid):
        iso28560_2_codec.encode(EXAMPLE_CONTENT, 0)


def test_a_locked_group_that_nobody_can_fill_up_is_refused_unless_an_order_is_chosen() -> None:
    values = [(1, "31234567890128"), (17, "AB12C")]
    with pytest.raises(ElementInvalid, match="relative OID 15"):
        iso28560_2_codec.encode_elements(values, 4, frozenset({17}))
    for order in (PaddedOrder.OID_FIRST, PaddedOrder.PAD_FIRST):
        memory = iso28560_2_codec.encode_elements(values, 4, frozenset({17}), choices=Choices(padded_order=order))
        title = iso28560_2_codec.decode(memory, order=order).raw[-1]
        assert (title.oid, title.order, title.offset % 4, len(memory) % 4) == (17, order, 0, 0)


def test_a_content_parameter_that_cannot_fill_a_huge_block_is_refused() -> None:
    with pytest.raises(ElementInvalid, match="block of this size"):
        iso28560_2_codec.encode(EXAMPLE_CONTENT, 256, frozenset({3}), choices=Choices())


@given(
    st.lists(st.sampled_from([3, 6, 15, 17, 23, 26]), unique=True, min_size=1),
    st.frozensets(st.sampled_from([1, 3, 6]), max_size=3),
)
def test_an_element_from_15_on_is_never_padded_by_default(others: list[int], locked: frozenset[int]) -> None:
    values = [(1, "31234567890128"), *((oid, "AB12CD") for oid in others)]
    raw, _ = elements.decode(iso28560_2_codec.encode_elements(values, 4, locked))
    assert all(not item.offset_bit for item in raw if item.oid >= 15)
    # Order: identifier, content parameter, open elements as given, locked elements as given.
    assert [item.oid for item in raw] == [1, 2, *sorted(others, key=lambda oid: oid in locked)]


@given(
    CONTENT,
    st.frozensets(st.sampled_from([1, 2, 3, 4, 5, 6, 11, 13, 17, 19, 22, 31]), max_size=6),
    st.integers(1, 32),
    st.integers(0, 12),
    st.sampled_from([PaddedOrder.OID_FIRST, PaddedOrder.PAD_FIRST]),
)
def test_what_is_locked_has_its_blocks_to_itself(
    content: TagContent, locked: frozenset[int], block_size: int, reserve: int, order: PaddedOrder
) -> None:
    choices = Choices(padded_order=order)
    layout = iso28560_2_codec.place(content, block_size, locked, reserve=reserve, choices=choices)
    decoded = iso28560_2_codec.decode(layout.data, order=order)
    assert dataclasses.replace(decoded.content, elements=()) == content
    assert [item.oid for item in decoded.raw[:2]] == [1, 2]
    inside = bytearray(len(layout.data))
    for offset, length in layout.locks:
        assert offset % block_size == 0 == length % block_size
        assert length > 0
        inside[offset : offset + length] = b"\x01" * length
    for item in decoded.raw:
        assert set(inside[item.offset : item.offset + item.length]) == {item.oid in locked}
        if item.oid in locked:
            # No block of a locked element holds an open element.
            first, last = item.offset // block_size, (item.offset + item.length - 1) // block_size
            assert all(inside[first * block_size : (last + 1) * block_size])
    grown = next(item for item in decoded.raw if item.oid == 2)
    announced = iso28560_2_codec.content_parameter(iso28560_2_codec.content_parameter_oids(grown.data))
    assert grown.data[: len(announced)] == announced
    assert len(grown.data) >= len(announced) + reserve
    # No longer than necessary: the elements as they are, the room, and less than a block at each border.
    plain = len(iso28560_2_codec.encode(content))
    assert len(layout.data) <= plain + reserve + (block_size - 1) * (2 * len(layout.locks) + 1)


@given(CONTENT, st.frozensets(st.sampled_from([1, 3, 5, 6]), max_size=4), st.sampled_from([1, 4, 8, 16, 32]))
def test_without_an_order_the_same_holds_or_it_is_refused(
    content: TagContent, locked: frozenset[int], block_size: int
) -> None:
    layout = iso28560_2_codec.place(content, block_size, locked)
    raw = iso28560_2_codec.decode(layout.data).raw
    assert all(not item.offset_bit for item in raw if item.oid >= 15)
    assert all(offset % block_size == 0 == length % block_size for offset, length in layout.locks)
    assert sum(length for _, length in layout.locks) == sum(item.length for item in raw if item.oid in locked)
