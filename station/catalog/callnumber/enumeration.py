"""Volume, part and copy at the end of a call number, and their natural order ("v.2" before "v.10").

The text after a number is kept ("no.93-1483" before "no.93-1484"; processing-and-quality.md 5.1, UNT catalog-api #28), and
the designation counts, so that v.2, no.2 and c.2 are three places (pycallnumber gives them one; section 5.4).
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber.value import NUMERAL, WORD, Key, Piece, Role

_WORDS: Final = (
    "v vol vols volume no nos nr number pt pts part bd band t tome ser series d disc disk dvd cd suppl supplement index "
    "bk book jahrg fasc issue reel map folder box"
)
_DESIGNATION: Final = "|".join(sorted(_WORDS.split(), key=len, reverse=True))
_ONE: Final = rf"(?:{_DESIGNATION})(?:\.\s?|\s)\(?\d[\w/.()\-]*"
_YEARS: Final = r"\d{4}(?:[-/]\d{2,4})?"
_AT_END: Final = re.compile(rf"(?:^|[\s,])(?P<part>{_ONE}(?:[\s,:]+(?:{_ONE}|{_YEARS}))*)\s*\Z", re.IGNORECASE)
_COPY: Final = re.compile(r"(?:^|[\s,])(?:c|copy|cop)\.?\s?(?P<copy>\d{1,4})\s*\Z", re.IGNORECASE)
_CHUNK: Final = re.compile(r"\d+|[^\W\d_]+")
_SAME: Final = {
    "vol": "v", "vols": "v", "volume": "v", "nos": "no", "nr": "no", "number": "no", "pts": "pt", "part": "pt",
    "disk": "disc", "d": "disc", "band": "bd", "series": "ser", "supplement": "suppl", "book": "bk", "tome": "t",
}  # fmt: skip


def split(text: str) -> tuple[str, str, int]:
    """(call number, enumeration as entered or "", copy number or 0). Never takes everything: something stays in front."""
    copy = 0
    found = _COPY.search(text)
    if found and found.start() > 0:
        copy = int(found["copy"])
        text = text[: found.start()].rstrip(" ,")
    found = _AT_END.search(text)
    if found and found.start() > 0:
        return text[: found.start()].rstrip(" ,"), found["part"].strip(), copy
    return text, "", copy


def key(enumeration: str) -> Key:
    """Natural order: numbers as numbers, words as words with their usual abbreviation."""
    pieces: list[tuple[int | str, ...]] = []
    for chunk in _CHUNK.findall(enumeration.casefold()):
        if chunk.isdecimal():
            pieces.append((NUMERAL, int(chunk)))
        else:
            pieces.append((WORD, _SAME.get(chunk, chunk)))
    return tuple(pieces)


def pieces(enumeration: str, copy: int) -> tuple[Piece, ...]:
    """The pieces that `split` took off."""
    found: tuple[Piece, ...] = ()
    if enumeration:
        found += (Piece(Role.ENUMERATION, enumeration),)
    if copy:
        found += (Piece(Role.COPY, f"c.{copy}"),)
    return found
