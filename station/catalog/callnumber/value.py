"""A call number that was understood: its pieces and its shelf order. Values only; each scheme has its file.

The text is kept as entered: normalising is for sorting alone, never for a label (processing-and-quality.md 5.1, last
row; Koha bug 10821).

A key is one string. Keys compare character by character, so a database, or `sort` in the C locale, can use them too. It is
built of elements behind separators that stand below every letter and digit, so that nothing stands before something:

    scheme $element $element ... "volume $number ... !copy (space)prefix

Whole numbers carry their length in front (9 is "19", 10 is "210"), so that they compare as numbers. Decimals stand as they are.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

PREFIX_MARK: Final = " "
COPY_MARK: Final = "!"
VOLUME_MARK: Final = '"'
COLON: Final = "#"
"""In front of the book part of a SuDoc number: whatever goes on in the stem comes later."""
ELEMENT: Final = "$"
"""In front of every element."""
SUFFIX: Final = "%"
"""In front of what hangs on an element: a work mark, the letter of a date."""
FIRST: Final = "&"
"""Begins an element that stands before numbers and letters at its place."""
LAST: Final = "~"
"""Begins an element that stands behind the ASCII letters at its place."""


class Scheme(StrEnum):
    """Classification schemes, named as everywhere in the station."""

    LC = "lc"
    """Library of Congress Classification."""
    DEWEY = "dewey"
    NLM = "nlm"
    """National Library of Medicine."""
    SUDOC = "sudoc"
    """Superintendent of Documents."""
    ANSCR = "anscr"
    """Alpha-Numeric System for Classification of Recordings."""
    LOCAL = "local"
    """Anything else: accession numbers, names, house schemes."""


class Role(StrEnum):
    """What a piece of a call number is."""

    PREFIX = "prefix"
    LETTERS = "class letters"
    NUMBER = "class number"
    CAPTION = "date or ordinal of the class"
    CUTTER = "cutter"
    WORK = "work letters"
    DATE = "date"
    AGENCY = "agency"
    STEM = "stem"
    SUFFIX = "book part"
    TERM = "term"
    TEXT = "text"
    ENUMERATION = "volume or part"
    COPY = "copy"


class Piece(NamedTuple):
    """One piece, in the order in which it stands. `explain` says what it means."""

    role: Role
    text: str
    """As entered, without surrounding spaces."""


@dataclass(frozen=True, slots=True)
class CallNumber:
    """A call number, understood. Two stand at the same place of the shelf if their `key`s are equal."""

    scheme: Scheme
    text: str
    """As entered; runs of white space are one space."""
    pieces: tuple[Piece, ...]
    base: str
    """Order without volume, copy and prefix."""
    enumeration: str = ""
    """Order of volume and part; "" = none said."""
    copy: int = 0
    """Copy number; 0 = none said."""
    prefix: tuple[str, ...] = ()
    """Collection words in front of the number. They count last: a collection is a place of its own, to be taken apart
    before sorting; and a prefix must not change how the rest is read (processing-and-quality.md 5.4)."""
    remarks: tuple[str, ...] = ()
    """What is odd but was tolerated, or why it does not follow the scheme that was named; in plain sentences."""

    @property
    def key(self) -> str:
        """Total order: scheme, number, volumes in natural order, copies, prefix."""
        key = self.scheme.value + self.base + self.enumeration
        if self.copy:
            key += COPY_MARK + number(str(self.copy))
        for word in self.prefix:
            key += PREFIX_MARK + (fold(word) or word)
        return key

    def of(self, *roles: Role) -> tuple[str, ...]:
        """The texts of all pieces with these roles, in order."""
        return tuple(piece.text for piece in self.pieces if piece.role in roles)


class NotThisScheme(Exception):
    """The text does not follow the scheme; the message is a plain sentence that says why. Never leaves `parse`."""


_LONGEST: Final = 9


def number(digits: str) -> str:
    """ASCII digits of any length so that they compare as whole numbers: their length in front, a nine for each nine."""
    digits = digits.lstrip("0") or "0"
    nines, rest = divmod(len(digits), _LONGEST)
    return f"{rest}{digits}" if not nines else "9" * nines + f"{rest}{digits}"


def fold(text: str) -> str:
    """Letters and digits alone, without case, accents and points."""
    if text.isascii():
        return text.lower() if text.isalnum() else "".join(char for char in text.lower() if char.isalnum())
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum() and not unicodedata.combining(char))
