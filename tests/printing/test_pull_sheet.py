"""A pull list on paper: each line once, in shelf order under its place, and no text that keeps the list from being printed."""

from __future__ import annotations

import msgspec

from station.domain.distribution.box import Site
from station.domain.withdrawals.pull_list import PullLine, PullListStanding, PullOutcome, PullStanding
from station.printing.layout import MM, Page
from station.printing.paper import shipped
from station.printing.pull_sheet import pull_sheet
from tests.support.hostile_text import CORPUS
from tests.support.sample_labels import FONTS, ink, lines_of, picture, render, scanned, sizes

PAPER = shipped("claim-letter")
SITES = (Site(code="EAST", name="East Branch", libraries=("E1", "E2")),)
STANDING = PullListStanding(
    id="pull-42",
    name="Cooking",
    reason="weeded",
    destination="recycle",
    approver="Ida Lund",
    imported_at="2026-11-24T09:00:00+00:00",
    imported_by="tess",
    newest=42,
)


def line(
    number: int, call_number: str, library: str = "E1", location: str = "STACKS", **changes: object
) -> PullStanding:
    barcode = f"3123400000{number:04d}"
    content = PullLine(
        line=barcode,
        barcode=barcode,
        title=f"Soup, volume {number}",
        author="Bloom, Ann",
        call_number=call_number,
        library=library,
        location=location,
    )
    return msgspec.structs.replace(PullStanding(list="pull-42", content=content), **changes)


def sheet(*lines: PullStanding, standing: PullListStanding = STANDING) -> tuple[Page, ...]:
    return pull_sheet(
        PAPER, FONTS, standing, lines, reason="Weeded", destination="Recycling", sites=SITES, day="2026-12-02"
    )


def test_lines_stand_in_shelf_order_under_their_place_with_what_was_found() -> None:
    data = render(
        *sheet(
            line(1, "TX714 .B2", "MAIN", ""),
            line(2, "TX714 .A10"),
            line(3, "TX714 .A9", outcome=PullOutcome.ON_LOAN, recalled=True),
            line(4, "TX1 .B5", "E2"),
            line(5, "TX9", "", ""),
        )
    )
    text = lines_of(data)
    assert text[0] == "Pull list 42: Cooking"
    assert text[1] == ("Reason: Weeded. Destination: Recycling. Approved by: Ida Lund. Date: 2026-12-02. 5 lines.")
    shown = [part for part in text if part.startswith(("Place", "East", "MAIN", "TX"))]
    places = ["Place not known", "TX9", "East Branch, E1, STACKS", "TX714 .A10", "TX714 .A9"]
    assert [part.split(" Soup")[0] for part in shown] == [
        *places,
        "East Branch, E2, STACKS",
        "TX1 .B5",
        "MAIN",
        "TX714 .B2",
    ]
    whole = " ".join(text)
    assert "31234000000003 on loan, recalled" in whole and whole.count("on loan") == 1
    assert "Soup, volume 3" in whole and whole.count("Bloom, Ann") == 5 and text[-1] == "Page 1 of 1"
    assert scanned(picture(data)) == [], "a scan of the paper would say that the piece is at hand"


def test_the_longest_list_is_printed_on_as_many_pages_as_needed_each_line_once() -> None:
    lines = [line(at, f"TX{at % 90} .B{at}", location=f"FLOOR {at % 3}") for at in range(2000)]
    pages = sheet(*lines)
    data = render(*pages)
    assert {(round(width), round(height)) for width, height in sizes(data)} == {(216, 279)}
    text = [lines_of(data, at) for at in range(len(pages))]
    barcodes = [part for page in text for part in " ".join(page).split() if part.startswith("31234")]
    assert sorted(barcodes) == [each.content.barcode for each in lines]
    assert [page[-1] for page in text] == [f"Page {at} of {len(pages)}" for at in range(1, len(pages) + 1)]
    assert all("East Branch, E1, FLOOR" in " ".join(page) for page in text), "each page says where its lines stand"
    foot = PAPER.down_mm - PAPER.bottom_mm
    for page in pages:
        *above, number = page.texts
        assert all(text.y + text.size * MM <= foot < number.y for text in above), "no line runs into the page's number"
        assert all(frame.y + frame.height <= foot for frame in page.frames)
    ticks = sum(frame.width == frame.height for page in pages for frame in page.frames)
    assert ticks == 2000


def test_hostile_and_endless_texts_stay_in_their_columns() -> None:
    for text in (*CORPUS, "W" * 5000, "WWW " * 900, "ﷺ" * 50):
        content = PullLine(
            line="7", barcode=text, title=text, author=text, call_number=text, library=text, location=text
        )
        named = msgspec.structs.replace(STANDING, name=text, approver=text)
        (page,) = sheet(PullStanding(list="pull-42", content=content), standing=named)
        assert not page.problems
        for shown in page.texts:
            assert not FONTS.missing(shown.text) and shown.text.isprintable()
        left, top, right, bottom = ink(picture(render(page), per_mm=4))
        assert left >= 21 * 4 and right <= 203 * 4 and bottom <= 270 * 4, (text[:40], left, top, right, bottom)
