"""Extension blocks: frames against frames by hand, the fields of every block, odd frames, values both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import ElementInvalid, Undecodable
from station.encoding.content import Remark, TagContent
from station.encoding.iso15962.data_elements import ELEMENTS
from station.encoding.iso28560_3 import extensions
from station.encoding.iso28560_3.basic_block import decode, frames
from station.encoding.iso28560_3.extensions import encode_frame, payload_of, values, walk
from station.encoding.iso28560_3.write import encode
from tests.encoding.iso28560_3.written import TEXT, codes, frame
from tests.support.for_each import for_each
from tests.support.sample_tags import danish, of_model

HEAD = danish("1")


def read(*blocks: bytes) -> dict[int, str]:
    """Return the elements after a basic block, by OID."""
    content = decode(HEAD + b"".join(blocks)).content
    return {item.oid: item.value for item in content.elements[4:]}


# --- frames ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "payload", "want"),
    [
        (1, "01", "0501000501"),  # tag of Bibliotheca's (TH Koeln), TH Wildau's conversion data
        (4, "5469746c652058", "0b0400375469746c652058"),  # TH Wildau's JavaScript, run
        (4, "", "04040000"),
        (0x12C, "ff", "052c01d7ff"),
        (0xFEFF, "", "04fffe05"),
        (0xFF00, "", "0600ffff0006"),
        (0x123456, "aa", "0756ff3412225faa".replace("225f", "22")),
    ],
)
def test_a_frame_byte_for_byte(block: int, payload: str, want: str) -> None:
    data = bytes.fromhex(payload)
    made = encode_frame(block, data)
    assert extensions.xor_of(made) == 0
    if block < 0xFF00 and want:
        assert made.hex() == want
    assert made == frame(block, data, wide=block >= 0xFF00)


@given(st.integers(1, 0xFFFFFF), st.binary(max_size=249))
def test_every_id_comes_back(block: int, payload: bytes) -> None:
    made = encode_frame(block, payload)
    assert made[0] == len(made)
    found = walk(made, 0)
    assert not found.stopped
    (one,) = found.frames
    # The payload of a known block may be shifted by one byte, if it is text only then (`deviants.XOR_LAST`).
    if block > 5:
        assert (one.block, one.payload, one.xor_last) == (block, payload, False)
    assert one.block == block


@pytest.mark.parametrize(("block", "size"), [(0, 0), (-1, 0), (0x1000000, 0), (1, 252), (0x123456, 250)])
def test_frames_that_cannot_be(block: int, size: int) -> None:
    with pytest.raises(ElementInvalid):
        encode_frame(block, bytes(size))


def test_fillers_and_end() -> None:
    memory = HEAD + b"\x01\x01" + frame(4, b"Title") + b"\x01" + frame(5, b"DE-1") + b"\0" + frame(3, b"not read")
    found = walk(memory)
    assert found.fillers == (34, 35, 45)
    assert [f.block for f in found.frames] == [4, 5]
    assert memory[found.end] == 0
    decoded = decode(memory)
    assert decoded.end == found.end
    assert decoded.content.further == ((11, "DE-1"), (17, "Title"))
    assert decoded.content.shelf_location == ""
    assert not decoded.remarks


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("02", "no-extension-block"),
        ("0201", "no-extension-block"),
        ("030100", "no-extension-block"),
        ("05010005", "no-extension-block"),  # cut off
        ("ff0100", "no-extension-block"),
        ("0501ff0501", "no-extension-block"),  # too short for a wide id
        ("0501000401", "extension-checksum"),
    ],
)
def test_what_is_no_block_costs_nothing_but_itself(rest: str, code: str) -> None:
    good = frame(4, b"Title")
    memory = HEAD + good + bytes.fromhex(rest)
    decoded = decode(memory)
    assert codes(decoded) == {code}
    assert decoded.content.further == ((17, "Title"),)
    assert decoded.end == 34 + len(good)
    found, stopped = frames(memory)
    assert [f.block for f in found] == [4]
    assert stopped is not None
    assert (stopped.code, stopped.offset) == (code, 34 + len(good))


def test_xor_at_the_end_is_told_by_the_text() -> None:
    # je4's frame at the right place: it is read so because it is text only then (its XOR, 17, is not text).
    late = frame(4, b"Titel x", last=True)
    assert late[-1] < 0x20
    decoded = decode(HEAD + late)
    assert decoded.content.further == ((17, "Titel x"),)
    assert codes(decoded) == {"checksum-last"}
    # If both are text, the standard's place has priority.
    both = frame(4, b"Title")
    assert chr(both[3]).isprintable()
    assert decode(HEAD + both).content.further == ((17, "Title"),)
    assert not codes(decode(HEAD + both))


# --- fields ---------------------------------------------------------------------------------------------------------


@for_each(
    ("block", "payload", "want"),
    [
        (1, b"\x02", {19: "02"}),
        (1, b"\x00", {19: "00"}),
        (1, b"\x00ALT", {22: "ALT"}),
        (1, b"\x02ALT-1\0DE-Own", {19: "02", 22: "ALT-1", 3: "DE-Own"}),
        (1, b"\x02\0Lib01", {19: "02", 23: "Lib01"}),
        (1, b"", {}),
        (
            2,
            b"sup\0loc\0ord\0inv\x001234567890123\0\x40",
            {9: "sup", 18: "loc", 10: "ord", 21: "inv", 13: "1234567890123", 20: "40"},
        ),
        (2, b"sup", {9: "sup"}),
        (2, b"\0\0ord", {10: "ord"}),
        (2, b"sup\0", {9: "sup"}),  # last field terminated
        (2, b"\0\0\0\0\0\x07", {20: "07"}),
        (3, b"QA76\0aj\0BB\0Br1", {6: "QA76", 8: "aj", 7: "BB", 24: "Br1"}),
        (4, "Títle".encode(), {17: "Títle"}),
        (5, b"DE-ILL\0T99\0ALTILL", {11: "DE-ILL", 12: "T99", 25: "ALTILL"}),
    ],
)
def test_the_fields_of_every_block(block: int, payload: bytes, want: dict[int, str]) -> None:
    assert read(frame(block, payload)) == want
    decoded = decode(HEAD + frame(block, payload))
    assert not codes(decoded) - {"two-owners"}
    assert dict(decoded.content.further) == {oid: value for oid, value in want.items() if oid > 6}
    assert decoded.content.shelf_location == want.get(6, "")
    for item in decoded.content.elements[4:]:
        data = (HEAD + frame(block, payload))[item.offset : item.offset + item.length]
        assert data in (item.value.encode(), bytes.fromhex(item.value) if item.oid in (19, 20) else b"")


@for_each(
    ("block", "payload", "code", "want"),
    [
        (2, b"s\0l\0o\0i\0anything", "danish-acquisition-other", {0: "anything"}),
        (2, b"s\0l\0o\0i\x001234567890123\x0064", "supply-chain-stage-text", {0: "64"}),
        (4, "Straße".encode("latin-1"), "latin-1-text", {17: "Straße"}),
        (4, b"a\x1b]52;c;x\x07", "field-unreadable", {}),
        (4, b"Title\0more", "field-too-many", {17: "Title"}),
        (1, b"\x01A\0DE-1\0x", "field-too-many", {19: "01", 22: "A", 3: "DE-1"}),
        (6, b"x", "unknown-block", {0: "78"}),
        (100, b"x", "unknown-block", {0: "78"}),
        (101, b"\x00\xff", "unstructured-block", {0: "00 FF"}),
        (0x123456, b"ab", "unstructured-block", {0: "61 62"}),
    ],
)
def test_odd_fields_and_blocks_are_named(block: int, payload: bytes, code: str, want: dict[int, str]) -> None:
    decoded = decode(HEAD + frame(block, payload, wide=block > 0xFFFF))
    assert code in codes(decoded)
    found = {item.oid: item.value for item in decoded.content.elements[4:]}
    assert {oid: found.get(oid) for oid in want} == want
    assert 0 not in dict(decoded.content.further)
    assert 20 not in dict(decoded.content.further)


def test_a_block_may_stand_there_twice() -> None:
    decoded = decode(HEAD + frame(4, b"First") + frame(4, b"Second") + frame(101, b"") + frame(101, b""))
    assert decoded.content.further == ((17, "First"),)
    assert [item.value for item in decoded.content.elements if item.oid == 17] == ["First", "Second"]
    assert codes(decoded) == {"block-twice", "unstructured-block"}


def test_the_identifier_in_the_library_block() -> None:
    long = "LONG-IDENTIFIER-OVER-16"
    bibliotheca = decode(danish("") + frame(1, b"\x01" + long.encode()) + b"\0W_OK")
    assert bibliotheca.content.primary_item_identifier == long
    assert codes(bibliotheca) == {"identifier-in-library-block", "end-marker"}
    # WG11's clarification of ISO 28560-3:2011: byte 3 is 01.
    standard = decode(danish("\x01") + frame(1, b"\x01" + long.encode()))
    assert standard.content.primary_item_identifier == long
    assert codes(standard) == {"long-identifier"}
    assert codes(decode(danish("\x01"))) == {"names-no-item"}
    # A short identifier stays in its own field, and the block's identifier is another element.
    both = decode(danish("3012") + frame(1, b"\x01" + long.encode()))
    assert (both.content.primary_item_identifier, dict(both.content.further)[22]) == ("3012", long)


@pytest.mark.parametrize("rest", [b"\x05\x01\x00\x06\x01", b"\x09garbage"])
def test_a_broken_row_of_blocks_gives_no_identifier_and_no_owner(rest: bytes) -> None:
    block = frame(1, b"\x01LONG-IDENTIFIER-OVER-16\0DE-Own")
    decoded = decode(danish("\x01", "DE526") + block + rest)
    assert decoded.content.primary_item_identifier == ""
    assert decoded.content.owner_institution == "DE-526"
    assert {"names-no-item"} < codes(decoded)
    assert [item.value for item in decoded.content.elements if item.oid == 1] == ["", "LONG-IDENTIFIER-OVER-16"]


@pytest.mark.parametrize("identifier", ["LONG-IDENTIFIER-OVER-16", "30123000000000000017", "A-B-C-@-A-B-C-@-A-B-C-@-A"])
@pytest.mark.parametrize("more", [(), ((17, "Title"),)])
def test_no_flipped_bit_gives_another_long_identifier(identifier: str, more: tuple[tuple[int, str], ...]) -> None:
    content = TagContent(identifier, "DE-526", type_of_usage=0x10, further=more)
    memory = encode(content, 4, 112).data.ljust(112, b"\0")
    assert decode(memory).content.primary_item_identifier == identifier
    for bit in range(len(memory) * 8):
        torn = bytearray(memory)
        torn[bit // 8] ^= 1 << bit % 8
        try:
            found = decode(bytes(torn)).content.primary_item_identifier
        except Undecodable:
            continue
        assert found in ("", identifier), bit


def test_two_owners_are_named_and_the_library_block_counts() -> None:
    decoded = decode(danish("1", "DE526") + frame(1, b"\x01\0DE-Own"))
    assert decoded.content.owner_institution == "DE-Own"
    assert codes(decoded) == {"two-owners"}
    (remark,) = decoded.remarks
    assert "DE-526" in remark.sentence
    assert "DE-Own" in remark.sentence
    assert not codes(decode(danish("1", "DE526") + frame(1, b"\x01\0DE-526")))
    alone = decode(danish("1", "") + frame(1, b"\x01\0CN-120104-C-YBL"))
    assert alone.content.owner_institution == "CN-120104-C-YBL"
    assert not codes(alone)


# --- values both ways -----------------------------------------------------------------------------------------------

FIELDS = st.dictionaries(st.sampled_from(sorted(extensions.PLACE.keys() - {1, 3, 13, 19, 20, 23})), TEXT)


@given(FIELDS)
def test_fields_come_back(fields: dict[int, str]) -> None:
    found: dict[int, str] = {}
    for block in extensions.BLOCKS:
        payload = payload_of(block, {oid: value for oid, value in fields.items() if extensions.PLACE[oid] == block})
        remarks: list[Remark] = []
        (one,) = walk(encode_frame(block, payload), 0).frames
        found |= {item.oid: item.value for item in values(one, True, remarks)}
        assert not remarks
    found.pop(19, None)
    assert found == fields


def test_blocks_of_the_published_vectors_byte_for_byte() -> None:
    # Every frame of the cited 28560-3 vectors is made again from the values that were read from it.
    done: set[int] = set()
    for vector in of_model("28560-3", "28560-3"):
        for one in frames(bytes.fromhex(vector["hex"]))[0]:
            fields = {item.oid: item.value for item in values(one, True, [])}
            assert encode_frame(one.block, payload_of(one.block, fields)).hex() in vector["hex"]
            done.add(one.block)
    assert done == {1, 2, 3, 4, 5}


def test_the_table_agrees_with_the_table_of_elements() -> None:
    for block, oids in extensions.BLOCKS.items():
        for place, oid in enumerate(oids):
            assert any((p.block, p.offset) == (block, place) for p in ELEMENTS[oid].part3), (block, oid)
    placed = {oid for oid, row in ELEMENTS.items() if any(p.block for p in row.part3)}
    assert placed == set(extensions.PLACE)


@given(st.binary(max_size=80), st.integers(0, 90), st.booleans())
def test_a_walk_never_raises_and_never_leaves_the_memory(memory: bytes, start: int, last: bool) -> None:
    found = walk(memory, start, xor_last=last)
    at = min(start, len(memory))
    for one in found.frames:
        assert extensions.xor_of(memory[one.offset : one.offset + one.length]) == 0
        assert memory[one.payload_at : one.payload_at + len(one.payload)] == one.payload
        values(one, True, [])
    for piece, length in sorted([(f.offset, f.length) for f in found.frames] + [(a, 1) for a in found.fillers]):
        assert piece == at
        at += length
    assert found.end == at
    assert (found.stopped is None) == (at == len(memory) or memory[at] == 0)
