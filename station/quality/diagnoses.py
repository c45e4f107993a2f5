"""Diagnoses of the tag doctor in the station's language. The codecs use no message catalog: they return a code,
values and an English sentence, and a test compares that sentence with the catalog's."""

from __future__ import annotations

from typing import Final

from station.base.sentence import Sentence
from station.base.words import entry_of
from station.encoding.doctor.doctor import Diagnosis

_MOST: Final = 3
"""Maximum number of data models that use the same code with different sentences."""


def sentence(one: Diagnosis) -> Sentence | str:
    """Return the description of the defect; the codec's own sentence if it gives no values, or if the catalog lacks
    the code."""
    key = _key(one)
    return Sentence(f"doctor.{key}", **_values(one)) if key else one.sentence


def advice(one: Diagnosis) -> Sentence | str:
    """Return what to do about it."""
    key = _key(one)
    return Sentence(f"doctor.to-do.{key}") if key else one.advice


def _values(one: Diagnosis) -> dict[str, str]:
    """Return the values by placeholder. A `count`, which selects a plural form in the catalog, is named `number`
    here."""
    return {"number" if name == "count" else name: value for name, value in one.values}


def _key(one: Diagnosis) -> str:
    """Return the key of the sentence for this code that has exactly these placeholders; "" = none."""
    names = set(_values(one))
    for key in (one.code, *(f"{one.code}.{number}" for number in range(2, _MOST + 1))):
        entry = entry_of(f"doctor.{key}")
        if entry is not None and entry.places == names:
            return key
    return ""
