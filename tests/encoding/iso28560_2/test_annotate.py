"""Every byte of an ISO 28560-2 memory is in exactly one range, whatever the memory holds."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import Undecodable
from station.encoding.content import Decoding, Part, Range, TagContent
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_2.codec import Iso28560Part2
from tests.encoding.iso28560_2.test_codec import CONTENT
from tests.support.sample_tags import image

MODEL = Iso28560Part2()
NOTHING = Decoding("28560-2", TagContent(""), 0.0, "")


def ranges(memory: bytes) -> tuple[Range, ...]:
    return MODEL.annotate(memory, MODEL.read(image(), memory))


def rows(memory: str) -> list[tuple[int, int, Part, str, str, str]]:
    return [dataclasses.astuple(found) for found in ranges(bytes.fromhex(memory))]


def test_the_worked_example_in_words() -> None:
    example = "9100051cbe991a140201d0140204b34607441cb6e2e335d6830207acc09ebaa06f6b0000"
    assert rows(example + "00") == [
        (0, 8, Part.IDENTIFIER, "Primary item identifier", "123456789012", "integer; padded by its pad count alone"),
        (8, 3, Part.DATA, "Content parameter", "3, 4, 6", "bitmap"),
        (11, 4, Part.DATA, "Set information", "1203", "integer"),
        (15, 9, Part.DATA, "Shelf location", "QA268.L55", "6-bit"),
        (24, 10, Part.OWNER, "Owner institution", "US-InU-Mu", "ISIL code"),
        (34, 2, Part.STRUCTURE, "padding", "", "fills up to the end of a block"),
        (36, 1, Part.STRUCTURE, "terminator", "", ""),
    ]


def test_codes_room_and_what_is_behind_the_end() -> None:
    # Usage 11, media format 01, a bitmap with two bytes of room, an empty owner, free bytes, "AB", free, W_OK.
    memory = "110117" + "0203a00000" + "0300" + "650111" + "6f040101" + "00" + "0000" + "4142" + "00" + "575f4f4b"
    assert rows(memory) == [
        (0, 3, Part.IDENTIFIER, "Primary item identifier", "23", "integer"),
        (3, 5, Part.DATA, "Content parameter", "3, 5", "bitmap; 2 bytes of room"),
        (8, 2, Part.OWNER, "Owner institution", "", "ISIL code; empty"),
        (10, 3, Part.DATA, "Type of usage", "11", "octet string; for circulation, automatic sorting"),
        (13, 4, Part.DATA, "Media format (other)", "01", "octet string; book"),
        (17, 1, Part.STRUCTURE, "terminator", "", ""),
        (18, 2, Part.FREE, "free", "", ""),
        (20, 2, Part.LEFTOVER, "left over", "", "behind the end of the content, not read"),
        (22, 1, Part.FREE, "free", "", ""),
        (23, 4, Part.LEFTOVER, "mark of another maker", "W_OK", ""),
    ]


def test_an_order_that_is_open_is_said() -> None:
    assert rows("110117" + "ef0201026162" + "00")[1:] == [
        (3, 6, Part.DATA, "Title", "ab", "octet string; read as OID, then pad count"),
        (9, 1, Part.STRUCTURE, "padding", "", "fills up to the end of a block"),
    ]


def test_free_to_the_end() -> None:
    assert [row[:3] for row in rows("110117" + "00" + "00" * 8)] == [
        (0, 3, Part.IDENTIFIER), (3, 1, Part.STRUCTURE), (4, 8, Part.FREE)
    ]  # fmt: skip


def test_what_is_no_row_of_elements_is_one_range() -> None:
    (found,) = MODEL.annotate(bytes.fromhex("1105ff"), NOTHING)
    assert (found.offset, found.length, found.part) == (0, 3, Part.UNKNOWN)
    assert "byte 2" in found.note
    assert MODEL.annotate(b"", NOTHING) == ()


def demand_cover(memory: bytes, found: tuple[Range, ...]) -> None:
    at = 0
    for one in found:
        assert (one.offset, one.length > 0) == (at, True)
        at += one.length
    assert at == len(memory)


@given(st.binary(max_size=112))
def test_no_gap_and_no_overlap_on_any_bytes(memory: bytes) -> None:
    demand_cover(memory, MODEL.annotate(memory, NOTHING))
    try:
        decoding = MODEL.read(image(), memory)
    except Undecodable:
        return
    demand_cover(memory, MODEL.annotate(memory, decoding))
    # Also with the decoding of another memory.
    demand_cover(memory[1:], MODEL.annotate(memory[1:], decoding))


@given(CONTENT, st.frozensets(st.sampled_from([1, 3, 5])), st.binary(max_size=12))
def test_every_element_of_a_sound_tag_has_its_range_and_value(
    content: TagContent, locked: frozenset[int], behind: bytes
) -> None:
    data = iso28560_2_codec.place(content, 4, locked).data
    memory = data + b"\0" + behind
    found = ranges(memory)
    demand_cover(memory, found)
    shown = {one.offset: one for one in found}
    for item in MODEL.read(image(), memory).content.elements:
        assert (shown[item.offset].label, shown[item.offset].value) == (item.name, item.value)
    assert shown[len(data)].label == "terminator"
