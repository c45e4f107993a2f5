"""MARC-8 against pymarc's own conversion, on genuine records."""

from __future__ import annotations

from pathlib import Path

import pymarc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.catalog.marc import marc, marc8
from station.catalog.marc.marc import RawRecord
from tests.support.for_each import for_each


@for_each(
    ("raw", "text"),
    [
        # ANSEL: the accent precedes its letter (LC, Character Sets and Encoding Options, part 2)
        (b"K\xe8oln", "Köln"),
        (b"caf\xe2e", "café"),
        (b"\xb2stersj\xe8o", "østersjö"),
        (b"\x1b(2`ab\x1b(B.", "אבג."),  # Basic Hebrew as G0, then back to ASCII
        (b"\x1b)2\xe0\xe1\x1b)!E K\xe8oln", "אב Köln"),  # Hebrew as G1, then back to Extended Latin with its "!E"
        (b"H\x1bb2\x1bsO", "H₂O"),  # technique 1: subscript
        (b"\x1b$1!0!\x1b(B", "一"),  # EACC 21 30 21 = U+4E00
        (b"\x88The \x89end", "The end"),  # non-sorting marks
    ],
)
def test_known(raw: bytes, text: str) -> None:
    assert marc8.decode(raw) == (text, 0)


@pytest.mark.parametrize("raw", [b"abc\xff", b"abc\xe2", b"\x1b$1!0", b"\x1b", b"\x1bQ", b"\xe2!"])
def test_nonsense_is_counted(raw: bytes) -> None:
    assert marc8.decode(raw)[1] > 0


@given(st.binary(max_size=80))
def test_any_bytes(raw: bytes) -> None:
    text, bad = marc8.decode(raw)
    assert 0 <= bad <= len(raw)
    assert "\x1b" not in text


@pytest.mark.parametrize("name", ["evergreen_hebrew_marc8.mrc", "uva_demoRecs.mrc", "evergreen_lul_fre_500.mrc"])
def test_like_pymarc(shared: Path, name: str) -> None:
    path = shared / "data" / "marc" / name
    with path.open("rb") as stream:
        theirs = list(pymarc.MARCReader(stream, hide_utf8_warnings=True))
    data = path.read_bytes()
    read = marc.read_like_file(marc.read(data), marc.file_evidence(data))
    ours = [marc.parse(one.data) for one in read if isinstance(one, RawRecord)]
    assert len(ours) == len(theirs) > 0
    values = unread = 0
    for mine, other in zip(ours, theirs, strict=True):
        assert [field.tag for field in mine.fields] == [field.tag for field in other.fields]
        for left, right in zip(mine.fields, other.fields, strict=True):
            assert left.data == right.data
            assert left.indicators == right.indicators
            # pymarc puts a space for a character that it cannot read; the station puts U+FFFD
            for (code, text), (their_code, their_text) in zip(left.subfields, right.subfields, strict=True):
                assert (code, text.replace("\ufffd", " ")) == (their_code, their_text)
                unread += text.count("\ufffd")
            values += len(left.subfields)
    assert values > 100
    # one 880 of the Hebrew file has the byte 7F instead of a gershayim (found by inspection)
    assert unread == (1 if "hebrew" in name else 0)
