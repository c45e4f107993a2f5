"""Papers of a box: the site in the largest letters, bars that find the box, and every item on the packing slip once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from station.base.errors import PrinterFailed
from station.domain.distribution.box import box_scanned
from station.printing import box_papers
from station.printing.paper import shipped
from tests.printing.test_label_port import bench
from tests.support.hostile_text import CORPUS
from tests.support.sample_labels import BOX, FONTS, PACKED, SITE, lines_of, picture, printed, render, scanned, set_page

NAMES = ("North Branch", "E", "Biblioteca de la Sede del Norte", "Ñandú", "北館", "\u05d0")


@pytest.mark.parametrize("name", NAMES)
def test_the_site_has_the_largest_letters_that_fit(name: str) -> None:
    site = msgspec.structs.replace(SITE, name=name)
    for label in (box_papers.box_label(BOX, site), box_papers.item_slip(BOX, site, PACKED)):
        page = set_page(label, "box-102x152" if label.kind == "box" else "flag-102x152", "code128")
        assert page.problems == ()
        largest = max(page.texts, key=lambda text: text.size)
        assert largest.text in (site.code if FONTS.missing(name) else name) and largest.bold


@pytest.mark.parametrize("form", ["pdf", "zpl"])
def test_a_scan_of_label_or_packing_slip_finds_the_box(form: str, tmp_path: Path) -> None:
    labels = bench(tmp_path, format=form)
    labels.box_label(BOX, SITE)
    labels.packing_slip(BOX, SITE, (PACKED,))
    paper = shipped("box-102x152")
    for kind in ("box", "packing-slip"):
        data = (tmp_path / f"labels/{kind}-42.{form}").read_bytes()
        images = printed(data, paper) if form == "zpl" else [picture(data)]
        assert [(box_scanned(text), symbology) for symbology, text in scanned(images[0])] == [("box-42", "Code128")]


@pytest.mark.parametrize("form", ["pdf", "zpl"])
def test_a_packing_slip_names_each_item_once_on_as_many_pages_as_needed(form: str) -> None:
    paper = shipped("packing-slip-letter" if form == "pdf" else "box-102x152")
    items = tuple(
        msgspec.structs.replace(PACKED, barcode=f"3123400000{at:04d}", title="A title " * 40, missing=at == 7)
        for at in range(100)
    )
    box = msgspec.structs.replace(BOX, count=100)
    pages = [set_page(page, paper) for page in box_papers.packing_slip(box, SITE, items, paper.lines)]
    assert not any(page.problems for page in pages) and len(pages) == (3 if form == "pdf" else 6)
    data = render(*pages)
    text = [line for at in range(len(pages)) for line in lines_of(data, at)]
    shown = [line.removeprefix("Missing: ")[:14] for line in text if "31234" in line]
    assert shown == [item.barcode for item in items]
    assert [line for line in text if line.startswith("Missing: ")] == [line for line in text if "0000007 " in line]
    assert f"Page {len(pages)} of {len(pages)}" in text and "Box 42, 100 items, Date: 2026-11-25" in text


def test_hostile_texts_are_on_paper_clean_or_not_at_all() -> None:
    for text in CORPUS:
        item = msgspec.structs.replace(PACKED, title=text, call_number="")
        site = msgspec.structs.replace(SITE, name=text)
        for label in (box_papers.item_slip(BOX, site, item), *box_papers.packing_slip(BOX, site, (item,), 24)):
            page = set_page(label, "flag-102x152", "code128")
            assert all(not FONTS.missing(line.text) and line.text.isprintable() for line in page.texts)


def test_a_failed_print_says_so(tmp_path: Path) -> None:
    with pytest.raises(PrinterFailed):
        bench(tmp_path, format="zpl", to="device:/dev/full").packing_slip(BOX, SITE, (PACKED,))
    made = bench(tmp_path).item_slip(BOX, SITE, PACKED)
    assert made.sentence.startswith("The slip is in item-slip-31234000000016.pdf")
