"""ANSCR, the Alpha-Numeric System for Classification of Recordings: four terms, one a label line.

Source: processing-and-quality.md 5.5 (Cal State LA: 46 categories, count verified there). Term 1 is a category; term 2 the
first four letters of composer, performer, author, title or topic; term 3 the initials of the first three significant words
of the title, or the first three letters of a title of one word; term 4 the first letter of the performer and the last two
digits of the issue number. Smaller libraries use fewer categories and three letters ("recollection" there): both are
settings (`Rules`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.value import WORD, CallNumber, Piece, Role, Scheme

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
"""Term 1 -> what it stands for."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a library may do its own way."""

    categories: frozenset[str] = frozenset(CATEGORIES)
    name_letters: int = 4
    """Letters of term 2."""
    title_words: int = 3
    """Initials of term 3."""
    title_letters: int = 3
    """Letters of term 3 for a title of one word."""
    issue_digits: int = 2
    """Digits of term 4."""


STANDARD: Final = Rules()
_TERM: Final = re.compile(r"[^\W_]+")
_TERM_4: Final = re.compile(r"(?P<letter>[^\W\d_])\s*(?P<digits>\d{1,4})\Z")


def parse(text: str, prefix: tuple[str, ...] = (), rules: Rules = STANDARD) -> CallNumber | None:
    """Read an ANSCR number; None if its first term is no category or it has not two to four terms."""
    number, part, copy = enumeration.split(text)
    words = number.split()
    if len(words) > 4 and len(words[3]) == 1 and words[4].isdecimal():
        words[3:5] = [f"{words[3]} {words[4]}"]
    if not 2 <= len(words) <= 4 or words[0].upper() not in rules.categories:
        return None
    if not all(_TERM.fullmatch(word) for word in words[1:3]):
        return None
    remarks: list[str] = []
    category = words[0].upper()
    pieces = [Piece(Role.TERM, words[0], CATEGORIES.get(category, "a category of this library"))]
    keys: list[tuple[int | str, ...]] = [(WORD, category.casefold(), 0)]
    for place, word in enumerate(words[1:3], start=2):
        pieces.append(Piece(Role.TERM, word, ("name, title or topic", "title")[place - 2]))
        keys.append((WORD, word.casefold(), 0))
    if len(words) == 4:
        issue = _TERM_4.match(words[3])
        if issue is None:
            remarks.append(f"The fourth term {words[3]!r} is not a letter with the digits of an issue number.")
            keys.append((WORD, words[3].casefold(), 0))
        else:
            keys.append((WORD, issue["letter"].casefold(), int(issue["digits"])))
        pieces.append(Piece(Role.TERM, words[3], "performer and issue number"))
    else:
        remarks.append(f"There are {len(words)} terms; a complete number has four.")
    if len(words[1]) > rules.name_letters:
        remarks.append(f"The second term {words[1]!r} has more than {rules.name_letters} letters.")
    return CallNumber(
        scheme=Scheme.ANSCR,
        text=text,
        pieces=(*(Piece(Role.PREFIX, word) for word in prefix), *pieces, *enumeration.pieces(part, copy)),
        base=tuple(keys),
        enumeration=enumeration.key(part),
        copy=copy,
        remarks=tuple(remarks),
    )
