"""Checks of years and numbers as typed: years in the future, letters for digits."""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import Role, parse
from station.catalog.findings.facts import Check, Facts, Hit
from station.catalog.record import isbn

AHEAD: Final = 1
"""Years ahead that are right: a book of next year is published in autumn."""


def _year_future(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    last = facts.year + AHEAD
    if not facts.year or facts.leader(17) == "8":
        return None
    for tag in ("264", "260"):
        for text in facts.values(tag, "c"):
            years = [int(year) for year in _YEAR.findall(text)]
            if years and min(years) > last and facts.coded[35:38] not in _OTHER_ERA:
                return Hit(str(min(years)), (f"{tag} $c",))
    first, second = facts.coded[7:11], facts.coded[11:15]
    for text in (first, second if facts.coded[6:7] in _TWO_DATES else ""):
        if _DIGITS.fullmatch(text) and last < int(text) < _OPEN:
            return Hit(text, ("008/07-14",))
    return _number_future(facts, last)


def _number_future(facts: Facts, last: int) -> Hit | None:
    """Only in a record without years: the others are compared with the call number by the rule call-number-date."""
    item = facts.item
    if item is None or not any(int(year) > last for year in _YEAR.findall(item.call_number)):
        return None
    if facts.leader(7) == "m" and (_DIGITS.fullmatch(facts.coded[7:11]) or _any_year(facts)):
        return None
    number = parse(item.call_number, item.call_number_scheme or None, facts.numbers)
    for text in number.of(Role.DATE):
        if any(last < int(year) < last + _CENTURY for year in _YEAR.findall(text)):
            return Hit(item.call_number, ("call number",))  # not for people
    return None


def _any_year(facts: Facts) -> bool:
    return any(_YEAR.search(text) for tag in ("264", "260") for text in facts.values(tag, "c"))


_YEAR: Final = re.compile(r"(?<![\d.])[12]\d{3}(?!\d)", re.ASCII)
_CENTURY: Final = 100
"""Larger numbers in a call number are no years."""
_DIGITS: Final = re.compile(r"\d{4}", re.ASCII)
_OPEN: Final = 9999
"""Date 2 of what is still published."""
_TWO_DATES: Final = frozenset("dikmpqrte")
"""008/06 of records whose 008/11-14 may be a year."""
_OTHER_ERA: Final = frozenset({"tha", "lao", "khm", "bur", "nep", "sin"})
"""Languages whose publishers count from the Buddha or from Vikram (2500 and more)."""


# --- letters for digits ---------------------------------------------------------------------------------------------


def _letter_in_date(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for tag in ("264", "260"):
        for text in facts.values(tag, "c"):
            found = _MIXED_YEAR.search(text)
            if found:
                return Hit(found[0], (f"{tag} $c",))
    coded = (facts.coded[7:11], facts.coded[11:15])
    wrong = next((date for date in coded if _MIXED_DATE.fullmatch(date)), "")
    return Hit(wrong, ("008/07-14",)) if wrong else None


_MIXED_DATE: Final = re.compile(r"(?=.*[OolI])(?=(?:[OolI]*\d){2})[\dOolIu]{4}", re.ASCII)
"""Date of 008, with letters for some of its digits; u is an unknown digit."""


_MIXED_YEAR: Final = re.compile(
    r"(?<![\w])[cp©]?(?=[\dOolI]{0,3}[OolI])(?=(?:[OolI]*\d){2})[12lI][\dOolI]{3}(?!\w)", re.ASCII
)
"""Four characters that are a year if the letters O, o, l and I are read as digits, with at least two digits."""


def _letter_in_isbn(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for text in facts.values("020", "a"):
        found = _MIXED_ISBN.match(text)
        if found is None:
            continue
        plain = isbn.plain(found[0])
        meant = plain.translate(_DIGIT)
        if meant != plain and sum(char.isdigit() for char in plain) >= _MOSTLY and isbn.is_valid(meant):
            return Hit(plain, ("020 $a",))
    return None


_MIXED_ISBN: Final = re.compile(r"[\dOolI\-]{9,17}[\dOolIXx]", re.ASCII)
_MOSTLY: Final = 7
_DIGIT: Final = str.maketrans("OolI", "0011")


def _letter_in_price(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for tag, code in _PRICED:
        for text in facts.values(tag, code):
            price = _MIXED_PRICE.search(text)
            if price:
                return Hit(price[0], (f"{tag} ${code}",))
    return None


_PRICED: Final = (("020", "c"), ("365", "b"))
_MIXED_PRICE: Final = re.compile(
    r"(?<![\w.])(?=[\dOol.,]*[Ool])(?=[Ool.,]*\d)[\dOol]+[.,][\dOol]{2}(?!\w)|\d[Oo]+\d*(?!\w)", re.ASCII
)
"""Amount with two decimals that is one if the letters O, o and l are read as digits, with at least one digit; or a digit before a
letter O."""

CHECKS: Final[dict[str, Check]] = {
    "year_future": _year_future,
    "letter_in_date": _letter_in_date,
    "letter_in_isbn": _letter_in_isbn,
    "letter_in_price": _letter_in_price,
}
"""Checks by name."""
