"""Machine check for slips of the finger in the call number, against the record's own number.

What catalogers do on purpose is no slip: the last digit of a cutter changed, added or left out to fit between its
neighbors in the shelflist; a work letter; the year of a copy (our choice: no source decides). A class with the same
cutters behind it is left to `class_agrees`.
"""

from __future__ import annotations

import re
from itertools import pairwise, zip_longest
from typing import Final

from station.catalog.callnumber import CallNumber, Role, Scheme
from station.catalog.callnumber.value import fold
from station.quality.checks.class_numbers import one_edit, same_class
from station.quality.checks.facts import Facts
from station.quality.checks.judgement import NO_MARC, PASS, Judgement, abstain, fail, predicate
from station.quality.checks.label import CLASSED, NO_NUMBER, number_of, parsed
from station.quality.rules import Rule

_BEHIND_CLASS: Final = (Role.CAPTION, Role.CUTTER, Role.WORK, Role.DATE, Role.TEXT)
_RESEMBLING: Final = str.maketrans("lio", "110")
_YEAR: Final = re.compile(r"(?:1[4-9]|20)[0-9]{2}[a-z]{0,3}")
_CUTTER: Final = re.compile(r"([a-z]+)([0-9]+)([a-z]*)")
"""Letters, digits, work letters."""


@predicate(needs="a number with a cutter in the record; a call number")
def call_number_typed(facts: Facts, _: Rule) -> Judgement:
    """A number of the record (050, 055, 060, 082, 090, 092, 096) has the same class, none is equal, and the call number has
    one slip of the finger in a cutter or the year: two neighbors exchanged, one character wrong, missing or too many. Or
    letters stand for digits anywhere in it, or in the year of the record. Or the slip makes a number that can no longer be
    read, or a digit of the class of a cutter. A date that only one of the two has is not compared. Not judged is what
    libraries change on purpose: the last digit of a cutter, work letters, another year."""
    if facts.item.marc is None:
        return abstain(NO_MARC)
    if not facts.item.call_number:
        return abstain(NO_NUMBER)
    number = number_of(facts)
    known = [(scheme, text) for _field, scheme, text in facts.item.marc.class_numbers if scheme in CLASSED]
    others = [
        other
        for scheme, text in known
        if number.scheme in (scheme, Scheme.LOCAL)
        and (other := parsed(text, scheme, facts.site.numbers)).of(*_BEHIND_CLASS)
    ]
    if not others:
        return abstain("finding.no-class-in-record")
    own = number.of(*_BEHIND_CLASS)
    slips: list[tuple[str, str]] = []
    agrees = False
    for other in others:
        if number.scheme is Scheme.LOCAL or not same_class(number, other):
            slips += [(other.text, number.text)] if _is_slip_in_class(other, number) else []
            continue
        differing = _differing(own, other.of(*_BEHIND_CLASS))
        if not differing:
            return PASS
        agrees = agrees or not any(expected for expected, _typed in differing)
        if len(differing) == 1 and _is_slip(*differing[0]):
            slips += differing
    slips += _letters_in_year(facts, own)
    if slips:
        return fail("finding.typed-otherwise", record=slips[0][0], item=slips[0][1])
    return PASS if agrees else abstain("finding.number-own")


def _is_slip_in_class(right: CallNumber, typed: CallNumber) -> bool:
    """Return True if one slip makes a class of a cutter or a cutter of the class, or a number that follows no scheme."""
    expected, entered = _without_blanks(right), _without_blanks(typed)
    if expected[:1] != entered[:1] or (typed.scheme is Scheme.LOCAL and expected == entered):
        return False
    if _as_digits(expected) == _as_digits(entered):
        return True
    return one_edit(expected, entered) and right.of(Role.CUTTER) != typed.of(Role.CUTTER)


def _without_blanks(number: CallNumber) -> str:
    """Return letters and digits of the number, without volume and copy."""
    words = (piece.text for piece in number.pieces if piece.role not in (Role.ENUMERATION, Role.COPY))
    return fold("".join(words)) or fold(number.text)  # "DL 704 3K7" reads like a volume


def _letters_in_year(facts: Facts, own: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (year of the record, word of the number) for a year behind a cutter that has letters for digits."""
    marc = facts.item.marc
    years = {*marc.years, *marc.fixed_years} if marc is not None else set()
    return [(digits, word) for word in own[1:] if (digits := _as_digits(word)) in years and digits != fold(word)]


def _differing(typed: tuple[str, ...], right: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the words of the record and of the item that differ, "" for one that is missing there, but for a date that
    only one of the two has."""
    pairs = zip_longest(right, _rejoined(typed, right), fillvalue="")
    return [
        (expected, entered)
        for expected, entered in pairs
        if fold(expected) != fold(entered)
        and not ((not expected and _is_year(entered)) or (not entered and _is_year(expected)))
    ]


def _rejoined(typed: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words, with a cutter in one piece that was read as two because of a letter for a digit: "F7", "l4"."""
    for at, ((first, second), expected) in enumerate(zip(pairwise(typed), right, strict=False)):
        if fold(first + second) != fold(expected) and _as_digits(first + second) == _as_digits(expected):
            return (*typed[:at], first + second, *typed[at + 2 :])
    return typed


def _as_digits(text: str) -> str:
    return fold(text).translate(_RESEMBLING)


def _is_year(text: str) -> bool:
    return _YEAR.fullmatch(fold(text)) is not None


def _is_slip(right: str, typed: str) -> bool:
    if _as_digits(right) == _as_digits(typed):
        return True
    expected, entered = fold(right), fold(typed)
    if not one_edit(expected, entered):
        return False
    if _is_year(right):
        return not _is_year(typed)
    if sorted(expected) == sorted(entered):
        return True
    cutter, other = _CUTTER.fullmatch(expected), _CUTTER.fullmatch(entered)
    if cutter is None or other is None:
        return cutter is not None
    return cutter[1] != other[1] or (cutter[3] == other[3] and not _moved_on_shelf(cutter[2], other[2]))


def _moved_on_shelf(digits: str, other: str) -> bool:
    """Return True if the numbers of two cutters differ only by their last digit."""
    return digits[:-1] in (other, other[:-1]) or digits == other[:-1]


CHECKS: Final = (call_number_typed,)
"""Machine check of a call number as it was typed."""
