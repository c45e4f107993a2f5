"""docs/decisions: one page per decision, all of the same form, and an index that names them all."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.reference.decisions import FOLDER, INDEX, filled, pages
from tests.conftest import ROOT
from tests.support.for_each import for_each

DECISIONS = ROOT / "docs" / FOLDER
PAGES = pages(DECISIONS)
HEADINGS = ["Question.", "Decision.", "Why.", "Cost.", "What would change it."]


@for_each("page", PAGES)
def test_a_decision_says_what_was_asked_decided_and_paid_in_few_lines(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert re.findall(r"^\*\*(.+?)\*\* \S", text, re.MULTILINE) == HEADINGS
    assert 10 <= len(text.splitlines()) <= 25


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:2]) for page in PAGES] == list(range(1, len(PAGES) + 1))
    assert all(re.fullmatch(r"\d\d-[a-z0-9-]+\.md", page.name) for page in PAGES)


def test_the_index_names_every_decision_with_its_question() -> None:
    written = (DECISIONS / INDEX).read_text(encoding="utf-8")
    assert written == filled(DECISIONS), "run: .venv/bin/python -m scripts.reference.pages docs"
    assert all(f"]({page.name}) | " in written for page in PAGES)
    assert "|  |" not in written
