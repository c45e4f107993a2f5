"""ZPL as a picture: zplkit draws it as a ZD621 prints it, with the printer's own fonts; zxing reads the bars."""

from __future__ import annotations

from typing import Any

import pytest
import zplkit
from PIL import Image

from station.printing import content, zpl
from station.printing.content import Content
from station.printing.fonts import latin_width
from station.printing.layout import MM, Page
from station.printing.paper import SHIPPED, Symbology, shipped
from tests.printing.samples import BARCODE, CONTENTS, ink, scanned, set_page

SINGLE = [name for name in SHIPPED if shipped(name).sheet is None]
READ_AS: dict[Symbology, tuple[str, str]] = {
    "code39": ("Code39", BARCODE),
    "codabar": ("Codabar", f"A{BARCODE}A"),
    "code128": ("Code128", BARCODE),
    "qr": ("QRCode", BARCODE),
}


def drawn(page: Page) -> Any:
    """The label as a grey picture, a pixel a dot."""
    width, height = (round(edge * 8) for edge in (page.paper.width_mm, page.paper.height_mm))
    document = zplkit.render(zpl.render([page]), zplkit.Options(width=width, height=height, dpi=203))
    raster = document.labels[0].rasterize()
    assert (raster.width, raster.height) == (width, height)
    return Image.frombytes("L", (raster.width, raster.height), raster.pixels)


@pytest.mark.parametrize("symbology", READ_AS)
@pytest.mark.parametrize("sideways", [False, True], ids=["upright", "sideways"])
def test_the_printers_bars_are_read_back(symbology: Symbology, sideways: bool) -> None:
    turned: dict[str, Any] = {"orientation": "sideways", "width_mm": 50.8, "height_mm": 76.2} if sideways else {}
    page = set_page(CONTENTS["pocket"], "pocket-76x51", "zpl", symbology, **turned)
    assert page.problems == ()
    assert scanned(drawn(page)) == [READ_AS[symbology]]


@pytest.mark.parametrize("value", ["AB-12", "123", "1234", "a^b>c~d", "x>0y", "}{_5E"])
def test_code_128_of_other_values(value: str) -> None:
    page = set_page(Content(kind="pocket", rows=(), barcode=value), "flag-102x152", "zpl", "code128")
    assert scanned(drawn(page)) == [("Code128", value)]


@pytest.mark.parametrize("symbology", ["code39", "codabar", "code128"])
def test_bars_are_as_wide_as_planned(symbology: Symbology) -> None:
    page = set_page(CONTENTS["pocket"], "pocket-76x51", "zpl", symbology)
    assert page.bars is not None
    top, bottom = round(page.bars.y * 8), round((page.bars.y + page.bars.height) * 8)
    left, _, right, _ = ink(drawn(page).crop((0, top, 610, bottom)))
    assert left == round(page.bars.x * 8)
    assert right - left == pytest.approx(page.bars.width * 8, abs=1)


@pytest.mark.parametrize("name", SINGLE)
def test_nothing_is_printed_beyond_the_margins(name: str) -> None:
    paper = shipped(name)
    image = drawn(set_page(CONTENTS[paper.kinds[0]], paper, "zpl"))
    left, top, right, bottom = ink(image)
    if paper.orientation == "upright":
        assert left >= paper.left_mm * 8 - 1
        # zplkit scales letters of 110 dots from captured smaller ones, and sets them some dots too high.
        assert top >= paper.top_mm * 8 - 5
        assert image.width - right >= paper.right_mm * 8 - 1
        assert image.height - bottom >= paper.bottom_mm * 8 - 1
    else:
        assert image.width - right >= paper.top_mm * 8 - 1
        assert top >= paper.left_mm * 8 - 1


@pytest.mark.parametrize(
    "text",
    [
        "PS3561.I48 A3 1990",
        "WWWWWWWW",
        "illiill.1",
        "no.93-1483",
        "MAP G 9999",
        "@@%%&&##",
        "mmmm____",
        "v.2 pt.1",
    ],
)
@pytest.mark.parametrize("size", [8, 11, 13])
def test_the_measured_width_is_never_too_small(text: str, size: int) -> None:
    """Helvetica Bold is wider than the printer's font, so that what passes fits."""
    page = set_page(content.spine((text,), ""), "flag-102x152", "zpl", size=size)
    left, _, right, _ = ink(drawn(page))
    bound = latin_width(text, size)
    assert bound is not None
    assert (right - left) / 8 <= bound * MM + 0.25


def test_a_value_stands_below_the_middle_of_its_bars() -> None:
    page = set_page(CONTENTS["pocket"], "pocket-76x51", "zpl")
    assert page.bars is not None
    left, _, right, _ = ink(drawn(page).crop((0, round((page.bars.y + page.bars.height) * 8) + 2, 610, 406)))
    assert (left + right) / 2 == pytest.approx(305, abs=4)


def test_the_crossed_box_is_one_box() -> None:
    """Left of the word STOP there is ink from margin to margin of the box, and none beside it."""
    page = set_page(CONTENTS["flag"], "flag-102x152", "zpl")
    assert page.sign is not None
    word = page.texts[0]
    area = (0, 0, round(word.x * 8) - 2, round((page.sign.y + page.sign.side) * 8) + 4)
    box = ink(drawn(page).crop(area))
    x, y, side = (round(edge * 8) for edge in (page.sign.x, page.sign.y, page.sign.side))
    assert box == pytest.approx((x, y, x + side, y + side), abs=2)


def test_hostile_text_is_drawn_as_text() -> None:
    """A title that ends the label would lose everything below it."""
    rows = tuple(content.Row(text=text, what="Line") for text in ("^XZ^XA~JR^FS", "below"))
    image = drawn(set_page(Content(kind="flag", rows=rows), "flag-102x152", "zpl"))
    second = round((4 + 13 * 1.1 * MM) * 8)
    assert ink(image)[3] > second + 8
