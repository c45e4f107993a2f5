"""Content and width of barcodes: counted by hand from the standards, and as drawn."""

from __future__ import annotations

import pytest

from station.printing import symbology
from station.printing.content import Content
from station.printing.paper import Symbology
from tests.support.for_each import for_each
from tests.support.sample_labels import ink, picture, render, set_page


@for_each(
    ("kind", "value", "said"),
    [
        ("code39", "ab", "A Code 39 barcode cannot carry a, b; it takes upper-case letters"),
        ("code39", "A*B", "cannot carry *"),
        ("code39", "Ä", "cannot carry Ä"),
        ("codabar", "3123A", "A Codabar barcode cannot carry A; it takes digits"),
        ("codabar", "31 23", "cannot carry U+0020"),
        ("code128", "é", "cannot carry é"),
        ("code128", "a\x1db", "cannot carry U+001D"),
        ("qr", "北", "A QR code barcode cannot carry 北"),
        ("code39", "", "barcode is empty"),
        ("code39", " A", "begins or ends with a space"),
        ("codabar", "1" * 49, "49 characters are too many"),
    ],
)
def test_what_cannot_be_scanned_is_said(kind: Symbology, value: str, said: str) -> None:
    assert said in symbology.problem(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("code39", "AZ09-. $/+%"), ("codabar", "0123456789-$:/.+"), ("code128", "".join(map(chr, range(33, 127)))[:48])],
)
def test_all_that_a_kind_has_is_taken(kind: Symbology, value: str) -> None:
    assert symbology.problem(kind, value) == ""


@for_each(
    ("kind", "value", "ratio", "modules"),
    [
        # Code 39, ANSI/AIM BC1: 6 narrow + 3 wide per character, a narrow gap between two characters, "*" at both ends.
        ("code39", "A", 3.0, 15 * 3 + 2),
        ("code39", "AB", 2.5, 13.5 * 4 + 3),
        # Codabar, ANSI/AIM BC3: digits, - and $ have 2 wide elements of 7, the others and A-D have 3.
        ("codabar", "1", 3.0, (2 * 3 + 5) + 2 * (3 * 3 + 4) + 2),
        ("codabar", "1:", 2.0, (2 * 2 + 5) + 3 * (3 * 2 + 4) + 3),
        # Code 128, ISO/IEC 15417: 11 modules per symbol character, 13 for stop; start and check characters count too.
        ("code128", "A", 2.0, 11 * 3 + 13),
        ("code128", "123456", 2.0, 11 * (3 + 2) + 13),
        ("code128", "12345", 2.0, 11 * (5 + 2) + 13),
        ("code128", "12", 2.0, 11 * (2 + 2) + 13),
    ],
)
def test_widths_counted_by_hand(kind: Symbology, value: str, ratio: float, modules: float) -> None:
    assert symbology.modules(kind, value, ratio) == pytest.approx(modules)


@pytest.mark.parametrize("kind", ["code39", "codabar", "code128", "qr"])
def test_bars_are_drawn_as_wide_as_planned_and_stand_in_white(kind: Symbology) -> None:
    page = set_page(Content(kind="pocket", rows=(), barcode="31234000000016"), "pocket-76x51", symbology=kind)
    assert page.bars is not None
    image = picture(render(page)).crop((0, 0, 76 * 12, int((page.bars.y + page.bars.height) * 12)))
    left, _, right, _ = ink(image)
    assert (right - left) / 12 == pytest.approx(page.bars.width, abs=0.2)
    quiet = page.bars.module_mm * (symbology.QR_QUIET if kind == "qr" else symbology.LINEAR_QUIET)
    assert left / 12 >= quiet
    assert 76.2 - right / 12 >= quiet


def test_a_qr_code_has_no_row_of_bars() -> None:
    with pytest.raises(ValueError, match="qr"):
        symbology.modules("qr", "1", 2.0)


@pytest.mark.parametrize(("value", "side"), [("31234000000016", 21), ("A" * 21, 25), ("a" * 15, 25), ("a" * 14, 21)])
def test_qr_versions(value: str, side: int) -> None:
    """ISO/IEC 18004, table 7: version 1-M holds 34 digits, 20 letters or 14 bytes; 1 has 21 modules, 2 has 25."""
    page = set_page(Content(kind="pocket", rows=(), barcode=value), "pocket-76x51", symbology="qr")
    assert page.bars is not None
    assert page.bars.width / page.bars.module_mm == pytest.approx(side)
