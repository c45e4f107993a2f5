"""Shortcuts of indexing compared with the full method: the results must be equal."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, Subfield

from station.catalog.marc import iso2709, marc, marc8
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.marc.marc import RawRecord
from station.catalog.record import profiles

GENUINE = (
    "evergreen_hebrew_marc8.mrc",
    "evergreen_lul_fre_500.mrc",
    "evergreen_serials_mfhd.xml",
    "loc_opera43_marcxml.xml",
    "pymarc_marc.dat",
    "tr_test_data.utf8.mrc",
    "uva_demoRecs.mrc",
)
ANSEL = st.lists(
    st.sampled_from(
        [
            bytes([code])
            for code in (
                0x07,
                0x1B,
                0x1E,
                0x1F,
                0x41,
                0x7A,
                0x7F,
                0x80,
                0x88,
                0xA1,
                0xAF,
                0xB8,
                0xC8,
                0xE0,
                0xE8,
                0xEB,
                0xFE,
                0xFF,
            )
        ]
    )
).map(b"".join)


@given(st.binary(max_size=60) | ANSEL)
def test_plain_marc8_has_no_senseless_character(data: bytes) -> None:
    if marc8.PLAIN.fullmatch(data):
        assert sum(marc8.decode(field)[1] for field in re.split(rb"[\x1d-\x1f]", data)) == 0


def test_plain_marc8_knows_usual_text_and_refuses_the_rest() -> None:
    for usual in (b"Bu\xe8cher\x1faa\x1e", b"\xe1\xf0a \xb2resund", b"\x88Le \x89chat", b""):
        assert marc8.PLAIN.fullmatch(usual)
    for other in (b"\xe8", b"\xe8\x1e", b"\xe8 a", b"\x1b$1", b"\xff", b"\x80", b"a\xe9", b"\x7f"):
        assert not marc8.PLAIN.fullmatch(other)


ENTRY = st.tuples(st.sampled_from([b"001", b"245", b"949", b"9x9"]), st.binary(max_size=9))


@given(st.lists(ENTRY, max_size=6), st.integers(0, 400), st.binary(max_size=3))
def test_a_directory_in_order_is_read_like_any_other(entries: list[tuple[bytes, bytes]], at: int, junk: bytes) -> None:
    """Any record with a few bytes overwritten gives the same fields or the same refusal without the shortcut."""
    directory = body = b""
    for tag, data in entries:
        directory += b"%s%04d%05d" % (tag, len(data) + 1, len(body))
        body += data + b"\x1e"
    base = 25 + len(directory)
    record = bytearray(b"%05dnam a22%05d i 4500" % (base + len(body) + 1, base) + directory + b"\x1e" + body + b"\x1d")
    at %= len(record)
    record[at : at + len(junk)] = junk
    quick = _taken_apart(bytes(record))
    with patch.object(iso2709, "_in_order", lambda *_: None):
        assert _taken_apart(bytes(record)) == quick


def _taken_apart(data: bytes) -> object:
    try:
        return iso2709.take_apart(data)
    except BadRecord as error:
        return str(error)


VALUES = st.sampled_from(["", " ", "3100 1", "\u200b", "x", "1\x1b[2J"])
CODES = st.sampled_from(list("8abhikmopqtvwy1"))
FIELDS = st.lists(
    st.builds(
        lambda tag, pairs: Field(tag, Indicators("0", " "), [Subfield(code, value) for code, value in pairs]),
        st.sampled_from(["852", "876", "949", "952", "999", "945", "970", "980", "877"]),
        st.lists(st.tuples(CODES, VALUES), max_size=5),
    ),
    max_size=5,
)


@pytest.mark.parametrize("name", profiles.PROFILE_NAMES)
@given(fields=FIELDS)
def test_barcodes_and_numbers_alone_are_those_of_the_items(name: str, fields: list[Field]) -> None:
    profile = profiles.load(name)
    quick, whole = profiles.numbers_in(fields, profile), profiles.items_in(fields, profile)
    assert [(one.barcode, one.call_number, one.scheme) for one in quick] == [
        (one.barcode, one.call_number, one.scheme) for one in whole
    ]


@pytest.mark.parametrize("name", GENUINE)
def test_what_reading_found_is_what_the_bytes_say(shared: Path, name: str) -> None:
    data = (shared / "data" / "marc" / name).read_bytes()
    tags = frozenset({"001", "245", "852", "949", "999"})
    for found in marc.read(data):
        if not isinstance(found, RawRecord):
            continue
        again = [str(field) for field in marc.fields_of(found.data, tags)]
        assert [str(field) for field in marc.fields_of(found.data, tags, found.known)] == again
        assert marc.leader_of(found.data, found.known) == marc.leader_of(found.data)
        assert (found.end >= 0) == (not name.endswith(".xml"))


def test_reading_on_behind_any_record_gives_the_rest(shared: Path) -> None:
    import io

    data = (shared / "data" / "marc" / "evergreen_hebrew_marc8.mrc").read_bytes()
    data = b"junk\x1d" + data[:2000] + b"\r\n" + data + b"00099nam" + data[:700]
    whole = list(marc.read(data))
    assert len(whole) > 20
    for position, found in enumerate(whole):
        if isinstance(found, RawRecord):
            rest = list(marc.read_on(io.BytesIO(data[found.end :]), found.number, found.end))
            assert rest == whole[position + 1 :]
