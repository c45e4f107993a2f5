"""ZPL II, command by command as in Zebra's guide; no text can become a command."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import LabelRefused
from station.printing import content, zpl
from station.printing.content import Content, Row
from station.printing.paper import Symbology
from tests.printing.samples import BARCODE, CONTENTS, LINES, commands, fields, set_page

HOSTILE = [
    "^XZ^XA^FO0,0^A0N,99,99^FDhacked^FS",
    "~JA~DGR:X.GRF,1,1,00",
    "a^FS^FN1^FDb",
    "_5EXZ",
    "^CC*",
    "\\&",
    ">;>:>0",
    "Ünï ^ ~ € “x”",
]


def test_a_spine_label_command_by_command() -> None:
    """25.4 x 38.1 mm at 8 dots a millimetre: ^PW203, ^LL305; 11 points are 31 dots, lines stand 34 dots apart."""
    page = set_page(content.spine(("PQ", "4865", ".C6"), BARCODE), "spine-25x38", "zpl")
    assert commands(zpl.render([page], copies=2)) == [
        ("XA", ""),
        ("CI", "28"),
        ("PW", "203"),
        ("LL", "305"),
        ("LH", "0,0"),
        *[("FO", "12,12"), ("A", "0N,31,31"), ("FH", "_"), ("FD", "PQ"), ("FS", "")],
        *[("FO", "12,46"), ("A", "0N,31,31"), ("FH", "_"), ("FD", "4865"), ("FS", "")],
        *[("FO", "12,80"), ("A", "0N,31,31"), ("FH", "_"), ("FD", ".C6"), ("FS", "")],
        ("PQ", "2"),
        ("XZ", ""),
    ]


def test_sideways_text_is_turned_and_counted_from_the_other_edge() -> None:
    """R = turned by 90 degrees; as one reads, (1.5, 1.5) mm is the upper right corner of 38.1 x 25.4 mm."""
    page = set_page(content.spine(("PQ",), BARCODE), "spine-38x25-sideways", "zpl")
    found = commands(zpl.render([page]))
    assert ("PW", "305") in found
    assert ("LL", "203") in found
    # 38.1 - 1.5 - 11 points (3.88 mm) = 32.72 mm
    assert found[5:7] == [("FO", "262,12"), ("A", "0R,31,31")]


@pytest.mark.parametrize(
    ("symbology", "expected"),
    [
        # o, check digit, height, interpretation line, above (guide, ^B3)
        ("code39", [("BY", "2,2.5,88"), ("B3", "N,N,88,N,N"), ("FH", "_"), ("FD", BARCODE)]),
        # o, fixed N, height, interpretation line, above, start, stop (guide, ^BK)
        ("codabar", [("BY", "2,2.5,88"), ("BK", "N,N,88,N,N,A,A"), ("FH", "_"), ("FD", BARCODE)]),
        # o, height, interpretation line, above, check digit, mode; >; = start in code set C (guide, ^BC)
        ("code128", [("BY", "2,2.5,88"), ("BC", "N,88,N,N,N,N"), ("FH", "_"), ("FD", f">;{BARCODE}")]),
        # o, model, magnification; M = error correction, A = automatic input (guide, ^BQ)
        ("qr", [("BY", "4,2.0,1"), ("BQ", "N,2,4"), ("FH", "_"), ("FD", f"MA,{BARCODE}")]),
    ],
)
def test_bars_are_the_printers_own(symbology: Symbology, expected: list[tuple[str, str]]) -> None:
    page = set_page(CONTENTS["pocket"], "pocket-76x51", "zpl", symbology)
    assert page.problems == ()
    found = commands(zpl.render([page]))
    at = found.index(expected[0])
    assert found[at : at + 4] == expected
    assert found[at - 1][0] == "FO"


@pytest.mark.parametrize(("symbology", "module"), [("code39", 2), ("codabar", 2), ("code128", 2), ("qr", 4)])
def test_bars_stand_where_there_is_room_for_them(symbology: Symbology, module: int) -> None:
    page = set_page(CONTENTS["pocket"], "pocket-76x51", "zpl", symbology)
    assert page.bars is not None
    text = zpl.render([page]).decode()
    x, y = map(int, re.findall(r"\^FO(\d+),(\d+)\^BY", text)[0])
    assert x == round(page.bars.x * 8)
    assert y == round(page.bars.y * 8)
    quiet = 4 if symbology == "qr" else 10
    assert x >= quiet * module
    assert 610 - x - page.bars.width * 8 >= quiet * module - 1


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ("AB-12", ">:AB-12"),
        ("123", ">:123"),
        ("1234", ">;1234"),
        # Code set B takes ^, > and ~ by invocation codes only (guide, table of invocation characters).
        ("a^b>c~d", ">:a><b>0c>=d"),
    ],
)
def test_code_128_chooses_its_code_set(value: str, data: str) -> None:
    page = set_page(Content(kind="pocket", rows=(), barcode=value), "flag-102x152", "zpl", "code128")
    assert fields(zpl.render([page])) == [value, data]


def test_the_crossed_box_is_drawn_with_graphics() -> None:
    """^GB width, height, thickness; ^GD width, height, thickness, colour, L or R. 3 x 13 points are 110 dots."""
    found = commands(zpl.render([set_page(CONTENTS["flag"], "flag-102x152", "zpl")]))
    graphics = [each for each in found if each[0] in ("GB", "GD")]
    assert graphics == [("GB", "110,110,13"), ("GD", "45,58,13,B,L"), ("GD", "45,58,13,B,R")]


def shape(text: str) -> list[str]:
    rows = (Row(text=text, what="Line 1"), Row(text="end", what="Line 2"))
    page = set_page(Content(kind="flag", rows=rows), "flag-102x152", "zpl", size=4)
    return [name for name, _ in commands(zpl.render([page]))]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_data(text: str) -> None:
    assert shape(text) == shape("plain")
    row = Row(text=text, what="Line 1")
    page = set_page(Content(kind="flag", rows=(row,)), "flag-102x152", "zpl", size=4)
    assert fields(zpl.render([page])) == [text]


@given(st.text(max_size=60))
def test_no_text_changes_the_commands(text: str) -> None:
    data = zpl.field(text)
    assert data.startswith("^FH_^FD")
    assert data.endswith("^FS")
    assert re.fullmatch(r"(?:[A-Za-z0-9 .-]|_[0-9A-F]{2})*", data[7:-3])
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert fields(data.encode("ascii")) == [text]


def test_a_lone_surrogate_never_gets_so_far() -> None:
    """`clean` takes it out before the layout."""
    assert [text.text for text in set_page(content.spine(("A\ud800B",), ""), "spine-25x38", "zpl").texts] == ["AB"]


def test_every_label_is_a_format_of_its_own() -> None:
    page = set_page(content.spine(LINES, BARCODE), "spine-25x38", "zpl")
    found = [name for name, _ in commands(zpl.render([page, page, page]))]
    assert found.count("XA") == found.count("XZ") == 3


def test_a_sheet_is_not_for_label_printers() -> None:
    page = set_page(content.spine(LINES, BARCODE), "spine-sheet-letter", "zpl")
    with pytest.raises(LabelRefused, match="sheet"):
        zpl.render([page])


def test_the_font_is_the_papers() -> None:
    page = set_page(content.spine(("Б",), BARCODE), "flag-102x152", "zpl", zpl_font="E", zpl_characters="unicode")
    found = commands(zpl.render([page]))
    assert ("A", "EN,37,37") in found
    assert ("FD", "_D0_91") in found


def test_qr_modules_grow_with_the_room() -> None:
    """11 mm of height are 88 dots: 21 modules of 4 dots. 300 dpi, 12 dots a millimetre: 132 dots, 6 a module."""
    page = set_page(CONTENTS["pocket"], "pocket-76x51", "zpl", "qr", dpi=300)
    assert ("BQ", "N,2,6") in commands(zpl.render([page]))
