"""Texts of the rules in the operator's language: those of the shipped rules, and no text of a site or an old journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args, get_type_hints

import msgspec
import pytest

from station.base import words
from station.base.sentence import Sentence
from station.base.sentence_json import decode_sentence, encode_sentence
from station.base.settings import Corrections, Rules
from station.base.words import english
from station.domain import finding_words
from station.domain.findings import Finding, Outcome, Severity
from station.quality import rule_words
from station.quality.rulebook.shipped import shipped
from tests.support.told import told

PLACES = "question.place."
HINTS = get_type_hints(Rules)
RULES = shipped()
LABEL = RULES.rule("spine-label", "2026-11-29")
assert LABEL is not None


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    words.use()


def test_the_catalog_repeats_the_texts_of_the_shipped_rules() -> None:
    texts = {f"question.{rule.id}": rule.question for rule in RULES.rules if rule.question}
    texts |= {f"question.look.{rule.id}": rule.look for rule in RULES.rules if rule.look}
    texts |= {f"question.title.{rule.id}": rule.title for rule in RULES.rules}
    texts |= {f"question.reason.{reason.code}": reason.words for reason in RULES.reasons}
    texts |= {f"question.phrase.{reason.code}": reason.phrase for reason in RULES.reasons}
    own = {key: entry.forms[0] for key, entry in english().own.items() if key.startswith("question.")}
    assert {key: text for key, text in own.items() if not key.startswith(PLACES)} == texts


def test_the_catalog_has_words_for_every_place_of_the_settings() -> None:
    places = {place for name in ("stamp_place", "tag_place", "label_place") for place in get_args(HINTS[name])}
    own = {key.removeprefix(PLACES) for key in english().own if key.startswith(PLACES)}
    assert own == {*places, "own"}, "own: a rule whose drawing shows no place of the settings"


def test_a_shipped_question_is_asked_in_the_language_in_use() -> None:
    assert told(rule_words.question(LABEL)) == LABEL.question
    words.speak("es")
    assert told(rule_words.question(LABEL)) == "¿Dice el tejuelo exactamente esto?"
    assert told(rule_words.reasons(RULES, LABEL)[1]) == "Falta una línea"


def test_a_question_of_a_site_stays_as_it_is() -> None:
    words.speak("es")
    own = msgspec.structs.replace(LABEL, question="Label right?")
    assert told(rule_words.question(own)) == "Label right?"


def test_the_catalog_repeats_the_ready_notes() -> None:
    shipped = [entry.forms[0] for key, entry in english().own.items() if key.startswith(f"{finding_words.READY}.")]
    assert sorted(shipped) == sorted(Corrections().ready_notes)


def test_a_ready_note_is_told_in_the_language_in_use_and_any_other_stays_as_it_is() -> None:
    notes = [finding_words.note_of(text) for text in ("On the spine", "on top {x}")]
    notes = [decode_sentence(Sentence, encode_sentence(note)) for note in notes]
    assert [told(note) for note in notes] == ["On the spine", "on top {x}"]
    words.speak("es")
    assert [told(note) for note in notes] == ["En el lomo", "on top {x}"]


def test_each_phrase_names_one_reason() -> None:
    """A phrase is found by its English text."""
    assert len({reason.phrase for reason in RULES.reasons}) == len(RULES.reasons)


@pytest.mark.parametrize(
    ("title", "reason", "said"),
    [
        ("Spine label", "a line is missing", "Tejuelo: falta una línea (2nd)"),
        ("Our label", "a line is missing", "Our label: falta una línea (2nd)"),
        ("Spine label", "the glue is blue", "Tejuelo: the glue is blue (2nd)"),
        ("The spine label is right", "Line missing", "The spine label is right: Line missing (2nd)"),
    ],
    ids=["shipped", "title-of-a-site", "reason-of-a-site", "old-journal"],
)
def test_a_failed_check_is_told_in_the_language_in_use(title: str, reason: str, said: str) -> None:
    found = Finding(
        LABEL.id, title, Severity.MAJOR, Outcome.FAIL, "ann", Sentence.verbatim(reason), Sentence.verbatim("2nd")
    )
    assert told(found.said) == f"{title}: {reason} (2nd)"
    words.speak("es")
    assert told(found.said) == told(finding_words.told(LABEL.id, title, found.reason, found.note)) == said
    assert (found.title, told(found.reason)) == (title, reason)
