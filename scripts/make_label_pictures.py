"""Make docs/pictures/labels.png: one label of each kind, laid out by the station and rendered by pdfium.

python scripts/make_label_pictures.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pypdfium2  # type: ignore[import-untyped]  # noqa: E402
from PIL import Image  # noqa: E402

from station.domain.item import Barcode, ItemRecord  # noqa: E402
from station.printing import content, pdf  # noqa: E402
from station.printing.content import Content, Wrong  # noqa: E402
from station.printing.fonts import Fonts  # noqa: E402
from station.printing.layout import Setter  # noqa: E402
from station.printing.paper import Symbology, shipped  # noqa: E402

TARGET = ROOT / "docs" / "pictures" / "labels.png"
PER_MM = 6
GAP = 24
GROUND = (176, 184, 192)
LINES = ("DVD", "PN", "1992.77", ".G53", "G53", "2021", "c.2")
ITEM = ItemRecord(
    barcode=Barcode("31999000000147"),
    title="The glass harbor. The complete first season",
    author="Harbor, Glass.",
    call_number="PN1992.77.G53 G53 2021",
    call_number_scheme="lc",
    extent="3 videodiscs",
    accompanying="1 booklet",
    parts=3,
    label_lines=LINES,
)
WRONG = (
    Wrong("Spine label is right", "the copy line is missing", "Technical Services"),
    Wrong("Pieces counted", "disc 3 is not in the case", "Acquisitions"),
)
LABELS: tuple[tuple[str, Symbology, Content], ...] = (
    ("spine-25x38", "codabar", content.spine(LINES, ITEM.barcode)),
    ("spine-38x25-sideways", "codabar", content.spine(LINES, ITEM.barcode)),
    ("part-57x32", "code128", content.part(ITEM, LINES, 2, 3, "Example Library")),
    ("pocket-76x51", "codabar", content.pocket(ITEM, LINES)),
    ("pocket-76x51", "qr", content.pocket(ITEM, LINES)),
    ("flag-102x152", "code39", content.flag(ITEM, LINES, WRONG, "A. Student", "2026-11-25")),
)
COLUMNS = (LABELS[:3], LABELS[3:5], LABELS[5:])


def picture(name: str, bars: Symbology, label: Content, fonts: Fonts) -> Image.Image:
    """Return one label as a gray picture."""
    page = Setter(shipped(name), fonts, bars).page(label)
    if page.problems:
        raise SystemExit(f"{name}: {' '.join(page.problems)}")
    document = pypdfium2.PdfDocument(pdf.render([page], fonts))
    image: Image.Image = document[0].render(scale=PER_MM * 25.4 / 72).to_pil().convert("L")
    return image


def main() -> None:
    fonts = Fonts()
    columns = [[picture(*label, fonts) for label in column] for column in COLUMNS]
    widths = [max(image.width for image in column) for column in columns]
    heights = [sum(image.height + GAP for image in column) for column in columns]
    sheet = Image.new("RGB", (sum(widths) + GAP * (len(widths) + 1), max(heights) + GAP), GROUND)
    left = GAP
    for column, width in zip(columns, widths, strict=True):
        top = GAP
        for image in column:
            sheet.paste(image.convert("RGB"), (left, top))
            top += image.height + GAP
        left += width + GAP
    TARGET.parent.mkdir(exist_ok=True)
    sheet.quantize(32).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
