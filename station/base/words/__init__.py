"""What the station says: one message catalogue for every sentence that an operator reads, by key.

    tell("state.need-tag")                      -> "Lay the item on the pad"
    tell("state.need-part", part=1, parts=3)    -> "Lay part 1 of 3 on the pad"
    tell("list.items", count=3)                 -> "3 items"

The sentences stand in `en/AREA.po`, one file an area (the key's first word), so that people who work on different screens
do not meet in one file. Another language is a file `words/LANGUAGE.po` in the station's data directory and the setting
`screen.language`; what it does not say is told in English. A site may reword English the same way (`words/en.po`).

The language is one for the whole process, as the log is: chosen once where the program is put together (`use`).
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
    """The sentences that come with the station."""
    return Catalogue(Areas(SHIPPED / ENGLISH))


def active() -> Catalogue:
    """The sentences that are told now."""
    return _active if _active is not None else english()


def use(language: str = ENGLISH, site: Path | None = None) -> None:
    """Tell in this language from now on. `site`: a folder with the site's own files.

    Raises `WordsError`, and changes nothing, when a file is wrong or the language has none.
    """
    global _active
    found: Catalogue | None = None
    for name in dict.fromkeys((ENGLISH, language)):
        files = [*(files_of(name, SHIPPED) if name != ENGLISH else []), *(files_of(name, site) if site else [])]
        if not files and name != ENGLISH:
            raise WordsError(f"there are no words for the language {name!r}: put {name}.po into the folder words")
        for path in files:
            found = load([path], found or english())
    _active = found


def tell(key: str, /, *, count: int | None = None, **values: object) -> str:
    """The sentence of a key with its values; `count` chooses the plural form and is a value, too."""
    return active().tell(key, count, values)


class Sentence:
    """A key with its values that is told when somebody reads it (`str`): what nobody reads costs no words, and whoever decides
    compares the key. It may be a value of another one."""

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
    """True when there is such a key."""
    return entry_of(key) is not None


def entry_of(key: str) -> Entry | None:
    """The entry that is told for a key; None = there is no such key."""
    at: Catalogue | None = active()
    while at is not None:
        if key in at.own:
            return at.own[key]
        at = at.behind
    return None
