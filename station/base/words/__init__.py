"""Texts of the station: one message catalog with every sentence that an operator reads, by key.

    tell("state.need-tag")                      -> "Put the item on the pad"
    tell("state.need-part", part=1, parts=3)    -> "Put part 1 of 3 on the pad"
    tell("list.items", count=3)                 -> "3 items"

The sentences are in `en/AREA.po` and `es/AREA.po`, one file per area (the key's first word), so that people who work on
different screens do not edit the same file. A site adds a language with a file `words/LANGUAGE.po` in the station's data
directory, and rewords a shipped one the same way (`words/en.po`). A sentence missing in a language is shown in English.

The language is the session's: a face opens a session where it begins to serve a reader, and all that this reader reads is
told in its language. Two sessions of one process may have two languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import cache
from pathlib import Path
from typing import Final

from station.base.sentence import Sentence
from station.base.words.by_english import by_english
from station.base.words.catalogue import Catalogue, Entry, WordsError
from station.base.words.library import ENGLISH, SHIPPED, Library, english, shipped_areas

UNREVIEWED: Final = frozenset({"es"})
"""Shipped languages that no native speaker has reviewed."""

__all__ = [
    "ENGLISH",
    "SHIPPED",
    "UNREVIEWED",
    "Catalogue",
    "Library",
    "Session",
    "WordsError",
    "active",
    "alone",
    "current_session",
    "english",
    "english_area",
    "entry_of",
    "in_english",
    "knows",
    "languages",
    "open_session",
    "speak",
    "spoken",
    "station_session",
    "tell",
    "unusable",
    "use",
]


class Session:
    """The language in which one reader is served. Tasks and threads that a session starts share it, so that a change of
    the language reaches each of its screens."""

    def __init__(self, library: Library | None = None) -> None:
        self.library = library if library is not None else Library()
        self.speak()

    def speak(self, language: str = "") -> None:
        """Switch to a language; "" = the station's. If there are no texts for it, raise `WordsError` and change
        nothing."""
        self.catalogue = self.library.catalogue(language)
        self.language = language or self.library.language

    @property
    def unusable(self) -> tuple[str, ...]:
        """What is wrong with each file of the site that is left out, in whatever language."""
        return self.library.unusable

    @property
    def languages(self) -> dict[str, str]:
        """The code of each language that has texts, with its own name for itself."""
        return self.library.languages

    def tell(self, sentence: Sentence) -> str:
        """Return the text of a sentence as this session's reader reads it, in whatever session the caller is."""
        return copy_context().run(_tell_in, self, sentence)


_WORD: Final = re.compile(r"[^\W\d_]+(?=[\s,;]|$)")
_session: ContextVar[Session] = ContextVar("session")


def open_session(session: Session) -> None:
    """Let what follows in this thread or task, and in the tasks that it starts, be told in this session."""
    _session.set(session)


def current_session() -> Session:
    """Return the session in which this thread or task tells; without one, open one in shipped English."""
    session = _session.get(None)
    if session is None:
        open_session(session := Session())
    return session


_english = cache(Session)
"""The session of readers of shipped English, without the changes of a site."""


@contextmanager
def in_english() -> Iterator[None]:
    """Within the context, tell in shipped English: for the log, whose readers are engineers."""
    token = _session.set(_english())
    try:
        yield
    finally:
        _session.reset(token)


def use(language: str = ENGLISH, site: Path | None = None) -> None:
    """Open a session in the station's language. `site`: a folder with the site's own files.

    If the language has no file, raise `WordsError` and change nothing.
    """
    open_session(Session(Library(language, site)))


def station_session() -> Session:
    """Return a new session in the station's language: for a page or a file that no worker at the bench reads."""
    return Session(current_session().library)


def speak(language: str = "") -> None:
    """Switch this session to a language; "" = back to the station's. Raise `WordsError` as `use` does."""
    current_session().speak(language)


def english_area(area: str) -> Mapping[str, Entry]:
    """Return the shipped English sentences of one area, by key."""
    return shipped_areas(ENGLISH).area(area)


def active() -> Catalogue:
    """Return the catalog in use."""
    return current_session().catalogue


def spoken() -> str:
    """Return the code of the language in use."""
    return current_session().language


def languages() -> dict[str, str]:
    """Return the code of each language that has texts, with its own name for itself."""
    return current_session().languages


def unusable() -> tuple[str, ...]:
    """Return what is wrong with each file of the site that was read and left out."""
    return current_session().unusable


def tell(words: str | Sentence, /, *, count: int | None = None, **values: object) -> str:
    """Return a sentence as text, or that of a key with its values; `count` chooses the plural form and is also a
    value."""
    if isinstance(words, str):
        return active().tell(words, count, {name: _told(value) for name, value in values.items()})
    if "english" in words.values:
        words = by_english(words)
    if words.key:
        chosen = words.values.get("count")
        return active().tell(words.key, chosen if isinstance(chosen, int) else None, _told_values(words))
    text = words.text
    return text if text is not None else str(_told(words.values["parts"], str(words.values["between"])))


def _told_values(sentence: Sentence) -> dict[str, object]:
    """Return the values as text. The value `inside` is a sentence within another one, so it loses its full stop. The detail
    of an error is its cause, and stands alone."""
    values = {name: _told(value) for name, value in sentence.values.items()}
    if "inside" in values:
        values["inside"] = str(values["inside"]).removesuffix(".")
    if "detail" in values and sentence.key.startswith("error."):
        values["detail"] = alone(str(values["detail"]))
    return values


def alone(text: str) -> str:
    """Return a text as a sentence of its own: with a capital letter, unless it begins with the name of a file or setting,
    and with a full stop."""
    if _WORD.match(text):
        text = text[0].upper() + text[1:]
    return text if not text or text[-1] in ".!?…" else f"{text}."


def _told(value: object, between: str = ", ") -> object:
    if isinstance(value, tuple):
        return between.join(map(tell, value))
    return tell(value) if isinstance(value, Sentence) else value


def _tell_in(session: Session, sentence: Sentence) -> str:
    open_session(session)
    return tell(sentence)


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
