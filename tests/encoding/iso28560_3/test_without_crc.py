"""28560-3 without a valid CRC: a claim with reasons, never an identity, never ranked above another model's reading."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from station.base.errors import Undecodable
from station.encoding.content import Decoding, TagContent, TagState
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_3 import basic_block
from station.encoding.iso28560_3.basic_block import decode
from station.encoding.iso28560_3.models import Iso28560Part3
from station.encoding.iso28560_3.without_crc import BEST, RULES, Iso28560Part3Claim
from station.encoding.recognition.recognise import recognise
from tests.encoding.iso28560_3.written import IDENTIFIER, frame, reverse
from tests.support.for_each import for_each
from tests.support.sample_tags import PROFILE, danish, image, three_m

MODEL = Iso28560Part3Claim()


def claim(memory: bytes, dsfid: int = 0, block_size: int = 4) -> Decoding:
    return MODEL.read(replace(image(dsfid=dsfid), memory=memory, block_size=block_size), memory)


def codes(decoding: Decoding) -> list[str]:
    return [remark.code for remark in decoding.remarks]


def spoilt(memory: bytes, crc: bytes = b"\0\0") -> bytes:
    return memory[:19] + crc + memory[21:]


@pytest.mark.parametrize("size", [32, 34, 112])
@pytest.mark.parametrize("crc", [b"\0\0", b"\x12\x34"])
def test_a_sane_tag_without_its_crc_is_a_claim(size: int, crc: bytes) -> None:
    memory = spoilt(danish("31234567890128", size=32 if size == 32 else 34).ljust(size, b"\0"), crc)
    with pytest.raises(Undecodable, match="CRC is wrong"):
        decode(memory)
    found = claim(memory)
    assert not found.sound
    assert found.content.primary_item_identifier == "31234567890128"
    assert found.content.owner_institution == "DE-705"
    assert codes(found)[0] == ("crc-wrong" if any(crc) else "crc-missing")
    assert ("missing" if not any(crc) else "wrong") in found.reason
    assert "the owner begins with a country" in found.reason
    if any(crc):
        assert "3412" in found.remarks[0].sentence
        assert f"{basic_block.crc_of(memory):04X}" in found.remarks[0].sentence
    judged = recognise(image(memory, dsfid=0x3E), PROFILE)
    assert (judged.state, judged.identifier, judged.model) == (TagState.INCOMPLETE, "", "28560-3")
    assert judged.content is not None
    assert judged.content.primary_item_identifier == "31234567890128"


def test_more_speaks_for_a_better_tag() -> None:
    good = claim(spoilt(danish("31234567890128").ljust(112, b"\0")), 0x3E)
    assert good.confidence == BEST
    worse = [
        claim(spoilt(danish("31234567890128").ljust(112, b"\0"))),
        claim(spoilt(danish("31234567890128", "705").ljust(112, b"\0")), 0x3E),
        claim(spoilt(danish("3123-4567.890").ljust(112, b"\0")), 0x3E),
        claim(spoilt(danish("31234567890128", first=0x81).ljust(112, b"\0")), 0x3E),
        claim(spoilt(danish("31234567890128", first=0x1F).ljust(112, b"\0")), 0x3E),
        claim(spoilt(danish("31234567890128", parts=2, part=3).ljust(112, b"\0")), 0x3E),
        claim(spoilt(danish("31234567890128", parts=12).ljust(112, b"\0")), 0x3E),
        claim(spoilt(danish("31234567890128").ljust(112, b"\xff")), 0x3E),
    ]
    assert all(one.confidence < BEST for one in worse)
    # Each of these tags breaks one rule.
    assert len({one.reason for one in worse}) == len(RULES)


@for_each(
    "memory",
    [
        spoilt(danish("")),
        spoilt(danish("12")),
        spoilt(danish("31234567890128", first=0x22)),
        spoilt(danish("31234567890128", parts=21)),
        spoilt(danish("3123\x004567")),
        spoilt(danish("31234567890128", "D\x01E")),
        spoilt(danish("a b.c", "7", first=0xF1, parts=3, part=9)),
        bytes(112),
        b"\x55" * 24 + bytes(88),
        three_m("31234567890128"),
        iso28560_2_codec.encode(TagContent("31234567890128", "US-InU-Mu", type_of_usage=0x10)).ljust(112, b"\0"),
        danish("1")[:31],
        b"",
    ],
)
def test_what_is_not_plausible_is_no_claim(memory: bytes) -> None:
    with pytest.raises(Undecodable):
        claim(memory)


def test_a_right_crc_is_not_its_business() -> None:
    for memory in (
        danish("31234567890128"),
        reverse(danish("31234567890128") + bytes(2)),
        danish("x\0y"),
        danish("1", first=0x33),
    ):
        with pytest.raises(Undecodable, match=r"CRC is right|version"):
            claim(memory)


@pytest.mark.parametrize("block_size", [4, 8])
def test_reversed_blocks_are_claimed_too(block_size: int) -> None:
    memory = reverse(spoilt(danish("31234567890128").ljust(40, b"\0")), block_size)
    found = claim(memory, block_size=block_size)
    assert found.content.primary_item_identifier == "31234567890128"
    assert codes(found)[:2] == ["crc-missing", "reversed-blocks"]


def test_the_more_plausible_way_wins() -> None:
    # Read in order it is a claim too: another identifier, which contains a control character.
    found = claim(reverse(spoilt(danish("1234567890123", "DE7", first=0x21)).ljust(36, b"\0")))
    assert found.content.primary_item_identifier == "1234567890123"
    assert "reversed-blocks" in codes(found)


def test_the_short_layout_is_claimed_too() -> None:
    memory = spoilt(danish("31234567890128", "DE705", size=32)) + b"\xff\xff" + bytes(78)
    found = claim(memory)
    assert found.content.owner_institution == "DE-705"
    assert "short-layout" in codes(found)


def test_what_the_rest_says_is_read() -> None:
    found = claim(spoilt(danish("31234567890128")) + frame(4, b"Title"))
    assert found.content.further == ((17, "Title"),)


def test_it_is_never_written() -> None:
    assert not hasattr(MODEL, "encode")
    assert MODEL.kinds == Iso28560Part3.kinds


@given(IDENTIFIER, st.integers(0, 33), st.integers(1, 255))
def test_one_wrong_byte_is_at_most_a_claim(identifier: str, at: int, change: int) -> None:
    memory = bytearray(danish(identifier).ljust(112, b"\0"))
    memory[at] ^= change
    try:
        decode(bytes(memory))
    except Undecodable:
        judged = recognise(image(bytes(memory), dsfid=0x3E), PROFILE)
        assert judged.state in (TagState.INCOMPLETE, TagState.UNKNOWN)
        assert judged.identifier == ""
    else:
        assume(False)


@given(st.binary(max_size=112), st.integers(0, 255))
def test_random_memories_raise_only_undecodable(memory: bytes, dsfid: int) -> None:
    try:
        found = claim(memory, dsfid)
    except Undecodable:
        return
    assert not found.sound
    assert found.confidence <= BEST < 0.5


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=34, max_size=112))
def test_running_text_is_no_claim(text: str) -> None:
    with pytest.raises(Undecodable):
        claim(text.encode("ascii"))
