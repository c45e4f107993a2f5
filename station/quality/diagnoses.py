"""What the tag doctor says, in the language of the bench. The codecs know no catalogue of messages: they say code, values and an
English sentence of their own, and a test compares that with the catalogue's.
"""

from __future__ import annotations

from typing import Final

from station.base.words import Sentence, entry_of
from station.encoding.doctor.doctor import Diagnosis

_MOST: Final = 3
"""Data models that say another sentence by the same code, at most."""


def sentence(one: Diagnosis) -> Sentence | str:
    """What is wrong; as the codec says it where it gives no values, or the catalogue does not know the code."""
    key = _key(one)
    return Sentence(f"doctor.{key}", **_values(one)) if key else one.sentence


def advice(one: Diagnosis) -> Sentence | str:
    """What to do."""
    key = _key(one)
    return Sentence(f"doctor.to-do.{key}") if key else one.advice


def _values(one: Diagnosis) -> dict[str, str]:
    """By place; a count, which in the catalogue decides a plural form, is a number here."""
    return {"number" if name == "count" else name: value for name, value in one.values}


def _key(one: Diagnosis) -> str:
    """Of the sentences with this code the one that has just these places."""
    names = set(_values(one))
    for key in (one.code, *(f"{one.code}.{number}" for number in range(2, _MOST + 1))):
        entry = entry_of(f"doctor.{key}")
        if entry is not None and entry.places == names:
            return key
    return ""
