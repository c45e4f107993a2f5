"""What a tag is said to be, why, and in which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.encoding import iso28560_2
from station.encoding.content import TagContent, TagProfile, TagState, user_memory
from station.encoding.recognise import explain, recognise
from station.model import TagImage, Uid
from station.text import clean
from tests.encoding.samples import ISIL, PROFILE, danish, image, item, three_m
from tests.encoding.test_memory import HOSTILE

OURS = iso28560_2.encode(TagContent("31234567890128", ISIL, type_of_usage=0x10))
THEIRS = iso28560_2.encode(TagContent("31234567890128", "DE-Heu1", type_of_usage=0x10))
NOBODYS = iso28560_2.encode(TagContent("31234567890128"))
OURS_3 = danish("31234567890128", "USInU-Mu")


@pytest.mark.parametrize(
    ("memory", "dsfid", "state", "model", "reason"),
    [
        (b"", 0x00, TagState.BLANK, "blank", "zero"),
        (b"", 0x06, TagState.BLANK, "blank", "DSFID is 06"),
        (b"\x55" * 24, 0x00, TagState.BLANK, "blank", "3M"),
        (OURS, 0x06, TagState.OURS, "28560-2", "this library"),
        (OURS, 0x00, TagState.INCOMPLETE, "28560-2", "not finished"),
        (OURS, 0x3E, TagState.INCOMPLETE, "28560-2", "not finished"),
        (OURS, 0x02, TagState.INCOMPLETE, "28560-2", "claim only"),
        (THEIRS, 0x06, TagState.FOREIGN, "28560-2", "DE-Heu1, not US-InU-Mu"),
        (THEIRS, 0x00, TagState.INCOMPLETE, "28560-2", "not finished"),
        (NOBODYS, 0x06, TagState.FOREIGN, "28560-2", "names no owner"),
        (bytes(4) + OURS[4:], 0x06, TagState.INCOMPLETE, "unknown", "not finished"),
        (bytes(4) + OURS[4:], 0x00, TagState.INCOMPLETE, "unknown", "first block is zero"),
        (danish("123"), 0x3E, TagState.FOREIGN, "28560-3", "CRC is right"),
        (danish("123"), 0x00, TagState.INCOMPLETE, "28560-3", "another system"),
        (danish("123"), 0x06, TagState.INCOMPLETE, "28560-3", "claim only"),
        (danish(""), 0x3E, TagState.INCOMPLETE, "28560-3", "names no item"),
        (OURS_3, 0x3E, TagState.OURS, "28560-3", "this library"),
        (three_m("31234567890128"), 0x00, TagState.FOREIGN, "3m", "3M"),
        (b"\xff" * 112, 0x06, TagState.UNKNOWN, "unknown", "no data model"),
        (b"W_OK", 0x06, TagState.UNKNOWN, "unknown", "no data model"),
    ],
)
def test_states(memory: bytes, dsfid: int, state: TagState, model: str, reason: str) -> None:
    found = recognise(image(memory, dsfid=dsfid), PROFILE)
    assert (found.state, found.model) == (state, model)
    assert any(reason in line for line in found.reasons), found.reasons
    assert bool(found.identifier) == (state in (TagState.OURS, TagState.FOREIGN))
    if state is TagState.INCOMPLETE and model != "unknown" and memory != danish(""):
        assert found.content is not None
        assert found.content.primary_item_identifier


def test_without_an_isil_nothing_is_ours() -> None:
    nobody = TagProfile(isil="")
    assert recognise(image(NOBODYS, dsfid=6), nobody).state is TagState.FOREIGN
    assert recognise(image(danish("1", ""), dsfid=0x3E), nobody).state is TagState.FOREIGN


def test_the_owner_must_be_equal_not_similar() -> None:
    for isil in ("US-InU", "US-InU-Mu2", "us-inu-mu", "DE-InU-Mu"):
        assert recognise(image(OURS, dsfid=6), TagProfile(isil=isil)).state is TagState.FOREIGN


def test_a_collection_may_accept_other_dsfids() -> None:
    tolerant = TagProfile(isil=ISIL, dsfids_28560_2=(0x06, 0x86), dsfids_28560_3=(0x3E, 0x00))
    assert recognise(image(OURS, dsfid=0x86), tolerant).state is TagState.OURS
    assert recognise(image(danish("123"), dsfid=0), tolerant).state is TagState.FOREIGN
    assert recognise(image(OURS, dsfid=0), tolerant).state is TagState.INCOMPLETE


def test_the_profile_s_own_dsfid_commits() -> None:
    assert recognise(image(OURS, dsfid=0x46), TagProfile(isil=ISIL, dsfid=0x46)).state is TagState.OURS


def test_a_tag_without_memory() -> None:
    for block_size in (0, 4):
        nothing = TagImage(Uid("E004015000000001"), block_size, b"", (), 0, 6)
        assert recognise(nothing, PROFILE).state is TagState.UNKNOWN
        assert explain(nothing, recognise(nothing, PROFILE))


def test_the_counter_of_a_slix2_is_no_memory() -> None:
    slix2 = "E00401081F453D8F"
    counter = bytes(79 * 4) + bytes.fromhex("05000001")
    memory = TagState.INCOMPLETE  # "something behind block 0"
    for uid, state in (
        (slix2, TagState.BLANK),
        ("E00401501F453D8F", memory),
        ("E00401181F453D8F", memory),  # bit 36 set: SLIX
        ("E00402081F453D8F", memory),  # another family
        ("nonsense", memory),
    ):
        assert recognise(image(counter, blocks=80, uid=uid), PROFILE).state is state
    assert len(user_memory(image(counter, blocks=80, uid=slix2))) == 316
    assert any("counter" in line for line in explain(image(counter, blocks=80, uid=slix2), recognise(image(), PROFILE)))


@given(HOSTILE, st.integers(0, 255))
def test_recognise_and_explain_never_raise_and_speak_clean_text(memory: bytes, dsfid: int) -> None:
    tag = image(memory, dsfid=dsfid, locked=frozenset({0}))
    found = recognise(tag, PROFILE)
    lines = explain(tag, found)
    assert found.reasons
    for line in (*found.reasons, *lines, *(c.reason for c in found.candidates)):
        assert clean(line, 2000) == " ".join(line.split()), line
    assert found.candidates == tuple(sorted(found.candidates, key=lambda c: -c.confidence))


def test_terminal_controls_in_any_text_field_come_out_clean() -> None:
    evil = b"\x1b]52;c;AAAA\x07\xc2\x9b2J"
    memory = OURS + bytes([0x76, len(evil)]) + evil
    tag = image(memory, dsfid=6)
    found = recognise(tag, PROFILE)
    assert found.state is TagState.OURS
    assert found.content is not None
    assert found.content.shelf_location == "]52;c;AAAA2J"
    assert not any("\x1b" in line or "\x07" in line for line in explain(tag, found))


def test_explain_names_every_byte_range() -> None:
    tag = item("31234567890128")
    lines = explain(tag, recognise(tag, PROFILE))
    assert "bytes 0-7: Primary item identifier (OID 1) [integer] = 31234567890128   11 06 1C 68 5D 52 E4 D0" in lines
    assert (
        "bytes 11-19: Owner institution (OID 3) [application defined] = US-InU-Mu   03 07 AC C0 9E BA A0 6F 6B" in lines
    )
    assert "bytes 23-25: Type of usage (OID 5) [octet string] = 10 (for circulation)   65 01 10" in lines
    assert lines[-2:] == ("byte 26: terminator", "bytes 27-111: free")
    stale = image(tag.memory[:27] + b"W_OK", dsfid=6, locked=frozenset({0, 1}))
    assert explain(stale, recognise(stale, PROFILE))[-2:] == (
        "bytes 27-111: left over from an earlier content, not read",
        "Locked blocks: 0, 1",
    )
    unknown = image(b"W_OK")
    assert (
        explain(unknown, recognise(unknown, PROFILE))[-1]
        == "bytes 0-15: 57 5F 4F 4B 00 00 00 00 00 00 00 00 00 00 00 00"
    )
