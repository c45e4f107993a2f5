"""Volume, part and copy at the end of a call number, and their natural order ("v.2" before "v.10").

The text after a number is kept ("no.93-1483" before "no.93-1484"; docs/reference/call-numbers.md#library-of-congress,
UNT catalog-api #28), and the designation counts, so that v.2, no.2 and c.2 are three places (pycallnumber gives them
one; docs/reference/call-numbers.md#pycallnumber).

Chronology in parentheses belongs to its volume, with its whole content ("v.12:no.3(1990:Mar.)", "v.12 (1990 Mar)").

Choices where no source decides: supplements and indexes sort after the volumes of the same number, indexes last. Months
sort by the calendar. After the usual words for a volume, letters that form a Roman number below 50 are read as one
("v.IX" is v.9), and another single letter as a letter ("pt.A").

The words are read from the end, each once, so that the time is proportional to the length of the text.
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber.value import ELEMENT, LAST, VOLUME_MARK, Piece, Role, fold, number

_WORDS: Final = (
    "v vol vols volume n no nos nr number pt pts part bd band t tome ser series d disc disk dvd cd suppl supplement index "
    "bk book jahrg jg fasc heft h lfg issue reel map folder box op yr"
)
_DESIGNATION: Final = "|".join(sorted(_WORDS.split(), key=len, reverse=True))
_NO_POINT: Final = "|".join(word for word in _WORDS.split() if len(word) > 1 and word not in ("cd", "dvd", "op"))
_NUMBER: Final = r"\(?[0-9](?:\([^()]*+\)|[\w/.()\-])*+"
_LETTERED: Final = frozenset(
    ["v", "vol", "vols", "volume", "pt", "pts", "part", "bd", "band", "t", "tome", "ser", "series", "bk", "book"]
)
"""Words whose number may be Roman, or a letter."""
_ROMAN: Final = r"(?=[ivxl])(?:xl|x{0,3})(?:ix|iv|v?i{0,3})"
_LETTER: Final = rf"(?:{_ROMAN}|[a-z])(?:\([^()]*+\))?(?!\w)"
_ONE: Final = re.compile(
    rf"(?:(?:(?:{_DESIGNATION})\.{_NUMBER}|(?:{'|'.join(sorted(_LETTERED))})\.{_LETTER})[:,;]?)++\Z", re.IGNORECASE
)
"""One word with designation and number: "v.2", "op.7:no.6", "v.171(1953:Jan-Jun)", "pt.A"."""
_NAME: Final = re.compile(rf"(?:(?:{_DESIGNATION})\.|(?:{_NO_POINT}))\Z", re.IGNORECASE)
"""A designation whose number is the next word. Single letters and the names of carriers need a period: "CD 12" is not a
designation."""
_COUNT: Final = re.compile(rf"{_NUMBER}[:,;]?\Z")
_LETTERED_NAME: Final = re.compile(rf"(?:{'|'.join(sorted(_LETTERED))})\.\Z", re.IGNORECASE)
_LETTER_COUNT: Final = re.compile(rf"{_LETTER}[:,;]?\Z", re.IGNORECASE)
_ALONE: Final = re.compile(r"(?:suppl(?:ement)?s?|index(?:es)?|n\.s|new ser)\.?,?\Z", re.IGNORECASE)
"""Designations that need no number."""
_YEAR: Final = re.compile(r"(?:\(?[0-9]{4}(?:[-/][0-9]{2,4})?\)?|\((?=[^()]*[0-9]{4})[^()]*+\)),?\Z")
_COPY: Final = re.compile(r"(?:c\.|cop\.?|copy\.?)(?P<copy>[0-9]{1,4})\Z", re.IGNORECASE)
"""A copy needs a period: "C2" is a cutter."""
_COPY_WORD: Final = re.compile(r"(?:c\.|cop\.?|copy)\Z", re.IGNORECASE)
_COPY_NUMBER: Final = re.compile(r"[0-9]{1,4}\Z")
_MONTHS: Final = (
    "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august", "sep sept september",
    "oct october", "nov november", "dec december",
)  # fmt: skip
_MONTH: Final = {name: month for month, names in enumerate(_MONTHS, 1) for name in names.split()}
_DATED: Final = re.compile(rf"[0-9]{{4}}[:/](?:{'|'.join(_MONTH)})\b[\w/.:\-]*+,?\Z", re.IGNORECASE)
"""A year with its months needs no designation: "1999:Jan.-June"."""
_ROMAN_NUMBER: Final = re.compile(rf"{_ROMAN}\Z")
_ROMAN_DIGITS: Final = {"i": 1, "v": 5, "x": 10, "l": 50}
_LONGEST_BRACKET: Final = 8
"""Maximum number of words in parentheses."""
_CHUNK: Final = re.compile(r"[0-9]+|[^\W\d_]+")
_SAME: Final = {
    "vol": "v", "vols": "v", "volume": "v", "n": "no", "nos": "no", "nr": "no", "number": "no", "pts": "pt", "part": "pt",
    "disk": "disc", "d": "disc", "band": "bd", "heft": "h", "jahrg": "jg", "series": "ser", "book": "bk", "tome": "t",
    "suppl": LAST + "1", "suppls": LAST + "1", "supplement": LAST + "1", "supplements": LAST + "1",
    "index": LAST + "2", "indexes": LAST + "2",
}  # fmt: skip


def split(text: str, keep: int = 1) -> tuple[str, str, int]:
    """Return (text before, enumeration as entered or "", copy number or 0). The first `keep` words are never
    removed."""
    words = _words(text)
    end = len(words)
    copy = 0
    if end > keep and (found := _COPY.match(words[-1])):
        copy, end = int(found["copy"]), end - 1
    elif end > keep + 1 and _COPY_NUMBER.match(words[-1]) and _COPY_WORD.match(words[-2]):
        copy, end = int(words[-1]), end - 2
    start = at = end
    while at > keep:
        word = words[at - 1]
        if _ONE.match(word) or _ALONE.match(word) or _DATED.match(word):
            start = at = at - 1
        elif at > keep + 1 and _counted(words[at - 2], word):
            start = at = at - 2
        elif _YEAR.match(word):
            at -= 1
        else:
            break
    if start == len(words):
        return text, "", 0
    return " ".join(words[:start]).rstrip(" ,"), " ".join(words[start:end]).strip(" ,"), copy


def _words(text: str) -> list[str]:
    """Return the words. Text in parentheses at the end of the text, or before its copy, is one word, even with
    spaces."""
    words = text.split()
    for last in range(len(words) - 1, max(len(words) - 4, 0), -1):
        if words[last].rstrip(",;").endswith(")") and "(" not in words[last]:
            for first in range(last - 1, max(last - _LONGEST_BRACKET, -1), -1):
                if "(" in words[first]:
                    words[first : last + 1] = [" ".join(words[first : last + 1])]
                    break
            break
    return words


def _counted(name: str, count: str) -> bool:
    """Return True for a designation with its number as the next word: "v. 2", "vol. II"."""
    if _COUNT.match(count):
        return _NAME.match(name) is not None
    return _LETTERED_NAME.match(name) is not None and _LETTER_COUNT.match(count) is not None


def key(enumeration: str) -> str:
    """Return the sort key in natural order: numbers as numbers, months as numbers, words by their usual abbreviation;
    "" for none."""
    if not enumeration:
        return ""
    elements, before = [], ""
    for chunk in _CHUNK.findall(enumeration):
        word = chunk if "0" <= chunk[0] <= "9" else fold(chunk)
        elements.append(_element(word, before))
        before = word
    return VOLUME_MARK + ELEMENT.join(elements)


def _element(word: str, before: str) -> str:
    if "0" <= word[:1] <= "9":
        return number(word)
    if before in _LETTERED and _ROMAN_NUMBER.match(word):
        return number(str(_roman(word)))
    if word in _MONTH:
        return number(str(_MONTH[word]))
    return _SAME.get(word, word)


def _roman(word: str) -> int:
    values = [_ROMAN_DIGITS[letter] for letter in word]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def pieces(enumeration: str, copy: int) -> tuple[Piece, ...]:
    """Return the pieces that `split` removed."""
    found: tuple[Piece, ...] = ()
    if enumeration:
        found += (Piece(Role.ENUMERATION, enumeration),)
    if copy:
        found += (Piece(Role.COPY, f"c.{copy}"),)
    return found
