"""PDF: pdfium reads the lines back, zxing reads the bars back, and pages have the size of the stock."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.printing import content
from station.printing.content import Content, Row
from station.printing.paper import SHIPPED, Symbology, shipped
from tests.support.patience import PATIENCE_S
from tests.support.sample_labels import (
    BARCODE,
    CONTENTS,
    HAS_DEJAVU,
    LINES,
    ink,
    lines_of,
    picture,
    render,
    scanned,
    set_page,
    sizes,
)

SINGLE = [name for name in SHIPPED if shipped(name).sheet is None]
READ_AS: dict[Symbology, tuple[str, str]] = {
    "code39": ("Code39", BARCODE),
    "codabar": ("Codabar", f"A{BARCODE}A"),  # zxing reports start and stop characters; scanners omit them
    "code128": ("Code128", BARCODE),
    "qr": ("QRCode", BARCODE),
}


def test_the_lines_of_a_spine_label_come_out_as_they_went_in() -> None:
    page = set_page(CONTENTS["spine"], "spine-25x38")
    assert page.problems == ()
    assert lines_of(render(page)) == list(LINES)


@pytest.mark.parametrize("name", SINGLE)
def test_a_page_is_as_large_as_its_stock(name: str) -> None:
    paper = shipped(name)
    data = render(set_page(CONTENTS[paper.kinds[0]], paper))
    assert sizes(data) == [pytest.approx((paper.width_mm, paper.height_mm), abs=0.01)]


@pytest.mark.parametrize("name", SINGLE)
def test_nothing_is_printed_beyond_the_margins(name: str) -> None:
    paper = shipped(name)
    data = render(set_page(CONTENTS[paper.kinds[0]], paper))
    image = picture(data)
    left, top, right, bottom = ink(image)
    dots = 12
    if paper.orientation == "upright":
        assert left >= paper.left_mm * dots - 1
        assert top >= paper.top_mm * dots - 1
        assert image.width - right >= paper.right_mm * dots - 1
        assert image.height - bottom >= paper.bottom_mm * dots - 1
    else:  # turned clockwise: the reader's top is at the right
        assert image.width - right >= paper.top_mm * dots - 1
        assert top >= paper.left_mm * dots - 1


@pytest.mark.parametrize("symbology", READ_AS)
@pytest.mark.parametrize("kind", ["pocket", "flag"])
def test_bars_are_read_back(symbology: Symbology, kind: str) -> None:
    paper = "pocket-76x51" if kind == "pocket" else "flag-102x152"
    page = set_page(CONTENTS[kind], paper, symbology=symbology)
    assert page.problems == ()
    image = picture(render(page), per_mm=8)
    assert scanned(image) == [READ_AS[symbology]]


@pytest.mark.parametrize("symbology", READ_AS)
def test_bars_on_sideways_paper_are_read_back(symbology: Symbology) -> None:
    page = set_page(
        CONTENTS["pocket"], "pocket-76x51", symbology=symbology, width_mm=50.8, height_mm=76.2, orientation="sideways"
    )
    assert page.problems == ()
    data = render(page)
    assert sizes(data) == [pytest.approx((50.8, 76.2), abs=0.01)]
    assert scanned(picture(data)) == [READ_AS[symbology]]


@pytest.mark.parametrize(
    ("symbology", "value"),
    [
        ("code39", "AB-12.3 $/+%"),
        ("codabar", "1-2$3:4/5.6+7"),
        ("code128", "Ab~^>\\{1}"),
        ("code128", "123"),
        ("code128", "1234"),
        ("code128", "AB123456"),
        ("qr", "Ab~^>\\{1} x"),
    ],
)
def test_other_values_are_read_back(symbology: Symbology, value: str) -> None:
    label = Content(kind="pocket", rows=(), barcode=value)
    page = set_page(label, "flag-102x152", symbology=symbology)
    assert page.problems == ()
    found = scanned(picture(render(page)))
    assert [text.strip("A") if symbology == "codabar" else text for _, text in found] == [value]


@settings(max_examples=25)
@given(st.integers(0, 10**13 - 1))
def test_any_library_barcode_is_read_back_as_codabar(number: int) -> None:
    value = f"3{number:013}"
    page = set_page(Content(kind="pocket", rows=(), barcode=value), "pocket-76x51")
    assert scanned(picture(render(page), per_mm=8)) == [("Codabar", f"A{value}A")]


def test_a_value_stands_below_its_bars() -> None:
    page = set_page(CONTENTS["pocket"], "pocket-76x51")
    assert lines_of(render(page))[-1] == BARCODE


def test_sideways_text_reads_from_top_to_bottom() -> None:
    """Turned back by 90 degrees it equals the upright label of the same size, dot by dot except for rounding."""
    upright = picture(render(set_page(CONTENTS["spine"], "spine-25x38")))
    turned = picture(
        render(set_page(CONTENTS["spine"], "spine-25x38", width_mm=38.1, height_mm=25.4, orientation="sideways"))
    )
    back = turned.rotate(90, expand=True)
    assert ink(back) == pytest.approx(ink(upright), abs=2)


def test_the_crossed_box_is_one_box_left_of_its_word() -> None:
    page = set_page(CONTENTS["flag"], "flag-102x152")
    assert page.sign is not None
    sign, word = page.sign, page.texts[0]
    assert sign.x + sign.side < word.x < sign.x + 2 * sign.side
    image = picture(render(page))
    area = (0, 0, round(word.x * 12) - 2, round((sign.y + sign.side) * 12) + 4)
    edges = (sign.x, sign.y, sign.x + sign.side, sign.y + sign.side)
    assert ink(image.crop(area)) == pytest.approx([edge * 12 for edge in edges], abs=2)
    # The cross goes through the middle and does not touch the box.
    middle = [round((start + sign.side / 2) * 12) for start in (sign.x, sign.y)]
    assert image.getpixel(tuple(middle)) < 128
    corner = [round((start + sign.side * 0.17) * 12) for start in (sign.x, sign.y)]
    assert image.getpixel(tuple(corner)) > 128


# --- sheets -----------------------------------------------------------------------------------------------------------


def test_a_sheet_fills_row_by_row_and_goes_on_on_the_next() -> None:
    pages = [set_page(content.spine((f"N{number}",), ""), "spine-sheet-letter") for number in range(1, 58)]
    data = render(*pages)
    assert sizes(data) == [pytest.approx((215.9, 279.4), abs=0.01)] * 2
    assert [line.split() for line in lines_of(data, 0)] == [
        [f"N{row * 8 + column}" for column in range(1, 9)] for row in range(7)
    ]
    assert lines_of(data, 1) == ["N57"]


def test_a_label_of_a_sheet_stands_in_its_place() -> None:
    """Place 10 of 8 columns is the second in the second row: 6.35 + 25.4, 6.35 + 38.1 (spine-sheet-letter.toml)."""
    page = set_page(content.spine(("MMM",), ""), "spine-sheet-letter")
    left, top, right, bottom = (edge / 12 for edge in ink(picture(render(page, skip=9))))
    assert 31.75 + 2.5 <= left < right <= 31.75 + 25.4
    assert 44.45 + 2.5 <= top < bottom <= 44.45 + 38.1


def test_bars_on_a_sheet_are_read_back() -> None:
    """Each label cut out of the sheet: 3 columns of 69.85 mm and rows of 25.4 mm from (4.7625, 12.7)."""
    page = set_page(CONTENTS["pocket"], "pocket-sheet-letter")
    image = picture(render(page, page, page, page), per_mm=24)
    for row, column in ((0, 0), (0, 1), (0, 2), (1, 0)):
        left, top = 4.7625 + column * 69.85, 12.7 + row * 25.4
        label = image.crop(tuple(round(edge * 24) for edge in (left, top, left + 66.675, top + 25.4)))
        assert scanned(label) == [READ_AS["codabar"]]


# --- text of every kind -----------------------------------------------------------------------------------------------

HOSTILE = "(x) Tj ET BT \\) endstream << /S /JavaScript >> ^XA~JR <b>&amp;"


def test_hostile_text_is_only_text() -> None:
    row = Row(text=HOSTILE, what="Line 1", wrap=9)
    data = render(set_page(Content(kind="flag", rows=(row,)), "flag-102x152"))
    assert " ".join(lines_of(data)) == HOSTILE
    assert b"JavaScript" not in data


@given(
    st.text(st.characters(codec="cp1252", exclude_categories=["Cc", "Cf", "Zs", "Zl", "Zp"]), min_size=1, max_size=12)
)
def test_latin_text_comes_out_as_it_went_in(text: str) -> None:
    page = set_page(content.spine((text,), ""), "flag-102x152", size=9)
    if page.problems:
        assert "cannot be printed" in page.problems[0]
        return
    assert lines_of(render(page)) == [page.texts[0].text]


@pytest.mark.skipif(not HAS_DEJAVU, reason="fonts-dejavu-core is not installed")
@pytest.mark.parametrize("text", ["Война и мир", "Ὅμηρος", "Łódź", "Dvořák, Antonín", "ŝűṣ A Б"])
def test_other_scripts_find_a_font(text: str) -> None:
    page = set_page(content.spine((text,), ""), "flag-102x152")
    assert page.problems == ()
    assert lines_of(render(page)) == [text]


def test_the_same_labels_give_the_same_bytes_in_every_process() -> None:
    code = (
        "import hashlib, sys; from tests.support.sample_labels import *; "
        "pages = [set_page(CONTENTS[kind], paper, symbology=bars) for kind, paper, bars in "
        "[('spine', 'spine-25x38', 'qr'), ('pocket', 'pocket-76x51', 'qr'), ('flag', 'flag-102x152', 'code39')]]; "
        "sys.stdout.write(' '.join(hashlib.sha256(render(page, page)).hexdigest() for page in pages))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
            env={"PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(seen) == 1
    assert len(seen.pop().split()) == 3


def test_no_date_and_no_person_in_the_file() -> None:
    data = render(set_page(CONTENTS["spine"], "spine-25x38"))
    assert b"D:2026" not in data
    assert b"/Author (anonymous)" in data or b"/Author" not in data


def test_pages_of_one_job_share_their_paper() -> None:
    page = set_page(CONTENTS["spine"], "spine-25x38")
    data = render(page, page, page)
    assert len(sizes(data)) == 3
    assert all(lines_of(data, number) == list(LINES) for number in range(3))
    assert msgspec.structs.replace(page, size=9) != page
