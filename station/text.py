"""Text from outside is hostile: one place makes it harmless.

Everything that comes from a tag, a MARC record, a scanner, SIP2 or HTTP passes `clean` once, at the boundary where it
enters. Nothing downstream escapes again. Reasons and measurements: Textual passes control sequences straight to the
terminal, so a title could clear the operator's screen or fill the clipboard (OSC 52).
"""

from __future__ import annotations

import unicodedata
from typing import Final

MAX_LENGTH: Final = 200
"""Longest text kept, in characters; a longer one is cut and ends with an ellipsis."""

_BIDI_AND_INVISIBLE: Final = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2028\u2029\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\ufeff\uffa0"
    "\ufff9\ufffa\ufffb"
)


def clean(text: str, limit: int = MAX_LENGTH) -> str:
    """Return `text` without anything that could act: C0, C1 and DEL, bidirectional and invisible controls, surrogates,
    private-use and unassigned code points, non-characters and tag characters.

    White space of any kind becomes one space and is trimmed at both ends; the result is NFC and at most `limit`
    characters (a cut is shown by a final "…"). Square brackets and other printable characters stay as they are: they
    are data, and the screens never interpret them.
    """
    if limit < 1:
        raise ValueError("limit must be at least 1")
    # A bound before the work: a hostile record cannot make us normalise megabytes.
    text = text[: limit * 8]
    if text.isascii() and text.isprintable():
        # The usual case, as the long way would give it: nothing in it can act or change.
        result = " ".join(text.split())
        return result if len(result) <= limit else result[: limit - 1].rstrip() + "…"
    kept: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        if char.isspace():
            kept.append(" ")
        elif char in _BIDI_AND_INVISIBLE or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn"):
            continue
        else:
            kept.append(char)
    result = unicodedata.normalize("NFC", " ".join("".join(kept).split()))
    return result if len(result) <= limit else result[: limit - 1].rstrip() + "…"


def printable_hex(data: bytes) -> str:
    """Return bytes as upper-case hexadecimal pairs, for messages about content that is not text."""
    return data.hex(" ").upper()
