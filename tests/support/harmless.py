"""The definition of harmless output, independent of the code under test: which characters act or are invisible."""

from __future__ import annotations

import unicodedata
from typing import Final

INVISIBLE: Final = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2028, 0x2029, 0x3164, 0xFFA0, *range(0x180B, 0x1810)} | {
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
}
"""Characters that draw nothing and are neither Cc nor Cf: fillers, joiners, selectors, the two separators."""


def bad_characters(text: str, allowed: str = "") -> list[str]:
    """Return every character that acts on a terminal, in a log or on a person who reads, in order of position."""
    bad = {
        char
        for char in set(text).difference(allowed)
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") or ord(char) in INVISIBLE
    }
    return [char for char in text if char in bad] if bad else []


def plain(text: str) -> str:
    """Return the text that a person is to see: without bad characters, white space as one blank, NFC."""
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(" " if char.isspace() else char for char in composed if char.isspace() or not bad_characters(char))
    return unicodedata.normalize("NFC", " ".join(seen.split()))
