"""A call number that was understood: its pieces, its shelf order, and its words. Values only; each scheme has its file.

The text is kept as entered: normalising is for sorting alone, never for a label (processing-and-quality.md 5.1, last
row; Koha bug 10821).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Key = tuple[tuple[int | str, ...], ...]
"""One shelving unit a piece; compared piece by piece, a shorter one first ("nothing before something")."""


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


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece in the order in which it stands."""

    role: Role
    text: str
    """As entered, without surrounding spaces."""
    words: str = ""
    """What it means, for `explain`; "" where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class CallNumber:
    """A call number, understood. Two are on the same place of the shelf if their `key`s are equal."""

    scheme: Scheme
    text: str
    """As entered; runs of white space are one space."""
    pieces: tuple[Piece, ...]
    base: Key
    """Order without enumeration and copy."""
    enumeration: Key = ()
    copy: int = 0
    """Copy number; 0 = none said."""
    remarks: tuple[str, ...] = ()
    """What is odd but was tolerated, in plain sentences."""

    @property
    def key(self) -> tuple[str, Key, Key, int]:
        """Total order: scheme, base, volumes in natural order, copies."""
        return (self.scheme.value, self.base, self.enumeration, self.copy)

    def of(self, *roles: Role) -> tuple[str, ...]:
        """The texts of all pieces with these roles, in order."""
        return tuple(piece.text for piece in self.pieces if piece.role in roles)


NUMERAL = 0
"""First entry of a key piece that compares as a number; numbers stand before letters at the same place."""
WORD = 1
"""First entry of a key piece that compares as letters, then as a decimal fraction."""
