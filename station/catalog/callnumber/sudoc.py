"""Superintendent of Documents numbers: by issuing agency, series and book part.

    agency letters, number . series [/- segments] : book part [/- . segments]

Source: processing-and-quality.md 5.2 (Humboldt): letters, then whole numbers (the point is *not* a decimal point); the
stem before the colon is compared first, then what follows it; numbers as integers, so that the three-digit years before
2000 ("993" = 1993) stand before 2000 by themselves. At the same place letters stand before numbers there, but local
order differs (S.HRG. is an exception): `letters_first` is a switch.
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.value import NUMERAL, WORD, CallNumber, Key, Piece, Role, Scheme

_HEAD: Final = re.compile(
    r"(?P<agency>[A-Z]{1,5})\s*(?P<office>\d+)\s*\.\s*(?P<stem>[^\W_][^:]*)(?P<colon>:)?(?P<rest>.*)\Z", re.IGNORECASE
)
_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+")
_LETTERS_FIRST: Final = NUMERAL - 1
_COLON: Final = NUMERAL - 2
"""Stands before every other piece: whatever has the same stem and goes on in it comes later."""


def parse(text: str, prefix: tuple[str, ...] = (), *, letters_first: bool = True) -> CallNumber | None:
    """Read a SuDoc number; None if it is none. Volumes are book parts there; only a copy number is taken off."""
    number, part, copy = enumeration.split(text)
    if part or not copy:
        number, copy = text, 0
    head = _HEAD.match(number)
    if head is None or not (head["colon"] or head["stem"][0].isdecimal()):
        return None
    stem, rest = head["stem"].strip(), head["rest"].strip()
    agency: Key = ((WORD, head["agency"].casefold()), (NUMERAL, int(head["office"])))
    pieces = [
        Piece(Role.AGENCY, f"{head['agency']} {head['office']}.", "issuing agency and its office"),
        Piece(Role.STEM, stem + (":" if head["colon"] else ""), "series"),
    ]
    base = (*agency, *_keys(stem, letters_first))
    if rest:
        pieces.append(Piece(Role.SUFFIX, rest, "book part"))
        base = (*base, (_COLON,), *_keys(rest, letters_first))
    return CallNumber(
        scheme=Scheme.SUDOC,
        text=text,
        pieces=(*(Piece(Role.PREFIX, word) for word in prefix), *pieces, *enumeration.pieces("", copy)),
        base=base,
        copy=copy,
    )


def _keys(text: str, letters_first: bool) -> Key:
    letters = _LETTERS_FIRST if letters_first else WORD
    return tuple(
        (NUMERAL, int(chunk)) if chunk.isdecimal() else (letters, chunk) for chunk in _TOKEN.findall(text.casefold())
    )
