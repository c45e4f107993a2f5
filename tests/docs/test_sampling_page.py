"""docs/sampling.md: each number of its tables against exact rational arithmetic, never against the program itself."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from station.base.settings import Sampling, Settings
from station.quality.statistics.figures import TAIL
from station.runtime.library_systems import load_rules
from tests.conftest import ROOT
from tests.docs.pages import rows, text
from tests.quality.statistics import oracle

PAGE = "docs/sampling.md"
RATES = [Fraction(percent, 100) for percent in (1, 2, 3, 5, 10)]


@pytest.mark.parametrize("row", rows(PAGE, "## What do twenty"), ids=lambda row: row[0])
def test_what_so_many_items_tell(row: list[str]) -> None:
    """At the upper end P(X <= found) is 2.5 %: half a digit below it is more, half a digit above it is less."""
    sample = int(row[0])
    for found, cell in enumerate(row[1:]):
        end = Fraction(cell.removesuffix(" %")) / 100
        half = Fraction(1, 2000)  # half of the last digit
        assert (
            oracle.binomial(found, sample, end - half) > Fraction(25, 1000) > oracle.binomial(found, sample, end + half)
        )


@pytest.mark.parametrize("row", rows(PAGE, "For a stream without end"), ids=lambda row: row[0])
def test_streams(row: list[str]) -> None:
    limit = 1 - Fraction(row[0].removesuffix(" %")) / 100
    for rate, cell in zip(RATES, row[1:], strict=True):
        assert (1 - rate) ** int(cell) <= limit < (1 - rate) ** (int(cell) - 1)


@pytest.mark.parametrize("row", rows(PAGE, "For a lot of so many items"), ids=lambda row: row[0])
def test_lots(row: list[str]) -> None:
    lot = int(row[0])
    for rate, cell in zip(RATES, row[1:], strict=True):
        bad = oracle.bad_pieces(lot, rate)
        assert oracle.hypergeometric(0, int(cell), lot, bad) <= Fraction(1, 10)
        assert oracle.hypergeometric(0, int(cell) - 1, lot, bad) > Fraction(1, 10)


def test_what_the_levels_let_pass() -> None:
    settings = Sampling()
    samples = {"new": (0, 114), "normal": (settings.lot, 102), "reduced": (settings.lot, 43)}
    for name, *cells in rows(PAGE, "What the plans do with better"):
        lot, sample = samples[name]
        for permille, cell in zip((5, 10, 20, 50, 100), cells, strict=True):
            rate = Fraction(permille, 1000)
            if lot:
                chance = oracle.hypergeometric(0, sample, lot, oracle.bad_pieces(lot, rate))
            else:
                chance = oracle.binomial(0, sample, rate)
            assert f"{float(100 * chance):.1f} % pass" == cell


def test_the_levels_say_the_shipped_numbers() -> None:
    said = {row[0]: " ".join(row[1:]) for row in rows(PAGE, "## The four levels")}
    settings = Sampling()
    assert "114 good ones" in said["new"] and "76 good ones" in said["tightened"]
    assert f"102 of each lot of {settings.lot}" in said["normal"]
    assert f"43 of each lot of {settings.lot}" in said["reduced"]
    assert f"after {settings.reduce_after} accepted lots" in said["normal"]


def test_the_chart_needs_what_the_page_says() -> None:
    needed = next(size for size in range(1, 1000) if Fraction(98, 100) ** size <= Fraction(TAIL))
    assert f"a group needs {needed} items" in text(PAGE)
    assert f"once in {math.floor(1 / TAIL)} cases" in text(PAGE)


def test_the_rules_that_are_always_asked() -> None:
    rules = load_rules(Settings(), ROOT).rules
    assert {row[0] for row in rows(PAGE, "## What is always asked")} == {rule.id for rule in rules if rule.always_ask}
