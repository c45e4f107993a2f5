"""Texts of the station: one message catalog with every sentence that an operator reads, by key.

    tell("state.need-tag")                      -> "Put the item on the pad"
    tell("state.need-part", part=1, parts=3)    -> "Put part 1 of 3 on the pad"
    tell("list.items", count=3)                 -> "3 items"

The sentences are in `en/AREA.po`, one file per area (the key's first word), so that people who work on different
screens do not edit the same file. Another language is a file `words/LANGUAGE.po` in the station's data directory and
the setting `screen.language`; a sentence missing there is shown in English. A site may reword English the same way
(`words/en.po`).

The language applies to the whole process, like the log: it is chosen once, at the start of the program (`use`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from station.base.words.catalogue import Areas, Catalogue, Entry, WordsError, files_of, load

ENGLISH: Final = "en"
"""The language that has every key."""
SHIPPED: Final = Path(__file__).parent

__all__ = [
    "ENGLISH",
    "SHIPPED",
    "Catalogue",
    "Sentence",
    "WordsError",
    "active",
    "english",
    "entry_of",
    "knows",
    "tell",
    "use",
]

_active: Catalogue | None = None


@cache
def english() -> Catalogue:
    """Return the sentences shipped with the station."""
    return Catalogue(Areas(SHIPPED / ENGLISH))


def active() -> Catalogue:
    """Return the catalog in use."""
    return _active if _active is not None else english()


def use(language: str = ENGLISH, site: Path | None = None) -> None:
    """Switch to this language. `site`: a folder with the site's own files.

    If a file is wrong or the language has none, raise `WordsError` and change nothing.
    """
    global _active
    found: Catalogue | None = None
    for name in dict.fromkeys((ENGLISH, language)):
        files = [*(files_of(name, SHIPPED) if name != ENGLISH else []), *(files_of(name, site) if site else [])]
        if not files and name != ENGLISH:
            raise WordsError(f"there are no texts for the language {name!r}: put {name}.po into the folder words")
        for path in files:
            found = load([path], found or english())
    _active = found


def tell(key: str, /, *, count: int | None = None, **values: object) -> str:
    """Return the sentence of a key with its values; `count` chooses the plural form and is also a value."""
    return active().tell(key, count, values)


class Sentence:
    """A key with its values, turned into text only when read (`str`). An unread sentence costs no lookup, and code
    compares the key. It may be a value of another sentence."""

    __slots__ = ("key", "values")

    def __init__(self, key: str, /, **values: Any) -> None:
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return tell(self.key, **self.values)

    def __repr__(self) -> str:
        return f"Sentence({self.key!r}, {self.values!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and (self.key, self.values) == (other.key, other.values)

    def __hash__(self) -> int:
        return hash(self.key)


def knows(key: str) -> bool:
    """Return True if the key exists."""
    return entry_of(key) is not None


def entry_of(key: str) -> Entry | None:
    """Return the entry in use for a key; None = the key does not exist."""
    at: Catalogue | None = active()
    while at is not None:
        if key in at.own:
            return at.own[key]
        at = at.behind
    return None
