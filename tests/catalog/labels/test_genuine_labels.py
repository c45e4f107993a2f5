"""Labels of genuine call numbers: how many are too wide for the shipped template, and what the finding then says.

Sources: docs/reference/systems.md#genuine-records.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from station.catalog.labels import ExpectedLabel, expected_label, shipped
from tests.catalog.callnumber.test_genuine_numbers import READ, numbers
from tests.support.told import told

MOST: Final = 0.005
"""Share of labels that may be too wide."""


def labels(shared: Path) -> dict[str, ExpectedLabel]:
    """Return the label of every genuine call number, by its text."""
    volumes = (shared / "data/callnumbers/volumes.txt").read_text("utf-8").splitlines()
    schemes = {"050": "lc", "090": "lc", "082": "dewey", "092": "dewey", "096": "nlm"}
    given = dict.fromkeys(volumes, "") | {
        text: schemes.get(tag, "") for name in READ for tag, text, _ in numbers(shared / "data/marc" / name)
    }
    return {text: expected_label(text, scheme, shipped()) for text, scheme in given.items()}


def test_few_are_too_wide_and_each_names_the_remedy(shared: Path) -> None:
    found = labels(shared)
    refused = {text: label.problems for text, label in found.items() if label.problems}
    assert len(found) > 1000
    assert len(refused) <= MOST * len(found), refused
    assert all("Use small type, or other lines." in told(said) for problems in refused.values() for said in problems)


def test_no_character_is_lost(shared: Path) -> None:
    """But spaces, a comma at the end of a line, a point that is alone, and Dewey's segmentation marks."""

    def letters(text: str) -> str:
        return "".join(char for char in text if char.isalnum())

    lost = {text: label.text for text, label in labels(shared).items() if letters(text) != letters("".join(label.text))}
    assert lost == {}
