"""Annotated 28560-3 memories: every byte in exactly one range, ranges by hand, reversed blocks, hostile memories."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import Undecodable
from station.base.text import clean
from station.encoding.content import Decoding, Part, Range, Remark, TagContent
from station.encoding.iso28560_3.basic_block import decode
from station.encoding.iso28560_3.deviants import KINDS
from station.encoding.iso28560_3.models import Iso28560Part3
from station.encoding.iso28560_3.without_crc import Iso28560Part3Claim
from station.encoding.iso28560_3.write import encode
from tests.encoding.iso28560_3.written import contents, frame, reverse
from tests.support.for_each import for_each
from tests.support.sample_tags import danish, image, of_model

MODEL = Iso28560Part3()


def annotated(memory: bytes, block_size: int = 4) -> tuple[Range, ...]:
    tag = replace(image(), memory=memory, block_size=block_size)
    return MODEL.annotate(memory, MODEL.read(tag, memory))


def gapless(ranges: tuple[Range, ...], size: int) -> bool:
    at = 0
    for one in ranges:
        if one.offset != at or one.length < 1:
            return False
        at += one.length
    return at == size


def brief(ranges: tuple[Range, ...]) -> list[tuple[int, int, str, str, str]]:
    return [(one.offset, one.length, one.part.value, one.label, one.value) for one in ranges]


BASIC = [
    (0, 1, "structure", "Version and type of usage", "version 1, for circulation"),
    (1, 1, "data", "Number of parts", "1"),
    (2, 1, "data", "Part number", "1"),
    (3, 16, "identifier", "Primary item identifier", "3012"),
    (19, 2, "check", "CRC", ""),
    (21, 13, "owner", "Owner institution", "DE-705"),
]


def test_a_memory_by_hand() -> None:
    memory = danish("3012") + b"\x01" + frame(1, b"\x02ALT-1\0DE-705") + frame(4, b"Title") + frame(101, b"xy")
    stored = f"{memory[20]:02X}{memory[19]:02X}"
    found = brief(annotated(memory.ljust(80, b"\0")))
    assert found == [
        *(row if row[3] != "CRC" else (19, 2, "check", "CRC", stored) for row in BASIC),
        (34, 1, "structure", "filler", ""),
        (35, 3, "structure", "Library block: length and number", "17, 1"),
        (38, 1, "check", "Library block: XOR", ""),
        (39, 1, "data", "Media format (other)", "02"),
        (40, 5, "data", "Alternative item identifier", "ALT-1"),
        (45, 1, "structure", "Library block: separator", ""),
        (46, 6, "owner", "Owner institution", "DE-705"),
        (52, 3, "structure", "Title block: length and number", "9, 4"),
        (55, 1, "check", "Title block: XOR", ""),
        (56, 5, "data", "Title", "Title"),
        (61, 3, "structure", "Unstructured block 101: length and number", "6, 101"),
        (64, 1, "check", "Unstructured block 101: XOR", ""),
        (65, 2, "data", "Unstructured block 101", "78 79"),
        (67, 1, "structure", "end of the extension blocks", ""),
        (68, 12, "free", "free", ""),
    ]


@for_each(
    ("memory", "want"),
    [
        (danish("3012", size=32), [(21, 11, "owner", "Owner institution", "DE-705")]),
        (danish("3012"), [(21, 13, "owner", "Owner institution", "DE-705")]),
        (danish("3012") + b"\0", [(34, 1, "structure", "end of the extension blocks", "")]),
        (
            danish("3012") + b"\0stale",
            [
                (34, 1, "structure", "end of the extension blocks", ""),
                (35, 5, "leftover", "left over from an earlier content", ""),
            ],
        ),
        (
            danish("3012") + bytes(6) + b"W_OK",
            [(35, 5, "free", "free", ""), (40, 4, "structure", "a writer's mark", "W_OK")],
        ),
        (danish("3012") + b"\x05\x01\x00\x06\x01\0", [(34, 6, "unknown", "checksum wrong", "")]),
        (danish("3012") + b"\x03\x01", [(34, 2, "unknown", "no extension block", "")]),
        (
            danish("3012", size=32) + b"W_OK",
            [(21, 11, "owner", "Owner institution", "DE-705"), (32, 4, "structure", "a writer's mark", "W_OK")],
        ),
        (danish("\x01"), [(3, 16, "identifier", "Primary item identifier", "")]),
        (
            danish("3012") + b"\0" + frame(1, b"\x02ALT-1", last=True),
            [
                (34, 1, "structure", "no extension block yet", ""),
                (35, 3, "structure", "Library block: length and number", "10, 1"),
                (44, 1, "check", "Library block: XOR", ""),
            ],
        ),
        (
            (danish("3012")[:26] + frame(1, b"\x02ALT-1", last=True)).ljust(40, b"\0"),
            [
                (21, 5, "owner", "Owner institution", "DE-705"),
                (26, 3, "structure", "Library block: length and number", "10, 1"),
            ],
        ),
    ],
)
def test_ranges_of_special_memories(memory: bytes, want: list[tuple[int, int, str, str, str]]) -> None:
    found = annotated(memory)
    assert gapless(found, len(memory))
    assert set(want) <= set(brief(found))


def test_notes_say_what_is_odd() -> None:
    notes = {one.label: one.note for one in annotated(danish("3012", first=0x81, parts=2, part=3))}
    assert notes["Version and type of usage"] == "nibbles swapped"
    assert notes["Number of parts"] == "swapped with the part number"
    assert notes["CRC"] == "right; low byte first"
    tag = image(danish("3012")[:19] + b"\0\0" + danish("3012")[21:], dsfid=0x3E)
    claim = Iso28560Part3Claim()
    ranges = claim.annotate(tag.memory, claim.read(tag, tag.memory))
    assert gapless(ranges, 112)
    assert next(one.note for one in ranges if one.label == "CRC").startswith("missing; should be ")


def test_reversed_blocks_are_annotated_as_they_stand() -> None:
    (vector,) = of_model("28560-3", "danish/reversed-blocks")
    memory = bytes.fromhex(vector["hex"])
    found = annotated(memory)
    assert gapless(found, len(memory))
    # Block 0 holds 1, 01, 01, 11 from left to right: the identifier's first byte comes first in memory.
    assert [(one.offset, one.length, one.label) for one in found[:5]] == [
        (0, 1, "Primary item identifier"),
        (1, 1, "Part number"),
        (2, 1, "Number of parts"),
        (3, 1, "Version and type of usage"),
        (4, 12, "Primary item identifier"),
    ]
    assert found[0].value == "11223344"
    assert found[4].value == ""
    assert found[0].note.endswith("bytes reversed in block 0")
    assert found[4].note.endswith("bytes reversed in blocks 1 to 3")
    straight = annotated(bytes.fromhex(vector["decoded"]["same_as"]))
    for part in Part:
        assert sum(one.length for one in found if one.part is part) == sum(
            one.length for one in straight if one.part is part
        )


@given(contents(), st.sampled_from([64, 112, 256]), st.booleans())
def test_every_value_stands_where_its_range_says(content: TagContent, size: int, turn: bool) -> None:
    try:
        memory = encode(content, 4, 1024).data
    except Undecodable:
        return
    memory = memory.ljust(size - size % 4 if len(memory) < size else -(-len(memory) // 4) * 4, b"\0")
    memory = reverse(memory) if turn else memory
    found = annotated(memory)
    assert gapless(found, len(memory))
    assert all(clean(text, 1000) == text for one in found for text in (one.label, one.value, one.note))
    values = [one.value for one in found]
    for item in decode(memory).content.elements:
        if item.oid not in (4, 5):
            assert item.value in values
    if not turn:
        for item in decode(memory).content.elements:
            if item.length and item.oid not in (4, 5):
                assert any((one.offset, one.length) == (item.offset, item.length) for one in found), item


DECODING = st.builds(
    lambda remarks, end: Decoding("28560-3", TagContent(""), 0.5, "", tuple(remarks), True, end),
    st.lists(
        st.builds(
            Remark,
            st.sampled_from([kind.code for kind in KINDS]),
            st.just("x"),
            st.none() | st.integers(0, 200),
            st.integers(0, 9),
        ),
        max_size=5,
    ),
    st.integers(0, 200),
)


@given(st.binary(max_size=120), DECODING)
def test_annotating_never_raises_even_with_a_reading_of_another_memory(memory: bytes, decoding: Decoding) -> None:
    assert gapless(MODEL.annotate(memory, decoding), len(memory))
