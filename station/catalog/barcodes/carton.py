"""Carton ids: the serial shipping container code (SSCC) of GS1, 18 digits with a check digit, in a GS1-128 barcode."""

from __future__ import annotations

import re
from typing import Final

from stdnum import ean

from station.base.text import clean

_CARTON: Final = re.compile(r"(?:\]C1)?(?:00|\(00\))?([0-9]{18})\Z")
"""Symbology identifier (ISO/IEC 15424) and application identifier 00 (GS1 General Specifications) may precede it."""


def carton_of(text: str) -> str:
    """Return the 18 digits of a scanned or typed carton id; "" = it is none, or its check digit is wrong."""
    match = _CARTON.match(clean(text).replace(" ", ""))
    number = match[1] if match is not None else ""
    return number if number and ean.calc_check_digit(number[:-1]) == number[-1] else ""


def carton_id(text: str) -> str:
    """Return the 18 digits of a carton id in a file, whatever its check digit; else the text, since vendors also number
    cartons in their own way."""
    match = _CARTON.match(clean(text).replace(" ", ""))
    return match[1] if match is not None else clean(text)
