"""Whole memories: 28560-2 both ways, 28560-3 and 3M read; hostile bytes; the table of elements."""

from __future__ import annotations

import pytest
from crccheck.crc import Crc16CcittFalse
from hypothesis import given
from hypothesis import strategies as st

from station.encoding import elements, iso28560_2, iso28560_3, oids, rfid501
from station.encoding.compaction import Scheme
from station.encoding.content import TagContent
from station.errors import ElementInvalid, Undecodable
from station.text import clean
from tests.encoding.samples import danish, three_m

CLEAN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).map(clean).filter(bool)
IDENTIFIER = st.one_of(st.text("0123456789", min_size=1, max_size=20), st.text("ABCabc0-9.", min_size=1, max_size=16))
CONTENT = st.builds(
    lambda pii, owner, part, more, usage, shelf: TagContent(pii, owner, part, part + more, usage, shelf),
    IDENTIFIER,
    st.text("ABCabc019-", max_size=14),
    st.integers(1, 500),
    st.integers(0, 499),
    st.none() | st.integers(0, 255),
    st.just("") | CLEAN,
)


def bare(content: TagContent) -> TagContent:
    return TagContent(
        content.primary_item_identifier,
        content.owner_institution,
        content.part,
        content.parts,
        content.type_of_usage,
        content.shelf_location,
    )


@given(CONTENT, st.integers(0, 8), st.binary(max_size=8))
def test_28560_2_comes_back_whatever_stands_behind_it(content: TagContent, zeros: int, stale: bytes) -> None:
    memory = iso28560_2.encode(content)
    decoded = iso28560_2.decode(memory + (b"\0" + bytes(zeros) + stale if zeros or stale else b""))
    assert bare(decoded.content) == content
    assert decoded.end == len(memory)
    assert {remark.code for remark in decoded.remarks} <= {"leftover", "writer-mark"}
    assert [e.oid for e in decoded.content.elements[:2]] == [1, 2]
    assert b"".join(memory[e.offset : e.offset + e.length] for e in decoded.content.elements) == memory


@given(CONTENT, st.frozensets(st.sampled_from([1, 3, 5, 6]), min_size=1))
def test_locked_elements_start_and_end_on_block_borders(content: TagContent, locked: frozenset[int]) -> None:
    memory = iso28560_2.encode(content, 4, locked)
    decoded = iso28560_2.decode(memory)
    assert bare(decoded.content) == content
    owner = [0 if e.oid in locked else 1 for e in decoded.content.elements]
    for place, item in enumerate(decoded.content.elements):
        if place and owner[place] != owner[place - 1]:
            assert item.offset % 4 == 0
    if owner[-1] == 0:
        assert len(memory) % 4 == 0


@given(st.lists(st.sampled_from([3, 6, 15, 17, 23, 26]), unique=True, min_size=1), st.booleans())
def test_an_element_from_15_on_is_never_padded(others: list[int], lock_pii: bool) -> None:
    values = [(1, "31234567890128"), *((oid, "AB12CD") for oid in others)]
    locked = frozenset({1}) if lock_pii else frozenset()
    raw, _ = elements.decode(iso28560_2.encode_elements(values, 4, locked))
    assert all(not item.offset_bit for item in raw if item.oid >= 15)
    assert [item.oid for item in raw] == [1, 2, *others]


def test_padding_of_each_length() -> None:
    # tag-data-models.md 2.2: by one = pad count 00 only; by k = pad count k-1 and k-1 zeros at the end.
    assert elements.encode(1, Scheme.INTEGER, b"\x05", 1).hex() == "91000105"
    assert elements.encode(3, Scheme.APPLICATION, b"\xac", 3).hex() == "830201ac0000"
    for pad in (0, 1, 2, 3, 4, 256):
        data = elements.encode(1, Scheme.OCTETS, b"abc", pad)
        assert len(data) == elements.size(1, b"abc") + pad
        (found,), end = elements.decode(data)
        assert (found.data, end) == (b"abc", len(data))


@pytest.mark.parametrize(
    ("memory", "reason"),
    [
        ("1105", "left"),  # length beyond the end
        ("11", "ends"),
        ("9103013100", "left"),  # padding beyond the end
        ("91020131ff00", "not zero"),
        ("100131", "OID 0"),
        ("1f7101", "OID 128"),
        ("110131110132", "twice"),
        ("650110", "no primary item identifier"),
        ("1100", "no primary item identifier"),
        ("61021b41", "no barcode has"),  # ESC in the identifier
        ("", "no primary item identifier"),
    ],
)
def test_malformed_memory(memory: str, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        iso28560_2.decode(bytes.fromhex(memory))


@pytest.mark.parametrize(
    "values",
    [
        [(6, "A")],
        [(1, "")],
        [(1, "1"), (1, "2")],
        [(1, "1"), (2, "D0")],
        [(1, "1"), (128, "x")],
        [(1, "1"), (5, "1")],
        [(1, "1"), (5, "XY")],
        [(1, "1"), (6, "é" * 128)],
        [(1, "1"), (3, "NO SUCH")],
    ],
)
def test_invalid_elements_are_refused(values: list[tuple[int, str]]) -> None:
    with pytest.raises(ElementInvalid):
        iso28560_2.encode_elements(values)


@pytest.mark.parametrize(("parts", "part", "text"), [(1, 1, "11"), (9, 2, "92"), (12, 3, "1203"), (120, 7, "120007")])
def test_set_information(parts: int, part: int, text: str) -> None:
    assert iso28560_2.set_information(parts, part) == text


@pytest.mark.parametrize(("parts", "part"), [(0, 0), (1, 2), (1000, 1), (2, 0), (-1, -1)])
def test_impossible_sets_are_refused(parts: int, part: int) -> None:
    with pytest.raises(ElementInvalid):
        iso28560_2.set_information(parts, part)


@pytest.mark.parametrize("memory", ["1101056501 10", "1101052501 10", "1101050501 10"])
def test_type_of_usage_in_all_three_ways_of_the_field(memory: str) -> None:
    assert iso28560_2.decode(bytes.fromhex(memory)).content.type_of_usage == 0x10


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


def test_the_table_of_elements() -> None:
    assert sorted(oids.ELEMENTS) == list(range(1, 32))
    assert [oid for oid, row in oids.ELEMENTS.items() if row.form is oids.Form.ISIL] == [3, 11]
    assert len({row.name for row in oids.ELEMENTS.values() if row.oid < 27}) == 26
    assert oids.element(99).name == "Element 99"
    assert oids.usage_words(0x10) == "for circulation"
    assert oids.usage_words(0xF0) == "future use"
