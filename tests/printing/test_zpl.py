"""ZPL II: the independent zplkit draws the label as a ZD621 would, and zxing reads its bars."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.base.errors import LabelRefused
from station.printing import content, zpl
from station.printing.content import Content, Row
from station.printing.layout import Page
from station.printing.paper import SHIPPED, Symbology, shipped
from tests.support.for_each import for_each
from tests.support.sample_labels import (
    BARCODE,
    CONTENTS,
    FONTS,
    LINES,
    commands,
    ink,
    picture,
    printed,
    render,
    scanned,
    set_page,
)

SINGLE = [name for name in SHIPPED if shipped(name).sheet is None]
READ_AS: dict[Symbology, tuple[str, str]] = {
    "code39": ("Code39", BARCODE),
    "codabar": ("Codabar", f"A{BARCODE}A"),
    "code128": ("Code128", BARCODE),
    "qr": ("QRCode", BARCODE),
}
HOSTILE = [
    "^XZ^XA^FO0,0^A0N,99,99^FDhacked^FS",
    "~JA~DGR:X.GRF,1,1,00",
    "a^FS^FN1^FDb",
    "^CC*",
    "_5EXZ",
    "Ünï ^ ~ € “x”",
]
WHOLE = ["XA", "PW", "LL", "FO", "GF", "FS", "XZ"]


def made(*pages: Page, copies: int = 1) -> bytes:
    return zpl.render(pages, FONTS, copies=copies)


def shape(page: Page) -> list[str]:
    """Return the commands of a label, with repeated bands counted once."""
    names = [name for name, _ in commands(made(page))]
    return [name for at, name in enumerate(names) if name not in names[:at]]


def drawn(page: Page) -> Any:
    return printed(made(page), page.paper)[0]


def test_a_label_is_one_picture_as_large_as_its_stock() -> None:
    """25.4 x 38.1 mm at 8 dots per millimeter are 203.2 x 304.8 dots: 204 x 305, 26 bytes per row, 7,930 bytes."""
    page = set_page(content.spine(("PQ", "4865", ".C6"), BARCODE), "spine-25x38")
    found = commands(made(page, copies=2))
    assert [name for name, _ in found] == [*WHOLE[:-1], "PQ", "XZ"]
    assert dict(found) | {"GF": ""} == {
        "XA": "",
        "PW": "204",
        "LL": "305",
        "FO": "0,0",
        "GF": "",
        "FS": "",
        "PQ": "2",
        "XZ": "",
    }
    assert dict(found)["GF"].startswith("A,7930,7930,26,")


def test_a_large_label_is_printed_in_bands() -> None:
    """102 x 152 mm at 24 dots per millimeter is over a megabyte; ^GF takes 99,999 bytes (guide)."""
    page = set_page(CONTENTS["flag"], "flag-102x152", dpi=600)
    found = commands(made(page))
    sizes = [int(parameters.split(",")[1]) for name, parameters in found if name == "GF"]
    wide, high = (int(dict(found)[name]) for name in ("PW", "LL"))
    assert sum(sizes) == (wide + 7) // 8 * high
    assert max(sizes) <= 99_999
    assert len(sizes) > 10
    assert ink(drawn(page)) == pytest.approx(ink(picture(render(page), per_mm=24)), abs=2)


def test_every_label_is_a_format_of_its_own() -> None:
    page = set_page(content.spine(LINES, BARCODE), "spine-25x38")
    other = set_page(content.spine(("PQ",), BARCODE), "spine-25x38")
    assert [name for name, _ in commands(made(page, other, page))] == WHOLE * 3
    first, second, third = printed(made(page, other, page), page.paper)
    assert first.tobytes() == third.tobytes() != second.tobytes()


@pytest.mark.parametrize("name", SINGLE)
def test_the_printer_prints_what_the_preview_shows(name: str) -> None:
    """Compared with the PDF dot by dot."""
    paper = shipped(name)
    page = set_page(CONTENTS[paper.kinds[0]], paper)
    seen, shown = drawn(page), picture(render(page), per_mm=paper.dots_per_mm * 5).reduce(5)
    assert seen.size == shown.size
    # The page of the PDF is not a whole number of dots: edges of letters may differ by one.
    same = [(a < 128) == (b < 128) for a, b in zip(seen.tobytes(), shown.tobytes(), strict=True)]
    assert sum(same) / len(same) > 0.97
    assert ink(seen) == pytest.approx(ink(shown), abs=1)


@pytest.mark.parametrize("name", SINGLE)
def test_nothing_is_printed_beyond_the_margins(name: str) -> None:
    paper = shipped(name)
    image = drawn(set_page(CONTENTS[paper.kinds[0]], paper))
    left, top, right, bottom = ink(image)
    margins = (paper.left_mm, paper.top_mm, paper.right_mm, paper.bottom_mm)
    if paper.orientation == "sideways":
        margins = (paper.bottom_mm, paper.left_mm, paper.top_mm, paper.right_mm)
    for white, margin in zip((left, top, image.width - right, image.height - bottom), margins, strict=True):
        assert white >= margin * paper.dots_per_mm - 1


def test_sideways_text_begins_at_the_upper_right_corner() -> None:
    """Turned clockwise, its first letter is at the top and its first line at the right."""
    paper = shipped("spine-38x25-sideways")
    left, top, right, bottom = ink(drawn(set_page(content.spine(("PQ",), BARCODE), paper)))
    assert 305 - right == pytest.approx(12, abs=10)
    assert top == pytest.approx(12, abs=4)
    assert left > 200
    assert bottom < 100


@for_each("symbology", READ_AS)
@for_each("dpi", [203, 300, 600])
@for_each("sideways", [False, True])
def test_bars_are_read_back(symbology: Symbology, dpi: int, sideways: bool) -> None:
    turned: dict[str, Any] = {"orientation": "sideways", "width_mm": 50.8, "height_mm": 76.2} if sideways else {}
    page = set_page(CONTENTS["pocket"], "pocket-76x51", symbology, dpi=dpi, **turned)
    assert page.problems == ()
    assert scanned(drawn(page)) == [READ_AS[symbology]]


@pytest.mark.parametrize("value", ["AB-12", "123", "1234", "a^b>c~d", "x>0y", "}{_5E"])
def test_code_128_of_other_values(value: str) -> None:
    page = set_page(Content(kind="pocket", rows=(), barcode=value), "flag-102x152", "code128")
    assert scanned(drawn(page)) == [("Code128", value)]


@for_each(("dpi", "module"), [(203, 2), (300, 3), (600, 6)])
@for_each("symbology", ["code39", "codabar", "code128"])
def test_every_bar_is_a_whole_number_of_modules(symbology: Symbology, dpi: int, module: int) -> None:
    """0.25 mm are 2, 3 or 6 dots. Scanners fail on bars that are one dot too wide or too narrow.

    Code 128 has bars of 1 to 4 modules. The wide bars of Code 39 and Codabar are 2.5 modules, in whole dots.
    """
    page = set_page(CONTENTS["pocket"], "pocket-76x51", symbology, dpi=dpi)
    assert page.bars is not None
    per_mm = page.paper.dots_per_mm
    row = round((page.bars.y + page.bars.height / 2) * per_mm)
    image = drawn(page).crop((0, row, round(page.paper.width_mm * per_mm), row + 1))
    runs = widths(image.tobytes())
    wide = {round(page.bars.ratio * module)} if symbology != "code128" else {2 * module, 3 * module, 4 * module}
    assert module in set(runs) <= {module} | wide
    assert set(runs) & wide
    left, _, right, _ = ink(image)
    assert left == round(page.bars.x * per_mm)
    assert right - left == pytest.approx(page.bars.width * per_mm, abs=module / 10)


def widths(row: bytes) -> list[int]:
    """Return the widths of bars and spaces between the first and the last dark dot, in dots."""
    dark = "".join("#" if level < 128 else "." for level in row).strip(".")
    return [len(run) for run in dark.replace("#.", "# .").replace(".#", ". #").split()]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_a_picture(text: str) -> None:
    """If a title could end the label, everything below it would be lost."""
    rows = (Row(text=text, what="Line 1"), Row(text="below", what="Line 2"))
    page = set_page(Content(kind="flag", rows=rows), "flag-102x152", size=4)
    assert shape(page) == WHOLE
    assert ink(drawn(page))[3] > ink(drawn(set_page(Content(kind="flag", rows=rows[:1]), "flag-102x152", size=4)))[3]


@given(st.text(max_size=40))
@settings(max_examples=25)
def test_no_text_changes_the_commands(text: str) -> None:
    page = set_page(Content(kind="flag", rows=(Row(text=text, what="Line 1", wrap=9),)), "flag-102x152", size=4)
    assert shape(page) == WHOLE


def test_letters_beyond_latin_are_printed() -> None:
    """The printer needs no font for them."""
    page = set_page(content.spine(("Größe €",), ""), "flag-102x152")
    assert page.problems == ()
    left, _, right, _ = ink(drawn(page))
    width = FONTS.width("Größe €", page.size, bold=page.paper.weight == "bold") * 25.4 / 72 * 8
    assert right - left == pytest.approx(width, abs=6)


def test_a_sheet_is_not_for_label_printers() -> None:
    page = set_page(content.spine(LINES, BARCODE), "spine-sheet-letter")
    with pytest.raises(LabelRefused, match="sheet"):
        made(page)
