"""Lines of volume, part and chronology: one line for each statement of the enumeration and chronology.

A designation stays with its number ("vol. 32"), a month with its day, "&" with what it adds. A year and its month are
two lines, so that each fits any stock; a span of two dates is one line for each end ("July 1998-", "July 1999"). A comma
between two lines is dropped: the break takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from station.catalog.callnumber.parts import RANGE, Kind, Part, Unit, read
from station.catalog.labels import wide
from station.catalog.labels.characters import after, before
from station.catalog.labels.template import Template

_SPACE: Final = re.compile(r"\s+")
_BRACKETS: Final = re.compile(r"(?:\s?\(|\[)[^()\[\]]*+[)\]]")
_AND: Final = re.compile(r"(?<!\S)&\s")
_BARE_HYPHEN: Final = re.compile(r"\s[-\u2013](?!\S)")
_YEARS: Final = range(1400, 2100)


def lines(designation: str, template: Template) -> tuple[str, ...]:
    """Return the lines by `template.holdings`. A bare number is a volume, a bare year a year."""
    tidy = " ".join(designation.split())
    if tidy.isdecimal() and not (len(tidy) == 4 and int(tidy) in _YEARS):
        return (f"v.{tidy}",)
    how = template.holdings
    found = tidy.split() if "space" in how else statements(tidy) if "designation" in how else [tidy]
    if "colon" in how:
        found = [part for line in found for part in after(line, ":")]
    if "bracket" in how:
        found = [part for line in found for part in before(line, "([")]
    found = [line.strip() for line in found if line.strip()]
    return tuple(part for line in found for part in (wide.fit(line, template.width) if template.break_wide else [line]))


def statements(text: str) -> list[str]:
    """Break an enumeration and chronology between its statements."""
    parts = read(text)
    whole, cuts = [(part.start, part.end) for part in parts], []
    whole += [(one.start, other.end) for one, other in pairwise(parts) if _is_day_of_month(one, other)]
    whole += [found.span() for pattern in (_BRACKETS, _AND, _BARE_HYPHEN) for found in pattern.finditer(text)]
    for first, second in _spans_of_dates(text, parts):
        whole += [(first[0].start, first[-1].end), (second[0].start, second[-1].end)]
        if not text[second[0].start - 1].isspace():
            cuts.append((second[0].start, second[0].start))
    cuts += [gap.span() for gap in _SPACE.finditer(text)]
    return _kept_whole(text, sorted(cuts), sorted(whole))


def _is_day_of_month(one: Part, other: Part) -> bool:
    return {one.unit, other.unit} == {Unit.MONTH, Unit.DAY} and (one.unit is Unit.MONTH or other.start - one.end < 3)


def _spans_of_dates(text: str, parts: Sequence[Part]) -> Iterator[tuple[Sequence[Part], Sequence[Part]]]:
    """Yield the two ends of each span whose first end has a month and a year of its own: "Nov.1987-Apr.1990", but not
    "2000 Jan.-June"."""
    for kind, group in groupby(parts, key=lambda part: part.kind):
        run = list(group)
        if kind is not Kind.DATE:
            continue
        places = {unit: [at for at, part in enumerate(run) if part.unit is unit] for unit in (Unit.YEAR, Unit.MONTH)}
        if not all(places.values()):
            continue
        for turn in range(1, len(run)):
            if not any(mark in text[run[turn - 1].end : run[turn].start] for mark in RANGE):
                continue
            first = all(found[0] < turn for found in places.values())
            second = places[Unit.MONTH][-1] >= turn
            if first and second and (run[turn - 1].unit is Unit.YEAR or places[Unit.YEAR][-1] >= turn):
                yield run[:turn], run[turn:]
                break


def _kept_whole(text: str, cuts: Sequence[tuple[int, int]], whole: Sequence[tuple[int, int]]) -> list[str]:
    """Return the pieces between the cuts that are in nothing that stays whole."""
    found, start, at, held = [], 0, 0, 0
    for end, after_it in cuts:
        while at < len(whole) and whole[at][0] < after_it:
            held = max(held, whole[at][1])
            at += 1
        if held <= end:
            found.append(text[start:end].rstrip(",;"))
            start = after_it
    return [*found, text[start:].rstrip(",;")]
