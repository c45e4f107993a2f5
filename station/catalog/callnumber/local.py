"""Numbers that follow no scheme: accession numbers, names, house schemes. Natural order, word by word.

"CD 9" sorts before "CD 10", and "CD-9" is the same place as "CD 9" (Princeton orangelight #841).
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.value import ELEMENT, CallNumber, Piece, Role, Scheme, fold, number

_TOKEN: Final = re.compile(r"[0-9]+|[^\W\d_]+|[^\W_]")


def parse(text: str, remarks: tuple[str, ...] = ()) -> CallNumber:
    """Read any text as a local call number; numbers in it sort as numbers."""
    front, part, copy = enumeration.split(text)
    pieces = [Piece(Role.TEXT, word) for word in front.split()]
    pieces += enumeration.pieces(part, copy)
    return CallNumber(
        scheme=Scheme.LOCAL,
        text=text,
        pieces=tuple(pieces),
        base=natural(front),
        enumeration=enumeration.key(part),
        copy=copy,
        remarks=remarks,
    )


def natural(text: str) -> str:
    """Return the sort key of any text: each run of digits is a number, each run of letters a word."""
    chunks = _TOKEN.findall(text)
    return "".join(ELEMENT + (number(chunk) if "0" <= chunk[0] <= "9" else fold(chunk)) for chunk in chunks)
