"""Read an enumeration and chronology ("v.13 no.8-10 1997 Aug.-Oct.") into parts, for its order and for its label lines.

    level: designation and numbers   v.13   no.1-4,6   Heft 6   reel 2   3. Reihe   2nd ser.   pt.A   vol. II
    mark: needs no number            Suppl.   Index   n.s.
    date: year, month, season, day   1997   1988/90   Sept.-Dec.   May 8   Nov.1987-Apr.1990
    text: anything else              maps

Every part is as entered; `start` and `end` say where. The text is read from left to right, each character a bounded
number of times, so that the time is proportional to its length.

Choices where no source decides: letters that form a Roman number below 400 are read as one ("v.IX" is v.9), another
single letter as a letter ("pt.A", "v.C"). Four digits without a designation are a year. Two digits after a year and a
hyphen or slash are a year ("1998/02").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from station.catalog.callnumber.designations import (
    INDEX,
    LEVEL,
    MONTH,
    NEEDS_POINT,
    NO_LETTER,
    SUPPLEMENT,
)
from station.catalog.callnumber.value import SUFFIX, fold, number


class Kind(StrEnum):
    """Kind of a part."""

    LEVEL = "level"
    SUPPLEMENT = "supplement"
    INDEX = "index"
    NEW_SERIES = "new series"
    DATE = "date"
    TEXT = "text"


class Unit(StrEnum):
    """Unit of a date."""

    NONE = ""
    YEAR = "year"
    MONTH = "month"
    DAY = "day"


class Part(NamedTuple):
    """One part. Positions are in the text that was read."""

    kind: Kind
    start: int
    end: int
    name: str = ""
    """LEVEL: the designation, by its usual abbreviation ("v")."""
    key: str = ""
    """Sort key of the numbers or the text; DATE: the letters after the value."""
    unit: Unit = Unit.NONE
    value: int = 0
    """DATE: the year, the day, or the place of a month or season in the year (`designations.MONTH`)."""
    sure: bool = True
    """False for text, and for an unknown designation apart from its number: neither begins an enumeration."""


_TOKEN: Final = re.compile(
    r"(?P<word>№|[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*+)|(?P<number>[0-9]++)|(?P<space>\s++)|(?P<other>.)", re.DOTALL
)
_ROMAN: Final = re.compile(r"(?=[cilvx])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})\Z")
_DIGITS: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_LONGEST_ROMAN: Final = 12
_ORDINAL: Final = frozenset(["st", "nd", "rd", "th", "d", "e", "er", "ere", "re", "eme", "ieme", "me", "a", "o"])
"""Letters after an ordinal number in English, French, Italian and Spanish."""
_NEW: Final = frozenset(["n", "nov", "nova", "new", "neue", "nouv", "nouvelle", "nuova", "nueva"])
_NEW_SERIES: Final = frozenset(["s", "f", "r", "ser", "series", "serie", "folge", "reihe"])
_ONE_LEVEL: Final = re.compile(r"([A-Za-z]+)\.([0-9]+)")
_LEVELS: Final = {
    word: name
    for word, name in LEVEL.items()
    if name != "yr" and word not in _NEW and word not in MONTH and word not in SUPPLEMENT and word not in INDEX
}
"""Designations that are nothing else."""
RANGE: Final = "-\u2013\u2010\u2011/"
_LIST: Final = ",&+."


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int
    word: str
    """The text of a word without case and accents; "" for what is no word."""


_END: Final = _Token("end", "", -1, -1, "")


def _token(found: re.Match[str]) -> _Token:
    kind, text = found.lastgroup or "", found[0]
    return _Token(kind, text, found.start(), found.end(), fold(text) if kind == "word" else "")


@lru_cache(maxsize=64)
def read(text: str) -> tuple[Part, ...]:
    """Return the parts, in order. One number is read several times: for its order, and for the lines of its label."""
    if (level := _ONE_LEVEL.fullmatch(text)) and (name := _LEVELS.get(level[1].lower())):
        return (Part(Kind.LEVEL, 0, len(text), name, number(level[2])),)
    return _Reader(text).parts()


def is_level(word: str) -> bool:
    """Return True if the word is a designation and nothing else. Most enumerations are one with its number: "v.12"."""
    return word.lower() in _LEVELS


def through(first: int, end: str) -> int:
    """Return the last year of a span from its digits: 1998 and "02" is 2002."""
    if len(end) > 2:
        return int(end)
    span = 100 if len(end) == 2 else 10
    year = first - first % span + int(end)
    return year if year >= first else year + span


class _Reader:
    """One reading of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: Sequence[_Token] = [_token(found) for found in _TOKEN.finditer(text)]
        self._at = 0
        self._parts: list[Part] = []

    def parts(self) -> tuple[Part, ...]:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind == "number":
                found = self._ordinal() or self._date() or self._text_part()
            elif token.kind == "word":
                found = self._new_series() or self._date() or self._level() or self._text_part()
            elif token.kind == "other" and token.text.isalnum():
                found = self._text_part()
            else:
                self._at += 1
                continue
            self._parts.append(found)
        return tuple(self._parts)

    def _peek(self, ahead: int = 0) -> _Token:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else _END

    def _skip(self, ahead: int, *texts: str) -> int:
        """Return the distance after one token of these, or of white space ("" in `texts`), if it is there."""
        token = self._peek(ahead)
        return ahead + 1 if token.text in texts or (token.kind == "space" and "" in texts) else ahead

    def _made(self, kind: Kind, ahead: int, **more: object) -> Part:
        """Return a part up to the token `ahead`, exclusive, and go there."""
        start = self._tokens[self._at].start
        end = self._tokens[self._at + ahead - 1].end
        self._at += ahead
        return Part(kind, start, end, **more)  # type: ignore[arg-type]

    def _text_part(self) -> Part:
        token = self._peek()
        key = number(token.text) if token.kind == "number" else fold(token.text)
        return self._made(Kind.TEXT, 1, key=key, sure=False)

    # designations

    def _ordinal(self) -> Part | None:
        """ "3. Reihe", "2nd ser.", "12. Jahrg.", "1re ptie", "2\u00aa epoca"."""
        count, ahead, letters = self._peek(), 1, ""
        if self._peek(ahead).word in _ORDINAL:
            letters, ahead = self._peek(ahead).word, ahead + 1
        pointed = self._peek(ahead).text == "."
        ahead = self._skip(ahead, ".")
        if not (letters or pointed):
            return None
        nth, ahead = ahead, self._skip(ahead, "")
        name = LEVEL.get(self._peek(ahead).word, "")
        edition = self._peek(ahead).word == "ed"
        if edition or not name or (len(self._peek(ahead).text) == 1 and self._peek(ahead + 1).text != "."):
            if len(letters) < 2 and not edition:
                return None
            ahead = self._skip(ahead + 1, ".") if edition else nth  # "118th", "2d ed."
            return self._made(Kind.TEXT, ahead, key=number(count.text), sure=False)
        if not letters and self._peek(ahead + 2).kind == "number" and self._peek(ahead + 1).text == ".":
            return None  # "3.v.2"
        ahead = self._skip(ahead + 1, ".")
        return self._made(Kind.LEVEL, ahead, name=name, key=number(count.text))

    def _new_series(self) -> Part | None:
        """ "n.s.", "N.F.", "new ser.", "nouv. ser."."""
        if self._peek().word not in _NEW:
            return None
        ahead = self._skip(1, ".")
        if len(self._peek().text) == 1 and ahead == 1:
            return None
        ahead = self._skip(ahead, "")
        last = self._peek(ahead)
        if last.word not in _NEW_SERIES or (len(last.text) == 1 and len(self._peek().text) > 1):
            return None
        ahead += 1
        if self._peek(ahead).kind == "number" or (
            self._peek(ahead).text == "." and self._peek(ahead + 1).kind == "number"
        ):
            return None
        return self._made(Kind.NEW_SERIES, self._skip(ahead, "."))

    def _level(self) -> Part | None:
        """Designation and numbers, or a supplement or index with or without."""
        token = self._peek()
        word = token.word
        ahead = self._skip(1, ".")
        pointed = ahead == 2
        near = self._peek(ahead)
        if near.text == "]" and self._at and self._tokens[self._at - 1].text == "[":
            ahead, pointed = ahead + 1, True
        after = self._skip(ahead, "")
        apart = after > ahead
        kind = Kind.SUPPLEMENT if word in SUPPLEMENT else Kind.INDEX if word in INDEX else Kind.LEVEL
        known = kind is not Kind.LEVEL or word in LEVEL
        name = LEVEL.get(word, word)
        plain = known and len(word) > 1 and word not in NEEDS_POINT
        if not (pointed or (plain and apart)):
            return self._made(kind, 1) if kind is not Kind.LEVEL and plain else None
        lettered = known and kind is Kind.LEVEL and name not in NO_LETTER and (len(word) > 1 or word in "vt")
        value = self._value(after, lettered) if known or self._peek(after).kind == "number" else None
        if value is None or (apart and not (known and pointed) and _is_recent(self._peek(after))):
            if known and pointed and len(word) > 1 and kind is Kind.LEVEL and self._peek(ahead) is _END:
                return self._made(kind, ahead, name=name)  # "bk."
            return self._made(kind, ahead) if kind is not Kind.LEVEL and (pointed or plain) else None
        if kind is not Kind.LEVEL and apart and _is_year(self._peek(after)):
            return self._made(kind, ahead)
        key, ahead = value
        if name == "yr" and _is_year(self._peek(after)):
            return self._made(Kind.DATE, ahead, unit=Unit.YEAR, value=int(self._peek(after).text))
        while (more := self._more(ahead, name, lettered)) is not None:
            added, ahead = more
            key += added
        return self._made(kind, ahead, name=name, key=key, sure=known or not apart)

    def _value(self, ahead: int, lettered: bool) -> tuple[str, int] | None:
        """Return (key, distance after it) of the number at a distance; None if there is none."""
        token = self._peek(ahead)
        if token.kind == "number":
            key = number(token.text)
            letters = self._peek(ahead + 1)
            named = letters.word in MONTH or (letters.word in LEVEL and self._peek(ahead + 2).text == ".")
            if letters.kind == "word" and len(letters.text) <= 3 and not named:
                return f"{key}{SUFFIX}{letters.word}", ahead + 2
            return key, ahead + 1
        if token.kind != "word":
            return None
        word, behind = token.word, self._peek(ahead + 1)
        if behind.text == "." and self._peek(ahead + 2).kind in ("word", "number"):
            return None  # "no.51-v.61"
        if len(word) == 1 and behind.kind == "number":
            return f"{word}{SUFFIX}{number(behind.text)}", ahead + 2  # "no.A12"
        if not lettered:
            return None
        if len(word) <= _LONGEST_ROMAN and _ROMAN.match(word) and (len(word) > 1 or word in "ivx"):
            return number(str(_roman(word))), ahead + 1
        return (word, ahead + 1) if len(word) == 1 and behind.text != "." else None  # "V. S. Naipaul"

    def _more(self, ahead: int, name: str, lettered: bool) -> tuple[str, int] | None:
        """Return (key, distance after it) of a further number in a list or range; None if there is none."""
        at = self._skip(ahead, "")
        spaced = at > ahead
        mark = self._peek(at).text
        if not mark or mark not in RANGE + _LIST or (mark == "." and spaced):
            return None
        after = self._skip(at + 1, "")
        if after > at + 1 and mark == ".":
            return None
        if LEVEL.get(self._peek(after).word) == name and mark in RANGE:  # "v.1-v.3"
            repeated = self._skip(after + 1, ".")
            if repeated > after + 1:
                after = self._skip(repeated, "")
        token = self._peek(after)
        far = spaced or after > at + 1
        if token.kind != "number" and (far or mark == "."):
            return None
        dated = bool(self._parts) and self._parts[-1].unit is Unit.YEAR
        if dated and _is_recent(token):
            return None  # "1984:no.2-1985:no.3"
        if far and (_is_year(token) or self._named(after)):
            return None
        value = self._value(after, lettered)
        if value is None:
            return None
        key, after = value
        return f"{SUFFIX}{key}{'-' if mark in RANGE else ','}", after

    def _named(self, ahead: int) -> bool:
        """Return True if a designation or month follows a number: "2, 3. Heft"."""
        after = self._skip(self._skip(ahead + 1, "."), "")
        word = self._peek(after).word
        return after > ahead + 1 and (word in LEVEL or word in MONTH)

    # dates

    def _date(self) -> Part | None:
        """One year, month, season or day."""
        token = self._peek()
        if token.kind == "word":
            if token.word not in MONTH:
                return None
            return self._made(Kind.DATE, self._skip(1, "."), unit=Unit.MONTH, value=MONTH[token.word])
        before = self._parts[-1] if self._parts else None
        dated = before if before and before.kind is Kind.DATE else None
        gap = self._text[before.end : token.start] if before else " "
        if gap == "" and dated is None:
            return None  # "AAJ0969"
        letters = self._peek(1)
        named = letters.word in MONTH or (letters.word in LEVEL and self._peek(2).text == ".")
        glued = letters.kind == "word" and not named
        if glued and len(letters.text) > 2:
            return None
        mark, ahead = (letters.word, 2) if glued else ("", 1)
        if len(token.text) == 4:
            return self._made(Kind.DATE, ahead, unit=Unit.YEAR, value=int(token.text), key=mark)
        if len(token.text) > 2:
            return None
        value = int(token.text)
        between = bool(gap) and gap in RANGE
        if dated and dated.unit is Unit.YEAR and between and (len(token.text) == 2 or gap == "-"):
            return self._made(Kind.DATE, ahead, unit=Unit.YEAR, value=through(dated.value, token.text), key=mark)
        if not 1 <= value <= 31:
            return None
        after_month = dated is not None and dated.unit is Unit.MONTH and gap in ("", " ")
        after_day = dated is not None and dated.unit is Unit.DAY and between
        if after_month or after_day or self._peek(self._skip(self._skip(ahead, "."), "")).word in MONTH:
            return self._made(Kind.DATE, ahead, unit=Unit.DAY, value=value, key=mark)
        return None


def _is_year(token: _Token) -> bool:
    return token.kind == "number" and len(token.text) == 4


def _is_recent(token: _Token) -> bool:
    return _is_year(token) and 1500 <= int(token.text) < 2100


def _roman(word: str) -> int:
    values = [_DIGITS[letter] for letter in word]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))
