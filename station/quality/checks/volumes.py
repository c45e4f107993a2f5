"""Numbers of volumes and parts in a designation, by kind: "v.2 disc 1" is volume 2 and disc 1.

Numbers of different kinds are never the same thing: disc 2 of volume 5, op. 125, copy 2, part 4 of a series.
"""

from __future__ import annotations

import re
from typing import Final

_KINDS: Final = {
    "volume": "v vol vols volume volumes bd bde band t tom tome tomo tomus",
    "number": "no nos nr nrs n number numbers num issue issues heft h",
    "part": "pt pts p part parts teil fasc fascicle lfg livr",
    "disc": "disc discs disk disks d cd dvd",
    "book": "bk book buch",
    "series": "ser series",
    "reel": "reel reels",
}  # not for people
_KIND: Final = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_WORDS: Final = "|".join(sorted(_KIND, key=len, reverse=True))
_ROMAN: Final = r"(?=[ivxl])(?:xl|x{0,3})(?:ix|iv|v?i{0,3})"
_DESIGNATED: Final = re.compile(
    rf"(?<![\w.])(?P<word>{_WORDS})(?:\.\s*|\s+)(?P<numbers>[0-9]{{1,4}}(?:\s?[-/,&]\s?[0-9]{{1,4}})*(?![0-9])|{_ROMAN}(?!\w))",
    re.IGNORECASE,
)
_GLUED: Final = re.compile(rf"(?<![\w.])(?P<word>{_WORDS})(?P<numbers>[0-9]{{1,4}})(?![0-9])", re.IGNORECASE)
_ONLY_NUMBER: Final = re.compile(r"\(?0*([0-9]{1,4})\)?\.?\Z")
_ONE: Final = re.compile(r"([0-9]+)(?:\s?[-/]\s?([0-9]+))?")
_LONGEST: Final = 200
"""Maximum length of a range; a longer one is read as its two ends."""
_ROMAN_DIGITS: Final = {"i": 1, "v": 5, "x": 10, "l": 50}


def designated(text: str) -> dict[str, set[str]]:
    """Return the numbers by kind. A text that is only a number is a volume."""
    if alone := _ONLY_NUMBER.match(text.strip()):
        return {"volume": {alone[1]}}
    found: dict[str, set[str]] = {}
    for pattern in (_DESIGNATED, _GLUED):
        for one in pattern.finditer(text):
            numbers = found.setdefault(_KIND[_plain(one["word"])], set())
            more = _numbers(one["numbers"])
            if numbers and text[max(0, one.start() - 2) : one.start()].rstrip()[-1:] in _TO:  # "v.1-v.3"
                begin, end = max(map(int, numbers)), min(map(int, more))
                more |= set(map(str, range(begin, min(end, begin + _LONGEST))))
            numbers |= more
    return found


_TO: Final = ("-", "\u2013")


def _numbers(text: str) -> set[str]:
    if not "0" <= text[:1] <= "9":
        return {str(_roman(_plain(text)))}
    numbers: set[str] = set()
    for first, last in _ONE.findall(text):
        begin, end = int(first), int(last or first)
        if len(last) < len(first):  # "121-23"
            end = int(first[: len(first) - len(last)] + last) if last else begin
        numbers |= set(map(str, range(begin, end + 1))) if 0 <= end - begin <= _LONGEST else {str(begin), str(end)}
    return numbers


def _plain(text: str) -> str:
    """Return the text in lower case. Ignoring case, "i" also matches the Turkish letters without and with a dot, which
    case folding does not unify."""
    return text.casefold().replace("\u0131", "i").replace("\u0307", "")


def _roman(text: str) -> int:
    values = [_ROMAN_DIGITS[char] for char in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))
