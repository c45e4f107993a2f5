"""Papers as data: the built-in ones, and refusals with file and line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import SettingsError
from station.base.settings import Labels
from station.printing.job import load_paper, paper_of
from station.printing.paper import KINDS, SHIPPED, parse, shipped
from tests.support.for_each import for_each
from tests.support.sample_labels import CONTENTS, set_page, write
from tests.support.told import raises_told

SOUND = """\
name = "mine"
kinds = ["spine"]
width_mm = 25.4
height_mm = 38.1
"""


@pytest.mark.parametrize("name", SHIPPED)
def test_a_ready_paper_is_sound_and_takes_an_ordinary_label(name: str) -> None:
    paper = shipped(name)
    assert paper.name == name
    assert paper.about.endswith(".")
    for kind in paper.kinds:
        assert set_page(CONTENTS[kind], paper).problems == ()


def test_the_settings_name_a_ready_paper_for_each_kind() -> None:
    for kind in KINDS:
        assert kind in shipped(paper_of(kind, Labels())).kinds


def test_only_what_is_needed_must_be_said() -> None:
    paper = parse(SOUND, "mine.toml")
    assert (paper.width_mm, paper.orientation, paper.barcode, paper.places) == (25.4, "upright", "none", 1)


@for_each(
    ("text", "said"),
    [
        (SOUND.replace("25.4", "2"), "mine.toml, line 3: "),
        (SOUND.replace("38.1", '"tall"'), "mine.toml, line 4: "),
        (SOUND + "colour = 1\n", "mine.toml, line 5: .*colour"),
        (SOUND + "dpi = 200\n", "mine.toml, line 5: "),
        (SOUND + 'barcode = "ean13"\n', "mine.toml, line 5: "),
        (SOUND + "\nleft_mm = 13\nright_mm = 13\n", "mine.toml, line 6: the margins leave no width"),
        (SOUND + "bottom_mm = 1\ntop_mm = 38\n", "mine.toml, line 6: the margins leave no height"),
        (SOUND + "size = 10\nshrink_to = 11\n", "mine.toml, line 6: text of 10 points cannot shrink to 11"),
        (SOUND + "shrink_to = 1\n", "mine.toml, line 5: text of 12 points cannot shrink to 1"),
        (SOUND.replace('["spine"]', "[]"), "mine.toml, line 2: "),
        (SOUND.replace('["spine"]', '["spine", "carton"]'), "mine.toml, line 2: "),
        (SOUND.replace('"mine"', '"a\\u202Eb"'), "mine.toml, line 1: the name holds"),
        (SOUND.replace("width_mm", "width_mm ="), "mine.toml: .*line 3"),
        (
            SOUND + "[sheet]\nwidth_mm = 100\nheight_mm = 100\nrows = 2\ncolumns = 4\nleft_mm = 0\ntop_mm = 0\n"
            "across_mm = 25.4\ndown_mm = 38.1\n",
            "mine.toml, line 9: 4 columns need 101.6 mm, the page has 100",
        ),
        (
            SOUND + "[sheet]\nwidth_mm = 102\nheight_mm = 70\nrows = 2\ncolumns = 4\nleft_mm = 0\ntop_mm = 0\n"
            "across_mm = 25.4\ndown_mm = 38.1\n",
            "mine.toml, line 8: 2 rows need 76.2 mm, the page has 70",
        ),
        (
            SOUND + "[sheet]\nwidth_mm = 102\nheight_mm = 80\nrows = 2\ncolumns = 4\nleft_mm = 0\ntop_mm = 0\n"
            "across_mm = 25\ndown_mm = 38.1\n",
            "mine.toml, line 12: the labels overlap",
        ),
        (SOUND + "[sheet]\nwidth_mm = 102\n", "mine.toml, line 5: .*height_mm"),
    ],
)
def test_a_wrong_paper_is_refused_with_its_line(text: str, said: str) -> None:
    with raises_told(SettingsError, match=said):
        parse(text, "mine.toml")


@given(st.text(max_size=200))
def test_any_text_is_a_paper_or_a_settings_error(text: str) -> None:
    with pytest.raises(SettingsError):
        parse(text, "mine.toml")


def test_names_and_files(tmp_path) -> None:
    write(tmp_path / "mine.toml", SOUND)
    assert load_paper("mine.toml", tmp_path).name == "mine"
    assert load_paper("part-57x32", tmp_path) is shipped("part-57x32")
    with raises_told(SettingsError, match="there is no paper 'spine-25x39'; there are spine-25x38"):
        load_paper("spine-25x39", tmp_path)
    with raises_told(SettingsError, match="none.toml"):
        load_paper("none.toml", tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    with raises_told(SettingsError, match="latin.toml"):
        load_paper("latin.toml", tmp_path)


def test_deep_nesting_is_refused() -> None:
    with raises_told(SettingsError, match="too deeply"):
        parse("a = " + "[" * 5000 + "]" * 5000, "mine.toml")


def test_pages_have_names_for_cups() -> None:
    """CUPS, "Command-Line Printing and Options": media=Letter, or media=Custom.WIDTHxLENGTHmm."""
    assert shipped("spine-25x38").media == "Custom.25.4x38.1mm"
    assert shipped("spine-sheet-letter").media == "Letter"
    assert (
        parse(
            SOUND + "[sheet]\nwidth_mm = 210\nheight_mm = 297\nrows = 1\ncolumns = 1\nleft_mm = 0\ntop_mm = 0\n"
            "across_mm = 30\ndown_mm = 40\n",
            "x",
        ).media
        == "A4"
    )
