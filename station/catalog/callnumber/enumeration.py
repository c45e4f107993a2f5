"""Volume, part and copy at the end of a call number, and their natural order ("v.2" before "v.10").

The text after a number is kept ("no.93-1483" before "no.93-1484"; processing-and-quality.md 5.1, UNT catalog-api #28), and
the designation counts, so that v.2, no.2 and c.2 are three places (pycallnumber gives them one; section 5.4).

Choice where no source decides: supplements and indexes stand behind the volumes of the same number, indexes last.
The words are read from the end, each once, so that long text costs no more than its length.
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber.value import ELEMENT, LAST, VOLUME_MARK, Piece, Role, fold, number

_WORDS: Final = (
    "v vol vols volume n no nos nr number pt pts part bd band t tome ser series d disc disk dvd cd suppl supplement index "
    "bk book jahrg fasc issue reel map folder box op"
)
_DESIGNATION: Final = "|".join(sorted(_WORDS.split(), key=len, reverse=True))
_NO_POINT: Final = "|".join(word for word in _WORDS.split() if len(word) > 1 and word not in ("cd", "dvd", "op"))
_NUMBER: Final = r"\(?[0-9][\w/.()\-]*+"
_ONE: Final = re.compile(rf"(?:(?:{_DESIGNATION})\.{_NUMBER}[:,;]?)++\Z", re.IGNORECASE)
"""A word that is a designation with its number: "v.2", "op.7:no.6"."""
_NAME: Final = re.compile(rf"(?:(?:{_DESIGNATION})\.|(?:{_NO_POINT}))\Z", re.IGNORECASE)
"""A designation whose number is the next word. Single letters and the names of carriers need a point: "CD 12" is none."""
_COUNT: Final = re.compile(rf"{_NUMBER}[:,;]?\Z")
_ALONE: Final = re.compile(r"(?:suppl(?:ement)?s?|index(?:es)?|n\.s|new ser)\.?,?\Z", re.IGNORECASE)
"""Says what it is without a number."""
_YEAR: Final = re.compile(r"\(?[0-9]{4}(?:[-/][0-9]{2,4})?\)?,?\Z")
_COPY: Final = re.compile(r"(?:c\.|cop\.?|copy\.?)(?P<copy>[0-9]{1,4})\Z", re.IGNORECASE)
"""With a point: "C2" is a cutter."""
_COPY_WORD: Final = re.compile(r"(?:c\.|cop\.?|copy)\Z", re.IGNORECASE)
_COPY_NUMBER: Final = re.compile(r"[0-9]{1,4}\Z")
_CHUNK: Final = re.compile(r"[0-9]+|[^\W\d_]+")
_SAME: Final = {
    "vol": "v", "vols": "v", "volume": "v", "n": "no", "nos": "no", "nr": "no", "number": "no", "pts": "pt", "part": "pt",
    "disk": "disc", "d": "disc", "band": "bd", "series": "ser", "book": "bk", "tome": "t",
    "suppl": LAST + "1", "suppls": LAST + "1", "supplement": LAST + "1", "supplements": LAST + "1",
    "index": LAST + "2", "indexes": LAST + "2",
}  # fmt: skip


def split(text: str, keep: int = 1) -> tuple[str, str, int]:
    """(what is in front, enumeration as entered or "", copy number or 0). The first `keep` words are never taken."""
    words = text.split()
    end = len(words)
    copy = 0
    if end > keep and (found := _COPY.match(words[-1])):
        copy, end = int(found["copy"]), end - 1
    elif end > keep + 1 and _COPY_NUMBER.match(words[-1]) and _COPY_WORD.match(words[-2]):
        copy, end = int(words[-1]), end - 2
    start = at = end
    while at > keep:
        word = words[at - 1]
        if _ONE.match(word) or _ALONE.match(word):
            start = at = at - 1
        elif at > keep + 1 and _COUNT.match(word) and _NAME.match(words[at - 2]):
            start = at = at - 2
        elif _YEAR.match(word):
            at -= 1
        else:
            break
    if start == len(words):
        return text, "", 0
    return " ".join(words[:start]).rstrip(" ,"), " ".join(words[start:end]).strip(" ,"), copy


def key(enumeration: str) -> str:
    """Natural order: numbers as numbers, words by their usual abbreviation; "" for none."""
    if not enumeration:
        return ""
    return VOLUME_MARK + ELEMENT.join(map(_element, _CHUNK.findall(enumeration)))


def _element(chunk: str) -> str:
    if "0" <= chunk[0] <= "9":
        return number(chunk)
    word = fold(chunk)
    return _SAME.get(word, word)


def pieces(enumeration: str, copy: int) -> tuple[Piece, ...]:
    """The pieces that `split` took off."""
    found: tuple[Piece, ...] = ()
    if enumeration:
        found += (Piece(Role.ENUMERATION, enumeration),)
    if copy:
        found += (Piece(Role.COPY, f"c.{copy}"),)
    return found
