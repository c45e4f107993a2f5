"""The 3M layout both ways, its oddities, and the fill patterns of new tags."""

from __future__ import annotations

import dataclasses
import doctest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import DoesNotFit, ElementInvalid, Undecodable
from station.encoding.content import TagContent, TagState
from station.encoding.recognition import blank, rfid501
from station.encoding.recognition.data_model import WritableModel
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import data_model, writable
from station.encoding.recognition.rfid501 import CustomOrder, Fields
from tests.encoding.hostile_memories import MEMORIES
from tests.support.for_each import for_each
from tests.support.sample_tags import PROFILE, image, of_model, three_m

FIELDS = st.builds(
    Fields,
    barcode=st.text("0123456789ABCxyz-.", min_size=1, max_size=16),
    number=st.just(1),
    total=st.integers(1, 15),
    kind=st.integers(0, 255),
    branch=st.integers(0, 0xFFF),
    library=st.integers(0, 0xFFFFF),
    custom=st.integers(-(1 << 31), (1 << 31) - 1),
)
ODD = rfid501.encode(Fields("1301234567", 2, 3, 1, 2, 345, -1))


@pytest.mark.parametrize("vector", of_model("3m-rfid501", "3m-rfid501"), ids=lambda vector: vector["hex"][:24])
def test_vectors_both_ways(vector: dict[str, Any]) -> None:
    memory, want = bytes.fromhex(vector["hex"]), vector["decoded"]
    assert vector["direction"] == "both"
    if "state" in want:
        found = blank.pattern(memory)
        assert found is not None
        assert (found.name, found.memory(len(memory))) == ("3m-new", memory)
        return
    fields, remarks = rfid501.decode_fields(memory, strict=True)
    assert fields == Fields(
        want["content"], want["set"], want["total"], want["type"], want["branch"], want["library"], want["custom"]
    )
    assert remarks == ()
    assert rfid501.encode(fields) == memory


def test_the_second_tag_of_the_perl_module_s_own_test() -> None:
    # dpavlin/Biblio-RFID t/05-RFID501.t: the first is among the vectors.
    memory = bytes.fromhex("04110001313330323030333736370000000000000000000000000000") + bytes(4)
    assert rfid501.encode(Fields("1302003767")) == memory
    assert rfid501.decode_fields(memory) == (Fields("1302003767"), ())


@given(FIELDS, st.sampled_from(CustomOrder), st.integers(0, 80))
def test_what_is_encoded_comes_back(fields: Fields, order: CustomOrder, more: int) -> None:
    memory = rfid501.encode_memory(fields, 32 + more, order)
    assert len(memory) == 32 + more
    found, remarks = rfid501.decode_fields(memory, order)
    assert found == fields
    # A library's number can happen to be text in bytes 21 to 23: then the tag is only a claim.
    codes = {remark.code for remark in remarks} - {"text-for-numbers"}
    assert codes == (set() if fields.kind in rfid501.TYPES else {"item-type-unknown"})


def test_the_byte_order_of_the_custom_number_is_a_choice() -> None:
    memory = rfid501.encode(Fields("1", custom=1))
    assert memory[24:28].hex() == "00000001"
    assert rfid501.encode(Fields("1", custom=1), CustomOrder.LITTLE)[24:28].hex() == "01000000"
    assert rfid501.decode_fields(memory, CustomOrder.LITTLE)[0].custom == 1 << 24


@for_each(
    ("fields", "reason"),
    [
        (Fields(""), "barcode"),
        (Fields("é"), "barcode"),
        (Fields("1\x1b"), "barcode"),
        (Fields(" 1"), "barcode"),
        (Fields("12345678901234567"), "16 characters"),
        (Fields("1", 2, 1), "item 2 of a set of 1"),
        (Fields("1", 0, 1), "item 0 of a set of 1"),
        (Fields("1", 1, 16), "set size 16"),
        (Fields("1", -1, 1), "item number"),
        (Fields("1", kind=256), "item type"),
        (Fields("1", branch=0x1000), "branch"),
        (Fields("1", library=0x100000), "library"),
        (Fields("1", custom=1 << 31), "custom"),
    ],
)
def test_what_no_field_can_hold_is_refused(fields: Fields, reason: str) -> None:
    with pytest.raises(ElementInvalid, match=reason):
        rfid501.encode(fields)


def test_a_small_memory_is_refused() -> None:
    with pytest.raises(DoesNotFit):
        rfid501.encode_memory(Fields("1"), 31)


def test_the_model_is_read_and_never_written() -> None:
    model = data_model("3m")
    assert not isinstance(model, WritableModel)
    with pytest.raises(ElementInvalid, match="never written"):
        writable("3m")


def test_of_a_content_the_layout_carries_barcode_and_set() -> None:
    assert rfid501.fields_of(TagContent("123", "US-InU-Mu", 2, 3)) == Fields("123", 2, 3)
    with pytest.raises(ElementInvalid, match="set size 16"):
        rfid501.fields_of(TagContent("123", part=1, parts=16))


@for_each(
    ("offset", "data", "codes", "sound", "strictly"),
    [
        (1, "00", {"no-set-given"}, True, True),
        (1, "32", {"set-nonsense"}, False, False),
        (1, "02", {"set-nonsense"}, False, False),
        (1, "10", {"set-nonsense"}, False, False),
        (3, "0c", {"item-type-unknown"}, True, False),
        (19, "41", {"behind-the-barcode"}, False, False),
        (21, "44453700000000", {"text-for-numbers"}, False, False),
        (21, "44000000000000", set(), True, True),
        (28, "00000001", {"tail-not-zero"}, False, False),
        (32, "575f4f4b", {"leftover"}, True, True),
        (0, "04", set(), True, True),
    ],
)
def test_oddities_are_named(offset: int, data: str, codes: set[str], sound: bool, strictly: bool) -> None:
    part = bytes.fromhex(data)
    memory = (ODD[:offset] + part).ljust(len(ODD), b"\0")[: offset + len(part)] + ODD[offset + len(part) :]
    tag = image(memory)
    decoding = rfid501.Rfid501().read(tag, tag.memory)
    assert {remark.code for remark in decoding.remarks} == codes
    assert codes <= {kind.code for kind in rfid501.KINDS}
    assert decoding.sound == sound
    # A claim ranks below every sound reading of another model.
    assert (decoding.confidence >= 0.5) == sound
    assert all(remark.offset == offset or remark.code == "behind-the-barcode" for remark in decoding.remarks)
    judged = recognise(tag, PROFILE)
    # A doubt makes it a claim: the barcode is shown, but is not an identity.
    assert (judged.state, judged.model) == (TagState.FOREIGN if sound else TagState.INCOMPLETE, "3m")
    assert judged.identifier == ("1301234567" if sound else "")
    assert judged.content is not None
    assert judged.content.primary_item_identifier == "1301234567"
    if strictly:
        assert rfid501.decode_fields(tag.memory, strict=True)[0].barcode == "1301234567"
    else:
        with pytest.raises(Undecodable):
            rfid501.decode_fields(tag.memory, strict=True)


def test_an_impossible_set_is_at_least_possible_as_a_content() -> None:
    content = rfid501.decode(ODD[:1] + b"\x32" + ODD[2:])
    assert (content.part, content.parts) == (3, 3)
    content = rfid501.decode(ODD[:1] + b"\x00" + ODD[2:])
    assert (content.part, content.parts) == (1, 1)


def test_a_memory_that_ends_early() -> None:
    for size, codes in ((24, ["short-memory"]), (31, ["short-memory"]), (32, [])):
        fields, remarks = rfid501.decode_fields(ODD[:size])
        assert fields.barcode == "1301234567"
        assert [remark.code for remark in remarks] == codes
    with pytest.raises(Undecodable):
        rfid501.decode_fields(ODD[:23])


@pytest.mark.parametrize(
    "memory",
    ["05110001", "04110101", "0411000100", "0411000120", "041100011b", "04110001e9", "04110001" + "55" * 16],
)
def test_what_is_no_3m_tag(memory: str) -> None:
    with pytest.raises(Undecodable):
        rfid501.decode_fields(bytes.fromhex(memory).ljust(32, b"\0"))


@given(MEMORIES)
def test_every_byte_has_one_range(memory: bytes) -> None:
    model = rfid501.Rfid501()
    try:
        decoding = model.read(image(memory), memory)
    except Undecodable:
        return
    at = 0
    for each in model.annotate(memory, decoding):
        assert each.offset == at
        assert each.length > 0
        at += each.length
    assert at == len(memory)


@pytest.mark.parametrize("size", [24, 25, 28, 30, 32, 33, 112])
def test_every_byte_has_one_range_at_every_size(size: int) -> None:
    memory = ODD.ljust(size, b"\0")[:size]
    model = rfid501.Rfid501()
    decoding = model.read(image(memory), memory)
    long = dataclasses.replace(decoding, content=TagContent("a" * 40))
    for each in (decoding, long):
        ranges = model.annotate(memory, each)
        assert [place for r in ranges for place in range(r.offset, r.offset + r.length)] == list(range(size))


def test_the_ranges_say_what_stands_there() -> None:
    memory = ODD[:19] + b"X" + ODD[20:28] + b"tail" + bytes(8)
    model = rfid501.Rfid501()
    found = {each.offset: each for each in model.annotate(memory, model.read(image(memory), memory))}
    assert [found[at].label for at in (4, 14, 28, 32)] == [
        "Primary item identifier",
        "left over, not read",
        "left over, not read",
        "free",
    ]
    assert (found[1].value, found[3].value) == ("part 2 of 3", "book")
    assert found[20].value == "branch 2, library 345"
    assert found[24].value == "-1"


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(rfid501).failed == 0
    assert doctest.testmod(rfid501).attempted > 0


# --- fill patterns --------------------------------------------------------------------------------------------------


def test_the_table_of_blank_patterns() -> None:
    assert len({each.name for each in blank.PATTERNS}) == len(blank.PATTERNS)
    for each in blank.PATTERNS:
        assert each.evidence
        assert each.sentence.endswith(".")
        for size in (32, 112):
            memory = each.memory(size)
            assert blank.pattern(memory) == each
            judged = recognise(image(memory, blocks=size // 4), PROFILE)
            assert (judged.state, judged.reasons[0]) == (TagState.BLANK, each.sentence)
            # Any other content after the pattern is data.
            assert blank.pattern(memory[:-1] + b"\1") is None
    with pytest.raises(DoesNotFit):
        blank.NEW_3M.memory(23)


@pytest.mark.parametrize("memory", [b"", b"\xff" * 112, b" " * 112, b"\x55" * 112, b"\x55" * 23, b"\x55" * 25])
def test_no_other_filling_counts_as_blank(memory: bytes) -> None:
    # No source shows a new tag full of FF or of spaces.
    assert blank.pattern(memory.ljust(112, b"\0") if memory else b"") is None


def test_a_new_pattern_is_one_row() -> None:
    spaces = blank.BlankPattern("spaces", 0x20, 0, "The memory holds spaces.", "made up for this test")
    assert blank.pattern(b" " * 32, (*blank.PATTERNS, spaces)) == spaces


@pytest.mark.parametrize("first", ["00000000", "11061c68", "04110001", "55550000", "ffffffff"])
def test_a_new_tag_with_a_torn_first_block_is_unfinished(first: str) -> None:
    for each in (blank.NEW_3M, blank.EMPTIED_3M):
        tag = image(bytes.fromhex(first) + each.memory(32)[4:], dsfid=6)
        judged = recognise(tag, PROFILE)
        assert (judged.state, judged.identifier) == (TagState.INCOMPLETE, "")
        assert "not finished" in judged.reasons[0]


def test_the_filling_must_be_there_to_count_as_torn() -> None:
    assert blank.torn_pattern(bytes(32), 4) is None
    assert blank.torn_pattern(b"\x11\x01\x05" + bytes(29), 4) is None
    assert blank.torn_pattern(b"\x55" * 24 + bytes(8), 16) is None
    assert recognise(image(three_m("UUUUUUUUUUUUUUU")), PROFILE).state is TagState.FOREIGN
