"""The publisher's number printed on the piece: ISBN (ISO 2108), EAN or UPC."""

from __future__ import annotations

from stdnum import ean, isbn

from station.base.text import clean


def piece_number(text: str) -> tuple[str, bool]:
    """Return (number, True for an ISBN): an ISBN as 13 digits; EAN or UPC without leading zeros, because a UPC may be
    scanned as an EAN with a leading zero. Return ("", False) for any other text, including a wrong check digit."""
    number = isbn.compact(clean(text))
    if isbn.is_valid(number):
        return isbn.to_isbn13(number), True
    return (number.lstrip("0") if ean.is_valid(number) else "", False)
