"""A pseudo-language: every sentence of the catalog in letters that the program does not use. Text that is still in
plain letters after that, and is in no record, did not come from the catalog."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from station.base.words import english
from station.base.words.catalogue import Catalogue

_PLACE = re.compile(r"(\{[a-z_]+\})")
_FULL = {code: code + 0xFEE0 for code in [*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]}
"""Full-width letters (Unicode FF21, FF41), legible in a failure report."""
_THIN = {
    **{code: code + 0x1D5A0 - ord("A") for code in range(ord("A"), ord("Z") + 1)},
    **{code: code + 0x1D5BA - ord("a") for code in range(ord("a"), ord("z") + 1)},
}
"""Letters one cell wide (mathematical sans-serif, Unicode 1D5A0, 1D5BA). A text that fits in English still fits."""

_TURNED = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm"
)
"""Letters in every printer's font."""


def pseudo(form: str, letters: dict[int, int] = _FULL) -> str:
    """Translate a sentence into the pseudo-language; keep the placeholders."""
    return "".join(part if _PLACE.fullmatch(part) else part.translate(letters) for part in _PLACE.split(form))


@cache
def catalogue(*, thin: bool = False, printable: bool = False) -> Catalogue:
    """Return all sentences of the station in the pseudo-language. `thin`: as wide as in English; `printable`: in plain
    letters."""
    letters = _THIN if thin else _TURNED if printable else _FULL
    return Catalogue(
        {
            key: entry._replace(forms=tuple(pseudo(form, letters) for form in entry.forms))
            for key, entry in english().entries.items()
        }
    )


def plain_words(said: str, records: str = "") -> set[str]:
    """Return the words in plain letters that are in no record."""
    known = set(re.findall(r"[A-Za-z]+", records))
    return {word for word in re.findall(r"[A-Za-z]{2,}", said) if word not in known}


UNITS: Final = "mm cm kB MB RFID"
"""Signs of units, and names, which are not translated."""
