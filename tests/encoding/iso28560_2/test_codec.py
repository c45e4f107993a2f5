"""ISO 28560-2, whole memories: every element's bytes by hand, tags from the field, content both ways."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from station.base.errors import DoesNotFit, ElementInvalid, Undecodable
from station.base.text import clean
from station.encoding.content import TagContent, TagProfile
from station.encoding.iso15962 import compaction, elements
from station.encoding.iso15962.compaction import Scheme
from station.encoding.iso15962.data_elements import Form, element
from station.encoding.iso15962.elements import LengthForm
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_2.codec import Iso28560Part2
from station.encoding.iso28560_2.layout import Choices, ShortTexts, TitleScheme, UsageScheme
from tests.support.for_each import for_each
from tests.support.sample_tags import image

# --- every element by hand ----------------------------------------------------------------------------------------------
# The packing of each, so that it can be checked by hand. Precursor = compaction nibble, OID nibble (F above 14).

BY_HAND = {
    # 12345678 = 0xBC614E, three bytes
    1: ("12345678", "1103bc614e"),
    # DE-7: D 00100, E 00101, - 00000, shift numeric 11111, 7 0111 = 24 bits 0010 0001 0100 0001 1111 0111
    3: ("DE-7", "03032141f7"),
    # part 1 of 2: "21" = 0x15
    4: ("21", "140115"),
    # one octet
    5: ("11", "650111"),
    # QA76: 010001 000001 110111 110110 = 0100 0100 0001 1101 1111 0110
    6: ("QA76", "4603441df6"),
    # 5-bit saves nothing for two letters: octets
    7: ("BA", "67024241"),
    8: ("ta", "68027461"),
    # ABC: 00001 00010 00011 and one 0 = 0000 1000 1000 0110
    9: ("ABC", "39020886"),
    # a leading zero: digits as nibbles
    10: ("0815", "2a020815"),
    # SE-X: 10011 00101 00000 11000 and 1111 = 1001 1001 0100 0001 1000 1111
    11: ("SE-X", "0b0399418f"),
    # 6-bit saves nothing for three characters: octets
    12: ("T-1", "6c03542d31"),
    # 9780131101630 = 0x08E51D3D7BBE
    13: ("9780131101630", "1d0608e51d3d7bbe"),
    # A.B.C: 000001 101110 000010 101110 000011 and 10 = 0000 0110 1110 0000 1010 1110 0000 1110
    14: ("A.B.C", "4e0406e0ae0e"),
    # 15 - 15 = 00
    15: ("a", "6f000161"),
    # Regal 5b: 1010010 1100101 1100111 1100001 1101100 0100000 0110101 1100010, 56 bits
    16: ("Regal 5b", "5f0107a5973e1d881ae2"),
    # ISO 8859-1: u with diaeresis = FC
    17: ("Tür", "6f020354fc72"),
    # U+672C = E6 9C AC
    18: ("本", "7f0303e69cac"),
    19: ("01", "6f040101"),
    20: ("40", "6f050140"),
    # 2024 = 0x07E8
    21: ("2024", "1f060207e8"),
    # an odd count ends with F
    22: ("00123", "2f070300123f"),
    # LIB: 01100 01001 00010 and 0 = 0110 0010 0100 0100
    23: ("LIB", "3f08026244"),
    # MAIN: 01101 00001 01001 01110 and 0000 = 0110 1000 0101 0010 1110 0000
    24: ("MAIN", "3f09036852e0"),
    25: ("x", "6f0a0178"),
    # 19 nines: the largest integer, 8AC7230489E7FFFF
    26: ("9" * 19, "1f0b088ac7230489e7ffff"),
    # reserved, and the last OID that has a bit
    31: ("7", "6f100137"),
    127: ("z", "6f70017a"),
}


@for_each("oid", [oid for oid in BY_HAND if oid != 1])
def test_bytes_of_every_element(oid: int) -> None:
    value, memory = BY_HAND[oid]
    place, bit = divmod(oid - 3, 8)
    # Content parameter: the OID's bit, with zero bytes before it and none after it.
    parameter = f"02{place + 1:02x}" + "00" * place + f"{0x80 >> bit:02x}"
    written = iso28560_2_codec.encode_elements([(1, "12345678"), (oid, value)])
    assert written.hex() == BY_HAND[1][1] + parameter + memory
    decoded = iso28560_2_codec.decode(written)
    assert decoded.content.elements[2].value == value
    assert {remark.code for remark in decoded.remarks} == ({"unknown-element"} if oid > 26 else set())


def test_bytes_of_the_identifier_alone() -> None:
    assert iso28560_2_codec.encode_elements([(1, "12345678")]).hex() == BY_HAND[1][1]


def test_bytes_of_all_elements_together() -> None:
    values = [(oid, value) for oid, (value, _) in BY_HAND.items() if oid <= 31]
    # Bits 3 to 8 1111 11, 9 and 10 11 = FF; 11 to 18 = FF; 19 to 26 = FF; 31 = 0000 1000.
    written = iso28560_2_codec.encode_elements(values)
    assert written.hex() == BY_HAND[1][1] + "0204ffffff08" + "".join(BY_HAND[o][1] for o, _ in values if o > 1)
    content = iso28560_2_codec.decode(written).content
    assert (content.owner_institution, content.part, content.parts, content.type_of_usage) == ("DE-7", 1, 2, 0x11)
    assert content.shelf_location == "QA76"
    assert content.further == tuple((oid, value) for oid, value in values if oid > 6)


def test_the_same_by_content() -> None:
    content = TagContent("12345678", "DE-7", 1, 2, 0x11, "QA76", ((11, "SE-X"), (17, "Tür"), (19, "01")))
    # Bits of 3 4 5 6 = 1111 0000, 11 = 1000 0000, then 17 = 0000 0010 in the second byte, 19 = 1000 0000.
    want = BY_HAND[1][1] + "0203f08280" + "".join(BY_HAND[oid][1] for oid in (3, 4, 5, 6, 11, 17, 19))
    assert iso28560_2_codec.encode(content).hex() == want
    assert bare(iso28560_2_codec.decode(bytes.fromhex(want)).content) == content


# --- tags from the field ------------------------------------------------------------------------------------------------


def test_a_tag_in_another_makers_source() -> None:
    # com.tuodi.tagandcardreader, OidDataModel.java (public repository), the example in its comment. Its type of usage
    # is application defined (05 01 12), its identifier is an octet string, and its shelf location and ONIX format are
    # zero bytes.
    memory = bytes.fromhex(
        "61095444303030303436310201B8030A1B81E320601A01AC751905011266010067010000000000000000000000000000000000"
    )
    decoded = iso28560_2_codec.decode(memory)
    content = decoded.content
    assert (content.primary_item_identifier, content.owner_institution) == ("TD0000461", "CN-320601-01-NTL")
    assert (content.type_of_usage, content.shelf_location, content.further) == (0x12, "", ())
    assert decoded.end == 35
    assert [remark.code for remark in decoded.remarks] == [
        "octet-scheme", "unprintable", "unprintable", "scheme-differs"
    ]  # fmt: skip


@pytest.mark.parametrize("memory", ["1101176501 10", "1101172501 10", "1101170501 10"])
def test_type_of_usage_in_all_three_ways_of_the_field(memory: str) -> None:
    decoded = iso28560_2_codec.decode(bytes.fromhex(memory))
    assert decoded.content.type_of_usage == 0x10
    assert [remark.code for remark in decoded.remarks] == ([] if "6501" in memory else ["octet-scheme"])


@pytest.mark.parametrize("usage", [0x00, 0x09, 0x19, 0x90, 0x99])
def test_a_numeric_type_of_usage_is_two_decimal_digits(usage: int) -> None:
    assert iso28560_2_codec.decode(bytes.fromhex(f"1101172501{usage:02x}")).content.type_of_usage == usage


@pytest.mark.parametrize("usage", ["a0", "a9", "0a", "9a", "f1"])
def test_a_numeric_type_of_usage_of_other_digits_is_malformed(usage: str) -> None:
    with pytest.raises(Undecodable, match="not a decimal digit"):
        iso28560_2_codec.decode(bytes.fromhex("1101172501" + usage))


@pytest.mark.parametrize("memory", ["15 01 10", "25 01 1f", "25 02 10 10", "65 00", "75 02 31 30"])
def test_type_of_usage_in_any_other_way_is_not_guessed(memory: str) -> None:
    assert iso28560_2_codec.decode(bytes.fromhex("110105" + memory)).content.type_of_usage is None


@for_each(
    ("memory", "part", "parts"),
    [
        ("14 01 0b", 1, 1), ("14 02 04b3", 3, 12), ("24 03 120007", 7, 120), ("24 02 0101", 1, 1),
        # a single digit, three digits, part above parts, part 0, eight digits, letters, empty
        ("64 01 35", 1, 1), ("14 02 03e7", 1, 1), ("14 01 0c", 1, 1), ("24 01 10", 1, 1), ("24 04 00120003", 1, 1),
        ("34 02 0886", 1, 1), ("04 00", 1, 1), ("04 01 21", 1, 1),
    ],
)  # fmt: skip
def test_set_information_is_read_or_a_single_part(memory: str, part: int, parts: int) -> None:
    content = iso28560_2_codec.decode(bytes.fromhex("110105" + memory)).content
    assert (content.part, content.parts) == (part, parts)


@for_each(
    ("memory", "reason"),
    [
        ("1105", "left"),  # length beyond the end
        ("11", "ends"),
        ("9103013100", "left"),  # padding beyond the end
        ("91020131ff00", "not zero"),
        ("100131", "OID 0"),
        ("1f7101", "OID 128"),
        ("110131110132", "twice"),
        ("110131110131", "twice"),
        ("110131" + "03032141f7" * 2, "twice"),
        ("650110", "no primary item identifier"),
        ("1100", "no primary item identifier"),
        ("010131", "no primary item identifier"),  # application defined is not text
        ("61021b41", "no barcode has"),  # ESC in the identifier
        ("61023120", "no barcode has"),  # a blank after the identifier
        ("7101ff", "not UTF-8"),
        ("", "no primary item identifier"),
        ("00110131", "no primary item identifier"),
    ],
)
def test_malformed_memory(memory: str, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        iso28560_2_codec.decode(bytes.fromhex(memory))


# --- writing ------------------------------------------------------------------------------------------------------------


@for_each(
    "values",
    [
        [(6, "A")],
        [(1, "")],
        [(1, "1"), (1, "2")],
        [(1, "1"), (2, "D0")],
        [(1, "1"), (0, "x")],
        [(1, "1"), (128, "x")],
        [(1, "1"), (5, "1")],
        [(1, "1"), (5, "XY")],
        [(1, "1"), (19, "1a")],
        [(1, "1"), (19, "001")],
        [(1, "1"), (6, "é" * 128)],
        [(1, "1"), (3, "NO SUCH")],
        [(1, "1"), (13, "978013110163")],
        [(1, "1"), (13, "978-013110163")],
        [(1, "1 ")],
        [(1, "1"), (17, "a\x1b[2J")],
        [(1, "1"), (17, "a  b")],
    ],
)
def test_invalid_elements_are_refused(values: list[tuple[int, str]]) -> None:
    with pytest.raises(ElementInvalid):
        iso28560_2_codec.encode_elements(values)


@pytest.mark.parametrize("usage", [-1, 256])
def test_a_usage_that_is_no_byte_is_refused(usage: int) -> None:
    with pytest.raises(ElementInvalid):
        iso28560_2_codec.encode(TagContent("1", type_of_usage=usage))


@pytest.mark.parametrize("oid", range(1, 7))
def test_an_element_with_a_place_of_its_own_is_refused_among_the_others(oid: int) -> None:
    with pytest.raises(ElementInvalid):
        iso28560_2_codec.encode(TagContent("1", further=((oid, "10"),)))


@pytest.mark.parametrize(("parts", "part", "text"), [(1, 1, "11"), (9, 2, "92"), (12, 3, "1203"), (120, 7, "120007")])
def test_set_information(parts: int, part: int, text: str) -> None:
    assert iso28560_2_codec.set_information(parts, part) == text


@pytest.mark.parametrize(
    ("choice", "element"),
    [
        # docs/reference/tag-data.md#data-elements: dp2 110, field tags also 010 ("25 01 10" on zhiyan 1), Helmet's
        # parser 000.
        (UsageScheme.OCTETS, "650110"),
        (UsageScheme.NUMERIC, "250110"),
        (UsageScheme.APPLICATION, "050110"),
    ],
)
def test_type_of_usage_by_each_side_of_the_disagreement(choice: UsageScheme, element: str) -> None:
    content = TagContent("12345678", type_of_usage=0x10)
    written = iso28560_2_codec.encode(content, choices=Choices(usage=choice))
    assert written.hex().endswith(element)
    assert iso28560_2_codec.decode(written).content.type_of_usage == 0x10
    # One octet of another element stays an octet string.
    media = iso28560_2_codec.encode_elements([(1, "12345678"), (19, "01")], choices=Choices(usage=choice))
    assert media.hex().endswith("6f040101")


def test_a_class_above_9_is_no_numeric_type_of_usage() -> None:
    content = TagContent("12345678", type_of_usage=0xA0)
    assert iso28560_2_codec.encode(content, choices=Choices(usage=UsageScheme.APPLICATION)).hex().endswith("0501a0")
    with pytest.raises(ElementInvalid, match="A0 has no place in the numeric scheme"):
        iso28560_2_codec.encode(content, choices=Choices(usage=UsageScheme.NUMERIC))


@pytest.mark.parametrize(("parts", "part"), [(0, 0), (1, 2), (1000, 1), (2, 0), (-1, -1)])
def test_impossible_sets_are_refused(parts: int, part: int) -> None:
    with pytest.raises(ElementInvalid):
        iso28560_2_codec.set_information(parts, part)


def test_choices_by_hand() -> None:
    values = [(1, "12345678"), (7, "BA"), (17, "Tür")]
    # Content parameter: 7 = 0000 1000, 17 = 0000 0010.
    head = BY_HAND[1][1] + "02020802"
    assert iso28560_2_codec.encode_elements(values).hex() == head + "67024241" + "6f020354fc72"
    # dp2's title: UTF-8, C3 BC for the letter.
    utf8 = Choices(title=TitleScheme.UTF8)
    assert iso28560_2_codec.encode_elements(values, choices=utf8).hex() == head + "67024241" + "7f020454c3bc72"
    # BA by 5-bit as on field tags: 00010 00001 and 000000 = 0001 0000 0100 0000.
    packed = Choices(short_texts=ShortTexts.PACKED)
    assert iso28560_2_codec.encode_elements(values, choices=packed).hex() == head + "37021040" + "6f020354fc72"
    assert {
        remark.code for remark in iso28560_2_codec.decode(bytes.fromhex(head + "37021040" + "7f020454c3bc72")).remarks
    } == {"scheme-differs"}


def test_a_title_of_more_than_127_bytes_needs_a_choice() -> None:
    content = TagContent("12345678", further=((17, "é" * 128),))
    with pytest.raises(ElementInvalid, match="longest that can be written is 127"):
        iso28560_2_codec.encode(content)
    for form in (LengthForm.ONE_BYTE_TO_255, LengthForm.SEVEN_BIT_GROUPS):
        model = Iso28560Part2(Choices(length_form=form))
        encoded = model.encode(content, TagProfile(isil="DE-7"), 4, 256)
        decoding = model.read(image(blocks=64), encoded.data.ljust(256, b"\0"))
        assert bare(decoding.content) == content
        assert [remark.code for remark in decoding.remarks] == ["long-element"]
        assert sum(found.length for found in model.annotate(encoded.data, decoding)) == len(encoded.data)


def test_a_memory_that_is_too_small_is_refused_with_the_numbers() -> None:
    model = Iso28560Part2()
    # 5 + content parameter 3 + set information 3 = 11 bytes.
    with pytest.raises(DoesNotFit) as error:
        model.encode(TagContent("12345678"), TagProfile(isil="DE-7"), 4, 8)
    assert (error.value.needed, error.value.available) == (11, 8)
    exact = model.encode(TagContent("12345678"), TagProfile(isil="DE-7"), 1, 11)
    assert (len(exact.data), exact.content_end, exact.lock_bytes) == (11, 11, ())
    roomy = model.encode(TagContent("12345678"), TagProfile(isil="DE-7"), 4, 12)
    assert (roomy.data[-1], len(roomy.data), roomy.content_end) == (0, 12, 11)


def test_whose_tag_it_is() -> None:
    model = Iso28560Part2()
    ours = model.read(image(), iso28560_2_codec.encode(TagContent("1", "DE-7")))
    nobodys = model.read(image(), iso28560_2_codec.encode(TagContent("1")))
    assert model.owned(ours, "DE-7")
    assert not model.owned(ours, "DE-70")
    assert not model.owned(ours, "")
    assert not model.owned(nobodys, "")
    assert not model.owned(nobodys, "DE-7")


# --- properties ---------------------------------------------------------------------------------------------------------

CLEAN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=24).map(clean).filter(bool)
IDENTIFIER = st.one_of(st.text("0123456789", min_size=1, max_size=20), st.text("ABCabc0-9.", min_size=1, max_size=16))
ISIL = st.text("ABCabc019-", min_size=1, max_size=14)
OCTET = st.integers(0, 255).map("{:02X}".format)


def value_of(oid: int) -> st.SearchStrategy[str]:
    match element(oid).form:
        case Form.ISIL:
            return ISIL
        case Form.OCTET:
            return OCTET
        case _ if element(oid).digits:
            return st.text("0123456789", min_size=13, max_size=13)
        case _:
            return CLEAN


FURTHER = st.lists(
    st.one_of(st.integers(7, 31), st.integers(7, 127)).flatmap(lambda oid: st.tuples(st.just(oid), value_of(oid))),
    unique_by=lambda pair: pair[0],
    max_size=6,
).map(lambda pairs: tuple(sorted(pairs)))
CONTENT = st.builds(
    lambda pii, owner, part, more, usage, shelf, further: TagContent(
        pii, owner, part, part + more, usage, shelf, further
    ),
    IDENTIFIER,
    st.just("") | ISIL,
    st.integers(1, 500),
    st.integers(0, 499),
    st.none() | st.integers(0, 255),
    st.just("") | CLEAN,
    FURTHER,
)
EXPECTED = {"unknown-element", "leftover", "writer-mark"}


def bare(content: TagContent) -> TagContent:
    return dataclasses.replace(content, elements=())


@given(CONTENT, st.integers(0, 8), st.binary(max_size=8))
def test_any_content_comes_back_whatever_stands_behind_it(content: TagContent, zeros: int, stale: bytes) -> None:
    memory = iso28560_2_codec.encode(content)
    decoded = iso28560_2_codec.decode(memory + (b"\0" + bytes(zeros) + stale if zeros or stale else b""))
    assert bare(decoded.content) == content
    assert decoded.end == len(memory)
    assert {remark.code for remark in decoded.remarks} <= EXPECTED
    assert [e.oid for e in decoded.content.elements[:2]] == [1, 2]
    assert b"".join(memory[e.offset : e.offset + e.length] for e in decoded.content.elements) == memory


@given(
    CONTENT,
    st.sampled_from(TitleScheme),
    st.sampled_from(ShortTexts),
    st.sampled_from(LengthForm),
    st.sampled_from(UsageScheme),
)
def test_every_choice_reads_what_it_writes(
    content: TagContent, title: TitleScheme, short: ShortTexts, form: LengthForm, usage: UsageScheme
) -> None:
    model = Iso28560Part2(Choices(title=title, short_texts=short, length_form=form, usage=usage))
    if usage is UsageScheme.NUMERIC and content.type_of_usage is not None:
        assume(f"{content.type_of_usage:02X}".isdecimal())
    data = model.encode(content, TagProfile(isil="DE-7"), 4, 2048).data
    assert bare(model.read(image(), data).content) == content


@given(CONTENT)
def test_what_is_written_is_the_shortest_that_is_legal(content: TagContent) -> None:
    for item in iso28560_2_codec.decode(iso28560_2_codec.encode(content)).raw:
        if element(item.oid).form is Form.TEXT:
            text = compaction.decode(item.data, item.scheme)
            fitting = [s for s in compaction.TEXT_SCHEMES if compaction.fits(text, s)]
            assert len(item.data) == min(len(compaction.encode(text, s)) for s in fitting)


@given(st.binary(max_size=112))
def test_any_bytes_are_read_or_undecodable(memory: bytes) -> None:
    try:
        decoded = iso28560_2_codec.decode(memory)
    except Undecodable:
        return
    content = decoded.content
    assert content.primary_item_identifier
    assert clean(content.primary_item_identifier) == content.primary_item_identifier
    assert 1 <= content.part <= content.parts
    assert all(value and clean(value) == value for _, value in content.further)


@given(CONTENT, st.data())
def test_a_content_read_from_a_damaged_tag_still_keeps_the_rules(content: TagContent, data: st.DataObject) -> None:
    memory = bytearray(iso28560_2_codec.encode(content))
    for _ in range(data.draw(st.integers(1, 3))):
        memory[data.draw(st.integers(0, len(memory) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = iso28560_2_codec.decode(bytes(memory)).content
    except Undecodable:
        return
    oids = [oid for oid, _ in found.further]
    assert oids == sorted(set(oids))
    assert all(7 <= oid <= 127 for oid in oids)
    assert all(len(value) == 2 for oid, value in found.further if element(oid).form is Form.OCTET)
    assert len(elements.decode(bytes(memory))[0]) == len(found.elements)


def test_scheme_of_each_element_as_evidence() -> None:
    found = iso28560_2_codec.decode(
        iso28560_2_codec.encode_elements([(o, v) for o, (v, _) in BY_HAND.items()])
    ).content.elements
    assert {e.oid: Scheme(e.compaction or 0) for e in found if e.oid in (1, 2, 3, 5, 6, 9, 10, 16, 17, 18)} == {
        1: Scheme.INTEGER, 2: Scheme.APPLICATION, 3: Scheme.APPLICATION, 5: Scheme.OCTETS, 6: Scheme.SIX_BIT,
        9: Scheme.FIVE_BIT, 10: Scheme.NUMERIC, 16: Scheme.SEVEN_BIT, 17: Scheme.OCTETS, 18: Scheme.UTF8,
    }  # fmt: skip
