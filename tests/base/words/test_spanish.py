"""Both catalogs are whole: what Spanish says of each area, and how long a sentence may be. Glossary: docs/spanish.md."""

from __future__ import annotations

import re
from typing import Final

import pytest

from station.base.words import SHIPPED, english
from station.base.words.catalogue import Catalogue, load
from station.base.words.gettext_files import read_po

SPANISH: Final = load(sorted((SHIPPED / "es").glob("*.po")), english())
"""Loading refuses a key that English does not have, and a value too many or too few."""
AREAS: Final = sorted(path.stem for path in (SHIPPED / "en").glob("*.po"))
REVIEW: Final = "# Spanish, not yet reviewed by a native speaker. Glossary and style: docs/spanish.md.\n"

_SAME: Final = """
    withdrawal.reply.no withdrawal.source.sip2 withdrawal.source.alma withdrawal.layer.oclc
    shipment.format.edifact shipment.format.marc
    button.fail callnumber.word.cd callnumber.word.dvd correction.list.age delivery.system.alma delivery.system.sip2
    delivery.time.hours
    delivery.time.minutes demo.card demo.role.operator demo.role.technician demo.role.trainee display.check.no expenditure.total
    inspect.tab.bytes item.material.dvd item.material.software
    journal.no label.size manual.contents-title office.by.material office.head.isbn office.manual order.no outbox.no
    people.button.take people.pin picture.at-accompanying picture.at-acquisition picture.at-afi
    picture.at-all-years picture.at-cancelled picture.at-carrier picture.at-donor picture.at-extent-alone
    picture.at-height picture.at-isbn picture.at-isil picture.at-languages picture.at-numbers
    picture.at-oversize picture.at-part-title picture.at-profile picture.at-retained picture.at-retention
    picture.at-vendor picture.at-years picture.cm picture.no picture.source-chip reader.found reader.is.firmware
    reader.is.hardware reader.is.t-cl reader.no reader.uid rule.only.materials sampling.level.normal
    sampling.plan staff.line.error staff.pin.pin tag-report.assumed.afi tag-report.assumed.dsfid
    tag-report.assumed.uid tag-report.bytes tag-report.element tag-report.uid withdrawal.layer.oclc withdrawal.reply.no
    withdrawal.source.alma withdrawal.source.sip2
"""
SAME: Final = frozenset(_SAME.split())
"""Keys whose sentence is the same in both languages."""
NAMES: Final = re.compile(r"\{\w+\}|\W|\d|_")
"""What no language translates."""

LONGEST: Final = {"en": 12, "es": 18}
"""Maximum words in a sentence for an operator. Spanish needs a quarter more words than English."""
_FOR_STAFF: Final = """
    alma callnumber catalog chain http reading rule store sync-check
"""
FOR_STAFF: Final = frozenset(_FOR_STAFF.split())
"""Areas with long sentences that staff read at the command line, with a whole line for each: the set-up of library
systems (alma, http, sync-check), the reasons of a call number (callnumber), imports and copies of the data (catalog,
chain, store), and when a rule fails (rule: station quality rules explain). `reading` is why a tag is judged as it
is, after "For staff"."""


def long_sentences(form: str, most: int) -> list[str]:
    sentences = re.split(r"(?<=[.?!:;·])\s+", form)
    return [one for one in sentences if len(re.findall(r"[^\W_]+(?:['’.-][^\W_]+)*|\{\w+\}", one)) > most]


def test_every_area_has_spanish() -> None:
    assert sorted(path.stem for path in (SHIPPED / "es").glob("*.po")) == AREAS


@pytest.mark.parametrize("area", AREAS)
def test_an_area_is_whole_in_spanish(area: str) -> None:
    text = (SHIPPED / "es" / f"{area}.po").read_text(encoding="utf-8")
    rule, messages = read_po(text)
    english_messages = read_po((SHIPPED / "en" / f"{area}.po").read_text(encoding="utf-8"))[1]
    assert REVIEW in text
    assert tuple(rule) == (2, "(n != 1)")
    assert [(one.key, len(one.forms)) for one in messages] == [(one.key, len(one.forms)) for one in english_messages]
    assert all(one.translated for one in messages)


def test_no_sentence_is_left_in_english() -> None:
    same = {
        key
        for key, entry in SPANISH.own.items()
        if entry.forms == english().own[key].forms and any(NAMES.sub("", form) for form in entry.forms)
    }
    assert same == SAME


@pytest.mark.parametrize(("language", "catalog"), [("en", english()), ("es", SPANISH)], ids=["en", "es"])
def test_a_sentence_for_an_operator_is_short(language: str, catalog: Catalogue) -> None:
    found = {
        key: long
        for key, entry in catalog.own.items()
        if key.partition(".")[0] not in FOR_STAFF
        for form in entry.forms
        if (long := long_sentences(form, LONGEST[language]))
    }
    assert not found, "\n".join(f"{key}: {long}" for key, long in found.items())
