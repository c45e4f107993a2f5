"""Questions and reasons of the rules in the operator's language: those of the shipped rules, and no text of a site."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from station.base import words
from station.base.words import english
from station.quality import rule_words
from station.quality.rulebook.shipped import shipped

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
    texts |= {f"question.reason.{reason.code}": reason.words for reason in RULES.reasons}
    assert {key: entry.forms[0] for key, entry in english().own.items() if key.startswith("question.")} == texts


def test_a_shipped_question_is_asked_in_the_language_in_use() -> None:
    assert rule_words.question(LABEL) == LABEL.question
    words.speak("es")
    assert rule_words.question(LABEL) == "¿Dice el tejuelo exactamente esto?"
    assert rule_words.reasons(RULES, LABEL)[1] == "Falta una línea"


def test_a_question_of_a_site_stays_as_it_is() -> None:
    words.speak("es")
    own = msgspec.structs.replace(LABEL, question="Label right?")
    assert rule_words.question(own) == "Label right?"
