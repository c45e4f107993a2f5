"""Compaction schemes and the ISIL code: properties that complement the vectors."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import ElementInvalid, Undecodable
from station.encoding.iso15962 import compaction, isil
from station.encoding.iso15962.compaction import MINIMUM, NO_MINIMUM, TEXT_SCHEMES, Scheme
from tests.support.for_each import for_each

ALPHABETS = {
    Scheme.INTEGER: st.integers(1, compaction.MAX_INTEGER).map(str),
    Scheme.NUMERIC: st.text("0123456789", min_size=1, max_size=40),
    Scheme.FIVE_BIT: st.text([chr(c) for c in range(0x41, 0x60)], min_size=1, max_size=40),
    Scheme.SIX_BIT: st.text([chr(c) for c in range(0x20, 0x60)], min_size=1, max_size=40).filter(
        lambda t: t[-1] != " "
    ),
    Scheme.SEVEN_BIT: st.text([chr(c) for c in range(0x7F)], min_size=1, max_size=40),
    Scheme.OCTETS: st.text([chr(c) for c in range(0x100)], min_size=1, max_size=40),
    Scheme.UTF8: st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
}
ANY_TEXT = st.one_of(*ALPHABETS.values())


@pytest.mark.parametrize("scheme", TEXT_SCHEMES)
def test_what_a_scheme_carries_comes_back(scheme: Scheme) -> None:
    @given(ALPHABETS[scheme])
    def run(text: str) -> None:
        assert compaction.decode(compaction.encode(text, scheme), scheme) == text

    run()


@given(ANY_TEXT)
def test_the_chosen_scheme_is_never_longer_than_another_legal_one(text: str) -> None:
    chosen = compaction.choose(text)
    size = len(compaction.encode(text, chosen))
    for scheme in TEXT_SCHEMES:
        if compaction.fits(text, scheme) and len(text) >= MINIMUM.get(scheme, 1):
            other = len(compaction.encode(text, scheme))
            assert (size, chosen) <= (other, scheme)
    assert compaction.decode(compaction.encode(text, chosen), chosen) == text


@for_each(
    ("text", "scheme"),
    [
        ("123456789012", Scheme.INTEGER),  # the worked example of ISO 28560-2 uses integer
        ("1203", Scheme.INTEGER),
        ("QA268.L55", Scheme.SIX_BIT),  # the same example
        ("091", Scheme.NUMERIC),  # a leading zero is lost as an integer
        ("9999999999999999999", Scheme.INTEGER),
        ("10000000000000000000", Scheme.NUMERIC),
        ("7", Scheme.OCTETS),  # one digit: no packed scheme before two characters
        ("BA", Scheme.OCTETS),  # 5-bit from three characters
        ("ABC", Scheme.FIVE_BIT),
        ("AB1", Scheme.OCTETS),  # 6-bit from four
        ("abcdefg", Scheme.OCTETS),
        ("abcdefgh", Scheme.SEVEN_BIT),
        ("Tür", Scheme.OCTETS),
        ("本", Scheme.UTF8),
    ],
)
def test_choice(text: str, scheme: Scheme) -> None:
    assert compaction.choose(text) is scheme


# --- the last byte, by hand: bits left over, fill bits, bits dropped on reading ---------------------------------------

LAST_BYTE = [
    # 5-bit: 8n + 0, 5, 2, 7, 4, 1, 6, 3 bits left over; filled with zeros, a fill of five or more is a group to drop.
    (3, "A", "08"),  # 00001 000
    (3, "AB", "0880"),  # 00001 00010 000000: a whole group of zeros, dropped
    (3, "ABC", "0886"),  # 15 bits, one zero
    (3, "ABCD", "088640"),  # 20 bits, four zeros
    (3, "ABCDE", "08864280"),  # 25 bits, seven zeros: dropped
    (3, "ABCDEF", "08864298"),  # 30 bits, two zeros
    (3, "ABCDEFG", "08864298e0"),  # 35 bits, five zeros: exactly a group, dropped
    (3, "ABCDEFGH", "08864298e8"),  # 40 bits, none
    # 6-bit: 6, 4, 2, 0 bits over; filled from the start of 100000, a whole one is dropped.
    (4, "A", "06"),  # 000001 10
    (4, "AB", "0428"),  # 000001 000010 1000
    (4, "ABC", "0420e0"),  # 000001 000010 000011 100000: dropped
    (4, "ABCD", "0420c4"),  # 24 bits, none
    (4, " !A", "821060"),  # 100000 100001 000001 100000: a leading blank stays, the fill is dropped
    # 7-bit: filled with ones, seven of them are dropped.
    (5, "a", "c3"),  # 1100001 1
    (5, "ab", "c38b"),  # 1100001 1100010 11
    (5, "abcdefg", "c38b1e4cb9b3ff"),  # 49 bits, seven ones: dropped
    (5, "abcdefgh", "c38b1e4cb9b3e8"),  # 56 bits, none
    # numeric: an odd count ends with F; integer: no zero byte in front
    (2, "0", "0f"),
    (2, "00", "00"),
    (2, "090", "090f"),
    (1, "1", "01"),
    (1, "255", "ff"),
    (1, "256", "0100"),
    (6, "é", "e9"),
    (7, "é", "c3a9"),
]


@for_each(("scheme", "text", "data"), LAST_BYTE)
def test_the_last_byte_by_hand(scheme: int, text: str, data: str) -> None:
    assert compaction.encode(text, Scheme(scheme)).hex() == data
    assert compaction.decode(bytes.fromhex(data), Scheme(scheme)) == text


@pytest.mark.parametrize(
    ("scheme", "data", "text"),
    [
        (3, "0887", "ABC"),  # a one where the zero belongs
        (4, "07", "A"),
        (4, "042f", "AB"),
        (5, "c2", "a"),
        (1, "0005", "5"),  # a zero byte in front
        (2, "123f", "123"),
        (6, "00", "\0"),
    ],
)
def test_a_fill_that_is_not_the_standards_is_read(scheme: int, data: str, text: str) -> None:
    assert compaction.decode(bytes.fromhex(data), Scheme(scheme)) == text


# --- the shortest scheme --------------------------------------------------------------------------------------------


KINDS_OF_TEXT = ["1", "9", "0", "A", "_", "A1", "1A ", "a", "aB1", "~", "é", "aé", "\xa0é", "本", "A本", "\x7f"]


@for_each("pattern", KINDS_OF_TEXT)
@for_each("minimum", [MINIMUM, NO_MINIMUM])
def test_no_scheme_is_shorter_than_the_chosen_one(pattern: str, minimum: Mapping[Scheme, int]) -> None:
    # Every length up to 64 of every kind of text. No scheme is shorter, not even those that the minimum lengths
    # exclude.
    for count in range(1, 65):
        text = (pattern * count)[:count]
        chosen = compaction.choose(text, minimum)
        packed = compaction.encode(text, chosen)
        assert compaction.decode(packed, chosen) == text
        lengths = {s: len(compaction.encode(text, s)) for s in TEXT_SCHEMES if compaction.fits(text, s)}
        assert len(packed) == min(lengths.values())
        legal = [s for s in lengths if count >= minimum.get(s, 1)]
        assert chosen is next(s for s in legal if lengths[s] == len(packed))


def test_the_schemes_grow_in_the_order_of_their_codes() -> None:
    # The first scheme that fits is the shortest, because the bytes for n characters never decrease from one scheme to
    # the next.
    for count in range(1, 200):
        integer = (int("9" * min(count, 19)).bit_length() + 7) // 8
        sizes = [(count + 1) // 2, *((count * width + 7) // 8 for width in (5, 6, 7, 8))]
        assert sizes == sorted(sizes)
        assert count > 19 or integer <= sizes[0]


def test_application_defined_data_carries_no_text() -> None:
    assert not compaction.fits("A", Scheme.APPLICATION)
    assert not any(compaction.fits("", scheme) for scheme in Scheme)
    with pytest.raises(ElementInvalid):
        compaction.encode("A", Scheme.APPLICATION)


@given(ANY_TEXT)
def test_the_chosen_scheme_is_the_shortest_of_all_that_fit(text: str) -> None:
    chosen = compaction.choose(text)
    lengths = [len(compaction.encode(text, s)) for s in TEXT_SCHEMES if compaction.fits(text, s)]
    assert len(compaction.encode(text, chosen)) == min(lengths)


def test_short_texts_by_the_other_choice() -> None:
    assert [compaction.choose(text, NO_MINIMUM) for text in ("7", "0", "BA", "A-1", "Lib01", "é", "本")] == [
        Scheme.INTEGER, Scheme.NUMERIC, Scheme.FIVE_BIT, Scheme.SIX_BIT, Scheme.SEVEN_BIT, Scheme.OCTETS, Scheme.UTF8
    ]  # fmt: skip


@given(st.binary(max_size=60), st.sampled_from(list(Scheme)))
def test_decoders_raise_only_undecodable(data: bytes, scheme: Scheme) -> None:
    try:
        text = compaction.decode(data, scheme)
    except Undecodable:
        return
    assert isinstance(text, str)


@pytest.mark.parametrize("scheme", TEXT_SCHEMES)
def test_zero_length_is_legal_to_read_and_not_to_write(scheme: Scheme) -> None:
    assert compaction.decode(b"", scheme) == ""
    with pytest.raises(ElementInvalid):
        compaction.encode("", scheme)


@pytest.mark.parametrize(
    ("data", "scheme"), [("9a", 2), ("f1", 2), ("1f1f", 2), ("0400", 3), ("fffe", 5), ("ff", 7), ("00", 0)]
)
def test_what_no_encoder_writes_is_undecodable(data: str, scheme: int) -> None:
    with pytest.raises(Undecodable):
        compaction.decode(bytes.fromhex(data), Scheme(scheme))


@pytest.mark.parametrize(
    ("data", "scheme", "offset", "reason"),
    [
        ("1234a6", 2, 12, "nibble A is not"),
        ("b2", 2, 10, "nibble B is not"),
        ("12f4", 2, 11, "nibble F is not"),
        ("41ff", 7, 11, "not UTF-8"),
        ("0400", 3, 10, "00000"),
    ],
)
def test_an_error_says_where(data: str, scheme: int, offset: int, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason) as error:
        compaction.decode(bytes.fromhex(data), Scheme(scheme), 10)
    assert error.value.offset == offset


@for_each(
    ("text", "scheme"),
    [
        ("0123", 1),
        ("12A", 2),
        ("ab", 3),
        ("A ", 4),
        ("a", 4),
        ("\x7f", 5),
        ("é", 5),
        ("本", 6),
        ("\ud800", 7),
        ("10" * 10, 1),
        ("²", 2),
    ],
)
def test_a_scheme_refuses_what_it_cannot_carry(text: str, scheme: int) -> None:
    with pytest.raises(ElementInvalid):
        compaction.encode(text, Scheme(scheme))


ISIL_TEXT = st.text("ABCXYZabcxyz0189-:/", min_size=1, max_size=16)


@given(ISIL_TEXT)
def test_every_isil_comes_back(text: str) -> None:
    assert isil.decode(isil.encode(text)) == text


@given(st.binary(max_size=30))
def test_isil_decoder_raises_only_undecodable(data: bytes) -> None:
    try:
        text = isil.decode(data)
    except Undecodable:
        return
    assert set(text) <= set("-:/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    if text:
        assert isil.decode(isil.encode(text)) == text


@for_each(
    ("text", "bits"),
    [
        # docs/reference/tag-data.md#isil-code, by hand: the set selected by each control code, shift and latch.
        ("A", "00001"),
        ("A:", "00001 11011"),
        ("Aa", "00001 11101 00001"),  # shift lower at the end
        ("AaB", "00001 11101 00001 00010"),  # shift lower, which ends after one character
        ("Aab", "00001 11100 00001 00010"),  # latch lower
        ("A1", "00001 11111 0001"),  # shift numeric
        ("A12", "00001 11110 0001 0010"),  # latch numeric
        ("A12-:", "00001 11110 0001 0010 1010 1011"),  # hyphen and colon are numeric too
        ("A12B", "00001 11110 0001 0010 1101 00010"),  # shift upper
        ("A12BC", "00001 11110 0001 0010 1100 00010 00011"),  # latch upper
        ("A12b", "00001 11110 0001 0010 1111 00010"),  # shift lower
        ("A12bc", "00001 11110 0001 0010 1110 00010 00011"),  # latch lower
        ("Aab/c", "00001 11100 00001 00010 11011 00011"),  # the slash is in the lower set
        ("AabC", "00001 11100 00001 00010 11101 00011"),  # shift upper
        ("AabCD", "00001 11100 00001 00010 11100 00011 00100"),  # latch upper
        ("Aab1", "00001 11100 00001 00010 11111 0001"),  # shift numeric
        ("Aab12", "00001 11100 00001 00010 11110 0001 0010"),  # latch numeric
    ],
)
def test_every_control_code_of_the_isil_code(text: str, bits: str) -> None:
    packed = bits.replace(" ", "")
    packed += "1" * (-len(packed) % 8)
    data = int(packed, 2).to_bytes(len(packed) // 8, "big")
    assert isil.encode(text) == data
    assert isil.decode(data) == text


def bits_needed(text: str) -> int:
    """Return the fewest bits of any way through the three sets, by trying them all; made from the table of 2.6 only."""
    sets = ("-ABCDEFGHIJKLMNOPQRSTUVWXYZ:", "-abcdefghijklmnopqrstuvwxyz/", "0123456789-:")
    width = (5, 5, 4)
    best = {0: 0}
    for char in text:
        for _ in range(2):
            best |= {
                b: min(best[a] + width[a], best.get(b, 10**6))
                for a in list(best)
                for b in range(3)
                if best[a] + width[a] < best.get(b, 10**6)
            }
        best = {
            a: min(cost + (width[a] if a != b else 0) + width[b] for b in range(3) if char in sets[b])
            for a, cost in best.items()
        }
    return min(best.values())


@given(ISIL_TEXT)
def test_no_way_through_the_sets_is_a_byte_shorter(text: str) -> None:
    assert len(isil.encode(text)) == (bits_needed(text) + 7) // 8


@for_each(
    "text", ["US-InU-Mu", "DE-Heu1", "CN-120104-C-YBL", "FI-Vantaa", "NO-02030000", "DK-718500", "GB-UkOxU", "OCLC-DLC"]
)
def test_the_rule_is_the_shortest_for_isils_that_libraries_have(text: str) -> None:
    assert len(isil._by_rule(text)) <= (bits_needed(text) + 7) // 8 * 8


@pytest.mark.parametrize(
    "data",
    [
        "0800",  # 00001 00000 00000 0: A-- and a last bit of 0 instead of 1
        "ffff",  # shift numeric, shift lower, seven ones: more than a byte of padding
        "08864298e8ff",  # ABCDEFGH in 40 bits, and a whole byte of ones
        "0fff",  # 00001 1111 1...: ten ones after the A
    ],
)
def test_an_isil_code_that_ends_in_neither_is_undecodable(data: str) -> None:
    with pytest.raises(Undecodable, match="neither a character nor padding"):
        isil.decode(bytes.fromhex(data), 7)


def test_a_numeric_shift_covers_one_character() -> None:
    # dp2's decoder stays in the numeric set here (docs/reference/tag-data.md#isil-code).
    bits = "00001" + "11111" + "0111" + "00010"  # A, shift numeric, 7, B
    data = int(bits.ljust(24, "1"), 2).to_bytes(3, "big")
    assert isil.decode(data) == "A7B"


@pytest.mark.parametrize("text", ["", "DE 1", "DE_1", "ÖN-1"])
def test_an_isil_of_other_characters_is_refused(text: str) -> None:
    with pytest.raises(ElementInvalid):
        isil.encode(text)
