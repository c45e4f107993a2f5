"""The Spanish pages against the Spanish screen: each stop and each next step is found by the screen's own sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base import words
from station.base.words import tell
from station.domain.manual_page import Heading, Paragraph
from station.domain.signals import STOPS
from station.manual import SHIPPED, Manual
from station.manual.markdown import plain, table_rows
from station.quality.rulebook.shipped import shipped
from tests.manual.test_next_step import SENTENCES

MANUAL = Manual(shipped())
SPANISH = SHIPPED / "es"
PAGES = sorted(path for path in SPANISH.glob("*.md") if path.name != "README.md")
REVIEW = "<!-- Spanish, not yet reviewed by a native speaker. Glossary and style: docs/spanish.md. -->"


@pytest.fixture(autouse=True)
def _spanish() -> Iterator[None]:
    words.speak("es")
    yield
    words.use()


def codes(page: str) -> dict[str, tuple[str, ...]]:
    rows = table_rows(page)
    return {plain(row[-1]): row for row in rows if len(row) == 3 and re.fullmatch(r"`[a-z-]+`", row[-1])}


def listed(folder: Path) -> list[str]:
    return re.findall(r"^\d+\. \[[^\]]*\]\(([a-z-]+\.md)\)", (folder / "README.md").read_text("utf-8"), re.MULTILINE)


def test_every_stop_has_its_spanish_row_in_the_words_of_the_screen() -> None:
    english = codes((SHIPPED / f"{STOPS}.md").read_text(encoding="utf-8"))
    spanish = codes((SPANISH / f"{STOPS}.md").read_text(encoding="utf-8"))
    assert set(spanish) == set(english) and len(spanish) > 60
    for code, (said, advice, _) in spanish.items():
        key = next(key for key in (f"error.{code}", f"fault.{code}") if words.knows(key))
        assert plain(said).split("...")[0] == tell(key).split("{")[0], code
        do = tell(f"do.{code}") if words.knows(f"do.{code}") else ""
        assert plain(advice).startswith(do) and advice, code


def test_every_page_of_help_has_its_spanish_page_in_the_same_order() -> None:
    english = {path.stem for path in SHIPPED.glob("*.md")} - {"README"}
    assert {path.stem for path in PAGES} == english, "Help would open an English page from a Spanish screen"
    assert listed(SPANISH) == listed(SHIPPED)


def test_every_next_step_has_its_spanish_row() -> None:
    assert {row.topic for row in SENTENCES.values()} <= {path.stem for path in PAGES}
    for key, (topic, *_) in SENTENCES.items():
        entry = words.entry_of(key)
        assert entry is not None
        for form in entry.forms:
            said = re.sub(r"\{[^}]*\}", "7", form)
            page = MANUAL.page(topic, "", said)
            assert page is not None and page.blocks[0] == Heading(2, said), (key, said)
            assert isinstance(page.blocks[1], Paragraph)


def test_a_stop_that_a_translated_page_lacks_is_told_in_english(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / f"{STOPS}.md").write_text("# Alto\n", encoding="utf-8")
    page = Manual(shipped(), tmp_path).page(STOPS, "tag-lost")
    assert page is not None and page.title == "Alto"
    assert isinstance(page.blocks[1], Paragraph), "some advice is better than none"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_says_that_it_is_not_reviewed_where_a_translator_reads_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.endswith(f"{REVIEW}\n")
    page = MANUAL.page(path.stem)
    assert page is not None and "<!--" not in str(page.blocks)
