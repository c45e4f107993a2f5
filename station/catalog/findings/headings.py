"""Checks of names and subjects as headings: form, dates, spelling against the title page, the same heading twice."""

from __future__ import annotations

import re
from typing import Final

from pymarc import Field

from station.base.sentence import Sentence
from station.catalog.findings.facts import Check, Facts, Hit


def _name_direct(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for field in facts.fields(*_PERSONS):
        name = _first(field, "a").strip(" ,.")
        if field.indicator1 == "1" and "," not in name and "\u060c" not in name and _is_direct(name):
            return Hit(name, (f"{field.tag} $a",))
    return None


def _is_direct(name: str) -> bool:
    """Return True for at least two words with a capital, as of forename and surname. Initials, and a forename with a place
    ("Caterina da Siena") or a number ("Louis XVI"), have another fault at most: their indicator."""
    words = name.split()
    return len(words) > 1 and all(_WORD.fullmatch(word) and not _ROMAN.fullmatch(word) for word in words)


_WORD: Final = re.compile(r"(?![a-z])[^\W\d_][\w'.\u02b9-\u02bf\u0300-\u036f\u2019-]+")
_ROMAN: Final = re.compile(r"[IVXL]+")
_PERSONS: Final = ("100", "600", "700", "800")


def _name_dates(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for field in facts.fields(*_PERSONS):
        for text in field.get_subfields("d"):
            dates = _LIFE.search(text)
            if dates and int(dates[1]) > int(dates[2]) and "B.C" not in text and "BC" not in text:
                return Hit(text, (f"{field.tag} $d",))
    return None


_LIFE: Final = re.compile(r"(?<!\d)(\d{3,4})\??-(?:ca\. )?(\d{4})(?!\d)", re.ASCII)


def _name_misspelled(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """The surname with two neighbors transposed is in 245 $c, and the surname is not."""
    surname = next((_first(field, "a").split(",")[0].strip() for field in facts.fields("100")), "")
    if len(surname) < _LONG or " " in surname:
        return None
    statement = facts.raw("245", "c")
    if not statement or surname in statement:
        return None
    heading = surname.casefold()
    words = {word.casefold(): word for word in re.findall(r"\w+", statement) if len(word) == len(surname)}
    if heading in words:
        return None
    for at in range(len(heading) - 1):
        slip = heading[:at] + heading[at + 1] + heading[at] + heading[at + 2 :]
        if slip in words:
            return Hit(Sentence("record.what.name", said=surname, word=words[slip]), ("100 $a", "245 $c"))
    return None


_LONG: Final = 5
"""Shorter names differ in more ways."""


def _person_as_topic(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for field in facts.fields("650"):
        if any(_BORN.match(text) for text in field.get_subfields("d")) and "," in _first(field, "a"):
            return Hit(_first(field, "a"), ("650",))
    return None


_BORN: Final = re.compile(r"\s*(?:ca\. |b\. |d\. )?\d{4}", re.ASCII)


def _heading_twice(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    seen: set[tuple[str, str, str]] = set()
    for field in facts.fields(*_ONCE):
        text = " ".join(
            f"{code}{text.rstrip(' .').casefold()}" for code, text in field.subfields if code.isalpha() or code == "2"
        )
        heading = (field.tag, field.indicator2, text)
        if text and heading in seen:
            return Hit(Sentence("record.what.in-field", tag=field.tag, said=_first(field, "a")), (field.tag,))
        seen.add(heading)
    return None


_ONCE: Final = frozenset({"600", "610", "611", "630", "650", "651", "655", "700", "710", "711", "730"})


def _first(field: Field, code: str) -> str:
    return next(iter(field.get_subfields(code)), "").strip()


CHECKS: Final[dict[str, Check]] = {
    "name_direct": _name_direct,
    "name_dates": _name_dates,
    "name_misspelled": _name_misspelled,
    "person_as_topic": _person_as_topic,
    "heading_twice": _heading_twice,
}
"""Checks by name."""
