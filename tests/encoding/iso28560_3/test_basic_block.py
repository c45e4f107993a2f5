"""The basic block of 28560-3 and writers' mistakes in it: named and corrected; never accepted with a wrong CRC."""

from __future__ import annotations

import pytest
from crccheck.crc import Crc16CcittFalse
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import Undecodable
from station.base.text import clean
from station.encoding.content import TagContent
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_3 import basic_block, deviants
from station.encoding.iso28560_3.basic_block import decode
from station.encoding.iso28560_3.models import Iso28560Part3
from station.encoding.recognition import rfid501
from tests.encoding.iso28560_3.written import codes, contents, crc, frame, owned, reverse, with_crc
from tests.support.for_each import for_each
from tests.support.sample_tags import danish, image, three_m

# --- CRC and basic block --------------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_crc_against_a_third_implementation(data: bytes) -> None:
    assert basic_block.crc16(data) == Crc16CcittFalse.calc(data)


def test_crc_of_the_reference_string() -> None:
    # Doc 067 p. 51, quoted by rfidgeek and libdanrfid.
    assert basic_block.crc16(b"RFID tag data model") == 0x1AEE


@given(
    st.text("ABC0189", min_size=1, max_size=16),
    st.sampled_from(["DE705", "NO02030000", "FIHe"]),
    st.sampled_from([32, 33, 34, 35, 112]),
)
def test_it_is_read_at_every_size(identifier: str, owner: str, size: int) -> None:
    memory = danish(identifier, owner, size=32 if size < 34 else 34).ljust(size, b"\0")
    decoded = decode(memory)
    assert decoded.content.primary_item_identifier == identifier
    assert decoded.content.owner_institution == f"{owner[:2]}-{owner[2:]}"
    assert owned(decoded, f"{owner[:2]}-{owner[2:]}")
    assert not decoded.remarks
    assert decoded.end == (32 if size < 34 else 34)


@given(
    st.integers(0, 15),
    st.integers(0, 255),
    st.integers(0, 255),
    st.binary(max_size=16),
    st.binary(max_size=13),
)
def test_the_block_that_is_written_against_one_by_hand(
    usage: int, parts: int, part: int, item: bytes, owner: bytes
) -> None:
    head = bytes([0x10 | usage, parts, part]) + item.ljust(16, b"\0")
    tail = owner.ljust(13, b"\0")
    assert basic_block.basic_block(usage, parts, part, item, owner) == with_crc(head + b"\0\0" + tail)


@pytest.mark.parametrize(("item", "owner", "usage"), [(b"x" * 17, b"", 1), (b"x", b"y" * 14, 1), (b"x", b"", 16)])
def test_a_field_that_is_too_long_is_never_cut(item: bytes, owner: bytes, usage: int) -> None:
    with pytest.raises(ValueError, match="too long"):
        basic_block.basic_block(usage, 1, 1, item, owner)


@pytest.mark.parametrize("size", [0, 1, 31])
def test_what_is_too_short_is_refused(size: int) -> None:
    with pytest.raises(Undecodable, match="32 bytes"):
        decode(danish("1")[:size])


def test_whose_it_is_goes_by_the_owner_as_stored() -> None:
    assert owned(decode(danish("3012", "ABC12")), "ABC-12"), "the place of the hyphen does not matter"
    assert not owned(decode(danish("3012", "ABC12")), "ABC-1")
    assert not owned(decode(danish("3012", "")), ""), (
        "a tag without an owner does not belong to a station without an ISIL"
    )


def test_32_byte_layout_on_a_larger_tag() -> None:
    short = danish("3012", "DE705XYZ901Q", size=32)
    decoded = decode(short + b"W_OK" + bytes(76))
    assert decoded.content.primary_item_identifier == "3012"
    assert codes(decoded) == {"short-layout", "owner-field-full", "end-marker"}
    assert any("may be longer" in remark.sentence for remark in decoded.remarks)
    assert owned(decoded, "DE-705XYZ901")
    assert not owned(decoded, "DE-705XYZ901Q")
    assert not owned(decoded, "")
    assert decoded.end == 32


@pytest.mark.parametrize(("owner", "full"), [("DE123456789AB", True), ("DE123456789A", False), ("", False)])
def test_a_full_owner_field_is_named(owner: str, full: bool) -> None:
    assert codes(decode(danish("1", owner))) == ({"owner-field-full"} if full else set())


# --- writers' mistakes ----------------------------------------------------------------------------------------------


@for_each(
    ("memory", "remark", "usage", "part", "parts"),
    [
        (danish("1", first=0x21), "swapped-nibbles", 0x20, 1, 1),
        (danish("1", first=0x71), "swapped-nibbles", 0x70, 1, 1),
        (danish("1", first=0x81), "swapped-nibbles", 0x80, 1, 1),
        (danish("1", first=0x12), "", 0x20, 1, 1),
        (danish("1", first=0x11), "", 0x10, 1, 1),
        (danish("1", parts=2, part=3), "swapped-parts", 0x10, 2, 3),
        (danish("1", parts=1, part=0), "part-zero", 0x10, 1, 1),
        (danish("1", parts=0, part=0), "part-zero", 0x10, 1, 1),
        (danish("1", parts=0, part=1), "part-zero", 0x10, 1, 1),
        (danish("1", parts=3, part=0), "set-nonsense", 0x10, 1, 3),
        (danish("1", parts=0, part=3), "set-nonsense", 0x10, 3, 3),
        (danish("1", owner="DEDE-705"), "country-twice", 0x10, 1, 1),
        (danish("1", owner="DE-705"), "owner-hyphen-kept", 0x10, 1, 1),
        (danish("1  "), "space-filled", 0x10, 1, 1),
        (danish("1", owner="DE705   "), "space-filled", 0x10, 1, 1),
        (danish("1") + b"\x03xx", "no-extension-block", 0x10, 1, 1),
        (danish("1") + b"\x05\x01\x00\x06\x01", "extension-checksum", 0x10, 1, 1),
        (danish("1").ljust(108, b"\0") + b"W_OK", "end-marker", 0x10, 1, 1),
        (danish("1") + b"W_OK", "end-marker", 0x10, 1, 1),
        (reverse(danish("1") + bytes(2)), "reversed-blocks", 0x10, 1, 1),
    ],
)
def test_each_deviant_is_named_and_undone(memory: bytes, remark: str, usage: int, part: int, parts: int) -> None:
    decoded = decode(memory)
    assert codes(decoded) == ({remark} if remark else set())
    content = decoded.content
    assert (content.type_of_usage, content.part, content.parts) == (usage, part, parts)
    assert (content.primary_item_identifier, content.owner_institution) == ("1", "DE-705")


@pytest.mark.parametrize("first", [0x00, 0x22, 0x33, 0xF0])
def test_another_version_is_refused(first: int) -> None:
    with pytest.raises(Undecodable, match="version"):
        decode(danish("1", first=first))


def test_no_item() -> None:
    for memory in (danish(""), danish("") + bytes(4), danish("") + frame(4, b"Title")):
        assert codes(decode(memory)) == {"names-no-item"}
        assert decode(memory).content.primary_item_identifier == ""


def test_latin_1_is_read_and_named() -> None:
    memory = with_crc(danish("1")[:3] + "Bücher".encode("latin-1").ljust(16, b"\0") + danish("1")[19:])
    decoded = decode(memory)
    assert decoded.content.primary_item_identifier == "Bücher"
    assert codes(decoded) == {"latin-1-text"}


@pytest.mark.parametrize("garbage", [b"12\x00\x0034", b"12\x1b[2J", b"1\x7f2", b"1  2", b"\x02", b"\x01\x01"])
def test_what_is_no_text_is_refused_whatever_the_crc(garbage: bytes) -> None:
    memory = with_crc(danish("1")[:3] + garbage.ljust(16, b"\0") + danish("1")[19:])
    assert crc(memory) == basic_block.crc_of(memory)
    with pytest.raises(Undecodable, match=r"text|printable"):
        decode(memory)


@pytest.mark.parametrize("block_size", [4, 8])
@pytest.mark.parametrize("size", [32, 36, 112])
@given(content=contents())
def test_reversed_blocks_read_as_straight_ones(content: TagContent, size: int, block_size: int) -> None:
    small = TagContent(content.primary_item_identifier, "DE-705", content.part, content.parts, content.type_of_usage)
    memory = danish(
        small.primary_item_identifier,
        first=0x10 | (content.type_of_usage or 0) >> 4,
        parts=content.parts,
        part=content.part,
        size=32 if size == 32 else 34,
    ).ljust(size // block_size * block_size, b"\0")
    straight, turned = decode(memory, block_size), decode(reverse(memory, block_size), block_size)
    if "reversed-blocks" in codes(turned):
        assert turned.content == straight.content
        assert turned.remarks[0].length == block_size
        assert turned.end == min(-(-straight.end // block_size) * block_size, len(memory))
    else:  # A palindrome in every block, or a collision of the CRC.
        assert basic_block.crc_of(reverse(memory, block_size)[:34]) == basic_block.stored_crc(
            reverse(memory, block_size)
        )


def test_the_end_of_a_memory_that_ends_within_a_block() -> None:
    # Found by fuzzing: blocks of 8 bytes, 34 bytes of memory.
    memory = danish("31234567890128")
    turned = reverse(memory, 8)
    assert decode(turned, 8).end == len(turned) == 34
    assert decode(reverse(memory + bytes(14), 8), 8).end == 40


def test_blocks_in_the_owner_field_behind_the_owner() -> None:
    # je4 (docs/reference/tag-data.md#variants-in-the-field): directly after the library text, XOR last, CRC as if the
    # rest were zero.
    plain = danish("31234567890128")
    block = frame(1, b"\x01ALT-1", last=True)
    decoded = decode((plain[:26] + block).ljust(112, b"\0"))
    assert codes(decoded) == {"blocks-in-owner-field", "checksum-last"}
    assert decoded.content.owner_institution == "DE-705"
    assert decoded.content.further == ((19, "01"), (22, "ALT-1"))
    assert decoded.end == 26 + len(block)
    # Without a sound block the CRC is wrong.
    broken = (plain[:26] + block[:-1] + bytes([block[-1] ^ 1])).ljust(112, b"\0")
    with pytest.raises(Undecodable, match="CRC"):
        decode(broken)
    for spoilt in (plain[:26] + b"\x01" + plain[27:], plain[:26] + block + b"\x09garbage"):
        with pytest.raises(Undecodable, match="CRC"):
            decode(spoilt)


def test_blocks_one_byte_late() -> None:
    # je4/Library-RFID-Tools: twelve bytes of library text from 23 on, blocks from 35 on, XOR last.
    block = frame(1, b"\x02ALT-1", last=True)
    decoded = decode((danish("3012") + b"\0" + block).ljust(112, b"\0"))
    assert codes(decoded) == {"blocks-one-late", "checksum-last"}
    assert decoded.content.further == ((19, "02"), (22, "ALT-1"))
    full = decode((danish("3012", "DE1234567890A") + b"B" + block).ljust(112, b"\0"))
    assert codes(full) == {"blocks-one-late", "checksum-last", "owner-field-full"}
    latin = decode((danish("3012") + b"\0" + frame(4, "Bücher".encode("latin-1"), last=True)).ljust(112, b"\0"))
    assert latin.content.further == ((17, "Bücher"),)
    assert not decode((danish("3012") + b"\0" + block + b"\x09garbage").ljust(112, b"\0")).content.further
    # Bytes that are not a block are not read as one.
    rest = decode((danish("3012") + b"\0" + block[:-1] + b"\x7f").ljust(112, b"\0"))
    assert not codes(rest)
    assert rest.content.further == ()


def test_every_remark_that_reading_can_make_is_in_the_table() -> None:
    kinds = Iso28560Part3.kinds
    assert kinds == deviants.KINDS
    named = [value for value in vars(deviants).values() if type(value) is type(kinds[0])]
    assert set(named) == set(kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.sentence.endswith(".") and kind.advice.endswith(".") for kind in kinds)


# --- a damaged block ------------------------------------------------------------------------------------------------


@for_each("owner", ["DE705", "NO02030000X", "DE123456789AB"])
@for_each("identifier", ["31234567890128", "1", "A1B2C3D4E5F6G7H8"])
def test_no_flipped_bit_gives_another_identifier(identifier: str, owner: str) -> None:
    memory = danish(identifier, owner).ljust(112, b"\0")
    right = decode(memory).content
    accepted = 0
    for bit in range(34 * 8):
        torn = bytearray(memory)
        torn[bit // 8] ^= 1 << bit % 8
        try:
            found = decode(bytes(torn))
        except Undecodable:
            continue
        # Bytes 32 and 33 changed: the 32-byte layout with something after it.
        accepted += 1
        assert bit // 8 in (32, 33)
        assert "short-layout" in codes(found)
        assert found.content.primary_item_identifier == right.primary_item_identifier
        assert (found.content.part, found.content.parts) == (right.part, right.parts)
    assert accepted <= 16


@given(contents(), st.lists(st.tuples(st.integers(0, 33), st.integers(1, 255)), min_size=1, max_size=2))
def test_what_is_accepted_has_its_crc(content: TagContent, changes: list[tuple[int, int]]) -> None:
    memory = bytearray(danish(content.primary_item_identifier).ljust(112, b"\0"))
    for at, change in changes:
        memory[at] ^= change
    try:
        found = decode(bytes(memory))
    except Undecodable:
        return
    laid = reverse(bytes(memory)) if "reversed-blocks" in codes(found) else bytes(memory)
    basic = laid[:32] + b"\0\0" if "short-layout" in codes(found) else laid[:34]
    if "blocks-in-owner-field" not in codes(found):
        assert crc(basic) == basic[19] | basic[20] << 8


# --- hostile bytes --------------------------------------------------------------------------------------------------

SEEDS = st.sampled_from(
    [
        iso28560_2_codec.encode(TagContent("31234567890128", "US-InU-Mu", 2, 3, 0x10, "QA268.L55")),
        danish("31234567890128") + bytes.fromhex("0501000501"),
        danish("") + frame(1, b"\x01LONG-IDENTIFIER-OVER-16\0DE-705") + frame(2, b"a\0b\0c\0d\0e\0\x40") + b"\x01\x01",
        danish("1") + frame(300, b"unstructured") + frame(0x123456, b"wide", wide=True),
        (danish("31234567890128")[:26] + frame(1, b"\x01ALT-1", last=True)).ljust(48, b"\0"),
        reverse(danish("31234567890128") + bytes(2)),
        three_m("31234567890128"),
    ]
)


def _mutate(seed: bytes, changes: list[tuple[int, int]], size: int, mend: bool) -> bytes:
    memory = bytearray(seed)
    for place, value in changes:
        if place < len(memory):
            memory[place] = value
    found = bytes(memory[:size] if size < len(memory) else memory.ljust(size, b"\0"))
    return with_crc(found) if mend and len(found) >= 34 else found


MUTATED = st.builds(
    _mutate,
    SEEDS,
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=5),
    st.integers(0, 112),
    st.booleans(),
)


@given(st.binary(max_size=112) | MUTATED, st.sampled_from([0, 1, 3, 4, 8]))
def test_decoders_raise_only_undecodable_and_give_clean_text(memory: bytes, block_size: int) -> None:
    for read in (iso28560_2_codec.decode, lambda m: decode(m, block_size), rfid501.decode):
        try:
            found = read(memory)
        except Undecodable:
            continue
        content = found if isinstance(found, TagContent) else found.content
        texts = [content.primary_item_identifier, content.owner_institution, content.shelf_location]
        texts += [part for item in content.elements for part in (item.name, item.value)]
        texts += [value for _, value in content.further]
        assert all(clean(text, 1000) == text for text in texts)
        assert content.part >= 1
        assert all(e.offset >= 0 and e.offset + e.length <= max(len(memory), 34) for e in content.elements)
        assert list(content.further) == sorted(content.further)
        assert all(oid > 6 for oid, _ in content.further)


def test_a_long_memory_takes_no_longer_than_its_length() -> None:
    # Bounded work: 8 KB of fillers and of blocks are read once.
    for rest in (b"\x01" * 8192, frame(4, b"T") * 1600, frame(101, bytes(251)) * 32):
        decoded = decode(danish("1") + rest)
        assert decoded.end == 34 + len(rest)


@pytest.mark.soak
def test_five_million_mutated_images_raise_only_undecodable() -> None:
    # docs/reference/safety.md#hostile-input.
    from random import Random

    random = Random(15962)
    seeds = [
        iso28560_2_codec.encode(TagContent("31234567890128", "US-InU-Mu", 2, 3, 0x10, "QA268.L55")).ljust(40, b"\0"),
        danish("31234567890128") + bytes.fromhex("050100050100"),
        danish("1") + frame(1, b"\x01ALT-1", last=True) + frame(2, b"a\0b"),
        three_m("31234567890128"),
    ]
    decoded = 0
    for number in range(1_700_000):
        memory = bytearray(random.randbytes(random.randrange(48)) if number % 4 == 0 else random.choice(seeds))
        for _ in range(number % 4):
            if memory:
                memory[random.randrange(len(memory))] = random.randrange(256)
        fixed = with_crc(bytes(memory)) if number % 3 == 0 and len(memory) >= 34 else bytes(memory)
        for read in (iso28560_2_codec.decode, decode, rfid501.decode):
            try:
                read(fixed)
            except Undecodable:
                continue
            decoded += 1
    assert decoded > 100_000


def test_the_model_gives_what_decode_gives() -> None:
    memory = danish("31234567890128").ljust(112, b"\0")
    decoding = Iso28560Part3().read(image(memory), memory)
    assert (decoding.content, decoding.sound, decoding.stored_owner) == (decode(memory).content, True, "DE705")
    assert decoding.end == 34
    assert Iso28560Part3().owned(decoding, "DE-705")
    assert not Iso28560Part3().owned(decoding, "DE-706")
    assert not Iso28560Part3().owned(decoding, "")


def test_whose_tag_it_is() -> None:
    def owned(memory: bytes, isil: str) -> bool:
        return Iso28560Part3().owned(Iso28560Part3().read(image(memory), memory), isil)

    two = danish("1", "DE526") + frame(1, b"\x01\0DE-Own")
    assert owned(two, "DE-526")
    assert owned(two, "DE-Own")
    assert not owned(two, "DE-Other")
    # The prefix is not a country: its hyphen cannot be restored, but the station's can be removed.
    assert owned(danish("1", "ZDB1"), "ZDB-1")
