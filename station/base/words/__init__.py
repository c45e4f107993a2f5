"""Texts of the station: one message catalog with every sentence that an operator reads, by key.

    tell("state.need-tag")                      -> "Put the item on the pad"
    tell("state.need-part", part=1, parts=3)    -> "Put part 1 of 3 on the pad"
    tell("list.items", count=3)                 -> "3 items"

The sentences are in `en/AREA.po` and `es/AREA.po`, one file per area (the key's first word), so that people who work on
different screens do not edit the same file. A site adds a language with a file `words/LANGUAGE.po` in the station's data
directory, and rewords a shipped one the same way (`words/en.po`). A sentence missing in a language is shown in English.

The language applies to the whole process, like the log: `use` chooses the station's, once, at the start of the program,
and `speak` that of the worker at the bench.

A file of the site that cannot be used is left out, so that one bad line never stops the bench: its sentences are the
shipped ones, and `unusable` says what is wrong.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from station.base.sentence import Sentence, Value
from station.base.words.catalogue import Areas, Catalogue, Entry, WordsError, files_of, load

ENGLISH: Final = "en"
"""The language that has every key."""
SHIPPED: Final = Path(__file__).parent
UNREVIEWED: Final = frozenset({"es"})
"""Shipped languages that no native speaker has reviewed."""

__all__ = [
    "ENGLISH",
    "SHIPPED",
    "UNREVIEWED",
    "Catalogue",
    "WordsError",
    "active",
    "english",
    "english_area",
    "entry_of",
    "knows",
    "languages",
    "speak",
    "spoken",
    "tell",
    "unusable",
    "use",
]

_active: Catalogue | None = None
"""The catalog in use; None = English without changes of a site."""
_home: Catalogue | None = None
"""The catalog of the station's language."""
_site: Path | None = None
_station = ENGLISH
"""The station's language."""
_spoken = ""
"""The worker's language that is in use; "" = the station's."""
_languages: dict[str, str] | None = None
_unusable: dict[Path, str] = {}
"""The site's files that are left out, with what is wrong in each."""
_kept: dict[str, Catalogue | None] = {}
"""The catalogs that workers speak. Reading one anew at each sign-on lets the process grow by 150 kB a time."""


@cache
def english() -> Catalogue:
    """Return the sentences shipped with the station."""
    return Catalogue(_areas())


def english_area(area: str) -> Mapping[str, Entry]:
    """Return those of one area, by key."""
    return _areas().area(area)


@cache
def _areas() -> Areas:
    return Areas(SHIPPED / ENGLISH)


def active() -> Catalogue:
    """Return the catalog in use."""
    return _active if _active is not None else english()


def use(language: str = ENGLISH, site: Path | None = None) -> None:
    """Make this the station's language and switch to it. `site`: a folder with the site's own files.

    If the language has no file, raise `WordsError` and change nothing.
    """
    global _active, _home, _site, _station, _spoken, _languages
    _unusable.clear()
    _active = _home = _catalog_of(language, site)
    _site, _station, _spoken, _languages = site, language, "", None
    _kept.clear()


def speak(language: str = "") -> None:
    """Switch to the language of the worker at the bench; "" = back to the station's. Raise `WordsError` as `use`
    does."""
    global _active, _spoken
    if language != _spoken:
        if language and language not in _kept:
            _kept[language] = _catalog_of(language, _site)
        _active = _kept[language] if language else _home
        _spoken = language


def unusable() -> tuple[str, ...]:
    """Return what is wrong with each file of the site that was read and left out."""
    return tuple(_unusable.values())


def languages() -> dict[str, str]:
    """Return the code of each language that has texts, with its own name for itself. The files are looked up once."""
    global _languages
    if _languages is None:
        _languages = {code: _own_name(code) for code in _codes()}
    return dict(_languages)


def _codes() -> list[str]:
    codes = {folder.name for folder in SHIPPED.iterdir() if folder.is_dir() and any(folder.glob("*.[pm]o"))}
    if _site is not None and _site.is_dir():
        codes |= {path.stem for path in _site.glob("*.po")} | {path.parent.name for path in _site.glob("*/*.po")}
    return sorted(codes)


def _own_name(language: str) -> str:
    with contextlib.suppress(WordsError):
        name = (_catalog_of(language, _site) or english()).tell("word.language", None, {})
        if language == ENGLISH or name != english().tell("word.language", None, {}):
            return name
    return language


def spoken() -> str:
    """Return the code of the language in use."""
    return _spoken or _station


def _catalog_of(language: str, site: Path | None) -> Catalogue | None:
    """Return the sentences of a language, with English behind them; None = English as shipped. Raise `WordsError` if
    there are none. A bad file of the site is left out."""
    catalogue: Catalogue | None = None
    for name in dict.fromkeys((ENGLISH, language)):
        shipped = SHIPPED / name
        if name != ENGLISH and shipped.is_dir():
            catalogue = Catalogue(Areas(shipped), catalogue or english())
        files = files_of(name, site) if site else []
        if not files and name != ENGLISH and not shipped.is_dir():
            raise WordsError(f"there are no texts for the language {name!r}: put {name}.po into the folder words")
        for path in files:
            try:
                catalogue = load([path], catalogue or english())
            except WordsError as error:
                _unusable[path] = str(error)
    return catalogue


def tell(words: str | Sentence, /, *, count: int | None = None, **values: object) -> str:
    """Return a sentence as text, or that of a key with its values; `count` chooses the plural form and is also a
    value."""
    if isinstance(words, str):
        return active().tell(words, count, values)
    if words.key:
        chosen = words.values.get("count")
        return active().tell(words.key, chosen if isinstance(chosen, int) else None, _told_values(words))
    text = words.text
    return text if text is not None else str(_told(words.values["parts"], str(words.values["between"])))


def _told_values(sentence: Sentence) -> dict[str, object]:
    return {name: _told(value) for name, value in sentence.values.items()}


def _told(value: Value, between: str = ", ") -> object:
    if isinstance(value, tuple):
        return between.join(map(tell, value))
    return tell(value) if isinstance(value, Sentence) else value


Sentence.teller = tell


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
