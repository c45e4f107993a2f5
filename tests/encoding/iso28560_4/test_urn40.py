"""URN Code 40: the cited vectors, an independent decoder, and every escape both ways."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from station.base.errors import ElementInvalid, Undecodable
from station.encoding.iso28560_4 import urn40
from tests.support.for_each import for_each
from tests.support.sample_tags import of_model

TABLE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789"
"""Typed again, independently of the package's table."""


def slow(data: bytes) -> str:
    """Decode words and escapes from the description only: one byte at a time, no shared code."""
    text, at = "", 0
    while at < len(data):
        lead = data[at]
        if lead == 0xFB:
            digits, count = 9 + (data[at + 1] // 16), 4 + (data[at + 1] % 16)
            number = 0
            for byte in data[at + 2 : at + 2 + count]:
                number = number * 256 + byte
            text += f"{number:0{digits}d}"
            at += 2 + count
        elif lead in (0xFC, 0xFD, 0xFE):
            width = lead - 0xFB
            text += data[at + 1 : at + 1 + width].decode()
            at += 1 + width
        elif at + 1 == len(data):
            at += 1
        else:
            # 0000 is filler, because 0001 is three paddings.
            word = max(data[at] * 256 + data[at + 1], 1) - 1
            for weight in (1600, 40, 1):
                place = word // weight % 40
                text += TABLE[place - 1] if place else ""
            at += 2
    return text


WORDS = [(v["hex"], v["decoded"]["text"]) for v in of_model("28560-4", "28560-4/urn40")]
UIIS = [(v["hex"], v["decoded"].get("uii") or v["decoded"]["text"]) for v in of_model("28560-4", "28560-4/uii")]
HEADERS = [(v["hex"], v["decoded"]["urn40"]) for v in of_model("28560-4", "uhf/bookwaves-header")]


@pytest.mark.parametrize(("code", "text"), [*WORDS, *UIIS])
def test_vectors_both_ways(code: str, text: str) -> None:
    data = bytes.fromhex(code)
    assert urn40.decode(data) == text
    packed = urn40.encode(text)
    # The vector of the long number alone has no filler up to a whole word; the vector of its UII has it.
    assert data in (packed, urn40.even(packed))
    assert slow(data) == text


@pytest.mark.parametrize(("code", "text"), HEADERS)
def test_headers_of_bookwaves(code: str, text: str) -> None:
    assert urn40.decode(bytes.fromhex(code)) == text


@pytest.mark.parametrize("text", ["31", "-1.", "456", "000"])
def test_the_other_words_of_the_standards_example(text: str) -> None:
    # dp2 TestUHF.cs Test_encode_uii_1.
    want = {"31": "d319", "-1.": "adb5", "456": "da1d", "000": "c04f"}
    assert urn40.encode(text).hex() == want[text]


def test_each_escape() -> None:
    assert urn40.encode("a").hex() == "fc61"
    assert urn40.encode("é").hex() == "fdc3a9"
    assert urn40.encode("中").hex() == "fee4b8ad"
    assert urn40.encode("123456789").hex() == "fb00075bcd15"
    # dp2 TestUHF.cs Test_splitSegment_1 and _2: nine digits are a number, eight are words.
    assert urn40.encode("12345678") == urn40.encode("123") + urn40.encode("456") + urn40.encode("78")


def test_the_longest_number_and_one_more_digit() -> None:
    assert urn40.encode("9" * 24)[:2].hex() == "fbf6"
    assert urn40.encode("9" * 25) == urn40.encode("9" * 24) + urn40.encode("9")


def test_leading_zeros_survive() -> None:
    # dp2 drops them on reading (it ignores the result of PadLeft). The digit count is there to keep them.
    assert urn40.decode(bytes.fromhex("fb2200000000ff0f")) == "00000065295"
    packed = urn40.encode("000123456789")
    assert packed == urn40.encode("000") + urn40.encode("123456789")
    assert urn40.decode(packed) == "000123456789"


def test_a_number_that_is_not_first_is_read_where_it_stands() -> None:
    # dp2 reads it from the beginning of the UII instead.
    assert urn40.decode(bytes.fromhex("10e2fb2102dddf7c4e00")) == "B.A12312345678"


@pytest.mark.parametrize("code", ["", "00", "0000", "0001", "000000", "00010000"])
def test_padding_alone_is_nothing(code: str) -> None:
    assert urn40.decode(bytes.fromhex(code)) == ""


@for_each(
    ("code", "offset"),
    [
        ("14", 0),
        ("141cfb", 3),
        ("141cfb2102dddf", 4),
        ("fb00ffffffff", 0),
        ("fc", 1),
        ("fcc3", 1),
        ("fdc3", 1),
        ("fd6161", 1),
        ("fdc328", 1),
        ("fee4b8", 1),
        ("feeda080", 1),
        ("ff", 0),
        ("141cff00", 2),
        ("fa01", 0),
        ("faff", 0),
        ("0002", 0),
        ("0029", 0),
        ("0642", 0),
    ],
)
def test_broken(code: str, offset: int) -> None:
    with pytest.raises(Undecodable) as error:
        urn40.decode(bytes.fromhex(code), 100)
    assert error.value.offset == 100 + offset


def test_the_greatest_word_is_no_escape() -> None:
    assert urn40.encode("999").hex() == "fa00"
    assert urn40.decode(bytes.fromhex("fa00")) == "999"


@pytest.mark.parametrize("text", ["", "\U0001f4d6", "A\ud800"])
def test_what_cannot_be_written(text: str) -> None:
    with pytest.raises(ElementInvalid):
        urn40.encode(text)


def test_words_where_padding_is_a_space() -> None:
    data = urn40.encode("A") + urn40.encode("B")
    assert urn40.decode_words(data, padding=" ") == "A  B  "
    assert urn40.decode_words(data) == "AB"
    for broken, offset in ((b"\x14", 1), (b"\x14\x1c\xfa\x01", 2)):
        with pytest.raises(Undecodable) as error:
            urn40.decode_words(broken)
        assert error.value.offset == offset


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(Undecodable, match="at byte 2: word FA01 is out of range"):
        urn40.decode(bytes.fromhex("141cfa01"))
    with pytest.raises(Undecodable, match="at byte 2: a number of 10 digits where 9 are promised"):
        urn40.decode(bytes.fromhex("141cfb00ffffffff"))


texts = st.text(
    st.one_of(
        st.sampled_from(TABLE),
        st.sampled_from("0123456789"),
        st.characters(min_codepoint=0x20, max_codepoint=0xFFFF, blacklist_categories=("Cs",)),
    ),
    min_size=1,
    max_size=60,
)


@given(texts)
@example("0" * 30)
@example("1" * 49)
@example("10000000000000000000000000")
def test_what_is_written_is_read(text: str) -> None:
    packed = urn40.encode(text)
    assert urn40.decode(packed) == text
    assert urn40.decode(urn40.even(packed)) == text
    assert len(urn40.even(packed)) % 2 == 0
    assert slow(packed) == text


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    offset = 0
    try:
        text = urn40.decode(data)
    except Undecodable as error:
        offset = error.offset
    else:
        assert text == slow(data)
        if text:
            assert urn40.decode(urn40.encode(text)) == text
    assert 0 <= offset <= len(data)
