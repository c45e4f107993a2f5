"""The tag doctor in the language of the bench: the catalog holds each sentence of the codecs' tables, and shows it."""

from __future__ import annotations

import re

import pytest

import station.base.words
from station.base.words import english
from station.encoding.doctor.doctor import CHECKS, Diagnosis
from station.encoding.recognition.registry import DATA_MODELS
from station.quality.diagnoses import advice, sentence
from tests.encoding.doctor.cases import CASES
from tests.support.pseudo_language import catalogue, plain_words
from tests.support.told import told

TABLES = [*CHECKS, *(kind for model in DATA_MODELS for kind in model.kinds)]


def test_the_catalogue_has_the_sentences_of_the_codecs() -> None:
    """In both directions: the test also finds a sentence that the codec has changed or removed."""
    told = {key: entry.forms[0] for key, entry in english().entries.items() if key.startswith("doctor.")}
    plain = {re.sub(r"\{([a-z_]+)[^}]*\}", r"{\1}", one.sentence).replace("{count}", "{number}") for one in TABLES}
    assert {text for key, text in told.items() if ".to-do." not in key} == plain
    assert {text for key, text in told.items() if ".to-do." in key} == {one.advice for one in TABLES}


@pytest.mark.parametrize("code", CASES)
def test_a_diagnosis_is_told_as_the_codec_says_it_and_in_the_language(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [one for one in CASES[code][0].diagnoses() if one.code != "unlisted"]
    assert [(told(sentence(one)), told(advice(one))) for one in found] == [(one.sentence, one.advice) for one in found]
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())
    for one in (one for one in found if one.detail != "A model"):
        words = f"{told(sentence(one))} {told(advice(one))}"
        assert plain_words(words, " ".join(value for _, value in one.values)) == set()


def test_what_the_catalogue_does_not_know_is_told_as_the_codec_says_it() -> None:
    other = Diagnosis("afi-locked", CHECKS[0].severity, "The AFI is stuck.", "Look.", values=(("afi", "07"),))
    station.base.words.speak("es")
    assert (told(sentence(other)), told(advice(other))) == (other.sentence, other.advice)
