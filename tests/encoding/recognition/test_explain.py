"""A tag as sentences and as an annotated dump: every byte is in one range; no output has control characters."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.tag_image import TagImage, Uid
from station.encoding.content import BEING_WRITTEN, Part, Range, TagContent, TagProfile, user_memory
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.recognition import annotate
from station.encoding.recognition.explain import explain, set_words, spans, value_words
from station.encoding.recognition.recognise import recognise
from tests.encoding.hostile_memories import SLIX2, TAGS
from tests.support.for_each import for_each
from tests.support.sample_tags import ISIL, PROFILE, danish, image, item, three_m

RANGES = st.lists(st.builds(Range, st.integers(-5, 70), st.integers(-3, 40), st.just(Part.DATA), st.just("x")))


def lines(tag: TagImage, profile: TagProfile | None = PROFILE) -> tuple[str, ...]:
    return explain(tag, recognise(tag, PROFILE), profile)


# --- ranges ---------------------------------------------------------------------------------------------------------


@given(TAGS)
def test_every_byte_of_any_tag_has_one_range(tag: TagImage) -> None:
    ranges = annotate.annotate(tag, recognise(tag, PROFILE))
    at = 0
    for each in ranges:
        assert each.offset == at
        assert each.length > 0
        assert each.label
        at += each.length
    assert at == len(tag.memory)
    assert [each.part for each in ranges].count(Part.CHIP) == (len(user_memory(tag)) < len(tag.memory))


@given(TAGS, TAGS)
def test_the_recognition_of_another_tag_does_no_harm(tag: TagImage, other: TagImage) -> None:
    ranges = annotate.annotate(tag, recognise(other, PROFILE))
    assert sum(each.length for each in ranges) == len(tag.memory)
    assert explain(tag, recognise(other, PROFILE))


@given(RANGES, st.integers(0, 64))
def test_gapless_makes_whole_what_a_model_gives(ranges: list[Range], size: int) -> None:
    found = annotate.gapless(ranges, size)
    covered = [place for each in found for place in range(each.offset, each.offset + each.length)]
    assert covered == list(range(size))
    known = {place for each in ranges for place in range(each.offset, each.offset + each.length)}
    for each in found:
        inside = set(range(each.offset, each.offset + each.length))
        assert inside <= known if each.part is Part.DATA else not inside & known


@given(TAGS, st.integers(1, 40))
def test_rows_hold_all_bytes_and_name_their_ranges(tag: TagImage, width: int) -> None:
    ranges = annotate.annotate(tag, recognise(tag, PROFILE))
    rows = annotate.rows(tag.memory, ranges, width)
    assert b"".join(cell.data for row in rows for cell in row.cells) == tag.memory
    assert [row.offset for row in rows] == list(range(0, len(tag.memory), width))
    at = 0
    for row in rows:
        assert row.offset == at
        for cell in row.cells:
            each = ranges[cell.range_index]
            assert each.offset <= at
            assert at + len(cell.data) <= each.offset + each.length
            at += len(cell.data)


def test_rows_are_data_that_any_program_can_show() -> None:
    ranges = (Range(0, 3, Part.IDENTIFIER, "a"), Range(3, 2, Part.FREE, "b"))
    assert annotate.rows(b"ABCDE", ranges, 4) == (
        annotate.Row(0, (annotate.Segment(b"ABC", 0), annotate.Segment(b"D", 1))),
        annotate.Row(4, (annotate.Segment(b"E", 1),)),
    )
    assert annotate.rows(b"", ()) == ()
    with pytest.raises(ValueError, match="width"):
        annotate.rows(b"A", ranges, 0)


def test_bytes_of_no_range_are_in_no_segment() -> None:
    ranges = (Range(2, 1, Part.DATA, "a"), Range(5, 1, Part.DATA, "b"))
    (row,) = annotate.rows(b"012345678", ranges)
    assert row.cells == (annotate.Segment(b"2", 0), annotate.Segment(b"5", 1))


def test_an_empty_range_has_no_segment() -> None:
    ranges = (Range(0, 0, Part.DATA, "a"), Range(0, 2, Part.DATA, "b"), Range(2, 0, Part.DATA, "c"))
    assert annotate.rows(b"AB", ranges) == (annotate.Row(0, (annotate.Segment(b"AB", 1),)),)


@for_each(
    ("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (27, "AB"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_letters(index: int, name: str) -> None:
    assert annotate.letters(index) == name


def test_the_plain_dump_needs_no_colour() -> None:
    tag = image(three_m("3123"))
    dump = annotate.plain(tag.memory, annotate.annotate(tag, recognise(tag, PROFILE)))
    assert dump[:7] == (
        "    0  04 11 00 01 33 31 32 33 00 00 00 00 00 00 00 00",
        "       A_ B_ C_ D_ E__________ F______________________",
        "   16  00 00 00 00 00 20 01 59 00 00 00 00 00 00 00 00",
        "       F__________ G__________ H__________ I__________",
        "   32  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
        "       J______________________________________________",
        "       the same in 4 more rows",
    )
    assert dump[7] == "A  byte 0: structure, mark of a 3M tag (always 04)   04"
    assert dump[11] == "E  bytes 4-7: identifier, Primary item identifier = 3123 (ASCII)   33 31 32 33"
    assert dump[-1] == "J  bytes 32-111: free"


@given(TAGS)
def test_the_plain_dump_names_every_range_with_word_and_letters(tag: TagImage) -> None:
    ranges = annotate.annotate(tag, recognise(tag, PROFILE))
    dump = annotate.plain(tag.memory, ranges)
    legend = dump[len(dump) - len(ranges) :]
    ruler = " ".join(dump[: len(dump) - len(ranges)])
    for index, (each, line) in enumerate(zip(ranges, legend, strict=True)):
        assert line.startswith(f"{annotate.letters(index)}  byte")
        assert each.part.value in line.lower()
        assert each.label in line
        assert f" {annotate.letters(index)}" in ruler
    assert all(line.isprintable() for line in dump)


def test_a_long_range_is_shown_in_part_by_its_line() -> None:
    line = annotate.describe(bytes(200), Range(0, 200, Part.UNKNOWN, "readable text"))
    assert line.endswith("00 ...")
    assert len(line) < 200


def test_blank_unfinished_and_unknown_tags_are_annotated_too() -> None:
    def labels(tag: TagImage) -> list[tuple[Part, str]]:
        return [(each.part, each.label) for each in annotate.annotate(tag, recognise(tag, PROFILE))]

    assert labels(image()) == [(Part.FREE, "free")]
    assert labels(image(b"\x55" * 24)) == [(Part.FREE, "filling (55) of a blank tag"), (Part.FREE, "free")]
    assert labels(image(bytes(4) + b"\xc8\xc9ABCD")) == [
        (Part.STRUCTURE, "first block"),
        (Part.UNKNOWN, "not explained"),
        (Part.UNKNOWN, "readable text"),
        (Part.FREE, "free"),
    ]
    assert labels(image(b"\xff" * 20 + b"\x01W_OK" + bytes(3) + b"\x02", blocks=9)) == [
        (Part.UNKNOWN, "filled with FF"),
        (Part.UNKNOWN, "not explained"),
        (Part.UNKNOWN, "mark of a Bibliotheca writer"),
        (Part.UNKNOWN, "not explained"),
    ]
    assert labels(image(blocks=80, uid=SLIX2)) == [(Part.FREE, "free"), (Part.CHIP, "counter of the chip")]
    # A tag that is being written and is still empty is unfinished, and its bytes are as free as before.
    assert labels(image(dsfid=BEING_WRITTEN)) == [(Part.FREE, "free")]
    assert labels(image(b"\xc8\xc9ABCD", dsfid=BEING_WRITTEN, blocks=3)) == [
        (Part.UNKNOWN, "not explained"),
        (Part.UNKNOWN, "readable text"),
        (Part.UNKNOWN, "not explained"),
    ]
    # Zeros are free only at the end; another fill pattern is never free.
    assert labels(image(b"\xfe" + bytes(11) + b"\xfd" + b"\xff" * 15, blocks=7)) == [
        (Part.UNKNOWN, "not explained"),
        (Part.UNKNOWN, "zeros"),
        (Part.UNKNOWN, "not explained"),
        (Part.UNKNOWN, "filled with FF"),
    ]
    assert annotate.annotate(image(blocks=80, uid=SLIX2), recognise(image(), PROFILE))[-1].offset == 316


# --- words ----------------------------------------------------------------------------------------------------------


@given(TAGS, st.booleans(), st.sampled_from([None, PROFILE]))
def test_whatever_a_tag_holds_its_explanation_cannot_act(
    tag: TagImage, ranges: bool, profile: TagProfile | None
) -> None:
    said = explain(tag, recognise(tag, PROFILE), profile, ranges=ranges)
    assert said[0].endswith(".")
    assert all(line.isprintable() and line for line in said)


def test_not_even_its_uid() -> None:
    tag = dataclasses.replace(image(), uid=Uid("E0\x1b[2J"))
    assert all(line.isprintable() for line in lines(tag))


def test_terminal_controls_in_any_element_come_out_clean() -> None:
    evil = b"\x1b]52;c;AAAA\x07\xc2\x9b2J"
    memory = iso28560_2_codec.encode(TagContent("31234567890128", ISIL)) + bytes([0x76, len(evil)]) + evil
    said = lines(image(memory, dsfid=6))
    assert "Shelf location: ]52;c;AAAA2J" in said
    assert all(line.isprintable() for line in said)


def test_a_librarian_reads_what_the_tag_says() -> None:
    content = TagContent("31234567890128", ISIL, 3, 12, 0x10, "QA268.L55", ((17, "Moby Dick"), (19, "01"), (20, "40")))
    said = lines(image(iso28560_2_codec.encode(content), dsfid=6, afi=7))
    assert said[:7] == (
        "This tag is finished and belongs to this library.",
        "UID E00401501F453D8F, 112 bytes in blocks of 4.",
        "Data model: ISO 28560-2 (confidence 0.95).",
        "Item: 31234567890128",
        "Owner: US-InU-Mu",
        "Set: part 3 of 12",
        "Type of usage: for circulation (10)",
    )
    # Media format has a public table; supply chain stage has none, so that its code is shown as it is.
    assert said[7:11] == (
        "Shelf location: QA268.L55",
        "Title: Moby Dick",
        "Media format (other): book (01)",
        "Supply chain stage: 40",
    )
    assert "DSFID 06: marks a finished tag of this model." in said
    assert "AFI 07: in stock; the gate alarms." in said


def test_fields_that_iso_28560_does_not_know_are_all_told() -> None:
    said = lines(image(three_m("31234567890128")))
    assert said[6:8] == ("Item type: book", "Branch and library: 2, 345")


def test_explain_names_every_byte_range() -> None:
    said = lines(item("31234567890128"))
    found = [line for line in said if line.startswith("byte")]
    for line, start, end in zip(
        found,
        (
            "bytes 0-7: identifier, Primary item identifier = 31234567890128",
            "bytes 8-10: data, Content parameter",
            "bytes 11-19: owner, Owner institution = US-InU-Mu",
            "bytes 20-22: data, Set information = 11",
            "bytes 23-25: data, Type of usage",
            "byte 26: structure, ",
            "bytes 27-111: free",
        ),
        ("11 06 1C 68 5D 52 E4 D0", "02 01 E0", "03 07 AC C0 9E BA A0 6F 6B", "14 01 0B", "65 01 10", "00", ""),
        strict=True,
    ):
        assert line.startswith(start)
        assert line.endswith(end)
    tag = item("31234567890128")
    without = explain(tag, recognise(tag, PROFILE), PROFILE, ranges=False)
    assert without == said[: len(said) - len(found)]


@for_each(
    ("tag", "headline"),
    [
        (image(), "This tag is blank: it can be written."),
        (image(danish("123"), dsfid=0x3E), "This tag is finished and belongs to DE-705, not to this library."),
        (image(three_m("1")), "This tag is finished, but it does not say whose it is."),
        (image(danish("123")), "This tag is not finished: scan the item's barcode."),
        (image(bytes(4) + b"x"), "This tag is not finished: scan the item's barcode."),
        (image(danish(""), dsfid=0x3E), "This tag is prepared, but no item is written on it yet."),
        (image(three_m("1")[:28] + b"tail"), "What this tag says cannot be trusted: scan the item's barcode."),
        (image(b"\xff" * 40), "The station does not know what this tag holds."),
    ],
)
def test_headlines(tag: TagImage, headline: str) -> None:
    assert lines(tag)[0] == headline


THREE_M_SITE = TagProfile(isil=ISIL, afi_in_stock=0xDA, afi_on_loan=0xD7)


@for_each(
    ("afi", "profile", "words"),
    [
        (0x07, PROFILE, "in stock; the gate alarms."),
        (0xC2, PROFILE, "on loan; the gate lets it pass."),
        (0x00, PROFILE, "not set"),
        (0xDA, PROFILE, "a value of 3M systems"),
        (0x21, PROFILE, "on loan in other libraries; this library's values are 07 in stock and C2 on loan."),
        (0x99, PROFILE, "not known; this library's values are 07 in stock and C2 on loan."),
        (0x99, None, "not known; ISO 28560 uses 07 in stock and C2 on loan."),
        (0xDA, THREE_M_SITE, "in stock; the gate alarms."),
        (0x07, THREE_M_SITE, "in stock in most libraries; this library's values are DA in stock and D7 on loan."),
    ],
)
def test_afi_means_what_the_library_says(afi: int, profile: TagProfile | None, words: str) -> None:
    (line,) = [line for line in lines(image(afi=afi), profile) if line.startswith("AFI ")]
    assert line.startswith(f"AFI {afi:02X}: {words}")


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        (image(), "not set, as on a tag that is new or not finished."),
        (image(dsfid=0x3E), "the mark of a finished tag of ISO 28560-3 (Danish model), but the memory is not one."),
        (image(b"\xff" * 9, dsfid=0x06), "the mark of a finished tag of ISO 28560-2, but the memory is not one."),
        (image(danish("1"), dsfid=0x3E), "marks a finished tag of this model."),
        (image(danish("1"), dsfid=0x77), "not a mark that this library knows."),
        (image(three_m("1"), dsfid=BEING_WRITTEN), "this station began to write the tag and has not finished."),
        (image(dsfid=BEING_WRITTEN), "this station began to write the tag and has not finished."),
        (image(three_m("1"), dsfid=0x06), "tags of this model are not marked by it."),
    ],
)
def test_dsfid_in_words(tag: TagImage, words: str) -> None:
    (line,) = [line for line in lines(tag) if line.startswith("DSFID ")]
    assert line.startswith(f"DSFID {tag.dsfid:02X}: {words}")


def test_locks_say_what_can_never_change() -> None:
    tag = dataclasses.replace(item("31234567890128"), locked=tuple(block in (0, 1, 4, 20) for block in range(28)))
    (line,) = [line for line in lines(tag) if "locked" in line]
    assert line == ("Blocks 0-1, 4, 20 are permanently locked. They hold: Primary item identifier, Owner institution.")
    assert not any("locked" in line for line in lines(image()))


def test_a_blank_tag_with_a_locked_block_is_no_tag_to_write() -> None:
    one = lines(dataclasses.replace(image(), locked=(False, True)))
    assert one[0] == "Blank, but block 1 is locked. Use another tag."
    assert "Block 1 is permanently locked (empty)." in one
    some = lines(dataclasses.replace(image(), locked=(False, True, True, False, True)))
    assert some[0] == "Blank, but blocks 1-2, 4 are locked. Use another tag."
    assert "Blocks 1-2, 4 are permanently locked (empty)." in some


def turned(tag: TagImage) -> TagImage:
    memory = b"".join(tag.memory[at : at + 4][::-1] for at in range(0, len(tag.memory), 4))
    return dataclasses.replace(tag, memory=memory)


@pytest.mark.parametrize(
    ("tag", "title"),
    [(image(three_m("1301234567")), "3M (RFID 501)"), (item("1301234567"), "ISO 28560-2")],
)
def test_blocks_that_a_reader_turned_are_guessed_and_no_more(tag: TagImage, title: str) -> None:
    said = lines(turned(tag))
    assert said[0] == "The station does not know what this tag holds."
    assert any(f"would be a tag of {title} for item 1301234567:" in line for line in said), said
    assert not any("reverse order" in line for line in lines(tag))
    assert not any("reverse order" in line for line in lines(image(b"\xff" * 112)))


def test_rows_and_ranges_are_plain_values_for_json() -> None:
    tag = item("31234567890128")
    ranges = annotate.annotate(tag, recognise(tag, PROFILE))
    value = msgspec.json.decode(msgspec.json.encode([ranges, annotate.rows(tag.memory, ranges)]))
    assert value[0][0]["label"] == "Primary item identifier"
    assert value[1][0]["cells"][0]["range_index"] == 0


def test_small_words() -> None:
    assert [value_words(19, "02"), value_words(19, "xx"), value_words(17, "02")] == ["CD or DVD (02)", "xx", "02"]
    assert [set_words(1, 1), set_words(1, 2)] == ["a single part", "part 1 of 2"]
    assert [spans([]), spans([3]), spans([0, 1, 2, 7, 9, 10])] == ["", "3", "0-2, 7, 9-10"]
