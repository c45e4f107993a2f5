"""Checks of the form of a record: fields and subfields that MARC 21 defines, as often as it permits.

Fields with a 9 in their tag are local (MARC 21, X9X and 9XX), as are subfields whose code is a digit or a 9; fields of
holdings (841 to 878) and of other lists (880, 886) are not in the table. A field with several faults is named once.
"""

from __future__ import annotations

from operator import methodcaller
from typing import Final

from station.catalog.findings import tables
from station.catalog.findings.facts import Check, Facts, Hit


def _fixed_length(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    text = facts.fixed_field
    return Hit(str(len(text)), ("008",)) if text and len(text) != _CODED else None


_CODED: Final = 40


def _field_undefined(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    defined = tables.subfields()
    wrong: dict[str, None] = {}
    for _field, tag, codes, _texts in facts.parts:
        known = defined.get(tag)
        if known is None:
            if _is_unknown(tag):
                wrong[tag] = None
        elif not known.undefined.isdisjoint(codes):
            wrong |= dict.fromkeys(f"{tag} ${code}" for code in codes if code in known.undefined)
    return _hit(wrong)


def _is_unknown(tag: str) -> bool:
    return tag.isdigit() and "9" not in tag and tag not in tables.other_tags()


def _field_repeated(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    defined = tables.subfields()
    wrong: dict[str, None] = {}
    for tag, fields in facts.record.by_tag.items():
        if len(fields) > 1 and tag in defined and defined[tag].single:
            wrong[tag] = None
    main = [tag for tag in _MAIN if tag in facts.record.by_tag]
    if len(main) > 1:
        wrong |= dict.fromkeys(main)
    for _field, tag, codes, _texts in facts.parts:
        if len(set(codes)) < len(codes) and (known := defined.get(tag)) is not None:
            twice = {code for code in codes if codes.count(code) > 1} & known.once
            wrong |= dict.fromkeys(f"{tag} ${code}" for code in sorted(twice))
    return _hit(wrong)


_MAIN: Final = ("100", "110", "111", "130")


def _subfield_empty(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """A record without any title has another finding."""
    wrong: dict[str, None] = {}
    for _field, tag, codes, texts in facts.parts:
        if tag in _DESCRIPTIVE and not all(map(_stripped, texts)) and (tag != "245" or facts.title):
            wrong |= dict.fromkeys(
                f"{tag} ${code}" for code, text in zip(codes, texts, strict=False) if not _stripped(text)
            )
    return _hit(wrong)


_DESCRIPTIVE: Final = frozenset(
    f"{tag:03}" for tag in (20, 22, 100, 110, 111, 130, *range(240, 270), 300, 490, *range(500, 590), *range(600, 660),
                            *range(700, 760), *range(800, 840))
)  # fmt: skip
_stripped: Final = methodcaller("strip", " .,:;/")


def _title_a_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """Only papers of an archive may have a form in place of a title (245 $k). A record without any title has another
    finding."""
    for field in facts.fields("245"):
        codes = {code for code, _text in field.subfields}
        if not codes & {"a", "k"} and codes & {"b", "c"} and facts.title:
            return Hit(" ".join(text for _code, text in field.subfields), ("245 $a",))
    return None


def _hit(wrong: dict[str, None]) -> Hit | None:
    return Hit(", ".join(wrong), tuple(wrong)) if wrong else None


CHECKS: Final[dict[str, Check]] = {
    "fixed_length": _fixed_length,
    "field_undefined": _field_undefined,
    "field_repeated": _field_repeated,
    "subfield_empty": _subfield_empty,
    "title_a_missing": _title_a_missing,
}
"""Checks by name."""
