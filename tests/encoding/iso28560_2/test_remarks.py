"""All remarks on a loosely written tag: one memory by hand for each kind, and no fault is accepted without a remark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import Undecodable
from station.encoding.content import Severity
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_2 import remarks as odd
from station.encoding.iso28560_2.codec import Iso28560Part2
from tests.support.for_each import for_each
from tests.support.sample_tags import image

MODEL = Iso28560Part2()
ITEM = "110117"  # identifier "23", integer

# code -> memory, first byte concerned, bytes concerned, a part of the sentence
CASES = {
    "identifier-not-first": ("650110" + ITEM, 3, 3, "not the first"),
    "duplicate-element": (ITEM + "660141" + "660142", 6, 3, "Shelf location is on the tag twice"),
    # the content parameter names 3, 4 and 6
    "content-parameter-differs": (ITEM + "0201d0", 3, 3, "other elements"),
    # 6F 0C = 27
    "unknown-element": (ITEM + "6f0c0137", 3, 4, "Element 27"),
    "padded-extended": (ITEM + "ef0201026162" + "00", 3, 7, "Title is padded"),
    "long-element": (ITEM + "7f0280" + "61" * 128, 3, 131, "has 128 bytes"),
    "empty-element": (ITEM + "0300", 3, 2, "Owner institution is on the tag, but it is empty"),
    # "123" as an octet string
    "scheme-differs": ("6103313233", 0, 5, "Primary item identifier"),
    # ABC by 5-bit with a last bit of 1 instead of 0
    "padding-bits": (ITEM + "36020887", 3, 4, "Shelf location"),
    "not-text": (ITEM + "060141", 3, 3, "Shelf location holds something that is not text"),
    "unprintable": (ITEM + "660100", 3, 3, "Shelf location holds characters"),
    # DE-7 as an octet string, E3 and its pad count 00 as on field tags
    "isil-as-text": (ITEM + "e30004" + "44452d37", 3, 7, "(octet string), not as ISIL code"),
    "octet-scheme": (ITEM + "250110", 3, 3, "marked as numeric"),
    "usage-encoding": (ITEM + "65021010", 3, 4, "Type of usage"),
    "set-nonsense": (ITEM + "140203e7", 3, 4, "'999'"),
    "digits-differ": (ITEM + "6d0131", 3, 3, "13 digits"),
    "leftover": (ITEM + "00" + "0000" + "416200" + "43" + "0000", 6, 4, "4 bytes"),
    "writer-mark": (ITEM + "00" + "000000" + "575f4f4b", 7, 4, "W_OK"),
}  # fmt: skip


def test_every_kind_of_remark_has_its_memory_here() -> None:
    assert set(CASES) == {kind.code for kind in odd.KINDS}
    assert MODEL.kinds == odd.KINDS
    assert len({kind.code for kind in odd.KINDS}) == len(odd.KINDS)
    for kind in odd.KINDS:
        assert kind.sentence.endswith(".")
        assert kind.advice.endswith(".")


@for_each("code", CASES)
def test_a_remark_says_what_and_where(code: str) -> None:
    memory, offset, length, word = CASES[code]
    decoding = MODEL.read(image(), bytes.fromhex(memory))
    found = next(remark for remark in decoding.remarks if remark.code == code)
    assert (found.offset, found.length) == (offset, length)
    assert word in found.sentence
    assert decoding.content.primary_item_identifier in ("23", "123")
    # There is no other remark on it.
    assert {remark.code for remark in decoding.remarks} == {code}


@for_each("code", CASES)
def test_a_doubt_costs_confidence_and_a_harmless_remark_does_not(code: str) -> None:
    kind = next(kind for kind in odd.KINDS if kind.code == code)
    confidence = MODEL.read(image(), bytes.fromhex(CASES[code][0])).confidence
    assert confidence == pytest.approx(0.95 if kind.severity is Severity.INFO else 0.85)


def test_confidence_has_a_floor() -> None:
    memory = ITEM + "660100" + "6f0c0100" + "6f0d0100" + "6f0e0100" + "6f0f0100"
    assert MODEL.read(image(), bytes.fromhex(memory)).confidence == 0.5


def test_a_tag_by_the_book_is_told_nothing() -> None:
    memory = bytes.fromhex("9100051cbe991a140201d0140204b34607441cb6e2e335d6830207acc09ebaa06f6b0000")
    assert MODEL.read(image(), memory).remarks == ()
    assert MODEL.read(image(), memory.ljust(112, b"\0")).remarks == ()


@pytest.mark.parametrize(
    ("memory", "value", "usage"),
    [
        (ITEM + "660141" + "660142", "A", None),  # the first one counts
        (ITEM + "060141" + "660142", "", None),  # also if it cannot be read
        (ITEM + "660100", "", None),
        (ITEM + "650110" + "650120", "", 0x10),
    ],
)
def test_what_a_remark_leaves_of_the_content(memory: str, value: str, usage: int | None) -> None:
    content = iso28560_2_codec.decode(bytes.fromhex(memory)).content
    assert (content.shelf_location, content.type_of_usage) == (value, usage)


def test_an_owner_in_text_is_the_owner() -> None:
    content = MODEL.read(image(), bytes.fromhex(CASES["isil-as-text"][0])).content
    assert content.owner_institution == "DE-7"


def test_elements_that_cannot_be_read_are_evidence_and_not_content() -> None:
    # Local data A and B, application defined; media format of two bytes; an empty title.
    memory = bytes.fromhex(ITEM + "0f000141" + "0f0102ffee" + "6f04020102" + "6f0200")
    decoded = iso28560_2_codec.decode(memory)
    assert decoded.content.further == ()
    assert [e.value for e in decoded.content.elements[1:]] == ["41", "FF EE", "", ""]
    assert [r.code for r in decoded.remarks] == ["not-text", "not-text", "usage-encoding", "empty-element"]


def test_a_seven_bit_alternative_owner_and_short_packing_as_on_field_tags() -> None:
    # zhiyan 1 of dp2's TestRfid.cs: ONIX format BA by 5-bit, alternative owner Lib01 by 7-bit.
    memory = bytes.fromhex("c102071100b0c30c30ca00000203a80008830203d6593f0000250110370210405f080599a713063f")
    decoded = iso28560_2_codec.decode(memory)
    assert decoded.content.further == ((7, "BA"), (23, "Lib01"))
    assert [r.code for r in decoded.remarks] == ["octet-scheme", "scheme-differs"]
    assert "ONIX media format, Alternative owner institution" in decoded.remarks[1].sentence


@pytest.mark.parametrize(
    ("memory", "marked", "left"),
    [
        (ITEM + "00", False, 0),
        (ITEM + "00" + "575f4f4b", True, 0),
        (ITEM + "00" + "ff" + "575f4f4b", True, 1),
        (ITEM + "00" + "575f4f4b" + "00", False, 4),  # not at the very end
        (ITEM + "00" + "5f4f4b", False, 3),
    ],
)
def test_the_mark_is_one_at_the_very_end(memory: str, marked: bool, left: int) -> None:
    remarks = {remark.code: remark for remark in iso28560_2_codec.decode(bytes.fromhex(memory)).remarks}
    assert ("writer-mark" in remarks) == marked
    assert (remarks["leftover"].length if "leftover" in remarks else 0) == left


@given(st.binary(max_size=112) | st.builds(lambda tail: bytes.fromhex(ITEM) + tail, st.binary(max_size=60)))
def test_remarks_have_a_kind_and_a_place_in_the_memory(memory: bytes) -> None:
    try:
        remarks = iso28560_2_codec.decode(memory).remarks
    except Undecodable:
        return
    codes = {kind.code for kind in odd.KINDS}
    for remark in remarks:
        assert remark.code in codes
        assert remark.offset is not None
        assert 0 <= remark.offset <= remark.offset + remark.length <= len(memory)
        assert remark.length > 0
        assert "{" not in remark.sentence or "{" in memory.decode("latin-1")
        assert remark.sentence.isprintable()
