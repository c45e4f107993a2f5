"""Diagnoses of the tag doctor as sentences. The codecs use no message catalog: their English is looked for in it."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.encoding.doctor.doctor import Diagnosis


def sentence(diagnosis: Diagnosis) -> Sentence:
    """Return the description of the defect."""
    return Sentence.english(diagnosis.sentence, "codec.text")


def advice(diagnosis: Diagnosis) -> Sentence:
    """Return what to do about it."""
    return Sentence.english(diagnosis.advice, "doctor.to-do")
