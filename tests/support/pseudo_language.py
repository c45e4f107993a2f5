"""A pseudo language: every sentence of the catalogue in letters that no program writes. What is still in plain letters after
that, and stands in no record, was said around the catalogue.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from station.base.words import english
from station.base.words.catalogue import Catalogue

_PLACE = re.compile(r"(\{[a-z_]+\})")
_FULL = {code: code + 0xFEE0 for code in [*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]}
"""Letters of their own width (Unicode FF21, FF41): readable for whoever looks at a failure."""
_THIN = {
    **{code: code + 0x1D5A0 - ord("A") for code in range(ord("A"), ord("Z") + 1)},
    **{code: code + 0x1D5BA - ord("a") for code in range(ord("a"), ord("z") + 1)},
}
"""Letters of one cell (mathematical sans-serif, Unicode 1D5A0, 1D5BA): what fits on a screen in English fits in them."""

_TURNED = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm"
)
"""Letters that every printer's font has."""


def pseudo(form: str, letters: dict[int, int] = _FULL) -> str:
    """A sentence in the pseudo language; places for values stay."""
    return "".join(part if _PLACE.fullmatch(part) else part.translate(letters) for part in _PLACE.split(form))


@cache
def catalogue(*, thin: bool = False, printable: bool = False) -> Catalogue:
    """All sentences of the station in it. `thin`: of the width that they have in English; `printable`: in plain letters."""
    letters = _THIN if thin else _TURNED if printable else _FULL
    return Catalogue(
        {
            key: entry._replace(forms=tuple(pseudo(form, letters) for form in entry.forms))
            for key, entry in english().entries.items()
        }
    )


def plain_words(said: str, records: str = "") -> set[str]:
    """Words in plain letters that stand in no record."""
    known = set(re.findall(r"[A-Za-z]+", records))
    return {word for word in re.findall(r"[A-Za-z]{2,}", said) if word not in known}


UNITS: Final = "mm cm kB MB RFID"
"""Not translated: signs of units, and names."""
