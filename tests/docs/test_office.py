"""The pages of tasks at the desk: both languages, their pictures, and the words of the office."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import ROOT
from tests.support.for_each import for_each

ENGLISH = ROOT / "docs" / "office"
SPANISH = ENGLISH / "es"
MOST = 60_000
"""Bytes of a picture."""
AREAS = (
    "office",
    "form",
    "outbox",
    "board",
    "shipment",
    "box",
    "receipt",
    "transfer",
    "claim",
    "invoice",
    "purchase",
    "expenditure",
    "withdrawal",
    "departures",
    "watch",
    "pull",
    "fleet",
)
"""Areas of the message catalog whose words the pages show."""


def pictures(page: Path) -> list[str]:
    return re.findall(r"!\[[^\]]+\]\((pictures/[a-z-]+\.png)\)", page.read_text(encoding="utf-8"))


def words_of(language: str) -> str:
    """Return the sentences of the office in one language, one a line."""
    folder = ROOT / "station" / "base" / "words" / language
    return "\n".join(
        text
        for area in AREAS
        for text in re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', (folder / f"{area}.po").read_text(encoding="utf-8"), re.M)
    )


@for_each("page", sorted(ENGLISH.glob("*.md")))
def test_a_task_has_a_page_and_pictures_in_both_languages(page: Path) -> None:
    other = SPANISH / page.name
    assert pictures(page) == pictures(other) and (pictures(page) or page.name == "README.md")
    for file in (folder / name for folder in (ENGLISH, SPANISH) for name in pictures(page)):
        assert 0 < file.stat().st_size <= MOST, file


@for_each("language", ("en", "es"))
def test_words_in_italics_are_those_of_the_office(language: str) -> None:
    known = words_of(language)
    folder = ENGLISH if language == "en" else SPANISH
    for page in folder.glob("*.md"):
        for words in re.findall(r"(?<!\*)\*([^*|\n]+)\*(?!\*)", page.read_text(encoding="utf-8")):
            assert re.search(rf"(?m)^.*{re.escape(words)}", known), (page.name, words)
