"""MARC-8 to Unicode (LC, Character Sets and Encoding Options, part 2), with the tables shipped with pymarc.

pymarc's own converter always writes to standard error, takes an escape sequence for the ANSEL set ("ESC ) ! E") for
text, and does not report how much it could not read. So the small state machine is the station's own, the large tables
are pymarc's, and the tests compare the two on genuine records.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from pymarc import marc8_mapping

_ASCII: Final = 0x42
_ANSEL: Final = 0x45
_EACC: Final = 0x31
_SHORT: Final = {0x67: 0x67, 0x62: 0x62, 0x70: 0x70, 0x73: _ASCII}
"""Technique 1: ESC g, b, p (Greek symbols, subscripts, superscripts), ESC s (back to ASCII)."""

_TABLES: Final[dict[int, dict[int, tuple[int, int]]]] = marc8_mapping.CODESETS
_ODD: Final[dict[int, int]] = marc8_mapping.ODD_MAP

_LETTERS: Final = bytes(code for code, (_, accent) in _TABLES[_ANSEL].items() if not accent)
_ACCENTS: Final = bytes(code for code, (_, accent) in _TABLES[_ANSEL].items() if accent)
PLAIN: Final = re.compile(
    rb"(?:[\x00-\x1a\x1c-\x7e%b]++|[%b]++[A-Za-z])*+" % (re.escape(_LETTERS), re.escape(_ACCENTS))
)
"""Text in ASCII and ANSEL only, with every accent on a letter: `decode` finds nothing invalid in it."""
_CHUNK: Final = re.compile("[\x00-\x1f\x80-\xff]+[A-Za-z]?")
"""What such a text has beside ASCII: letters and accents with the letter that they precede; and control characters."""
_CHUNK_OF_FIELD: Final = re.compile("[\x00-\x1e\x80-\xff]+[A-Za-z]?")
"""The same, but for the delimiter between subfields."""
_ACCENTED: Final = re.compile(f"([{_ACCENTS.decode('latin-1')}]+)([A-Za-z])")
_ANSEL_TEXT: Final = {code: chr(meant) for code, (meant, _) in _TABLES[_ANSEL].items()} | dict.fromkeys(
    (*range(0x20), *range(0x80, 0xA0))
)
"""Bytes of such a text -> characters; None = left out."""


def decode(data: bytes) -> tuple[str, int]:
    """Return the text in NFC, and the number of invalid characters (unmapped, or an accent without a letter).

    Each call starts with the default character sets: MARC 21 resets them at every subfield. An unmapped character
    becomes U+FFFD; control characters, including the non-sorting marks 88 and 89, are omitted.
    """
    if data.isascii() and b"\x1b" not in data:
        text = data.decode("ascii")
        return text if text.isprintable() else "".join(char for char in text if char >= " "), 0
    if PLAIN.fullmatch(data):
        return _CHUNK.sub(_of_chunk, data.decode("latin-1")), 0
    g0, g1 = _ASCII, _ANSEL
    kept: list[str] = []
    accents: list[str] = []
    bad = at = 0
    while at < len(data):
        byte = data[at]
        if byte == 0x1B:
            length, which, charset = _escape(data, at)
            if which == 0:
                g0 = charset
            elif which == 1:
                g1 = charset
            else:
                bad += 1
            at += length
            continue
        if byte < 0x20 or 0x80 <= byte < 0xA0:
            at += 1
            continue
        charset = g0 if byte < 0x80 else g1
        width = 3 if charset == _EACC and byte != 0x20 else 1
        code, accent = _lookup(charset, data[at : at + width], width)
        at += width
        if code < 0:
            bad += 1
            code = 0xFFFD
        if accent:
            accents.append(chr(code))
            continue
        kept.append(chr(code))
        if accents:
            bad += not chr(code).isalpha()
            kept.extend(accents)
            accents.clear()
    bad += bool(accents)
    return unicodedata.normalize("NFC", "".join(kept + accents)), bad


def decode_field(data: bytes) -> str:
    """Return the text of a data field, with the delimiters between its subfields (1F)."""
    if PLAIN.fullmatch(data):
        return _CHUNK_OF_FIELD.sub(_of_chunk, data.decode("latin-1"))
    return "\x1f".join([decode(piece)[0] for piece in data.split(b"\x1f")])


def _of_chunk(found: re.Match[str]) -> str:
    return _composed(found[0])


@lru_cache(maxsize=1024)
def _composed(chunk: str) -> str:
    """Return the text of one `_CHUNK`. None has a mark for the character before it, so each is in NFC by itself."""
    accents_behind = _ACCENTED.sub(r"\2\1", chunk)
    return unicodedata.normalize("NFC", accents_behind.translate(_ANSEL_TEXT))


def _lookup(charset: int, raw: bytes, width: int) -> tuple[int, bool]:
    """Return (code point or -1, True for an accent that precedes its letter)."""
    if len(raw) < width:
        return -1, False
    number = int.from_bytes(raw, "big")
    if number == 0x20:
        return 0x20, False
    table = _TABLES.get(charset, {})
    for key in (number, number ^ 0x80) if width == 1 else (number, number & 0x7F7F7F):
        if key in table:
            code, accent = table[key]
            return code, bool(accent)
    return _ODD.get(number, -1), False


def _escape(data: bytes, at: int) -> tuple[int, int, int]:
    """Return (length of the escape sequence, 0 = G0 or 1 = G1 or -1 = not recognized, character set)."""
    rest = data[at + 1 : at + 5]
    if rest and rest[0] in _SHORT:
        return 2, 0, _SHORT[rest[0]]
    multi = rest[:1] == b"$"
    used = 1 if multi else 0
    which = 0
    if rest[used : used + 1] in (b"(", b","):
        used += 1
    elif rest[used : used + 1] in (b")", b"-"):
        which = 1
        used += 1
    elif not multi:
        return 1, -1, 0
    if rest[used : used + 1] == b"!":
        used += 1
    final = rest[used : used + 1]
    if not final or final[0] not in _TABLES:
        return 1, -1, 0
    return used + 2, which, final[0]
