"""The publisher's number printed on the piece: ISBN (ISO 2108), ISSN (ISO 3297), ISMN (ISO 10957), EAN or UPC."""

from __future__ import annotations

from typing import Final

from stdnum import ean, isbn

from station.base.text import clean

_KINDS: Final = (("9790", "ismn"), ("978", "isbn"), ("979", "isbn"), ("977", "issn"))
"""GS1 prefixes of an EAN-13 for printed music, books and serials."""
_ADD_ONS: Final = (2, 5)
"""Digits of an add-on barcode (issue or price), which some scanners append to the 13 of an EAN."""


def piece_number(text: str) -> tuple[str, bool]:
    """Return (number, True for an ISBN): an ISBN as 13 digits; EAN or UPC without leading zeros, because a UPC may be
    scanned as an EAN with a leading zero. Return ("", False) for any other text, including a wrong check digit."""
    number = isbn.compact(clean(text))
    if isbn.is_valid(number):
        return isbn.to_isbn13(number), True
    return (number.lstrip("0") if ean.is_valid(number) else "", False)


def publisher_kind(text: str) -> str:
    """Return the kind of a publisher's barcode: "isbn", "ismn", "issn", "upc" or "ean"; "" = it is none."""
    number = isbn.compact(clean(text))
    if len(number) - 13 in _ADD_ONS:
        number = number[:13]
    if ean.is_valid(number):
        named = next((kind for prefix, kind in _KINDS if len(number) == 13 and number.startswith(prefix)), "")
        return named or ("upc" if len(number.lstrip("0")) <= 12 else "ean")
    return "isbn" if isbn.is_valid(number) else ""
