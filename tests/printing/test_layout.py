"""Text that fits and text that does not: it is measured and reported, never cut silently."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.settings import Settings
from station.base.text import clean
from station.domain.item import Barcode
from station.printing import content
from station.printing.content import Content, Row
from station.printing.fonts import Fonts, shaped
from station.printing.layout import MM, Page, ended
from tests.support.sample_labels import BARCODE, CONTENTS, FONTS, HAS_DEJAVU, ITEM, LINES, set_page
from tests.support.told import raises_told

SPINE = "spine-25x38"


def spine(*lines: str) -> Content:
    return content.spine(lines, BARCODE)


def said(page: Page) -> str:
    return " ".join((*page.problems, *page.notes))


def test_a_line_that_is_too_wide_shrinks_and_a_note_says_so() -> None:
    page = set_page(spine("PS", "no.93-14835"), SPINE)
    assert page.problems == ()
    assert 8 <= page.size < 11
    assert page.notes == (f"To fit, the text was made smaller: {page.size:g} instead of 11 points.",)
    assert [text.text for text in page.texts] == ["PS", "no.93-14835"]


def test_where_it_may_not_shrink_it_is_refused_with_the_widths() -> None:
    page = set_page(spine("PS", "no.93-14835"), SPINE, shrink_to=0)
    wide = FONTS.width("no.93-14835", 11, bold=True) * MM
    assert page.problems == (
        f"Line 2 (no.93-14835) is {wide:.1f} mm wide at 11 points; the label takes 22.9 mm. "
        "Use smaller type (shrink_to of the paper), or wider paper.",
    )
    assert page.notes == ()


def test_the_same_characters_may_fit_or_not() -> None:
    """The width is measured, not the count of characters: twelve l are narrower than twelve W."""
    assert set_page(spine("l" * 12), SPINE, shrink_to=0).problems == ()
    assert "mm wide" in said(set_page(spine("W" * 12), SPINE, shrink_to=0))


def test_too_high_and_too_many_lines() -> None:
    page = set_page(spine(*(f"N{number}" for number in range(12))), SPINE)
    assert page.problems == (
        "There are 12 lines, the paper takes 9. Use smaller type, or a larger paper.",
        "12 lines of 11 points need 51.2 mm; the label has 35.1 mm.",
    )
    high = set_page(spine(*(f"N{number}" for number in range(9))), SPINE, size=14, shrink_to=0)
    assert high.problems == ("9 lines of 14 points need 48.9 mm; the label has 35.1 mm.",)


def test_a_stock_that_can_hold_nothing() -> None:
    page = set_page(
        CONTENTS["flag"], "flag-102x152", width_mm=12, height_mm=12, top_mm=1, bottom_mm=1, left_mm=1, right_mm=1
    )
    assert len(page.problems) > 3


def test_a_barcode_that_is_too_wide_for_its_label() -> None:
    page = set_page(CONTENTS["part"], "part-57x32", symbology="code39")
    assert page.problems == (
        "The Code 39 barcode of 31234000000016 needs 62.8 mm with its white ends; the label has 57.1 mm.",
    )


def test_a_barcode_that_cannot_be_carried_is_a_problem_and_not_printed() -> None:
    label = msgspec.structs.replace(CONTENTS["pocket"], barcode="AB-12")
    page = set_page(label, "pocket-76x51", symbology="codabar")
    assert page.problems == ("A Codabar barcode cannot carry A, B; it takes digits and - $ : / . +.",)
    assert page.bars is None
    assert set_page(label, "pocket-76x51", symbology="code39").problems == ()


def test_a_label_of_nothing_is_refused() -> None:
    assert set_page(spine(), SPINE).problems == ("There is nothing to print.",)


# --- titles -----------------------------------------------------------------------------------------------------------

LONG = "An exceedingly long title that goes on and on, with a statement of responsibility / by many, many people ; " * 3


def test_a_title_that_does_not_fit_ends_with_dots_and_a_note_says_so() -> None:
    item = msgspec.structs.replace(ITEM, title=LONG)
    page = set_page(content.pocket(item, LINES), "pocket-76x51")
    assert page.problems == ()
    assert "The title does not fit: it ends with … on the label." in page.notes
    shown = [text.text for text in page.texts]
    assert sum("…" in text for text in shown) == 1
    assert " ".join(LINES) in shown


@given(st.text(alphabet="ab ", min_size=1, max_size=30), st.integers(0, 35))
def test_as_much_of_a_line_is_kept_as_there_is_room_for(line: str, room: int) -> None:
    line = " ".join(line.split())
    kept = [f"{line[:count].rstrip()}…" for count in range(len(line) + 1)]
    fits = [one for one in kept if len(one) <= room]
    assert ended(line, float(room), lambda text: float(len(text))) == (fits[-1] if fits else "…")


def test_a_title_gives_lines_back_where_the_paper_has_too_few() -> None:
    item = msgspec.structs.replace(ITEM, title="The glass harbor. The complete first season")
    label = content.pocket(item, ("PN", "1"))
    whole = [text.text for text in set_page(label, "pocket-76x51", shrink_to=0, lines=4).texts]
    assert whole == ["Eco, Umberto.", "The glass harbor. The complete", "first season", "PN 1", BARCODE]
    page = set_page(label, "pocket-76x51", shrink_to=0, lines=3)
    assert page.problems == ()
    shown = [text.text for text in page.texts]
    assert len(shown) == 4
    assert shown[1].startswith("The glass harbor. The comp")
    assert shown[1].endswith("…")
    assert page.notes == ("The title does not fit: it ends with … on the label.",)


def test_a_call_number_is_never_cut() -> None:
    page = set_page(content.pocket(ITEM, ("X" * 60,)), "pocket-76x51")
    assert any(problem.startswith("The call number (XXXX") for problem in page.problems)
    assert "X" * 60 in [text.text for text in page.texts]


@given(st.text(max_size=300), st.text(max_size=80), st.lists(st.text(max_size=12), max_size=8))
def test_what_has_no_problem_lies_inside_its_margins_and_is_whole(title: str, author: str, lines: list[str]) -> None:
    item = msgspec.structs.replace(ITEM, title=title, author=author)
    for label, name in (
        (content.spine(lines, BARCODE), SPINE),
        (content.pocket(item, lines), "pocket-76x51"),
        (content.part(item, lines, 1, 2, author), "part-57x32"),
        (content.flag(item, lines, [content.Wrong(title or "x", author)], author, ""), "flag-102x152"),
    ):
        page = set_page(label, name)
        if page.problems:
            continue
        paper = page.paper
        foot = page.bars.y if page.bars else page.down - paper.bottom_mm
        for text in page.texts:
            wide = FONTS.width(text.text, text.size, bold=text.bold) * MM
            assert text.x + wide <= page.across - paper.right_mm + 0.06 or text.text == BARCODE
            assert text.y >= paper.top_mm
            if text.text != BARCODE or page.bars is None:
                assert text.y + text.size * MM <= foot + 0.1
        shown = "".join(text.text for text in page.texts).replace(" ", "")
        replaced = any("instead." in note for note in page.notes)
        for row in label.rows:
            if not row.cut and not (row.fallback and replaced):
                assert clean(row.text, 2000).replace(" ", "") in shown


# --- characters -------------------------------------------------------------------------------------------------------


def test_a_call_number_with_an_unknown_character_is_refused_and_the_character_named() -> None:
    page = set_page(spine("QA", ".\u1dfb\u4e00"), SPINE)
    assert len(page.problems) == 1
    assert page.problems[0].startswith("Line 2 has characters that cannot be printed here: ")
    assert "(CJK UNIFIED IDEOGRAPH-4E00)" in page.problems[0]


def test_a_title_in_a_script_without_a_font_is_replaced_and_a_note_says_so() -> None:
    item = msgspec.structs.replace(ITEM, title="\u0c24\u0c46\u0c32\u0c41\u0c17\u0c41", author="Rao")  # Telugu
    page = set_page(content.pocket(item, LINES), "pocket-76x51")
    assert page.problems == ()
    assert "(title: see the record)" in [text.text for text in page.texts]
    assert any("TELUGU LETTER TA" in note and "instead" in note for note in page.notes)


@pytest.mark.parametrize("text", ["ספר", "كتاب", "हिन्दी", "ไทย" if not HAS_DEJAVU else "বই"])
def test_scripts_that_need_a_shaper_are_not_printed_wrong(text: str) -> None:
    """DejaVu has Hebrew and Arabic letters, but without a shaper they would run in the wrong direction."""
    assert FONTS.missing(text)
    assert "cannot be printed" in said(set_page(spine(text), SPINE))


@pytest.mark.parametrize(
    ("char", "needs"), [("a", False), ("я", False), ("北", False), ("א", True), ("ا", True), ("क", True)]
)
def test_which_letters_need_a_shaper(char: str, needs: bool) -> None:
    assert shaped(char) is needs


def test_controls_and_direction_marks_never_reach_paper() -> None:
    page = set_page(spine("QA\x1b[2J", "\u202e76\u202c", "a\x00b"), SPINE)
    assert [text.text for text in page.texts] == ["QA[2J", "76", "ab"]


def test_fonts_of_the_site_come_last_and_must_be_there(tmp_path) -> None:
    from station.base.errors import SettingsError
    from station.printing.fonts import FACES

    assert Fonts([str(FACES[0][0])]).pieces("a")[0].font == "Vera"
    with raises_told(SettingsError, match="is not there"):
        Fonts([str(tmp_path / "none.ttf")])
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    with raises_told(SettingsError, match="cannot be used as a font"):
        Fonts([str(tmp_path / "bad.ttf")])


# --- contents ---------------------------------------------------------------------------------------------------------


def test_a_parts_label_says_which_of_how_many_whose_and_what_belongs_together() -> None:
    shown = [text.text for text in set_page(CONTENTS["part"], "part-57x32").texts]
    assert shown == [
        "Part 2 of 3",
        "REF PQ 4865 .C6 N613 1983 v.2 c.2",
        "The name of the rose",
        "12 discs + 1 booklet",
        "Example Library",
        BARCODE,
    ]


def test_a_flag_slip_says_what_who_when_and_by_whom_it_is_corrected() -> None:
    page = set_page(CONTENTS["flag"], "flag-102x152")
    shown = [text.text for text in page.texts]
    assert page.sign is not None
    assert shown[0] == "STOP"
    assert page.texts[0].size == 3 * 13
    assert shown[1:] == [
        "Not ready for the shelf",
        "The name of the rose",
        "REF PQ 4865 .C6 N613 1983 v.2 c.2",
        "What is wrong",
        "- Label equals call number: cutter",
        "missing",
        "- Parts complete",
        "Corrected by: Cataloging,",
        "Acquisitions",
        "Found by: A. Student",
        "Date: 2026-11-25",
        BARCODE,
    ]


def test_a_label_without_author_title_or_number_has_no_empty_lines() -> None:
    bare = msgspec.structs.replace(ITEM, title="", author="", extent="", accompanying="", barcode=Barcode("1"))
    assert [row.text for row in content.pocket(bare, ()).rows] == []
    assert [row.text for row in content.part(bare, (), 1, 2, "").rows] == ["Part 1 of 2"]


def test_centred_text() -> None:
    page = set_page(
        Content(kind="spine", rows=(Row(text="N", what="Line 1"),)), SPINE, align="center", weight="regular"
    )
    wide = FONTS.width("N", 11) * MM
    assert page.texts[0].x == pytest.approx(1.5 + (25.4 - 1.5 - 1.0 - wide) / 2)


def test_the_settings_default_is_what_library_scanners_read() -> None:
    assert Settings().labels.barcode == "codabar"
