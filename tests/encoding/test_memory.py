"""Whole memories: 28560-3 read at every size, with its deviants; hostile bytes to every decoder."""

from __future__ import annotations

import pytest
from crccheck.crc import Crc16CcittFalse
from hypothesis import given
from hypothesis import strategies as st

from station.encoding import iso28560_2, iso28560_3, rfid501
from station.encoding.content import TagContent
from station.errors import Undecodable
from station.text import clean
from tests.encoding.samples import danish, three_m

# --- 28560-3 --------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_crc_against_a_third_implementation(data: bytes) -> None:
    assert iso28560_3.crc16(data) == Crc16CcittFalse.calc(data)


@given(
    st.text("ABC0189", min_size=1, max_size=16),
    st.sampled_from(["DE705", "NO02030000", "FIHe"]),
    st.sampled_from([32, 34, 112]),
)
def test_28560_3_is_read_at_every_size(identifier: str, owner: str, size: int) -> None:
    memory = danish(identifier, owner, size=32 if size == 32 else 34).ljust(size, b"\0")
    decoded = iso28560_3.decode(memory)
    assert decoded.content.primary_item_identifier == identifier
    assert decoded.content.owner_institution == f"{owner[:2]}-{owner[2:]}"
    assert decoded.owner_is(f"{owner[:2]}-{owner[2:]}")
    assert not decoded.remarks


def test_32_byte_layout_on_a_larger_tag() -> None:
    short = danish("3012", "DE705XYZ901Q", size=32)
    decoded = iso28560_3.decode(short + b"W_OK" + bytes(76))
    assert decoded.content.primary_item_identifier == "3012"
    assert any("may be longer" in remark.sentence for remark in decoded.remarks)
    assert decoded.owner_is("DE-705XYZ901")
    assert not decoded.owner_is("DE-705XYZ901Q")
    assert not decoded.owner_is("")


@pytest.mark.parametrize(
    ("memory", "remark", "usage", "part", "parts"),
    [
        (danish("1", first=0x21), "swapped", 0x20, 1, 1),
        (danish("1", first=0x81), "swapped", 0x80, 1, 1),
        (danish("1", first=0x12), "", 0x20, 1, 1),
        (danish("1", parts=2, part=3), "swapped", 0x10, 2, 3),
        (danish("1", parts=1, part=0), "single item", 0x10, 1, 1),
        (danish("1", owner="DEDE-705"), "twice", 0x10, 1, 1),
        (danish("1") + b"\x03xx", "no extension block", 0x10, 1, 1),
        (danish("1") + b"\x05\x01\x00\x06\x01", "checksum", 0x10, 1, 1),
        (danish("") + bytes(4), "names no item", 0x10, 1, 1),
    ],
)
def test_28560_3_deviants(memory: bytes, remark: str, usage: int, part: int, parts: int) -> None:
    decoded = iso28560_3.decode(memory)
    assert any(remark in line.sentence for line in decoded.remarks) if remark else not decoded.remarks
    assert (decoded.content.type_of_usage, decoded.content.part, decoded.content.parts) == (usage, part, parts)


@pytest.mark.parametrize("first", [0x00, 0x22, 0x33, 0xF0])
def test_28560_3_of_another_version_is_refused(first: int) -> None:
    with pytest.raises(Undecodable, match="version"):
        iso28560_3.decode(danish("1", first=first))


def test_28560_3_bibliotheca_identifier_in_the_library_block() -> None:
    frame = bytearray(b"\x00\x01\x00\x00\x01" + b"LONG-IDENTIFIER-OVER-16")
    frame[0] = len(frame)
    for byte in bytes(frame):
        frame[3] ^= byte
    decoded = iso28560_3.decode(danish("") + bytes(frame) + b"\0W_OK")
    assert decoded.content.primary_item_identifier == "LONG-IDENTIFIER-OVER-16"


def test_no_flipped_bit_of_the_basic_block_is_accepted() -> None:
    memory = danish("31234567890128").ljust(112, b"\0")
    # Bytes 32 and 33 are left out: changed, they make this the 32-byte layout with something behind it.
    for bit in range(32 * 8):
        torn = bytearray(memory)
        torn[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Undecodable):
            iso28560_3.decode(bytes(torn))


# --- hostile bytes --------------------------------------------------------------------------------------------------

SEEDS = st.sampled_from(
    [
        iso28560_2.encode(TagContent("31234567890128", "US-InU-Mu", 2, 3, 0x10, "QA268.L55")),
        bytes.fromhex("c102071100b0c30c30ca00000203a80008830203d6593f0000250110370210405f080599a713063f"),
        danish("31234567890128") + bytes.fromhex("0501000501"),
        three_m("31234567890128"),
    ]
)
MUTATED = st.tuples(
    SEEDS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=4), st.integers(0, 70)
).map(lambda t: _mutate(*t))
HOSTILE = st.binary(max_size=112) | MUTATED


def _mutate(seed: bytes, changes: list[tuple[int, int]], size: int) -> bytes:
    memory = bytearray(seed)
    for place, value in changes:
        if place < len(memory):
            memory[place] = value
    return bytes(memory[:size] if size < len(memory) else memory.ljust(size, b"\0"))


@given(HOSTILE, st.sampled_from([1, 4, 8]))
def test_decoders_raise_only_undecodable_and_give_clean_text(memory: bytes, block_size: int) -> None:
    for read in (iso28560_2.decode, lambda m: iso28560_3.decode(m, block_size), rfid501.decode):
        try:
            found = read(memory)
        except Undecodable:
            continue
        content = found if isinstance(found, TagContent) else found.content
        texts = [content.primary_item_identifier, content.owner_institution, content.shelf_location]
        texts += [part for item in content.elements for part in (item.name, item.value)]
        assert all(clean(text) == text for text in texts)
        assert content.part >= 1
        assert all(e.offset >= 0 and e.offset + e.length <= max(len(memory), 34) for e in content.elements)


@pytest.mark.soak
def test_five_million_mutated_images_raise_only_undecodable() -> None:
    # reliability.md S5.
    from random import Random

    random = Random(15962)
    seeds = [
        iso28560_2.encode(TagContent("31234567890128", "US-InU-Mu", 2, 3, 0x10, "QA268.L55")).ljust(40, b"\0"),
        danish("31234567890128") + bytes.fromhex("050100050100"),
        three_m("31234567890128"),
    ]
    decoded = 0
    for number in range(1_700_000):
        memory = bytearray(random.randbytes(random.randrange(48)) if number % 4 == 0 else random.choice(seeds))
        for _ in range(number % 4):
            memory[random.randrange(len(memory))] = random.randrange(256)
        for read in (iso28560_2.decode, iso28560_3.decode, rfid501.decode):
            try:
                read(bytes(memory))
            except Undecodable:
                continue
            decoded += 1
    assert decoded > 100_000
