"""Break a line that is too wide for the stock, at the best places it has. No character is added or dropped but spaces.

The best places first: after the hyphen between two dates ("June 28-July 15"); at a space; before a bracket, after a
colon; before a designation run onto another ("no.49-no.54"); after a designation ("Nos.321-331"); before a year run onto
its month; after a hyphen, slash, comma or plus. In a SuDoc number: after a slash, after letters with a point, after a
hyphen, at a space. What no place makes narrow enough stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from station.catalog.callnumber.designations import MONTH
from station.catalog.callnumber.parts import RANGE, Kind, Unit, read
from station.catalog.callnumber.value import fold

Cut = tuple[int, int]
"""End of one piece, start of the next; between them are only spaces."""
Places = Callable[[str], Iterator[Cut]]

_CAPTION: Final = re.compile(r"(?<![^\W\d_])([^\W\d_]{1,30}+)\.(?=[0-9])")
_SECOND: Final = re.compile(r"[-\u2013/](?=([^\W\d_]{1,30}+)\.[0-9])")
_MONTH: Final = re.compile(r"(?<![^\W\d_])([^\W\d_]{1,30}+)\.?(?=[0-9]{4}(?![0-9]))")


def _at(pattern: str) -> Places:
    compiled = re.compile(pattern)
    return lambda line: ((found.start(), found.end()) for found in compiled.finditer(line))


def _between_dates(line: str) -> Iterator[Cut]:
    for one, other in pairwise(read(line)):
        turn = one.unit in (Unit.DAY, Unit.YEAR) and other.unit is Unit.MONTH
        if turn and line[one.end : other.start].strip() in tuple(RANGE):
            yield one.end + len(line[one.end : other.start].rstrip()), other.start


def _run_on(line: str) -> Iterator[Cut]:
    for one, other in pairwise(read(line)):
        if other.kind is Kind.LEVEL and one.kind in (Kind.LEVEL, Kind.NEW_SERIES) and one.end == other.start:
            yield other.start, other.start


def _before_captions(line: str) -> Iterator[Cut]:
    return ((found.end(), found.end()) for found in _SECOND.finditer(line) if fold(found[1]) not in MONTH)


def _after_captions(line: str) -> Iterator[Cut]:
    return ((found.end(), found.end()) for found in _CAPTION.finditer(line) if fold(found[1]) not in MONTH)


def _before_years(line: str) -> Iterator[Cut]:
    return ((found.end(), found.end()) for found in _MONTH.finditer(line) if fold(found[1]) in MONTH)


_PLACES: Final[tuple[Places, ...]] = (
    _between_dates,
    _at(r"\s+(?![-\u2013]+(?:\s|\Z))"),
    _at(r"(?<=.)(?=[(\[])|(?<=[:;])(?=.)"),
    _run_on,
    _before_captions,
    _after_captions,
    _before_years,
    _at(r"(?<=[-\u2013/,&+])(?=.)"),
)
_SUDOC: Final[tuple[Places, ...]] = (_at(r"(?<=/)(?=.)"), _after_captions, _at(r"(?<=-)(?=.)"), _at(r"\s+"))


def fit(line: str, width: int) -> list[str]:
    """Return the lines of a line of words, volume, part or date."""
    return [line[start:end] for start, end in _spans(line, 0, width, _PLACES)]


def fit_sudoc(line: str, width: int) -> list[str]:
    """Return the lines of a stem or book part of a SuDoc number."""
    return [line[start:end] for start, end in _spans(line, 0, width, _SUDOC)]


def _spans(line: str, offset: int, width: int, kinds: Sequence[Places]) -> list[tuple[int, int]]:
    """Return the pieces as (start, end), each as long as fits."""
    if len(line) <= width or not kinds:
        return [(offset, offset + len(line))]
    places, *kinds = kinds
    packed: list[tuple[int, int]] = []
    for start, end in _cut(line, places(line)):
        for first, last in _spans(line[start:end], offset + start, width, kinds):
            if packed and last - packed[-1][0] <= width:
                packed[-1] = (packed[-1][0], last)
            else:
                packed.append((first, last))
    return packed


def _cut(line: str, cuts: Iterable[Cut]) -> list[tuple[int, int]]:
    found, start = [], 0
    for end, after in cuts:
        found.append((start, end))
        start = after
    return [*found, (start, len(line))]
