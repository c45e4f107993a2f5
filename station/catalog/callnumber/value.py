"""A parsed call number: its pieces and its shelf order. Values only; each scheme has its own file.

The text is kept as entered: normalization is for sorting only, never for a label
(docs/reference/call-numbers.md#library-of-congress, last row; Koha bug 10821).

A key is one string. Keys compare character by character, so a database, or `sort` in the C locale, can use them too. A
key consists of elements, each after a separator that sorts below every letter and digit, so that nothing sorts before
something:

    scheme $element $element ... "volume $number ... !copy (space)prefix

Whole numbers are prefixed with their length (9 is "19", 10 is "210"), so that they compare as numbers. Decimals are
unchanged.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final, NamedTuple

PREFIX_MARK: Final = " "
COPY_MARK: Final = "!"
VOLUME_MARK: Final = '"'
COLON: Final = "#"
"""Precedes the book part of a SuDoc number: longer stems sort after it."""
ELEMENT: Final = "$"
"""Precedes every element."""
SUFFIX: Final = "%"
"""Precedes what is attached to an element: a work mark, the letter of a date."""
FIRST: Final = "&"
"""Starts an element that sorts before numbers and letters in its position."""
LAST: Final = "~"
"""Starts an element that sorts after the ASCII letters in its position."""


class Scheme(StrEnum):
    """Classification schemes, named as everywhere else in the station."""

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
    """Role of a piece of a call number."""

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
    """One piece, in the order of the call number. `explain` gives its meaning."""

    role: Role
    text: str
    """As entered, without surrounding spaces."""


class CallNumber(NamedTuple):
    """A parsed call number. Two call numbers have the same place on the shelf if their `key`s are equal."""

    scheme: Scheme
    text: str
    """As entered; runs of white space are one space."""
    pieces: tuple[Piece, ...]
    base: str
    """Sort key without volume, copy and prefix."""
    enumeration: str = ""
    """Sort key of volume and part; "" = none given."""
    copy: int = 0
    """Copy number; 0 = none given."""
    prefix: tuple[str, ...] = ()
    """Collection words in front of the number. They sort last: a collection is a separate place, to be separated before
    sorting; and a prefix must not change how the rest is read (docs/reference/call-numbers.md#pycallnumber)."""
    remarks: tuple[str, ...] = ()
    """Tolerated oddities, or why the number does not follow the given scheme; in plain sentences."""

    @property
    def key(self) -> str:
        """Return the key of the total order: scheme, number, volumes in natural order, copies, prefix."""
        key = self.scheme.value + self.base + self.enumeration
        if self.copy:
            key += COPY_MARK + number(str(self.copy))
        for word in self.prefix:
            key += PREFIX_MARK + (fold(word) or word)
        return key

    def of(self, *roles: Role) -> tuple[str, ...]:
        """Return the texts of all pieces with these roles, in order."""
        return tuple(piece.text for piece in self.pieces if piece.role in roles)


class NotThisScheme(Exception):
    """The text does not follow the scheme; the message is a plain sentence that says why. Never leaves `parse`."""


_LONGEST: Final = 9


def number(digits: str) -> str:
    """Return ASCII digits of any length in a form that compares as whole numbers: prefixed with their length, which has
    a nine for each full nine digits."""
    digits = digits.lstrip("0") or "0"
    nines, rest = divmod(len(digits), _LONGEST)
    return f"{rest}{digits}" if not nines else "9" * nines + f"{rest}{digits}"


_SPELLED: Final = str.maketrans({
    "\u00e6": "ae", "\u0153": "oe", "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00f0": "d", "\u00fe": "th",
    "\u0131": "i", "\u0127": "h", "\u0167": "t", "\u014b": "ng", "\u01a1": "o", "\u01b0": "u",
})  # fmt: skip
"""Letters without a Unicode decomposition, as libraries file them (ALA-LC: ligatures as two letters, modified letters as
the plain one). The sharp s becomes "ss" with case folding."""


def plain(text: str) -> str:
    """Return the text without case and accents, in letters that a label and a shelf have; punctuation stays."""
    if text.isascii():
        return text.lower()
    spelled = unicodedata.normalize("NFKD", text).casefold().translate(_SPELLED)
    return "".join(char for char in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(char))


def fold(text: str) -> str:
    """Return only letters and digits, without case, accents and punctuation. A modifier letter (the soft sign of
    romanized Russian, the ayn) is punctuation."""
    lowered = text.lower() if text.isascii() else plain(text)
    if lowered.isascii():
        return lowered if lowered.isalnum() else "".join(char for char in lowered if char.isalnum())
    return "".join(char for char in lowered if char.isalnum() and unicodedata.category(char) != "Lm")
