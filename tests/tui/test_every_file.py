"""Rules that hold for every file of the screens."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from textual.color import Color

from station.domain.findings import Outcome, Severity
from station.domain.snapshot import Light, Sound
from station.domain.verdict import Verdict
from station.tui.drawing import snapshot_views, words
from station.tui.widgets.theme import CONTRAST, VARIABLES
from tests.support.for_each import for_each
from tests.tui.scenes import SCENES

TUI = Path(words.__file__).parent
FILES = sorted(TUI.glob("*.py"))
INTERPRETING = {"from_markup", "notify", "Static", "Label", "Markdown", "Text", "escape", "render_markup", "from_text"}
"""Names whose use would let text be read as markup (or would hide that it is)."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_text_is_ever_read_as_markup(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.module not in ("textual.widgets", "textual.markup", "rich.markup", "rich.text"), node.lineno
        if isinstance(node, ast.Attribute):
            assert node.attr not in INTERPRETING, (path.name, node.lineno, node.attr)
        if isinstance(node, ast.Name):
            assert node.id not in INTERPRETING, (path.name, node.lineno, node.id)
        if isinstance(node, ast.keyword) and node.arg == "markup":
            assert isinstance(node.value, ast.Constant), (path.name, node.value.lineno)
            assert node.value.value is False, (path.name, node.value.lineno)


def test_every_light_has_symbol_word_picture_and_colour() -> None:
    assert set(words.LIGHTS) == set(snapshot_views.PICTURES) == set(Light)
    assert len({light.symbol for light in words.LIGHTS.values()}) == len(Light)
    assert len({light.word for light in words.LIGHTS.values()}) == len(Light)
    assert len(set(snapshot_views.PICTURES.values())) == len(Light)
    assert set(words.VERDICTS) == set(Verdict)
    assert set(words.OUTCOMES) == set(Outcome)
    assert set(words.SEVERITIES) == set(Severity)
    assert set(words.SOUNDS) == set(Sound) - {Sound.NONE}


def contrast(one: str, two: str) -> float:
    """Return the contrast ratio by WCAG 2.2, on relative luminance."""

    def luminance(name: str) -> float:
        parts = [channel / 255 for channel in Color.parse(name).rgb]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


PAIRS = [(name, name.removesuffix("-ink")) for name in VARIABLES if name.endswith("-ink")] + [
    ("ink", "ground"),
    ("ink", "card"),
    ("quiet", "ground"),
    ("quiet", "card"),
    ("key", "ground"),
    ("key", "card"),
]
LESS = [
    *((ink, paper) for ink in ("off", "light-warning", "button-main") for paper in ("ground", "card")),
    ("key", "button"),
    ("key", "button-quiet"),
    ("key", "demo"),
    ("key", "light-bad"),
    ("quiet", "button-quiet"),
    ("ink", "button"),
]
"""Pairs that no state depends on: 4.5 in the calm theme, and 7 in high contrast (WCAG 2.2, 1.4.3 and 1.4.6)."""


@for_each(("ink", "paper"), PAIRS)
def test_contrast_is_seven_to_one(ink: str, paper: str) -> None:
    assert contrast(VARIABLES[ink], VARIABLES[paper]) >= 7


@for_each(("ink", "paper"), LESS)
def test_every_other_text_can_be_read(ink: str, paper: str) -> None:
    assert contrast(VARIABLES[ink], VARIABLES[paper]) >= 4.5


@for_each(("ink", "paper"), PAIRS + LESS)
def test_high_contrast_is_seven_to_one_everywhere(ink: str, paper: str) -> None:
    assert contrast(CONTRAST[ink], CONTRAST[paper]) >= 7


@pytest.mark.parametrize("colors", [VARIABLES, CONTRAST], ids=["calm", "contrast"])
def test_a_line_is_seen(colors: dict[str, str]) -> None:
    """WCAG 2.2, 1.4.11."""
    assert min(contrast(colors["line"], colors[paper]) for paper in ("ground", "card")) >= 3


def test_every_color_of_the_style_sheet_is_in_a_tested_pair() -> None:
    tested = {name for pair in PAIRS + LESS for name in pair} | {"line"}
    assert set(VARIABLES) == set(CONTRAST) == tested


def test_the_scenes_show_every_phase_light_and_verdict() -> None:
    assert {scene.light for scene in SCENES.values()} == set(Light)
    assert {scene.verdict for scene in SCENES.values()} >= set(Verdict)
    assert len({scene.phase for scene in SCENES.values()}) == 7
