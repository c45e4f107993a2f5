"""Numbers that follow no scheme: accession numbers, names, house schemes. Natural order, word by word.

"CD 9" sorts before "CD 10", and "CD-9" is the same place as "CD 9" (Princeton orangelight #841).
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.designations import CARRIERS
from station.catalog.callnumber.parts import read
from station.catalog.callnumber.value import ELEMENT, VOLUME_MARK, CallNumber, Piece, Role, Scheme, fold, number

_TOKEN: Final = re.compile(r"[0-9]+|[^\W\d_]+|[^\W_]")


def parse(text: str, remarks: tuple[str, ...] = (), *, rules: enumeration.Rules = enumeration.STANDARD) -> CallNumber:
    """Read any text as a local call number; numbers in it sort as numbers.

    A text that is a volume and nothing else ("V. 3 1986") sorts as such, among the other local numbers.
    """
    front, part, copy = enumeration.split(text, keep=0)
    if part and not front and read(part)[0].name in CARRIERS:  # "CD 1234"
        front, part, copy = enumeration.split(text)
    pieces = [Piece(Role.TEXT, word) for word in front.split()]
    pieces += enumeration.pieces(part, copy)
    key = enumeration.key(part, rules)
    if not front:
        key = key.replace(VOLUME_MARK, ELEMENT, 1)
    return CallNumber(
        scheme=Scheme.LOCAL,
        text=text,
        pieces=tuple(pieces),
        base=natural(front),
        enumeration=key,
        copy=copy,
        remarks=remarks,
    )


def natural(text: str) -> str:
    """Return the sort key of any text: each run of digits is a number, each run of letters a word."""
    chunks = _TOKEN.findall(text)
    return "".join(ELEMENT + (number(chunk) if "0" <= chunk[0] <= "9" else fold(chunk)) for chunk in chunks)
