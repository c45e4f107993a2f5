"""UHF layouts of the field: the cited vectors, more of dp2's vectors, an independent packer for read-only layouts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import Undecodable
from station.encoding.iso28560_4 import codec as part4
from station.encoding.iso28560_4 import other_uhf, urn40
from station.encoding.iso28560_4.codec import EpcBank, ProtocolControl
from station.encoding.iso28560_4.other_uhf import ALLIANCE, BOOKWAVES, HEADERS, SMARTFREQ, UhfFields, read
from tests.support.for_each import for_each
from tests.support.sample_tags import of_model


def bank(data: bytes, *, iso: bool = False, afi: int = 0) -> EpcBank:
    return EpcBank(ProtocolControl(len(data) // 2, umi=False, xpc=False, iso=iso, afi=afi), data, None, 0)


def by_hex(vector: dict[str, Any]) -> str:
    return vector["hex"][:32]


# --- BookWaves ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", of_model("28560-4", "uhf/bookwaves-header"), ids=by_hex)
def test_header_is_known(vector: dict[str, Any]) -> None:
    header = bytes.fromhex(vector["hex"])
    assert header in HEADERS
    assert urn40.decode(header) == vector["decoded"]["urn40"]


def test_headers_are_the_owners_of_the_source() -> None:
    # Constants of DE290Tag, DE290FTag, DE6Tag and BookWavesTag.
    owners = {urn40.decode(header) for header in HEADERS}
    assert owners == {"DE290", "CD290", "DE290F", "DE6", "DE386", "DE385", "DELAN1"}


@pytest.mark.parametrize("vector", of_model("28560-4", "uhf/bookwaves-DE290"), ids=by_hex)
def test_bookwaves_vector(vector: dict[str, Any]) -> None:
    want = vector["decoded"]
    fields = read(bank(bytes.fromhex(vector["hex"])))
    assert fields == UhfFields(BOOKWAVES, want["media_id"], want["owner"], want["secured"])


@for_each(
    ("code", "owner", "item", "secured", "version"),
    [
        ("1381f871 000000000000162e 00000000", "CD290", "5678", False, None),
        ("19ed0001 0000000000000007 00000001", "DE6", "7", True, None),
        ("19e9f877 01 0000000000162e 00000001", "DE290F", "5678", True, None),
        ("19e9f877 02 0000000000162e 00000000", "DE290F", "@5678", False, None),
        ("19e9f877 03 0000000000162e 00000000", "DE290F", "49HBZUBD0005678", False, None),
        ("19e9f877 03 0000000098967f 00000000", "DE290F", "49HBZUBD9999999", False, None),
        ("19e9f877 04 00 141cc04fd319 00000000", "DE290F", "CH-00031", False, None),
        ("19eaf321 000000 41423132333435 0201", "DE386", "AB12345", True, 2),
        ("19eaf321 41423132333435 000000 0000", "DE386", "AB12345", False, 0),
        ("19d50890 41423132333435 202020 0100", "DELAN1", "AB12345", False, 1),
        ("19eaf2f9 141cc04f 000000000000 0001", "DE385", "CH-000", True, 0),
    ],
)
def test_layouts_of_the_source(code: str, owner: str, item: str, secured: bool, version: int | None) -> None:
    # Built by hand from the class comments and the constants of bookwaves-feig.
    assert read(bank(bytes.fromhex(code))) == UhfFields(BOOKWAVES, item, owner, secured, version)


@pytest.mark.parametrize(
    "code",
    [
        "19e9f871 000000000000162e 0000",
        "19e9f877 05 0000000000162e 00000000",
        "19e9f877 03 00000000989680 00000000",
        "19eaf321 00000000000000000000 0001",
        "19eaf321 414200c3a900000000 00 0001",
        "19eaf321 41421b33000000000000 0001",
        "19eaf2f9 fa01c04f 000000000000 0001",
    ],
)
def test_broken_bookwaves(code: str) -> None:
    data = bytes.fromhex(code)
    with pytest.raises(Undecodable):
        other_uhf.decode_bookwaves(data)


def test_an_unknown_owner_is_not_guessed() -> None:
    with pytest.raises(Undecodable):
        other_uhf.decode_bookwaves(b"\x19\xe9\xf8\x72" + bytes(12))


# --- Smartfreq BR ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", of_model("28560-4", "uhf/smartfreq-BR"), ids=by_hex)
@pytest.mark.parametrize(("afi", "secured"), [(0x07, True), (0xC2, False)])
def test_smartfreq_vector(vector: dict[str, Any], afi: int, secured: bool) -> None:
    data, want = bytes.fromhex(vector["hex"]), vector["decoded"]
    fields = read(bank(data, iso=True, afi=afi))
    assert fields == UhfFields(SMARTFREQ, want["media_id"], secured=secured)
    assert data[1] == want["len"]


@for_each(
    ("code", "iso", "afi"),
    [
        ("4108542c72cf4d76df80", False, 0x07),
        ("4108542c72cf4d76df80", True, 0x21),
        ("4107542c72cf4d76df80", True, 0x07),
        ("4109542c72cf4d76df80", True, 0x07),
        ("4100", True, 0x07),
        ("4103542c72cf", True, 0x07),
        ("4203542c7200", True, 0x07),
        ("4103000000 00", True, 0x07),
        ("41", True, 0x07),
        ("", True, 0x07),
    ],
)
def test_not_smartfreq(code: str, iso: bool, afi: int) -> None:
    with pytest.raises(Undecodable):
        other_uhf.decode_smartfreq(bank(bytes.fromhex(code), iso=iso, afi=afi))


def test_a_japanese_uii_is_no_smartfreq_tag() -> None:
    # "JP-" is 411C; a UII of 15 words would fit the length that the second byte then gives.
    data = part4.encode_uii("JP-1234567", "A" * 34)
    assert data[:2].hex() == "411c"
    assert len(data) == 30
    with pytest.raises(Undecodable):
        read(bank(data, iso=True, afi=7))


# --- Chinese university alliance ------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", of_model("28560-4", "uhf/cn-university-alliance-96"), ids=by_hex)
def test_alliance_item_vector(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    assert other_uhf.decode_alliance_96(data) == vector["decoded"]["barcode"]
    assert pack_96(vector["decoded"]["barcode"]) == data


@pytest.mark.parametrize(
    ("code", "item"),
    [
        ("9E932449FE276BEE", "99999999999999"),
        ("6E8324422E4166EE", "29899999196916"),
        ("9E12455102000000", "AAA9000000000)"),
        ("AD3249113885F102", "ABC012345678*"),
        ("0741303030303040", "A00000@"),
        ("185304406C0E0000", "01519231"),
    ],
)
def test_more_of_dp2s_96_bit_items(code: str, item: str) -> None:
    # dp2 UnitTestRFID/TestGaoxiao.cs and TestGaoxiao1.cs.
    assert other_uhf.decode_alliance_96(bytes.fromhex(code)) == item


@for_each(
    ("code", "item"),
    [
        ("0141", "A"),
        ("0B4142433031323334353661", "ABC0123456a"),
        ("AC77000046410C0201304911", "ABC01234567z"),
        ("AD821C0046410C0201304911", "ABC012345678*"),
        ("FE95200746410C0201304911", "ABC0123456789_"),
        ("9E0200000000000040124511", "AAA9000000000)"),
        ("0E0300000070000000A2AA2A", "ZZZ80007000000"),
        ("9E9324094992240949922409", "99999999999999"),
        ("AEA5AA2AAAAAAA2AAAAAAA2A", "ZZZZZZZZZZZZZZ"),
    ],
)
def test_dp2s_128_bit_items(code: str, item: str) -> None:
    # dp2 UnitTestRFID/TestGaoxiao.cs.
    assert other_uhf.decode_alliance_128(bytes.fromhex(code)) == item


@pytest.mark.parametrize("vector", of_model("28560-4", "uhf/cn-university-alliance-epc"), ids=by_hex)
def test_alliance_tag(vector: dict[str, Any]) -> None:
    data, want = bytes.fromhex(vector["hex"]), vector["decoded"]
    taken = part4.decode_epc_bank(data)
    assert f"{taken.stored_crc:04X}" == f"{taken.wanted_crc:04X}" == want["stored_crc"]
    assert part4.encode_pc(taken.pc).hex() == want["pc"]
    fields = read(taken)
    # "lending bit7=0, sort info 7"; version and element list as in dp2's test_decode_tag_1.
    assert fields == UhfFields(ALLIANCE, want["barcode"], secured=True, version=4)
    epc = other_uhf.decode_alliance(taken.data)
    assert (epc.lent, epc.reserved, epc.sorting, epc.oids) == (False, 1, 7, (3, 4))


def test_the_first_bit_lends() -> None:
    data = bytes.fromhex("97030003981308 03f4040000")
    epc = other_uhf.decode_alliance(data)
    assert (epc.lent, epc.fields.secured, epc.sorting) == (True, False, 7)


@pytest.mark.parametrize(("oids", "code"), [((3, 12, 15), "00a1"), ((16, 24, 28, 30), "5300"), ((), "0000")])
def test_alliance_content_parameter(oids: tuple[int, ...], code: str) -> None:
    # The specification's example 00A1 and a tag of dp2's test_encode_sample_tag_03.
    epc = other_uhf.decode_alliance(bytes.fromhex(f"0100{code}0141"))
    assert epc.oids == oids


def test_alliance_item_as_it_is() -> None:
    assert other_uhf.decode_alliance(b"\x01\x80\0\0T-12345678\0\0").fields.identifier == "T-12345678"


@for_each(
    ("code", "values"),
    [
        ("0C0228081004000100010000000000000000000000000000000000000000", ((3, "10248"), (4, "1/1"))),
        ("0c02d9941004000100012c0038000000", ((3, "55700"), (4, "1/1"), (11, ""), (14, ""))),
        ("0c02ea60", ((3, "90000"),)),
        ("0c020001", ((3, "00001"),)),
        ("1004000300010000", ((4, "1/3"),)),
        ("14020102", ((5, "1.2"),)),
        ("1806e4b8ade69687", ((6, "中文"),)),
        ("", ()),
    ],
)
def test_alliance_user_bank(code: str, values: tuple[tuple[int, str], ...]) -> None:
    # dp2 UnitTestRFID/TestGaoxiao1.cs: two field tags, then its unit tests.
    assert other_uhf.decode_alliance_user_bank(bytes.fromhex(code)) == values


@pytest.mark.parametrize("code", ["0c", "0c02ea", "0c03ea6000", "1002000100", "140101", "1801ff"])
def test_broken_alliance_user_bank(code: str) -> None:
    with pytest.raises(Undecodable):
        other_uhf.decode_alliance_user_bank(bytes.fromhex(code))


@pytest.mark.parametrize(
    "code",
    [
        "",
        "00",
        "0f",
        "054142",
        "a8324911ec0100",
        "08ffff0f00000000",
        "a8324911ffffffff",
    ],
)
def test_broken_alliance_item(code: str) -> None:
    with pytest.raises(Undecodable):
        other_uhf.decode_alliance_96(bytes.fromhex(code))


@pytest.mark.parametrize("code", ["17030003", "17c3000398130803f4040000", "17030003 0241", "17030003 011b"])
def test_broken_alliance_epc(code: str) -> None:
    assert other_uhf.decode_alliance(bytes.fromhex("17030003 0141")).fields.identifier == "A"
    with pytest.raises(Undecodable):
        other_uhf.decode_alliance(bytes.fromhex(code))


# --- packers for the tests, from the bit fields as described --------------------------------------------------------


def bits_to_bytes(fields: list[tuple[int, int]], size: int) -> bytes:
    """Pack (value, width) from the lowest bit up, in little-endian order."""
    text = "".join(f"{value:0{width}b}"[::-1] for value, width in fields)
    return bytes(int(text[at : at + 8].ljust(8, "0")[::-1], 2) for at in range(0, size * 8, 8))


def pack_96(item: str) -> bytes:
    if len(item) < 8:
        return bytes([len(item)]) + item.encode()
    fields = [(len(item), 4), (ord(item[-1]), 8)]
    fields += [(ord(char) - 0x30, 6) for char in item[2::-1]]
    return bits_to_bytes([*fields, (int(item[3]), 4), (int(item[4:-1]), 30)], 8)


def pack_128(item: str) -> bytes:
    if len(item) < 12:
        return bytes([len(item)]) + item.encode()
    low = [(len(item), 4), (ord(item[-1]), 8), *((ord(char) - 0x30, 6) for char in item[-2:9:-1])]
    used = sum(width for _, width in low)
    middle = [(ord(char) - 0x30, 6) for char in item[9:4:-1]]
    high = [(ord(char) - 0x30, 6) for char in item[4::-1]]
    return bits_to_bytes([*low, (0, 32 - used), *middle, (0, 2), *high, (0, 2)], 12)


ascii_text = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
capitals = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@st.composite
def items_96(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return draw(st.text(ascii_text, min_size=1, max_size=7))
    head = draw(st.text(capitals, min_size=3, max_size=3))
    return head + draw(st.text(st.sampled_from("0123456789"), min_size=4, max_size=10)) + draw(ascii_text)


@st.composite
def items_128(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return draw(st.text(ascii_text, min_size=1, max_size=11))
    return draw(st.text(capitals, min_size=11, max_size=13)) + draw(ascii_text)


@given(items_96())
def test_96_bit_items(item: str) -> None:
    assert other_uhf.decode_alliance_96(pack_96(item)) == item


@given(items_128())
def test_128_bit_items(item: str) -> None:
    assert other_uhf.decode_alliance_128(pack_128(item)) == item


@given(
    st.one_of(
        st.binary(max_size=40),
        st.builds(lambda head, rest: head + rest, st.sampled_from([*HEADERS]), st.binary(max_size=20)),
    ),
    st.booleans(),
    st.sampled_from([0, 7, 0xC2]),
)
def test_any_bytes_are_read_or_refused(data: bytes, iso: bool, afi: int) -> None:
    for call in (
        lambda: read(bank(data, iso=iso, afi=afi)),
        lambda: other_uhf.decode_bookwaves(data),
        lambda: other_uhf.decode_smartfreq(bank(b"\x41" + data, iso=True, afi=7)),
        lambda: other_uhf.decode_alliance_96(data),
        lambda: other_uhf.decode_alliance_128(data),
        lambda: other_uhf.decode_alliance(data),
        lambda: other_uhf.decode_alliance_user_bank(data),
    ):
        offset = 0
        try:
            call()
        except Undecodable as error:
            offset = error.offset
        assert 0 <= offset <= len(data) + 1
