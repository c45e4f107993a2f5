"""The table of ISO 28560-1, read from end to end and compared with the codecs."""

from __future__ import annotations

from station.encoding.iso15962 import compaction, data_elements
from station.encoding.iso15962.compaction import Scheme
from station.encoding.iso15962.data_elements import ELEMENTS, Bank, Form, Place, element
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_3 import extensions
from tests.support.for_each import for_each

# docs/reference/tag-data.md#data-elements, names of the 2014 edition (AS/NZS ISO 28560.1:2015 contents).
NAMES = (
    "Primary item identifier", "Content parameter", "Owner institution", "Set information", "Type of usage",
    "Shelf location", "ONIX media format", "MARC media format", "Supplier identifier", "Order number",
    "ILL borrowing institution", "ILL borrowing transaction number", "GS1 product identifier",
    "Alternative unique item identifier", "Local data A", "Local data B", "Title", "Product identifier local",
    "Media format (other)", "Supply chain stage", "Supplier invoice number", "Alternative item identifier",
    "Alternative owner institution", "Subsidiary of an owner institution", "Alternative ILL borrowing institution",
    "Local data C",
)  # fmt: skip

# docs/reference/tag-data.md#basic-block: offset and length in the basic block.
BASIC = {2: (0, 1), 5: (0, 1), 4: (1, 2), 1: (3, 16), 3: (21, 13)}
# docs/reference/tag-data.md#extension-blocks, Danish original: only the blocks 1 and 2, "other" of block 2 has no
# element.
DANISH_BLOCKS = {19: (1, 0), 22: (1, 1), 3: (1, 2), 9: (2, 0), 18: (2, 1), 10: (2, 2), 21: (2, 3)}


def test_the_whole_table() -> None:
    assert sorted(ELEMENTS) == list(range(1, 32))
    assert tuple(ELEMENTS[oid].name for oid in range(1, 27)) == NAMES
    for oid, row in ELEMENTS.items():
        assert row.oid == oid
        assert row is element(oid)
        assert row.part2
        assert (oid in data_elements.DEFINED) == (oid < 27)
        basic = [(place.offset, place.length) for place in row.part3 if place.block == 0]
        assert basic == ([BASIC[oid]] if oid in BASIC else []), row
        danish = [(place.block, place.offset) for place in row.danish if place.block]
        assert danish == ([DANISH_BLOCKS[oid]] if oid in DANISH_BLOCKS else []), row
        assert [place for place in row.danish if place.block == 0] == [place for place in row.part3 if place.block == 0]
        if oid > 26:
            assert (row.name, row.part3, row.part4, row.max_length, row.lockable) == ("Reserved", (), None, None, None)
    # The worked example shows it: the identifier and the owner are locked, and nothing else.
    assert [oid for oid, row in ELEMENTS.items() if row.lockable] == [1, 3]
    assert not any(row.lockable is False for row in ELEMENTS.values())
    assert {oid: row.max_length for oid, row in ELEMENTS.items() if row.max_length} == {
        4: 6,
        5: 2,
        13: 13,
        19: 2,
        20: 2,
    }
    assert {row.form: [r.oid for r in ELEMENTS.values() if r.form is row.form] for row in ELEMENTS.values()} == {
        Form.TEXT: [1, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31],
        Form.ISIL: [3, 11],
        Form.BITMAP: [2],
        Form.OCTET: [5, 19, 20],
    }


def test_part_4_keeps_the_identifier_out_of_the_user_bank() -> None:
    # docs/reference/tag-data.md#uhf-tags: UII = owner "." identifier; bank 11 = elements without the identifier.
    assert element(1).part4 == (Bank.UII,)
    assert element(3).part4 == (Bank.UII, Bank.USER)
    assert all(ELEMENTS[oid].part4 == (Bank.USER,) for oid in range(2, 27) if oid != 3)
    assert (data_elements.UNIQUE_ITEM_IDENTIFIER.oid, data_elements.UNIQUE_ITEM_IDENTIFIER.part2) == (0, False)


def test_the_places_of_part_3_are_those_of_its_codec() -> None:
    in_table = {
        (place.block, place.offset): oid
        for oid, row in ELEMENTS.items()
        for place in row.part3
        if place.block and not place.alternative
    }
    in_codec = {(block, at): oid for block, row in extensions.BLOCKS.items() for at, oid in enumerate(row)}
    assert in_table == in_codec
    stand_ins = {oid: place for oid, row in ELEMENTS.items() for place in row.part3 if place.alternative}
    assert stand_ins == {1: Place(1, 1, alternative=True), 3: Place(1, 2, alternative=True)}
    assert {oid: extensions.PLACE[oid] for oid in stand_ins} == {1: 1, 3: 1}


@for_each("oid", [oid for oid in ELEMENTS if oid != 2])
def test_every_element_is_written_by_its_form(oid: int) -> None:
    value = {Form.ISIL: "DE-7", Form.OCTET: "10"}.get(element(oid).form, "9780131101630" if oid == 13 else "12")
    values = [(1, "7"), *([(oid, value)] if oid != 1 else [])]
    raw = next(
        item for item in iso28560_2_codec.decode(iso28560_2_codec.encode_elements(values)).raw if item.oid == oid
    )
    if element(oid).form is Form.TEXT:
        assert compaction.decode(raw.data, raw.scheme) == (value if oid != 1 else "7")
    else:
        assert raw.scheme is (Scheme.OCTETS if element(oid).form is Form.OCTET else Scheme.APPLICATION)


def test_an_element_that_nobody_defines_has_no_name_of_its_own() -> None:
    assert (element(99).name, element(99).form, element(99).part2, element(99).part4) == (
        "Element 99",
        Form.TEXT,
        False,
        None,
    )
    assert element(0).name == "Element 0"
    assert element(4711).name == "Element 4711"


@for_each(
    ("usage", "words"),
    [
        # docs/reference/tag-data.md#type-of-usage, every class and qualifier of the table.
        (0x00, "acquisition"), (0x01, "acquisition, automatic process"), (0x02, "acquisition, manual process"),
        (0x10, "for circulation"), (0x11, "for circulation, automatic sorting"),
        (0x12, "for circulation, not for automatic sorting"), (0x13, "for circulation, no issue offline"),
        (0x14, "for circulation, no return offline"), (0x15, "for circulation, no issue and no return offline"),
        (0x20, "not for circulation"), (0x30, "local use"), (0x40, "local use"), (0x50, "future use"),
        (0x60, "no usage information on tag"),
        (0x70, "discarded"), (0x71, "discarded, for sale"), (0x72, "discarded, sold"), (0x73, "discarded, for disposal"),
        (0x80, "patron card"), (0x81, "patron card, adult"), (0x82, "patron card, young adult"), (0x83, "patron card, child"),
        (0x90, "library equipment"), (0x91, "library equipment, PC"), (0x92, "library equipment, video projector"),
        (0x93, "library equipment, overhead projector"), (0x94, "library equipment, whiteboard"),
        (0xA0, "future use"), (0xF0, "future use"),
        (0x16, "for circulation, qualifier 6 has no meaning"), (0x2F, "not for circulation, qualifier F has no meaning"),
    ],
)  # fmt: skip
def test_type_of_usage_in_words(usage: int, words: str) -> None:
    assert data_elements.usage_words(usage) == words
    assert data_elements.code_words(5, usage) == words


def test_every_usage_has_words() -> None:
    assert all(
        data_elements.usage_words(usage).split(",")[0] in data_elements.USAGE_CLASSES.values() for usage in range(256)
    )
    defined = [u for u in range(256) if u & 15 and "no meaning" not in data_elements.usage_words(u)]
    assert len(defined) == 2 + 5 + 3 + 3 + 4
    assert sorted(data_elements.DANISH_USAGES) == [0, 1, 2, 7, 8]


def test_media_format_in_words() -> None:
    # docs/reference/tag-data.md#media-format; ranges: WG11's clarification of ISO 28560-1:2011, 4.2.19.
    assert [data_elements.media_format_words(code) for code in (0, 1, 2, 3, 4)] == [
        "undefined", "book", "CD or DVD", "magnetic tape", "other"
    ]  # fmt: skip
    assert "careful handling" in data_elements.media_format_words(5)
    assert "special handling" in data_elements.media_format_words(6)
    assert {data_elements.media_format_words(code) for code in range(7, 128)} == {"reserved"}
    assert {data_elements.media_format_words(code) for code in range(128, 256)} == {"a code of the library's own"}
    assert data_elements.code_words(19, 1) == "book"


def test_what_no_source_settles_is_not_made_up() -> None:
    assert data_elements.SUPPLY_CHAIN_STAGES is None
    assert data_elements.code_words(20, 0x40) == ""
