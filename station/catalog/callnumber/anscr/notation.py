"""ANSCR, the Alpha-Numeric System for Classification of Recordings: four terms, one per label line.

Source: docs/reference/call-numbers.md#anscr (Cal State LA: 46 categories, count verified there; Los Angeles Public
Library's Arts division and Waukegan for the examples). Term 1 is a category; term 2 the first four letters of composer,
performer, author, title or topic; term 3 the initials of the first three significant words of the title, or the first
three letters of a title of one word; term 4 the first letter of the performer and the last two digits of the issue
number. Smaller libraries use fewer categories and other widths (three letters "recollection" there; Montvale has MB,
four letters in term 3, "C3-2" in term 4): all are settings (`Rules`).

`work` makes such numbers from the facts of a recording and checks them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.lc_classes import is_class
from station.catalog.callnumber.value import (
    ELEMENT,
    SUFFIX,
    CallNumber,
    NotThisScheme,
    Piece,
    Role,
    Scheme,
    fold,
    number,
)

CATEGORIES: Final = {
    "A": "music appreciation and history", "B": "opera", "C": "choral music", "D": "vocal music",
    "EA": "orchestral music, general", "EB": "ballet music", "EC": "concertos", "ES": "symphonies",
    "F": "chamber music", "GG": "guitar", "GO": "organ", "GP": "piano", "GS": "stringed instruments",
    "GV": "violin", "GW": "wind instruments", "GX": "percussion", "H": "band music",
    "J": "electronic and mechanical music", "K": "musical shows, operettas",
    "L": "film and television soundtracks", "MA": "popular music", "MC": "country music",
    "MG": "contemporary Christian, gospel", "MJ": "jazz", "MN": "new age", "MR": "rock, rhythm and blues",
    "P": "folk and ethnic music, national", "Q": "folk and ethnic music, international", "R": "holiday music",
    "RC": "Christmas music", "S": "varieties, humour", "SR": "radio", "ST": "television transcriptions",
    "T": "plays", "U": "poetry", "V": "prose, fiction", "VN": "prose, nonfiction", "W": "documentary",
    "X": "instruction", "Y": "sounds and effects", "ZI": "children: instruction", "ZM": "children: music",
    "ZR": "children: holiday", "ZRC": "children: Christmas", "ZS": "children: spoken", "ZU": "children: poetry",
}  # fmt: skip
"""Term 1 -> its meaning."""
ENGLISH: Final = "eng"
ARTICLES: Final[Mapping[str, frozenset[str]]] = {
    ENGLISH: frozenset({"a", "an", "the"}),
    "fre": frozenset({"le", "la", "les", "un", "une"}),
    "ger": frozenset({"der", "die", "das", "ein", "eine"}),
    "ita": frozenset({"il", "lo", "la", "i", "gli", "le", "un", "uno", "una"}),
    "spa": frozenset({"el", "la", "los", "las", "un", "una"}),
}
"""Initial articles by MARC language code."""
_LITTLE: Final = {
    ENGLISH: "and or of in on at to for from with by",
    "fre": "et ou de du des en a au aux pour par",
    "ger": "und oder von vom in im auf zu zum zur fur mit",
    "ita": "e o di del della dei da in per con",
    "spa": "y o de del en a por para con",
}
INSIGNIFICANT: Final[Mapping[str, frozenset[str]]] = {
    language: ARTICLES[language] | frozenset(words.split()) for language, words in _LITTLE.items()
}
"""Articles, conjunctions and short prepositions by language: "Me and Mr. Johnson" is MMJ (Montvale). The rest of the
list is the station's choice."""


class Kind(StrEnum):
    """Possible sources of term 2."""

    COMPOSER = "composer"
    PERFORMER = "performer"
    AUTHOR = "author"
    TITLE = "title"


def _second_terms() -> dict[str, tuple[Kind, ...]]:
    by_composer = (Kind.COMPOSER, Kind.PERFORMER, Kind.TITLE)
    by_performer = (Kind.PERFORMER, Kind.COMPOSER, Kind.TITLE)
    by_author = (Kind.AUTHOR, Kind.PERFORMER, Kind.TITLE)
    by_title = (Kind.TITLE, Kind.COMPOSER, Kind.PERFORMER, Kind.AUTHOR)
    rows = {
        by_composer: "B C D EA EB EC ES F GG GO GP GS GV GW GX H J K",
        by_performer: "MA MC MG MJ MN MR P Q R RC S ZM ZR ZRC",
        by_author: "T U V VN W X ZI ZS ZU",
        by_title: "A L SR ST Y",
    }
    return {category: kinds for kinds, names in rows.items() for category in names.split()}


@dataclass(frozen=True, slots=True)
class Rules:
    """Options that differ between libraries."""

    categories: frozenset[str] = frozenset(CATEGORIES)
    name_letters: int = 4
    """Number of letters in term 2."""
    title_words: int = 3
    """Number of initials in term 3."""
    title_letters: int = 3
    """Number of letters in term 3 for a title of one word."""
    issue_digits: int = 2
    """Number of digits in term 4."""
    second_term: Mapping[str, tuple[Kind, ...]] = field(default_factory=_second_terms, hash=False)
    """Sources of term 2, by category; the first one that the recording has is used. Composer for B to J and performer
    for M by docs/reference/call-numbers.md#anscr, composer for K by Montvale; the other rows are the station's
    choice."""
    insignificant: Mapping[str, frozenset[str]] = field(default_factory=lambda: INSIGNIFICANT, hash=False)
    """Words that are skipped in term 3, by language, folded (no accents)."""


STANDARD: Final = Rules()
_TERM_4: Final = re.compile(r"(?P<letter>[^\W\d_])\s?(?P<digits>[0-9]++)(?P<more>(?:-[0-9]++)*)\Z")
_DIGITS: Final = re.compile(r"[0-9][0-9-]*\Z")


def parse(text: str, prefix: tuple[str, ...] = (), *, named: bool = True, rules: Rules = STANDARD) -> CallNumber:
    """Read an ANSCR number. Raise `NotThisScheme` if its first term is not a category or it does not have two to four
    terms."""
    front, part, copy = enumeration.split(text)
    terms = front.split()
    if len(terms) > 4 and len(terms[3]) == 1 and _DIGITS.match(terms[4]):
        terms[3:5] = [f"{terms[3]} {terms[4]}"]
    category = terms[0].upper() if terms else ""
    if category not in rules.categories:
        raise NotThisScheme(f"{terms[0] if terms else 'nothing'} is no category")
    if not (2 if named and not prefix else 4) <= len(terms) <= 4:
        raise NotThisScheme(f"it has {len(terms)} terms, not four")
    for term in terms[1:3]:
        if not term.isalnum():
            raise NotThisScheme(f"{term} is not of letters and digits only")
    if not named and terms[2].isdecimal() and is_class(terms[1].upper()):
        raise NotThisScheme("it looks like a class number after a collection mark")  # "F QA 76 A20"
    if not named and not _TERM_4.match(terms[3]):
        raise NotThisScheme(f"{terms[3]} is not a letter with the digits of an issue number")
    remarks: list[str] = []
    base = "".join(ELEMENT + fold(term) for term in terms[:3])
    if len(terms) == 4:
        base += _fourth(terms[3], rules, remarks)
    else:
        remarks.append(f"There are {len(terms)} terms; a complete number has four.")
    if len(terms[1]) > rules.name_letters:
        remarks.append(f"The second term {terms[1]} has more than {rules.name_letters} letters.")
    pieces = [Piece(Role.PREFIX, word) for word in prefix]
    pieces += [Piece(Role.TERM, term) for term in terms]
    pieces += enumeration.pieces(part, copy)
    return CallNumber(
        scheme=Scheme.ANSCR,
        text=text,
        pieces=tuple(pieces),
        base=base,
        enumeration=enumeration.key(part),
        copy=copy,
        prefix=prefix,
        remarks=tuple(remarks),
    )


def _fourth(term: str, rules: Rules, remarks: list[str]) -> str:
    issue = _TERM_4.match(term)
    if issue is None:
        remarks.append(f"The fourth term {term} is not a letter with the digits of an issue number.")
        return ELEMENT + fold(term)
    if len(issue["digits"]) > rules.issue_digits:
        remarks.append(f"The fourth term {term} has more than {rules.issue_digits} digits.")
    more = "".join(SUFFIX + number(chunk) for chunk in issue["more"].split("-")[1:])
    return f"{ELEMENT}{fold(issue['letter'])}{SUFFIX}{number(issue['digits'])}{more}"
