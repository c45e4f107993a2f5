"""Labels as ZPL II: the page of the PDF, dot by dot, as a graphic field (^GF).

pdfium draws the page at the printer's dots per millimeter; zebrafy (LGPL-3.0) makes the field and the format around it.
So a label printer prints exactly the preview, in every script for which this machine has fonts. And no text of a record
is ever in the command stream, where "^XZ" in a title would end the label.

Commands as in Zebra's "ZPL II Programming Guide" (P1012728): ^XA, ^PW, ^LL, ^FO, ^GF, ^PQ, ^XZ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import pypdfium2  # type: ignore[import-untyped]
from PIL.Image import Image
from zebrafy.zebrafy_image import ZebrafyImage

from station.base.errors import LabelRefused
from station.base.sentence import Sentence
from station.printing import pdf
from station.printing.fonts import Fonts
from station.printing.layout import MM, Page
from station.printing.paper import Paper

_HALF: Final = 128
"""Threshold: a darker dot is printed. Bars are aligned to whole dots; letters are rounded to them."""
_GRAIN: Final = {203: 4, 300: 4, 600: 3}
"""Pixels per dot, in each direction, before the reduction to dots."""
_NEARLY: Final = 0.001
"""Tolerance in dots: lengths are fractions, and pdfium rounds up anything above a whole pixel."""
_MOST_BYTES: Final = 24_000
"""Most bytes of one field: ^GF allows 99,999 (guide), the renderer of the tests 25,000. A larger label has several
fields."""


def render(pages: Sequence[Page], fonts: Fonts, *, copies: int = 1) -> bytes:
    """Return one format (^XA ... ^XZ) for each label. Raises `LabelRefused` for a sheet, which a label printer cannot
    print."""
    paper = pages[0].paper
    if paper.sheet is not None:
        raise LabelRefused(Sentence("print.sheet", paper=paper.name))
    return "".join(_label(image, copies) for image in _drawn(pdf.render(pages, fonts), paper)).encode("ascii")


def _drawn(file: bytes, paper: Paper) -> list[Image]:
    """Return each page as a picture, one pixel per dot.

    pdfium stretches a page to whole pixels, and rounds a rectangle's edges outward. So the page is first enlarged to a
    whole number of dots, at the right and the bottom, and drawn at a finer resolution: a bar of two dots remains two
    dots wide.
    """
    dots = paper.dots_per_mm * MM
    document = pypdfium2.PdfDocument(file)
    try:
        images = []
        for page in document:
            height = page.get_height()
            wide, high = ((math.ceil(edge * dots - _NEARLY) - _NEARLY) / dots for edge in page.get_size())
            page.set_mediabox(0, height - high, wide, height)
            grain = _GRAIN[paper.dpi]
            images.append(page.render(scale=dots * grain, grayscale=True).to_pil().reduce(grain))
        return images
    finally:
        document.close()


def _label(image: Image, copies: int) -> str:
    width, height = image.size
    rows = max(1, _MOST_BYTES // -(-width // 8))
    bands = [image.crop((0, top, width, min(top + rows, height))) for top in range(0, height, rows)]
    fields = [
        ZebrafyImage(
            band, format="ASCII_COMPRESSED", dither=False, threshold=_HALF, pos_y=rows * at, complete_zpl=False
        ).to_zpl()
        for at, band in enumerate(bands)
    ]
    # A printer prints one copy by default.
    many = [f"^PQ{copies}"] if copies > 1 else []
    return "\n".join(["^XA", f"^PW{width}", f"^LL{height}", *fields, *many, "^XZ"]) + "\n"
