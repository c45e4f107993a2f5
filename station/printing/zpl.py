"""Labels as ZPL II: the same page as the PDF, dot by dot, as a graphic field (^GF).

pdfium draws the page as many dots a millimetre as the printer has; zebrafy (LGPL-3.0) makes the field and the format
around it. So a label printer prints what the preview shows, in every script that the fonts of this machine have, and no
text of a record is ever inside the command stream, where "^XZ" in a title would end the label.

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
from station.base.words import tell
from station.printing import pdf
from station.printing.fonts import Fonts
from station.printing.layout import MM, Page
from station.printing.paper import Paper

_HALF: Final = 128
"""A dot that is darker than this is printed: bars lie on whole dots, letters get the nearest ones."""
_GRAIN: Final = {203: 4, 300: 4, 600: 3}
"""Pixels a dot, each way, before they are counted."""
_NEARLY: Final = 0.001
"""Of a dot: lengths are fractions, and pdfium rounds up whatever is over a whole pixel."""
_MOST_BYTES: Final = 24_000
"""Of one field: ^GF takes 99,999 (guide), the renderer of our tests 25,000; a larger label is several fields."""


def render(pages: Sequence[Page], fonts: Fonts, *, copies: int = 1) -> bytes:
    """One format (^XA ... ^XZ) a label. Raises `LabelRefused` for a sheet: a label printer has none."""
    paper = pages[0].paper
    if paper.sheet is not None:
        raise LabelRefused(tell("print.sheet", paper=paper.name))
    return "".join(_label(image, copies) for image in _drawn(pdf.render(pages, fonts), paper)).encode("ascii")


def _drawn(file: bytes, paper: Paper) -> list[Image]:
    """Each page as a picture, a pixel a dot.

    pdfium stretches a page to whole pixels, and rounds a rectangle's edges away from its middle. So the page is made a
    whole number of dots large first, to the right and below, and drawn in a finer grain: a bar of two dots stays two
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
    # One copy is what a printer prints by itself.
    many = [f"^PQ{copies}"] if copies > 1 else []
    return "\n".join(["^XA", f"^PW{width}", f"^LL{height}", *fields, *many, "^XZ"]) + "\n"
