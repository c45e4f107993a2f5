"""Volume, part, chronology and copy at the end of a call number, and their order ("v.2" before "v.10").

The text after a number is kept ("no.93-1483" before "no.93-1484"; docs/reference/call-numbers.md#library-of-congress,
UNT catalog-api #28), and the designation counts, so that v.2, no.2 and c.2 are three places (pycallnumber gives them
one; docs/reference/call-numbers.md#pycallnumber).

Choices where no source decides; `Rules` has those in which libraries differ:

- An enumeration begins at the first designation after the last cutter, or at a year with its month or season. A date
  before it that is only a year belongs to the number ("1972 v.1").
- All levels count before all dates, wherever they are written: v.11 no.4 (Dec. 1989) and "v.11 1989 no.4 Dec." are one
  place. A date in front ("1999:no.3", "2015 summer") counts first, as a date of the number does.
- Words at the end, after a date, count after it: they are about the volume of that date ("v.90(2012:Jan-June)inc.").
- A series that has a designation ("ser.2", "n.s.") sorts after the volumes without one.
- A range sorts by its first number, after all that has this number alone ("v.1 pt.2", "v.1-2", "v.2").
- What is not understood sorts by its text in its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from station.catalog.callnumber.designations import LEVEL, MONTH, NAMES, SERIES, WINTER
from station.catalog.callnumber.parts import RANGE, Kind, Part, Unit, is_level, read
from station.catalog.callnumber.value import (
    ELEMENT,
    FIRST,
    LAST,
    SUFFIX,
    VOLUME_MARK,
    Piece,
    Role,
    fold,
    number,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Options that differ between libraries."""

    dates_first: bool = False
    """The date of a volume counts before its number: 1990 v.12 no.3."""
    supplements_first: bool = False
    """Supplements sort before what they belong to has parts; else after it."""
    indexes_first: bool = False
    """Indexes sort before the volumes; else after volumes and supplements."""
    winter_first: bool = False
    """Winter is the first season of its year; else the last (MARC 21, field 853: code 24)."""


STANDARD: Final = Rules()
_COPY: Final = re.compile(r"(?:c\.|cop\.?|copy\.?)(?P<copy>[0-9]{1,4})\Z", re.IGNORECASE)
"""A copy needs a period: "C2" is a cutter."""
_COPY_WORD: Final = re.compile(r"(?:c\.|cop\.?|copy)\Z", re.IGNORECASE)
_COPY_NUMBER: Final = re.compile(r"[0-9]{1,4}\Z")
_LETTER: Final = re.compile(r"[^\W\d_]")
_WORD: Final = re.compile(r"\S+")
_CUTTERS: Final = re.compile(r"(?:\s*+\.?[A-Za-z][0-9]++)*+(?:\s++[0-9]++)*+\s*+")
"""Cutters and a year: most numbers have nothing else."""
_SIMPLE: Final = re.compile(r"(?P<number>(?:.*\s)?\.?[A-Za-z][0-9]\S*+)\s++(?P<part>(?P<level>[A-Za-z]++)\.[0-9]++)")
"""One designation with its number after a cutter: nearly all other numbers."""
_CUTTER: Final = re.compile(r"\.[^\W\d_]|(?P<letters>[A-Za-z]{1,3})[0-9]")
"""Start of a word that ends the search for an enumeration: a cutter, or letters and digits without a period."""


@lru_cache(maxsize=64)
def split(text: str, keep: int = 1, *, names: bool = False) -> tuple[str, str, int]:
    """Return (text before, enumeration as entered or "", copy number or 0). The first `keep` words, none or one, are
    never removed. `names`: words may be names of authors, so a month and a year alone ("MARCH 1999") are no enumeration."""
    if _CUTTERS.fullmatch(text):
        return text, "", 0
    if (simple := _SIMPLE.fullmatch(text)) and is_level(simple["level"]):
        return " ".join(simple["number"].split()).rstrip(" ,"), simple["part"], 0
    words, copy = _without_copy(text, keep)
    first = len(words)
    while first > keep and not _is_cutter(words[first - 1][0]):
        first -= 1
    if first < len(words):
        region, end = words[first].start(), words[-1].end()
        starts = _starts(text[region:end], names)
        if starts is not None:
            part = " ".join(text[region + starts : end].split())
            return " ".join(text[: region + starts].split()).rstrip(" ,"), part.strip(" ,"), copy
    return (" ".join(word[0] for word in words).rstrip(" ,") if copy else text), "", copy


def without_copy(text: str) -> tuple[str, int]:
    """Return (text before, copy number or 0)."""
    words, copy = _without_copy(text, 1)
    return (" ".join(word[0] for word in words).rstrip(" ,") if copy else text), copy


def _without_copy(text: str, keep: int) -> tuple[list[re.Match[str]], int]:
    words = list(_WORD.finditer(text))
    if len(words) > keep and (found := _COPY.match(words[-1][0])):
        return words[:-1], int(found["copy"])
    if len(words) > keep + 1 and _COPY_NUMBER.match(words[-1][0]) and _COPY_WORD.match(words[-2][0]):
        return words[:-2], int(words[-1][0])
    return words, 0


def _is_cutter(word: str) -> bool:
    found = _CUTTER.match(word)
    if found is None:
        return False
    letters = fold(found["letters"] or "")
    return not (letters in MONTH or (len(letters) > 1 and letters in LEVEL))


def _starts(text: str, names: bool) -> int | None:
    """Return the position in `text` at which the enumeration begins: always at the beginning of a word."""
    if not _LETTER.search(text):
        return None
    parts = read(text)
    at = 0
    while at < len(parts):
        end = at + 1
        if parts[at].kind is Kind.DATE:
            while end < len(parts) and parts[end].kind is Kind.DATE:
                end += 1
            begins = _issue(text, parts[at:end], names) or (
                end < len(parts)
                and parts[end].sure
                and not any(map(str.isspace, text[parts[end - 1].end : parts[end].start]))
            )
        else:
            begins = parts[at].sure
        before = parts[at - 1].end if at else 0
        gap = text[before : parts[at].start]
        space = max(gap.rfind(" "), gap.rfind("\t"))
        if begins and (not at or space >= 0):
            return before + space + 1
        if begins and parts[at].name in NAMES and text[before - 1].isdecimal() and not gap:
            return parts[at].start  # "1567Part 3"
        at = end
    return None


def _issue(text: str, dates: Sequence[Part], names: bool) -> bool:
    """Return True for a date with a month or season, but not for three bare letters with a year: "Mar 1985" may be a name
    or title and a date."""
    months = [part for part in dates if part.unit is Unit.MONTH]
    if not months:
        return False
    return (
        dates[0].unit is not Unit.MONTH
        or len(months) > 1
        or text[dates[0].end - 1] == "."
        or (dates[0].end - dates[0].start > 3 and not names)
        or any(part.unit is Unit.DAY for part in dates)
    )


def key(enumeration: str, rules: Rules = STANDARD) -> str:
    """Return the sort key in natural order: numbers as numbers, months by the calendar, words by their usual
    abbreviation; "" for none."""
    if not enumeration:
        return ""
    parts = read(enumeration)
    if len(parts) == 1 and parts[0].kind is Kind.LEVEL:
        return VOLUME_MARK + _element(parts[0], rules)
    front = 0
    while front < len(parts) and parts[front].kind is Kind.DATE:
        front += 1
    end = _end(parts, front)
    levels, marks = _levels([part for part in parts[front:end] if part.kind is not Kind.DATE], rules)
    dates = _dates(enumeration, [part for part in parts[front:end] if part.kind is Kind.DATE], rules)
    marks = [*(_element(part, rules) for part in parts[end:]), *marks]
    rest = [*dates, *levels, *marks] if rules.dates_first else [*levels, *dates, *marks]
    before = "".join(ELEMENT + date for date in _dates(enumeration, parts[:front], rules))
    return before + (VOLUME_MARK + ELEMENT.join(rest) if rest else "")


def _end(parts: Sequence[Part], front: int) -> int:
    """Return the position of the words at the end, if a date stands before them; else the end."""
    end = len(parts)
    while end > front and parts[end - 1].kind is Kind.TEXT:
        end -= 1
    return end if end > front and parts[end - 1].kind is Kind.DATE else len(parts)


def _levels(parts: Sequence[Part], rules: Rules) -> tuple[list[str], list[str]]:
    """Return the sort keys of the levels; and of the supplements and indexes bound with them, with all after these.

    Indexes sort by the volumes they cover, whatever the designation.
    """
    if parts and parts[0].kind is Kind.INDEX:
        covered = [
            part._replace(name="v")
            if at == 0 and part.kind is Kind.LEVEL
            else part._replace(kind=Kind.TEXT, key="index")
            if part.kind is Kind.INDEX
            else part
            for at, part in enumerate(parts[1:])
        ]
        return [_element(part, rules) for part in (parts[0], *covered)], []
    bound = next((at for at, part in enumerate(parts) if at and part.kind in (Kind.SUPPLEMENT, Kind.INDEX)), len(parts))
    found = [_element(part, rules) for part in parts]
    return found[:bound], found[bound:]


def _element(part: Part, rules: Rules) -> str:
    match part.kind:
        case Kind.SUPPLEMENT:
            name = (FIRST if rules.supplements_first else LAST) + "1"
        case Kind.INDEX:
            name = (FIRST + "0") if rules.indexes_first else (LAST + "2")
        case Kind.NEW_SERIES:
            name = f"{LAST}0"
        case Kind.LEVEL:
            name = f"{LAST}0{part.name}" if part.name in SERIES else part.name
        case _:
            return part.key
    return f"{name}{ELEMENT}{part.key}" if part.key else name


def _dates(text: str, parts: Sequence[Part], rules: Rules) -> list[str]:
    """Return the sort key of all these parts as one date or span; [] for none."""
    if not parts:
        return []
    spans: list[dict[Unit, Part]] = [{}]
    end = parts[0].start
    for part in parts:
        between = text[end : part.start]
        if part.unit in spans[-1] or any(mark in between for mark in RANGE):
            spans.append({})
        spans[-1][part.unit] = part
        end = part.end
    first, last = spans[0], spans[-1]
    if Unit.YEAR not in first:
        year = next((span[Unit.YEAR] for span in spans if Unit.YEAR in span), None)
        if year is not None:
            first[Unit.YEAR] = year
    if last is first:
        return [_date(first, rules)]
    if Unit.YEAR not in last:
        year = next((span[Unit.YEAR] for span in reversed(spans) if Unit.YEAR in span), None)
        if year is not None:
            last[Unit.YEAR] = year
    return [f"{_date(first, rules)}-{_date(last, rules)}"]


def _date(span: dict[Unit, Part], rules: Rules) -> str:
    key = ""
    if Unit.YEAR in span:
        key += number(str(span[Unit.YEAR].value))
        key += SUFFIX + span[Unit.YEAR].key if span[Unit.YEAR].key else ""
    if Unit.MONTH in span:
        place = span[Unit.MONTH].value
        key += SUFFIX + number(str(5 if place == WINTER and rules.winter_first else place))
    if Unit.DAY in span:
        key += SUFFIX + number(str(span[Unit.DAY].value)) + span[Unit.DAY].key
    return key


def pieces(enumeration: str, copy: int) -> tuple[Piece, ...]:
    """Return the pieces that `split` removed."""
    found: tuple[Piece, ...] = ()
    if enumeration:
        found += (Piece(Role.ENUMERATION, enumeration),)
    if copy:
        found += (Piece(Role.COPY, f"c.{copy}"),)
    return found
