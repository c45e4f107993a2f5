"""Checks of coded data against the description: language of the title, illustrations, bibliography, the medium in 245 $h,
a disc that only a note names.

What is coded although the description does not say it is no finding: 300 and 504 leave out much.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from station.base.sentence import Sentence
from station.catalog.findings import checks, tables
from station.catalog.findings.facts import Check, Facts, Hit

# --- language -------------------------------------------------------------------------------------------------------


def _title_language(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """Only in books, and if the title has several words of one language of the table, none of the coded language, and nothing
    else says a language (041, 240, 242, 546) or a script."""
    if facts.type_code not in ("a", "t") or facts.leader(7) != "m":
        return None
    coded = facts.coded[35:38]
    own = _function_words().get(coded)
    words = _WORD.findall(facts.raw("245", "ab").casefold())
    if own is None or len(words) < _FEWEST or not own.isdisjoint(words):
        return None
    counts = {language: sum(word in known for word in words) for language, known in _function_words().items()}
    best = max(counts, key=lambda language: counts[language])
    others = max(count for language, count in counts.items() if language != best)
    if counts[best] < others + _PLAIN or facts.fields("041", "240", "242", "546", "880"):
        return None
    title = " ".join(facts.values("245", "a"))
    return Hit(Sentence("record.what.language", code=coded, other=best, title=title), ("008/35-37", "245 $a"))


_WORD: Final = re.compile(r"[^\W\d_]+")
_FEWEST: Final = 4
_PLAIN: Final = 2
"""Fewest function words that the title has more of one language than of any other."""


@functools.cache
def _function_words() -> dict[str, frozenset[str]]:
    return {language: frozenset(str(words).split()) for language, words in tables.table("languages.toml").items()}


# --- illustrations and bibliography (MARC 21, 008 books) ---------------------------------------------------------------


def _is_book(facts: Facts) -> bool:
    return facts.type_code in ("a", "t") and facts.leader(7) == "m" and bool(facts.coded) and not facts.is_partial


def _illustrations_uncoded(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    if not _is_book(facts) or facts.coded[18:22].strip():
        return None
    text = next((text for text in facts.values("300", "b") if _ILLUSTRATED.search(text)), "")
    return Hit(text, ("008/18-21", "300 $b")) if text else None


_ILLUSTRATED: Final = re.compile(r"\bil(?:l|us)|\babb|\bmap|\bport|\bfacsim|\bphot", re.IGNORECASE)


def _bibliography_uncoded(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    if not _is_book(facts) or facts.coded[24:28].strip():
        return None
    text = next((text for text in facts.values("504", "a") if "bibliogra" in text.casefold()), "")
    return Hit(text, ("008/24-27", "504")) if text else None


# --- medium ---------------------------------------------------------------------------------------------------------


def _medium_type(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """The general material designation of AACR2 1.1C in 245 $h."""
    text = next(iter(facts.values("245", "h")), "").casefold()
    row = facts.type_row
    if not text or row is None or facts.type_code not in _MEDIUM_OF:
        return None
    kind = next((kind for word, kind in _MEDIA.items() if word in text), "")
    if not kind or kind in _MEDIUM_OF[facts.type_code] or facts.fields("006") or facts.has_accompanying:
        return None
    if kind == "computer" and checks.on_computer(facts, "words"):
        return None
    if kind == "computer" and not any(_PAGES.search(text) for text in facts.values("300", "a")):
        return None
    return Hit(Sentence("record.what.gmd", type=row.words, said=text.strip("[] :/=")), ("leader/06", "245 $h"))


_MEDIA: Final = {
    "electronic resource": "computer",
    "computer file": "computer",
    "ressource électronique": "computer",
    "sound recording": "sound",
    "enregistrement sonore": "sound",
    "videorecording": "video",
    "motion picture": "video",
    "enregistrement vidéo": "video",
}
_MEDIUM_OF: Final = {
    "a": (), "t": (), "c": (), "d": (), "g": ("video", "computer"), "i": ("sound", "computer"), "j": ("sound", "computer"),
}  # fmt: skip
"""Media that 245 $h may name, by leader/06."""
_PAGES: Final = re.compile(r"\d\s?\]?,?\s?(?:p\b|pages|leaves|S\.)")


# --- discs ----------------------------------------------------------------------------------------------------------


def _disc_in_note(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """Only for printed things whose 300 names no other material, and only for a disc that is there to be counted."""
    if facts.type_code not in ("a", "t", "c") or facts.leader(7) != "m":
        return None
    for tag in ("500", "538"):
        for field in facts.fields(tag):
            for text in field.get_subfields("a"):
                if (disc := _DISC.search(text)) and _INCLUDED.search(text) and not _names_disc(facts):
                    return Hit(disc[0], (tag, "300 $e"))
    return None


def _names_disc(facts: Facts) -> bool:
    extent = facts.raw("300", "abe")
    return not extent or facts.has_accompanying or bool(_DISC.search(extent)) or "c" in facts.values("337", "b")


_DISC: Final = re.compile(
    r"\b(?:CD(?:-ROM|s)?|DVD(?:-ROM|s)?|(?:compact|computer|audio|video)[ -]?dis[ck]s?)\b", re.IGNORECASE
)
_INCLUDED: Final = re.compile(
    r"\b(?:accompanie[sd]|accompanying|includes?|with|contains?) (?:\w+ ){0,4}?"
    r"(?:CD|DVD|(?:compact|computer|audio|video)[ -]?dis[ck])"
    r"|\b(?:CD|DVD|dis[ck])\w*(?:-ROM)? (?:\w+ ){0,3}?(?:in (?:a )?pocket|inserted|included|attached|accompan)",
    re.IGNORECASE,
)

CHECKS: Final[dict[str, Check]] = {
    "title_language": _title_language,
    "illustrations_uncoded": _illustrations_uncoded,
    "bibliography_uncoded": _bibliography_uncoded,
    "medium_type": _medium_type,
    "disc_in_note": _disc_in_note,
}
"""Checks by name."""
