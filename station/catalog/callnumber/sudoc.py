"""Superintendent of Documents numbers: by issuing agency, series and book part.

    agency letters, number . series [/- segments] : book part [/- . segments]

Sources: docs/reference/call-numbers.md#dewey-and-sudoc; the shelving pages of Cal Poly Humboldt, Wright State and
others (docs/call-numbers.md). The period is *not* a decimal point: all numbers are whole numbers. The stem before the
colon is compared first, then the text after it. Nothing sorts before something, and single letters before several (L
2.3, LC 4.7). In the same position letters sort before numbers. The libraries differ in three points, so each is a
switch of `Rules`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.value import (
    COLON,
    ELEMENT,
    FIRST,
    LAST,
    CallNumber,
    NotThisScheme,
    Piece,
    Role,
    Scheme,
    fold,
    number,
)


class Senate(StrEnum):
    """Position of "S.HRG." and "S.PRT." numbers among those of their committee."""

    SESSION = "session"
    """By the number of the Congress, as if the letters were absent (Humboldt): 98/52, S.HRG.104-374."""
    LETTERS = "letters"
    """Like all other letters: before the numbers."""
    LAST = "last"
    """After everything else of the class (Wright State)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Options that differ between libraries."""

    letters_first: bool = True
    """Letters sort before numbers in the same position (Humboldt, Wright State)."""
    senate: Senate = Senate.SESSION
    years_first: bool = False
    """A year after a slash is a revision and sorts before other numbers: R 5/975, R 5/2 (Wright State). Humboldt files
    years as numbers: IN 8/2, IN 8/965."""


STANDARD: Final = Rules()

_HEAD: Final = re.compile(
    r"(?P<agency>[A-Z]{1,5})\s*+(?P<office>[0-9]++)\s*+\.\s*+(?P<stem>[^\W_][^:]*+)(?P<colon>:)?(?P<rest>.*+)\Z",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN: Final = re.compile(r"[0-9]+|[^\W\d_]+")
_SENATE: Final = re.compile(r"S\.?\s?(?:HRG|PRT)\b\.?", re.IGNORECASE)
_REVISION: Final = re.compile(r"/(?:[89][0-9]{2}|1[89][0-9]{2}|20[0-9]{2})(?![0-9])")


def parse(text: str, prefix: tuple[str, ...] = (), *, named: bool = True, rules: Rules = STANDARD) -> CallNumber:
    """Read a SuDoc number. Raise `NotThisScheme` if it is not one. Only a copy number is removed: volumes are book
    parts."""
    front, copy = enumeration.without_copy(text)
    head = _HEAD.match(front)
    if head is None:
        raise NotThisScheme("it does not begin with the letters of an agency, a number and a point")
    if not head["colon"] and not (named and head["stem"][0].isdecimal()):
        raise NotThisScheme("it has no colon after the series")
    stem, rest = head["stem"].strip(), head["rest"].strip()
    pieces = [Piece(Role.PREFIX, word) for word in prefix]
    pieces.append(Piece(Role.AGENCY, f"{head['agency']} {head['office']}."))
    pieces.append(Piece(Role.STEM, stem + (":" if head["colon"] else "")))
    base = ELEMENT + fold(head["agency"]) + ELEMENT + number(head["office"]) + _key(stem, rules)
    if rest:
        pieces.append(Piece(Role.SUFFIX, rest))
        base += COLON + _book_part(rest, rules)
    pieces += enumeration.pieces("", copy)
    return CallNumber(Scheme.SUDOC, text, tuple(pieces), base, copy=copy, prefix=prefix)


def _book_part(rest: str, rules: Rules) -> str:
    senate = _SENATE.match(rest)
    if senate is None or rules.senate is Senate.LETTERS:
        return _key(rest, rules)
    behind = rest[senate.end() :]
    mark = fold(senate[0])
    if rules.senate is Senate.LAST:
        return f"{ELEMENT}{LAST}{mark}{_key(behind, rules)}"
    return f"{_key(behind, rules)}{ELEMENT}{mark}"


def _key(text: str, rules: Rules) -> str:
    years = {found.start() + 1 for found in _REVISION.finditer(text)} if rules.years_first else set()
    mark = FIRST if rules.letters_first else ""
    key = ""
    for found in _TOKEN.finditer(text):
        chunk = found[0]
        if not "0" <= chunk[0] <= "9":
            key += ELEMENT + mark + fold(chunk)
        elif found.start() in years:
            key += ELEMENT + FIRST + FIRST + number(f"1{chunk}" if len(chunk) == 3 else chunk)
        else:
            year = len(chunk) == 3 and chunk[0] in "89" and text[found.start() - 1 : found.start()] == "/"
            key += ELEMENT + number(f"1{chunk}" if year else chunk)
    return key
