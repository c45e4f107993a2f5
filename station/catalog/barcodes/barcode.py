"""The library's own barcodes: the format that a scan must have before it is used.

Source of the defaults: rule 2 of docs/reference/quality-sources.md#identity-rules (length, prefix, Luhn mod-10 on
14-digit library barcodes).
"""

from __future__ import annotations

import re
from typing import Final

from stdnum import luhn

from station.base.errors import BarcodeMalformed
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Barcodes
from station.base.text import clean
from station.domain.item import Barcode

MAX_BURST: Final = 4096
"""Maximum characters in a scan. A longer scan is not a library's barcode."""

_GROUPED: Final = re.compile(r"[0-9] [0-9]{4} [0-9]{5} [0-9]{4}\Z")
"""The 14 digits of a library barcode as they are printed under it, and as Sierra and Millennium write them in records
("3 1236 00307 1241"). The last digit is a mod-10 check digit."""

_DIGITS: Final = frozenset("0123456789")
_ALPHANUMERIC: Final = _DIGITS | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ-.")  # not for people


LONGEST_TRUCK: Final = 40
"""Maximum characters kept of a truck's name."""


def check(text: str, rules: Barcodes) -> Barcode:
    """Return `text` (white space trimmed, `ungrouped`) as a barcode. Raise `BarcodeMalformed` with the reason."""
    if len(text) > MAX_BURST:
        raise BarcodeMalformed(Sentence("barcode.burst", number=len(text)))
    stripped = ungrouped(text.strip(), rules)
    if not stripped:
        raise BarcodeMalformed(Sentence("barcode.nothing"))
    _refuse_several(stripped, rules)
    problem = _problem(stripped, rules)
    if problem:
        raise BarcodeMalformed(problem)
    return Barcode(stripped)


def ungrouped(text: str, rules: Barcodes) -> str:
    """Return the text without its blanks if the whole is a barcode by these rules, and its pieces are not several; else
    the text unchanged. Rules without a length accept any piece: then pieces of one length are several barcodes."""
    pieces = text.split()
    whole = "".join(pieces)
    if whole == text or whole != text.replace(" ", "") or _problem(whole, rules):
        return text
    several = not rules.length and len({len(piece) for piece in pieces}) == 1
    return text if several else whole


def is_grouped(text: str) -> bool:
    """Return True for the 14 digits of a library barcode in groups of 1, 4, 5 and 4, with a right check digit."""
    return _GROUPED.match(text) is not None and luhn.is_valid(text.replace(" ", ""))


def is_ours(text: str, rules: Barcodes) -> bool:
    """Return True if `check` accepts the text."""
    try:
        check(text, rules)
    except BarcodeMalformed:
        return False
    return True


def truck_of(text: str, rules: Barcodes) -> str:
    """Return the truck's name if the text is a truck label (`barcodes.truck_prefix`), else "". Text in the form of an
    item's barcode is always an item's barcode."""
    stripped = text.strip()
    if not rules.truck_prefix or not stripped.startswith(rules.truck_prefix) or not _problem(stripped, rules):
        return ""
    return clean(stripped.removeprefix(rules.truck_prefix), LONGEST_TRUCK)


def _problem(text: str, rules: Barcodes) -> Sentence:
    """Return why `text` is not a barcode by these rules; empty = it is one."""
    allowed = _DIGITS if rules.characters == "digits" else _ALPHANUMERIC
    for position, char in enumerate(text, 1):
        if char not in allowed:
            shown = char if clean(char) == char else f"U+{ord(char):04X}"
            return Sentence(f"barcode.character.{rules.characters}", position=position, char=shown)
    if rules.length and len(text) != rules.length:
        return Sentence("barcode.length", number=len(text), wanted=rules.length, said=_shown(text))
    if rules.prefixes and not text.startswith(rules.prefixes):
        return Sentence("barcode.prefix", prefixes=" / ".join(rules.prefixes), said=_shown(text))
    if rules.check_digit == "luhn":
        if not set(text) <= _DIGITS:
            return Sentence("barcode.no-digits", said=_shown(text))
        if len(text) < 2:
            return Sentence("barcode.too-short", said=_shown(text))
        wanted = luhn.calc_check_digit(text[:-1])
        if text[-1] != wanted:
            return Sentence("barcode.check-digit", digit=text[-1], wanted=wanted, said=_shown(text))
    return EMPTY


def _refuse_several(text: str, rules: Barcodes) -> None:
    """Raise `BarcodeMalformed` if the scan holds two or more barcodes, with or without characters between them."""
    pieces = _separate(text)
    if len(pieces) < 2 and rules.length and len(text) > rules.length and len(text) % rules.length == 0:
        pieces = [text[at : at + rules.length] for at in range(0, len(text), rules.length)]
    if len(pieces) < 2 or any(_problem(piece, rules) for piece in pieces):
        return
    if len(set(pieces)) == 1:
        raise BarcodeMalformed(Sentence("barcode.same", number=len(pieces), said=_shown(pieces[0])))
    raise BarcodeMalformed(
        Sentence("barcode.several", number=len(pieces), one=_shown(pieces[0]), other=_shown(pieces[1]))
    )


def _separate(text: str) -> list[str]:
    """Return the text split at all characters that no barcode contains (a scanner's terminators, control characters,
    spaces)."""
    return "".join(char if char.isprintable() and not char.isspace() else " " for char in text).split()


def _shown(text: str) -> str:
    return clean(text, 60)
