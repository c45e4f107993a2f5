"""The number that the publisher printed on the piece: ISBN (ISO 2108), EAN or UPC."""

from __future__ import annotations

from typing import Final

from stdnum import isbn

from station.text import clean

_SHORTEST: Final = 8
_LONGEST: Final = 14


def piece_number(text: str) -> tuple[str, bool]:
    """(number, it is an ISBN): an ISBN as 13 digits; EAN or UPC without leading zeros, because a UPC may be scanned as an
    EAN with a zero in front. ("", False) for anything else."""
    number = isbn.compact(clean(text))
    if isbn.is_valid(number):
        return isbn.to_isbn13(number), True
    usable = number.isascii() and number.isdigit() and _SHORTEST <= len(number) <= _LONGEST
    return (number.lstrip("0") if usable else "", False)
