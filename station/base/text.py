"""Make text from outside harmless: it is hostile, and this is the one place that handles it.

Everything that comes from a tag, a MARC record, a scanner, SIP2 or HTTP passes `clean` once, at the boundary where it
enters. Nothing downstream escapes again. Reasons and measurements: Textual passes control sequences straight to the
terminal, so a title could clear the operator's screen or fill the clipboard (OSC 52).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from station.base.sentence import Sentence, Value

MAX_LENGTH: Final = 200
"""Maximum length of a text in characters; a longer text is cut and ends with an ellipsis."""

MARKS: Final = 30
"""Maximum marks on one character (UAX #15, Stream-Safe Text Format): more would cover the lines above and below. No
language needs as many."""
_MARK: Final = ("Mn", "Me")
"""General categories of marks that take no cell: nonspacing and enclosing."""
_INVISIBLE: Final = frozenset(
    chr(code)
    for first, last in (
        (0x00AD, 0x00AD),
        (0x034F, 0x034F),
        (0x061C, 0x061C),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x200B, 0x200F),
        (0x2028, 0x202E),
        (0x2060, 0x206F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFFB),
        (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A),
        (0xE0000, 0xE0FFF),
    )
    for code in range(first, last + 1)
)
"""Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt), with line and paragraph separator and the
interlinear marks: bidirectional controls, zero-width characters, fillers, variation selectors."""


_WORD: Final = re.compile(r"[\w-]+")
"""A worker id is one such word."""


def clean(text: str, limit: int = MAX_LENGTH) -> str:
    """Return `text` without active or invisible content: C0, C1 and DEL, bidirectional and invisible characters,
    surrogates, private-use and unassigned code points, non-characters and tag characters.

    White space of any kind becomes one space and is trimmed at both ends; the result is NFC and at most `limit`
    characters (a cut is shown by a final "…"), with at most `MARKS` marks on one of them. Square brackets and other
    printable characters are kept: they are data, and the screens never interpret them.
    """
    if limit < 1:
        raise ValueError("limit must be at least 1")
    if len(text) > limit * 8:
        text = text[: limit * 8]  # first of all: a hostile record must not make the station normalize megabytes
    if text.isascii() and text.isprintable():
        # Fast path for the usual case, with the same result as below: nothing in the text can act or change.
        result = " ".join(text.split())
        return result if len(result) <= limit else result[: limit - 1].rstrip() + "…"
    text = unicodedata.normalize("NFC", text)
    # Each distinct character is classified once.
    kept = {
        char: " " if char.isspace() else char if char.isprintable() and char not in _INVISIBLE else ""
        for char in set(text)
    }
    whole = _with_few_marks("".join(map(kept.__getitem__, text)))
    result = unicodedata.normalize("NFC", " ".join(whole.split()))
    return result if len(result) <= limit else result[: limit - 1].rstrip() + "…"


def clean_sentence(sentence: Sentence, limit: int = MAX_LENGTH) -> Sentence:
    """Return the sentence with `clean` applied to each text in it: its values, or its whole text if it is verbatim."""
    text = sentence.text
    if text is not None:
        return Sentence.verbatim(clean(text, limit))
    return Sentence(sentence.key, **{name: _clean_value(name, value, limit) for name, value in sentence.values.items()})


def _clean_value(name: str, value: Value, limit: int) -> Value:
    if isinstance(value, str):  # the spaces of the punctuation between parts count
        return as_drawn(value) if name == "between" else clean(value, limit)
    if isinstance(value, tuple):
        return tuple(clean_sentence(part, limit) for part in value)
    return clean_sentence(value, limit) if isinstance(value, Sentence) else value


def with_names(text: str, names: Mapping[str, str]) -> str:
    """Return a sentence of the journal with the names of people in place of their worker ids."""
    return _WORD.sub(lambda match: names.get(match[0], match[0]), text) if names else text


def as_drawn(text: str) -> str:
    """Return `text` without active or invisible content, as `clean` does, but with its spaces in place, for columns and
    drawings."""
    if text.isascii() and text.isprintable():
        return text
    return _with_few_marks(
        "".join(
            " " if char.isspace() else char
            for char in text
            if char not in _INVISIBLE and (char.isprintable() or char.isspace())
        )
    )


def _with_few_marks(text: str) -> str:
    """Return `text` with runs of marks cut after `MARKS`."""
    if not any(unicodedata.category(char) in _MARK for char in set(text)):
        return text
    kept, run = [], 0
    for char in text:
        run = run + 1 if unicodedata.category(char) in _MARK else 0
        if run <= MARKS:
            kept.append(char)
    return "".join(kept)


def printable_hex(data: bytes) -> str:
    """Return bytes as upper-case hexadecimal pairs, for messages about content that is not text."""
    return data.hex(" ").upper()
