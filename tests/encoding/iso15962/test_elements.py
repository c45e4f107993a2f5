"""The element layout of ISO/IEC 15962: bytes by hand, every named choice both ways, and sequences of any elements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import ElementInvalid, Undecodable
from station.encoding.iso15962 import elements
from station.encoding.iso15962.compaction import Scheme
from station.encoding.iso15962.elements import LengthForm, PaddedOrder, RawElement
from tests.support.for_each import for_each


def one(memory: str, **choices: object) -> RawElement:
    (found,), end = elements.decode(bytes.fromhex(memory), **choices)  # type: ignore[arg-type]
    assert end == len(bytes.fromhex(memory))
    return found


# --- bytes by hand ------------------------------------------------------------------------------------------------------


@for_each(
    ("oid", "scheme", "data", "pad", "memory"),
    [
        # 0 001 0001 = 11, length 1
        (1, Scheme.INTEGER, "05", 0, "110105"),
        # docs/reference/tag-data.md#element-layout: by one = the pad count 00 alone; 1 001 0001 = 91
        (1, Scheme.INTEGER, "05", 1, "91000105"),
        # by three = pad count 2 and two zeros; 1 000 0011 = 83
        (3, Scheme.APPLICATION, "ac", 3, "830201ac0000"),
        # 0 110 1110 = 6E: the last OID without a separate byte
        (14, Scheme.OCTETS, "61", 0, "6e0161"),
        # 0 110 1111 = 6F, 15 - 15 = 00: the first OID with a separate byte
        (15, Scheme.OCTETS, "61", 0, "6f000161"),
        # the two from tags in the field: 7F 02 = 17 by UTF-8, 5F 08 = 23 by 7-bit
        (17, Scheme.UTF8, "61", 0, "7f020161"),
        (23, Scheme.SEVEN_BIT, "99a713063f", 0, "5f080599a713063f"),
        # 127 - 15 = 112 = 70, the last OID
        (127, Scheme.OCTETS, "61", 0, "6f700161"),
        # empty, as on tags in the field
        (3, Scheme.APPLICATION, "", 0, "0300"),
    ],
)
def test_bytes_of_an_element(oid: int, scheme: Scheme, data: str, pad: int, memory: str) -> None:
    assert elements.encode(oid, scheme, bytes.fromhex(data), pad).hex() == memory
    found = one(memory)
    assert (found.oid, found.scheme, found.data.hex()) == (oid, scheme, data)
    assert (found.offset_bit, found.pad_bytes, found.length) == (pad > 0, max(pad - 1, 0), len(memory) // 2)
    assert memory[2 * found.data_offset :].startswith(data)


def test_both_orders_of_oid_and_pad_count() -> None:
    # 1 110 1111 = EF; OID 17 = 02; by two = pad count 1 and one zero; length 2, "ab", 00.
    oid_first, pad_first = "ef0201026162" + "00", "ef0102026162" + "00"
    write = (17, Scheme.OCTETS, b"ab", 2)
    assert elements.encode(*write, order=PaddedOrder.OID_FIRST).hex() == oid_first
    assert elements.encode(*write, order=PaddedOrder.PAD_FIRST).hex() == pad_first
    with pytest.raises(ElementInvalid, match="not settled"):
        elements.encode(*write)
    for order in PaddedOrder:
        found = one(oid_first, order=order)
        assert (found.oid, found.data, found.pad_bytes, found.order) == (17, b"ab", 1, PaddedOrder.OID_FIRST)
    # If one order cannot be read, the other is tried: EF 01 02 as OID 16 would need two zeros, and there is one.
    for order in PaddedOrder:
        found = one(pad_first, order=order)
        assert (found.oid, found.data, found.pad_bytes, found.order) == (17, b"ab", 1, PaddedOrder.PAD_FIRST)
    # If both fit, the named order decides: OID 16 with two zeros, or OID 17 with one zero and then the terminator.
    both = bytes.fromhex(pad_first + "00")
    assert [(e.oid, e.pad_bytes) for e in elements.decode(both)[0]] == [(16, 2)]
    assert [(e.oid, e.pad_bytes) for e in elements.decode(both, order=PaddedOrder.PAD_FIRST)[0]] == [(17, 1)]


def test_an_order_is_one_of_the_whole_memory() -> None:
    # Two elements of one writer, pad count first: "ff 00 08 03 abc" = OID 23, and the same for OID 24.
    memory = bytes.fromhex("ff000803616263" + "ff000903616263")
    assert [(e.oid, e.order) for e in elements.decode(memory)[0]] == [
        (23, PaddedOrder.PAD_FIRST),
        (24, PaddedOrder.PAD_FIRST),
    ]


def test_a_memory_without_such_an_element_keeps_its_first_error() -> None:
    with pytest.raises(Undecodable, match="5 bytes promised, 1 left") as error:
        elements.decode(bytes.fromhex("110105" + "6605ff"))
    assert error.value.offset == 5


@for_each(
    ("form", "count", "head"),
    [
        (LengthForm.ONE_BYTE_TO_127, 127, "667f"),
        (LengthForm.ONE_BYTE_TO_255, 127, "667f"),
        (LengthForm.SEVEN_BIT_GROUPS, 127, "667f"),
        (LengthForm.ONE_BYTE_TO_255, 128, "6680"),
        (LengthForm.ONE_BYTE_TO_255, 255, "66ff"),
        # 128 = 1 * 128 + 0: 81 00; 200 = 1 * 128 + 72: 81 48; 16383 = 127 * 128 + 127: FF 7F
        (LengthForm.SEVEN_BIT_GROUPS, 128, "668100"),
        (LengthForm.SEVEN_BIT_GROUPS, 200, "668148"),
        (LengthForm.SEVEN_BIT_GROUPS, 16383, "66ff7f"),
    ],
)
def test_lengths_beyond_127(form: LengthForm, count: int, head: str) -> None:
    data = b"x" * count
    memory = elements.encode(6, Scheme.OCTETS, data, length_form=form)
    assert memory[: len(head) // 2].hex() == head
    assert len(memory) == elements.size(6, data, form)
    (found,), end = elements.decode(memory, length_form=form)
    assert (found.data, end) == (data, len(memory))


@pytest.mark.parametrize(
    ("form", "longest"),
    [
        (LengthForm.ONE_BYTE_TO_127, 127),
        (LengthForm.ONE_BYTE_TO_255, 255),
        (LengthForm.SEVEN_BIT_GROUPS, 16383),
    ],
)
def test_a_length_form_refuses_what_it_cannot_say(form: LengthForm, longest: int) -> None:
    with pytest.raises(ElementInvalid, match=f"longest that can be written is {longest}"):
        elements.encode(6, Scheme.OCTETS, b"x" * (longest + 1), length_form=form)


def test_the_decoder_holds_to_the_length_form_that_was_chosen() -> None:
    one_byte = bytes([0x66, 0x80]) + b"\x05" * 128
    assert len(elements.decode(one_byte)[0][0].data) == 128
    with pytest.raises(Undecodable, match="above 127"):
        elements.decode(one_byte, length_form=LengthForm.ONE_BYTE_TO_127)
    # As groups: 80 05 = 5 bytes. A third byte would make it more than 16383.
    assert len(elements.decode(one_byte[:8], length_form=LengthForm.SEVEN_BIT_GROUPS)[0][0].data) == 5
    with pytest.raises(Undecodable, match="above 16383"):
        elements.decode(bytes.fromhex("66818001"), length_form=LengthForm.SEVEN_BIT_GROUPS)


@for_each(
    ("memory", "reason", "offset"),
    [
        ("11", "ends", 1),
        ("1102", "2 bytes promised, 0 left", 2),
        ("9103013100", "4 bytes promised, 2 left", 3),
        ("91020131ff00", "not zero", 4),
        ("100131", "OID 0", 0),
        ("1f7101", "OID 128", 0),
        ("8f", "ends", 1),
        ("8f00", "ends", 2),
        ("ffffff", "OID 270", 0),
        ("11013166", "ends", 4),
    ],
)
def test_what_does_not_fit_is_undecodable(memory: str, reason: str, offset: int) -> None:
    with pytest.raises(Undecodable, match=reason) as error:
        elements.decode(bytes.fromhex(memory))
    assert error.value.offset == offset


def test_nothing_behind_the_terminator_is_read() -> None:
    raw, end = elements.decode(bytes.fromhex("110105" + "00" + "ffffffff" + "575f4f4b"))
    assert ([item.oid for item in raw], end) == ([1], 3)
    assert elements.decode(b"") == ((), 0)
    assert elements.decode(b"\0\xff") == ((), 0)


@pytest.mark.parametrize(
    ("oid", "pad", "count"), [(0, 0, 1), (128, 0, 1), (-1, 0, 1), (1, -1, 1), (1, 257, 1), (1, 0, 128)]
)
def test_what_cannot_be_written_is_refused(oid: int, pad: int, count: int) -> None:
    with pytest.raises(ElementInvalid):
        elements.encode(oid, Scheme.OCTETS, b"x" * count, pad)


def test_padding_of_each_length() -> None:
    for pad in (0, 1, 2, 3, 4, 31, 256):
        data = elements.encode(1, Scheme.OCTETS, b"abc", pad)
        assert len(data) == elements.size(1, b"abc") + pad
        (found,), end = elements.decode(data)
        assert (found.data, end) == (b"abc", len(data))


def test_what_may_be_padded() -> None:
    assert [oid for oid in range(1, 128) if elements.paddable(oid)] == list(range(1, 15))
    assert all(elements.paddable(oid, PaddedOrder.OID_FIRST) for oid in range(1, 128))


# --- properties ---------------------------------------------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(st.integers(1, 127), st.sampled_from(list(Scheme)), st.binary(max_size=40), st.integers(0, 20)),
    max_size=8,
)


@given(ROWS, st.sampled_from([PaddedOrder.OID_FIRST, PaddedOrder.PAD_FIRST]), st.binary(max_size=6))
def test_a_whole_row_comes_back(rows: list[tuple[int, Scheme, bytes, int]], order: PaddedOrder, stale: bytes) -> None:
    memory = b""
    for oid, scheme, data, pad in rows:
        memory += elements.encode(oid, scheme, data, pad, order=order)
    found, end = elements.decode(memory + (b"\0" + stale if stale else b""), order=order)
    assert end == len(memory)
    assert [(e.oid, e.scheme, e.data, e.pad_bytes + e.offset_bit) for e in found] == rows
    assert all(memory[e.data_offset : e.data_offset + len(e.data)] == e.data for e in found)
    assert [e.offset for e in found] == [sum(e.length for e in found[:place]) for place in range(len(found))]


@given(st.binary(max_size=160), st.sampled_from(PaddedOrder), st.sampled_from(LengthForm))
def test_any_bytes_are_a_row_or_undecodable(memory: bytes, order: PaddedOrder, form: LengthForm) -> None:
    try:
        found, end = elements.decode(memory, order=order, length_form=form)
    except Undecodable as error:
        found, end = (), error.offset
    if not found:
        assert 0 <= end <= len(memory)
        return
    assert sum(item.length for item in found) == end
    assert end == len(memory) or memory[end] == elements.TERMINATOR
    for item in found:
        if item.order is PaddedOrder.NEVER:
            again = elements.encode(
                item.oid,
                item.scheme,
                item.data,
                item.pad_bytes + item.offset_bit,
                length_form=LengthForm.ONE_BYTE_TO_255 if form is not LengthForm.SEVEN_BIT_GROUPS else form,
            )
            stood = memory[item.offset : item.offset + item.length]
            # Seven-bit groups are not unique (80 05 = 05). Everything else is written as it was read.
            assert again == stood or (form is LengthForm.SEVEN_BIT_GROUPS and len(again) == len(stood) - 1)
