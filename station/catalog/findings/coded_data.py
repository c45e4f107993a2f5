"""Checks of coded data: serial or monograph, form of item, language and country.

Reproductions (533, 534) have data of original and copy in one record, so form and country are not compared there.
"""

from __future__ import annotations

import re
from typing import Final

from station.base.sentence import Sentence
from station.catalog.findings import checks, tables
from station.catalog.findings.facts import Check, Facts, Hit

# --- serial or monograph --------------------------------------------------------------------------------------------

_OPEN_ENDED: Final = frozenset("cdu")
"""008/06 of continuing resources. In old records of books c and d had other meanings (actual date and copyright date,
detailed date)."""
_UNCODED: Final = frozenset(" |bn")
"""No date, or dates unknown: right for both."""


def _level_dates(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    level, kind, second = facts.leader(7), facts.coded[6:7], facts.coded[11:15]
    if not kind or kind in _UNCODED or facts.is_partial:
        return None
    if level in _CONTINUING:
        return Hit(_level_said(level, kind), ("leader/07", "008/06")) if kind not in _OPEN_ENDED else None
    if level == "m" and kind in _OPEN_ENDED and (kind == "u" or second == "9999"):
        return Hit(_level_said(level, kind), ("leader/07", "008/06"))
    return None


_CONTINUING: Final = frozenset("is")


def _level_said(level: str, kind: str) -> Sentence:
    return Sentence("record.what.level-dates", level=level, kind=kind)


def _level_frequency(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    there = tuple(tag for tag in ("310", "321", "362") if facts.fields(tag))
    return Hit(", ".join(there), ("leader/07", *there)) if facts.leader(7) == "m" and there else None


def _level_extent(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    extents = facts.values("300", "a")
    if facts.leader(7) != "s" or facts.type_code != "a" or not extents:
        return None
    return Hit(extents[0], ("leader/07", "300 $a")) if all(_PAGES_ONLY.match(extent) for extent in extents) else None


_PAGES_ONLY: Final = re.compile(r"(?:[\[\]ivxlcdm\d,\s]+)\s*(?:p\.|pages?\b|S\.|leaves)", re.IGNORECASE)

# --- form of item ---------------------------------------------------------------------------------------------------

_FORM_AT: Final = dict.fromkeys("acdijpt", 23) | dict.fromkeys("efgkor", 29)
_MICRO, _REMOTE, _PRINT = "abc", "oqs", " r"


def _form_carrier(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """A finding about the same carrier is enough (type-carrier)."""
    at = _FORM_AT.get(facts.type_code)
    if at is None or not facts.coded or _is_copy(facts):
        return None
    hit = _form_alone(facts, facts.coded[at], at)
    return hit if hit is not None and not _is_reported(facts) else None


def _form_alone(facts: Facts, form: str, at: int) -> Hit | None:
    if form in _READ:
        if any(_READ[form].search(text) for text in facts.texts()):
            return None
        return Hit(Sentence(f"record.what.form-only.{form}"), (f"008/{at}", "300"))
    carriers = {code[:1] for code in facts.values("338", "b")}
    kinds = carriers or {data[:1] for data in facts.fixed} or _by_extent(facts)
    wanted = {"h"} if form in _MICRO else {"c"} if form in _REMOTE else set()
    if wanted:
        return _form_hit(form, at, ", ".join(sorted(kinds))) if kinds and not kinds & wanted else None
    if form in _PRINT and kinds and kinds <= {"h"}:
        return _form_hit("#" if form == " " else form, at, "h")
    return None


def _form_hit(form: str, at: int, kinds: str) -> Hit:
    return Hit(Sentence("record.what.form", form=form, said=kinds), (f"008/{at}", "338"))


def _is_reported(facts: Facts) -> bool:
    return any(checks.CHECKS[name](facts, ()) is not None for name in ("type_carrier", "type_media", "type_007"))


_READ: Final = {
    "d": re.compile(
        r"large[ -](?:print|type)|larger? font|gros(?:ses)? (?:caract|lettre)|großdruck|grossdruck|letra grande|caratteri grandi",
        re.IGNORECASE,
    ),
    "f": re.compile(r"braille|tactile|moon", re.IGNORECASE),
}
"""Words for prints that are read in another way, in any field: extent, series, publisher, edition, subject, form, note."""


def _by_extent(facts: Facts) -> set[str]:
    """Return the first letters of carriers that 300 $a suggests, in a record without 338 and 007."""
    text = " ".join(facts.values("300", "a")).casefold()
    if not text:
        return set()
    if re.search(r"micro(?:film|fiche|form|opaque|card)", text):
        return {"h"}
    if re.search(r"online|electronic|computer|\bcd-?rom|web ?site|data|file", text):
        return {"c"}
    return {"n"} if re.search(r"\bp\.|\bpages?\b|\bv\.|volume|leaves", text) else set()


# --- language and country -------------------------------------------------------------------------------------------


def _language_unknown(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    known = tables.codes("languages")
    coded = facts.coded[35:38].casefold()
    if coded.strip(_FILL) and coded not in known and coded not in _NO_WORDS:
        return Hit(coded, ("008/35-37",))
    for field in facts.fields("041"):
        if field.indicator2 == "7":
            continue
        for code, value in field.subfields:
            for language in _threes(value.strip(_FILL).casefold()) if code.isalpha() else ():
                if language not in known:
                    return Hit(language, (f"041 ${code}",))
    return None


_FILL: Final = " |#^-"
"""Blank, fill character, and the characters that exports write for a blank."""
_NO_WORDS: Final = ("n/a",)
"""Code of old OCLC records of music without words."""


def _threes(text: str) -> list[str]:
    """Return codes of three letters each; old records have several codes in one subfield ("engfre")."""
    return [text[at : at + 3] for at in range(0, len(text), 3)]


def _country_unknown(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    country = _country(facts)
    return Hit(country, ("008/15-17",)) if country and country not in tables.codes("countries") else None


def _country(facts: Facts) -> str:
    """Return 008/15-17; "" if it is not coded."""
    return facts.coded[15:18].casefold().strip(_FILL)


def _country_place(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    country, known = _country(facts), tables.places()
    if country in _NOWHERE or country not in tables.codes("countries") or _is_copy(facts):
        return None
    places = [_place(value) for tag in ("264", "260") for value in facts.values(tag, "a")]
    if not places or any(place not in known or country in known[place] for place in places):
        return None
    return Hit(Sentence("record.what.country", code=country, place=places[0].title()), ("008/15-17", "264 $a"))


def _is_copy(facts: Facts) -> bool:
    """Return True for a reprint or reproduction."""
    return facts.coded[6:7] == "r" or bool(facts.fields("533", "534"))


_NOWHERE: Final = frozenset({"", "xx", "vp"})


def _place(text: str) -> str:
    """Return the name of a place as in the table, with a qualifier ("Cambridge, Mass.") as it is."""
    return re.sub(r"[\[\]():;?]|,\s*\Z", "", text).strip(" .,").casefold()


CHECKS: Final[dict[str, Check]] = {
    "level_dates": _level_dates,
    "level_frequency": _level_frequency,
    "level_extent": _level_extent,
    "form_carrier": _form_carrier,
    "language_unknown": _language_unknown,
    "country_unknown": _country_unknown,
    "country_place": _country_place,
}
"""Checks by name."""
