"""Everything that follows no scheme: accession numbers, names, house schemes. Natural order, word by word."""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.value import NUMERAL, WORD, CallNumber, Piece, Role, Scheme

_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+")


def parse(text: str) -> CallNumber:
    """Any text; numbers in it count as numbers ("CD 9" before "CD 10")."""
    number, part, copy = enumeration.split(text)
    keys = tuple(
        (NUMERAL, int(chunk)) if chunk.isdecimal() else (WORD, chunk) for chunk in _TOKEN.findall(number.casefold())
    )
    return CallNumber(
        scheme=Scheme.LOCAL,
        text=text,
        pieces=(*(Piece(Role.TEXT, word) for word in number.split()), *enumeration.pieces(part, copy)),
        base=keys,
        enumeration=enumeration.key(part),
        copy=copy,
    )
