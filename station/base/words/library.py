"""The texts of one station in each of its languages: shipped ones, and those of the site's folder."""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path
from typing import Final

from station.base.words.catalogue import Areas, Catalogue, WordsError, files_of, load

ENGLISH: Final = "en"
"""The language that has every key."""
SHIPPED: Final = Path(__file__).parent


@cache
def english() -> Catalogue:
    """Return the sentences shipped with the station."""
    return Catalogue(shipped_areas(ENGLISH))


@cache
def shipped_areas(language: str) -> Areas:
    """Return the shipped files of a language. `language` must be a folder of `SHIPPED`."""
    return Areas(SHIPPED / language)


class Library:
    """Catalogs by language. `language`: the station's. `site`: a folder with the site's own files.

    A file of the site that cannot be used is left out, so that one bad line never stops the bench: its sentences are
    the shipped ones, and `unusable` says what is wrong. Raise `WordsError` if the station's language has no file.
    """

    def __init__(self, language: str = ENGLISH, site: Path | None = None) -> None:
        self.language = language
        self._site = site
        self._unusable: dict[Path, str] = {}
        self._catalogues: dict[str, Catalogue] = {}
        """Reading a language anew at each sign-on lets the process grow by 150 kB a time."""
        self._languages: dict[str, str] | None = None
        self.catalogue()

    @property
    def unusable(self) -> tuple[str, ...]:
        """Return what is wrong with each file of the site that is left out, with its name and line: of every language,
        since each may be a worker's."""
        if self._site is not None and self._languages is None:
            self._languages = self._names()
        return tuple(self._unusable.values())

    @property
    def languages(self) -> dict[str, str]:
        """Return the code of each language that has texts, with its own name for itself. The files are looked up
        once."""
        if self._languages is None:
            self._languages = self._names()
        return dict(self._languages)

    def catalogue(self, language: str = "") -> Catalogue:
        """Return the sentences of a language ("" = the station's), with English behind them. Raise `WordsError` if
        there are none."""
        language = language or self.language
        if language not in self._catalogues:
            self._catalogues[language] = self._read(language)
        return self._catalogues[language]

    def _names(self) -> dict[str, str]:
        return {code: self._own_name(code) for code in self._codes()}

    def _codes(self) -> list[str]:
        codes = {folder.name for folder in SHIPPED.iterdir() if folder.is_dir() and any(folder.glob("*.[pm]o"))}
        if self._site is not None and self._site.is_dir():
            codes |= {path.stem for path in self._site.glob("*.po")}
            codes |= {path.parent.name for path in self._site.glob("*/*.po")}
        return sorted(codes)

    def _own_name(self, language: str) -> str:
        with contextlib.suppress(WordsError):
            name = self._read(language).tell("word.language", None, {})
            if language == ENGLISH or name != english().tell("word.language", None, {}):
                return name
        return language

    def _read(self, language: str) -> Catalogue:
        if language != ENGLISH and language not in self._codes():  # no path is made of a hostile code
            raise WordsError(
                f"there are no texts for the language {language!r}: put {language}.po into the folder words"
            )
        catalogue = english()
        for name in dict.fromkeys((ENGLISH, language)):
            if name != ENGLISH and (SHIPPED / name).is_dir():
                catalogue = Catalogue(shipped_areas(name), catalogue)
            files = files_of(name, self._site) if self._site else []
            for path in files:
                try:
                    catalogue = load([path], catalogue)
                except WordsError as error:
                    self._unusable[path] = str(error)
        return catalogue
