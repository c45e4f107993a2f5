"""SIP2 bytes: known checksums, the third-party codec of PyPI pysip2 in both directions, and arbitrary text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysip2 import ItemInformationRequest, ItemInformationResponse, LoginRequest, decode_message, encode_message

from station.base.errors import Rejected
from station.sync.sip2.codec import Check, LineReader, SipUnreadable, checksum, decode, encode
from station.sync.sip2.messages import BX_ORDER, LAYOUTS, supports
from tests.support.told import raises_told

NOW = "20261125    101500"


def test_layouts_pair_up() -> None:
    """The table of messages: each request names a reply in it, required tags have two characters, keys equal codes."""
    for code, layout in LAYOUTS.items():
        assert layout.code == code and len(code) == 2
        assert not layout.reply or layout.reply in LAYOUTS
        assert all(len(tag) == 2 for tag in layout.required)
        assert not layout.changes or layout.reply
    assert {LAYOUTS[code].width for code in ("17", "19")} == {18}
    assert LAYOUTS["09"].width == 37 and LAYOUTS["98"].width == 34 and LAYOUTS["18"].width == 24


def test_the_familiar_sample_has_a_wrong_checksum() -> None:
    """docs/reference/systems.md#sip2-error-detection: `...AY5AZEC78` as quoted everywhere computes to EC7B."""
    body = b"9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZ"
    assert checksum(body) == b"EC7B"
    assert decode(body + b"EC78").check is Check.WRONG
    assert decode(body + b"EC7B").check is Check.BYTES


def test_a_small_checksum_has_four_digits() -> None:
    """Two values of maximum length bring the sum near 65536, so the checksum starts with 0 (3.3: zero-padded)."""
    wide = "z" * 255
    line = encode(
        "19", {"transaction_date": "20261125    120000"}, (("AO", "M"), ("AB", wide), ("CH", wide)), sequence=3
    )
    body, digits = line[:-5], line[-5:-1]
    assert body.endswith(b"AY3AZ")
    assert digits.startswith(b"0")
    assert (sum(body) + int(digits, 16)) % 65536 == 0


def test_96_and_97() -> None:
    """The two control messages of docs/reference/systems.md#sip2-messages, to the byte."""
    assert encode("97", {}, (), sequence=0) == b"97AZFEF5\r"
    assert encode("96", {}, (), sequence=0) == b"96AZFEF6\r"
    assert decode(b"96AZFEF6").check is Check.BYTES


def test_checksum_of_code_points() -> None:
    """php-sip2#8: a server that sums code points. Made by hand: 'é' is U+00E9, in UTF-8 the bytes C3 A9."""
    head = "18030101" + NOW + "AB1|AJé|AY1AZ"
    by_points = f"{-sum(map(ord, head)) & 0xFFFF:04X}"
    by_bytes = f"{-sum(head.encode()) & 0xFFFF:04X}"
    assert by_points != by_bytes
    assert decode((head + by_points).encode()).check is Check.CODE_POINTS
    assert decode((head + by_bytes).encode()).check is Check.BYTES
    assert decode((head + by_points).encode(), charset="utf-8").first("AJ") == "é"


def test_pysip2_reads_what_we_write() -> None:
    data = encode(
        "93",
        {"uid_algorithm": "0", "password_algorithm": "0"},
        (("CN", "station"), ("CO", "s3cret"), ("CP", "TECHSERV")),
        sequence=5,
    )
    read = decode_message(data, encoding="utf-8")
    assert isinstance(read.message, LoginRequest)
    assert (read.message.login_user_id, read.message.login_password) == ("station", "s3cret")
    assert read.message.location_code == "TECHSERV" and read.sequence_number == 5

    data = encode("17", {"transaction_date": NOW}, (("AO", "MAIN"), ("AB", "31234000000017")), sequence=0)
    read = decode_message(data, encoding="utf-8")
    assert isinstance(read.message, ItemInformationRequest)
    assert read.message.item_identifier == "31234000000017" and read.message.transaction_date == NOW


@pytest.mark.parametrize(
    ("written", "charset"), [("cp850", "auto"), ("utf-8", "auto"), ("cp850", "cp850"), ("latin-1", "latin-1")]
)
def test_we_read_what_pysip2_writes(written: str, charset: str) -> None:
    reply = ItemInformationResponse(
        circulation_status="03", security_marker="01", fee_type="01", transaction_date=NOW,
        item_identifier="31234000000017", title_identifier="Köln : Führer für Gäste", permanent_location="MAIN",
    )  # fmt: skip
    data = encode_message(reply, sequence_number=3, checksum=True, encoding=written)
    read = decode(data[:-1], charset=charset)  # type: ignore[arg-type]
    assert read.first("AJ") == "Köln : Führer für Gäste"
    assert (read.code, read.sequence, read.check) == ("18", 3, Check.BYTES)
    assert read.fixed["circulation_status"] == "03" and read.first("AQ") == "MAIN"


@given(st.text(max_size=60), st.integers(0, 9))
def test_any_title_goes_or_is_refused(title: str, sequence: int) -> None:
    """The third-party codec reads what the station sends, character for character, or the station refuses it."""
    try:
        data = encode("19", {"transaction_date": NOW}, (("AO", "M"), ("AB", "1"), ("CH", title)), sequence=sequence)
    except Rejected:
        assert "|" in title or not title.isprintable() or len(title.encode("utf-8", "replace")) > 255
        return
    assert decode_message(data, encoding="utf-8").message.item_properties == title  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", ["a|b", "a\rb", "a\x00b", "x" * 256, "\u202egnp", "\ud800"])
def test_values_that_cannot_be_sent(value: str) -> None:
    with pytest.raises(Rejected):
        encode("17", {"transaction_date": NOW}, (("AO", "M"), ("AB", value)), sequence=1)


def test_a_character_outside_the_set_is_named() -> None:
    with raises_told(Rejected, match="ascii"):
        encode("17", {"transaction_date": NOW}, (("AO", "Café"), ("AB", "1")), sequence=1, charset="ascii")


@pytest.mark.parametrize(
    ("line", "check"),
    [
        (b"941", Check.ABSENT),
        (b"941AZ", Check.EMPTY),  # invenio-sip2
        (b"941AY0AZFDFD", Check.BYTES),
        (b"941AY0AZfdfd", Check.BYTES),
        (b"941AY0AZFDFC", Check.WRONG),
        (b"\n\x00941", Check.ABSENT),
        (b"941AY0AZFDFD\n", Check.BYTES),
    ],
)
def test_trailers_in_the_field(line: bytes, check: Check) -> None:
    """Section 3.5. By hand: 39+34+31 + 41+59+30 + 41+5A = 203 (hex), and 10000 - 203 = FDFD."""
    read = decode(line)
    assert (read.fixed["ok"], read.check) == ("1", check)


def test_text_behind_the_last_delimiter_counts() -> None:
    """SIPServer removes the last delimiter if there is no trailer."""
    read = decode(b"18030101" + NOW.encode() + b"AB31234|AJTOPAZ")
    assert read.first("AJ") == "TOPAZ" and read.check is Check.ABSENT


def test_patrons_do_not_get_in() -> None:
    read = decode(b"101YUN" + NOW.encode() + b"AOM|AB1|AQM|AAP123|CYP123|DAJane Doe|CTBRANCH|")
    assert dict(read.fields) == {"AO": "M", "AB": "1", "AQ": "M", "CT": "BRANCH"}


def test_hostile_text_is_harmless() -> None:
    read = decode(b"18030101" + NOW.encode() + b"AB1|AJ\x1b]52;c;aGk=\x07[red]\xe2\x80\xae|")
    assert read.first("AJ") == "]52;c;aGk=[red]"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read = decode(data)
    except SipUnreadable as error:
        reason = str(error)
    else:
        reason = "".join(value for _, value in read.fields)
    assert reason.isprintable()


@given(st.sampled_from(["18", "98", "10", "20", "94"]), st.binary(max_size=300))
def test_any_bytes_behind_a_known_code(code: str, data: bytes) -> None:
    try:
        read = decode(code.encode() + data)
    except SipUnreadable:
        return
    assert set(read.fixed) == {name for name, _ in LAYOUTS[code].fixed}


@given(
    st.lists(st.binary(min_size=1, max_size=30).filter(lambda b: b"\r" not in b and b.strip(b"\n\0") == b), max_size=5),
    st.data(),
)
def test_lines_whatever_the_pieces(lines: list[bytes], data: st.DataObject) -> None:
    """Whole, byte by byte, with LF and NUL in between: the same lines."""
    lines = [line for line in lines if line]
    junk = data.draw(st.sampled_from([b"", b"\n", b"\0", b"\n\0\n"]))
    stream = b"".join(junk + line + b"\r" for line in lines) + junk
    reader = LineReader()
    found: list[bytes] = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        reader.feed(stream[:size])
        stream = stream[size:]
        while (line := reader.take()) is not None:
            found.append(line)
    assert found == lines


def test_a_line_without_end_is_bounded() -> None:
    reader = LineReader(cap=100)
    reader.feed(b"x" * 100)
    assert reader.take() is None
    reader.feed(b"x")
    with pytest.raises(SipUnreadable, match="100 bytes"):
        reader.take()


def test_bx_flags_stand_where_the_servers_have_them() -> None:
    """Section 3.1: the twelfth flag is Item Status Update."""
    assert BX_ORDER.index("19") == 11 and len(BX_ORDER) == 16
    assert supports("N" * 11 + "Y" + "N" * 4, "19") is True
    assert supports("NNN", "19") is None
