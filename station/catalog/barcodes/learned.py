"""The format of a library's barcodes, learned from many of them: what nearly all have in common.

A prefix is learned as far as the library itself is meant: the letters in front, or of 14 digits with a check digit the
first five (3 for an item, and the number of the institution; docs/reference/quality-sources.md#identity-rules, rule 2).
What follows is a running number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from stdnum import luhn

from station.base.sentence import EMPTY, Sentence
from station.base.settings import Barcodes

ENOUGH: Final = 20
"""Barcodes that show a format."""
_NEARLY_ALL: Final = 20
"""All but one in this many agree."""
_LETTERS: Final = re.compile(r"[A-Z]+")
_INSTITUTION: Final = (14, 5)
"""Length of a barcode with the number of the institution, and the length of that beginning."""
_LONGEST: Final = 40
"""As `Barcodes.length`."""


def learned(barcodes: Iterable[str]) -> Barcodes | None:
    """Return the format that nearly all barcodes have; None if they are few or agree in nothing."""
    lengths: Counter[int] = Counter()
    beginnings: Counter[str] = Counter()
    total = digits = checked = 0
    for barcode in barcodes:
        total += 1
        lengths[len(barcode)] += 1
        is_number = barcode.isascii() and barcode.isdecimal()
        digits += is_number
        is_checked = is_number and len(barcode) == _INSTITUTION[0] and luhn.is_valid(barcode)
        checked += is_checked
        letters = _LETTERS.match(barcode)
        beginnings[barcode[: _INSTITUTION[1]] if is_checked else letters[0] if letters else ""] += 1
    if total < ENOUGH:
        return None

    def agree(count: int) -> bool:
        return (total - count) * _NEARLY_ALL <= total

    length, of_length = lengths.most_common(1)[0]
    beginning, of_beginning = beginnings.most_common(1)[0]
    if not agree(of_length) or not 0 < length <= _LONGEST:
        return None
    return Barcodes(
        length=length,
        prefixes=(beginning,) if beginning and agree(of_beginning) else (),
        check_digit="luhn" if agree(checked) else "none",
        characters="digits" if agree(digits) else "alphanumeric",
    )


def learned_sentence(barcodes: Iterable[str]) -> Sentence:
    """Return a sentence with the settings of [barcodes] for this format; empty if the barcodes agree in nothing."""
    rules = learned(barcodes)
    if rules is None:
        return EMPTY
    prefixes = ", ".join(f'"{prefix}"' for prefix in rules.prefixes)
    return Sentence(
        "barcode.learned",
        format=(
            f'length = {rules.length}; prefixes = [{prefixes}]; check_digit = "{rules.check_digit}"; '
            f'characters = "{rules.characters}"'
        ),
    )
