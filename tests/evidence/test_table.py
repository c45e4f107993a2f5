"""docs/evidence.md has the figures that the command gives today."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.evidence.judgments import Judgments
from scripts.evidence.records import BEGIN, END, PAGE, measure, ordered, sections, table, written
from scripts.evidence.seeder import Seeded

REMAKE = "run: .venv/bin/python -m scripts.evidence.records --write"


def on_the_page() -> list[str]:
    page = PAGE.read_text(encoding="utf-8")
    return page.partition(BEGIN)[2].partition(END)[0].strip().split("\n")


def without_defects(lines: Sequence[str]) -> set[str]:
    """Return the rows about records, labels, orderings and false alarms; a rule without any has no row of its own."""
    rows = [" | ".join(line.split(" | ")[:4]) for line in lines if "seeded" not in line and "must stop" not in line]
    return {row for row in rows if not row.endswith("| 0 | 0.000 | 0")}


def test_the_page_has_the_false_alarms_of_today(shared: Path) -> None:
    found = measure([shared / "data"], Judgments.read())
    assert without_defects(on_the_page()) == without_defects(table(found, Seeded(0, (), ()), ordered())), REMAKE


@pytest.mark.soak
def test_the_page_has_the_defects_of_today(shared: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, sections([shared / "data"])) == page, REMAKE
