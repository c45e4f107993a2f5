"""Items, pages, and functions that examine the output: text by pdfium, bars by zxing, ZPL drawn by zplkit."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2
import zplkit
import zxingcpp
from PIL import Image

from station.domain.distribution.box import Box, BoxState, PackedItem, Site
from station.domain.item import Barcode, ItemRecord
from station.printing import box_papers, content, pdf
from station.printing.content import Content, Row, Wrong
from station.printing.fonts import FACES, Fonts
from station.printing.layout import Page, Setter
from station.printing.paper import Paper, Symbology, shipped

BARCODE = Barcode("31234000000016")
LINES = ("REF", "PQ", "4865", ".C6", "N613", "1983", "v.2", "c.2")
ITEM = ItemRecord(
    barcode=BARCODE,
    title="The name of the rose",
    author="Eco, Umberto.",
    extent="12 discs",
    accompanying="1 booklet",
    parts=3,
    label_lines=LINES,
)
WRONG = (Wrong("Label equals call number", "cutter missing", "Cataloging"), Wrong("Parts complete", "", "Acquisitions"))

SITE = Site(code="NORTH", name="North Branch", slip=True, days=3)
PACKED = PackedItem(barcode=BARCODE, title=ITEM.title, call_number="PQ4865.C6 N613 1983", library="NORTH")
BOX = Box(
    id="box-42",
    site="NORTH",
    state=BoxState.CLOSED,
    count=1,
    opened_at="2026-11-24T09:00:00+00:00",
    closed_at="2026-11-25T09:00:00+00:00",
    closed_on="2026-11-25",
    due="2026-11-28",
    newest=44,
)

CONTENTS: dict[str, Content] = {
    "spine": content.spine(LINES, BARCODE),
    "pocket": content.pocket(ITEM, LINES),
    "part": content.part(ITEM, LINES, 2, 3, "Example Library"),
    "command": content.command("✓ PASS / ALL GOOD", "", "$$PASS"),
    "claim": Content(kind="claim", rows=(Row(text="To: Claims desk <claims@example.org>", what="A line"),)),
    "okay": Content(kind="okay", rows=(Row(text="To pay: 1,234.50 USD", what="A line"),)),
    "pull-list": Content(kind="pull-list", rows=(Row(text="Pull list 42: Cooking", what="A line"),)),
    "box": box_papers.box_label(BOX, SITE),
    "packing-slip": box_papers.packing_slip(BOX, SITE, (PACKED,), 24)[0],
    "item-slip": box_papers.item_slip(BOX, SITE, PACKED),
    "flag": content.flag(ITEM, LINES, WRONG, "A. Student", "2026-11-25"),
}

# The fonts of reportlab are on every machine. DejaVu is a package of Debian.
HAS_DEJAVU = FACES[1][0].is_file()
FONTS = Fonts()


def set_page(label: Content, paper: Paper | str, symbology: Symbology = "codabar", **changes: Any) -> Page:
    stock = shipped(paper) if isinstance(paper, str) else paper
    return Setter(msgspec.structs.replace(stock, **changes), FONTS, symbology).page(label)


def render(*pages: Page, skip: int = 0) -> bytes:
    return pdf.render(pages, FONTS, skip=skip)


def lines_of(data: bytes, page: int = 0) -> list[str]:
    """Return the text of a PDF page, line by line, as pdfium finds it."""
    document = pypdfium2.PdfDocument(data)
    try:
        return str(document[page].get_textpage().get_text_range()).split("\r\n")
    finally:
        document.close()


def sizes(data: bytes) -> list[tuple[float, float]]:
    """Return width and height of each page in millimeters."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [(page.get_width() * 25.4 / 72, page.get_height() * 25.4 / 72) for page in document]
    finally:
        document.close()


def picture(data: bytes, per_mm: float = 12, page: int = 0) -> Any:
    """Return a page as a gray picture with this many dots per millimeter (8 or 12, as label printers have)."""
    document = pypdfium2.PdfDocument(data)
    try:
        return document[page].render(scale=per_mm * 25.4 / 72).to_pil().convert("L")
    finally:
        document.close()


def scanned(image: Any) -> list[tuple[str, str]]:
    """Return (kind, value) of every barcode that zxing reads."""
    return [(found.format.name, found.text) for found in zxingcpp.read_barcodes(image)]


def ink(image: Any) -> tuple[int, int, int, int]:
    """Return the bounding box of the dark area."""
    box = image.point(lambda level: 255 if level < 128 else 0).getbbox()
    assert box is not None
    return tuple(box)


# --- ZPL --------------------------------------------------------------------------------------------------------------

_COMMAND = re.compile(r"[\^~]([A-Z][A-Z0-9@]?)([^\^~]*)")


def commands(zpl: bytes) -> list[tuple[str, str]]:
    """Return (command, parameters) in order, read as a printer does: "^" or "~" always begins a command (guide,
    "Basics")."""
    text = zpl.decode("ascii").replace("\n", "")
    found = []
    at = 0
    while at < len(text):
        match = _COMMAND.match(text, at)
        assert match is not None, text[at : at + 20]
        found.append((match[1], match[2]))
        at = match.end()
    return found


def printed(zpl: bytes, paper: Paper) -> list[Any]:
    """Return each label as zplkit draws it for a printer with this paper: a gray picture, one pixel for each dot."""
    width, height = (math.ceil(round(edge * paper.dots_per_mm, 3)) for edge in (paper.width_mm, paper.height_mm))
    document = zplkit.render(zpl, zplkit.Options(width=width, height=height, dpi=paper.dpi))
    pictures = []
    for label in document.labels:
        raster = label.rasterize()
        assert (raster.width, raster.height) == (width, height)
        pictures.append(Image.frombytes("L", (raster.width, raster.height), raster.pixels))
    return pictures


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
