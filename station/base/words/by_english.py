"""English texts that the catalogs repeat: those of the shipped rules, and the sentences of the codecs.

A rule's text has no key of its own, because a site may change it, and a codec uses no message catalog. So the text is
looked for among the English messages. One that is not there is that of a site, of an older journal, or of a codec's
remark on a value; a face tells it unchanged.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from station.base.sentence import Sentence
from station.base.words.library import ENGLISH, english, shipped_areas

CODECS: Final = "codec.text"
"""Stands for the areas with sentences of the codecs."""
AREAS: Final = {
    CODECS: ("migration", "doctor", "reading"),
    "question.phrase": ("question",),
    "note.ready": ("note",),
    "doctor.to-do": ("doctor",),
}
"""The areas in which a text is looked for."""
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")


def by_english(sentence: Sentence) -> Sentence:
    """Return the message that repeats the text of `Sentence.english`; without one, the text with its values."""
    values = dict(sentence.values)
    text = str(values.pop("english"))
    entry = english().own.get(sentence.key)
    if entry is not None and entry.forms[0] == text:
        return Sentence(sentence.key, **values)
    for pattern, key in _patterns(sentence.key) if sentence.key in AREAS else ():
        match = pattern.fullmatch(text)
        if match is not None:
            return Sentence(key, **{name: _within(name, value) for name, value in match.groupdict().items()})
    parts = _PLACE.split(text)
    parts[1::2] = [values.get(name, f"{{{name}}}") for name in parts[1::2]]
    return Sentence.joined((part if isinstance(part, Sentence) else str(part) for part in parts), between="")


def _within(name: str, value: str) -> str | Sentence:
    return Sentence.english(value, CODECS) if name == "reason" else value


@cache
def _patterns(group: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return (pattern of the English, key) of the messages of a group, those with the most literal characters first."""
    rows: list[tuple[int, re.Pattern[str], str]] = []
    for area in AREAS[group]:
        for key, entry in shipped_areas(ENGLISH).area(area).items():
            if len(entry.forms) > 1 or key.startswith("doctor.to-do.") != (group == "doctor.to-do"):
                continue
            if group not in (CODECS, "doctor.to-do") and not key.startswith(f"{group}."):
                continue
            places: set[str] = set()
            pattern = ""
            for number, part in enumerate(_PLACE.split(entry.forms[0])):
                pattern += (
                    re.escape(part) if number % 2 == 0 else f"(?P={part})" if part in places else f"(?P<{part}>.+)"
                )
                places |= {part} if number % 2 else set()
            rows.append((len(_PLACE.sub("", entry.forms[0])), re.compile(pattern), key))
    return tuple((pattern, key) for _, pattern, key in sorted(rows, key=lambda row: -row[0]))
