"""Labels of genuine call numbers, as a cataloger judged them: `judged_labels.toml` says how and why."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from station.catalog.labels import expected_label, shipped
from tests.support.for_each import for_each

JUDGED: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("judged_labels.toml").read_text("utf-8"))
LABELS: Final = [row for rows in JUDGED["labels"].values() for row in rows]
APART: Final = JUDGED["apart"]["rows"]
TEMPLATE: Final = shipped()


@for_each(("number", "scheme", "lines", "source", "reason"), LABELS)
def test_label(number: str, scheme: str, lines: str, source: str, reason: str) -> None:
    assert "|".join(expected_label(number, scheme, TEMPLATE).text) == lines, reason


@for_each(("number", "scheme", "description", "lines", "source", "reason"), APART)
def test_label_with_the_volume_of_the_item(
    number: str, scheme: str, description: str, lines: str, source: str, reason: str
) -> None:
    assert "|".join(expected_label(number, scheme, TEMPLATE, description=description).text) == lines, reason


def test_what_is_too_wide_is_rare_and_said() -> None:
    wide = {number for number, _, lines, _, _ in LABELS if max(map(len, lines.split("|"))) > TEMPLATE.width}
    said = {number for number, scheme, *_ in LABELS if expected_label(number, scheme, TEMPLATE).problems}
    assert said == wide
    assert len(wide) <= 3


def test_the_judgment_is_large_and_names_its_sources() -> None:
    numbers = [row[0] for row in LABELS]
    assert len(set(numbers)) == len(numbers) >= 200
    assert {row[-2] for row in LABELS + APART} <= set(JUDGED["sources"])
