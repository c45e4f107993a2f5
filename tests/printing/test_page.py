"""docs/labels.md describes papers and barcodes as they are."""

from __future__ import annotations

import pytest

from station.printing.content import Content
from station.printing.paper import SHIPPED, shipped
from station.printing.symbology import LINEAR_QUIET, QR_QUIET
from tests.docs.pages import rows
from tests.support.sample_labels import BARCODE, set_page


def test_the_papers_of_the_page_are_the_ready_ones() -> None:
    found = []
    for name in SHIPPED:
        paper = shipped(name)
        stock = f"{paper.width_mm:g} x {paper.height_mm:g}"
        found.append([name, ", ".join(paper.kinds), stock, str(paper.places)])
    assert rows("docs/labels.md", "The ready ones:") == found


@pytest.mark.parametrize("row", rows("docs/labels.md", "chooses among:"), ids=lambda row: row[0])
def test_widths_of_bars_on_the_page(row: list[str]) -> None:
    label = Content(kind="pocket", rows=(), barcode=BARCODE)
    bars = set_page(label, "pocket-76x51", symbology=row[0]).bars  # type: ignore[arg-type]
    assert bars is not None
    quiet = QR_QUIET if row[0] == "qr" else LINEAR_QUIET
    assert bars.width + 2 * quiet * bars.module_mm == pytest.approx(float(row[2]), abs=0.06)
