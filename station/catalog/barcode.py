"""The library's own barcodes: what one must look like before anything else is done with it.

Source of the defaults: rule 2 of the rule catalogue (length, prefix, Luhn mod-10 on 14-digit library barcodes).
"""

from __future__ import annotations

from typing import Final

from stdnum import luhn

from station.errors import BarcodeMalformed
from station.model import Barcode
from station.settings import Barcodes
from station.text import clean

MAX_BURST: Final = 4096
"""Characters looked at; a longer burst is no barcode of anybody's."""

_DIGITS: Final = frozenset("0123456789")
_ALPHANUMERIC: Final = _DIGITS | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ-.")


def check(text: str, rules: Barcodes) -> Barcode:
    """Return `text` (white space at its ends removed) as a barcode, or raise `BarcodeMalformed` with the reason."""
    if len(text) > MAX_BURST:
        raise BarcodeMalformed(f"{len(text)} characters in one scan")
    stripped = text.strip()
    if not stripped:
        raise BarcodeMalformed("nothing was scanned")
    _refuse_several(stripped, rules)
    problem = _problem(stripped, rules)
    if problem:
        raise BarcodeMalformed(problem)
    return Barcode(stripped)


def _problem(text: str, rules: Barcodes) -> str:
    """Why `text` is not a barcode by these rules; "" when it is one."""
    allowed = _DIGITS if rules.characters == "digits" else _ALPHANUMERIC
    for position, char in enumerate(text, 1):
        if char not in allowed:
            shown = char if clean(char) == char else f"U+{ord(char):04X}"
            return f"character {position} ({shown}) is not allowed in a barcode ({rules.characters} only)"
    if rules.length and len(text) != rules.length:
        return f"it has {len(text)} characters, not {rules.length}: {_shown(text)}"
    if rules.prefixes and not text.startswith(rules.prefixes):
        return f"it does not begin with {' or '.join(rules.prefixes)}: {_shown(text)}"
    if rules.check_digit == "luhn":
        if not set(text) <= _DIGITS:
            return f"a check digit needs digits only: {_shown(text)}"
        if len(text) < 2:
            return f"too short to hold a check digit: {_shown(text)}"
        wanted = luhn.calc_check_digit(text[:-1])
        if text[-1] != wanted:
            return f"the check digit is {text[-1]}, it should be {wanted}: {_shown(text)}"
    return ""


def _refuse_several(text: str, rules: Barcodes) -> None:
    """Recognise two or more barcodes that arrived in one burst, with or without something between them."""
    pieces = _separate(text)
    if len(pieces) < 2 and rules.length and len(text) > rules.length and len(text) % rules.length == 0:
        pieces = [text[at : at + rules.length] for at in range(0, len(text), rules.length)]
    if len(pieces) < 2 or any(_problem(piece, rules) for piece in pieces):
        return
    if len(set(pieces)) == 1:
        raise BarcodeMalformed(f"the same barcode {len(pieces)} times in one scan: {_shown(pieces[0])}")
    shown = " and ".join(_shown(piece) for piece in pieces[:2])
    raise BarcodeMalformed(f"{len(pieces)} barcodes in one scan: {shown}")


def _separate(text: str) -> list[str]:
    """The text cut at everything that no barcode contains (a scanner's terminators, control characters, spaces)."""
    return "".join(char if char.isprintable() and not char.isspace() else " " for char in text).split()


def _shown(text: str) -> str:
    return clean(text, 60)
