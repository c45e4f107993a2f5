"""What the pages of the manual quote from the screen, against the message catalog: a page never explains a sentence that
the screen does not show."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from station.base import words
from station.manual import SHIPPED
from station.manual.markdown import plain, table_rows

QUOTES = re.compile("(the screen|the station|it) says|la (pantalla|estación) dice")
"""Heading of a column of quoted sentences."""
PAGES = sorted(path for path in SHIPPED.glob("**/*.md") if path.name not in ("README.md", "first-day.md"))
"""`first-day.md` quotes pieces of a whole screen; `tests/stories/test_first_day.py` plays it."""


def quoted(page: str) -> Iterator[str]:
    """Yield the first cells of the tables that quote the screen."""
    quotes = False
    for line in page.splitlines():
        rows = table_rows(line)
        if not line.startswith("|"):
            quotes = False
        elif rows and QUOTES.fullmatch(rows[0][0]):
            quotes = True
        elif rows and quotes:
            yield plain(rows[0][0])


def shown(quote: str, sentences: list[str]) -> bool:
    """Return True if a sentence of the screen has the words of a quote. "..." = any words; details in parentheses are not
    part of the sentence."""
    pieces = (re.escape(piece.strip(" .")) for piece in re.sub(r" \(.*\)$", "", quote).split("..."))
    pattern = re.compile(".*?".join(pieces))
    return any(pattern.search(sentence) for sentence in sentences)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_quote_of_a_page_is_a_sentence_of_the_screen(language: str) -> None:
    words.speak(language)
    try:
        sentences = [
            re.sub(r"\{[^}]*\}", "7", form) for entry in words.active().entries.values() for form in entry.forms
        ]
    finally:
        words.use()
    pages = [path for path in PAGES if (path.parent.name == "es") == (language == "es")]
    quotes = [(path.name, quote) for path in pages for quote in quoted(path.read_text(encoding="utf-8"))]
    assert len(quotes) > 150
    assert [quote for quote in quotes if not shown(quote[1], sentences)] == []
