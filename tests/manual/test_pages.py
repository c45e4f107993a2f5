"""The manual: its Markdown, its pages, its pictures as text, and its command."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from station.domain.manual_page import Drawing, Heading, Item, Paragraph, Picture, Row
from station.manual import Manual
from station.manual.markdown import parse
from station.quality.rulebook.shipped import shipped
from station.tui.pages.manual import page_lines, turned
from tests.support import forked
from tests.support.for_each import for_each

MANUAL = Manual(shipped())
SPANISH = Manual(shipped(), language=lambda: "es")
PAGES = [topic.name for topic in MANUAL.topics()]


def test_markdown_as_blocks() -> None:
    text = (
        "# Title *here*\n\nOne line\nand **more** of it, see [a page](x.md).\n\n1. First\n   goes on\n2. `Second`\n   - deep\n\n"
        "| said | do |\n|---|---|\n| A | B |\n\n![What](pictures/scene.png)\n"
    )
    assert parse(text) == (
        Heading(1, "Title here"),
        Paragraph("One line and more of it, see a page."),
        Item("1.", "First goes on"),
        Item("2.", "Second"),
        Item("-", "deep", 1),
        Row((("said", "A"), ("do", "B"))),
        Picture("scene", "What"),
    )


def test_hostile_text_of_a_site_is_harmless(tmp_path: Path) -> None:
    (tmp_path / "start.md").write_text(
        "# \x1b[31mRed\n\n[red]x[/red] \u202e and \x07 bell\n\n| a | b\n|\n| ![\n", "utf-8"
    )
    page = Manual(shipped(), site=tmp_path).page("start")
    assert page is not None
    for block in page.blocks:
        for text in re.findall(r"'([^']*)'", repr(block)):
            assert text.isprintable()
            assert "\u202e" not in text
    for line in page_lines(page, MANUAL, 60):
        assert "\x1b" not in line.plain


@pytest.mark.parametrize("topic", ["../../etc/passwd", "", "/etc/passwd", "no-such", "rule:no-such", "a.b"])
def test_a_topic_names_a_page_and_nothing_else(topic: str) -> None:
    assert MANUAL.page(topic) is None


def test_a_site_rewords_a_page_and_has_its_language(tmp_path: Path) -> None:
    (tmp_path / "end.md").write_text("# Our way home\n\nLights out.\n", encoding="utf-8")
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "start.md").write_text("# Beginn\n\nLicht an.\n", encoding="utf-8")
    site = Manual(shipped(), tmp_path, lambda: "de")
    titles = {topic.name: topic.title for topic in site.topics()}
    assert titles["end"] == "Our way home"
    assert titles["start"] == "Beginn"
    assert titles["sets"] == {topic.name: topic.title for topic in MANUAL.topics()}["sets"]


@for_each("topic", PAGES)
def test_every_picture_of_a_page_is_there_as_text(topic: str) -> None:
    page = MANUAL.page(topic)
    assert page is not None
    for block in page.blocks:
        if isinstance(block, Picture):
            rows = MANUAL.picture(block.name)
            assert len(rows) == 24, f"{block.name}: python scripts/make_manual_pictures.py"
            assert any(char in "".join(rows) for char in "█▀▄"), "a screen's picture has its light's shape"


@for_each("topic", PAGES)
@for_each("size", [(76, 14), (96, 20), (156, 34)])
def test_every_line_of_a_page_is_shown_once_and_fits(topic: str, size: tuple[int, int]) -> None:
    page = MANUAL.page(topic)
    assert page is not None
    lines = page_lines(page, MANUAL, size[0])
    turns = turned(lines, size[1])
    assert all(len(turn) <= size[1] for turn in turns)
    assert all(line.cell_length <= size[0] for turn in turns for line in turn)
    shown = [line.plain for turn in turns for line in turn if line.plain.strip()]
    assert shown == [line.plain for line in lines if line.plain.strip()]


@pytest.mark.parametrize("size", [(76, 14), (96, 20)])
def test_no_box_of_a_rules_picture_is_cut_by_a_turn_or_an_edge(size: tuple[int, int]) -> None:
    rules = MANUAL.rules()
    assert len(rules) == len(shipped().rules)
    for topic in rules:
        page = MANUAL.page(topic.name)
        assert page is not None
        drawings = [block.lines for block in page.blocks if isinstance(block, Drawing)]
        assert len(drawings) == 1, topic.name
        turns = turned(page_lines(page, MANUAL, size[0]), size[1])
        shown = ["\n".join(line.plain.rstrip() for line in turn) for turn in turns]
        for part in "\n".join(drawings[0]).split("\n\n"):
            assert any(part in turn for turn in shown), (topic.name, part)


# --- its twin ---------------------------------------------------------------------------------------------------------------


def _station(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return forked.run("manual", *words, "--data", folder, text=True)


def test_the_command_reads_topics_rules_and_codes(tmp_path: Path) -> None:
    done = _station(tmp_path)
    assert [line.split()[0] for line in done.stdout.splitlines()] == PAGES
    done = _station(tmp_path, "tag-lost")
    assert done.returncode == 0
    assert "Put the same item back on the pad, alone." in done.stdout
    assert "█" in done.stdout, "pictures are shown too"
    done = _station(tmp_path, "rule:spine-label", "--json")
    assert json.loads(done.stdout)["topic"] == "rule:spine-label"
    done = _station(tmp_path, "rule:tag-identifier")
    assert "│►31234000000024 │ ≠ │ 31234000000016" in done.stdout
    done = _station(tmp_path, "no-such-thing")
    assert done.returncode == 1
