"""Explain a call number: the meaning of each piece and its effect on shelf order. For people who learn the scheme."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from station.catalog.callnumber.anscr import CATEGORIES
from station.catalog.callnumber.value import CallNumber, Piece, Role, Scheme


class Explained(NamedTuple):
    """One piece and its meaning."""

    piece: Piece
    words: str


SCHEMES: Final = {
    Scheme.LC: "Library of Congress Classification",
    Scheme.DEWEY: "Dewey Decimal Classification",
    Scheme.NLM: "National Library of Medicine Classification",
    Scheme.SUDOC: "Superintendent of Documents",
    Scheme.ANSCR: "ANSCR, for recordings",
    Scheme.LOCAL: "a local number; it sorts word by word, numbers as numbers",
}
MAIN_CLASSES: Final = {
    "A": "general works", "B": "philosophy, psychology, religion", "C": "auxiliary sciences of history",
    "D": "world history", "E": "history of America", "F": "history of America, local",
    "G": "geography, anthropology, recreation", "H": "social sciences", "J": "political science", "K": "law",
    "L": "education", "M": "music", "N": "fine arts", "P": "language and literature", "Q": "science",
    "R": "medicine", "S": "agriculture", "T": "technology", "U": "military science", "V": "naval science",
    "Z": "bibliography, library science",
}  # fmt: skip
"""The 21 main classes of the Library of Congress."""
MEDICINE: Final = {
    "QS": "human anatomy", "QT": "physiology", "QU": "biochemistry, cell biology, genetics", "QV": "pharmacology",
    "QW": "microbiology and immunology", "QX": "parasitology", "QY": "clinical pathology", "QZ": "pathology",
    "W": "medicine and related subjects",
}  # fmt: skip
"""Preclinical schedules of NLM; W covers all of W to WZ."""
HUNDREDS: Final = (
    "computer science, information, general works", "philosophy, psychology", "religion", "social sciences", "language",
    "science", "technology", "arts, recreation", "literature", "history, geography",
)  # fmt: skip
"""The ten main classes of Dewey."""
_CUTTER: Final = re.compile(r"[.\s]*[xX]?([^\W\d_]+)([0-9]+)(.*)\Z", re.DOTALL)
_TERMS: Final = (
    "category",
    "name of composer, performer or author, or title or topic",
    "title",
    "performer, issue number",
)

_WORDS: Final = {
    Role.PREFIX: "a collection of its own, or the size; it does not change the order of the rest",
    Role.CAPTION: "part of the class, a number",
    Role.WORK: "letters for a name or title, in alphabetical order",
    Role.DATE: "year of the edition; older first, then its letter",
    Role.AGENCY: "agency that issued it and its office; the point is not a decimal point",
    Role.STEM: "series; compared as a whole before what follows the colon",
    Role.SUFFIX: "book part: which one of the series; all numbers are whole numbers",
    Role.ENUMERATION: "volume or part, in natural order: 2 before 10",
    Role.COPY: "copy; copies of one volume stand side by side",
}


def explain(number: CallNumber) -> tuple[Explained, ...]:
    """Return every piece with its meaning, in order."""
    found: list[Explained] = []
    terms = 0
    for piece in number.pieces:
        found.append(Explained(piece, _meaning(piece, number.scheme, terms)))
        terms += piece.role is Role.TERM
    return tuple(found)


def _meaning(piece: Piece, scheme: Scheme, terms: int) -> str:
    match piece.role:
        case Role.TERM:
            return _term(piece.text, terms)
        case Role.LETTERS:
            return _letters(piece.text, scheme)
        case Role.NUMBER:
            return _number(piece.text, scheme)
        case Role.CUTTER:
            return _cutter(piece.text)
        case Role.TEXT if scheme is not Scheme.LOCAL:
            return "not part of the scheme; sorts by its characters"
        case Role.TEXT:
            return "sorts by its characters, numbers as numbers"
        case role:
            return _WORDS[role]


def _letters(text: str, scheme: Scheme) -> str:
    letters = text.upper()
    if scheme is Scheme.NLM:
        bare = letters.removeprefix("Z")
        words = MEDICINE.get(bare[:2], MEDICINE["W"] if bare.startswith("W") else "medicine")
        return f"bibliography of {words}" if letters.startswith("Z") else words
    return MAIN_CLASSES.get(letters[0], "a class that the station does not know")


def _number(text: str, scheme: Scheme) -> str:
    whole, _, decimal = text.partition(".")
    if scheme is Scheme.DEWEY:
        words = f"{whole}, {HUNDREDS[int(whole[0])]}"
    else:
        words = f"{int(whole)}, a whole number"
    return f"{words}; the digits behind the point count one by one, as a decimal" if decimal else words


def _cutter(text: str) -> str:
    first, colon, part = text.partition(":")
    found = _CUTTER.match(first)
    if found is None:
        return "a letter that has no number yet"
    letters, digits, mark = found.groups()
    words = f"{letters.upper()}, then the decimal 0.{digits}"
    if "x" in first[: found.start(1)].casefold():
        words += "; the x does not count"
    words += f", then {mark}" if mark else ""
    return words + (f"; then a part of this place ({part}), behind all of the whole" if colon else "")


def _term(text: str, place: int) -> str:
    what = f"term {place + 1} of four: {_TERMS[min(place, 3)]}"
    if place == 0:
        return f"{what}, {CATEGORIES.get(text.upper(), 'one of this library')}"
    return what
