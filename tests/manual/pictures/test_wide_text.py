"""Frames are straight on a terminal in every language and with any record.

Every edge of a box is below its corner, by the cells that a screen counts (Textual), not by characters.
"""

from __future__ import annotations

import msgspec
import pytest
from textual.content import Content

import station.base.words
from station.base.cells import table
from station.cli.label.view import drawn as label
from station.cli.session.manual import text_of
from station.domain.manual_page import Drawing, Heading, Item, Page, Paragraph, Row
from station.manual import Manual
from station.manual.pictures import picture
from station.manual.pictures.frames import ROOM, Box, beside, widths
from station.manual.pictures.frames import drawn as boxes
from station.printing.layout import Page as LabelPage
from station.printing.layout import Text
from station.printing.paper import Paper
from station.quality.rulebook.shipped import shipped
from station.quality.rules import Catalogue, Rule
from station.tui.pages.manual import page_lines
from tests.support.for_each import for_each
from tests.support.pseudo_language import catalogue, pseudo

SHIPPED = shipped()
HARD = ("図書館の本", "cafe\u0301 de\u0323", "🇨🇭🇨🇭🇨🇭", "👍🏽👍🏽", "กำนี้", "e\u20dd", "한국어", "", "plain")


def cells(text: str) -> int:
    """Return the width in cells, as the screens count it."""
    return Content(text).cell_length


def places(line: str, signs: str) -> list[int]:
    return [cells(line[:at]) for at, sign in enumerate(line) if sign in signs]


def crooked(lines: list[str]) -> list[str]:
    """Return the lines of boxes in which an edge is not below its corner."""
    wrong = []
    edges: list[int] = []
    for line in lines:
        if line.startswith("┌"):
            edges = places(line, "┌┐")
        elif line.startswith("└"):
            wrong += [line] * (places(line, "└┘│") != edges)
        elif line.startswith("│"):
            wrong += [line] * (places(line, "│") != edges)
    return wrong


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())


@pytest.mark.usefixtures("wide")
@for_each("rule", SHIPPED.rules)
def test_every_picture_is_straight_in_letters_twice_as_wide(rule: Rule) -> None:
    """This includes the rule's own words, as a site has translated them (docs/quality.md)."""
    said = {name: pseudo(getattr(rule, name)) for name in ("question", "look") if getattr(rule, name)}
    ours = msgspec.structs.replace(rule, sketch="", **said)
    others = (one for one in SHIPPED.rules if one.id != rule.id)
    lines = list(picture(ours, Catalogue((ours, *others), SHIPPED.reasons)))
    assert lines
    assert crooked(lines) == []
    assert max(map(cells, lines)) <= ROOM


def test_boxes_hold_every_kind_of_text() -> None:
    left = Box("図書館", "場所はどこでしょうか。場所はどこでしょうか。", HARD, 3)
    right = Box("cafe\u0301", "de\u0323 \u0301\u0301 🇨🇭", HARD[::-1])
    for room in (76, 44, 34):
        columns = widths([[left, right]], 7, room)
        lines = boxes([left, right], [" 不在 "], columns)
        assert crooked(lines) == []
        assert max(map(cells, lines)) <= room
        twice = beside(lines, lines)
        assert crooked(twice) == []
        assert {cells(line) for line in twice} == {2 * max(map(cells, lines)) + 3}


def test_a_row_of_boxes_keeps_its_room_though_its_words_have_no_blanks() -> None:
    long = [Box(f"{number}" + "題" * 20, "所" * 30, ("本" * 30,)) for number in range(3)]
    lines = boxes(long, [" ? ", " ? "], widths([long], 6, ROOM))
    assert max(map(cells, lines)) <= ROOM
    assert crooked(lines) == []


def test_a_label_is_straight() -> None:
    texts = tuple(Text(1.0, float(at), 9.0, one) for at, one in enumerate(HARD))
    page = LabelPage(
        paper=Paper(name="spine", kinds=("spine",), width_mm=30, height_mm=40),
        across=30,
        down=40,
        size=9.0,
        texts=texts,
    )
    lines = [line for line in label(page) if line[:1] in "┌│└"]
    assert len(lines) == len(HARD) + 2
    assert crooked(lines) == []


def test_columns_of_a_table_are_straight() -> None:
    rows = [(one, "|") for one in HARD]
    assert len({cells(line) for line in table(rows)}) == 1


@pytest.mark.parametrize("width", [20, 33, 100])
def test_a_page_of_the_manual_keeps_its_width(width: int) -> None:
    text = " ".join(HARD) + "場所はどこでしょうか。" * 4
    page = Page("x", "x", (Heading(2, "題目"), Paragraph(text), Item("題.", text), Row((("a", text), ("b", text)))))
    drawing = Page("x", "x", (Drawing(("図書館の本" * 30,)),))
    manual = Manual(SHIPPED)
    said = list(text_of(page, manual, width))
    assert max(map(cells, said)) <= width
    heading, line = said[1:3]
    assert cells(heading) == cells(line) == 4
    for one in (page, drawing):
        assert max(line.cell_length for line in page_lines(one, manual, width)) <= width
