"""Labels as PDF: vector bars, embedded fonts, a page of the stock's size. The same labels give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from reportlab.graphics.barcode.code39 import Standard39  # type: ignore[import-untyped]
from reportlab.graphics.barcode.code128 import Code128  # type: ignore[import-untyped]
from reportlab.graphics.barcode.common import Barcode, Codabar  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from station.base.errors import StationDefect
from station.base.words import tell
from station.printing import symbology
from station.printing.fonts import Fonts
from station.printing.layout import MM, Bars, Page, Sign
from station.printing.qr import matrix

_POINTS: Final = 1 / MM
"""Points per millimeter."""
_SIGN_LINE: Final = 0.12
"""Line width of the crossed box, relative to its side."""

_THIN: Final = 0.6
"""Line width of a frame in points."""


def render(pages: Sequence[Page], fonts: Fonts, *, skip: int = 0) -> bytes:
    """Return labels of one paper, on as many sheets as needed. `skip`: used places on the first sheet."""
    paper = pages[0].paper
    sheet = paper.sheet
    size = (sheet.width_mm, sheet.height_mm) if sheet else (paper.width_mm, paper.height_mm)
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(size[0] * _POINTS, size[1] * _POINTS), invariant=1, pageCompression=1)
    canvas.setTitle(tell("print.file"))
    canvas.setCreator("RFID Processing Station")  # not for people
    place = skip
    for page in pages:
        if place == paper.places:
            canvas.showPage()
            place = 0
        canvas.saveState()
        left = top = 0.0
        if sheet:
            row, column = divmod(place, sheet.columns)
            left, top = sheet.left_mm + column * sheet.across_mm, sheet.top_mm + row * sheet.down_mm
        # Move the origin to the label's upper left corner, in reading direction.
        canvas.translate(left * _POINTS, (size[1] - top) * _POINTS)
        if paper.orientation == "sideways":
            canvas.translate(paper.width_mm * _POINTS, 0)
            canvas.rotate(-90)
        _draw(canvas, page, fonts)
        canvas.restoreState()
        place += 1
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw(canvas: Canvas, page: Page, fonts: Fonts) -> None:
    for text in page.texts:
        x = text.x * _POINTS
        pieces = fonts.pieces(text.text, bold=text.bold)
        # All pieces of a line share the base line of the first font.
        ascent = pdfmetrics.getAscent(pieces[0].font, text.size) if pieces else 0.0
        for piece in pieces:
            canvas.setFont(piece.font, text.size)
            canvas.drawString(x, -text.y * _POINTS - ascent, piece.text)
            x += piece.width(text.size)
    canvas.setLineWidth(_THIN)
    for frame in page.frames:
        canvas.rect(
            frame.x * _POINTS,
            -(frame.y + frame.height) * _POINTS,
            frame.width * _POINTS,
            frame.height * _POINTS,
        )
    if page.sign is not None:
        _sign(canvas, page.sign)
    if page.bars is not None:
        _bars(canvas, page.bars)


def _sign(canvas: Canvas, sign: Sign) -> None:
    x, y, side = sign.x * _POINTS, -sign.y * _POINTS, sign.side * _POINTS
    line = side * _SIGN_LINE
    canvas.setLineWidth(line)
    canvas.rect(x + line / 2, y - side + line / 2, side - line, side - line)
    inner = 2 * line
    canvas.line(x + inner, y - inner, x + side - inner, y - side + inner)
    canvas.line(x + inner, y - side + inner, x + side - inner, y - inner)


def _bars(canvas: Canvas, bars: Bars) -> None:
    x, y = bars.x * _POINTS, -(bars.y + bars.height) * _POINTS
    module = bars.module_mm * _POINTS
    if bars.symbology == "qr":
        rows = matrix(bars.value)
        for row, modules in enumerate(rows):
            for column, dark in enumerate(modules):
                if dark:
                    canvas.rect(
                        x + column * module, y + (len(rows) - 1 - row) * module, module, module, stroke=0, fill=1
                    )
        return
    drawing = _drawing(bars, barWidth=module, barHeight=bars.height * _POINTS, quiet=0, ratio=bars.ratio)
    spare = bars.width * _POINTS - drawing.width
    if spare < -module / 10:
        raise StationDefect(f"{bars.symbology} of {bars.value}: the bars are wider than planned")
    # reportlab's Code 128 changes to code set C within a value if that is shorter.
    drawing.drawOn(canvas, x + int(spare / 2 / module + 0.1) * module, y)


def _drawing(bars: Bars, **how: float) -> Barcode:
    match bars.symbology:
        case "code39":
            return Standard39(bars.value, checksum=0, **how)
        case "codabar":
            return Codabar(f"{symbology.CODABAR_START}{bars.value}{symbology.CODABAR_STOP}", **how)
        case _:
            return Code128(bars.value, **how)
