"""The texts of a walk's rows in the language of its screens.

The rows quote the English screen. In another language a quoted text stands for each sentence of the catalog that
contains it, so that no row is written twice. A text of no sentence is data (a barcode, a title), the same in each language.
"""

from __future__ import annotations

import re
from typing import Final

from station.base.words import ENGLISH, Library
from station.base.words.library import shipped_areas
from station.demo.staff import STAFF

_PLACEHOLDER: Final = re.compile(r"\{\w+\}")
_VALUE: Final = "\0"
"""Stands for a placeholder of a sentence, and for what a row quotes in its place."""
_LEAST: Final = 2
"""Letters of a quoted text that are not values: with fewer it is data."""
_WORDS: Final = 5
"""Words of a sentence that must be shown: the screen may cut its end."""


class Phrases:
    """Finds what the screens of one language must show for a quoted English text."""

    def __init__(self, language: str) -> None:
        self._english: dict[str, list[str]] = {}
        if language == ENGLISH:
            return
        self._sentences = Library(language).catalogue().entries
        english = shipped_areas(ENGLISH)
        self._english = {key: [_masked(form) for form in english[key].forms] for key in english}
        places = (form for key, forms in self._english.items() if key.startswith("question.place.") for form in forms)
        values = [
            r"\d[\d-]*(?:, \d+)*",
            "Technical Services",
            "Main Library",
            *(name for _, name, *_ in STAFF),
            *map(re.escape, places),
        ]
        self._values = re.compile("|".join(values))

    def ways(self, quoted: str) -> list[str]:
        """Return the texts of which the screen must show one. `A" or "B` in a row matches either."""
        return [text for phrase in quoted.split('" or "') for text in self._ways(phrase)]

    def _ways(self, phrase: str) -> list[str]:
        masked = self._values.sub(_VALUE, phrase) if self._english else ""
        if sum(map(str.isalpha, masked)) < _LEAST:
            return [phrase]
        exact = [key for key, forms in self._english.items() if masked in forms]
        if exact:
            return self._beginnings(exact)
        others = self._beginnings(self._containing(_other_case(masked)))
        return [*self._beginnings(self._containing(masked)), *map(_other_case, others)] or [phrase]

    def _containing(self, masked: str) -> list[str]:
        return [key for key, forms in self._english.items() if any(masked in form for form in forms)]

    def _beginnings(self, keys: list[str]) -> list[str]:
        """Return the first words of the longest part between two values, of each form of these sentences."""
        longest = [max(_masked(form).split(_VALUE), key=len) for key in keys for form in self._sentences[key].forms]
        return [" ".join(part.split()[:_WORDS]) for part in longest]


def _other_case(text: str) -> str:
    """Return the text with the other case of its first letter: a line of a page begins with a capital letter though its
    sentence does not, and a title has words of buttons in the middle."""
    return text[:1].swapcase() + text[1:]


def _masked(form: str) -> str:
    return _PLACEHOLDER.sub(_VALUE, form)
